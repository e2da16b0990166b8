"""A body without a bench: time is moved by hand."""

from __future__ import annotations

from assuage_rig.clock import Clock
from assuage_rig.plant.person import Person
from assuage_rig.plant.physiology import Body
from assuage_rig.plant.signs import Signs


class Lying:
    """One who lies there."""

    def __init__(self, person: Person | None = None, **models: str) -> None:
        self.clock = Clock()
        self.body = Body(self.clock, person, models)

    def wait(self, seconds: float) -> Signs:
        """Signs after so long."""
        self.clock.now_us += round(seconds * 1e6)
        return self.body.at()

    def watch(self, seconds: int) -> list[Signs]:
        """Signs of every second."""
        return [self.wait(1) for _ in range(seconds)]

    def until(self, spo2: float, limit_s: int = 1800) -> int:
        """Seconds until the finger shows less."""
        for second in range(1, limit_s):
            if self.wait(1).spo2 < spo2:
                return second
        raise AssertionError(f"SpO2 did not fall below {spo2:g} % within {limit_s} s")

    def infuse(self, drug: str, ug_min: float, minutes: float) -> None:
        """By hand, so to say, at a constant rate from now on."""
        self.body.bolus(drug, ug_min * minutes, round(minutes * 60))
