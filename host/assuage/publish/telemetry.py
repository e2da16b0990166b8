"""From what a board says to records in the store: one record per topic of the table, with the envelope.

Numbers are taken from the bed's snapshot, so that MQTT, Modbus and the monitor never differ. A record is made only when
the board has just spoken and its link is live: a value that stands still is never told again as if it were new.
"""

from __future__ import annotations

import logging
from typing import Any

from assuage.bedside import sentences
from assuage.bedside.bed import Bed
from assuage.bedside.interlock import Trips, cause, rows, why
from assuage.bedside.sentences import code
from assuage.bedside.snapshot import iso
from assuage.link.events import BoardStopped, Event, Identified, LinkChanged, Periodic
from assuage.link.events import Telemetry as Told
from assuage.link.messages import (
    Alarm,
    Capnogram,
    Cuff,
    Drive,
    Health,
    Interlock,
    Limits,
    Pleth,
    PumpStatus,
    Vitals,
)
from assuage.publish.topics import BY_NAME, Topics
from assuage.store import Store
from assuage_wire import schema

log = logging.getLogger(__name__)

Wave = Pleth | Capnogram
OF_PATIENT = Vitals | Pleth | Capnogram | Cuff | Limits

PUMP_EVERY_S = 0.95  # the board tells five times a second
CUFF_EVERY_S = 0.95  # four times while it measures
BATCHES = {"wave/pleth": 50, "wave/co2": 20}  # samples
PUMP, SIGNS = "pump", "guardian"  # the boards of a bed
_SPO2 = schema.PARAMETERS.index("spo2")
CUFF_CHANGES = ("state", "every_min", "last")
PUMP_CHANGES = ("state", "reason", "programme", "set_rate_ml_h", "vtbi_ml", "on_loss", "was")


