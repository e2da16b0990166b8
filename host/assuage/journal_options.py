"""What `assuage journal` can be asked for, and the help that teaches it."""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path

from assuage_wire import schema

DESCRIPTION = """\
Shows the journal that a board keeps in its flash: what it was told to give, what it gave and
may have given, every state, reason, alarm, start and fault, in the order in which they were
written. The daemon fetches new records while the board is connected and keeps each once; so
this works without the board, and while the daemon runs.

Each line: when (this host's time; "start 12, 34.567 s" where the board has started anew before
the record was fetched), the record's number, its kind, and what happened. Numbers that are
missing were never finished on the board, or were erased before any host had fetched them. The
epoch rises when a board comes with another journal: its flash was wiped or replaced.

""" + textwrap.fill("Kinds: " + ", ".join(schema.RECORDS[1:]) + ".", 95)

EPILOG = """\
examples:
  assuage journal                                        the demo's boards
  assuage journal --from ward.toml --last 20             of the daemon with this configuration
  assuage journal --from /var/lib/assuage/store.sqlite   of this store
  assuage journal --kind delivered --kind cleared        what programmes have given in all
  assuage journal --programme 7 --csv > programme7.csv   one programme, for a spreadsheet
  assuage journal --json | jq 'select(.kind == "fault")'
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand's options."""
    parser = commands.add_parser(
        "journal",
        help="what a board has written into its flash",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="FILE",
        help="the store (.sqlite), or the configuration (.toml) of the daemon that has it; default: the demo's",
    )
    parser.add_argument("--board", metavar="ID", help="only this board; the beginning of its id is enough")
    parser.add_argument(
        "--kind", action="append", choices=schema.RECORDS[1:], metavar="KIND", help="only these; may be repeated"
    )
    parser.add_argument("--programme", type=int, metavar="N", help="only what is about this programme")
    parser.add_argument("--last", type=int, metavar="N", help="only the last N of these")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object a line")
    form.add_argument("--csv", action="store_true", help="a table for a spreadsheet")
