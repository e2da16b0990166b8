"""`assuage journal`: what boards have written into their flash, as a person, a program or a spreadsheet reads it."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from datetime import datetime
from pathlib import Path

from assuage import config
from assuage.bedside import journal_words as words
from assuage.errors import Reason
from assuage.store.board_journal import Entry, read
from assuage.store.trouble import StoreError

COLUMNS = ("board", "epoch", "number", "kind", "at", "boot", "ms", "programme", "what", *"abcxyz", "fetched")


def run(arguments: argparse.Namespace, demo: Path) -> None:
    """Prints. demo: the demo's store. Raises StoreError, or ConfigError for a configuration that is none."""
    source = arguments.source or demo
    entries = read(config.load(source).store.path if source.suffix == ".toml" else source)
    chosen = [e for e in entries if _wanted(e, arguments)]
    if arguments.last is not None:
        chosen = chosen[max(0, len(chosen) - arguments.last) :]
    if arguments.csv:
        writer = csv.DictWriter(sys.stdout, COLUMNS)
        writer.writeheader()
        writer.writerows(row(entry) for entry in chosen)
    elif chosen or arguments.json:
        show(chosen, arguments.json)
    elif entries:
        raise StoreError(Reason.PART_FAILED, f"None of the {len(entries)} records is like that.")
    else:
        raise StoreError(Reason.PART_FAILED, f"No board's journal is in {source} yet; connect a board to its daemon.")


def show(entries: list[Entry], as_json: bool) -> None:
    """Prints records for a person, or as one JSON object a line."""
    if as_json:
        for entry in entries:
            print(json.dumps(row(entry)))
    else:
        _print(entries)


def row(e: Entry) -> dict[str, object]:
    """A record as plain data; at and fetched in Unix time, s, ms since that start of the board."""
    ms = e.wraps << 30 | e.ticks
    named = {"kind": words.kind(e), "at": e.at, "boot": e.boot, "ms": ms, "programme": words.programme(e)}
    numbers = {"a": e.a, "b": e.b, "c": e.c, "x": e.x, "y": e.y, "z": e.z}
    return {
        "board": e.board, "epoch": e.epoch, "number": e.number, **named, "what": words.sentence(e), **numbers,
        "fetched": e.fetched,
    }  # fmt: skip


def _wanted(e: Entry, arguments: argparse.Namespace) -> bool:
    return (
        (arguments.board is None or e.board.startswith(arguments.board.lower()))
        and (arguments.kind is None or words.kind(e) in arguments.kind)
        and (arguments.programme is None or words.programme(e) == arguments.programme)
    )


def _print(entries: list[Entry]) -> None:
    of: tuple[str, int] | None = None
    for e in entries:
        if (e.board, e.epoch) != of:
            of = (e.board, e.epoch)
            print(f"board {e.board}" + (f", epoch {e.epoch}" if e.epoch > 1 else ""))
        ms = e.wraps << 30 | e.ticks
        when = f"start {e.boot}, {ms / 1000:.3f} s" if e.at is None else _local(e.at)
        print(f"  {when:23}  {e.number:7}  {words.kind(e):12}  {words.sentence(e)}")


def _local(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().isoformat(sep=" ", timespec="milliseconds")[:23]
