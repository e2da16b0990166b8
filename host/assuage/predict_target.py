"""The part of `assuage predict` that asks for a target instead of doses."""

from __future__ import annotations

import argparse
from typing import Final

from assuage.errors import BadInput
from assuage.pharmacy.kinetics.body import Patient, body
from assuage.pharmacy.kinetics.predict import Table
from assuage.pharmacy.kinetics.programme import Infusion, Programme
from assuage.pharmacy.kinetics.schema import SUBSTANCES, models
from assuage.pharmacy.kinetics.tci import Controller, Limits
from assuage.pharmacy.quantities import Concentration, DoseRate, Mass, Time

USUAL: Final = Time.of(2, "h")
LONGEST: Final = Time.of(48, "h")


def programme(arguments: argparse.Namespace, patient: Patient) -> Programme:
    """What would be asked for, should all be given as asked. Raises BadInput or Refused."""
    if arguments.bolus or arguments.infusion or arguments.nasal or arguments.intramuscular:
        raise BadInput("target", "A target makes its own rates; leave out the doses.")
    known = models()
    if not arguments.by:
        raise BadInput("by", f"Say by which model, as in --by domino; there are {', '.join(known)}.")
    model = known.get(arguments.by)
    if model is None:
        raise BadInput("by", f"There is no model {arguments.by[:40]}; there are {', '.join(known)}.")
    substance = SUBSTANCES[arguments.drug]
    if model.of != substance:
        raise BadInput("by", f"{model.name} is a model of {model.of}, not of {substance}; choose one of its own.")
    until = Time.parse(arguments.until, "until") if arguments.until else USUAL
    if until > LONGEST:
        raise BadInput("until", f"A target can be followed for at most {LONGEST} ahead.")
    limits = Limits(
        DoseRate.parse(arguments.max_rate, "max-rate"),
        DoseRate.parse(arguments.max_loading, "max-loading"),
        Mass.parse(arguments.max_total, "max-total") if arguments.max_total else None,
    )
    control = Controller(body(model, patient), arguments.site, Concentration.parse(arguments.target, "target"), limits)
    return control.plan(until).programme(substance)


def add(rows: list[list[str]], asked: Programme, table: Table) -> None:
    """Puts the rates that are asked for into a table, as its second column."""
    infusions = [part for part in asked.parts if isinstance(part, Infusion)]
    rows[0].insert(1, "mg/h")
    place = 0
    for row, minute in zip(rows[1:], table.minutes, strict=True):
        while place + 1 < len(infusions) and infusions[place].end.approximate("min") <= minute:
            place += 1
        now = infusions[place]
        runs = now.start.approximate("min") <= minute < now.end.approximate("min")
        row.insert(1, f"{now.rate.approximate('mg/h'):.1f}" if runs else "0.0")
