"""A host's commands under way: ids, repeats with the same id, and giving up. Sans I/O; the time is handed in."""

from __future__ import annotations

from typing import Any

from assuage_wire.session import KEPT


class Requests:
    """Commands by id. repeat_s: before an unanswered one is sent again. give_up_s: after which it is lost."""

    def __init__(self, repeat_s: float = 0.05, give_up_s: float = 1.0, limit: int = KEPT - 2) -> None:
        self._repeat = repeat_s
        self._give_up = give_up_s
        self._limit = limit
        self._last = 0
        self._open: dict[int, list[Any]] = {}  # command id -> [what, first sent, due]

    def reset(self) -> list[Any]:
        """A new session: ids begin again. Returns what was open, each now without an answer."""
        lost = [entry[0] for entry in self._open.values()]
        self._open = {}
        self._last = 0
        return lost

    @property
    def spent(self) -> bool:
        """True when the ids of this session are used up and a new session must be opened."""
        return self._last >= 65535

    @property
    def left(self) -> int:
        """How many ids this session still has."""
        return 65535 - self._last

    @property
    def full(self) -> bool:
        """True when as many commands are open as a board remembers; wait for an answer."""
        return len(self._open) >= self._limit

    def begin(self, what: Any, now: float, repeats: bool = True) -> int:
        """Takes the next id for `what`, to be sent now and, unless not repeats, again. RuntimeError: spent or full."""
        if self.spent or self.full:
            raise RuntimeError("too many commands under way")
        self._last += 1
        self._open[self._last] = [what, now, now + (self._repeat if repeats else self._give_up)]
        return self._last

    def answered(self, command: int) -> Any:
        """Returns what was asked with this id, or None for a repeated or unknown answer."""
        entry = self._open.pop(command, None)
        return None if entry is None else entry[0]

    def due(self, now: float) -> tuple[list[tuple[int, Any]], list[tuple[int, Any]]]:
        """(to send again, given up): lists of (id, what). What is given up is forgotten."""
        again, lost = [], []
        for command, entry in list(self._open.items()):
            if now - entry[1] >= self._give_up:
                del self._open[command]
                lost.append((command, entry[0]))
            elif now >= entry[2]:
                entry[2] = now + self._repeat
                again.append((command, entry[0]))
        return again, lost

    def next_due(self) -> float | None:
        """Time at which `due` has something to say, or None."""
        return min((min(e[2], e[1] + self._give_up) for e in self._open.values()), default=None)
