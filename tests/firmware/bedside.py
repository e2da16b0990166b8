"""A host in a few lines: speaks the wire to a board on the bench, keeps what it says, and grants leases meanwhile."""

from __future__ import annotations

from typing import Any, NamedTuple

from assuage_rig.bench import Bench
from assuage_wire import codec, schema
from assuage_wire.frame import Reader, Writer
from assuage_wire.session import later

ML_H = 1_000_000 / 60  # nL/min
SESSION = 77


class Said(NamedTuple):
    """One message of the board, and the rig's time when it was read (s)."""

    name: str
    values: dict[str, Any]
    at: float


def _named(message: codec.Message, values: list[Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for field, plan in zip(message.fields, message.plan, strict=True):
        place = message.index(field[0])
        out[field[0]] = values[place] if plan[2] == 1 else list(values[place : place + plan[2]])
    return out


class Bedside:
    """Everything the board has said is in `said`. After start(), run() grants the lease every half second."""

    FIRST_BOOT = 1  # as the board counts
    FIRST_OCCURRENCE = 1
    FIRST_COMMAND = 0  # ids and counts of a session go on from here
    FIRST_GRANT = 0

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.said: list[Said] = []
        self.programme = 0
        self._command = self.FIRST_COMMAND
        self._grant = self.FIRST_GRANT
        self._granting = False
        self._writer = Writer()
        self.reader = Reader("<", self._hear)

    def _hear(self, message: codec.Message, _seq: int, values: list[Any]) -> None:
        self.said.append(Said(message.name, _named(message, values), self.bench.now_us / 1e6))

    # -- what was said -----------------------------------------------------------------------------------------------

    def listen(self) -> None:
        """Reads what the board has sent."""
        data = self.bench.take()
        self.reader.feed(data, len(data))

    def all(self, name: str, since: float = 0.0) -> list[dict[str, Any]]:
        """Values of every message of that name since a rig time."""
        self.listen()
        return [m.values for m in self.said if m.name == name and m.at >= since]

    def last(self, name: str) -> dict[str, Any]:
        """Values of the newest message of that name."""
        self.listen()
        return next(m.values for m in reversed(self.said) if m.name == name)

    @property
    def state(self) -> str:
        """The pump's, by its newest status."""
        return schema.STATES[self.last("PumpStatus")["state"]]

    @property
    def reason(self) -> str:
        """Why, by the newest status."""
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

    def ask(self, name: str, *values: Any) -> dict[str, Any]:
        """Sends a command and returns its answer. Raises AssertionError when there is none at that same moment."""
        self._command += 1
        before = len(self.said)
        self.tell(name, SESSION, self._command, *values)
        answers = [m for m in self.said[before:] if m.name in ("Reply", "Readback", "LegBack", "ChangeBack", "Record")]
        assert len(answers) == 1, f"{name} was answered by {answers}"
        assert answers[0].values["command"] == self._command
        return answers[0].values

    def order(self, name: str, *values: Any) -> dict[str, Any]:
        """A command that must succeed; its answer."""
        answer = self.ask(name, *values)
        status = schema.STATUSES[answer.get("status", 0)]
        assert status == "ok", f"{name}: {status}"
        return answer

    def identify(self, session: int = SESSION) -> None:
        """Opens a session."""
        self.tell("Identify", session)
        assert self.last("Hello")["session"] == session
        self._command, self._grant = self.FIRST_COMMAND, self.FIRST_GRANT
        self._granting = False

    def offer(
        self, ml_h: float = 10.0, ml: float = 5.0, on_loss: str = "stop", kvo_ml_h: float = 0.0, **others: int
    ) -> dict[str, Any]:
        """Programmes a BD 50 mL syringe; `others` are raw fields. Returns the Readback or the Reply."""
        self.programme += 1
        order = {
            "programme": self.programme, "mode": schema.MODES.index("continuous"), "rate": round(ml_h * ML_H),
            "vtbi": round(ml * 1e6), "duration": 36_000, "bore": 26_700, "capacity": 50_000_000,
            "limit_rate": 20_000_000, "limit_volume": 100_000_000, "on_loss": schema.ON_LOSS.index(on_loss),
            "kvo": round(kvo_ml_h * ML_H), "lease": 3000, "legs": 0, "loop": schema.NO_LOOP, "dose": 0, "dose_rate": 0,
            "lockout": 0, "bolus": 0, "limit_hour": schema.S30, "limit_4h": schema.S30, "on_end": 0,
            "level": 300, "outer": 0, "alike": 0, "contents": 50_000_000, "near_empty": 0,
        }  # fmt: skip
        assert order.keys() >= others.keys()
        order["contents"] = others.get("capacity", 50_000_000)
        return self.ask("Programme", *(order | others).values())

    def profile(self, *legs: tuple[int, int, int, int], loop: int = schema.NO_LOOP, **programme: Any) -> dict[str, Any]:
        """Programmes legs of (begin nL/min, end nL/min, volume nL, seconds); returns the last LegBack or a Reply."""
        answer = self.offer(mode=schema.MODES.index("profile"), legs=len(legs), loop=loop, **programme)
        for number, leg in enumerate(legs):
            if not answer.get("status"):
                answer = self.ask("Leg", self.programme, number, *leg)
        return answer

    def start(self, **programme: Any) -> None:
        """All the way from programme to delivery."""
        self.begin(self.offer(**programme)["token"])

    def begin(self, token: int) -> None:
        """From the read-back to delivery."""
        self.order("Confirm", self.programme, token)
        self.make_ready()
        self.order("Arm", self.programme)
        answer = self.order("Start", self.programme, *self._end())
        self._granting = True
        if schema.STATES[answer["state"]] == "taking-up":  # play and seal, before the dose
            self.run(0.1)
            while self.state == "taking-up":
                self.run(0.1)

    def infuse(self, **programme: Any) -> None:
        """Boots, opens a session and starts a delivery."""
        self.run(0.5)
        self.identify()
        self.start(**programme)

    def run(self, seconds: float) -> None:
        """Lets time pass, granting as long as start() asked for it; see hush()."""
        left = seconds
        while left > 0:
            step = min(left, 0.5)
            self.bench.run(step)
            left -= step
            self.listen()
            if self._granting:
                self._grant += 1
                self.tell("Lease", SESSION, self._grant, self.programme, *self._end())

    def make_ready(self) -> None:
        """Waits until the pump has its syringe and has tested itself; puts the syringe in anew if it asks for that."""
        asked = False
        for _ in range(100):
            drive = self.last("Drive")
            force = schema.FORCES[drive["force_is"]]
            if force == "untared" and drive["fitted"] == 0 and not asked:
                asked = True
                self.bench.take_out(1.0)
            fitted = schema.FITTINGS[drive["fitted"]]
            if force in ("good", "none") and fitted in ("fitted", "none") and not drive["missing"]:
                break
            self.run(0.1)

    def resume(self) -> None:
        """Ends a pause."""
        self.order("Resume", self.programme, *self._end())

    def hush(self) -> None:
        """Grants no more."""
        self._granting = False

    def _end(self) -> tuple[int, int]:
        newest = next(m.values for m in reversed(self.said) if "ticks" in m.values)
        return later(newest["ticks"], newest["wraps"], 2000)
