"""The page of a daemon, as a command asks it: where it is, and what it answers. What that takes is imported by whoever
does ask, for every --help adds the options."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from assuage.errors import AssuageError, LinkDown, Reason

if TYPE_CHECKING:
    import urllib.error

PATIENCE_S: Final = 15.0


def add_options(parser: argparse.ArgumentParser, more: str = "") -> None:
    """--at and --from, one of which may name the daemon. more: what else --from is good for."""
    parser.add_argument("--at", type=_url, metavar="URL", help="the daemon's page; default: the demo's")
    what = f"the daemon's configuration (.toml){more}"
    parser.add_argument("--from", dest="source", type=Path, metavar="FILE", help=what)


def find(arguments: argparse.Namespace, demo: Path) -> str:
    """Where the daemon listens: as was said, as its configuration says, or as the demo's lock does. Raises LinkDown."""
    import json

    from assuage import config

    if arguments.at:
        return str(arguments.at)
    if arguments.source is not None:
        monitor = config.load(arguments.source).monitor
        return f"http://{monitor.host}:{monitor.port}"
    try:
        address = json.loads((demo / "lock").read_text(encoding="utf-8"))["address"]
    except (OSError, ValueError, KeyError):
        address = ""
    if not address:
        raise LinkDown("No demo is running; name the daemon with --from FILE.toml or --at URL.")
    return str(address)


def ask(page: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the daemon answers. Raises LinkDown when nobody does, an AssuageError with the daemon's sentence if it
    refuses."""
    import json
    import urllib.error
    import urllib.request

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
        sentence = f"No daemon answers at {page}; is it running? Another is named with --from FILE.toml or --at URL."
        raise LinkDown(sentence) from None
    if not isinstance(told, dict):
        raise LinkDown(f"What answers at {page} is no daemon of Assuage.")
    return told


def _sentence(error: urllib.error.HTTPError) -> str:
    import json

    try:
        return str(json.load(error)["error"])
    except (OSError, ValueError, KeyError, TypeError):
        return f"The daemon refused it with HTTP status {error.code}."


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise argparse.ArgumentTypeError(f"{text!r} is no address of a page: give http://HOST:PORT")
    return f"{parts.scheme}://{parts.netloc}"
