"""Between a pump and a board that watches its patient: passes on what the one asks and the other answers. Sans I/O.

The host is no party to the permission. It passes each ask and each permit at once or not at all, keeps none, repeats
none and makes none: so a host that is slow, restarts or is cut off can only let the permission end. How long it lasts
is counted by the pump's board alone, from its own ask.

    pump --Ask--> host --Ask--> guardian --Permit--> host --Permit--> pump

What a host could do that lies rather than fails: answer an ask itself, for it sees the numbers that a permit carries.
Against that only a key that the two boards share would help; they have none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assuage.link.messages import Ask, Permit

QUIET_S: Final = 1.5  # three asks; so long without one, or without its answer, is worth telling
NO_PUMP: Final = "The pump that this board's patient is guarded for cannot be reached; it stands by itself."
NO_GUARDIAN: Final = "The board that watches the patient cannot be reached, so the pump stands. Check its cable."
NO_ASK: Final = "The pump does not ask for permission; check that its programme is guarded by this board."
NO_ANSWER: Final = "The board that watches the patient does not answer, so the pump stands. Look at that board."


@dataclass(frozen=True, slots=True)
class Pair:
    """Who guards whom. pump, guardian: unique ids of the boards, hex. watch: the guardian's number for this."""

    pump: str
    guardian: str
    watch: int


class Elsewhere:
    """One pair of boards. Times are monotonic seconds. round_trip_s: of the newest answered ask, None before one."""

    def __init__(self, pair: Pair, now: float) -> None:
        self.pair = pair
        self.round_trip_s: float | None = None
        self._live = {pair.pump: False, pair.guardian: False}
        self._asked: tuple[int, float] | None = None  # the newest ask: its number, and when it was passed on
        self._asked_at = self._answered_at = now

    def link(self, board: str, live: bool) -> None:
        """A board's link is live, or no longer. Boards that are not of this pair are none of its business."""
        if board in self._live:
            self._live[board] = live

    def asked(self, board: str, ask: Ask, now: float) -> Ask | None:
        """What is to be sent to the guardian now, if anything is."""
        if board != self.pair.pump or ask.watch != self.pair.watch:
            return None
        self._asked_at = now
        if not self._live[self.pair.guardian]:
            return None
        self._asked = ask.nonce, now
        return ask

    def answered(self, board: str, permit: Permit, now: float) -> Permit | None:
        """What is to be sent to the pump now, if anything is."""
        if board != self.pair.guardian or permit.watch != self.pair.watch:
            return None
        self._answered_at = now
        if self._asked is not None and self._asked[0] == permit.nonce:
            self.round_trip_s = now - self._asked[1]
        return permit if self._live[self.pair.pump] else None

    def trouble(self, now: float) -> str:
        """Why permission does not come through: a sentence, or ""."""
        if not self._live[self.pair.pump]:
            return NO_PUMP
        if not self._live[self.pair.guardian]:
            return NO_GUARDIAN
        if now - self._asked_at >= QUIET_S:
            return NO_ASK
        return NO_ANSWER if now - self._answered_at >= QUIET_S else ""
