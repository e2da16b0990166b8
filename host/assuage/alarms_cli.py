"""`assuage alarms`: what stands, as the daemon has it; what became of alarms, as the boards' journals have it; and what
a person does about them, by the daemon's own interface, as the page does it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from assuage import config, journal_cli
from assuage.bedside import journal_words as words
from assuage.daemon_page import ask, find
from assuage.errors import LinkDown
from assuage.store.board_journal import read

KINDS: Final = ("raised", "ended", "acknowledged", "silenced")


def run(arguments: argparse.Namespace, demo: Path) -> None:
    """Prints, or acts. demo: the demo's state directory. Raises an AssuageError with a sentence."""
    if arguments.history:
        _history(arguments, demo)
        return
    page = find(arguments, demo)
    if arguments.acknowledge is not None:
        ask(page, "/api/alarm/acknowledge", {"occurrence": arguments.acknowledge})
    elif arguments.silence:
        ask(page, "/api/alarm/silence", {})
    else:
        _show(ask(page, "/api/snapshot").get("alarms"), arguments.json)


def _show(told: Mapping[str, Any] | None, as_json: bool) -> None:
    if told is None:
        raise LinkDown("Nobody knows which alarms stand: there is no live link to the board; look at the pump itself.")
    if as_json:
        print(json.dumps(told))
        return
    for each in told["list"]:
        seen = "acknowledged" if each["acknowledged"] else "its cause is gone" if each["gone"] else "stands"
        print(
            f"{each['occurrence']:10}  {each['priority']:6}  {_since(each['since_s']):>9}  {seen:17}  "
            f"{each['alarm']:20}  {each['sentence']}"
        )
    if told["pause_s"]:
        print(f"The sound is paused for another {told['pause_s']} s.")
    elif not told["list"]:
        print("No alarm stands.")


def _since(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _history(arguments: argparse.Namespace, demo: Path) -> None:
    source = arguments.source or demo / "store.sqlite"
    entries = read(config.load(source).store.path if source.suffix == ".toml" else source)
    chosen = [e for e in entries if words.kind(e) in KINDS]
    journal_cli.show(chosen[max(0, len(chosen) - arguments.last) :], arguments.json)
