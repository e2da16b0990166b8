"""`assuage record`: the clinical record as a person or a program reads it, and whether it is untouched."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from assuage import config
from assuage.errors import AssuageError, Reason
from assuage.record import export, file, reading, verify
from assuage.record.events import Entry
from assuage.record.reading import Line, local
from assuage.record.shift import QUIET, shift
from assuage.record.strikes import strikes
from assuage.store.trouble import StoreError

HOUR_MS = 3_600_000
USUAL_H = 12  # of a shift
EVER = 1 << 62


class Altered(AssuageError):
    """The record is not as it was written."""


def run(arguments: argparse.Namespace, demo: Path) -> None:
    """Does what is asked for. demo: the demo's store. Raises StoreError, ConfigError or Altered."""
    source = arguments.source or demo
    path = file.beside(config.load(source).store.path if source.suffix == ".toml" else source)
    {"show": _show, "verify": _verify, "export": _export}[arguments.verb](arguments, path)


def _show(arguments: argparse.Namespace, path: Path) -> None:
    entries = reading.read(path)
    chosen = [line for line in reading.lines(entries) if _wanted(line, arguments)]
    if arguments.last is not None:
        chosen = chosen[max(0, len(chosen) - arguments.last) :]
    if not chosen:
        raise StoreError(Reason.PART_FAILED, f"None of the {len(entries)} entries is like that.")
    if arguments.json:
        shown = {line.number for line in chosen}
        export.as_json([e for e in entries if e.number in shown], strikes(entries), sys.stdout)
        return
    for line in chosen:
        by = f" ({line.by})" if line.by else ""
        late = " [late entry]" if line.late else ""
        struck = "" if line.strike is None else f"[{line.strike.sentence}] "
        print(f"{local(line.when)}  {line.number:6}  {line.kind:12}  {struck}{line.sentence}{by}{late}")


def _wanted(line: Line, arguments: argparse.Namespace) -> bool:
    if not _during(line.when, arguments):
        return False
    if arguments.kind:
        return line.kind in arguments.kind
    return arguments.all or line.kind not in QUIET


def _during(when: int, arguments: argparse.Namespace) -> bool:
    return (arguments.since or 0) <= when < (arguments.until or EVER)


def _verify(arguments: argparse.Namespace, path: Path) -> None:
    verdict = verify.verify(path, arguments.head)
    if arguments.json:
        found = [{"entry": finding.entry, "sentence": finding.sentence} for finding in verdict.findings]
        print(json.dumps({"good": verdict.good, "entries": verdict.entries, "head": verdict.head, "findings": found}))
    else:
        for finding in verdict.findings:
            print(finding.sentence)
    if not verdict.good:
        raise Altered(
            Reason.PART_FAILED,
            f"{path} is not as it was written; put it by unchanged, with its heads, and tell whoever answers for it.",
        )
    if not arguments.json:
        print(f"{path} is as it was written: {verdict.entries} entries.\nHead: {verdict.head}")


def _export(arguments: argparse.Namespace, path: Path) -> None:
    entries = reading.read(path)
    with _out(arguments.out) as out:
        if arguments.format == "html":
            out.write(_report(arguments, path, entries))
        elif arguments.format == "csv":
            export.as_csv([line for line in reading.lines(entries) if _during(line.when, arguments)], out)
        else:
            export.as_json([e for e in entries if _during(e.when, arguments)], strikes(entries), out)


def _report(arguments: argparse.Namespace, path: Path, entries: list[Entry]) -> str:
    from assuage.record import report  # jinja2 is loaded only when it is wanted

    now = time.time_ns() // 1_000_000
    since, until, hours = arguments.since, arguments.until, arguments.hours
    if since and until and hours is not None:
        raise StoreError(Reason.BAD_INPUT, "A shift has a beginning and an end, or one of them and --hours.")
    length = round((USUAL_H if hours is None else hours) * HOUR_MS)
    end = until or (since + length if since and hours is not None else now)
    start = since or end - length
    if start >= end:
        raise StoreError(Reason.BAD_INPUT, "The shift ends before it begins; give a --since before --until.")
    return report.html(shift(entries, start, end), verify.verify(path), now)


@contextmanager
def _out(path: Path | None) -> Iterator[IO[str]]:
    if path is None:
        yield sys.stdout
        return
    try:
        with path.open("w", encoding="utf-8", newline="") as out:
            yield out
    except OSError as error:
        raise StoreError(
            Reason.NO_PERMISSION, f"{path} cannot be written ({error.strerror}); give another file with --out."
        ) from None
