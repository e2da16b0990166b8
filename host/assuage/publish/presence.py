"""The two retained messages: `status`, how things are now, and `birth`, who the board is and what its topics mean.

A broker that keeps retained messages on disk does not keep last wills there. When broker and daemon die together and
only the broker comes back, it hands out "online" although nobody is there to say otherwise. So an online status says
itself until when it may be believed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from assuage.bedside.snapshot import iso
from assuage.config import Site
from assuage.publish.topics import BY_NAME, ENVELOPE, described, fields

LOST = "The daemon ended or lost its connection without saying goodbye."
GOODBYE = "The daemon was ended."


def online(since: str, link: Mapping[str, Any], store: str, dropped: int, fault: str) -> dict[str, Any]:
    """status while the daemon is connected. link: {"link", "link_since", "sentence", "library", "record"}."""
    return {
        "t": iso(time.time()),
        "ttl_s": BY_NAME["status"].ttl_s,
        "state": "online",
        "since": since,
        "why": fault or link["sentence"],
        "link": link["link"],
        "link_since": link["link_since"],
        "store": store,
        "dropped": dropped,
        "library": link.get("library"),
        "record": link.get("record"),
    }


def offline(why: str, since: str | None, store: str, dropped: int | None) -> dict[str, Any]:
    """status when the daemon has gone; since and dropped are None in the last will, which cannot know. It holds until
    the daemon is back."""
    return {
        "t": since,
        "ttl_s": None,
        "state": "offline",
        "since": since,
        "why": why,
        "link": "lost",
        "link_since": since,
        "store": store,
        "dropped": dropped,
        "library": None,
        "record": None,
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
