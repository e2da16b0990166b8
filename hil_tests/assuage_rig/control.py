"""The control socket's language: a JSON object a line in, one out; {"do": verb, ...} is answered {"ok": true, ...}."""

import json
import socket
import stat
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from assuage_rig import verbs, verbs_doc
from assuage_rig.bed import Bed
from assuage_rig.chips.pins import CHANNELS
from assuage_rig.circuit import Circuit
from assuage_rig.faults import Value
from assuage_rig.plant.bedside import SHOWN
from assuage_rig.plant.drug import USUAL
from assuage_rig.plant.syringe import STEPS_PER_REV

_OF_THE_HOST = tuple(name for name, verb in verbs.VERBS.items() if verb.component == verbs.HOST)

Answer = dict[str, object]
Arguments = dict[str, object]


class RigError(Exception):
    """The rig cannot start; the message is one sentence for the person who started it."""


class Rig(Protocol):
    """What can be asked of a running rig."""

    circuit: Circuit
    bed: Bed

    def facts(self) -> Answer:
        """now_us, board_pid, pty and what else belongs to the process."""

    def kill_board(self) -> None:
        """kill -9."""

    def power_cycle(self, off_s: float) -> None:
        """Supply off, and on again after a while."""

    def end(self) -> None:
        """Ends the rig."""


def _state(rig: Rig, arguments: Arguments) -> Answer:
    c = rig.circuit
    return {
        **rig.facts(),
        "plunger_nl": c.shaft.plunger_nl,
        "patient_nl": c.infusion.patient_nl,
        "pressure_pa": c.infusion.pressure_pa(),
        "force_n": c.infusion.force_n(),
        "battery": {"charge": c.battery.charge(), "voltage": c.battery.voltage(), "mains": c.battery.on_mains},
        "shaft_turns": c.shaft.steps / STEPS_PER_REV,
        "steps": c.shaft.steps,
        "drive": {
            "consumed": c.drive.consumed,
            "queued": c.drive.queued,
            "moving": c.drive.moving,
            "enabled": c.drive.enabled,
            "dry_runs": c.drive.dry_runs,
            "last_step_us": c.drive.last_step_us,
        },
        "patient": vars(c.patient.settings),
        **rig.bed.told(),
        "pins": c.pins.named,
        "analogue": {name: c.analogue.get(i) for i, name in enumerate(CHANNELS)},
        "faults": {name: f.active for name, f in c.faults.items() if f.active},
    }


def _given(rig: Rig, arguments: Arguments) -> Answer:
    said = {"patient_nl": rig.circuit.infusion.patient_nl, "rig_pid": rig.facts()["rig_pid"]}
    return said | {"syringe": rig.bed.told()["syringe"]}


def _patient(rig: Rig, arguments: Arguments) -> Answer:
    for name, value in arguments.items():
        if value is not None and not isinstance(value, (int, float)):
            raise ValueError(f"{name} must be a number, or null for the body's own, not {value!r}")
    rig.bed.set(**arguments)  # type: ignore[arg-type]
    return {"patient": vars(rig.circuit.patient.settings), **rig.bed.told()}


def _body(rig: Rig, arguments: Arguments) -> Answer:
    bed = rig.bed
    done = {name: _number(arguments, name) for name in list(arguments)}
    if "fio2" in done or "fico2" in done:
        bed.breathe(**{name: done[name] for name in ("fio2", "fico2") if name in done})
    if "obstructed" in done:
        bed.obstruct(done["obstructed"])
    if "breath_held" in done:
        bed.hold_breath(bool(done["breath_held"]))
    if "roused_s" in done:
        bed.rouse(int(done["roused_s"]))
    return rig.bed.told()


def _give(rig: Rig, arguments: Arguments) -> Answer:
    drug, ug = _text(arguments, "drug"), _number(arguments, "ug")
    rig.bed.give(drug, ug, int(_number(arguments, "over_s", 30)))
    return rig.bed.told()


def _fill(rig: Rig, arguments: Arguments) -> Answer:
    rig.bed.fill(_text(arguments, "drug"), _number(arguments, "mg_per_ml"))
    return rig.bed.told()


