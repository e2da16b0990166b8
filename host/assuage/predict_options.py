"""What `assuage predict` can be asked for, and the help that teaches it."""

from __future__ import annotations

import argparse
from pathlib import Path

DESCRIPTION = """\
Predicts the concentration of ketamine in plasma for a programme of doses: by every published
model that fits the patient and the substance, as a band, because the models disagree and no
one of them is true. Each model keeps to the people in whom it was found. Says when people may
wake, where a source gives the concentration. Not a medical device: for research and the bench.

A dose is "AMOUNT [at TIME]", an infusion "RATE for TIME [at TIME]"; amounts and rates may be
per kg (mg, mcg, mg/kg; mg/h, mcg/min, mg/kg/h, mcg/kg/min). Times count from the first of it;
an infusion without "at" begins where the one before it ends. Every number has its unit.
"""

EPILOG = """\
examples:
  assuage predict --weight "70 kg" --age "45 years" \\
                  --bolus "0.3 mg/kg" --infusion "0.1 mg/kg/h for 8 h"
  assuage predict --weight "70 kg" --age "45 years" \\
                  --infusion "0.5 mg/kg/h for 40 min" --infusion "7 mg/h for 4 h"
  assuage predict --weight "70 kg" --age "45 years" \\
                  --infusion "14 mg/h for 6 h" --stop-at "2 h" --html stop.html
  assuage predict --weight "70 kg" --age "45 years" \\
                  --drug esketamine --nasal "28 mg" --until "4 h" --threshold "20 ng/mL"
  assuage predict --weight "70 kg" --age "45 years" \\
                  --target "150 ng/mL" --by domino --max-rate "60 mg/h" --max-loading "5 mg/min"
  assuage predict --weight "25 kg" --age "8 years" --bolus "1 mg/kg" --site effect --json
  assuage predict --models          the models, with their people, sources and doubts
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand's options."""
    parser = commands.add_parser(
        "predict",
        help="what concentrations a programme comes to, by all models that fit",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--models", action="store_true", help="list the models, and what was seen at which concentration"
    )
    parser.add_argument("--weight", metavar="W", help='of the patient, such as "70 kg"')
    parser.add_argument("--age", metavar="A", help='of the patient, such as "45 years" or "18 months"')
    parser.add_argument(
        "--drug",
        choices=("ketamine", "esketamine"),
        default="ketamine",
        help="racemic ketamine, or S-ketamine (default: %(default)s)",
    )
    for option, what in (
        ("--bolus", "a dose into the vein at once"),
        ("--infusion", "a constant rate into the vein"),
        ("--nasal", "an intranasal dose"),
        ("--intramuscular", "an intramuscular dose"),
    ):
        parser.add_argument(option, action="append", default=[], metavar="X", help=f"{what}; may be repeated")
    target = parser.add_argument_group("a target instead of doses: what a target-controlled infusion would ask for")
    target.add_argument("--target", metavar="C", help='concentration to reach and to hold, such as "150 ng/mL"')
    target.add_argument("--by", metavar="MODEL", help="the model that it goes by; --models lists them")
    target.add_argument("--max-rate", metavar="R", help='the limit while it is held, such as "60 mg/h"')
    target.add_argument("--max-loading", metavar="R", help='the limit until it is reached, such as "5 mg/min"')
    target.add_argument("--max-total", metavar="D", help='the limit of all of it, such as "200 mg"; may be left out')
    parser.add_argument("--until", metavar="T", help="how long to look ahead (default: 2 h after the last dose)")
    parser.add_argument("--every", metavar="T", help="steps of the table (default: a twelfth of it)")
    parser.add_argument(
        "--site",
        choices=("plasma", "effect"),
        default="plasma",
        help="effect: only by models whose ke0 has a source (default: %(default)s)",
    )
    parser.add_argument("--threshold", metavar="C", help='when it falls below this for good, such as "100 ng/mL"')
    parser.add_argument("--stop-at", metavar="T", help="what if everything were stopped then, beside the plan")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write the picture")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with picture, table and sources")
    parser.add_argument("--json", action="store_true", help="one JSON object")
