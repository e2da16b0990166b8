"""Every fault verb changes what the board reads or gets, that and nothing else, and mends; or a target says why not."""

from __future__ import annotations

import pytest

from assuage_rig import verbs
from assuage_rig.circuit import Circuit
from assuage_rig.clock import Clock
from assuage_rig.faults import CannotError, UnknownFault, Value
from assuage_rig.plant.patient import Patient
from assuage_rig.requirements import req

from .watched import Watched, differing

BEFORE_S, BROKEN_S, MENDED_S = 0.6, 0.8, 0.8
LAST = round((BEFORE_S + BROKEN_S + MENDED_S - 0.3) * 100)  # the tick from which a mended board is as whole as ever

SENSOR = ("open", "short", "stuck", "noisy", "offset", "drifting", "late")
CUFF = "cuff, cuff pressure"
SHAFT = "shaft, angle, force, patient"

INFLATED = (
    *(f"cuff {kind}" for kind in ("leak", "kink", "unwrapped", "hose-off")),
    *(f"{valve}-valve {kind}" for valve in ("dump", "bleed") for kind in ("blocked", "open")),
    *(f"cuff-pump {kind}" for kind in ("dead", "on")),
    *(f"limiter {what}-stuck" for what in ("pressure", "watch", "time")),
    *(f"arm {kind}" for kind in ("movement", "shiver", "pulseless")),
)

# verb: channels of watched.py in which a broken board differs from a whole one; behind a slash those in which it still
# does when it is mended, since what has happened has happened
EXPECTED = {
    "link cut": "to board, to host",
    "link deaf": "to board",
    "link mute": "to host",
    **{f"link {kind}": "to board, to host" for kind in ("drop", "duplicate", "reorder", "delay")},
    "link stall": "to board, to host",
    "link corrupt": "to board",
    "power cut": "supplied, supply input",
    "power brown-out": "supplied, supply input",
    "mains off": "supply input",
    "battery low": "",  # the rail is on mains and this gauge on a cell of its own: see test_battery.py
    "battery dead": "",
    "board freeze": "time / time",  # its wait ends as it thaws, between two others
    "board killed": "deaths / deaths",
    "clock jump": "time / time",
    "clock stop": f"{SHAFT}, time, to board, driver / {SHAFT}, time",
    "flash torn": "deaths, flash / deaths",
    "flash full": "flash",
    "flash silent": "flash",
    "flash flipped": "flash",
    "encoder dead": "angle, magnet, encoder settings",
    "encoder open": "angle, magnet, encoder settings",
    "encoder short": "angle, magnet, encoder settings, force",
    **{f"encoder {kind}": "angle" for kind in SENSOR[2:]},
    "encoder frozen": "angle",
    "encoder no_magnet": "angle, magnet",
    "encoder brownout": "encoder settings, angle / encoder settings, angle",  # the slower filter is gone
    "force dead": "force",
    **{f"force {kind}": "force" for kind in SENSOR},
    "force frozen": "force",
    "force no_ready": "force",
    "force brownout": "force / force",
    "oximeter dead": "light / light",  # samples that were not read wait
    "oximeter open": "light",
    "oximeter short": "light, cell, gauge settings, temperature, cuff pressure / light",
    **{f"oximeter {kind}": "light" for kind in SENSOR[2:]},
    "oximeter frozen": "light",
    "oximeter saturated": "light",
    "oximeter stuck_fifo": "light",
    "oximeter brownout": "light / light",
    "gauge dead": "cell, gauge settings",
    "gauge open": "cell, gauge settings",
    "gauge short": "light, cell, gauge settings, temperature, cuff pressure / light",
    "gauge frozen": "cell / cell",  # it measures at other times
    **{f"gauge {kind}": "cell" for kind in SENSOR[2:]},
    "gauge reset": "cell, gauge settings / cell, gauge settings",
    **{f"{name}-sense {kind}": f"{name} input" for name in ("supply", "barrel", "air", "sounder") for kind in SENSOR},
    **{
        f"{name}-{what} {kind}": name
        for what, names in (("key", ("stop", "silence", "demand")), ("switch", ("barrel", "plunger", "flange")))
        for name in names
        for kind in ("open", "short", "bounce")
    },
    "motor stall": f"{SHAFT} / {SHAFT}",
    "motor slip": f"{SHAFT} / {SHAFT}",
    "motor reversed": f"{SHAFT} / {SHAFT}",
    "driver dead": "driver",
    "driver hot": "driver / driver",  # it stays told until somebody clears it
    "driver open": "driver",
    "driver short": "driver / driver",
    "driver brownout": "driver / driver",
    "sounder dead": "sound, sounder input",
    "sounder stuck": "sound, sounder input",
    "line occlusion": "force, patient / force, patient",
    "line disconnection": "force, patient / force, patient",
    "line leak": "force, patient / force, patient",
    "line height": "force, patient / force, patient",
    "line air": "air input",  # a bubble that goes by
    "syringe wrong": "barrel input, force, patient / force, patient",
    "syringe plunger": "plunger",
    "syringe barrel": "barrel",
    "syringe flange": "flange",
    "syringe friction": "force, patient / force, patient",
    **{f"finger {kind}": "light" for kind in ("off", "movement", "shiver", "shaking", "jerks", "loose", "light")},
    "finger cold": "light / light",  # blood comes back within a second
    **dict.fromkeys(INFLATED, f"{CUFF} / {CUFF}"),
    **{
        f"cuff-sensor {kind}": "cuff pressure"
        for kind in ("dead", "open", "frozen", "busy", "memory", "saturated", "brownout", *SENSOR[2:])
    },
    **{f"capnometer {kind}": "gas" for kind in ("silent", "deaf", "truncated", "garbage", "dropped", "held-up")},
    **{f"capnometer {kind}": "gas / gas" for kind in ("frozen", "warming", *SENSOR[2:])},  # its filter remembers
    **{f"sample-line {kind}": "gas / gas" for kind in ("off", "wet", "leak")},
    "airway coughing": "gas / gas",
    **{f"thermometer {kind}": "temperature" for kind in ("dead", "open", "silent", "frozen", *SENSOR[2:])},
    "thermometer off": "temperature / temperature",
    "thermometer brownout": "temperature / temperature",  # the quick conversions are gone
    **{
        f"ecg {kind}": "ecg / ecg"  # the amplifier's own filter remembers for a second
        for kind in ("lead-off", "open", "rail", "frozen", "mains", "muscle", "movement", *SENSOR[2:])
    },
}