def _admit(rig: Rig, arguments: Arguments) -> Answer:
    rig.bed.admit()
    return rig.bed.told()


def _what(arguments: Arguments) -> tuple[str, str]:
    """Component and kind, or the two words of a verb."""
    if "verb" in arguments:
        name = _text(arguments, "verb")
        verbs.known(name)
        part, what = name.split(" ", 1)
        return part, what
    return _text(arguments, "component"), _text(arguments, "kind")


def _fault(rig: Rig, arguments: Arguments) -> Answer:
    component, kind = _what(arguments)
    params: dict[str, Value] = {}
    for name, value in arguments.items():
        if not isinstance(value, (int, float)):
            raise ValueError(f"{name} must be a number, not {value!r}")
        params[name] = value
    rig.circuit.fault(component, kind, **params)
    return {}


def _mend(rig: Rig, arguments: Arguments) -> Answer:
    """Without a component, everything is mended."""
    if not arguments:
        for faults in rig.circuit.faults.values():
            faults.mend()
        return {}
    if "verb" in arguments or "kind" in arguments:
        rig.circuit.mend(*_what(arguments))
    else:
        rig.circuit.mend(_text(arguments, "component"))
    return {}


def _fit(rig: Rig, arguments: Arguments) -> Answer:
    rig.circuit.fit(_text(arguments, "syringe"))
    return {}


def _take_out(rig: Rig, arguments: Arguments) -> Answer:
    for_s = arguments.pop("for_s", None)
    if for_s is not None and (not isinstance(for_s, (int, float)) or not 0 <= for_s <= 3600):
        raise ValueError(f"for_s must be 0 .. 3600 seconds, not {for_s!r}")
    rig.circuit.take_out(for_s)
    return {}


def _press(rig: Rig, arguments: Arguments) -> Answer:
    rig.circuit.pins.press_stop(bool(arguments.pop("down", True)))
    return {}


def _pin(rig: Rig, arguments: Arguments) -> Answer:
    rig.circuit.pins.put(_text(arguments, "name"), bool(arguments.pop("level", 0)))
    return {}


def _analogue(rig: Rig, arguments: Arguments) -> Answer:
    value = arguments.pop("value", None)
    if not isinstance(value, int | None):
        raise ValueError(f"value must be a whole number, or null for what is wired there, not {value!r}")
    rig.circuit.analogue.put(_text(arguments, "name"), value)
    return {}


def _kill_board(rig: Rig, arguments: Arguments) -> Answer:
    rig.kill_board()
    return {}


def _power_cycle(rig: Rig, arguments: Arguments) -> Answer:
    off = arguments.pop("off_s", 0.5)
    if not isinstance(off, (int, float)) or not 0 <= off <= 3600:
        raise ValueError(f"off_s must be 0 .. 3600 seconds, not {off!r}")
    rig.power_cycle(off)
    return {}


def _end(rig: Rig, arguments: Arguments) -> Answer:
    rig.end()
    return {}


def _made(rig: Rig, arguments: Arguments) -> Answer:
    return {"made": [asdict(one) for one in rig.circuit.made]}


def _help(rig: Rig, arguments: Arguments) -> Answer:
    return {
        "verbs": {name: verb.teaching for name, verb in VERBS.items()},
        "fault verbs": [line for line in verbs_doc.text().splitlines() if not line.startswith(_OF_THE_HOST)],
        "faults": {c: {kind: k.sentence for kind, k in f.kinds.items()} for c, f in rig.circuit.faults.items()},
    }


@dataclass(frozen=True)
class Verb:
    """What it does, the arguments it takes (None: those of the thing that is named), and a sentence that teaches it."""

    act: Callable[[Rig, Arguments], Answer]
    takes: tuple[str, ...] | None
    teaching: str


