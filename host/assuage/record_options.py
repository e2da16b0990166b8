"""What `assuage record` can be asked for, and the help that teaches it."""

from __future__ import annotations

import argparse
from pathlib import Path

RAW = argparse.RawDescriptionHelpFormatter

DESCRIPTION = """\
The clinical record of a bed: orders and what the board read back, who confirmed them, starts
with their outcome, rates, alarms, the interlock, assessments, doses by pump and by hand, and the
boards' own journals. Entries are only ever added; each holds the hash of the one before it.

The daemon keeps the record in STORE.record.sqlite beside its store, and after each commit notes
its head in STORE.record.heads. Copy both together. Nothing in it is ever pruned.
"""

EPILOG = """\
examples:
  assuage record show --last 30                                what happened last
  assuage record show --from ward.toml --kind given --kind assessment
  assuage record verify --from ward.toml                       is it as it was written; if not, where
  assuage record verify --head 3f2a81c09b77                    and does it hold the head of that report
  assuage record export --format html --out shift.html         the report of the last 12 hours
  assuage record export --since "2026-05-04 07:00" --until "2026-05-04 19:00" --format html
  assuage record export --format csv --out record.csv          all of it, for a spreadsheet
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand with its verbs."""
    parser = commands.add_parser(
        "record",
        help="the clinical record: show it, verify it, export it or a shift's report",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=RAW,
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    show = verbs.add_parser("show", help="what happened, in order of time", formatter_class=RAW)
    _source(show)
    _times(show)
    show.add_argument("--kind", action="append", metavar="KIND", help="only these, e.g. given; may be repeated")
    show.add_argument("--all", action="store_true", help="also the numbers of each minute and every intent")
    show.add_argument("--last", type=int, metavar="N", help="only the last N of these")
    show.add_argument("--json", action="store_true", help="entries as they stand, one JSON object a line")

    verify = verbs.add_parser(
        "verify",
        help="is the record as it was written; if not, where",
        description="Exit status: 0 nothing has been found against it, 1 something has, and where is said.",
        formatter_class=RAW,
    )
    _source(verify)
    verify.add_argument(
        "--head", action="append", default=[], type=_hash, metavar="HASH",
        help="a head that was noted elsewhere (a report, the broker); the first 12 digits are enough",
    )  # fmt: skip
    verify.add_argument("--json", action="store_true", help="for programs")

    export = verbs.add_parser("export", help="for a spreadsheet, a program, or as the report of a shift")
    _source(export)
    _times(export)
    export.add_argument("--format", choices=("csv", "json", "html"), default="csv", help="html: the report of a shift")
    export.add_argument(
        "--hours", type=float, metavar="H", help="of a report, after --since or before --until; default 12, until now"
    )
    export.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")


def _source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="source", type=Path, metavar="FILE",
        help="the record or store (.sqlite), or the configuration (.toml) of its daemon; default: the demo's",
    )  # fmt: skip


def _times(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", type=_time, metavar="TIME", help='from then on, e.g. "2026-05-04 07:00", local time')
    parser.add_argument("--until", type=_time, metavar="TIME", help="before then")


def _time(text: str) -> int:
    from datetime import datetime

    try:
        return round(datetime.fromisoformat(text).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError(f'{text!r} is no time: give one like "2026-05-04 07:00"') from None


def _hash(text: str) -> str:
    if not 12 <= len(text) <= 64 or not all(digit in "0123456789abcdef" for digit in text.lower()):
        raise argparse.ArgumentTypeError(f"{text!r} is no head: give 12 to 64 of its hexadecimal digits")
    return text.lower()
