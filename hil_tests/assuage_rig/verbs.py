"""The fault verbs: what can be broken, in the field's words, the same on every target; one table.

    bench.fault("link", "drop", every=5)      # or make(bench, "link drop", every=5)
    bench.mend("link", "drop")

A verb is two words, a part and what happens to it, and stands for a kind of fault of one component, with what is fixed
of its parameters. Components and their kinds, also those that have no verb, are told by the part that carries them.
A target that cannot make a verb refuses it with a reason, see refusal(). docs/faults.md is made of this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from assuage_rig.chips.norflash import TORN
from assuage_rig.faults import CannotError, Kind, UnknownFault, Value

HOST = "host"
"""The component of what is no part of the board: the daemon and the broker."""

HOST_KINDS = {
    "daemon_killed": Kind("the daemon is killed (kill -9); who keeps it starts it again"),
    "daemon_hung": Kind("the daemon is stopped (SIGSTOP) and goes on when mended"),
    "broker_down": Kind("the broker is killed (kill -9); who keeps it starts it again"),
    "broker_hung": Kind("the broker is stopped (SIGSTOP) and goes on when mended"),
    "clock_jump": Kind("the wall clock of the daemon leaps by so many seconds", {"s": (3600.0, -1e8, 1e8)}),
}


@dataclass(frozen=True)
class Verb:
    """How a verb is made: a kind of a component, with fixed parameters. says: what it does, where the kind's own
    sentence does not tell it."""

    component: str
    kind: str
    fixed: Mapping[str, Value] = field(default_factory=dict)
    says: str = ""


_SUFFERED = ("stuck", "noisy", "offset", "drifting", "late")
_WIRES = ("open", "short")
_SWITCH = ("open", "short", "bounce")


def _same(part: str, component: str, *kinds: str) -> dict[str, Verb]:
    """Verbs whose second word is the kind."""
    return {f"{part} {kind}": Verb(component, kind) for kind in kinds}


GROUPS: dict[str, dict[str, Verb]] = {
    "The link to the host": {
        **_same("link", "uart", "cut", "deaf", "mute", "drop", "duplicate", "reorder", "corrupt", "delay", "stall"),
    },
    "Power": {
        "power cut": Verb("supply", "cut"),
        "power brown-out": Verb("supply", "brown_out"),
        **_same("mains", "mains", "off"),
        **_same("battery", "battery", "low", "dead"),
    },
    "The processor, its clock and its flash": {
        **_same("board", "board", "freeze", "killed"),
        "clock jump": Verb("clock", "leap"),
        **_same("clock", "clock", "stop"),
        "flash torn": Verb(
            "flash",
            "cut",
            {"how": TORN},
            "the supply fails in the middle of a program or erase, `after` further ones, and stays away until somebody "
            "switches it on; with `byte` what is before it is done and the rest untouched, with -1 it is as it comes",
        ),
        **_same("flash", "flash", "full", "silent"),
        "flash flipped": Verb("flash", "bit_flip"),
    },
    "The shaft's encoder": {
        "encoder dead": Verb("encoder", "nack"),
        "encoder open": Verb(
            "encoder", "zeros", says="its supply wire is broken: fed through its bus it answers, with nothing but zeros"
        ),
        "encoder short": Verb("bus0", "stuck", says="its data wire is shorted, and with it that of the force sensor"),
        **_same("encoder", "encoder", *_SUFFERED, "frozen", "no_magnet", "brownout"),
    },
    "The force sensor": {
        "force dead": Verb("bridge", "nack"),
        "force open": Verb("bridge", "rail", says="a wire of the bridge is broken: the code is pinned at an end"),
        **_same("force", "bridge", "short", *_SUFFERED, "frozen", "no_ready", "brownout"),
    },
    "The oximeter": {
        "oximeter dead": Verb("oximeter", "nack"),
        "oximeter open": Verb(
            "oximeter", "near_zero", says="its LEDs' own supply is broken: the chip answers and sees the dark"
        ),
        "oximeter short": Verb("bus1", "stuck", says="its data wire is shorted, and with it that of all on its bus"),
        **_same("oximeter", "oximeter", *_SUFFERED, "frozen", "saturated", "stuck_fifo", "brownout"),
    },
    "The finger in the oximeter's probe": {
        **_same("finger", "finger", "off", "movement", "shiver", "shaking", "jerks", "cold", "loose", "light"),
    },
    "The fuel gauge": {
        "gauge dead": Verb("gauge", "nack"),
        "gauge open": Verb("gauge", "zeros", says="its supply wire is broken: it answers, with nothing but zeros"),
        "gauge short": Verb("bus1", "stuck", says="its data wire is shorted, and with it that of all on its bus"),
        "gauge frozen": Verb("gauge", "stale"),
        **_same("gauge", "gauge", *_SUFFERED, "reset"),
    },
    "Analogue inputs": {
        **_same("supply-sense", "supply_input", *_WIRES, *_SUFFERED),
        **_same("barrel-sense", "barrel_pot_input", *_WIRES, *_SUFFERED),
        **_same("air-sense", "air_input", *_WIRES, *_SUFFERED),
        **_same("sounder-sense", "sounder_input", *_WIRES, *_SUFFERED),
    },
    "Keys and switches": {
        f"{part} {kind}": Verb(f"{part.split('-')[0]}_contact", kind)
        for part in ("stop-key", "silence-key", "demand-key", "barrel-switch", "plunger-switch", "flange-switch")
        for kind in _SWITCH
    },
    "Motor, driver and sounder": {
        **_same("motor", "motor", "stall", "slip", "reversed"),
        "driver dead": Verb("stepper", "silent"),
        "driver hot": Verb("stepper", "ot"),
        "driver open": Verb("stepper", "open_load"),
        "driver short": Verb("stepper", "short_ground"),
        **_same("driver", "stepper", "brownout"),
        **_same("sounder", "sounder", "dead", "stuck"),
    },
    "Syringe and line": {
        **_same("line", "line", "occlusion", "disconnection", "leak", "air", "height"),
        **_same("syringe", "syringe", "wrong", "plunger", "barrel", "flange", "friction"),
    },
    "The cuff, its valves, and the arm in it": {
        **_same("cuff", "cuff", "leak", "kink", "unwrapped"),
        "cuff hose-off": Verb("cuff", "off"),
        "dump-valve blocked": Verb("cuff", "dump-blocked"),
        "dump-valve open": Verb("cuff", "dump-open"),
        "bleed-valve blocked": Verb("cuff", "bleed-blocked"),
        "bleed-valve open": Verb("cuff", "bleed-open"),
        "cuff-pump dead": Verb("cuff", "pump-dead"),
        "cuff-pump on": Verb("cuff", "pump-on"),
        "limiter pressure-stuck": Verb("cuff-limiter", "switch"),
        "limiter watch-stuck": Verb("cuff-limiter", "hold"),
        "limiter time-stuck": Verb("cuff-limiter", "longest"),
        **_same("arm", "arm", "movement", "shiver", "pulseless"),
    },
    "The cuff's pressure sensor": {
        "cuff-sensor dead": Verb("cuff-sensor", "nack"),
        "cuff-sensor open": Verb("cuff-sensor", "unpowered"),
        **_same("cuff-sensor", "cuff-sensor", *_SUFFERED, "frozen", "busy", "memory", "saturated", "brownout"),
    },
    "The capnometer and its sample line": {
        **_same("capnometer", "capnometer", *_SUFFERED, "silent", "deaf", "frozen", "truncated", "garbage", "dropped"),
        "capnometer held-up": Verb("capnometer", "held_up"),
        "capnometer warming": Verb(
            "capnometer", "brownout", says="its supply dips: it starts anew, and is silent while it warms up"
        ),
        "sample-line off": Verb("airway", "disconnected"),
        "sample-line wet": Verb("airway", "occluded"),
        "sample-line leak": Verb("airway", "leaking"),
        "airway coughing": Verb("airway", "coughing"),
    },
    "The thermometer": {
        "thermometer dead": Verb("thermometer", "nack"),
        "thermometer open": Verb("thermometer", "zeros", says="its supply wire is broken: it answers, with zeros"),
        "thermometer off": Verb("temperature-probe", "off"),
        "thermometer silent": Verb("thermometer", "no_ready"),
        **_same("thermometer", "thermometer", *_SUFFERED, "frozen", "brownout"),
    },
    "The electrocardiogram": {
        "ecg lead-off": Verb("ecg", "lead_off"),
        "ecg open": Verb("ecg", "silent_lead"),
        **_same("ecg", "ecg", *_SUFFERED, "rail", "frozen"),
        **_same("ecg", "electrodes", "mains", "muscle", "movement"),
    },
    "The host": {
        "daemon killed": Verb(HOST, "daemon_killed"),
        "daemon hung": Verb(HOST, "daemon_hung"),
        "broker down": Verb(HOST, "broker_down"),
        "broker hung": Verb(HOST, "broker_hung"),
        "host clock-jump": Verb(HOST, "clock_jump"),
    },
}

VERBS = {name: verb for verbs in GROUPS.values() for name, verb in verbs.items()}

TARGETS = ("linux", "chain", "serial")
"""Kinds of targets: the emulated board in virtual time, the same with its real daemon and broker in real time, and a
real board at a port."""

PARTS = {
    "uart": "line", "supply": "supply", "mains": "supply", "battery": "cell", "board": "processor", "clock": "crystal",
    "flash": "flash", "encoder": "encoder", "bus0": "bus", "bus1": "bus", "bridge": "force sensor",
    "oximeter": "oximeter", "gauge": "fuel gauge", "motor": "motor", "stepper": "motor driver", "sounder": "sounder",
    "line": "infusion line", "syringe": "syringe", "finger": "finger",
    "cuff": "cuff", "cuff-limiter": "cuff", "cuff-sensor": "cuff", "arm": "arm", "airway": "airway",
    "capnometer": "capnometer", "thermometer": "thermometer", "temperature-probe": "thermometer",
    "ecg": "electrocardiograph", "electrodes": "electrocardiograph",
    "supply_input": "inputs", "barrel_pot_input": "inputs", "air_input": "inputs", "sounder_input": "inputs",
    "stop_contact": "keys", "silence_contact": "keys", "demand_contact": "keys",
    "barrel_contact": "switches", "plunger_contact": "switches", "flange_contact": "switches",
}  # fmt: skip
"""What a component is called when it is refused."""

BEDSIDE = {"cuff", "cuff-limiter", "cuff-sensor", "arm", "airway", "capnometer", "thermometer", "temperature-probe",
           "ecg", "electrodes"}  # fmt: skip
"""Components that only a board with all of the patient's sensors has."""


