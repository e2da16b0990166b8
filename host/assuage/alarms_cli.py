"""`assuage alarms`: what stands, as the daemon has it; what became of alarms, as the boards' journals have it; and what
a person does about them, by the daemon's own interface, as the page does it."""

from __future__ import annotations

import argparse
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from assuage import config, journal_cli
from assuage.bedside import journal_words as words
from assuage.errors import AssuageError, LinkDown, Reason
from assuage.store.board_journal import read

KINDS: Final = ("raised", "ended", "acknowledged", "silenced")
PATIENCE_S: Final = 15.0


def run(arguments: argparse.Namespace, demo: Path) -> None:
    """Prints, or acts. demo: the demo's state directory. Raises an AssuageError with a sentence."""
    if arguments.history:
        _history(arguments, demo)
        return
    page = arguments.at or _page(arguments.source, demo)
    if arguments.acknowledge is not None:
        _ask(page, "/api/alarm/acknowledge", {"occurrence": arguments.acknowledge})
    elif arguments.silence:
        _ask(page, "/api/alarm/silence", {})
    else:
        _show(_ask(page, "/api/snapshot").get("alarms"), arguments.json)


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


def _page(source: Path | None, demo: Path) -> str:
    """Where the daemon listens: as the configuration says, or the demo's lock."""
    if source is not None:
        monitor = config.load(source).monitor
        return f"http://{monitor.host}:{monitor.port}"
    try:
        address = json.loads((demo / "lock").read_text(encoding="utf-8"))["address"]
    except (OSError, ValueError, KeyError):
        address = ""
    if not address:
        raise LinkDown("No demo is running; name the daemon with --from FILE.toml or --at URL.")
    return str(address)


def _ask(page: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the daemon answers. Raises LinkDown when nobody does, an AssuageError with the daemon's sentence if it
    refuses."""
    page = page.rstrip("/")
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Origin": page}
    request = urllib.request.Request(page + path, data, headers)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            told = json.load(answer)
    except urllib.error.HTTPError as error:
        raise AssuageError(Reason.REFUSED, _sentence(error)) from None
    except (OSError, ValueError):
        raise LinkDown(f"No daemon answers at {page}; is it running, and is that its page?") from None
    if not isinstance(told, dict):
        raise LinkDown(f"What answers at {page} is no daemon of Assuage.")
    return told


def _sentence(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["error"])
    except (OSError, ValueError, KeyError, TypeError):
        return f"The daemon refused it with HTTP status {error.code}."
