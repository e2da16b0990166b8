"""The record for a spreadsheet or a program."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from typing import IO

from assuage.record.events import Entry
from assuage.record.reading import Line, local
from assuage.record.strikes import BY_HAND, Strike

COLUMNS = ("number", "time", "unix_ms", "kind", "by", "what", "late", "hash", "struck")


def as_csv(lines: Iterable[Line], out: IO[str]) -> None:
    """One row for each event, a board's journal among them. A cell that a spreadsheet would reckon is kept from it."""
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for line in lines:
        cells = (line.kind, line.by, line.sentence)
        kind, by, said = (f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell for cell in cells)
        late = "late" if line.late else ""
        struck = "" if line.strike is None else f"{line.strike.sentence} (entry {line.strike.number})"
        writer.writerow([line.number, local(line.when), line.when, kind, by, said, late, line.entry.hash, struck])


def as_json(entries: Iterable[Entry], struck: Mapping[int, Strike], out: IO[str]) -> None:
    """One JSON object a line: each entry as it stands, with its hash, and by what it was struck, where it was."""
    for e in entries:
        told = {"n": e.number, "at": e.at, "kind": e.kind, "v": e.version, "body": e.body, "hash": e.hash}
        if e.kind in BY_HAND and e.number in struck:
            told["struck"] = struck[e.number].body()
        out.write(json.dumps(told, ensure_ascii=False) + "\n")