PARAMS: dict[str, dict[str, Value]] = {"clock stop": {"s": 0.5}}


def channels(text: str) -> set[str]:
    return {name.strip() for name in text.split(",") if name.strip()}


@pytest.fixture(scope="module")
def whole() -> Watched:
    board = Watched()
    board.run(BEFORE_S + BROKEN_S + MENDED_S)
    return board


def test_the_same_seed_sees_the_same(whole: Watched) -> None:
    again = Watched()
    again.run(BEFORE_S + BROKEN_S + MENDED_S)
    assert not differing(again, whole)


def test_every_verb_of_the_board_is_expected_to_do_something_here() -> None:
    assert set(EXPECTED) == {name for name, verb in verbs.VERBS.items() if verb.component != verbs.HOST}


@req("SYS-030")
@pytest.mark.parametrize("verb", EXPECTED)
def test_a_verb_changes_what_it_says_and_nothing_else_and_mends(verb: str, whole: Watched) -> None:
    changed, _, lasting = EXPECTED[verb].partition("/")
    board = Watched()
    board.run(BEFORE_S)
    verbs.make(board, verb, **PARAMS.get(verb, {}))
    board.run(BROKEN_S)
    assert differing(board, whole) == channels(changed)
    verbs.mend(board, verb)
    assert not any(faults.active for faults in board.circuit.faults.values())
    board.run(MENDED_S)
    assert differing(board, whole, LAST) == channels(lasting)
    made = board.circuit.made[-1]
    assert (made.name, made.at_us) == (verb, board.clock.now_us - round((BROKEN_S + MENDED_S) * 1e6))
    assert made.ended_us is not None