VERBS = {
    "state": Verb(_state, (), "what the rig knows: true volumes, shaft, force, battery, patient, faults, process"),
    "given": Verb(_given, (), "how much has left the line's end so far, and the process that counts it"),
    "patient": Verb(
        _patient,
        None,
        f"holds signs of the patient in all sensors that see them, whatever the body does: {', '.join(SHOWN)}; null "
        "gives one back to the body; and sets what spoils the finger's light: motion, probe_on and more",
    ),
    "give": Verb(
        _give, ("drug", "ug", "over_s"), f"gives a drug by hand, so many ug over over_s seconds: {', '.join(USUAL)}"
    ),
    "solution": Verb(_fill, ("drug", "mg_per_ml"), "what is in the syringe, from now on"),
    "body": Verb(
        _body,
        ("obstructed", "breath_held", "roused_s", "fio2", "fico2"),
        "what happens to the patient: obstructed (0 to 1 of the airway), breath_held (true or false), roused_s (spoken "
        "to and touched for so long), fio2 (0.21: air; without it air again) and fico2 (mmHg) inspired",
    ),
    "admit": Verb(_admit, (), "another patient, at rest, who has been given nothing; no sign is held"),
    "fault": Verb(
        _fault,
        None,
        'breaks something: a fault verb, or component and kind, with its parameters: fault verb="link drop" every=5',
    ),
    "mend": Verb(
        _mend,
        ("verb", "component", "kind"),
        "mends it; with a component only all that is wrong with it, with nothing everything",
    ),
    "made": Verb(_made, (), "every fault so far, from when to when in rig time"),
    "press": Verb(_press, ("down",), "a finger on the stop key: down true or false"),
    "pin": Verb(_pin, ("name", "level"), "sets a key or switch by name: level 0 pressed or closed, 1 released or open"),
    "analogue": Verb(
        _analogue, ("name", "value"), "sets an analogue input by name, 0 to 65535; without value it is wired again"
    ),
    "take_out": Verb(_take_out, ("for_s",), "takes the syringe out, for so many seconds or until fit"),
    "fit": Verb(_fit, ("syringe",), "fits another full syringe, by name"),
    "kill_board": Verb(_kill_board, (), "kills the board process; it is started again after half a second"),
    "power_cycle": Verb(_power_cycle, ("off_s",), "takes the supply away for off_s seconds"),
    "help": Verb(_help, (), "this list, the fault verbs, and the kinds of fault that each component can have"),
    "end": Verb(_end, (), "ends the rig"),
}


def _text(arguments: Arguments, name: str) -> str:
    value = arguments.pop(name, None)
    if not isinstance(value, str):
        raise ValueError(f"{name} is missing or no text")
    return value


def _number(arguments: Arguments, name: str, default: float | None = None) -> float:
    value = arguments.pop(name, default)
    if not isinstance(value, (int, float)):
        raise ValueError(f"{name} is missing or no number")
    return value


def carry_out(rig: Rig, line: str) -> str:
    """One line of the control socket; every failure comes back as {"ok": false, "error": sentence}."""
    try:
        asked = json.loads(line)
        if not isinstance(asked, dict) or not isinstance(asked.get("do"), str) or asked["do"] not in VERBS:
            raise ValueError(f'ask with {{"do": verb}}; the verbs are {", ".join(VERBS)}')
        name = asked.pop("do")
        verb = VERBS[name]
        strange = [] if verb.takes is None else [argument for argument in asked if argument not in verb.takes]
        if strange:
            raise ValueError(f"{name} does not take {', '.join(strange)}")
        return json.dumps({"ok": True, **verb.act(rig, asked)})
    except (json.JSONDecodeError, RecursionError) as error:
        return json.dumps({"ok": False, "error": f"not a JSON object: {error}"})
    except ValueError as error:
        return json.dumps({"ok": False, "error": str(error)})


def listen(path: Path) -> socket.socket:
    """A listening socket; an old one that nobody answers at is replaced. Raises RigError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        if not stat.S_ISSOCK(path.stat().st_mode):  # connecting to it is refused just as at an old socket
            raise RigError(f"{path} exists and is no socket; choose another --control")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(str(path))
            except ConnectionRefusedError:
                path.unlink()
            except OSError as error:
                raise RigError(f"{path} is in the way of the control socket ({error.strerror or error})") from error
            else:
                raise RigError(f"a rig already answers at {path}; end it first, or choose another --control and --pty")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        raise RigError(f"cannot listen at {path} ({error.strerror or error})") from error
    listener.listen(8)
    return listener
