"""The shipped firmware's whole way of an order, from a frame to its read-back, run in this process: for a million of
them. That it does the same on MicroPython, tests/pure proves, whose pump stands here too.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from assuage_wire.codec import BY_NAME
from assuage_wire.schema import STATUSES

PLAIN = str(Path(__file__).resolve().parents[1] / "pure")
AFRESH = 20_000  # commands; a session's ids are used up after 65 535
STEPS = 3200  # microsteps of a turn of that pump
MOST = {"rate-limit", "volume-limit", "time-limit", "step-rate", "syringe", "window-limit", "leg", "bad-value"}
"""What a board may say to an order that the wire can carry: that it is too much for this pump."""


def _ordered() -> Any:
    if PLAIN not in sys.path:
        sys.path.append(PLAIN)
    import order_fakes  # found only there

    made = order_fakes.Ordered("standby")
    made.line.takes = sys.maxsize  # bytes that its line still carries
    return made


class OwnBoard:
    """A pump in standby, asked again and again."""

    def __init__(self) -> None:
        self._board = _ordered()

    def reads_back(self, programme: dict[str, int], legs: list[dict[str, int]]) -> bool:
        """Whether it took the offer; asserts that all it read back is what was sent, and that its steps are right."""
        if self._board.command > AFRESH:
            self._board = _ordered()
        back = self._said("Programme", programme)
        if back is None:
            return False
        for leg in legs:
            leg_back = self._said("Leg", leg)
            if leg_back is None:
                return False
            assert leg_back["missing"] == len(legs) - leg["leg"] - 1
            back = {**back, "token": leg_back["token"]}
        assert back["token"], "it is taken, and may be confirmed"
        off = back["steps"] * back["nl_per_rev"] - programme["vtbi"] * STEPS
        assert abs(off) <= back["nl_per_rev"], "within one microstep"
        return True

    def _said(self, name: str, fields: dict[str, int]) -> dict[str, int] | None:
        message = BY_NAME[name]
        sent = [fields[field[0]] for field in message.fields[2:]]
        ((answer, values),) = self._board.send(message, [77, self._board.command, *sent])
        self._board.command += 1
        if answer == "Reply":
            status = STATUSES[values[2]]
            assert status in MOST, (status, values, fields)
            return None
        assert answer == {"Programme": "Readback", "Leg": "LegBack"}[name]
        names = [field[0] for field in BY_NAME[answer].fields]
        back = dict(zip(names, values, strict=True))
        assert [back[field[0]] for field in message.fields[2:]] == sent, (fields, back)
        return back