# -- what is refused, and how ------------------------------------------------------------------------------------------
class Plain:
    """A board with an oximeter alone."""

    fault_target = "linux"

    def __init__(self, circuit: Circuit) -> None:
        self.fault, self.mend = circuit.fault, circuit.mend


class Stranger:
    """A target of some kind that only remembers."""

    def __init__(self, kind: str) -> None:
        self.fault_target = kind
        self.done: list[tuple[object, ...]] = []

    def fault(self, component: str, kind: str, **params: Value) -> None:
        self.done.append((component, kind, params))

    def mend(self, component: str, kind: str | None = None) -> None:
        self.done.append((component, kind))


@req("SYS-030")
@pytest.mark.parametrize("kind", verbs.TARGETS)
def test_every_verb_is_made_or_refused_with_a_reason_on_every_target(kind: str) -> None:
    for verb in verbs.VERBS:
        target = Stranger(kind)
        why = verbs.can(target, verb)
        if not why:
            verbs.make(target, verb)
            assert target.done == [(*verb.split(" ", 1), {})]
        else:
            with pytest.raises(CannotError, match=f"{verb}: .*{why[-10:]}"):
                verbs.make(target, verb)
            assert not target.done and len(why.split()) > 5


def test_what_each_target_can_make() -> None:
    can = {
        kind: {name.partition(" ")[0] for name in verbs.VERBS if not verbs.refusal(kind, name)}
        for kind in verbs.TARGETS
    }
    assert can["serial"] == {"link"}
    assert can["chain"] - can["linux"] == {"daemon", "broker", "host"}
    assert can["chain"] == {name.partition(" ")[0] for name in verbs.VERBS}
    assert "encoder cannot be broken from here" in verbs.refusal("serial", "encoder dead")


def test_a_wrong_verb_is_refused_with_what_there_is() -> None:
    board = Watched()
    with pytest.raises(UnknownFault, match="there are motor stall, motor slip, motor reversed"):
        verbs.make(board, "motor explode")
    with pytest.raises(UnknownFault, match=r"no fault verb 'warp drive'; there are verbs for link, power, .*syringe"):
        verbs.make(board, "warp drive")
    with pytest.raises(UnknownFault, match=r"uart stall: s must be 0\.001 \.\. 3600\.0"):
        verbs.make(board, "link stall", s=0)
    with pytest.raises(UnknownFault, match=r"no component 'warp'; there are encoder, .*clock, .*link, power, force"):
        board.fault("warp", "drive")
    with pytest.raises(UnknownFault, match="the bench is its own host"):
        board.fault("broker", "down")
    assert not board.circuit.made


def test_a_board_without_the_patients_sensors_says_which_board_has_them() -> None:
    circuit = Circuit(Clock(), Patient())
    for part in ("cuff", "capnometer", "sample-line", "limiter"):
        verb = next(name for name in verbs.VERBS if name.startswith(f"{part} "))
        with pytest.raises(UnknownFault, match=r"this board has no .*: it is on the bedside board"):
            verbs.make(Plain(circuit), verb)
    circuit.fault("finger", "off")
    assert not circuit.patient.probe_on


def test_a_part_is_mended_by_its_name_with_all_that_is_wrong_with_it() -> None:
    board = Watched()
    for verb in ("encoder short", "encoder offset", "force late"):
        verbs.make(board, verb)
    board.mend("encoder")
    assert {name for name, faults in board.circuit.faults.items() if faults.active} == {"bridge"}
    board.mend("force")
    assert not any(faults.active for faults in board.circuit.faults.values())


@pytest.mark.parametrize("verb", EXPECTED)
def test_the_ends_of_every_parameter_are_taken_and_what_is_beyond_is_not(verb: str) -> None:
    made = verbs.VERBS[verb]
    board = Watched()
    kind = board.circuit.component(made.component).kinds[made.kind]
    for name, (default, least, most) in kind.params.items():
        if name in made.fixed:
            continue
        assert least <= default <= most
        for value in (least, most):
            verbs.make(board, verb, **{name: value})
        for value in (least - 1, most + 1):
            with pytest.raises(UnknownFault, match=f"{name} must be"):
                verbs.make(board, verb, **{name: value})
