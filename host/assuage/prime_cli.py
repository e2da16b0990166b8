"""`assuage prime`: fills the line of a pump, through the daemon that has it, after a human has said that it is not
connected to the patient. There is no option that says so in advance."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Final

from assuage import daemon_page
from assuage.errors import AssuageError, Reason

DESCRIPTION: Final = """\
Fills the line of a pump that stands and has no programme, before it is connected. The board
reads back what it will do; then you are asked whether the line is disconnected from the
patient, and only the word "disconnected" goes on. Nothing of it counts as delivered.
Ctrl-C stops the pump.
"""
EPILOG: Final = """\
examples:
  assuage prime --syringe "BD 50 mL" --ml 2 --rate 300
  assuage prime --syringe "BD 50 mL" --ml 2 --rate 300 --from ward.toml
"""
QUESTION: Final = 'Look at the line. Is it disconnected from the patient? Type "disconnected" to fill it: '
LOOK_S: Final = 0.3


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    raw = argparse.RawDescriptionHelpFormatter
    what = "fill a line that is not connected to the patient"
    parser = commands.add_parser("prime", help=what, description=DESCRIPTION, epilog=EPILOG, formatter_class=raw)
    parser.add_argument("--syringe", required=True, metavar="NAME", help='make and size, such as "BD 50 mL"')
    parser.add_argument("--ml", required=True, metavar="ML", help="volume in mL")
    parser.add_argument("--rate", required=True, metavar="ML_H", help="flow in mL/h")
    daemon_page.add_options(parser)


def run(arguments: argparse.Namespace, demo: Path) -> None:
    """Offers, asks, fills, and tells how far it is. demo: the demo's state directory. Raises AssuageError."""
    page = daemon_page.find(arguments, demo)
    order = {"syringe": arguments.syringe, "ml": arguments.ml, "rate_ml_h": arguments.rate}
    back = daemon_page.ask(page, "/api/pump/prime", order)["readback"]
    print(
        f"The board will push {back['volume_ml']:g} mL at {back['rate_ml_h']:g} mL/h from {back['syringe']} "
        f"(bore {back['bore_mm']:.2f} mm), which takes {back['seconds']} s."
    )
    try:
        said = input(QUESTION).strip().lower()
    except EOFError:
        said = ""
    if said != "disconnected":
        raise AssuageError(Reason.STOPPED, "Nothing was moved.")
    try:
        said_so = {"programme": back["programme"], "token": back["token"], "disconnected": True}
        daemon_page.ask(page, "/api/pump/purge", said_so)
        told = _follow(page)
    except KeyboardInterrupt:
        daemon_page.ask(page, "/api/pump/stop", {})
        raise AssuageError(Reason.STOPPED, "The pump was stopped.") from None
    print(f"\nThe line holds {told:.2f} mL more; none of it counts as delivered.")


def _follow(page: str) -> float:
    """Until the pump stands; mL that were pushed."""
    told = 0.0
    while True:
        pump = daemon_page.ask(page, "/api/snapshot")["pump"]
        if pump["state"] == "priming":
            told = pump["filling"]["ml"]
            print(f"\r{told:.2f} mL", end="", flush=True)
        elif pump["state"] != "unknown":
            return told
        time.sleep(LOOK_S)
