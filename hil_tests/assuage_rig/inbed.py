"""Somebody lies in the bed: what the syringe truly gives reaches a body, and the sensors see what becomes of it.

    bench = Bench(bedside=True)
    bedside = lay(bench, mg_per_ml=10)
    bedside.body.bolus("fentanyl", 150)

Without it finger, airway, heart, arm and skin show what they are set to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assuage_rig.plant.arm import InStep
from assuage_rig.plant.bedside import AIRWAY, FINGER, HEART, SKIN, At, Bedside
from assuage_rig.plant.feed import Feed, Source
from assuage_rig.plant.patient import Patient
from assuage_rig.plant.person import Person
from assuage_rig.plant.physiology import Body

if TYPE_CHECKING:
    from assuage_rig.bench import Bench
    from assuage_rig.circuit import Circuit
    from assuage_rig.patientside import PatientSide

_EASE_US = 1_000_000  # in which a finger's saturation slides to where it is set


def side_of(bench: Bench) -> PatientSide:
    """What is plugged in. Raises ValueError for a board without the patient's sensors."""
    side = bench.circuit.side
    if side is None:
        raise ValueError("nobody can be laid beside this board: open it with bedside=True")
    return side


def lay(
    bench: Bench,
    person: Person | None = None,
    drug: str = "ketamine",
    mg_per_ml: float = 10.0,
    models: dict[str, str] | None = None,
) -> Bedside:
    """From now on a body, at rest, has all the signs, and what leaves the line's end is its drug; see Body and Bedside.

    Raises ValueError for a board without the patient's sensors and as Body does.
    """
    side_of(bench)
    return lie(bench.circuit, bench.at, bench.infusion, person, drug, mg_per_ml, models)[0]


def lie(
    circuit: Circuit,
    at: At,
    source: Source,
    person: Person | None = None,
    drug: str = "ketamine",
    mg_per_ml: float = 10.0,
    models: dict[str, str] | None = None,
) -> tuple[Bedside, Feed]:
    """A body whose signs all sensors see that there are, be it the oximeter alone, and what the source gives it.

    at: of the rig that moves the circuit's clock. Raises ValueError as Body does.
    """
    body = Body(circuit.clock, person, models)
    feed = body.feed(source, drug, mg_per_ml)
    bedside = Bedside(body, at)
    bedside.follow(circuit.patient.set, FINGER)
    side = circuit.side
    if side is not None:
        bedside.follow(side.airway.set, AIRWAY)
        bedside.follow(side.heart.set, HEART)
        bedside.follow(side.probe.set, SKIN)
        side.arm.pressures = bedside.pressures
        side.arm.rhythm = InStep(circuit.patient.beats)
    return bedside, feed


def one_heart(bench: Bench) -> None:
    """The cuff feels the beats that the finger has."""
    side_of(bench).arm.rhythm = InStep(bench.patient.beats)


@dataclass(frozen=True)
class Fall:
    """A saturation that is set to another value at one moment, us, and slides there within a second."""

    begins_us: int
    before: float
    after: float

    def crosses_us(self, limit: float) -> int:
        """When the finger's own saturation passes a limit between the two. Raises ValueError for one that is not."""
        if not min(self.before, self.after) <= limit <= max(self.before, self.after) or self.before == self.after:
            raise ValueError(f"{limit:g} % does not lie between {self.before:g} and {self.after:g} %")
        return self.begins_us + round(_EASE_US * (self.before - limit) / (self.before - self.after))


def step_saturation(bench: Bench, to: float, phase: float, period_s: float = 1.0) -> Fall:
    """The finger's saturation is another one from the next moment on that is `phase` (0 .. 1) of a period of the rig's
    clock, for example of the second in which a board makes its numbers.

    Raises ValueError for a phase that is none and a saturation out of range.
    """
    if not 0 <= phase < 1:
        raise ValueError(f"a phase is 0 .. 1, not {phase:g}")
    Patient(spo2=to)  # says now, and not then, what is out of range
    period_us = round(period_s * 1e6)
    wait_us = (round(phase * period_us) - bench.now_us) % period_us
    before = bench.patient.spo2
    bench.at(wait_us / 1e6, lambda: bench.patient.set(spo2=to))
    return Fall(bench.now_us + wait_us, before, to)
