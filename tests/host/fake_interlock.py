"""The interlock of a board that is played by a script: rows, trips and watchings as the wire tells of them. Whether the
patient is well is a knob."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assuage_wire import schema
from assuage_wire.schema import NONE16, S30

DENIED, RUNS, BEGINS = range(3)
NOBODY = 255
TOKEN = 4242
ASK_S = 0.5
ROW = tuple(field[0] for field in next(m[6] for m in schema.MESSAGES if m[1] == "Guard")[4:])
WELL = (NOBODY, schema.GUARDS.index("missing"), 0, NONE16, 0)
LOW = (schema.PARAMETERS.index("spo2"), schema.GUARDS.index("below"), schema.QUALITIES.index("good"), 860, 300)


class FakeInterlock:
    """The part of a FakeBoard that lets drug flow or not. normal: the knob. tripped, number, seen: of its latch.

    send: puts a message on the board's line. trips(reason): what a trip does to the pump.
    """

    def __init__(self, send: Callable[[str, list[Any]], None], trips: Callable[[str], None]) -> None:
        self._send, self._trips = send, trips
        self.normal = True
        self.own = 0  # rows of the board itself
        self.rows: list[dict[str, int]] = []
        self.wanted = 0  # rows that are to come
        self.tripped, self.number, self.seen = False, 0, WELL
        self.watching, self.watch_to_be, self.acting = 0, 0, 0  # for another board's pump
        self.count = 0
        self.watch, self.bound = 0, 0.0  # by another board's permission
        self.nonce, self.asked_at = 0, -1.0
        self.asks: dict[int, float] = {}
        self.verdict, self.until = DENIED, -1.0

    # -- rows ----------------------------------------------------------------------------------------------------------

    def begin(self, programme: dict[str, int], now: float) -> None:
        """A programme has come, and so many rows will."""
        self.rows, self.wanted = [], programme["guards"]
        self.watch, self.bound = programme["watch"], programme["bound"] / 1000
        self.asks, self.verdict, self.asked_at = {}, DENIED, now - ASK_S

    @property
    def lacking(self) -> int:
        """Rows that are still to come."""
        return self.wanted - len(self.rows)

    def guard(self, values: dict[str, int]) -> None:
        """A row."""
        self.rows.append(values)
        if not self.lacking and self.watch_to_be:
            self.watching, self.watch_to_be = self.watch_to_be, 0

    def back(self) -> dict[str, int]:
        """Of a GuardBack beside the row: of a watching its number, else the token of the programme."""
        done = not self.lacking
        return {
            "lacking": self.lacking,
            "token": TOKEN if done and not self.watching else 0,
            "watch": self.watching if done else 0,
        }

    # -- the latch -----------------------------------------------------------------------------------------------------

    def trip(self, seen: tuple[int, ...] = LOW, reason: str = "interlock") -> None:
        """A row has run out, or the permission has ended."""
        if not self.tripped:
            self.tripped, self.number, self.seen = True, self.number + 1, seen
        self.verdict, self.asks = DENIED, {}
        self._trips(reason)

    def release(self, number: int, now: float) -> str:
        """Its status."""
        if not self.tripped:
            return "bad-state"
        if number != self.number:
            return "stale-clear"
        lacks = self.lacks(now)
        self.tripped = bool(lacks)
        return lacks or "ok"

    def lacks(self, now: float) -> str:
        """Why drug may not begin to flow, but for the trip: a status, or ""."""
        if not self.normal:
            return "guard"
        return "" if not self.watch or (self.verdict == BEGINS and now < self.until) else "elsewhere"

    # -- two boards ----------------------------------------------------------------------------------------------------

    def begin_watching(self, guards: int) -> int:
        """The number of the watching; 0 while rows are to come."""
        self.count += 1
        self.rows, self.wanted = [], guards
        self.watching, self.watch_to_be = (0, 1000 + self.count) if guards else (1000 + self.count, 0)
        return self.watching

    def ask(self, watch: int, nonce: int, moving: int) -> None:
        """Another board asks."""
        known = watch == self.watching != 0
        self.acting = moving if known else self.acting
        verdict = DENIED if not known or self.tripped else BEGINS if self.normal else RUNS
        self._send("Permit", [watch, nonce, verdict, *self.seen])

    def answer(self, values: list[int], now: float) -> None:
        """What the other board has answered."""
        watch, nonce, verdict = values[:3]
        if watch != self.watch or nonce not in self.asks:
            return
        if verdict == DENIED:
            self.verdict = DENIED
            self.seen = self.seen if self.tripped else tuple(values[3:8])
        elif now < self.asks[nonce] + self.bound:
            self.verdict, self.until = verdict, self.asks[nonce] + self.bound

    def tick(self, now: float, moving: bool) -> None:
        """Asks, and ends the permission in time."""
        if not self.watch:
            return
        denied = self.verdict == DENIED
        if moving and (denied or now >= self.until):
            self.trip(self.seen if denied else WELL, "interlock" if denied else "guardian-lost")
        if now >= self.asked_at + ASK_S:
            self.asked_at, self.nonce = now, self.nonce + 1
            self.asks[self.nonce] = now
            self._send("Ask", [self.watch, self.nonce, int(moving)])

    def told(self, now: float) -> list[Any]:
        """Fields of Interlock after the time."""
        rows = self.own + len(self.rows)
        left = min(65535, max(0, round((self.until - now) * 1000))) if self.verdict != DENIED else 0
        return [
            int(self.tripped), self.number & S30, *self.seen, rows, 255 if self.normal else 0,
            int(not self.lacks(now)), self.watch, self.verdict, left, self.watching, self.acting,
        ]  # fmt: skip
