"""What is known of a bed at this moment, as plain data. `Bed` writes it, `snapshot` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from assuage.bedside.alarms import BoardAlarms
from assuage.bedside.waves import WaveRing
from assuage.link.events import Link
from assuage.link.messages import Cuff, Drive, Health, Hello, Interlock, Limits, PumpStatus, Vitals

M = TypeVar("M", PumpStatus, Drive, Vitals, Cuff, Health, Interlock)


class Heard(NamedTuple, Generic[M]):
    """The newest message of a kind, and when the board said it (monotonic, s): never later than its reception."""

    message: M
    at: float


class Label(NamedTuple):
    """What a programme's number stands for; only the host knows the drug."""

    programme: int
    drug: str
    syringe: str
    terms: Mapping[str, Any] = {}

    def titrates(self, programme: int) -> bool:
        """Whether that is its programme, and one whose rate follows a target."""
        return self.programme == programme and self.terms.get("mode") == "tci"


class Targeted(NamedTuple):
    """How a target is followed, as the snapshot shows it. at: monotonic s of the telemetry that it rests on."""

    at: float
    told: Mapping[str, Any]


class Filling(NamedTuple):
    """A line that is being filled, or was filled last: the priming's id, and nL that were asked for."""

    programme: int
    volume: int


class Refusal(NamedTuple):
    """The last order that was refused. limit has its unit; at is monotonic, s."""

    sentence: str
    status: str
    limit: str | None
    by: str
    at: float


@dataclass
class Signs:
    """The second board of a bed, where there is one: it measures the patient and watches for the pump."""

    port: str
    link: Link = Link.CONNECTING
    link_sentence: str = "The daemon is starting."
    link_since: float = 0.0
    hello: Hello | None = None
    interlock: Heard[Interlock] | None = None
    alarms: BoardAlarms = field(default_factory=BoardAlarms)


@dataclass
class Picture:
    """Everything of one bed. Nothing here is checked for age: that is `snapshot`'s job."""

    bed: str
    port: str
    link: Link = Link.CONNECTING
    link_sentence: str = "The daemon is starting."
    link_since: float = 0.0
    rtt: float | None = None
    frames_lost: int = 0  # since this daemon's start: gaps in the board's sequence numbers
    frames_refused: int = 0  # what came from the port and was no frame
    hello: Hello | None = None
    pump: Heard[PumpStatus] | None = None
    drive: Heard[Drive] | None = None
    vitals: Heard[Vitals] | None = None
    limits: Limits | None = None
    cuff: Heard[Cuff] | None = None
    health: Heard[Health] | None = None
    interlock: Heard[Interlock] | None = None
    tripped_at: float | None = None  # monotonic s, of the newest trip that was seen to happen
    signs: Signs | None = None  # None: the pump's own board measures the patient
    permission_trouble: str = ""  # why the other board's permission does not come through
    pleth: WaveRing = field(default_factory=WaveRing)
    capnogram: WaveRing = field(default_factory=WaveRing)
    alarms: BoardAlarms = field(default_factory=BoardAlarms)
    label: Label | None = None
    filling: Filling | None = None
    target: Targeted | None = None
    readback: dict[str, Any] | None = None
    refusal: Refusal | None = None
    unsupervised: str = ""  # why this host does not supervise what the pump is doing; "" when it does, or nothing moves
    patient: Mapping[str, Any] = field(default_factory=dict)  # body of the record's Admission; empty: nobody
    services: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    charting: Mapping[str, Any] | None = None  # what is due, found and predicted; None where nothing is charted

    @property
    def measuring(self) -> tuple[Link, str]:
        """The link to the board that measures the patient, and why it is so."""
        at: Picture | Signs = self if self.signs is None else self.signs
        return at.link, at.link_sentence
