"""A board played by a script: enough of one to hold a host to its promises, with knobs for everything that can go
wrong.

`FakeBoard` is sans I/O and speaks by the pure codec, its pump is in fake_pump.py. `PtyBoard` puts one behind a
pseudo-terminal in the running event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import tty
from collections.abc import Callable
from typing import Any

from assuage_wire import codec, frame, schema, session
from assuage_wire.codec import BY_NAME, SCHEMA_ID
from assuage_wire.schema import NONE16, NONE32, PARAMETERS, QUALITIES, S30, SIGNALS
from tests.host.fake_pump import BACKS, MOVING, STATES, FakePump

STATUSES = schema.STATUSES
PERIODS = {"PumpStatus": 0.2, "Pleth": 0.1, "Vitals": 1.0, "Health": 1.0, "Journal": 0.2, "Interlock": 0.2}


class FakeBoard(FakePump):
    """Times are the host's seconds; the board's own clock starts at `first_ms` and runs `drift` (e.g. 50e-6) fast."""

    def __init__(
        self, now: float = 0.0, *, first_ms: int = 1000, drift: float = 0.0, uid: bytes = b"FAKE\0\0\0\1"
    ) -> None:
        super().__init__()
        self.uid, self.boot, self.reset = uid, 1, "power-on"
        self.schema = SCHEMA_ID
        self.mute = self.deaf = False
        self.telemetry = True
        self.refuse: dict[str, tuple[str, int]] = {}  # command -> status and detail
        self.ignore: set[str] = set()  # names of messages that are not answered nor carried out
        self.lose_sent: Callable[[str], bool] = lambda name: False
        self.log: list[tuple[str, dict[str, Any]]] = []
        self.carried_out: list[str] = []  # commands, each once however often it came
        self.journal: dict[int, list[int]] = {}  # number -> kind a b c x y z boot ticks wraps check
        self.journal_stored = 0
        self._drift = drift
        self._out = bytearray()
        self._start(now, first_ms)

    def _start(self, now: float, first_ms: int) -> None:
        self._stand(now)
        self._zero, self._first_ms = now, first_ms
        self.session = 0
        self.cuff: list[int] | None = [0, 0, 5, 300, SIGNALS.index("never")]  # as a Cuff message tells it; None: none
        self.answers = session.Answers(codec.WIDEST)
        self._reader = frame.Reader(">", self._on_frame)
        self._writer = frame.Writer()
        self._due = dict.fromkeys(PERIODS, now)
        self._hello_due = now
        self._index = 0

    # -- knobs ---------------------------------------------------------------------------------------------------------

    def restart(self, now: float, first_ms: int = 0, reset: str = "watchdog") -> None:
        """Starts again, as after a reset in the middle of whatever it did."""
        running, programme, delivered = self.state in MOVING, self.programme, self.delivered
        self.boot += 1
        self.reset = reset
        self._out.clear()
        self._start(now, first_ms)
        if running:
            self.state, self.reason = "unconfirmed", "reset"
            self.was = (programme["programme"], int(delivered), int(delivered) + 1000)

    def received(self, name: str) -> list[dict[str, Any]]:
        """Every message of that name that arrived, repeats included."""
        return [values for said, values in self.log if said == name]

    # -- time and bytes ------------------------------------------------------------------------------------------------

    def time(self) -> tuple[int, int]:
        """(ticks, wraps)."""
        ms = self._first_ms + int((self._now - self._zero) * 1000 * (1 + self._drift))
        return ms & S30, ms >> 30

    def feed(self, data: bytes, now: float) -> None:
        """Bytes from the host."""
        self.tick(now)
        if not self.deaf:
            self._reader.feed(bytearray(data), len(data))

    def take(self) -> bytes:
        """Bytes for the host."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def tick(self, now: float) -> None:
        """Lets time pass: delivers, lets the lease lapse, sends telemetry."""
        self._now = max(now, self._now)
        self._deliver()
        self.interlock.tick(self._now, self.state in MOVING)
        if self.session == 0 and now >= self._hello_due:
            self._hello_due = now + 1.0
            self._hello()
        if self.telemetry:
            for name, period in PERIODS.items():
                if now >= self._due[name]:
                    self._due[name] = max(self._due[name] + period, now)
                    getattr(self, f"_send_{name}")()

    # -- out -----------------------------------------------------------------------------------------------------------

    def send(self, name: str, values: list[Any]) -> None:
        """Sends any message."""
        n = self._writer.frame(BY_NAME[name], values)
        if not self.mute and not self.lose_sent(name):
            self._out += self._writer.out[:n]

    def _hello(self) -> None:
        self.send(
            "Hello",
            [schema.WIRE, self.schema, self.uid, 0, 1, 0, 7, self.boot, schema.RESETS.index(self.reset), self.session]
            + list(self.time()),
        )

    def _send_Vitals(self) -> None:
        known = [971, 720, 210]
        rest = len(PARAMETERS) - len(known)
        good, never = QUALITIES.index("good"), SIGNALS.index("never")
        values = [*known, *[NONE16] * rest, *[good] * len(known), *[0] * rest, *[0] * len(known), *[never] * rest]
        self.send("Vitals", [*self.time(), *values, *[0] * len(known), *[65535] * rest, 95])

    def _send_Pleth(self) -> None:
        self.send("Pleth", [*self.time(), self._index & S30, 100, 0, *((i * 50) % 500 for i in range(10))])
        self._index += 10

    def _send_Health(self) -> None:
        self.send("Health", [*self.time(), 0, 900, 1500, 90_000, 0, 0, 65535, 1800])

    def alarm(self, name: str, occurrence: int) -> None:
        """Raises an alarm, which is told once."""
        how = [schema.PRIORITIES.index("high"), schema.ALARM_STATES.index("active"), occurrence, 1, 0]
        self.send("Alarm", [*self.time(), schema.ALARMS.index(name), *how])

    def note(self, kind: str, *numbers: int) -> int:
        """Writes a record into the journal: kind, then a b c x y z as far as they are given. Returns its number."""
        number = max(self.journal, default=0) + 1
        said = [*numbers, *[0] * (6 - len(numbers))]
        record = [schema.RECORDS.index(kind), *said, self.boot & 0xFFFF, *self.time()]
        self.journal[number] = [*record, hash((number, *record)) & S30]
        return number

    def _send_Journal(self) -> None:
        newest, oldest = max(self.journal, default=NONE32), min(self.journal, default=NONE32)
        self.send("Journal", [*self.time(), newest, oldest, self.journal_stored, 0, 1000, 0])

    # -- in ------------------------------------------------------------------------------------------------------------

    def _on_frame(self, message: codec.Message, seq: int, flat: list[Any]) -> None:
        v = dict(zip((f[0] for f in message.fields), flat, strict=False))
        self.log.append((message.name, v))
        if message.name in self.ignore:
            return
        if message.name == "Identify":
            if v["session"] != self.session:
                self.session = v["session"]
                self.answers.forget()
                self.lease.new_session()
                if self.state in ("confirmed", "armed"):
                    self.state = "programmed"
            self._hello()
        elif message.name == "Stop":
            if self.state in ("programmed", "confirmed", "armed", "paused", *MOVING):
                self._halt("stopped", "host-stop")
            elif self.state == "priming":
                self._halt("standby", "none")
            self.send("Stopped", [v["token"], STATES.index(self.state), int(self.delivered)])
        elif self.schema != SCHEMA_ID:
            return
        elif message.name in ("PassAsk", "PassPermit"):
            if v["session"] == self.session and message.name == "PassAsk":
                self.interlock.ask(v["watch"], v["nonce"], v["moving"])
            elif v["session"] == self.session:
                self.interlock.answer(flat[1:], self._now)
        elif message.name == "Lease":
            if v["session"] == self.session and v["programme"] == self._moved_for():
                self._grant(v)
        else:
            self._command(message.name, v)

    def _command(self, name: str, v: dict[str, Any]) -> None:
        if v["session"] != self.session:
            self._reply(name, v, "wrong-session")
            return
        asked, request = BY_NAME[name], list(v.values())
        look = self.answers.look(v["command"], asked, request)
        if look == session.REPEAT:
            assert self.answers.message is not None and self.answers.values is not None
            self.send(self.answers.message.name, self.answers.values)
            return
        if look == session.STALE:
            self._reply(name, v, "bad-state")
            return
        if name != "Probe":
            self.carried_out.append(name)
        status, detail = self.refuse.get(name, ("ok", 0))
        if status == "ok":
            before = self.state
            status, detail = getattr(self, f"_do_{name}")(v)
            if self.state != before:
                self._send_PumpStatus()
        if status == "record":
            kept = [v["session"], v["command"], detail, *self.journal[detail]]
            self.answers.keep(v["command"], asked, request, BY_NAME["Record"], kept)
            self.send("Record", kept)
        elif status in BACKS:
            kept = [v["session"], v["command"], *getattr(self, f"_{status.lower()}")()]
            self.answers.keep(v["command"], asked, request, BY_NAME[status], kept)
            self.send(status, kept)
        else:
            self.answers.keep(v["command"], asked, request, BY_NAME["Reply"], self._reply(name, v, status, detail))

    def _reply(self, name: str, v: dict[str, Any], status: str, detail: int = 0) -> list[Any]:
        values = [v["session"], v["command"], STATUSES.index(status), detail, STATES.index(self.state), *self.time()]
        values.append(BY_NAME[name].id)
        self.send("Reply", values)
        return values

    def _do_Acknowledge(self, v: dict[str, Any]) -> tuple[str, int]:
        return "ok", 0

    def _do_Silence(self, v: dict[str, Any]) -> tuple[str, int]:
        return "ok", 0

    def _do_Probe(self, v: dict[str, Any]) -> tuple[str, int]:
        return "ok", 0

    def _do_Fetch(self, v: dict[str, Any]) -> tuple[str, int]:
        numbers = [number for number in self.journal if number >= v["number"]]
        return ("record", min(numbers)) if numbers else ("bad-value", 2)

    def _do_Stored(self, v: dict[str, Any]) -> tuple[str, int]:
        if self.journal.get(v["number"], [None])[-1] != v["check"]:
            return "bad-value", 3
        self.journal_stored = max(self.journal_stored, v["number"])
        return "ok", 0

    def _do_Measure(self, v: dict[str, Any]) -> tuple[str, int]:
        what, cuff = schema.MEASURES[v["what"]], self.cuff
        if cuff is None:
            return "unsupported", 0
        if what == "every":
            cuff[2:4] = v["minutes"], v["minutes"] * 60 or NONE16
        elif (what == "start") == (cuff[0] > 0):
            return "bad-state", 0
        else:
            cuff[0] = schema.CUFF_STATES.index("inflating" if what == "start" else "idle")
        self.send("Cuff", [*self.time(), *cuff])
        return "ok", 0


