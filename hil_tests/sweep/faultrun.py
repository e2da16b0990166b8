"""One fault in one state at one rate: set in, watched, and what has come of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from assuage_rig.bench import Bench
from assuage_rig.faults import Value
from assuage_wire import codec, schema
from assuage_wire.frame import Reader
from sweep.states import NL_STEP
from sweep.wire import STEP_S, Bed

AFTER_S = 1.0  # watched after the drive has come to rest

_DUMB = {("uart", "cut"), ("uart", "mute")}  # the host hears nothing
_ALARM = codec.BY_NAME["Alarm"]
_WHICH, _STATE, _NUMBER = (_ALARM.index(name) for name in ("alarm", "state", "occurrence"))
_SHOWN = schema.ALARM_STATES.index("acknowledged")


@dataclass(frozen=True)
class Raised:
    """A condition raised anew: s after the fault, and s after the fault could be known."""

    condition: str
    after_s: float
    due_s: float


@dataclass
class Outcome:
    """What a fault has come to. state, reason: the pump's at the end. due: what tells of the fault was there within the
    time watched. energised: the motor then has current. Volumes in nL."""

    raised: list[Raised]
    state: str
    reason: str
    due: bool
    energised: bool
    over_nl: float
    shaft_over_nl: float
    restarts: int


class Alarms:
    """The board's alarms as it tells them, heard at its own end of the line: occurrences since the beginning."""

    def __init__(self, bench: Bench, host: Bed) -> None:
        host.listen()
        known = [m.values["occurrence"] for m in host.said if m.name == "Alarm"]
        self._last = max(known, default=0)
        self._bench = bench
        self._found: list[tuple[str, float]] = []
        self._reader = Reader("<", self._hear)
        bench.circuit.uart.tap = self._tap

    def fresh(self) -> list[tuple[str, float]]:
        """(condition, rig time) of each that was raised since the last call."""
        found, self._found = self._found, []
        return found

    def end(self) -> None:
        """Listens no more."""
        self._bench.circuit.uart.tap = None

    def _tap(self, end: str, way: str, data: bytes) -> None:
        if (end, way) == ("board", "<"):
            self._reader.feed(data, len(data))

    def _hear(self, message: codec.Message, _seq: int, values: list[Any]) -> None:
        if message is _ALARM and values[_STATE] >= _SHOWN and values[_NUMBER] > self._last:
            self._last = values[_NUMBER]
            self._found.append((schema.ALARMS[values[_WHICH]], self._bench.now_us / 1e6))


def watch(
    bench: Bench,
    host: Bed,
    component: str,
    kind: str,
    params: dict[str, Value],
    seconds: float,
    deadline_s: float | None,
    by_nl: float | None = None,
    beside: Collection[str] = (),
) -> Outcome:
    """Sets the fault in and watches for so many seconds, or until AFTER_S after an alarm with the drive at rest.

    deadline_s: nothing is owed beyond, None if the fault is not to stop anything. by_nl: it can be known only once so
    much was commanded, and the deadline counts from there. beside: what may be raised too, and is not looked at.
    """
    alarms = Alarms(bench, host)
    ledger = host.ledger
    starts = bench.starts
    ledger.mark()
    due_s = 0.0 if by_nl is None else None
    if deadline_s is not None and due_s is not None:
        ledger.entitled_us = bench.now_us + round(deadline_s * 1e6)
    moves = bench.drive.enabled
    bench.fault(component, kind, **params)
    raised: list[Raised] = []
    rest_s: float | None = None
    while ledger.since_s < seconds:
        host.run(STEP_S)
        if due_s is None and by_nl is not None and ledger.commanded * NL_STEP >= by_nl:
            due_s = ledger.since_s
            if deadline_s is not None:
                ledger.entitled_us = bench.now_us + round(deadline_s * 1e6)
        for name, at in alarms.fresh():
            after = at - ledger.marked_us / 1e6
            if name not in beside:
                raised.append(Raised(name, after, 0.0 if due_s is None else after - due_s))
        at_rest = not bench.drive.enabled and not bench.drive.moving
        if not at_rest:
            rest_s = None
        elif rest_s is None:
            rest_s = ledger.since_s
        if raised and moves and rest_s is not None and ledger.since_s >= rest_s + AFTER_S:
            break
        if raised and not moves and ledger.since_s >= raised[0].after_s + AFTER_S:
            break
    if (component, kind) in _DUMB:
        bench.mend(component)
        host.run(2.5)  # all that stands is told every two seconds
    alarms.end()
    return Outcome(
        raised,
        host.state,
        host.reason,
        due_s is not None,
        bench.drive.enabled,
        ledger.over_nl,
        ledger.shaft_over_nl,
        bench.starts - starts,
    )
