"""A host for tests: speaks the wire to a board, keeps what it says, and renews the lease meanwhile. Knows no daemon.

with Bench() as bench:
    host = WireHost(bench)
    host.infuse(ml_h=10, ml=20)        # boots, opens a session, programmes, confirms, arms and starts
    host.run(600)                      # keeps the lease alive
    assert host.state == "infusing"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from assuage_rig.vital import Vital, vitals_in
from assuage_wire import codec, schema
from assuage_wire.frame import Reader, Writer
from assuage_wire.session import later

Values = dict[str, Any]

ML_H = 1_000_000 / 60  # nL/min
SESSION = 77
ANSWERS = ("Reply", "Readback", "LegBack", "ChangeBack", "PrimeBack", "Record", "GuardBack", "WatchBack")
_ANSWER_S = 3.0  # a line in real time has to carry what is asked and answered

ORDER = {
    "programme": 0, "mode": schema.MODES.index("continuous"), "rate": 0, "vtbi": 0, "duration": 36_000,
    "bore": 26_700, "capacity": 50_000_000, "limit_rate": 20_000_000, "limit_volume": 100_000_000, "on_loss": 0,
    "kvo": 0, "lease": 3000, "legs": 0, "loop": schema.NO_LOOP, "dose": 0, "dose_rate": 0, "lockout": 0, "bolus": 0,
    "limit_hour": schema.S30, "limit_4h": schema.S30, "on_end": 0,
    "level": 300, "outer": 0, "alike": 0, "contents": 50_000_000, "near_empty": 0,
    "guards": 0, "watch": 0, "bound": 0,
}  # fmt: skip
"""A programme for a BD 50 mL syringe, field by field of the wire."""


Row = tuple[str, str, int, int, int, int, int]
"""Of the interlock: names of parameter and kind, then threshold, persistence, hysteresis, max_age and missing."""


class Line(Protocol):
    """What a host needs of a board's line: a Bench, or a real serial port."""

    @property
    def now_us(self) -> int:
        """Time, us."""

    def send(self, data: bytes) -> None:
        """Bytes for the board."""

    def take(self) -> bytes:
        """What the board has sent since the last call."""

    def run(self, seconds: float) -> None:
        """Lets time pass; 0 lets the board do what it can at once."""

    def take_out(self, for_s: float | None = None) -> None:
        """Somebody takes the syringe out, and puts it back after a while."""


class RefusedError(AssertionError):
    """The board refused a command; `status` is the name, `detail` its number."""

    def __init__(self, name: str, status: str, detail: int) -> None:
        super().__init__(f"{name}: {status} ({detail})")
        self.status = status
        self.detail = detail


class Said(NamedTuple):
    """One message of the board, and the rig's time when it was read (s)."""

    name: str
    values: Values
    at: float


