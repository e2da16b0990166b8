"""What `assuage library` can be asked for, and the help that teaches it."""

from __future__ import annotations

import argparse
from pathlib import Path

AREAS = ("acute", "chronic", "procedural", "emergency", "anaesthesia", "paediatric")

DESCRIPTION = """\
The drug library is what orders are checked by: per drug, care area and route the strengths,
modes and limits, what to look at and how often, what to ask for. A soft limit wants a reason
and a name, a hard one refuses. Every number has its source; "unverified" means that nobody has
read it there, "an example" that it is to be set by the hospital. Nothing in it is advice.

It is a folder of TOML files, or one file. A hospital copies the one that comes with the
program, edits it, checks it, reads what the change means, and names it in the configuration:

  [pharmacy]
  library = "/etc/assuage/library"

A library has a hash of its content; it travels with each programme into the record.
"""

EPILOG = """\
examples:
  assuage library show                                   all of it
  assuage library show ketamine --area acute             one drug in one care area
  assuage library show --json | jq '.limits[] | select(.verified | not)'
  assuage library check /etc/assuage/library             every mistake, with file, table and key
  assuage library diff /etc/assuage/library new/         what a new one changes at the bedside

A limit is a row of a route's list, its unit says whether it is per weight or for the whole
patient:
  [drug.ketamine.areas.acute.routes.iv]
  modes = ["continuous", "bolus"]
  syringes = [{ concentration = "2 mg/mL", source = "ours", verified = true }]
  limits = [
      { what = "rate", bound = "soft-high", value = "0.4 mg/kg/h", source = "ours", verified = true },
  ]
what:   dose, rate, demand, basal, lockout, over, hour, four-hours, day
bound:  soft-low, soft-high, hard-high. The soft ones of a dose or a rate must be less than ten
        times apart: so a decimal point in the wrong place never looks usual, up or down.
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand's options."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = commands.add_parser(
        "library",
        help="the drug library: check it, show it, compare two",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=raw,
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    check = verbs.add_parser("check", help="say what is wrong with a library, all mistakes at once")
    check.add_argument("paths", type=Path, nargs="*", metavar="PATH", help="folders or files; none: the program's own")
    show = verbs.add_parser("show", help="what is in it, with sources")
    show.add_argument("drug", nargs="?", metavar="DRUG", help="only this one, such as ketamine")
    show.add_argument("--area", choices=AREAS, help="only this care area")
    show.add_argument("--from", dest="source", type=Path, metavar="PATH", help="folder or file; default: our own")
    show.add_argument("--json", action="store_true", help="the limits, for programs")
    diff = verbs.add_parser("diff", help="what a new library changes at the bedside")
    diff.add_argument("old", type=Path, metavar="OLD")
    diff.add_argument("new", type=Path, metavar="NEW")
    diff.add_argument("--json", action="store_true", help="for programs")
