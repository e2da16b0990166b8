"""The host's copy of a board's alarms: the board raises, latches, shows and sounds them itself.

The board tells each change at once and all that are shown every two seconds. One that is shown here and has not been
told for FORGOTTEN_S is over, and the message that said so was lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assuage.bedside import sentences
from assuage.bedside.sentences import code
from assuage.link.messages import Alarm
from assuage_wire import schema

FORGOTTEN_S: Final = 5.0

_SHOWN: Final = schema.ALARM_STATES.index("acknowledged")
_SOUNDS: Final = schema.ALARM_STATES.index("active")
_GONE: Final = ("fading", "latched", "leaving")


class BoardAlarms:
    """Alarms of one board, by condition. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._heard: dict[int, tuple[Alarm, float]] = {}
        self._seen: dict[int, tuple[int, str]] = {}  # occurrence, and what raised it
        self._pause: tuple[int, float] = (0, 0.0)

    def hear(self, message: Alarm, at: float, seen: str = "") -> None:
        """Takes what the board has said of one condition. seen: the value that raises it, and its limit."""
        if seen:
            self._seen[message.alarm] = (message.occurrence, seen)
        self._pause = (message.pause, at)
        if message.state >= _SHOWN:
            self._heard[message.alarm] = (message, at)
        else:
            self._heard.pop(message.alarm, None)

    def forget(self) -> None:
        """The board has started anew, or is another one."""
        self._heard.clear()
        self._seen.clear()
        self._pause = (0, 0.0)

    def standing(self, now: float) -> list[tuple[Alarm, float]]:
        """Those that stand, with the time when they were told last."""
        return [(m, at) for m, at in self._heard.values() if now - at <= FORGOTTEN_S]

    def pause_s(self, now: float) -> int:
        """So long the sound is still paused."""
        seconds, at = self._pause
        return max(0, round(seconds - (now - at))) if self.standing(now) else 0

    def seen(self, m: Alarm) -> str:
        """The value that raised it, and its limit; "" where that is not known."""
        occurrence, seen = self._seen.get(m.alarm, (0, ""))
        return seen if occurrence == m.occurrence else ""


def compose(boards: Mapping[str, BoardAlarms], now: float) -> dict[str, Any]:
    """{"pause_s", "list"} for screens: the most urgent first, of these what sounds, of these the newest.

    boards: by the part that each has at the bed. Of the list: alarm, priority, state, occurrence, board, since_s,
    acknowledged, gone (its cause), sentence.
    """
    told = [(m, at, board) for board, alarms in boards.items() for m, at in alarms.standing(now)]
    told.sort(key=lambda each: (-each[0].priority, each[0].state < _SOUNDS, -each[0].occurrence))
    return {
        "pause_s": max(alarms.pause_s(now) for alarms in boards.values()),
        "list": [_one(m, at, board, now, boards[board].seen(m)) for m, at, board in told],
    }


def _one(m: Alarm, at: float, board: str, now: float, seen: str) -> dict[str, Any]:
    name, state = code(schema.ALARMS, m.alarm), code(schema.ALARM_STATES, m.state)
    return {
        "alarm": name,
        "priority": code(schema.PRIORITIES, m.priority),
        "state": state,
        "occurrence": m.occurrence,
        "board": board,
        "since_s": m.seconds + max(0, int(now - at)),
        "acknowledged": m.state < _SOUNDS,
        "gone": state in _GONE,
        "sentence": sentences.alarm(name, seen),
    }
