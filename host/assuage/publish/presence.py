"""The two retained messages: `status`, how things are now, and `birth`, who the board is and what its topics mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assuage.config import Site
from assuage.publish.topics import ENVELOPE, described, fields

LOST = "The daemon ended or lost its connection without saying goodbye."
GOODBYE = "The daemon was ended."


def online(since: str, link: Mapping[str, Any], store: str, dropped: int, fault: str) -> dict[str, Any]:
    """status while the daemon is connected. link: {"link", "link_since", "sentence"}."""
    return {
        "state": "online",
        "since": since,
        "why": fault or link["sentence"],
        "link": link["link"],
        "link_since": link["link_since"],
        "store": store,
        "dropped": dropped,
    }


def offline(why: str, since: str | None, online_since: str, store: str) -> dict[str, Any]:
    """status when the daemon has gone; with since None it is the last will, which cannot know when."""
    return {
        "state": "offline",
        "since": since,
        "why": why,
        "link": "lost",
        "link_since": since,
        "online_since": online_since,
        "store": store,
    }


def birth(board: Mapping[str, Any] | None, site: Site, version: str) -> dict[str, Any]:
    """birth; board as in the bed's snapshot."""
    return {
        "board": board,
        "site": {"site": site.name, "bed": site.bed, "device": site.device},
        "daemon": {"version": version},
        "envelope": fields(ENVELOPE),
        "topics": described(),
    }
