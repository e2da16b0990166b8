"""The one picture of a bed that the monitor, MQTT and Modbus all show.

A Bed takes events from the link and keeps the newest of each kind with the time it was said. `snapshot()` turns that
into plain data, in which what is too old to be shown as present is None, with a sentence that says since when.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from assuage.bedside import limits
from assuage.bedside.interlock import Trips
from assuage.bedside.picture import Filling, Heard, Label, Picture, Refusal, Signs, Targeted
from assuage.bedside.sentences import code
from assuage.bedside.snapshot import compose
from assuage.bedside.waves import WaveRing
from assuage.errors import BadInput, Refused
from assuage.link.events import Event, Identified, LinkChanged, Telemetry
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
from assuage_wire import schema

if TYPE_CHECKING:
    from assuage.bedside.charting.chart import Charting
    from assuage.bedside.orders import Orders
    from assuage.bedside.prescribing import Prescribing
    from assuage.bedside.targeting import Targeting

log = logging.getLogger(__name__)

Listener = Callable[[str], None]


class Bed:
    """One bed. `orders`, `prescribing`, `charting` and `targeting` are set by whoever wires the daemon; all else works
    without them.

    port: of the pump's board. signs_port: of a second board that measures the patient; "" where the pump's own does.
    clock: monotonic seconds, the clock of the link's events. wall: Unix time in seconds, for labels only.
    """

    orders: Orders
    prescribing: Prescribing
    charting: Charting | None = None
    targeting: Targeting | None = None

    def __init__(
        self,
        name: str,
        port: str = "",
        *,
        signs_port: str = "",
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._wall = wall
        self._listeners: list[Listener] = []
        self._trips = Trips()
        self.picture = Picture(bed=name, port=port, link_since=clock())
        if signs_port:
            self.picture.signs = Signs(signs_port, link_since=clock())

    @property
    def name(self) -> str:
        """What the bed is called, e.g. "Bed 1"."""
        return self.picture.bed

    @property
    def pleth(self) -> WaveRing:
        """The newest half minute of the pulse wave."""
        return self.picture.pleth

    @property
    def capnogram(self) -> WaveRing:
        """The newest two minutes of CO2."""
        return self.picture.capnogram

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener(topic)` at each change; topic is one of link, board, pump, drive, alarms, interlock, vitals,
        limits, cuff, pleth, capnogram, health, order, patient, target, services.

        It is called from within the event loop and must return at once. The function returned here ends the
        subscription.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def snapshot(self, now: float | None = None) -> dict[str, Any]:
        """The bed as plain data (shape: `snapshot.compose`). now: monotonic seconds, by default the present."""
        at = self._clock()
        return compose(self.picture, at if now is None else now, self._wall() + (0.0 if now is None else now - at))

    def now(self) -> float:
        """The clock of the link's events, s."""
        return self._clock()

    def unix(self, at: float) -> float:
        """A monotonic time as Unix time, s."""
        return self._wall() + (at - self._clock())

    def handle(self, event: Event) -> None:
        """Takes one event from the link to the pump's board."""
        p = self.picture
        if isinstance(event, Telemetry):
            self._telemetry(event)
        elif isinstance(event, LinkChanged):
            if event.state is not p.link:
                p.link_since = event.at
            p.link, p.link_sentence = event.state, event.sentence
            self._changed("link")
        elif isinstance(event, Identified):
            p.hello = event.hello
            if event.new_boot:
                # What an earlier start of the board said is no word about this one.
                p.pump = p.drive = p.health = p.interlock = p.readback = None
                if p.signs is None:
                    p.vitals = p.limits = p.cuff = None
                p.alarms.forget()
                self._trips.forget("pump")
            self._changed("board")

    def handle_signs(self, event: Event) -> None:
        """Takes one event from the link to the second board, which measures the patient."""
        p, signs = self.picture, self.picture.signs
        if signs is None:
            raise ValueError("this bed has one board")
        if isinstance(event, Telemetry):
            m, at = event.message, min(event.at, event.measured_at)
            if isinstance(m, Alarm):
                signs.alarms.hear(m, at, self._seen(m))
                self._changed("alarms")
            elif isinstance(m, Interlock):
                signs.interlock = Heard(m, at)
                self._interlock("guardian", m, at)
            else:
                self._measured(event, at)
        elif isinstance(event, LinkChanged):
            if event.state is not signs.link:
                signs.link_since = event.at
            signs.link, signs.link_sentence = event.state, event.sentence
            self._changed("link")
        elif isinstance(event, Identified):
            signs.hello = event.hello
            if event.new_boot:
                p.vitals = p.limits = p.cuff = signs.interlock = None
                signs.alarms.forget()
                self._trips.forget("guardian")
            self._changed("board")

    def _telemetry(self, event: Telemetry) -> None:
        m, p = event.message, self.picture
        # A host that was held up reads what has long lain in the port's buffer: it is as old as the board says.
        at = min(event.at, event.measured_at)
        if isinstance(m, PumpStatus):
            p.pump = Heard(m, at)
            self._changed("pump")
        elif isinstance(m, Alarm):
            p.alarms.hear(m, at, self._seen(m))
            self._changed("alarms")
        elif isinstance(m, Drive):
            p.drive = Heard(m, at)
            self._changed("drive")
        elif isinstance(m, Interlock):
            p.interlock = Heard(m, at)
            self._interlock("pump", m, at)
        elif isinstance(m, Health):
            p.health = Heard(m, at)
            self._changed("health")
        elif p.signs is None:
            self._measured(event, at)

    def _measured(self, event: Telemetry, at: float) -> None:
        """Of the patient."""
        m, p = event.message, self.picture
        if isinstance(m, Pleth):
            p.pleth.append(m.index, m.hz, code(schema.SIGNALS, m.signal), self.unix(event.measured_at), m.samples)
            self._changed("pleth")
        elif isinstance(m, Capnogram):
            signal = code(schema.SIGNALS, m.signal)
            p.capnogram.append(m.index, m.hz, signal, self.unix(event.measured_at), m.samples)
            self._changed("capnogram")
        elif isinstance(m, Cuff):
            p.cuff = Heard(m, at)
            self._changed("cuff")
        elif isinstance(m, Vitals):
            p.vitals = Heard(m, at)
            self._changed("vitals")
        elif isinstance(m, Limits):
            p.limits = m
            self._changed("limits")

    def _interlock(self, board: str, m: Interlock, at: float) -> None:
        if self._trips.happened(board, m) == "tripped":
            self.picture.tripped_at = at
        self._changed("interlock")

    def _seen(self, m: Alarm) -> str:
        """The value that raises it, and its limit."""
        p = self.picture
        return limits.seen(code(schema.ALARMS, m.alarm), p.vitals and p.vitals.message, p.limits)

    # -- what the rest of the daemon tells the bed ---------------------------------------------------------------------

    def set_label(self, label: Label | None) -> None:
        """Names the drug and syringe that a programme's number stands for."""
        self.picture.label = label
        self._changed("order")

    def set_filling(self, filling: Filling | None) -> None:
        """A line is about to be filled."""
        self.picture.filling = filling

    def set_target(self, target: Targeted | None) -> None:
        """How a target is followed; None: there is none."""
        self.picture.target = target
        self._changed("target")

    def set_readback(self, readback: dict[str, Any] | None) -> None:
        """A read-back waits for a human to confirm it, or no longer does."""
        self.picture.readback = readback
        self._changed("order")

    def set_patient(self, patient: Mapping[str, Any]) -> None:
        """Who is in the bed, as the record has it; empty: nobody."""
        self.picture.patient = dict(patient)
        self._changed("patient")

    def set_refusal(self, error: Refused | BadInput | None) -> None:
        """Keeps the last refusal for the screens; None when an order has been accepted."""
        if error is None:
            self.picture.refusal = None
        elif isinstance(error, Refused):
            self.picture.refusal = Refusal(error.sentence, error.status, error.limit, error.by, self._clock())
        else:
            self.picture.refusal = Refusal(error.sentence, "bad-value", None, "host", self._clock())
        self._changed("order")

    def set_ours(self, ours: bool, why: str = "") -> None:
        """Whether this host supervises what the pump is doing; if not, a sentence that says why."""
        unsupervised = "" if ours else why
        if unsupervised != self.picture.unsupervised:
            self.picture.unsupervised = unsupervised
            self._changed("pump")

    def set_permission_trouble(self, sentence: str) -> None:
        """Why another board's permission does not come through to the pump; "" when it does, or none is needed."""
        if sentence != self.picture.permission_trouble:
            self.picture.permission_trouble = sentence
            self._changed("interlock")

    def set_charting(self, told: Mapping[str, Any] | None) -> None:
        """What is charted at the bedside; None when nobody keeps it up."""
        self.picture.charting = told

    def set_rtt(self, seconds: float | None) -> None:
        """The newest round trip to the board."""
        self.picture.rtt = seconds

    def set_frames(self, lost: int, refused: int) -> None:
        """Frames that were lost on the way from the board, and pieces that were none, since this daemon's start."""
        self.picture.frames_lost, self.picture.frames_refused = lost, refused

    def set_service(self, name: str, state: Mapping[str, Any]) -> None:
        """State of a part of the daemon, as the snapshot's `services` shows it: e.g. name "mqtt", {"state": "up",
        ...}."""
        before = self.picture.services.get(name)
        self.picture.services[name] = dict(state)
        if before is None or before.get("state") != state.get("state"):
            self._changed("services")

    def _changed(self, topic: str) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(topic)
            except Exception:
                log.exception("a listener of %s failed on %s", self.name, topic)
