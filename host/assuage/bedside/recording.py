"""What happens at a bed, entered in its record: the pump's changes, alarms, the interlock, and numbers once a minute.

Hand it each event of the link after the bed has taken it, as telemetry. What people order is entered by whoever
carries it out (acting.py); boards' journals by the archive.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Final

from assuage.bedside import interlock, journal_words, sentences
from assuage.bedside.bed import Bed
from assuage.bedside.interlock import Trips
from assuage.bedside.sentences import code
from assuage.errors import BadInput, Refused
from assuage.link.events import Event, Identified, Link, LinkChanged, Telemetry
from assuage.link.messages import Alarm, Interlock, PumpStatus
from assuage.record.events import AlarmChanged, BoardRecords, Chart, Interlocked, Note, Pump, Refusal
from assuage.record.recorder import Recording
from assuage.store.board_journal import Entry
from assuage_wire import schema

log = logging.getLogger(__name__)

CHART_EVERY_S: Final = 60.0
AT_MOST: Final = "A reset has cut that programme short; it had given no more than this."
_SHOWN: Final = schema.ALARM_STATES.index("acknowledged")
_SOUNDS: Final = schema.ALARM_STATES.index("active")


class Chronicle:
    """Of one bed. Never raises: the record must not disturb control."""

    def __init__(self, bed: Bed, record: Recording) -> None:
        self._bed, self._record = bed, record
        self._pump: tuple[Any, ...] = ()
        self._alarms: dict[tuple[str, int], tuple[str, int]] = {}  # state and occurrence, by board and condition
        self._trips = Trips()
        self._charted = float("-inf")
        self._links: dict[str, Link] = {}

    def handle(self, event: Event, board: str = "pump") -> None:
        """Takes an event of the link to a board, pump or guardian."""
        try:
            self._handle(event, board)
        except Exception:
            log.exception("%s could not be entered in the record", type(event).__name__)

    def refused(self, error: Refused | BadInput) -> None:
        """An order was refused."""
        status, limit = (error.status, error.limit or "") if isinstance(error, Refused) else ("bad-value", "")
        self._record.note(Refusal(sentence=error.sentence, status=status, limit=limit))

    async def fetched(self, entries: Sequence[Entry]) -> None:
        """Records of a board's journal, before they are acknowledged. Raises StoreError when they are not on disk."""
        first = entries[0]
        told = tuple(
            (e.number, None if e.at is None else round(e.at * 1000), journal_words.kind(e), journal_words.sentence(e))
            for e in entries
        )
        await self._record.keep(BoardRecords(board=first.board, epoch=first.epoch, records=told))

    def _handle(self, event: Event, board: str) -> None:
        if isinstance(event, Telemetry):
            self._told(event, board)
        elif isinstance(event, LinkChanged):
            self._link(event, board)
        elif isinstance(event, Identified) and event.new_boot:
            self._pump = () if board == "pump" else self._pump
            self._alarms = {key: value for key, value in self._alarms.items() if key[0] != board}
            self._trips.forget(board)
            hello = event.hello
            why = code(schema.RESETS, hello.reset)
            self._record.note(
                Note(sentence=f"Board {hello.board.hex()} ({board}) has started (start {hello.boot}, {why}).")
            )

    def _link(self, event: LinkChanged, board: str) -> None:
        """Live or not: a cable that is out for days is told once, however often it is looked for."""
        if event.state is not Link.CONNECTING and event.state is not self._links.get(board):
            self._links[board] = event.state
            self._record.note(Note(sentence=f"Link to the board ({board}): {event.sentence}"))

    def _told(self, event: Telemetry, board: str) -> None:
        m = event.message
        when = round(self._bed.unix(event.measured_at) * 1000)
        if isinstance(m, PumpStatus) and board == "pump":
            self._pumps(m, when)
            self._chart(m, event.at, when)
        elif isinstance(m, Alarm):
            self._alarm(m, board, when)
        elif isinstance(m, Interlock):
            what = self._trips.happened(board, m)
            if what:
                sentence = interlock.why(m, interlock.rows(self._bed.picture))
                self._record.note(Interlocked(what=what, board=board, number=m.number, sentence=sentence, when=when))

    def _pumps(self, m: PumpStatus, when: int) -> None:
        state, reason = code(schema.STATES, m.state), code(schema.REASONS, m.reason)
        label = self._bed.picture.label
        titrated = label is not None and label.titrates(m.programme)  # its rates are summed up by whoever asks for them
        now = (state, reason, m.programme, 0 if titrated else m.set_rate)
        if now != self._pump:
            self._pump = now
            programme, nl, sentence = m.programme, m.delivered, sentences.pump(state, reason)
            if not programme and m.was_programme and m.was_high != schema.NONE32:
                programme, nl, sentence = m.was_programme, m.was_high, f"{sentence} {AT_MOST}"
            self._record.note(
                Pump(
                    state=state, reason=reason, programme=programme, rate_nl_min=m.rate, delivered_nl=nl,
                    sentence=sentence, when=when,
                )
            )  # fmt: skip

    def _chart(self, m: PumpStatus, at: float, when: int) -> None:
        if at - self._charted < CHART_EVERY_S:
            return
        vitals = self._bed.snapshot()["vitals"]
        values = {name: vitals[name] for name in vitals["readings"] if vitals[name] is not None}
        self._charted = at
        self._record.note(
            Chart(
                values=values, state=code(schema.STATES, m.state), programme=m.programme, rate_nl_min=m.rate,
                delivered_nl=m.delivered, when=when,
            )
        )  # fmt: skip

    def _alarm(self, m: Alarm, board: str, when: int) -> None:
        key = (board, m.alarm)
        state = "over" if m.state < _SHOWN else "acknowledged" if m.state < _SOUNDS else "raised"
        before = self._alarms.get(key, ("over", 0))
        now = (state, m.occurrence)
        if now == before or (state == before[0] == "over"):
            return
        self._alarms[key] = now
        name = code(schema.ALARMS, m.alarm)
        seen = self._bed.picture.alarms.seen(m) if board == "pump" else ""
        self._record.note(
            AlarmChanged(
                board=board, alarm=name, priority=code(schema.PRIORITIES, m.priority), occurrence=m.occurrence,
                state=state, sentence=sentences.alarm(name, seen), when=when,
            )
        )  # fmt: skip
