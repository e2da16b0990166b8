"""A host for tests in virtual time: speaks the wire to a Bench's board, knows nothing of the daemon.

with Bench() as bench:
    host = WireHost(bench)
    host.identify()
    host.infuse(rate_ml_h=10, vtbi_ml=20)
    host.run(600)                          # keeps the lease alive
"""

from collections.abc import Iterator
from typing import Any

from assuage_rig.bench import Bench
from assuage_wire import frame, schema
from assuage_wire.codec import BY_NAME, Message
from assuage_wire.session import later

Fields = dict[str, Any]

ORDER = {
    "programme": 1, "mode": 1, "rate": 166_667, "vtbi": 20_000_000, "duration": 86_400, "bore": 26_700,
    "capacity": 50_000_000, "limit_rate": 20_000_000, "limit_volume": 50_000_000, "on_loss": 0, "kvo": 0,
    "lease": 3_000, "legs": 0, "loop": schema.NO_LOOP, "dose": 0, "dose_rate": 0, "lockout": 0, "bolus": 0,
    "limit_hour": schema.S30, "limit_4h": schema.S30, "on_end": 0,
    "level": 300, "outer": 0, "alike": 0, "contents": 50_000_000, "near_empty": 0,
}  # fmt: skip


ANSWERS = ("Reply", "Readback", "LegBack", "ChangeBack", "PrimeBack")


class RefusedError(Exception):
    """The board refused a command; `status` is the name, `detail` its number."""

    def __init__(self, status: str, detail: int) -> None:
        super().__init__(f"{status} ({detail})")
        self.status = status
        self.detail = detail


