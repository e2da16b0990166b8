"""How much opioid is given beside ketamine, and was before it: shown together, as rates, with the hours they are of.

No drug is reckoned in another one's milligrams: each opioid is compared with itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from assuage.bedside.charting.had import Had
from assuage.pharmacy.quantities import DoseRate, Time
from assuage.pharmacy.substances import Substance

HOUR_MS: Final = 3_600_000
LEAST_MS: Final = HOUR_MS  # less than that is no rate that could be compared
MOST_MS: Final = 24 * HOUR_MS

NOT_LONG: Final = "Ketamine has been given for less than an hour, so there is nothing to compare yet."
NOT_BEFORE: Final = "What was given in the hours before ketamine is not in this record, so there is nothing to compare."


def sparing(had: Had, groups: Mapping[str, str], since: int, now: int) -> list[dict[str, Any]]:
    """Of each opioid that the patient has had, where ketamine was given too. groups: by substance, as the library has
    them. since: when the patient came. Steady Unix ms.

    Each {"substance", "now", "now_h", "before", "before_h", "change_percent", "sentence"}: now and before are rates
    with their unit, over so many hours; what cannot be told is None.
    """
    begins = [piece.begin for key, pieces in had.pieces.items() if groups.get(key) == "ketamine" for piece in pieces]
    if not begins:
        return []
    began = min(begins)
    after, before = min(now - began, MOST_MS), min(began - since, MOST_MS)
    opioids = [key for key in had.pieces if groups.get(key) == "opioid"]
    return [_one(had, Substance(key, key), began, after, before, now) for key in opioids]


def _one(had: Had, substance: Substance, began: int, after: int, before: int, now: int) -> dict[str, Any]:
    with_it = _rate(had, substance, after, now)
    without = _rate(had, substance, before, began)
    told: dict[str, Any] = {
        "substance": substance.key,
        "now": None if with_it is None else _shown(with_it), "now_h": _hours(after),
        "before": None if without is None else _shown(without), "before_h": _hours(before),
        "change_percent": None,
    }  # fmt: skip
    if with_it is None:
        return {**told, "sentence": NOT_LONG}
    if without is None:
        return {**told, "sentence": NOT_BEFORE}
    beside = (
        f"{told['now']} in the last {told['now_h']} h, with ketamine, {told['before']} in {told['before_h']} h before"
    )
    if not without:
        return {**told, "sentence": f"{beside}."}
    change = round((with_it - without) / without * 100)
    how = f"{abs(change)} % {'less' if change < 0 else 'more'}" if change else "the same"
    return {**told, "change_percent": change, "sentence": f"{beside}: {how}."}


def _rate(had: Had, substance: Substance, window: int, end: int) -> Fraction | None:
    """mg/h in the window that ends then; None: the window is too short."""
    if window < LEAST_MS:
        return None
    dose = had.within(substance, Time(Fraction(window, 60_000), "min"), end)
    return dose.amount.base * HOUR_MS / window


def _shown(mg_h: Fraction) -> str:
    unit, per = ("mg/h", 1) if mg_h >= 1 or not mg_h else ("mcg/h", 1000)
    return str(DoseRate.estimate(float(mg_h * per), unit, 3))


def _hours(ms: int) -> float:
    return round(max(0, ms) / HOUR_MS, 1)
