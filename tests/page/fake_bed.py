"""A bed for the monitor's tests: the real `Bed`, fed by a make-believe board with a patient and an infusion, and orders
that the make-believe board answers itself. Everything a test may want to go wrong is an attribute.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from typing import Any

from assuage.bedside import guarding, limits
from assuage.bedside.bed import Bed
from assuage.bedside.order import Order
from assuage.bedside.picture import Filling, Label
from assuage.bedside.readback import shown, shown_change, shown_priming, shown_row, terms
from assuage.bedside.sentences import refusal
from assuage.bedside.supervision import NOT_OURS
from assuage.bedside.vitals import NUMBERS
from assuage.errors import BadInput, LinkDown, NoAnswer, Refused
from assuage.link.events import Identified, Link, LinkChanged, Telemetry
from assuage.link.messages import (
    Alarm,
    Capnogram,
    ChangeBack,
    Cuff,
    Drive,
    GuardBack,
    Health,
    Hello,
    Interlock,
    LegBack,
    Limits,
    Pleth,
    PrimeBack,
    PumpStatus,
    Readback,
    Vitals,
)
from assuage.pharmacy.units import Ml, MlPerH
from assuage_wire import schema
from assuage_wire.codec import SCHEMA_ID
from tests.host.beds import said
from tests.page import charted

HZ = 100
CO2_HZ = 25
TICK = 0.1  # s
SILENCE = 1.0  # s after which the daemon's link calls a silent board lost
KETAMINE = "Ketamine racemic 10 mg/mL"
SILENT = "The board has been silent for a second; look at its cable and its supply."
LIMIT_RATE = 10_000_000  # nL/min, this board's own: 600 mL/h


OFF = schema.NONE16
LIMITS = {
    "spo2": (900, OFF, 10), "pulse": (500, 1400, 10), "resp": (100, 300, 15), "etco2": (150, 500, 15),
    "fico2": (OFF, 80, 15), "systolic": (900, 1600, 0), "diastolic": (500, 900, 0), "map": (600, 1100, 0),
    "temperature": (3500, 3900, 30), "heart": (500, 1400, 10),
}  # fmt: skip
CHILDS = {"pulse": (750, 1600, 10), "heart": (750, 1600, 10)}


def wave(phase: float) -> float:
    """One heart beat of a pleth over phase 0..1: systolic peak, notch, diastolic wave."""
    bumps = ((0.27, 0.10, 1.0), (0.52, 0.10, 0.36), (0.74, 0.16, 0.22))
    return sum(a * math.exp(-((phase % 1 + k - m) ** 2) / (2 * s * s)) for m, s, a in bumps for k in (-1, 0, 1))


def breath(phase: float) -> float:
    """One breath of a capnogram over phase 0..1: rise, plateau, fall, and the inspiration."""
    at = phase % 1
    if at < 0.08:
        return at / 0.08 * 0.86
    if at < 0.45:
        return 0.86 + 0.14 * (at - 0.08) / 0.37
    return max(0.0, 1 - (at - 0.45) / 0.05)


class FakeBed:
    """`bed` is what the monitor is built on. `run()` makes it live, ten steps a second."""

    def __init__(self, name: str = "Bed 1") -> None:
        self.bed = Bed(name, "/dev/ttyACM0")
        self.bed.orders = FakeOrders(self)  # type: ignore[assignment]
        self.charted = charted.Charted(self.bed)
        self.reset_all()

    def reset_all(self) -> None:
        """As it was at first: all is well and the pump stands."""
        self.charted.end()
        self.silent = False  # the board says nothing: cable cut, or board dead
        self.frozen = False  # nothing happens at all, and the daemon does not notice
        self.stop_answers = True  # else the board never answers STOP
        self.ppg = "ok"
        self.spo2, self.pulse, self.perfusion = 97.0, 72.0, 2.1
        self.signs: dict[str, float] = {}  # what else is measured, by the snapshot's keys and in its units
        self.why: dict[str, str] = {}  # of these, or of the oximeter's, a signal other than "ok"
        self.doubt: list[str] = []  # those that are doubtful
        self.old: dict[str, float] = {}  # s, age of those whose newest sample is not of now
        self.cuff: dict[str, Any] | None = None  # of the Cuff message, state and last by name; None: there is none
        self.refuse_cuff = ""  # the status with which the cuff refuses everything
        self.co2_signal: str | None = None  # how the capnograph is; None: there is none
        self.bed.picture.cuff = None
        self.mqtt = "up"
        self.boot, self.reset, self.index, self.breath = 12, "power-on", 0, 0
        self.calls: list[str] = []
        self.alarms: dict[str, list[Any]] = {}  # condition: [priority, state, occurrence], told every half second
        self.pause = 0  # s
        self.limits: Limits | None = None  # which the board tells, as it does its alarms
        self.bed.picture.limits = None
        self.drive: dict[str, Any] | None = {}  # fields of the Drive message that differ; None: it is not told
        self.interlock: dict[str, Any] = {}  # fields of the Interlock message that differ
        self.bed.picture.drive = self.bed.picture.interlock = None
        self.bed.picture.alarms.forget()
        self.at = time.monotonic()
        self.heard = self.at
        self.phase = 0.0
        self.beat = 0
        self._standby()
        self.was: tuple[int, int, int] | None = None
        for forget in (self.bed.set_label, self.bed.set_readback, self.bed.set_refusal):
            forget(None)
        self.bed.set_ours(True)
        self._services()
        self._identify()

    def _standby(self, state: str = "standby", reason: str = "none") -> None:
        self.state, self.reason, self.programme = state, reason, 0
        self.rate = self.vtbi = self.on_loss = 0
        self.delivered = 0.0
        self.priming, self.filled, self.to_fill = 0, 0.0, 0.0
        self.doses = self.denied = self.lockout = 0

    # -- what a test or a screenshot asks for --------------------------------------------------------------------------

    def infuse(
        self,
        drug: str = KETAMINE,
        rate_ml_h: float = 1.4,
        vtbi_ml: float = 33.5,
        ml: float = 12.71,
        programme: int = 17,
    ) -> None:
        """An infusion that has been running for a while, of which `ml` are in."""
        self.programme, self.state, self.reason = programme, "infusing", "none"
        self.rate, self.vtbi, self.delivered = round(rate_ml_h * 1e6 / 60), round(vtbi_ml * 1e6), ml * 1e6
        self.bed.set_label(Label(programme, drug, "BD 50 mL"))

    def chart(
        self,
        minutes: float = 0,
        assessed: Sequence[tuple[float, dict[str, str]]] = (),
        given: Sequence[tuple[float, dict[str, Any]]] = (),
        **patient: str,
    ) -> None:
        """A record is kept: of a patient whose infusion began so many minutes ago; 0: none runs."""
        if minutes:
            self.infuse(rate_ml_h=charted.RATE, ml=charted.given_so_far(minutes), programme=charted.PROGRAMME)
        self.charted.begin(charted.past(minutes, assessed, given, **patient))

    def break_chart(self, why: str) -> None:
        """What was charted cannot be read any more."""
        self.charted.doubt(why)

    def damage(self) -> None:
        """Somebody changes what stands in the record."""
        self.charted.damage()

    def guard(self, rows: list[str] | None = None) -> None:
        """The infusion that runs is guarded by these rows of the adults'."""
        chosen = guarding.guards({"set": "adult", "rows": rows or ["spo2-below", "etco2-above"]})
        told = [shown_row(row, back) for row, back in zip(chosen, _backs(chosen, 0), strict=True)]
        self.bed.set_label(Label(self.programme, KETAMINE, "BD 50 mL", {"guards": told}))
        self.interlock = {"rows": len(chosen)}

    def trip(self, reason: str = "interlock", **fields: int) -> None:
        """The interlock stops the infusion: by a saturation of 86 % unless fields of the message say otherwise."""
        number = self.interlock.get("number", 0) + 1
        seen = {"parameter": 0, "kind": 0, "quality": 2, "value": 860, "age": 300, "normal": 0, "row": 0}
        self.interlock |= {"tripped": 1, "number": number, **seen, **fields}
        self.stand("paused", reason)
        self.alarms[reason] = ["high", "active", 40 + number]
        self.spo2 = 86.0

    def recover(self) -> None:
        """All vital signs are normal again."""
        self.spo2 = 97.0
        self.interlock |= {"normal": 1, "row": 255}

    def disown(self, why: str = NOT_OURS) -> None:
        """This host says that it does not supervise what the pump does."""
        self.bed.set_ours(False, why)

    def stand(self, state: str, reason: str) -> None:
        """The pump has come to stand by itself."""
        self.state, self.reason = state, reason

    def restart(self, reset: str = "watchdog", low_ml: float = 3.211, high_ml: float = 3.238) -> None:
        """The board restarts in the middle of an infusion."""
        self.was = (self.programme or 17, round(low_ml * 1e6), round(high_ml * 1e6))
        self._standby("unconfirmed", "reset")
        self.boot, self.reset, self.index, self.breath = self.boot + 1, reset, 0, 0
        self._identify()

    def watch_all(self) -> None:
        """All signs are measured; the last blood pressure 4 min ago."""
        self.signs = {
            "resp": 14, "resp_pleth": 13.6, "etco2": 38.4, "fico2": 0.3, "systolic": 138, "diastolic": 84, "map": 102,
            "pulse_cuff": 72, "temperature": 36.84, "heart": 73,
        }  # fmt: skip
        self.old = dict.fromkeys(("systolic", "diastolic", "map", "pulse_cuff"), 260.0)
        self.cuff = {"state": "idle", "pressure": 0, "every": 5, "next": 40, "last": "ok"}
        self.co2_signal = "ok"

    def withhold(self, **signals: str) -> None:
        """These have no number, each for its reason."""
        for key, signal in signals.items():
            self.signs.pop(key, None)
            self.why[key] = signal

    def raise_alarms(self) -> None:
        """A high alarm that stands, a high one that is over, a medium and a low one."""
        self.alarms = {
            "link-lost": ["high", "latched", 3],
            "encoder-disagrees": ["high", "active", 4],
            "battery-low": ["medium", "acknowledged", 2],
            "key-stuck": ["low", "active", 1],
        }

    def limit(self, patient: int = 0) -> None:
        """The board has limits, an adult's or a child's."""
        low, high, delays = (dict.fromkeys(schema.PARAMETERS, none) for none in (schema.NONE16, schema.NONE16, 0))
        for name, (least, most, delay) in (LIMITS, LIMITS | CHILDS)[patient].items():
            low[name], high[name], delays[name] = least, most, delay
        self.limits = Limits(0, 0, tuple(low.values()), tuple(high.values()), tuple(delays.values()), patient)

    def move(self, parameter: str, low: int, delay: int = 10) -> None:
        """Somebody has set a low limit and a delay, at another page."""
        i, was = schema.PARAMETERS.index(parameter), self.limits
        assert was is not None
        lows, delays = list(was.low), list(was.delays)
        lows[i], delays[i] = low, delay
        self.limits = was._replace(low=tuple(lows), delays=tuple(delays))

    def count_frames(self, lost: int, refused: int) -> None:
        """The line has been disturbed."""
        self.bed.set_frames(lost, refused)

    def fault(self, reason: str = "encoder-disagrees") -> None:
        """The pump stops itself."""
        self.state, self.reason = "fault", reason

    # -- the board -----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self.step(time.monotonic())
            await asyncio.sleep(TICK)

    def step(self, now: float) -> None:
        """What happens until `now`."""
        passed, self.at = now - self.at, now
        if self.state == "infusing":
            self.delivered = min(self.vtbi, self.delivered + self.rate * passed / 60)
            if self.delivered >= self.vtbi:
                self.state, self.reason = "complete", "complete"
        if self.state == "priming":
            self.filled = min(self.to_fill, self.filled + self.to_fill * passed / 20)
        if self.frozen:
            return
        self._services()
        live = self.bed.picture.link is Link.LIVE
        if self.silent:
            if live and now - self.heard > SILENCE:
                self.bed.handle(LinkChanged(Link.LOST, SILENT, now))
            return
        if not live:
            self.bed.handle(LinkChanged(Link.LIVE, "The board answers.", now))
            self.bed.set_rtt(0.0004)
        self.heard = now
        self._pleth(now)
        self.beat += 1
        if self.beat % 4 == 1:
            self._capnogram(now)
        if self.beat % 2 == 1:
            self.tell_cuff(now)
        if self.beat % 2 == 1:
            self._say(self._pump(), now)
            self._say(self._interlock(), now)
        if self.beat % 5 == 1:
            for alarm in self._alarms():
                self._say(alarm, now)
            if self.limits is not None:
                self._say(self.limits, now)
        if self.beat % 10 == 1:
            self._say(self._vitals(), now)
            if self.drive is not None:
                self._say(self._drive(), now)
            self._say(Health(0, 0, 0, 3100, 900, 92_000, 0, 0, 1700, 900), now)

    def _say(self, message: Any, now: float) -> None:
        event = Telemetry(message, now, now)
        self.bed.handle(event)
        if self.charted.chronicle is not None:
            self.charted.chronicle.handle(event)

    def _pleth(self, now: float) -> None:
        rate = self.pulse * (1 + 0.04 * math.sin(now * 1.3))
        depth = 1 + 0.07 * math.sin(now * 1.57)
        samples = []
        for _ in range(round(HZ * TICK)):
            self.phase += rate / 60 / HZ
            samples.append(round((wave(self.phase) - 0.4) * self.perfusion * 1000 * depth) if self.ppg == "ok" else 0)
        if self.ppg != "sensor-lost":
            self._say(Pleth(0, 0, self.index, HZ, schema.SIGNALS.index(self.ppg), tuple(samples)), now)
        self.index += len(samples)

    def _capnogram(self, now: float) -> None:
        """14 breaths a minute; while nobody breathes, what is left is the room's air."""
        if self.co2_signal is None or self.co2_signal == "sensor-lost":
            return
        top = self.signs.get("etco2", 38.4) * 10 if self.co2_signal == "ok" else 0.0
        samples = [round(top * breath((self.breath + i) / CO2_HZ * 14 / 60)) for i in range(10)]
        self._say(Capnogram(0, 0, self.breath, CO2_HZ, schema.SIGNALS.index(self.co2_signal), tuple(samples)), now)
        self.breath += 10

    def tell_cuff(self, now: float) -> None:
        """What the cuff does, if there is one."""
        c = self.cuff
        if c is not None:
            state, last = schema.CUFF_STATES.index(c["state"]), schema.SIGNALS.index(c["last"])
            self._say(Cuff(0, 0, state, c["pressure"], c["every"], c["next"], last), now)

    def _vitals(self) -> Vitals:
        good = self.ppg == "ok"
        numbers = {"spo2": self.spo2 * 10, "pulse": self.pulse * 10, "perfusion": self.perfusion * 100}
        told = {key: round(value) if good else schema.NONE16 for key, value in numbers.items()}
        told |= {n.key: round(self.signs[n.key] * n.per) for n in NUMBERS if n.key in self.signs}
        v = said(ppg=self.ppg, trust=92 if good else 0, ticks=0, **told)
        signals, qualities, ages = list(v.signals), list(v.qualities), list(v.ages)
        for i, n in enumerate(NUMBERS):
            if n.key in self.why:
                signals[i], ages[i] = schema.SIGNALS.index(self.why[n.key]), 0
            if n.key in self.doubt:
                qualities[i] = schema.QUALITIES.index("doubtful")
            if n.key in self.old:
                ages[i] = round(self.old[n.key] * 10)
        return v._replace(signals=tuple(signals), qualities=tuple(qualities), ages=tuple(ages))

    def _pump(self) -> PumpStatus:
        moving = self.state == "infusing"
        left = round((self.vtbi - self.delivered) / self.rate * 60) if moving and self.rate else schema.NONE32
        was, low, high = self.was or (0, schema.NONE32, schema.NONE32)
        return PumpStatus(
            0, 0, schema.STATES.index(self.state), schema.REASONS.index(self.reason),
            self.priming if self.state == "priming" else self.programme,
            self.rate if moving else 0, self.rate, self.vtbi, round(self.delivered), round(self.delivered * 0.9994),
            left,
            1700 + round(250 * math.sin(self.at * 3)) if moving else 0, self.on_loss, was, low, high, 0,
            self.doses, self.denied, self.lockout, round(self.filled),
        )  # fmt: skip

    def _interlock(self) -> Interlock:
        """Nothing guards, and all is normal."""
        said = Interlock(
            ticks=0, wraps=0, tripped=0, number=0, parameter=255, kind=2, quality=0, value=schema.NONE16, age=0, rows=0,
            row=255, normal=1, watch=0, verdict=0, permission=0, watching=0, acting=0,
        )  # fmt: skip
        return said._replace(**self.interlock)

    def _drive(self) -> Drive:
        """A syringe with a line at 84 mmHg and a battery."""
        moving, some = self.state == "infusing", self.programme != 0
        contents = 50_000_000 - round(self.delivered)
        told = Drive(
            ticks=0, wraps=0, pressure=84, level=300 if some else 0, alarm_in=schema.NONE32,
            watch=schema.WATCHES.index("occlusion" if moving else "standing"), force=2400, force_is=0, outer=29_600,
            barrel=schema.BARRELS.index("unasked"), fitted=0, air=0, contents=contents if some else 0,
            empty_in=round(contents / self.rate * 60) if moving and self.rate else schema.NONE32,
            near_empty=0, driver=0, faults=0,
            diagnosis=0, battery=0, charge=824, minutes=250, supply=12_100, passed=127, missing=0, failed=0,
        )  # fmt: skip
        return told._replace(**(self.drive or {}))

    def _alarms(self) -> list[Alarm]:
        return [
            Alarm(
                0, 0, schema.ALARMS.index(name), schema.PRIORITIES.index(priority), schema.ALARM_STATES.index(state),
                occurrence, 12, self.pause,
            )
            for name, (priority, state, occurrence) in self.alarms.items()
        ]  # fmt: skip

    def _identify(self) -> None:
        now = time.monotonic()
        reset = schema.RESETS.index(self.reset)
        hello = Hello(1, SCHEMA_ID, bytes.fromhex("e6614103e7364f2a"), 0, 1, 0, 0xC0FFEE, self.boot, reset, 7, 0, 0)
        self.bed.handle(LinkChanged(Link.LIVE, "The board answers.", now))
        self.bed.handle(Identified(hello, True, now))
        self.bed.set_rtt(0.0004)

    def _services(self) -> None:
        up = self.mqtt == "up"
        self.bed.set_service("mqtt", {
            "state": self.mqtt, "sentence": "" if up else "The broker at 127.0.0.1:1883 does not answer.",
            "queued": 0 if up else 214, "broker": "mqtt://127.0.0.1:1883",
        })  # fmt: skip
        self.bed.set_service("modbus", {"state": "up", "address": "127.0.0.1:5020"})
        self.bed.set_service("store", {"records": 48213})


