"""Tables as CSV, one header line with units, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from assuage_rig.recorder import Sample


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Any table. A text that a spreadsheet would take for a formula gets an apostrophe, as they all understand it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return out.getvalue()


def samples(rows: Sequence[Sample]) -> str:
    """Rows of the plant; nothing when there are none."""
    if not rows:
        return ""
    head = ("time (s)", "commanded (nL)", "shaft (nL)", "patient (nL)", "pressure (Pa)", "force (N)")
    formats = ("{:.6f}", "{:.3f}", "{:.3f}", "{:.3f}", "{:.2f}", "{:.5f}")
    return table(head, ([form.format(value) for form, value in zip(formats, row, strict=True)] for row in rows))


def words(rows: Iterable[tuple[int, int, int]]) -> str:
    """Words pushed to the step drive; a count of 0 is a pause. Nothing when there are none."""
    rows = list(rows)
    return table(("pushed at (us)", "steps", "us between them"), rows) if rows else ""


def _plain(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "@", "\t", "\r") else cell
