"""The fixture `measure`: figures of one test, held against the limits that its requirements declare."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assuage_rig.requirements import Book, RequirementError
from assuage_rig.runrecord import Row


class Measure:
    """measure("ACC-001", "mean rate error", 0.3, where="BD 50 at 1 mL/h") records a row.

    lo, hi: instead of the declared limit, and then `note` says why. Raises RequirementError for what no file declares
    and for a requirement that the test's @req does not name. Limits are not judged here: see misses().
    """

    def __init__(self, book: Book, ids: Sequence[str], target: str, seed: int) -> None:
        self.rows: list[Row] = []
        self._book = book
        self._ids = ids
        self._target = target
        self._seed = seed

    def __call__(
        self,
        requirement: str,
        name: str,
        value: float,
        *,
        where: str = "",
        lo: float | None = None,
        hi: float | None = None,
        note: str = "",
    ) -> Row:
        declared = self._book.requirement(requirement).measurement(name)
        if requirement not in self._ids:
            raise RequirementError(f"the test measures for {requirement}, so its @req must name it")
        if (lo is not None or hi is not None) and not note:
            raise RequirementError(f"{requirement}, {name}: limits that are not the declared ones need a note")
        lo = declared.lo if lo is None else lo
        hi = declared.hi if hi is None else hi
        number = float(value)
        passed = (lo is None or number >= lo) and (hi is None or number <= hi) and math.isfinite(number)
        shown = number if math.isfinite(number) else None
        row = Row(
            requirement, name, where, shown, declared.unit, lo, hi, passed, self._target, self._seed,
            note if math.isfinite(number) else f"{number}" + (f"; {note}" if note else ""),
        )  # fmt: skip
        self.rows.append(row)
        return row

    def misses(self) -> list[str]:
        """A sentence for each row outside its limits."""
        return [f"{row.requirement} {told(row)}" for row in self.rows if not row.passed]


def told(row: Row) -> str:
    """ "mean rate error, BD 50 at 1 mL/h: 0.31 % of -1 .. 1"."""
    value = "no number" if row.value is None else f"{row.value:.4g}"
    if row.lo is None:
        limits = f"at most {row.hi:g}"
    elif row.hi is None:
        limits = f"at least {row.lo:g}"
    else:
        limits = f"{row.lo:g} .. {row.hi:g}"
    return f"{row.name}: {value} {row.unit}, {limits}"


def margin(row: Row) -> float | None:
    """How far a figure is from its nearer limit: 1 in the middle of two (or as far from one as that is large), 0 on a
    limit, below 0 outside, -inf for no number. None when there is nothing between: the limit is a value to be met, and
    is.

    With two limits it counts in halves of their distance, with one in that limit's size.
    """
    value, lo, hi = row.value, row.lo, row.hi
    if value is None:
        return -math.inf
    if lo is not None and hi is not None:
        if lo == hi:
            return None if value == lo else -1.0
        return 2 * min(value - lo, hi - value) / (hi - lo)
    limit = hi if hi is not None else lo
    if limit is None:
        return None
    left = limit - value if hi is not None else value - limit
    if limit == 0:
        return None if left == 0 else 1.0 if left > 0 else -1.0
    return min(1.0, left / abs(limit))


def worst(rows: Sequence[Row]) -> Row | None:
    """The figure nearest to its limit, or farthest outside; one that must be met and is comes last."""

    def nearness(row: Row) -> float:
        near = margin(row)
        return math.inf if near is None else near

    return min(rows, key=nearness, default=None)