class Telemetry:
    """Makes the records of one bed. Hand it each event of the link after the bed has taken it."""

    def __init__(self, bed: Bed, store: Store, topics: Topics) -> None:
        self._bed, self._store, self._topics = bed, store, topics
        self._pump_at = float("-inf")
        self._pump: dict[str, Any] = {}
        self._alarms: dict[tuple[str, int], tuple[int, int]] = {}  # of board and condition: state and occurrence
        self._trips = Trips()
        self._limits: dict[str, Any] | None = None  # as last told
        self._cuff_at = float("-inf")
        self._cuff: dict[str, Any] = {}
        self._waves: dict[str, list[Told]] = {name: [] for name in BATCHES}

    def handle(self, event: Event) -> None:
        """Makes what records this event is worth. Never raises: telemetry must not disturb control."""
        try:
            self._handle(event)
        except Exception:
            log.exception("no record could be made of %s", type(event).__name__)

    def handle_signs(self, event: Event) -> None:
        """The same of the second board, which measures the patient. Never raises."""
        try:
            self._handle_signs(event)
        except Exception:
            log.exception("no record could be made of the second board's %s", type(event).__name__)

    def happened(self, what: str, sentence: str, **facts: Any) -> None:
        """Records an event that the daemon knows of, e.g. a refused order. facts: JSON-able."""
        snapshot = self._bed.snapshot()
        self._append("event", snapshot, snapshot["time"], None, {"what": what, "sentence": sentence, **facts})

    def _handle(self, event: Event) -> None:
        if isinstance(event, Told):
            self._told(event)
        elif isinstance(event, LinkChanged):
            self._flush_waves()
            body = {"link": event.state.value, "sentence": event.sentence}
            self._append("link", self._bed.snapshot(), iso(self._bed.unix(event.at)), None, body)
        elif isinstance(event, Identified):
            self._identified(event)
        elif isinstance(event, BoardStopped):
            facts = {"took_ms": round(event.took * 1000, 1), "state": code(schema.STATES, event.message.state)}
            self.happened(
                "stop-answered", f"The board stopped {facts['took_ms']:.0f} ms after STOP was given.", **facts
            )

    def _handle_signs(self, event: Event) -> None:
        if isinstance(event, Told):
            if isinstance(event.message, OF_PATIENT | Alarm | Interlock):
                self._told(event, SIGNS)
        elif isinstance(event, LinkChanged):
            self._flush_waves()
            sentence = f"The board that measures the patient: {event.sentence}"
            self.happened("signs-link", sentence, link=event.state.value)
        elif isinstance(event, Identified) and event.new_boot:
            self._forget_patient()
            self._alarms = {key: told for key, told in self._alarms.items() if key[0] != SIGNS}
            self._trips.forget(SIGNS)
            reset = code(schema.RESETS, event.hello.reset)
            sentence = f"The board that measures the patient has started (start {event.hello.boot}, {reset})."
            self.happened("board-started", sentence, reset=reset, board=event.hello.board.hex())

    def _identified(self, event: Identified) -> None:
        if not event.new_boot:
            return
        if self._bed.picture.signs is None:
            self._forget_patient()
        self._pump = {}
        self._alarms = {key: told for key, told in self._alarms.items() if key[0] == SIGNS}
        self._trips.forget(PUMP)
        reset = code(schema.RESETS, event.hello.reset)
        self.happened("board-started", f"The board has started (start {event.hello.boot}, {reset}).", reset=reset)

    def _forget_patient(self) -> None:
        self._flush_waves()
        self._cuff = {}
        self._limits = None

    def _told(self, told: Told, board: str = PUMP) -> None:
        message = told.message
        if self._bed.picture.signs is not None and board == PUMP and isinstance(message, OF_PATIENT):
            return  # of nobody: the patient is at the other board
        if isinstance(message, Pleth | Capnogram):
            self._wave("wave/pleth" if isinstance(message, Pleth) else "wave/co2", told)
            return
        snapshot = self._bed.snapshot()
        link = snapshot["link"] if board == PUMP else snapshot["signs"]["link"]
        if link["state"] != "live":
            return
        if isinstance(message, Vitals):
            body = {field.name: snapshot["vitals"][field.name] for field in BY_NAME["numerics"].fields}
            at = told.measured_at - message.ages[_SPO2] / 10
            self._append("numerics", snapshot, iso(self._bed.unix(at)), message, body, board)
        elif isinstance(message, Interlock):
            self._interlock(told, message, snapshot, board)
        elif isinstance(message, Health) and snapshot["health"] is not None:
            body = {field.name: snapshot["health"][field.name] for field in BY_NAME["health"].fields}
            self._append("health", snapshot, iso(self._bed.unix(told.measured_at)), message, body)
        elif isinstance(message, Drive) and snapshot["drive"] is not None:
            body = {field.name: snapshot["drive"][field.name] for field in BY_NAME["drive"].fields}
            self._append("drive", snapshot, iso(self._bed.unix(told.measured_at)), message, body)
        elif isinstance(message, PumpStatus):
            self._pump_status(told, message, snapshot)
        elif isinstance(message, Cuff) and snapshot["cuff"] is not None:
            self._cuff_does(told, message, snapshot, board)
        elif isinstance(message, Alarm):
            self._alarm(told, message, snapshot, board)
        elif isinstance(message, Limits) and snapshot["limits"] != self._limits:
            self._limits = snapshot["limits"]
            since = iso(self._bed.unix(told.measured_at))
            self._append("limits", snapshot, since, message, snapshot["limits"], board)

    def _pump_status(self, told: Told, message: PumpStatus, snapshot: dict[str, Any]) -> None:
        pump = snapshot["pump"]
        before, now = self._pump, {key: pump[key] for key in PUMP_CHANGES}
        if now == before and told.at - self._pump_at < PUMP_EVERY_S:
            return
        self._pump, self._pump_at = now, told.at
        body = {field.name: pump[field.name] for field in BY_NAME["pump"].fields}
        at = iso(self._bed.unix(told.measured_at))
        self._append("pump", snapshot, at, message, body)
        if before and (before["state"], before["reason"]) != (now["state"], now["reason"]):
            facts = {"what": "pump", "sentence": pump["sentence"], "was": before["state"]}
            facts |= {key: pump[key] for key in ("state", "reason", "programme", "delivered_ml")}
            self._append("event", snapshot, at, message, facts)

    def _cuff_does(self, told: Told, message: Cuff, snapshot: dict[str, Any], board: str) -> None:
        cuff = snapshot["cuff"]
        before, now = self._cuff, {key: cuff[key] for key in CUFF_CHANGES}
        if now == before and told.at - self._cuff_at < CUFF_EVERY_S:
            return
        self._cuff, self._cuff_at = now, told.at
        body = {field.name: cuff[field.name] for field in BY_NAME["cuff"].fields}
        self._append("cuff", snapshot, iso(self._bed.unix(told.measured_at)), message, body, board)

    def _interlock(self, told: Told, message: Interlock, snapshot: dict[str, Any], board: str) -> None:
        body, at = snapshot["interlock"], iso(self._bed.unix(told.measured_at))
        if body is not None and board == PUMP:
            self._append("interlock", snapshot, at, message, body)
        what = self._trips.happened(board, message)
        if what:
            sentence = why(message, rows(self._bed.picture))
            sentence = sentence if what == "tripped" else f"Somebody has released it: {sentence}"
            facts = {"what": what, "sentence": sentence, "part": board, "number": message.number}
            self._append("event", snapshot, at, message, {**facts, "cause": cause(message)}, board)

    def _alarm(self, told: Told, message: Alarm, snapshot: dict[str, Any], board: str) -> None:
        key, now = (board, message.alarm), (message.state, message.occurrence)
        if self._alarms.get(key) == now:
            return
        self._alarms[key] = now
        name = code(schema.ALARMS, message.alarm)
        standing = {each["alarm"]: each["sentence"] for each in (snapshot["alarms"] or {"list": []})["list"]}
        body = {
            "alarm": name, "priority": code(schema.PRIORITIES, message.priority),
            "state": code(schema.ALARM_STATES, message.state), "occurrence": message.occurrence,
            "seconds": message.seconds, "sentence": standing.get(name) or sentences.alarm(name),
        }  # fmt: skip
        self._append("alarm", snapshot, iso(self._bed.unix(told.measured_at)), message, body, board)

    # -- waves ---------------------------------------------------------------------------------------------------------

    def _wave(self, name: str, told: Told) -> None:
        wave = self._waves[name]
        if wave and not _continues(wave[-1].message, told.message):
            self._flush_wave(name)
        wave.append(told)
        if sum(len(each.message.samples) for each in wave if isinstance(each.message, Wave)) >= BATCHES[name]:
            self._flush_wave(name)

    def _flush_waves(self) -> None:
        for name in self._waves:
            self._flush_wave(name)

    def _flush_wave(self, name: str) -> None:
        wave = self._waves[name].copy()
        self._waves[name].clear()
        if not wave:
            return
        first = wave[0]
        message = first.message
        if not isinstance(message, Wave):
            return
        samples = [sample for each in wave if isinstance(each.message, Wave) for sample in each.message.samples]
        body = {
            "hz": message.hz, "index": message.index,
            "ppg" if isinstance(message, Pleth) else "signal": code(schema.SIGNALS, message.signal), "samples": samples,
        }  # fmt: skip
        board = PUMP if self._bed.picture.signs is None else SIGNS
        self._append(name, self._bed.snapshot(), iso(self._bed.unix(first.measured_at)), message, body, board)

    # -- records -------------------------------------------------------------------------------------------------------

    def _append(
        self,
        name: str,
        snapshot: dict[str, Any],
        at: str,
        message: Periodic | None,
        body: dict[str, Any],
        of: str = PUMP,
    ) -> None:
        """Puts the envelope around `body` and the record into the store. of: the board that has said it."""
        board = (snapshot["board"] if of == PUMP else snapshot["signs"]["board"]) or {}
        topic = BY_NAME[name]
        envelope = {
            "boot": board.get("boot"),
            "board": board.get("uid"),
            "t": at,
            "ticks": message.ticks if message else None,
            "wraps": message.wraps if message else None,
            "ttl_s": topic.ttl_s,
        }
        self._store.append(name, self._topics.of(name), envelope | body, event=topic.event)


def _continues(before: object, now: object) -> bool:
    """Whether two frames of a wave follow each other without a hole."""
    if not (isinstance(before, Wave) and isinstance(now, Wave)):
        return False
    return (before.index + len(before.samples), before.hz, before.signal) == (now.index, now.hz, now.signal)
