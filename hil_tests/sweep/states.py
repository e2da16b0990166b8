"""How the pump is brought into each of its states: over the wire as a nurse's host does it, and by what happens to it.

A way in leaves the pump in that state, with the host's ledger told what may flow. `rate` is the one that the state is
about: of the programme, of its bolus, of keeping the vein open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assuage_rig.bench import Bench
from assuage_rig.wirehost import RefusedError
from assuage_wire import schema
from sweep.wire import ML_H, Bed

SYRINGE = "BD 50"
NL_STEP = 559_902 / 3200  # BD 50: 26.7 mm bore on a lead of 1 mm, 3200 steps a turn
DEMAND = schema.MODES.index("demand")
KVO_AT_END = schema.ON_END.index("kvo")

ALL_RATES = (0.1, 1.0, 5.0, 25.0, 100.0, 400.0, 1200.0)
SLOW = (0.1, 1.0, 5.0, 18.0)  # beyond 20 mL/h the flow itself takes up the play as quickly
FILLING = (5.0, 25.0, 100.0)  # a priming has no ramp, and a step of 0.25 s at most
QUICK = (400.0, 1200.0)  # so that a closed line is found within seconds

_STILL_NL = 100  # in 0.2 s
_ALARMED_S = 0.1  # two looks of the alarms' task: what a state itself alarms with is raised by then
_TOLD_S = 2.2  # what stands is told every two seconds, and of what has ended nothing is said again
_ENOUGH_NL = 25_000_000
_LASTING_NL = 200_000  # of a leg: more than any alarm that waits for a volume takes
_FILL_NL = 80_000  # the same of a priming
_SEEN = schema.ALARM_STATES[schema.ALARM_STATES.index("acknowledged") :]


class NotThere(AssertionError):
    """The pump could not be brought into the state; the message says where it stands instead."""


@dataclass(frozen=True)
class State:
    """name: for people. told: what the board calls it. rates: mL/h that it is tried at. moves: whether the shaft may
    turn. carries: the programme goes on by itself or with a human's order, so that what the fault stops is lost."""

    name: str
    told: str
    enter: Callable[[Bench, Bed, float], None]
    rates: tuple[float, ...] = ALL_RATES
    moves: bool = False


def wait_for(bench: Bench, host: Bed, told: str, limit_s: float, step_s: float = 0.05) -> None:
    """Lets time pass until the pump says that it is in that state. Raises NotThere."""
    end = bench.now_us + round(limit_s * 1e6)
    while host.state != told:
        if bench.now_us >= end:
            raise NotThere(f"{host.state} ({host.reason}) instead of {told} after {limit_s:g} s")
        host.run(step_s)


def _offered(host: Bed, ml_h: float, ml: float = 20.0, **others: int | float | str) -> int:
    back = host.offer(ml_h=ml_h, ml=ml, **others)  # type: ignore[arg-type]
    if "token" not in back:
        raise NotThere(f"the programme at {ml_h} mL/h was refused: {schema.STATUSES[back['status']]} {back['detail']}")
    return int(back["token"])


def _standby(bench: Bench, host: Bed, rate: float) -> None:
    pass


def _programmed(bench: Bench, host: Bed, rate: float) -> None:
    _offered(host, rate)


def _confirmed(bench: Bench, host: Bed, rate: float) -> None:
    token = _offered(host, rate)
    host.order("Confirm", host.programme, token)


def _armed(bench: Bench, host: Bed, rate: float) -> None:
    _confirmed(bench, host, rate)
    host.make_ready()
    host.order("Arm", host.programme)


def _taking_up(bench: Bench, host: Bed, rate: float) -> None:
    bench.fit(SYRINGE)  # with all its play
    host.begin(_offered(host, rate), wait=False)


def _infusing(bench: Bench, host: Bed, rate: float) -> None:
    host.begin(_offered(host, rate))