class WireHost:
    """`heard`: every message so far as (name, fields). `last`: the newest of each name."""

    def __init__(self, bench: Bench, session: int = 4711) -> None:
        self.bench = bench
        self.session = session
        self.heard: list[tuple[str, Fields]] = []
        self.last: dict[str, Fields] = {}
        self.reader = frame.Reader("<", self._hear)
        self._writer = frame.Writer()
        self._command = 0
        self._grant = 0
        self._programme = 0
        self._lease = 0

    # -- talking -----------------------------------------------------------------------------------------------------
    def send(self, name: str, **fields: Any) -> None:
        """Sends one message; every field must be given."""
        message = BY_NAME[name]
        values = [fields.pop(f[0]) for f in message.fields]
        if fields:
            raise ValueError(f"{name} has no {', '.join(fields)}")
        n = self._writer.frame(message, values)
        self.bench.send(bytes(self._writer.out[:n]))

    def listen(self) -> None:
        """Takes what the board has sent."""
        data = self.bench.take()
        self.reader.feed(data, len(data))

    def identify(self) -> Fields:
        """Opens the session; returns Hello."""
        self.send("Identify", session=self.session)
        self._until(lambda: self.last.get("Hello", {}).get("session") == self.session, "Hello")
        return self.last["Hello"]

    def command(self, name: str, **fields: Any) -> Fields:
        """Sends a command and returns what answers it, a Reply or a read-back. Raises RefusedError."""
        self._command += 1
        self.send(name, session=self.session, command=self._command, **fields)
        self._until(lambda: any(self.last.get(a, {}).get("command") == self._command for a in ANSWERS), name)
        answers = [self.last[a] for a in ANSWERS if self.last.get(a, {}).get("command") == self._command]
        answer = answers[0]
        if answer.get("status"):
            raise RefusedError(schema.STATUSES[answer["status"]], answer["detail"])
        return answer

    def stop(self, token: int = 1) -> Fields:
        """STOP; returns Stopped."""
        self.last.pop("Stopped", None)
        self.send("Stop", token=token)
        self._until(lambda: self.last.get("Stopped", {}).get("token") == token, "Stopped")
        return self.last["Stopped"]

    # -- infusing ----------------------------------------------------------------------------------------------------
    def offer(self, rate_ml_h: float = 10.0, vtbi_ml: float = 20.0, **changes: Any) -> Fields:
        """Offers a programme and returns its read-back; `changes` are raw fields."""
        order = {**ORDER, "contents": changes.get("capacity", ORDER["capacity"])}
        order.update(rate=round(rate_ml_h * 1e6 / 60), vtbi=round(vtbi_ml * 1e6), **changes)
        return self.command("Programme", **order)

    def infuse(self, rate_ml_h: float = 10.0, vtbi_ml: float = 20.0, wait: bool = True, **changes: Any) -> Fields:
        """The two-step start; returns the read-back. wait: until play and seal are taken up."""
        back = self.offer(rate_ml_h, vtbi_ml, **changes)
        self.command("Confirm", programme=back["programme"], token=back["token"])
        self.make_ready()
        self.command("Arm", programme=back["programme"])
        self._programme, self._lease = back["programme"], back["lease"]
        ticks, wraps = self._end()
        reply = self.command("Start", programme=back["programme"], until_ticks=ticks, until_wraps=wraps)
        while wait and reply["state"] == schema.STATES.index("taking-up") and self.state in ("armed", "taking-up"):
            self.run(0.1)
        return back

    def make_ready(self, limit_s: float = 10.0) -> None:
        """Waits until the pump has its syringe and has tested itself; puts the syringe in anew if it asks for that."""
        asked = False
        end = self.bench.now_us + round(limit_s * 1e6)
        while self.bench.now_us < end:
            self.listen()
            drive = self.last.get("Drive")
            if drive:
                force, fitted = schema.FORCES[drive["force_is"]], schema.FITTINGS[drive["fitted"]]
                if force in ("good", "none") and fitted in ("fitted", "none") and not drive["missing"]:
                    return
                if force == "untared" and fitted == "fitted" and not asked:
                    asked = True
                    self.bench.take_out(1.0)
            self.run(0.1)

    def grant(self) -> None:
        """Renews the lease, from the newest board time heard."""
        self._grant += 1
        ticks, wraps = self._end()
        self.send(
            "Lease",
            session=self.session,
            grant=self._grant,
            programme=self._programme,
            until_ticks=ticks,
            until_wraps=wraps,
        )

    def run(self, seconds: float, lease: bool = True) -> None:
        """Lets time pass, renewing the lease each half second."""
        end = self.bench.now_us + round(seconds * 1e6)
        while self.bench.now_us < end:
            self.listen()
            if lease and self._programme:
                self.grant()
            self.bench.run(min(0.5, (end - self.bench.now_us) / 1e6))
        self.listen()

    # -- the pump ----------------------------------------------------------------------------------------------------
    @property
    def state(self) -> str:
        """State of the pump by its newest PumpStatus, e.g. "infusing"."""
        return schema.STATES[self.last["PumpStatus"]["state"]]

    @property
    def reason(self) -> str:
        """Its reason, e.g. "lease-lapsed"."""
        return schema.REASONS[self.last["PumpStatus"]["reason"]]

    # -- inside ------------------------------------------------------------------------------------------------------
    def _end(self) -> tuple[int, int]:
        newest = next(fields for _, fields in reversed(self.heard) if "wraps" in fields)
        return later(newest["ticks"], newest["wraps"], self._lease)

    def _hear(self, message: Message, _seq: int, values: list[Any]) -> None:
        fields = dict(_named(message, values))
        self.heard.append((message.name, fields))
        self.last[message.name] = fields

    def _until(self, condition: Any, what: str, seconds: float = 3.0) -> None:
        def listened() -> bool:
            self.listen()
            return bool(condition())

        if not self.bench.run_until(listened, seconds):
            raise AssertionError(f"the board did not answer {what} within {seconds} s")


def _named(message: Message, values: list[Any]) -> Iterator[tuple[str, Any]]:
    place = 0
    for field, (_letter, _size, count, _lo, _hi) in zip(message.fields, message.plan, strict=True):
        yield field[0], values[place] if len(field[1]) == 1 or field[1][-1] == "s" else values[place : place + count]
        place += count
