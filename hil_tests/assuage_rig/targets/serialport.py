"""The target `serial`: a real board at a serial port, in real time.

Nobody stands by it and nothing is wired to its chips, so it can be talked to, over a line that may be broken, and no
more: what needs a hand, a broken part or another clock is refused with the reason. It is not flashed from here either:
what it runs is tested, as long as it speaks the table of this tree.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import serial

from assuage_rig import verbs
from assuage_rig.faults import Value
from assuage_rig.linefaults import Line
from assuage_rig.runrecord import Facts, Fault
from assuage_rig.targets import greeting
from assuage_rig.targets.dut import CannotError
from assuage_rig.targets.inventory import Place
from assuage_rig.wirehost import WireHost

BAUD = 115_200  # a USB port takes any; see assuage.link.port
_READ_S = 0.01


class PortError(Exception):
    """The port cannot be opened, or has gone; one sentence."""


class SerialDut:
    """A board behind a port. Time is the wall's, from when the port was opened."""

    fault_target = "serial"

    def __init__(self, target: SerialTarget, deeds: list[Fault]) -> None:
        self.target = target
        self._deeds = deeds
        self._line = Line(lambda: self.now_us, target.facts.seed)
        try:
            self._port = serial.Serial(target.place.port, BAUD, timeout=_READ_S, write_timeout=2.0, exclusive=True)
        except serial.SerialException as error:
            raise PortError(f"{target.place.port} cannot be opened ({error}); is the board plugged in?") from error
        self._heard = bytearray()
        self._zero_ns = time.monotonic_ns()

    @property
    def now_us(self) -> int:
        """Time since the port was opened, us."""
        return (time.monotonic_ns() - self._zero_ns) // 1000

    def send(self, data: bytes) -> None:
        """Bytes to the board. Raises PortError."""
        self._write(self._line.to_board(data) if self._line.busy else data)

    def _write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except serial.SerialException as error:
            raise PortError(f"{self.target.place.port} has gone ({error})") from error

    def take(self) -> bytes:
        """What the board has sent since the last call."""
        data = bytes(self._heard)
        self._heard.clear()
        return data

    def run(self, seconds: float) -> None:
        """Listens for so long; with 0 to what is there already. Raises PortError."""
        end = self.now_us + round(seconds * 1e6)
        while True:
            try:
                data = self._port.read(max(1, self._port.in_waiting)) if seconds else self._waiting()
            except (serial.SerialException, OSError) as error:
                raise PortError(f"{self.target.place.port} has gone ({error})") from error
            self._heard += self._line.to_host(data) if self._line.busy and data else data
            if self._line.due_us <= self.now_us:
                to_board, to_host = self._line.advance()
                self._write(to_board)
                self._heard += to_host
            if self.now_us >= end:
                return

    def _waiting(self) -> bytes:
        return self._port.read(self._port.in_waiting)

    def run_until(self, condition: Callable[[], object], limit_s: float, step_s: float = 0.01) -> bool:
        """Listens until the condition holds; False when it does not within the limit."""
        end = self.now_us + round(limit_s * 1e6)
        while not condition():
            if self.now_us >= end:
                return False
            self.run(step_s)
        return True

    def fault(self, component: str, kind: str, **params: Value) -> None:
        """Breaks the line, at this end of it. Raises CannotError for everything else."""
        why = self.target.refusal(f"{component} {kind}")
        if why:
            raise CannotError(why)
        verb = verbs.resolve(component, kind)
        self._line.faults.make(verb.kind, **{**verb.fixed, **params})
        self._deeds.append(Fault(f"{component} {kind}", dict(params), self.now_us / 1e6, self.target.place.name))

    def mend(self, component: str, kind: str | None = None) -> None:
        """Mends the line; nothing else is broken."""
        if component in ("uart", "link"):
            self._line.faults.mend(verbs.resolve(component, kind).kind if kind else None)
            self._deeds.append(
                Fault(f"mend {component} {kind or ''}".strip(), {}, self.now_us / 1e6, self.target.place.name)
            )

    def take_out(self, for_s: float | None = None) -> None:
        """Raises CannotError."""
        raise CannotError(self.target.refusal("take_out"))

    def close(self) -> None:
        """Mends the line, stops the pump and closes the port."""
        self._line.faults.mend()
        try:
            WireHost(self).stop()
        except (AssertionError, PortError):
            pass  # a board that does not answer has lost its lease by now
        finally:
            self.hang_up()

    def hang_up(self) -> None:
        """Closes the port and leaves the board as it is."""
        self._port.close()


class SerialTarget:
    """A place with `port` and `board`. One test at a time may have it."""

    def __init__(self, place: Place, seed: int) -> None:
        self.place = place
        self.facts = Facts(target=place.name, seed=seed)
        self._dut: SerialDut | None = None

    def refusal(self, verb: str) -> str:
        """Everything but talking over a broken line is refused."""
        if " " in verb and verbs.resolve(*verb.split(" ", 1)).component in (*verbs.PARTS, verbs.HOST):
            why = verbs.refusal("serial", verb)
            return f"{self.place.name} is a real board in real time, and {why}" if why else ""
        return f"{self.place.name} is a real board in real time, which cannot be asked for: {verb}"

    def can(self, verb: str) -> bool:
        """Whether the target can do something."""
        return not self.refusal(verb)

    def open(self, deeds: list[Fault], **options: object) -> SerialDut:
        """The board, standing still, in a session that no test uses. Raises CannotError for any option, PortError."""
        for option in options:
            raise CannotError(self.refusal(option))
        dut = SerialDut(self, deeds)
        try:
            WireHost(dut).stop()
            greeting.expect(greeting.hello(dut), self.place.board)  # plugs may be swapped between two tests
        except BaseException:
            dut.hang_up()
            raise
        return dut

    # -- the strategy's steps ----------------------------------------------------------------------------------------
    def flash(self) -> None:
        """What the board runs is tested: identify() refuses what speaks another table."""

    def boot(self) -> None:
        """It is powered by whoever plugged it in."""
        self._dut = SerialDut(self, [])

    def identify(self) -> None:
        """Fills in the facts. Raises StrangerError for another board than the inventory's."""
        assert self._dut is not None
        try:
            told = greeting.hello(self._dut)
            greeting.expect(told, self.place.board)
        finally:
            self._dut.hang_up()
        facts = self.facts
        facts.firmware, facts.board = greeting.version(told), told["board"].hex()
        facts.schema, facts.config = f"{told['schema']:08x}", f"{told['config']:08x}"
        facts.interpreter = f"real board at {self.place.port}, real time"

    def switch_off(self) -> None:
        """It stays on: nobody can switch it from here."""