class PtyBoard:
    """A FakeBoard at the other end of a pseudo-terminal, served by the running event loop until it is unplugged.

    Its path is a link of its own, which goes with it: the kernel gives the number of a pseudo-terminal that has gone to
    the next one, and whoever still looks for this board must not find another test's.
    """

    def __init__(self, board: FakeBoard | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self.board = board or FakeBoard(self._loop.time())
        self._master = -1
        self._folder = tempfile.TemporaryDirectory(prefix="assuage-board-")
        self.path = os.path.join(self._folder.name, "port")
        self._timer: asyncio.TimerHandle | None = None

    def plug(self, link: str | os.PathLike[str] | None = None) -> None:
        """Makes the pseudo-terminal; `link`, else one of its own, becomes a symbolic link to it."""
        self._master, slave = os.openpty()
        tty.setraw(slave)
        name = os.ttyname(slave)
        os.close(slave)
        os.set_blocking(self._master, False)
        self.path = self.path if link is None else os.fspath(link)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        os.symlink(name, self.path)
        self._tick()

    def unplug(self) -> None:
        """The port disappears."""
        if self._timer:
            self._timer.cancel()
        if self._master >= 0:
            with contextlib.suppress(FileNotFoundError):  # somebody has taken it away already
                os.unlink(self.path)
            os.close(self._master)
        self._master = -1

    def _tick(self) -> None:
        # Polled: while nobody has the other side open, a reader callback would fire all the time.
        now = self._loop.time()
        with contextlib.suppress(BlockingIOError, OSError):
            while data := os.read(self._master, 4096):
                self.board.feed(data, now)
        self.board.tick(now)
        if out := self.board.take():
            with contextlib.suppress(BlockingIOError, OSError):
                os.write(self._master, out)
        self._timer = self._loop.call_later(0.002, self._tick)
