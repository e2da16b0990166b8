"""A bed with a board that says what a test wants it to say, without a serial line and with time in the test's hand."""

from __future__ import annotations

from typing import Any

from assuage.bedside.bed import Bed
from assuage.link.events import Event, Identified, Link, LinkChanged, Periodic, Telemetry
from assuage.link.messages import Capnogram, Cuff, Health, Hello, Interlock, Pleth, PumpStatus, Vitals
from assuage_wire import schema
from assuage_wire.codec import SCHEMA_ID

HELLO = Hello(
    wire=schema.WIRE, schema=SCHEMA_ID, board=bytes.fromhex("0102030405060708"), fw_major=0, fw_minor=1, fw_patch=2,
    config=7, boot=42, reset=1, session=5, ticks=0, wraps=0,
)  # fmt: skip
PUMP = PumpStatus(
    ticks=1000, wraps=0, state=4, reason=0, programme=77, rate=166_667, set_rate=166_667, vtbi=50_000_000,
    delivered=1_234_567, measured=1_230_000, left=17_556, lease=1500, on_loss=0, was_programme=0,
    was_low=schema.NONE32, was_high=schema.NONE32, bolus=0, doses=0, denied=0, lockout=0, aside=0,
)  # fmt: skip


def said(age_s: float = 0.0, trust: int = 93, ppg: str = "ok", ticks: int = 1000, **values: int) -> Vitals:
    """A board's word on a patient who is watched by an oximeter alone. values: by the names of the wire's PARAMETERS,
    `_` for `-`, as on the wire; ppg: the oximeter's signal."""
    told = {"spo2": 971, "pulse": 724, "perfusion": 215} | {key.replace("_", "-"): v for key, v in values.items()}
    ours = ("spo2", "pulse", "perfusion")
    good, none = schema.QUALITIES.index("good"), schema.QUALITIES.index("none")
    numbers = [told.get(name, schema.NONE16) for name in schema.PARAMETERS]
    signals = [ppg if name in ours else "ok" if name in told else "never" for name in schema.PARAMETERS]
    ages = [round(age_s * 10) if name in told else 65_535 for name in schema.PARAMETERS]
    qualities = [none if number == schema.NONE16 else good for number in numbers]
    codes = [schema.SIGNALS.index(signal) for signal in signals]
    return Vitals(ticks, 0, tuple(numbers), tuple(qualities), tuple(codes), tuple(ages), trust)


VITALS = said()
HEALTH = Health(
    ticks=1000, wraps=0, overruns=0, loop_us=900, collect_us=300, heap_free=90_000, rx_errors=1, bus_errors=2,
    lease=1400, watchdog=1800,
)  # fmt: skip
CUFF = Cuff(ticks=1000, wraps=0, state=0, pressure=0, every=5, next=171, last=0)
CAPNOGRAM = Capnogram(ticks=1000, wraps=0, index=0, hz=25, signal=0, samples=tuple(range(0, 400, 40)))
INTERLOCK = Interlock(
    ticks=1000, wraps=0, tripped=0, number=0, parameter=255, kind=2, quality=0, value=schema.NONE16, age=0, rows=0,
    row=255, normal=1, watch=0, verdict=0, permission=0, watching=0, acting=0,
)  # fmt: skip
LOW = INTERLOCK._replace(
    tripped=1, number=7, parameter=0, kind=0, quality=2, value=861, age=400, normal=0, rows=1, row=0
)
PLETH = Pleth(ticks=1000, wraps=0, index=0, hz=100, signal=0, samples=tuple(range(10)))


class FakeBed:
    """`bed` is a real one; `now` is its clock in seconds, `wall` the Unix time at now = 0."""

    def __init__(self, signs_port: str = "") -> None:
        self.now = 100.0
        self.listeners: list[Any] = []
        self.signs_listeners: list[Any] = []
        clock, wall = lambda: self.now, lambda: 1_767_225_600.0 + self.now
        self.bed = Bed("Bed 1", "/dev/null", signs_port=signs_port, clock=clock, wall=wall)

    def tell(self, event: Event) -> None:
        """The bed takes an event, and then whoever listens, as in the daemon."""
        self.bed.handle(event)
        for listener in self.listeners:
            listener(event)

    def tell_signs(self, event: Event) -> None:
        """The same of the second board."""
        self.bed.handle_signs(event)
        for listener in self.signs_listeners:
            listener(event)

    def live(self) -> None:
        """The link comes up and the board says who it is."""
        self.tell(LinkChanged(Link.LIVE, "The board answers.", self.now))
        self.tell(Identified(HELLO, True, self.now))

    def lose(self) -> None:
        """The link is lost."""
        self.tell(LinkChanged(Link.LOST, "The board is silent.", self.now))

    def say(self, message: Periodic) -> None:
        """The board says this now."""
        self.tell(Telemetry(message, self.now, self.now))
