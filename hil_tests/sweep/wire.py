"""The host of these tests: it keeps the ledger of what it has ordered while it lets time pass."""

from __future__ import annotations

from typing import Any

from assuage_rig.bench import Bench
from assuage_rig.wirehost import ML_H, WireHost
from sweep.ledger import Ledger

__all__ = ["ML_H", "STEP_S", "Bed"]

STEP_S = 0.05
_GRANT_S = 0.25


class Bed(WireHost):
    """A host whose orders stand in `ledger`: what it has started may flow, at the rate that it has ordered.

    policy: fields of every programme that says nothing else. ends_us: rig time at which the newest permission ends, to
    the millisecond.
    """

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self.ledger = Ledger(bench)
        self.starts = bench.starts
        self.rested = 0  # faults made by the time that all was last put right
        self.policy: dict[str, Any] = {"outer": 29_600}  # of the BD 50, so that the barrel is compared
        self.ends_us = self._zero_us = 0
        self._rate = 0.0
        self._since_grant = 0.0

    def offer(self, ml_h: float = 10.0, *args: Any, **others: Any) -> dict[str, Any]:
        """As ever; the rate is what will be allowed from the start on."""
        self._rate = ml_h * ML_H
        return super().offer(ml_h, *args, **{**self.policy, **others})

    def ask(self, name: str, *values: Any) -> dict[str, Any]:
        """As ever; a start, a resume and a pause change what may flow."""
        answer = super().ask(name, *values)
        if not answer.get("status"):
            if name in ("Start", "Resume"):
                self.ledger.allow(self._rate)
            elif name == "Pause":
                self.ledger.allow(0.0)
        return answer

    def tell(self, name: str, *values: Any) -> None:
        """As ever; so does a stop."""
        super().tell(name, *values)
        if name == "Stop":
            self.ledger.allow(0.0)

    def identify(self, session: int | None = None) -> dict[str, Any]:
        """As ever; the board answers in no time, so its clock and the rig's are known together."""
        hello = super().identify(session)
        self._zero_us = self.bench.now_us - int(hello["ticks"]) * 1000
        return hello

    def until(self) -> tuple[int, int]:
        """As ever."""
        ticks, wraps = super().until()
        self.ends_us = self._zero_us + ticks * 1000
        return ticks, wraps

    def fill(self, bore_um: int, flow: int, volume: int) -> None:
        """A priming of so many nL at nL/min, from standby. Raises RefusedError."""
        back = self.order("Prime", self.programme + 1, bore_um, flow, volume)
        self.order("Purge", self.programme + 1, back["token"], 1, *self.until())
        self.ledger.allow(flow)
        self.supervise(self.programme + 1)

    def run(self, seconds: float) -> None:
        """Lets time pass in short looks, granting every quarter of a second."""
        left = seconds
        while left > 1e-9:
            step = min(left, STEP_S)
            self.bench.run(step)
            left -= step
            self.listen()
            self.ledger.look()
            self._since_grant += step
            if self._granting and self._since_grant >= _GRANT_S:
                self._since_grant = 0.0
                self.grant()

    def forget(self) -> None:
        """What was said long ago is of no use any more, and reading on stays quick."""
        del self.said[:-300]
