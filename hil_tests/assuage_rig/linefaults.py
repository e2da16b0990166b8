"""What can happen to bytes on a serial line, in each direction: without a port and without a clock of its own.

Used by the emulated board's serial port in rig time, and around a real port in real time. A stage hands on what comes
through at once and keeps the rest until its time. A unit is a frame, which ends with 0x00, or a byte.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping

from assuage_rig.clock import NEVER
from assuage_rig.faults import Faults, Kind, Value
from assuage_rig.noise import key, mix

BOTH, TO_BOARD, TO_HOST = range(3)
BYTES, FRAMES = range(2)

_WAY: tuple[Value, Value, Value] = (BOTH, BOTH, TO_HOST)
_UNIT: tuple[Value, Value, Value] = (FRAMES, BYTES, FRAMES)
_EVERY: tuple[Value, Value, Value] = (10, 1, 1_000_000)

KINDS = {
    "cut": Kind("the line is cut: bytes are lost in both directions"),
    "deaf": Kind("bytes from the host never reach the board"),
    "mute": Kind("bytes from the board never reach the host"),
    "corrupt": Kind(
        "one bit in every n-th byte is flipped, way 0: both ways, 1: to the board, 2: to the host",
        {"every": (100, 1, 1_000_000), "way": (TO_BOARD, BOTH, TO_HOST)},
    ),
    "drop": Kind(
        "every n-th frame is lost, or with unit 0 every n-th byte, and `more` that follow it",
        {"every": _EVERY, "more": (0, 0, 10_000), "unit": _UNIT, "way": _WAY},
    ),
    "duplicate": Kind(
        "every n-th frame, or with unit 0 every n-th byte, comes twice", {"every": _EVERY, "unit": _UNIT, "way": _WAY}
    ),
    "reorder": Kind(
        "every n-th frame, or with unit 0 every n-th byte, comes after the next `behind` ones",
        {"every": _EVERY, "behind": (1, 1, 100), "unit": _UNIT, "way": _WAY},
    ),
    "delay": Kind(
        "everything comes later, and by chance up to jitter_ms later still, in its order",
        {"ms": (100, 0, 60_000), "jitter_ms": (0, 0, 60_000), "way": _WAY},
    ),
    "stall": Kind(
        "nothing comes for so long, then all of it at once",
        {"s": (2.0, 0.001, 3600.0), "way": _WAY},
    ),
}


class Stage:
    """One kind of fault on one direction, from when it begins until it ends; n units are let through between two."""

    def __init__(self, kind: str, params: Mapping[str, Value]) -> None:
        self._kind = kind
        self._every = int(params["every"])
        self._frames = params.get("unit", BYTES) == FRAMES
        self._more = int(params.get("more", 0))
        self._behind = int(params.get("behind", 0))
        self._part = bytearray()  # of a frame that has not ended yet
        self._count = 0
        self._dropping = 0
        self._waiting: list[tuple[int, bytes]] = []  # the count of the unit after which it comes, and what comes

    def put(self, data: bytes) -> bytes:
        """Bytes go in; those that come out."""
        return b"".join(self._one(unit) for unit in self._units(data))

    def rest(self) -> bytes:
        """What was held back as the fault ends."""
        held = b"".join(unit for _, unit in self._waiting) + bytes(self._part)
        self._waiting.clear()
        self._part.clear()
        return held

    def _units(self, data: bytes) -> Iterator[bytes]:
        for byte in data:
            self._part.append(byte)
            if not self._frames or byte == 0:
                yield bytes(self._part)
                self._part.clear()

    def _one(self, unit: bytes) -> bytes:
        self._count += 1
        struck = self._count % self._every == 0
        if self._kind == "drop":
            if struck:
                self._dropping = 1 + self._more
            if self._dropping:
                self._dropping -= 1
                return b""
            return unit
        if self._kind == "duplicate":
            return unit * 2 if struck else unit
        if self._kind == "corrupt":
            return bytes((unit[0] ^ 1 << (self._count // self._every & 7),)) if struck else unit
        out = b"" if struck else unit
        for due, late in self._waiting:
            out += late if due <= self._count else b""
        self._waiting = [(due, late) for due, late in self._waiting if due > self._count]
        if struck:
            self._waiting.append((self._count + self._behind, unit))
        return out


class Way:
    """One direction. due_us: when something that is kept comes out at the earliest."""

    def __init__(self, faults: Faults, way: int, silenced_by: str, seed: int) -> None:
        self._active = faults.active
        self._way = way
        self._silenced = ("cut", silenced_by)
        self._chance = key(seed, f"line {way}")
        self._stages: dict[str, Stage] = {}
        self._kept: deque[tuple[int, bytes]] = deque()  # when it comes out, and what
        self._puts = 0
        self._stalled_us = 0

    @property
    def due_us(self) -> int:
        """When to call take() at the latest; NEVER while nothing is kept."""
        return self._kept[0][0] if self._kept else NEVER

    def put(self, data: bytes, now_us: int) -> bytes:
        """Bytes go in; what comes out at once."""
        for stage in self._stages.values():
            data = stage.put(data)
        at_us = max(now_us, self._stalled_us)
        if self._here("delay"):
            delay = self._active["delay"]
            self._puts += 1
            jitter = mix(self._chance, self._puts) % (int(delay["jitter_ms"]) * 1000 + 1)
            at_us = max(at_us, now_us + int(delay["ms"]) * 1000 + jitter)
        self._keep(at_us, data)
        return self.take(now_us)

    def take(self, now_us: int) -> bytes:
        """What comes out by now; nothing while the line is cut."""
        out = b""
        while self._kept and self._kept[0][0] <= now_us:
            out += self._kept.popleft()[1]
        return b"" if any(kind in self._active for kind in self._silenced) else out

    def changed(self, kind: str, params: dict[str, Value] | None, now_us: int) -> None:
        """A fault of the line begins or ends; one that has ended holds nothing back any more."""
        here = params is not None and params.get("way", BOTH) in (BOTH, self._way)
        if kind in self._stages:
            self._keep(now_us, self._stages.pop(kind).rest())
        if params is not None and here and kind in ("drop", "duplicate", "reorder", "corrupt"):
            self._stages[kind] = Stage(kind, params)
        if kind == "stall":
            self._stalled_us = now_us + round(float(params["s"]) * 1e6) if params is not None and here else 0
        if kind in ("stall", "delay"):
            self._kept = deque((max(at_us if params else now_us, self._stalled_us), data) for at_us, data in self._kept)

    def _here(self, kind: str) -> bool:
        return kind in self._active and self._active[kind]["way"] in (BOTH, self._way)

    def _keep(self, at_us: int, data: bytes) -> None:
        if data:
            self._kept.append((at_us, data))  # and not before what was kept earlier: see take()


class Line:
    """Both directions. now: the time, us, that the caller lives in. busy: whether bytes have to go through here.

    due_us: when advance() is to be called; NEVER while nothing is kept.
    """

    def __init__(self, now: Callable[[], int], seed: int = 0, component: str = "uart") -> None:
        self._now = now
        self.faults = Faults(component, KINDS)
        self.faults.watchers.append(self._changed)
        self._to_board = Way(self.faults, TO_BOARD, "deaf", seed)
        self._to_host = Way(self.faults, TO_HOST, "mute", seed)
        self._stalled_us = NEVER
        self.busy = False
        self.due_us = NEVER

    def to_board(self, data: bytes) -> bytes:
        """From the host; what reaches the board now."""
        out = self._to_board.put(data, self._now())
        self._look()
        return out

    def to_host(self, data: bytes) -> bytes:
        """From the board; what reaches the host now."""
        out = self._to_host.put(data, self._now())
        self._look()
        return out

    def advance(self) -> tuple[bytes, bytes]:
        """What was kept and comes out by now: to the board, to the host. A stall that is over ends."""
        now = self._now()
        out = self._to_board.take(now), self._to_host.take(now)
        if self._stalled_us <= now:
            self.faults.over("stall")
        self._look()
        return out

    def _look(self) -> None:
        self.due_us = min(self._to_board.due_us, self._to_host.due_us, self._stalled_us)
        self.busy = bool(self.faults.active) or self.due_us < NEVER

    def _changed(self, kind: str, params: dict[str, Value] | None) -> None:
        now = self._now()
        if kind == "stall":
            self._stalled_us = now + round(float(params["s"]) * 1e6) if params is not None else NEVER
        self._to_board.changed(kind, params, now)
        self._to_host.changed(kind, params, now)
        self._look()