class WireHost:
    """Everything the board has said is in `said`. After start(), run() grants the lease every half second, unless
    a subclass says otherwise, and for how long.

    keep: False forgets all but the newest message of each name, for runs over days.
    """

    FIRST_BOOT = 1  # as the board counts
    FIRST_OCCURRENCE = 1
    FIRST_COMMAND = 0  # ids and counts of a session go on from here
    FIRST_GRANT = 0
    GRANT_MS = 2000
    GRANT_EVERY_S = 0.5

    def __init__(self, bench: Line, session: int = SESSION, keep: bool = True) -> None:
        self.bench = bench
        self.session = session
        self.said: list[Said] = []
        self.programme = 0
        self._keep = keep
        self._newest: dict[str, Said] = {}
        self._answers: list[Said] = []  # since the last command
        self._timed: Values = {}  # the newest that told the board's time
        self._command = self.FIRST_COMMAND
        self._grant = self.FIRST_GRANT
        self._granting = False
        self._writer = Writer()
        self.reader = Reader("<", self._hear)

    def _hear(self, message: codec.Message, _seq: int, values: list[Any]) -> None:
        said = Said(message.name, _named(message, values), self.bench.now_us / 1e6)
        self._newest[message.name] = said
        if said.name in ANSWERS:
            self._answers.append(said)
        if "ticks" in said.values:
            self._timed = said.values
        if self._keep:
            self.said.append(said)

    # -- what was said -----------------------------------------------------------------------------------------------

    def listen(self) -> None:
        """Reads what the board has sent."""
        data = self.bench.take()
        self.reader.feed(data, len(data))

    def all(self, name: str, since: float = 0.0) -> list[Values]:
        """Values of every message of that name since a rig time."""
        self.listen()
        return [m.values for m in self.said if m.name == name and m.at >= since]

    def last(self, name: str) -> Values:
        """Values of the newest message of that name. KeyError when there has been none."""
        self.listen()
        return self._newest[name].values

    def vital(self, name: str) -> Vital:
        """The newest word on one of the patient's numbers. KeyError when there has been none."""
        return vitals_in(self.last("Vitals"))[name]

    def heard(self, name: str) -> bool:
        """Whether there has been a message of that name."""
        self.listen()
        return name in self._newest

    @property
    def state(self) -> str:
        """The pump's, by its newest status, e.g. "infusing"."""
        return schema.STATES[self.last("PumpStatus")["state"]]

    @property
    def reason(self) -> str:
        """Why, by the newest status, e.g. "lease-lapsed"."""
        return schema.REASONS[self.last("PumpStatus")["reason"]]

    # -- what is said ------------------------------------------------------------------------------------------------

    def frame(self, name: str, *values: Any) -> bytes:
        """One message as bytes."""
        n = self._writer.frame(codec.BY_NAME[name], list(values))
        return bytes(self._writer.out[:n])

    def tell(self, name: str, *values: Any) -> None:
        """Sends one message and lets the board handle it, which takes no time of the rig's clock."""
        self.bench.send(self.frame(name, *values))
        self.bench.run(0)
        self.listen()

    def ask(self, name: str, *values: Any) -> Values:
        """Sends a command and returns its answer. Raises AssertionError when there is none."""
        self._command += 1
        self._answers.clear()
        self.tell(name, self.session, self._command, *values)
        self._wait(lambda: self._answers, name)
        assert len(self._answers) == 1, f"{name} was answered by {self._answers}"
        answer = self._answers[0].values
        assert answer["command"] == self._command
        return answer

    def order(self, name: str, *values: Any) -> Values:
        """A command that must succeed; its answer. Raises RefusedError."""
        answer = self.ask(name, *values)
        if answer.get("status"):
            raise RefusedError(name, schema.STATUSES[answer["status"]], answer["detail"])
        return answer

    def identify(self, session: int | None = None) -> Values:
        """Opens a session; returns Hello."""
        self.session = self.session if session is None else session
        self.tell("Identify", self.session)
        self._wait(lambda: self.heard("Hello") and self.last("Hello")["session"] == self.session, "Identify")
        self._command, self._grant = self.FIRST_COMMAND, self.FIRST_GRANT
        self._granting = False
        return self.last("Hello")

    def stop(self, token: int = 1) -> Values:
        """STOP; returns Stopped."""
        self._newest.pop("Stopped", None)
        self.tell("Stop", token)
        self._wait(lambda: self.heard("Stopped"), "Stop")
        assert self.last("Stopped")["token"] == token
        return self.last("Stopped")

    # -- infusing ----------------------------------------------------------------------------------------------------

    def offer(
        self, ml_h: float = 10.0, ml: float = 5.0, on_loss: str = "stop", kvo_ml_h: float = 0.0, **others: int
    ) -> Values:
        """Programmes a BD 50 mL syringe; `others` are raw fields. Returns the Readback or the Reply."""
        self.programme += 1
        order = ORDER | {
            "programme": self.programme, "rate": round(ml_h * ML_H), "vtbi": round(ml * 1e6),
            "on_loss": schema.ON_LOSS.index(on_loss), "kvo": round(kvo_ml_h * ML_H),
            "contents": others.get("capacity", ORDER["capacity"]),
        }  # fmt: skip
        assert order.keys() >= others.keys()
        return self.ask("Programme", *(order | others).values())

    def profile(self, *legs: tuple[int, int, int, int], loop: int = schema.NO_LOOP, **programme: Any) -> Values:
        """Programmes legs of (begin nL/min, end nL/min, volume nL, seconds); returns the last LegBack or a Reply."""
        answer = self.offer(mode=schema.MODES.index("profile"), legs=len(legs), loop=loop, **programme)
        for number, leg in enumerate(legs):
            if not answer.get("status"):
                answer = self.ask("Leg", self.programme, number, *leg)
        return answer

    def rows(self, programme: int, rows: Sequence[Row]) -> Values:
        """Sends rows of the interlock for what was offered last; returns the last GuardBack, or a Reply."""
        answer: Values = {}
        for number, (parameter, kind, *rest) in enumerate(rows):
            if not answer.get("status"):
                row = (schema.PARAMETERS.index(parameter), schema.GUARDS.index(kind), *rest)
                answer = self.ask("Guard", programme, number, *row)
        return answer

    def guarded(self, rows: Sequence[Row], **programme: Any) -> Values:
        """Programmes a flow that is guarded by rows of the interlock; returns the last GuardBack or a Reply."""
        answer = self.offer(guards=len(rows), **programme)
        return answer if answer.get("status") else self.rows(self.programme, rows)

    def start(self, wait: bool = True, **programme: Any) -> Values:
        """All the way from programme to delivery; returns the Readback. Raises RefusedError. wait: as in begin()."""
        back = self.offer(**programme)
        if "status" in back:
            raise RefusedError("Programme", schema.STATUSES[back["status"]], back["detail"])
        self.begin(back["token"], wait)
        return back

    def begin(self, token: int, wait: bool = True) -> None:
        """From the read-back to delivery. wait: until play and seal are taken up."""
        self.order("Confirm", self.programme, token)
        self.make_ready()
        self.order("Arm", self.programme)
        answer = self.order("Start", self.programme, *self.until())
        self._granting = True
        if wait and schema.STATES[answer["state"]] == "taking-up":  # play and seal, before the dose
            self.run(0.1)
            while self.state == "taking-up":
                self.run(0.1)

    def infuse(self, **programme: Any) -> Values:
        """Boots, opens a session and starts a delivery; returns the Readback."""
        self.run(0.5)
        self.identify()
        return self.start(**programme)

    def run(self, seconds: float) -> None:
        """Lets time pass, granting as long as start() asked for it; see hush()."""
        left = seconds
        while left > 0:
            step = min(left, self.GRANT_EVERY_S)
            self.bench.run(step)
            left -= step
            self.listen()
            if self._granting:
                self.grant()

    def grant(self) -> None:
        """Renews the lease, from the newest board time heard."""
        self._grant += 1
        self.tell("Lease", self.session, self._grant, self.programme, *self.until())

    def make_ready(self) -> None:
        """Waits until the pump has its syringe and has tested itself; puts the syringe in anew if it asks for that."""
        asked = False
        for _ in range(100):
            if self.heard("Drive"):
                drive = self.last("Drive")
                force = schema.FORCES[drive["force_is"]]
                if force == "untared" and drive["fitted"] == 0 and not asked:
                    asked = True
                    self.bench.take_out(1.0)
                fitted = schema.FITTINGS[drive["fitted"]]
                if force in ("good", "none") and fitted in ("fitted", "none") and not drive["missing"]:
                    return
            self.run(0.1)

    def resume(self) -> None:
        """Ends a pause."""
        self.order("Resume", self.programme, *self.until())

    def supervise(self, programme: int) -> None:
        """Grants for motion that start() did not begin, e.g. a purge."""
        self.programme = programme
        self._granting = True

    def hush(self) -> None:
        """Grants no more."""
        self._granting = False

    def until(self) -> tuple[int, int]:
        """Ticks and wraps at which a lease granted now ends."""
        return later(self._timed["ticks"], self._timed["wraps"], self.GRANT_MS)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _wait(self, condition: Any, what: str) -> None:
        """On the bench a board answers in no time; elsewhere it takes some."""
        end = self.bench.now_us + round(_ANSWER_S * 1e6)
        while not condition():
            if self.bench.now_us >= end:
                raise AssertionError(f"the board did not answer {what} within {_ANSWER_S:g} s")
            self.bench.run(0.001)
            self.listen()


def _named(message: codec.Message, values: list[Any]) -> Values:
    out: Values = {}
    place = 0
    for field, (_letter, _size, count, _lo, _hi) in zip(message.fields, message.plan, strict=True):
        out[field[0]] = values[place] if count == 1 else list(values[place : place + count])
        place += count
    return out
