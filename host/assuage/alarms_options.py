"""What `assuage alarms` can be asked for, and the help that teaches it."""

from __future__ import annotations

import argparse

from assuage import daemon_page

DESCRIPTION = """\
Shows the alarms that stand on the board, as its daemon has heard of them: the number of the
occurrence, priority, for how long, how it is, condition, and what to do. The board itself
raises, latches and sounds them; this is a copy, and none when there is no link to the board.

Acknowledging names an occurrence, silences that one alone, and is refused once it is over.
Silencing pauses whatever sounds for two minutes. Neither touches the pump's light.
"""

EPILOG = """\
examples:
  assuage alarms                              of the demo
  assuage alarms --from ward.toml --json      of the daemon with this configuration
  assuage alarms --at http://192.0.2.7:8080   of a daemon elsewhere
  assuage alarms --acknowledge 17             somebody has seen to occurrence 17
  assuage alarms --silence                    no sound for two minutes
  assuage alarms --history --last 50          what became of alarms, from the boards' journals
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand's options."""
    parser = commands.add_parser(
        "alarms",
        help="which alarms stand, and what became of others; acknowledge and silence",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    daemon_page.add_options(parser, "; for --history also its store (.sqlite)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--acknowledge", type=_occurrence, metavar="N", help="acknowledge this occurrence")
    what.add_argument("--silence", action="store_true", help="pause the sound for two minutes")
    what.add_argument("--history", action="store_true", help="raised, ended, acknowledged, silenced: from the journal")
    parser.add_argument("--last", type=int, default=20, metavar="N", help="of the history, the last N (default 20)")
    parser.add_argument("--json", action="store_true", help="for programs")


def _occurrence(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 1 << 30:
        raise argparse.ArgumentTypeError(f"{text!r} is no occurrence: give the number that `assuage alarms` shows")
    return int(text)
