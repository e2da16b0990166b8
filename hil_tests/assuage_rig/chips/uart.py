"""The serial port of the board, and the line to its host with what can go wrong on it."""

from collections.abc import Callable

from assuage_rig.clock import Clock
from assuage_rig.linefaults import Line


class Uart:
    """rx: bytes on their way to the board; tx: called with each burst that the host gets.

    stopped_until_us: from when on the port has its clock, see stop(). due_us: when advance() is to be called, because a
    fault of the line keeps something until then.
    """

    RX_LIMIT = 4096  # bytes; a board that does not read loses the newest, as with machine.UART's rxbuf

    def __init__(self, clock: Clock | None = None, seed: int = 0) -> None:
        clock = clock or Clock()
        self.rx = bytearray()
        self.rx_lost = 0
        self.tx: Callable[[bytes], object] = lambda data: None
        self.tap: Callable[[str, str, bytes], None] | None = None
        """For a recorder: at which end, "host" or "board", bytes were seen, which way they went, ">" to the board, and
        the bytes."""
        self._clock = clock
        self.stopped_until_us = 0
        self.line = Line(lambda: clock.now_us, seed)
        self.faults = self.line.faults

    @property
    def due_us(self) -> int:
        """NEVER while nothing is kept."""
        return self.line.due_us

    def receive(self, data: bytes) -> None:
        """Bytes from the host; what the line lets through arrives at the board's receiver."""
        if self.tap is not None:
            self.tap("host", ">", data)
        self._arrive(self.line.to_board(data) if self.line.busy else data)

    def take(self, most: int) -> bytes:
        """The board reads up to `most` bytes."""
        data = bytes(self.rx[:most])
        del self.rx[:most]
        return data

    def transmit(self, data: bytes) -> None:
        """The board sends."""
        if self.tap is not None:
            self.tap("board", "<", data)
        self._leave(self.line.to_host(data) if self.line.busy else data)

    def advance(self) -> None:
        """What the line has kept until now arrives."""
        to_board, to_host = self.line.advance()
        self._arrive(to_board)
        self._leave(to_host)

    def stop(self, us: int) -> None:
        """The port has no clock for so long: what arrives meanwhile is lost."""
        self.stopped_until_us = self._clock.now_us + us

    def reset(self) -> None:
        """What had not been read is gone."""
        self.stopped_until_us = 0
        self.rx.clear()

    def _arrive(self, data: bytes) -> None:
        if not data or self._clock.now_us < self.stopped_until_us:
            return
        room = self.RX_LIMIT - len(self.rx)
        if len(data) > room:
            self.rx_lost += len(data) - room
            data = data[:room]
        self.rx += data
        if self.tap is not None:
            self.tap("board", ">", data)

    def _leave(self, data: bytes) -> None:
        if not data:
            return
        if self.tap is not None:
            self.tap("host", "<", data)
        self.tx(data)