def _backs(guards: Sequence[guarding.Guard], token: int) -> list[GuardBack]:
    """The rows as a board reads them back."""
    left = len(guards)
    return [
        GuardBack(7, 1, 1, i, *guard.fields(), lacking=left - i - 1, token=token if i == left - 1 else 0, watch=0)
        for i, guard in enumerate(guards)
    ]


class FakeOrders:
    """The orders as the monitor gives them, answered by the make-believe board."""

    def __init__(self, board: FakeBed) -> None:
        self.board = board
        self.next = 18
        self.token = 4711

    def _link(self) -> None:
        if self.board.silent:
            raise LinkDown("The link to the board is lost; nothing can be asked of it.")

    async def acknowledge(self, occurrence: int, board: str = "pump") -> None:
        self._link()
        self.board.calls.append(f"acknowledge {occurrence}" + ("" if board == "pump" else f" {board}"))
        for row in self.board.alarms.values():
            if row[2] == occurrence:
                row[1] = "acknowledged"

    async def silence(self) -> None:
        self._link()
        self.board.calls.append("silence")
        self.board.pause = 120

    async def set_limit(self, data: Any) -> dict[str, Any]:
        self._link()
        sent = limits.parse(data)
        self.board.calls.append(f"limit {data['parameter']} {data['low']} {data['high']} {data['delay_s']}")
        if sent["parameter"] == 0 and sent["low"] < 850:
            raise Refused("bad-value", limits.refusal(sent, 850, ()))
        was, i = self.board.limits, sent["parameter"]
        assert was is not None

        def put(old: tuple[int, ...], value: int) -> tuple[int, ...]:
            return (*old[:i], value, *old[i + 1 :])

        low, high, delays = put(was.low, sent["low"]), put(was.high, sent["high"]), put(was.delays, sent["delay"])
        self.board.limits = was._replace(low=low, high=high, delays=delays)
        return {}

    async def new_patient(self, kind: object) -> None:
        self._link()
        self.board.calls.append(f"patient {kind}")
        self.board.limit(schema.PATIENTS.index(str(kind)))

    async def measure(self) -> None:
        c = self._cuff("measure")
        if c["state"] not in ("idle", "resting"):
            raise self._refused("bad-state", 0)
        c.update(state="inflating", last="measuring", next=c["every"] * 60 or schema.NONE16)
        self.board.tell_cuff(time.monotonic())

    async def deflate(self) -> None:
        c = self._cuff("deflate")
        if c["state"] == "idle":
            raise self._refused("bad-state", 0)
        c.update(state="resting", last="ended", pressure=0)
        self.board.tell_cuff(time.monotonic())

    async def repeat(self, minutes: Any) -> None:
        if not isinstance(minutes, int):
            raise BadInput("minutes", "Choose 1 to 60 minutes.")
        self._cuff(f"every {minutes}").update(every=minutes, next=minutes * 60 or schema.NONE16)
        self.board.tell_cuff(time.monotonic())

    def _cuff(self, call: str) -> dict[str, Any]:
        self._link()
        self.board.calls.append(call)
        why = self.board.refuse_cuff or ("unsupported" if self.board.cuff is None else "")
        if why or self.board.cuff is None:
            raise self._refused(why, 0)
        return self.board.cuff

    async def release(self, read: Any) -> None:
        self._link()
        b = self.board
        b.calls.append(f"release {dict(read)}")
        told = b._interlock()
        if read != {"pump": told.number}:
            raise self._refused("stale-clear", 0)
        if not told.normal:
            raise self._refused("guard", 1)
        b.interlock["tripped"] = 0
        b.alarms.clear()
        b._say(b._interlock(), time.monotonic())

    async def programme(self, data: Any) -> dict[str, Any]:
        self._link()
        b = self.board
        b.calls.append("programme")
        b.bed.set_readback(None)
        try:
            order = Order.from_input(data)
        except BadInput as error:
            b.bed.set_refusal(error)
            raise
        sent = order.programme(self.next, 2000)
        if b.state in ("infusing", "fault", "unconfirmed"):
            raise self._refused("bad-state", 0)
        if sent["rate"] > LIMIT_RATE:
            raise self._refused("rate-limit", LIMIT_RATE, sent["rate"])
        self.next, self.token = self.next + 1, self.token + 1
        b._standby("programmed")
        b.programme, b.rate, b.vtbi, b.on_loss = sent["programme"], sent["rate"], sent["vtbi"], sent["on_loss"]
        steps, finish = sent["vtbi"] * 3200 // 559_903, sent["vtbi"] * 60 // (sent["rate"] or 1)
        back = Readback(7, 1, **sent, nl_per_rev=559_903, steps=steps, finish=finish, token=self.token)
        legs = [
            LegBack(7, 1, **leg, steps=1, missing=0, finish=order.course.takes or 0, token=self.token)
            for leg in order.legs(sent["programme"])
        ]
        readback = shown(order, back, legs, _backs(order.guards, self.token)) | self.tampered
        b.interlock = {"rows": len(order.guards)}
        b.bed.set_label(Label(b.programme, order.drug, order.syringe.name, terms(readback)))
        b.bed.set_refusal(None)
        b.bed.set_readback(readback)
        self._tell()
        return readback

    tampered: dict[str, Any] = {}  # noqa: RUF012

    async def pause(self, programme: int) -> None:
        self._link()
        self.board.calls.append("pause")
        if self.board.state != "infusing" or programme != self.board.programme:
            raise self._refused("bad-state", 0)
        self.board.stand("paused", "paused")
        self._tell()

    async def resume(self, programme: int) -> None:
        self._link()
        self.board.calls.append("resume")
        if self.board.state != "paused" or programme != self.board.programme:
            raise self._refused("bad-state", 0)
        if self.board.interlock.get("tripped"):
            raise self._refused("interlock", 0)
        self.board.stand("infusing", "none")
        self._tell()

    async def change(self, data: Any) -> dict[str, Any]:
        self._link()
        b = self.board
        b.calls.append("change")
        bolus = "ml" in data
        rate = MlPerH.parse(data["ml_h" if bolus else "rate_ml_h"]).nl_per_min
        if rate > LIMIT_RATE:
            raise self._refused("rate-limit", LIMIT_RATE, rate)
        self.token += 1
        self.wanted = (bolus, rate)
        volume = Ml.parse(data["ml"]).nl if bolus else 0
        return shown_change(ChangeBack(7, 1, b.programme, int(bolus), rate, volume, 1000, 90, self.token))

    async def apply(self, programme: int, token: int) -> None:
        self._link()
        b = self.board
        b.calls.append("apply")
        if token != self.token:
            raise self._refused("bad-token", 0)
        bolus, rate = self.wanted
        if bolus:
            b.state = "bolus"
        else:
            b.rate = rate
        self._tell()

    async def prime(self, data: Any) -> dict[str, Any]:
        self._link()
        b = self.board
        b.calls.append("prime")
        if b.state != "standby":
            raise self._refused("bad-state", 0)
        self.token += 1
        b.priming, b.to_fill, b.filled = 99, Ml.parse(data["ml"]).nl, 0.0
        rate = MlPerH.parse(data["rate_ml_h"]).nl_per_min
        back = PrimeBack(7, 1, b.priming, 26_700, rate, int(b.to_fill), 1000, round(b.to_fill * 60 / rate), self.token)
        return shown_priming(data["syringe"], back)

    async def purge(self, programme: int, token: int, disconnected: bool) -> None:
        self._link()
        b = self.board
        b.calls.append(f"purge {disconnected}")
        if token != self.token or not disconnected:
            raise self._refused("connected", 0)
        b.state = "priming"
        b.bed.set_filling(Filling(programme, int(b.to_fill)))
        b.bed.set_label(Label(programme, "Filling the line", "BD 50 mL"))
        self._tell()

    async def confirm(self, programme: int, token: int) -> None:
        self._link()
        self.board.calls.append("confirm")
        if programme != self.board.programme or token != self.token:
            raise self._refused("bad-token", 0)
        self.board.state = "confirmed"
        self.board.bed.set_readback(None)
        self._tell()

    async def start(self, programme: int) -> None:
        self._link()
        self.board.calls.append("start")
        if programme != self.board.programme or self.board.state not in ("confirmed", "armed"):
            raise self._refused("bad-state", 0)
        self.board.state, self.board.delivered = "infusing", 0.0
        self._tell()

    async def stop(self, timeout: float = 2.0, why: str = "") -> dict[str, Any]:
        b = self.board
        b.calls.append("stop")
        if b.silent or not b.stop_answers:
            await asyncio.sleep(0.2)
            raise NoAnswer("The board has not answered the stop yet.")
        if b.state in ("infusing", "bolus", "paused"):
            b.state, b.reason = "stopped", "host-stop"
        elif b.state == "priming":
            b.state = "standby"
        self._tell()
        return {"state": b.state, "delivered_ml": round(b.delivered / 1e6, 4), "took_ms": 12.5}

    async def clear(self, reason: str) -> None:
        self._link()
        self.board.calls.append("clear")
        if reason != self.board.reason:
            raise self._refused("stale-clear", 0)
        self.board.was = None
        self.board._standby()
        self._tell()

    def _tell(self) -> None:
        self.board._say(self.board._pump(), time.monotonic())

    def _refused(self, status: str, detail: int, rate: int | None = None) -> Refused:
        sentence, limit = refusal(status, detail, rate)
        error = Refused(status, sentence, limit=limit)
        self.board.bed.set_refusal(error)
        return error
