"""One sentence for every entry, for whoever reads the record at the bedside or years later."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from assuage.pharmacy import routes
from assuage.record.events import Entry

NG_PER_MG: Final = 1_000_000
ACTS: Final = {
    "programme": "order sent to the pump",
    "confirm": "read-back confirmed",
    "start": "start of the infusion",
    "pause": "pause of the infusion",
    "resume": "going on after the pause",
    "rate": "change of the rate",
    "bolus": "bolus by the pump",
    "target": "change of the target",
    "purge": "filling of the line",
    "stop": "STOP",
    "clear": "acknowledgement of what stopped the pump",
    "release": "release of the interlock",
    "acknowledge": "acknowledgement of an alarm",
    "silence": "pause of the alarm's sound",
    "limit": "setting of an alarm limit",
    "patient": "new alarm limits",
}
SCALES: Final = {
    "nrs": "pain (NRS)", "poss": "sedation (POSS)", "rass": "sedation (RASS)", "ponv": "nausea (PONV)",
    "dissociation": "dissociation",
}  # fmt: skip
_RESULTS: Final = {"done": "", "not-done": " was not carried out", "unknown": ": what came of it is not known"}


def number(value: Decimal, digits: int = 3) -> str:
    """Without zeros at the end, at most so many digits behind the point."""
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def mass(ng: int) -> str:
    """A mass: in mg, or mcg below 1 mg."""
    if abs(ng) < NG_PER_MG:
        return f"{number(Decimal(ng) / 1000)} mcg"
    return f"{number(Decimal(ng) / NG_PER_MG)} mg"


def volume(nl: int) -> str:
    """A volume in mL."""
    return f"{number(Decimal(nl) / 1_000_000)} mL"


def flow(nl_min: int) -> str:
    """A flow in mL/h."""
    return f"{number(Decimal(nl_min) * 60 / 1_000_000, 2)} mL/h"


def concentration(ng_per_ml: int) -> str:
    """A concentration in mg/mL."""
    return f"{number(Decimal(ng_per_ml) / NG_PER_MG)} mg/mL"


def order(asked: dict[str, Any], readback: dict[str, Any]) -> str:
    """An order in words, with the numbers that the board read back, and what those are of the drug."""
    of = readback or asked
    said = f"{of.get('drug', 'Drug not named')}, {of.get('mode', 'continuous')}"
    if of.get("rate_nl_min"):
        said += f", {flow(int(of['rate_nl_min']))}"
    if of.get("vtbi_nl"):
        said += f", {volume(int(of['vtbi_nl']))} to be infused"
    if of.get("dose_nl"):
        said += f", doses of {volume(int(of['dose_nl']))} with a lockout of {int(of['lockout_s']) // 60} min"
    if of.get("syringe"):
        said += f", syringe {of['syringe']}"
    if of.get("on_loss"):
        said += f"; if the host is lost: {of['on_loss']}"
    return _with(f"{said}.", of.get("unchecked") or (_meant(of["clinical"]) if of.get("clinical") else ""))


def _meant(clinical: dict[str, Any]) -> str:
    numbers = [
        f"{each['name']} {each['means'] or each['board']}{each['per_weight'] and ' (' + each['per_weight'] + ')'}"
        for each in clinical["numbers"]
    ]
    target = f"For {clinical['patient']}, {clinical['weight']}: {clinical['substance']} {clinical['concentration']}"
    return f"{target}, {', '.join(numbers)}."


def findings(body: dict[str, Any]) -> str:
    """The limits that somebody overrode, with their sources."""
    told = []
    for f in body.get("findings", ()):
        also = [f"{name}: {f[name]}" for name in ("asked", "source") if f.get(name)]
        told.append(f"{f.get('limit', '?')}" + (f" ({'; '.join(also)})" if also else ""))
    return "; ".join(told)


def sentence(entry: Entry) -> str:
    """What an entry says; one of a kind that is not known here is told as it stands."""
    tell = _TELL.get(entry.kind)
    try:
        said = tell(entry.body) if tell is not None else ""
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        said = ""
    said = said or f"{entry.kind}: {entry.body}"
    pump = entry.body.get("pump")
    return f"{pump.capitalize()} pump: {said.removeprefix('Pump: ')}" if isinstance(pump, str) and pump else said


def _with(said: str, note: object) -> str:
    return f"{said} {note}" if note else said


def _checked(b: dict[str, Any]) -> str:
    said = f"{b['substance']} {concentration(b['ng_per_ml'])}: {b.get('dose') or 'dose not stated'}."
    if b.get("findings"):
        said += f" Beyond a soft limit: {findings(b)}. Reason given: {b.get('reason') or 'none'}."
    if b.get("alerts"):
        said += f" Compared by two: {' '.join(b['alerts'])}"
    return said


def _asked(b: dict[str, Any], details: dict[str, Any]) -> str:
    said = f"Asked for: {ACTS.get(b['what'], b['what'])}"
    if b["what"] == "bolus" and details.get("volume_nl"):
        said += f", {volume(details['volume_nl'])}"
    if b["what"] in ("rate", "bolus") and details.get("rate_nl_min"):
        said += f", {flow(details['rate_nl_min'])}"
    if b["what"] == "target" and details.get("target"):
        said += f" from {details.get('was')} to {details['target']}"
    told = [f"{said}.", str(details.get("why") or "")]
    if details.get("reason"):
        told += [*details.get("findings", ()), f"Reason given: {details['reason']}."]
    if details.get("second"):
        told.append(f"Also compared by {details['second']}.")
    return " ".join(filter(None, told))


def _outcome(b: dict[str, Any]) -> str:
    what = ACTS.get(b["what"], b["what"])
    said = what[:1].upper() + what[1:] + _RESULTS.get(b["result"], f": {b['result']}") + "."
    said = _with(said, b.get("sentence"))
    return _with(said, "The board was asked afterwards.") if b.get("how") == "asked" else said


def _pump(b: dict[str, Any]) -> str:
    said = f"Pump: {b['state']}"
    if b.get("rate_nl_min"):
        said += f" at {flow(b['rate_nl_min'])}"
    if b.get("programme"):
        said += f", {volume(b.get('delivered_nl', 0))} given so far"
    return _with(said + ".", b.get("sentence"))


def _chart(b: dict[str, Any]) -> str:
    values = ", ".join(f"{name} {value}" for name, value in b.get("values", {}).items())
    return f"{values or 'No vital signs'}; {_pump(b)}"


def _alarm(b: dict[str, Any]) -> str:
    how = {"raised": "Alarm", "acknowledged": "Alarm acknowledged", "over": "Alarm over"}.get(b["state"], b["state"])
    return f"{how}: {b['alarm']} ({b['priority']}). {b.get('sentence', '')}".strip()


def assessment(b: dict[str, Any]) -> str:
    """What was found, and what the rules made of it."""
    told = [f"{SCALES.get(name, name)} {value}" for name, value in b.get("values", {}).items()]
    said = "Assessment: " + (", ".join(told) or "no scale") + "."
    if b.get("effects"):
        said += f" Side effects: {', '.join(b['effects'])}."
    return " ".join([said, *b.get("advice", ()), *([b["note"]] if b.get("note") else [])])


def _given(b: dict[str, Any]) -> str:
    said = f"Given by hand: {b['substance']} {mass(b['mass_ng'])} {routes.short(b['route'])}"
    said += f", {b['site']}." if b.get("site") else "."
    if b.get("findings"):
        said += f" Beyond a soft limit: {findings(b)}. Reason given: {b.get('reason') or 'none'}."
    return _with(said, b.get("note"))


def struck(b: dict[str, Any]) -> str:
    """Of its body: what counts no more, and why."""
    told = b.get("said") or f"{b['what']}."
    return f"Charted in error: {told} Entry {b['number']} counts no more; reason given: {b['reason']}."


def syringe(b: dict[str, Any]) -> str:
    """Of its body."""
    said = f"Syringe changed: {b['syringe']}"
    if b.get("substance"):
        said += f" with {b['substance']} {concentration(b.get('ng_per_ml', 0))}"
    if b.get("holds_nl"):
        said += f", {volume(b['holds_nl'])}"
    if b.get("wasted_nl"):
        said += f"; {volume(b['wasted_nl'])} of the one before discarded"
    return _with(said + ".", b.get("note"))


def _converted(b: dict[str, Any]) -> str:
    both = f"{b['substance']} {mass(b['mass_ng'])} into {b['to']} {mass(b['to_mass_ng'])}"
    said = f"Converted: {both}, factor {b['factor']} ({b['source']})."
    return _with(said, b.get("reason"))


def _admission(b: dict[str, Any]) -> str:
    told = [b["patient"], *(b[name] for name in ("sex", "age", "weight", "height", "area", "note") if b.get(name))]
    return _with(f"Admitted: {', '.join(told)}.", _unexpected(b))


def _weighed(b: dict[str, Any]) -> str:
    was = f" (before: {b['was']})" if b.get("was") else ""
    said = f"The weight is {b['weight']} from now on{was}; what runs goes on as ordered."
    return _with(_with(said, _unexpected(b)), b.get("note"))


def _unexpected(b: dict[str, Any]) -> str:
    return f"The weight is not the expected one: {b['reason']}" if b.get("reason") else ""


def _opened(b: dict[str, Any]) -> str:
    said = f"Recording begins at {b['bed']} (Assuage {b['version']})."
    if b.get("open"):
        said += f" {len(b['open'])} acts are open and will be resolved."
    return _with(said, b.get("doubt"))


def _target(b: dict[str, Any]) -> str:
    said = f"Target {b['target']}, {b.get('site', 'plasma')}, by {b.get('model') or 'a model'}"
    said += f", instead of {b['was']}" if b.get("was") else ""
    return f"{said}; at most {b.get('rate') or '?'}, while it is reached {b.get('loading') or '?'}."


def _titrated(b: dict[str, Any]) -> str:
    said = f"To follow the target {b.get('target', '')} the rate was changed {b['changes']} times, between "
    said += f"{flow(b['lowest_nl_min'])} and {flow(b['highest_nl_min'])}"
    return f"{said}; predicted {b.get('predicted') or '?'}, {volume(b.get('delivered_nl', 0))} given so far."


_TELL: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "begun": lambda b: f"This record {b['record']} begins.",
    "opened": _opened,
    "closed": lambda b: "Recording ends in order.",
    "admission": _admission,
    "weighed": _weighed,
    "discharge": lambda b: _with(f"Discharged: {b.get('patient') or 'the patient'}.", b.get("note")),
    "checked": _checked,
    "ordered": lambda b: f"Order read back by the board: {order(b['asked'], b['readback'])}",
    "confirmed": lambda b: _with("Read-back compared and confirmed.", b.get("second") and f"Second: {b['second']}."),
    "intent": lambda b: _asked(b, b.get("details", {})),
    "outcome": _outcome,
    "refused": lambda b: f"Refused: {b['sentence']}",
    "pump": _pump,
    "chart": _chart,
    "alarm": _alarm,
    "interlock": lambda b: f"Interlock {b['what']}: {b['sentence']}",
    "assessment": assessment,
    "given": _given,
    "struck": struck,
    "syringe": syringe,
    "converted": _converted,
    "predicted": lambda b: f"Prediction for {b['substance']} by {', '.join(b.get('models', ())) or 'models'}.",
    "target": _target,
    "titrated": _titrated,
    "board": lambda b: f"{len(b['records'])} records of the journal of board {b['board']}.",
    "note": lambda b: str(b["sentence"]),
}
