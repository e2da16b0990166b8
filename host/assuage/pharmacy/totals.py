"""The most that an order can give in any hour, four hours or day; a bound, never less than what it can really give.

A ramp counts as its top, a demand as one that is made whenever the lockout lets it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from assuage.pharmacy.prescription import Prescription
from assuage.pharmacy.quantities import DoseRate, Mass, Time

Stretch = tuple[DoseRate, Time]


def within(prescription: Prescription, window: Time) -> Mass:
    """The most in any window of that length."""
    p = prescription
    if p.mode == "pca":
        return _demands(p, window)
    return _most(stretches(p), window)


def stretches(p: Prescription) -> list[Stretch]:
    """What flows one after the other, of any mode but pca."""
    made: list[Stretch] = []
    if p.dose is not None and p.over is not None:
        made.append((p.mass(p.dose) / p.over, p.over))
    made += [(p.dose_rate(step.rate), step.duration) for step in p.steps]
    if p.rate is not None:
        time = p.duration if p.volume is None else p.volume / p.flow(p.rate)
        assert time is not None  # one of the two is there
        made.append((p.dose_rate(p.rate), time))
    return made


def _most(flows: Sequence[Stretch], window: Time) -> Mass:
    """Over all windows. What flows is constant between the ends of stretches, so the most is in a window that begins
    or ends at one."""
    ends, given = [Fraction(0)], [Fraction(0)]
    for flow, time in flows:
        ends.append(ends[-1] + time.base)
        given.append(given[-1] + (flow * time).base)

    def until(moment: Fraction) -> Fraction:
        for number in range(1, len(ends)):
            if moment <= ends[number]:
                share = (moment - ends[number - 1]) / (ends[number] - ends[number - 1])
                return given[number - 1] + share * (given[number] - given[number - 1])
        return given[-1]

    starts = {max(Fraction(0), end + shift) for end in ends for shift in (Fraction(0), -window.base)}
    most = max(until(start + window.base) - until(start) for start in starts)
    return Mass(most, "mg")


def _demands(p: Prescription, window: Time) -> Mass:
    assert p.dose is not None and p.lockout is not None and p.hour is not None and p.four_hours is not None
    doses = 1 + window.base // p.lockout.base
    made: Mass = p.mass(p.dose) * Fraction(doses)
    if p.rate is not None:
        made += p.dose_rate(p.rate) * window
    hours = -(-window.number("h") // 1)
    fours = -(-window.number("h") // 4)
    return min(made, p.mass(p.hour) * Fraction(hours), p.mass(p.four_hours) * Fraction(fours))