def _profile(bench: Bench, host: Bed, rate: float) -> None:
    top = round(rate * ML_H)
    low, rest = top // 2, max(top, _LASTING_NL)
    back = host.profile((low, top, 0, 60), (top, top, rest, 0), ml_h=rate, ml=((low + top) // 2 + rest) / 1e6)
    if "token" not in back:
        raise NotThere(f"the legs were refused: {schema.STATUSES[back['status']]} {back['detail']}")
    host.begin(int(back["token"]))


def _shot(rate: float) -> int:
    """nL of a bolus that lasts half a minute, and leaves enough in the syringe not to be near its end."""
    return max(2000, min(round(rate * ML_H / 2), 4_000_000))


def _bolus(bench: Bench, host: Bed, rate: float) -> None:
    volume = _shot(rate)
    host.begin(_offered(host, min(rate, 25.0), bolus=volume))
    host.run(0.2)
    change = host.ask("Change", host.programme, schema.CHANGES.index("bolus"), round(rate * ML_H), volume)
    if "token" not in change:
        raise NotThere(f"the bolus was refused: {schema.STATUSES[change['status']]} {change['detail']}; {host.state}")
    host.order("Apply", host.programme, change["token"])
    host.ledger.allow(rate * ML_H)


def _dose(bench: Bench, host: Bed, rate: float) -> None:
    volume = _shot(rate)
    token = _offered(
        host, min(rate, 25.0), mode=DEMAND, dose=volume, dose_rate=round(rate * ML_H), lockout=0, bolus=volume
    )
    host.begin(token)
    host.run(0.2)
    bench.circuit.pins.put("demand", 0)
    host.ledger.allow(rate * ML_H)
    host.run(0.1)
    bench.circuit.pins.put("demand", 1)


def _paused(bench: Bench, host: Bed, rate: float) -> None:
    _infusing(bench, host, rate)
    host.run(0.3)
    host.order("Pause", host.programme)


def _kvo(bench: Bench, host: Bed, rate: float) -> None:
    quick = max(rate, 100.0)
    host.begin(_offered(host, quick, ml=quick / 3600, on_end=KVO_AT_END, kvo_ml_h=rate))  # a second
    wait_for(bench, host, "kvo", 8.0)
    host.ledger.allow(rate * ML_H)


def _complete(bench: Bench, host: Bed, rate: float) -> None:
    host.begin(_offered(host, max(rate, 100.0), ml=0.02))


def _stopped(bench: Bench, host: Bed, rate: float) -> None:
    _infusing(bench, host, rate)
    host.run(0.3)
    host.tell("Stop", 1)


def _fault(bench: Bench, host: Bed, rate: float) -> None:
    _infusing(bench, host, rate)
    host.run(0.3)
    bench.fault("stepper", "uv_cp")
    wait_for(bench, host, "fault", 1.0)
    bench.mend("stepper")


def _backing_off(bench: Bench, host: Bed, rate: float) -> None:
    host.begin(_offered(host, rate, level=150))
    host.run(0.2)
    bench.fault("line", "occlusion", kpa_h_per_ml=1000.0)
    wait_for(bench, host, "backing-off", 10.0)


def _priming(bench: Bench, host: Bed, rate: float) -> None:
    host.make_ready()
    flow = round(rate * ML_H)
    host.fill(26_700, flow, max(flow // 2, _FILL_NL))  # of half a minute or more


def _unconfirmed(bench: Bench, host: Bed, rate: float) -> None:
    _infusing(bench, host, rate)
    host.run(0.5)
    bench.kill_board()
    host.hush()
    bench.run(1.5)
    host.identify()


STATES = {
    state.name: state
    for state in (
        State("standby", "standby", _standby, (0.0,)),
        State("programmed", "programmed", _programmed),
        State("confirmed", "confirmed", _confirmed),
        State("armed", "armed", _armed),
        State("infusing", "infusing", _infusing, moves=True),
        State("profile", "infusing", _profile, moves=True),
        State("bolus", "bolus", _bolus, moves=True),
        State("dose", "bolus", _dose, moves=True),
        State("kvo", "kvo", _kvo, moves=True),
        State("paused", "paused", _paused),
        State("complete", "complete", _complete),
        State("stopped", "stopped", _stopped),
        State("fault", "fault", _fault),
        State("priming", "priming", _priming, FILLING, True),
        State("backing-off", "backing-off", _backing_off, QUICK, True),
        State("taking-up", "taking-up", _taking_up, SLOW, True),
        State("unconfirmed", "unconfirmed", _unconfirmed, QUICK),
    )
}
"""In the order in which one board goes through them: last what leaves play behind, and what needs a restart."""


def enter(bench: Bench, host: Bed, state: State, rate: float) -> None:
    """From standby into `state`, with a new ledger. Raises NotThere."""
    host.forget()
    host.ledger.begin()
    try:
        state.enter(bench, host, rate)
    except RefusedError as why:
        raise NotThere(f"{host.state} ({host.reason}): {why}") from why
    wait_for(bench, host, state.told, 8.0)
    host.run(_ALARMED_S)


def rest(bench: Bench, host: Bed, limit_s: float = 8.0, unheard: bool = False) -> bool:
    """Mends everything, and brings the pump back to standby with no alarm unread; False when it cannot be.

    unheard: the host has missed what the board has said, and hears within two seconds what alarms stand.
    """
    for name, faults in bench.circuit.faults.items():
        if faults.active:
            bench.mend(name)
    bench.circuit.battery.faults.make("low", percent=100.0)
    for made in bench.circuit.made[host.rested :]:
        if made.name == "bridge recalibrated":  # or one fault after the other would take the zero out of all bounds
            bench.circuit.bridge.faults.make(made.kind, counts=-made.params["counts"])
    host.rested = len(bench.circuit.made)
    for name in ("supply", "barrel_pot", "air", "sounder"):
        bench.circuit.analogue.put(name, None)
    host.hush()
    host.ledger.allow(0.0)
    host.run(2.1 if unheard else 0.3)  # what was mended is seen to work
    if bench.infusion.air or host.last("Drive")["contents"] < _ENOUGH_NL:
        bench.fit(SYRINGE)
        bench.take_out(0.6)
        host.run(1.0)
    cleared = False
    end = bench.now_us + round(limit_s * 1e6)
    while bench.now_us < end:
        if bench.starts != host.starts:  # a board that has restarted knows no session
            host.starts = bench.starts
            host.identify()
        host.run(0.1)
        if host.state in ("complete", "stopped", "fault", "unconfirmed"):
            cleared = _cleared(bench, host)
        elif host.state != "standby":
            host.stop()
        elif cleared:
            return _driven(host) and _quiet(host) and _calm(bench, host)
        else:  # only what was programmed can be cleared, and with it what the motor's driver has latched
            try:
                _offered(host, 10.0)
            except NotThere:  # of a board that its watchdog has just restarted
                if bench.starts == host.starts:
                    raise
    return False


def _cleared(bench: Bench, host: Bed) -> bool:
    """A human clears what stands; False when the board is just then restarted, by its watchdog for one."""
    try:
        return host.order("Clear", schema.REASONS.index(host.reason)) is not None
    except AssertionError:  # no answer, or one of a board that knows no session any more
        if bench.starts == host.starts:
            raise
        return False


def _calm(bench: Bench, host: Bed) -> bool:
    """Waits until syringe and line have let out what they held under pressure."""
    for _ in range(50):
        before = bench.patient_nl
        host.run(0.2)
        if abs(bench.patient_nl - before) < _STILL_NL:
            return True
    return False


def _driven(host: Bed) -> bool:
    """The motor's driver has its settings again."""
    for _ in range(10):
        host.run(0.3)
        if schema.DRIVERS[host.last("Drive")["driver"]] == "works":
            return True
    return False


def _quiet(host: Bed) -> bool:
    """Every alarm is acknowledged, and has ended: one that ends and comes back within its hold is no new one."""
    for _ in range(30):
        newest = {m["alarm"]: m for m in host.all("Alarm", host.bench.now_us / 1e6 - _TOLD_S)}
        shown = [m for m in newest.values() if schema.ALARM_STATES[m["state"]] in _SEEN]
        if not shown:
            return True
        for alarm in shown:
            host.ask("Acknowledge", alarm["occurrence"])
        host.run(0.1)
    return False
