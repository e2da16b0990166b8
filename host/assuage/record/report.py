"""The report of a shift: one HTML page that holds all it shows, made to be read at the bedside and printed on A4."""

from __future__ import annotations

from datetime import tzinfo
from functools import partial
from importlib.resources import files

import jinja2

from assuage.record import words
from assuage.record.plot import DAY_MS, Panel, svg
from assuage.record.reading import local
from assuage.record.shift import Shift
from assuage.record.verify import Verdict

MINUTE_MS = 60_000


def panels(s: Shift) -> list[Panel]:
    """The plots of a shift, those alone that show something."""
    of = s.series

    def chosen(*names: tuple[str, str]) -> dict[str, list[tuple[int, float]]]:
        return {label: of[name] for name, label in names if of.get(name)}

    doses = [(line.when, "D") for line in s.timeline if line.kind == "given" and line.strike is None]
    trips = [(line.when, "T") for line in s.timeline if line.kind == "interlock"]
    circulation = chosen(("pulse", "pulse"), ("systolic", "systolic"), ("diastolic", "diastolic"))
    told = [
        Panel(f"Rate of {drug}" if drug else "Rate", "mL/h", {"": points}, steps=True, until=s.until,
              marks=[*doses, *trips])
        for drug, points in s.rates.items()
    ] + [
        Panel("Predicted concentration, all models", "ng/mL", band=s.band, marks=doses),
        Panel("Oxygen saturation", "%", chosen(("spo2", "SpO2")), low=80, high=100),
        Panel("Circulation", "1/min, mmHg", circulation, low=40, high=140),
        Panel("Breathing", "1/min, mmHg", chosen(("resp", "breaths"), ("etco2", "EtCO2")), high=50),
        Panel("Pain", "NRS", chosen(("nrs", "NRS")), high=10, dots=True),
        Panel("Sedation", "POSS 1-4, S as 0; RASS -5 to 4", chosen(("poss", "POSS"), ("rass", "RASS")), low=-5, high=4,
              dots=True),
    ]  # fmt: skip
    return [panel for panel in told if not panel.empty]


def html(s: Shift, verdict: Verdict, made: int, zone: tzinfo | None = None) -> str:
    """The page. verdict: of the whole record. made: when the report is made, Unix ms. zone: of all times shown."""
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    hours = "%H:%M" if s.end - s.start <= DAY_MS else "%m-%d %H:%M"
    environment.filters["clock"] = partial(local, zone=zone, form=hours)
    environment.filters["day"] = partial(local, zone=zone, form="%Y-%m-%d %H:%M")
    template = environment.from_string(files("assuage.record").joinpath("report.html.j2").read_text(encoding="utf-8"))
    scales = [name for name in words.SCALES if any(name in a.values for _, a, _ in s.assessments)]
    others = sorted({name for _, a, _ in s.assessments for name in a.values} - set(words.SCALES))
    return template.render(
        s=s,
        verdict=verdict,
        made=made,
        plots=[svg(panel, s.start, s.end, zone) for panel in panels(s)],
        scales=[(name, words.SCALES[name]) for name in scales],
        others=others,
        minutes=lambda ms: max(1, round(ms / MINUTE_MS)),
    )