class Breakable(Protocol):
    """What verbs are made on: a bench, a chain, a board at a port. fault_target: one of TARGETS."""

    @property
    def fault_target(self) -> str: ...

    def fault(self, component: str, kind: str, **params: Value) -> Any: ...

    def mend(self, component: str, kind: str | None = None) -> Any: ...


def known(verb: str) -> Verb:
    """Raises UnknownFault, which lists what there is of that part, or all parts."""
    if verb in VERBS:
        return VERBS[verb]
    part = verb.partition(" ")[0]
    of_it = [name for name in VERBS if name.startswith(part + " ")]
    there = ", ".join(of_it) if of_it else f"verbs for {', '.join(dict.fromkeys(n.split()[0] for n in VERBS))}"
    raise UnknownFault(f"there is no fault verb {verb!r}; there are {there}")


def resolve(component: str, kind: str) -> Verb:
    """A verb by its two words, or a component and one of its kinds as they are."""
    return VERBS.get(f"{component} {kind}") or Verb(component, kind)


def of_part(part: str) -> list[Verb]:
    """All verbs whose first word this is."""
    return [verb for name, verb in VERBS.items() if name.partition(" ")[0] == part]


def refusal(target: str, verb: str) -> str:
    """Why a kind of target cannot make a verb, or a component's kind as "component kind"; empty when it can."""
    component = resolve(*verb.split(" ", 1)).component if " " in verb else verb
    if target == "serial":
        if component == "uart":
            return ""
        if component == HOST:
            return "a test speaks to a real board itself: there is neither daemon nor broker to break"
        if component in PARTS:
            return f"a real board's {PARTS[component]} cannot be broken from here"
    if component == HOST and target != "chain":
        return "the bench is its own host: there is neither daemon nor broker to break"
    return ""


def can(target: Breakable, verb: str) -> str:
    """The same for a target itself. Raises UnknownFault for what is no verb."""
    known(verb)
    return refusal(target.fault_target, verb)


def make(target: Breakable, verb: str, **params: Value) -> None:
    """Breaks something, now. Raises UnknownFault for a wrong verb or parameter, CannotError with the reason."""
    why = can(target, verb)
    if why:
        raise CannotError(f"{verb}: {why}")
    part, what = verb.split(" ", 1)
    target.fault(part, what, **params)


def mend(target: Breakable, verb: str) -> None:
    """Mends it; what is whole, or was over at once, stays as it is."""
    known(verb)
    part, what = verb.split(" ", 1)
    target.mend(part, what)
