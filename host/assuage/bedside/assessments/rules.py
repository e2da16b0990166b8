"""What follows from an assessment, by the rules of the data: stop, reduce, or a word. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from assuage.bedside.assessments.scales import Book, Rule
from assuage.pharmacy.units import MlPerH

STRONGEST_FIRST: Final = ("stop", "reduce", "tell")


@dataclass(frozen=True, slots=True)
class Advice:
    """rule: with its sentence and source. lowest, highest: the rates that a reduction comes to, where one is known."""

    rule: Rule
    lowest: MlPerH | None = None
    highest: MlPerH | None = None

    @property
    def sentence(self) -> str:
        """What to do, with the rates."""
        if self.lowest is None or self.highest is None:
            return self.rule.sentence
        return f"{self.rule.sentence} From the present rate that is {self.lowest} to {self.highest}."


def advise(
    book: Book, values: Mapping[str, str], effects: Iterable[str], rate: MlPerH | None = None
) -> tuple[Advice, ...]:
    """All that follows, the strongest first. values, effects: as Book.found has checked them. rate: that flows now."""
    told = frozenset(effects)
    hit = [
        rule for rule in book.rule
        if (rule.on.effect in told if rule.on.effect else values.get(rule.on.scale) == rule.on.value)
    ]  # fmt: skip
    hit.sort(key=lambda rule: STRONGEST_FIRST.index(rule.action))
    return tuple(_advice(rule, rate) for rule in hit)


def must_stop(advice: Iterable[Advice]) -> bool:
    """Whether any of it stops the infusion."""
    return any(each.rule.action == "stop" for each in advice)


def _advice(rule: Rule, rate: MlPerH | None) -> Advice:
    if rule.percent is None or rate is None:
        return Advice(rule)
    least, most = rule.percent
    # Down to what can be typed: a reduction by at least so much is never rounded to less of one.
    low, high = (rate.nl_per_min * (100 - percent) // 100 for percent in (most, least))
    return Advice(rule, MlPerH.highest(low), MlPerH.highest(high))
