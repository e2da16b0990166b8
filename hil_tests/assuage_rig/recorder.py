"""What went on at a board's terminals: every byte of its line at both ends, step words and pulses, pins, and the plant.

    recorder = Recorder(bench)
    recorder.every(0.5)                # a row of the plant each half second, from now on
    ...
    for name, text in recorder.files().items(): ...

It only listens: a run with a recorder is the same, byte for byte, as without one. A board that nobody records pays one
comparison a happening.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from assuage_rig.bench import Bench

WIRE_BYTES = 2_000_000
"""What is kept of the line at each end and each way; the newest, and how much was dropped is told."""

STEPS = 100_000
"""Likewise pulses."""

PINS = 200_000
"""Likewise levels, and words."""


PIN_NAMES = ("stop", "silence", "demand", "led", "led_red", "led_yellow", "buzzer")
"""Keys and signals. The drive itself tells when it has current; the fitting's switches follow the plant."""


class Sample(NamedTuple):
    """The plant at one moment. Volumes in nL since the recording began, pressure above the air's."""

    time_s: float
    commanded_nl: float
    shaft_nl: float
    patient_nl: float
    pressure_pa: float
    force_n: float


@dataclass
class Stream:
    """Bytes seen at one end of the line, going one way: (rig time in us, bytes), the newest of them."""

    chunks: deque[tuple[int, bytes]] = field(default_factory=deque)
    kept: int = 0
    dropped: int = 0

    def add(self, now_us: int, data: bytes) -> None:
        """Bytes pass."""
        self.chunks.append((now_us, bytes(data)))
        self.kept += len(data)
        while self.kept > WIRE_BYTES:
            lost = len(self.chunks.popleft()[1])
            self.kept -= lost
            self.dropped += lost

    @property
    def whole(self) -> bytes:
        """All of it, whenever it passed."""
        return b"".join(data for _, data in self.chunks)


class Recorder:
    """Listens to one bench from its making until the bench closes.

    streams: by end and way: ("host", ">") is what a host has sent, ("board", ">") what of that has arrived. steps: runs
    of pulses (first us, us between, count). words: as they were queued (us, count, period us). levels: of pins and of
    the drive's direction and current, (us, name, level). marks: what was done to the board, (us, words). samples: the
    plant, whenever it was asked for.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        circuit = bench.circuit
        self.began_us = bench.now_us
        self.streams = {(end, way): Stream() for end in ("host", "board") for way in "><"}
        self.steps: deque[tuple[int, int, int]] = deque()
        self.steps_dropped = 0
        self._steps_kept = 0
        self.words: deque[tuple[int, int, int]] = deque(maxlen=PINS)
        self.levels: deque[tuple[int, str, int]] = deque(maxlen=PINS)
        self.initial = {
            **{name: circuit.pins.named[name] for name in PIN_NAMES},
            "forward": int(circuit.drive.forward),
            "enabled": int(circuit.drive.enabled),
        }
        self.marks: list[tuple[int, str]] = []
        self.samples: list[Sample] = []
        self._commanded = self._shaft = 0.0
        self._turned, self._at = circuit.drive.turned, circuit.shaft.steps
        self._patient_zero = bench.patient_nl
        for part in (circuit.uart, circuit.drive, circuit.pins):
            if part.tap is not None:
                raise ValueError("this bench has a recorder already")
        circuit.uart.tap = self._line
        circuit.drive.tap = self._drive
        circuit.pins.tap = self._pin
        bench.marked = self.mark
        self.sample()

    # -- on demand ---------------------------------------------------------------------------------------------------
    def mark(self, what: str) -> None:
        """Writes a remark at this moment; faults, mending and the supply are written by themselves."""
        self.marks.append((self._bench.now_us, what))

    def sample(self) -> Sample:
        """Takes a row of the plant, now. A change of syringe between two rows counts with the new one's bore."""
        bench = self._bench
        shaft = bench.shaft
        turned, at = bench.drive.turned, shaft.steps
        self._commanded += (turned - self._turned) * shaft.syringe.nl_per_step
        self._shaft += (at - self._at) * shaft.syringe.nl_per_step
        self._turned, self._at = turned, at
        row = Sample(
            bench.now_us / 1e6,
            self._commanded,
            self._shaft,
            bench.patient_nl - self._patient_zero,
            bench.pressure_pa,
            bench.force_n,
        )
        self.samples.append(row)
        return row

    def every(self, seconds: float, until: Callable[[], object] = lambda: False) -> None:
        """Takes a row now and after every so many seconds of rig time, until the condition holds."""
        if until():
            return
        if self.samples[-1].time_s * 1e6 != self._bench.now_us:
            self.sample()
        self._bench.at(seconds, lambda: self.every(seconds, until))

    def ledger(self, per: float = 1.0) -> dict[str, tuple[list[float], list[float]]]:
        """Curves of commanded, shaft and patient volume in uL over time since the recording began, in units of `per`
        seconds; as evidence.plot takes them."""
        xs = [(row.time_s - self.began_us / 1e6) / per for row in self.samples]
        columns = {"commanded": "commanded_nl", "shaft": "shaft_nl", "patient": "patient_nl"}
        return {name: (xs, [getattr(row, of) / 1000 for row in self.samples]) for name, of in columns.items()}

    def happened(self, per: float = 1.0) -> dict[str, float]:
        """The marks with their time, as vertical lines beside `ledger`; one that comes again is numbered."""
        times: dict[str, float] = {}
        seen: Counter[str] = Counter()
        for at_us, what in self.marks:
            seen[what] += 1
            name = what if seen[what] == 1 else f"{what} ({seen[what]})"
            times[name] = (at_us - self.began_us) / 1e6 / per
        return times

    def files(self, name: str = "") -> dict[str, str]:
        """The artefacts by file name, those that hold anything: decoded line, rows of the plant, words, steps as VCD.

        name: goes before each, e.g. the board's when a test has two.
        """
        from assuage_rig.report import csvs, vcd, wirelog  # what it needs is no part of a running rig

        self._bench.drive.advance()  # it tells of a step when somebody asks
        found = {
            "wire.log": wirelog.text(self),
            "samples.csv": csvs.samples(self.samples),
            "words.csv": csvs.words(self.words),
            "steps.vcd": vcd.text(self),
        }
        return {f"{name}-{kind}" if name else kind: text for kind, text in found.items() if text}

    # -- listening ---------------------------------------------------------------------------------------------------
    def _line(self, end: str, way: str, data: bytes) -> None:
        if data:
            self.streams[end, way].add(self._bench.now_us, data)

    def _drive(self, what: str, at_us: int, a: int, b: int) -> None:
        if what == "word":
            self.words.append((at_us, a, b))
        elif what == "steps":
            self.steps.append((at_us, a, b))
            self._steps_kept += b
            while self._steps_kept > STEPS:
                self.steps_dropped += self._shorten()
        else:
            self.levels.append((at_us, what, a))

    def _shorten(self) -> int:
        """Drops the oldest pulses; returns how many."""
        first, period, count = self.steps.popleft()
        drop = min(count, self._steps_kept - STEPS)
        if drop < count:
            self.steps.appendleft((first + drop * period, period, count - drop))
        self._steps_kept -= drop
        return drop

    def _pin(self, name: str, level: int) -> None:
        if name in PIN_NAMES:
            self.levels.append((self._bench.now_us, name, level))
