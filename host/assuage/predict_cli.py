"""`assuage predict`: a programme of doses in, a band of concentrations out."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from assuage import predict_target
from assuage.errors import AssuageError, BadInput, Reason
from assuage.pharmacy.kinetics import picture
from assuage.pharmacy.kinetics.body import INTRAVENOUS, Patient
from assuage.pharmacy.kinetics.predict import Prediction, Table, Wake, known_effects, predict, threshold
from assuage.pharmacy.kinetics.programme import NOW, Given, Infusion, Programme
from assuage.pharmacy.kinetics.schema import SUBSTANCES, effects, models
from assuage.pharmacy.kinetics.tci import Site
from assuage.pharmacy.quantities import (
    Age,
    Concentration,
    DosePerWeight,
    DoseRate,
    DoseRatePerWeight,
    Mass,
    Time,
    Weight,
)  # fmt: skip

ROUTES: Final = (("bolus", INTRAVENOUS), ("nasal", "intranasal"), ("intramuscular", "intramuscular"))
ROWS: Final = 12
PLOTTED: Final = 400  # points of each line
AFTER: Final = Time.of(2, "h")
LONGEST: Final = Time.of(7 * 24, "h")

_PARTS = re.compile(r"(?P<what>.*?)(?:\s+(?:for\s+(?P<for>.*?)|at\s+(?P<at>.*?)))*", re.DOTALL)


def run(arguments: argparse.Namespace) -> None:
    """Prints, and writes the files asked for. Raises an AssuageError with a sentence."""
    if arguments.models:
        print(_json_models() if arguments.json else _models())
        return
    patient = Patient(_needed(Weight, arguments.weight, "weight"), _needed(Age, arguments.age, "age"))
    aimed = bool(arguments.target)
    programme = predict_target.programme(arguments, patient) if aimed else _programme(arguments, patient.weight)
    planned = predict(patient, programme)
    stop = _time(arguments.stop_at, "stop-at") if arguments.stop_at else None
    instead = None if stop is None else predict(patient, programme.instead(stop))
    until = _time(arguments.until, "until") if arguments.until else programme.end + AFTER
    if until > LONGEST:
        raise BadInput("until", f"Look at most {LONGEST} ahead.")
    every = _time(arguments.every, "every") if arguments.every else until / ROWS
    if until / every > 10_000:
        raise BadInput("every", "That would be more than 10 000 lines; take longer steps.")
    table = planned.table(NOW, until, every, arguments.site)
    if not table.each:
        raise BadInput("site", "No model that fits this patient has an effect site with a source; take plasma.")
    waking = _waking(planned, instead, arguments, stop)
    said = [*_incomplete(planned), *(_wakes(*one) for one in waking)]
    rows = _rows(table)
    if aimed:
        predict_target.add(rows, programme, table)
    _write(arguments, planned, instead, until, rows, said)
    if arguments.json:
        print(json.dumps(_plain(planned, table, waking, arguments.site)))
        return
    print(f"{programme.substance}, {programme.total} in all, {patient.weight}, {patient.age}; {arguments.site}, ng/mL")
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        print("  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)))
    for sentence in said:
        print(sentence)
    print("Models:")
    for text in picture.about(planned):
        print(f"  {text}")
    print(picture.NOT_ADVICE)


def _programme(arguments: argparse.Namespace, weight: Weight) -> Programme:
    parts: list[Given | Infusion] = []
    for name, route in ROUTES:
        for text in getattr(arguments, name):
            what, lasts, at = _split(text, name)
            if lasts is not None:
                raise BadInput(name, f"A {name} is given at once; leave out how long it lasts, or make it an infusion.")
            parts.append(Given(at or NOW, _dose(what, weight, name), route))
    ends = NOW
    for text in arguments.infusion:
        what, lasts, at = _split(text, "infusion")
        if lasts is None:
            raise BadInput("infusion", "Say how long the infusion lasts, as in 7 mg/h for 4 h.")
        infusion = Infusion(at or ends, _rate(what, weight), lasts)
        ends = infusion.end
        parts.append(infusion)
    if not parts:
        raise BadInput("bolus", "Give a --bolus, an --infusion or a --target; assuage predict --help has examples.")
    return Programme(SUBSTANCES[arguments.drug], tuple(parts))


def _split(text: str, field: str) -> tuple[str, Time | None, Time | None]:
    found = _PARTS.fullmatch(text.strip())
    assert found is not None  # it matches anything
    lasts, at = found["for"], found["at"]
    return found["what"], _time(lasts, field) if lasts is not None else None, _time(at, field) if at else None


def _time(text: str, field: str) -> Time:
    """As Time.parse, and 0 is a time of day like any other. Raises BadInput."""
    if re.fullmatch(r"0\s*(s|min|h)", text.strip()):
        return NOW
    return Time.parse(text, field)


def _dose(text: str, weight: Weight, field: str) -> Mass:
    return DosePerWeight.parse(text, field) * weight if "/" in text else Mass.parse(text, field)


def _rate(text: str, weight: Weight) -> DoseRate:
    if re.search(r"/\s*(kg|lb)", text):
        return DoseRatePerWeight.parse(text, "infusion") * weight
    return DoseRate.parse(text, "infusion")


def _needed(kind: Any, text: str | None, field: str) -> Any:
    if text is None:
        raise BadInput(field, f"Give the patient's {field}, as in --{field} {json.dumps(kind.SAMPLE)}.")
    return kind.parse(text, field)


def _rows(table: Table) -> list[list[str]]:
    keys = list(table.each)
    rows = [["time", "lowest", "highest", *keys]]
    for n, minute in enumerate(table.minutes):
        levels = [table.low[n], table.high[n], *(table.each[key][n] for key in keys)]
        rows.append([_clock(minute), *(f"{level:.1f}" for level in levels)])
    return rows


def _clock(minute: float) -> str:
    seconds = round(minute * 60)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}" + (f":{seconds % 60:02}" if seconds % 60 else "")


def _incomplete(planned: Prediction) -> list[str]:
    return [f"NOT PREDICTED: {one}" for one in planned.missing]


def _waking(
    planned: Prediction, instead: Prediction | None, arguments: argparse.Namespace, stop: Time | None
) -> list[tuple[str, str, Wake]]:
    """(of which future, what, when). The known ones were seen in plasma, and are looked for there."""
    levels: list[tuple[str, Concentration, Site]] = []
    if arguments.threshold:
        asked = Concentration.parse(arguments.threshold, "threshold")
        levels.append((f"{asked}", asked, arguments.site))
    for one in known_effects(planned.programme.substance, planned.patient.age):
        if one.wakes and one.at is not None:
            for text in (one.high, one.at, one.low):
                levels.append((f"{text}, {one.name} ({one.source})", threshold(text), "plasma"))
    futures = [("", planned)] if instead is None or stop is None else [("", planned), (f"stopped at {stop}: ", instead)]
    return [
        (of, what, each.below(level, site=site))
        for of, each in futures if not each.missing
        for what, level, site in levels
    ]  # fmt: skip


def _wakes(of: str, what: str, wake: Wake) -> str:
    if wake.latest is None:
        when = "not above it when the last dose has been given"
    else:
        first = "the end" if wake.earliest is None else _clock(wake.earliest.approximate("min"))
        last = _clock(wake.latest.approximate("min"))
        when = f"between {first} and {last}, by model" if len(wake.each) > 1 else f"at {last}, by the one model"
    return f"{of}below {what}: {when}."


def _write(
    arguments: argparse.Namespace, planned: Prediction, instead: Prediction | None, until: Time,
    rows: Sequence[Sequence[str]], said: Sequence[str],
) -> None:  # fmt: skip
    if arguments.svg is None and arguments.html is None:
        return
    step = until / PLOTTED
    drawn = planned.table(NOW, until, step, arguments.site)
    other = None if instead is None else instead.table(NOW, until, step, arguments.site)
    names = {key: model.name for key, model in models().items()}
    shown = known_effects(planned.programme.substance, planned.patient.age)
    made = picture.svg(drawn, names, shown, other=other, notes=planned.missing)
    if other is not None:
        said = [f"The orange band: if everything were stopped at {arguments.stop_at}.", *said]
    for path, text in (
        (arguments.svg, made), (arguments.html, picture.page(planned, made, rows, said) if arguments.html else ""),
    ):  # fmt: skip
        if path is not None:
            _save(path, text)


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise AssuageError(Reason.BAD_INPUT, f"{path} cannot be written: {error.strerror}.") from None


def _plain(planned: Prediction, table: Table, waking: Sequence[tuple[str, str, Wake]], site: str) -> dict[str, Any]:
    """For programs: min, ng/mL."""
    return {
        "substance": planned.programme.substance.key, "total": planned.programme.total.as_json(),
        "weight": planned.patient.weight.as_json(), "age": planned.patient.age.as_json(), "site": site,
        "minutes": table.minutes, "ng_per_ml": table.each, "low": table.low, "high": table.high,
        "models": {line.body.model.key: line.body.model.model_dump(mode="json") for line in planned.lines},
        "left_out": planned.left_out, "missing": planned.missing,
        "below": [
            {"future": of.rstrip(": ") or "as planned", "what": what, "threshold": wake.threshold.as_json(),
             "minutes": {key: None if t is None else t.approximate("min") for key, t in wake.each.items()}}
            for of, what, wake in waking
        ],
    }  # fmt: skip


def _json_models() -> str:
    known = [one.model_dump(mode="json") for one in models().values()]
    seen = [one.model_dump(mode="json") for one in effects().values()]
    return json.dumps({"models": known, "effects": seen})


def _models() -> str:
    out = []
    for model in models().values():
        site = model.effect_site
        people = model.population
        out += [
            f"{model.key}: {model.name}, {model.of}{'' if model.verified else ', UNVERIFIED'}",
            f"  people   {people.said}; age {people.age_years.words('years')}, weight {people.weight_kg.words('kg')}",
            f"  source   {model.source} (read in: {model.read})",
            f"  site     {model.no_effect_site if site is None else _site(site)}",
            *(f"  {route}  {one.said}" for route, one in model.absorption.items()),
            *([f"  note     {model.no_absorption}"] if model.no_absorption else []),
            *([f"  doubts   {model.doubts}"] if model.doubts else []),
        ]
    out.append("What has been seen at which concentration in plasma:")
    for one in effects().values():
        seen = "" if one.verified else " UNVERIFIED"
        out.append(f"  {one.name}: {one.low} to {one.high}, {one.substance}{seen}; {one.said} ({one.source})")
    return "\n".join([*out, picture.NOT_ADVICE])


def _site(site: Any) -> str:
    return f"ke0 {site.ke0}{'' if site.verified else ' (UNVERIFIED)'}: {site.source}"
