"""The serial line between host and board, with what can go wrong on it."""

from collections.abc import Callable

from assuage_rig.faults import Faults, Kind


class Uart:
    """rx: bytes on their way to the board; tx: called with each burst that the board sends."""

    RX_LIMIT = 4096  # bytes; a board that does not read loses the newest, as with machine.UART's rxbuf

    def __init__(self) -> None:
        self.rx = bytearray()
        self.rx_lost = 0
        self.tx: Callable[[bytes], object] = lambda data: None
        self._passed = 0
        self.tap: Callable[[str, str, bytes], None] | None = None
        """For a recorder: at which end, "host" or "board", bytes were seen, which way they went, ">" to the board, and
        the bytes."""
        self.faults = Faults(
            "uart",
            {
                "cut": Kind("the line is cut: bytes are lost in both directions"),
                "deaf": Kind("bytes from the host never reach the board"),
                "mute": Kind("bytes from the board never reach the host"),
                "corrupt": Kind("one bit in every n-th byte to the board is flipped", {"every": (100, 1, 1_000_000)}),
            },
        )

    def receive(self, data: bytes) -> None:
        """Bytes from the host arrive at the board's receiver."""
        if self.tap is not None:
            self.tap("host", ">", data)
        active = self.faults.active
        if active:
            if "cut" in active or "deaf" in active:
                return
            if "corrupt" in active:
                data = self._corrupt(data, self.faults.integer("corrupt", "every"))
        room = self.RX_LIMIT - len(self.rx)
        if len(data) > room:
            self.rx_lost += len(data) - room
            data = data[:room]
        self.rx += data
        if self.tap is not None:
            self.tap("board", ">", data)

    def take(self, most: int) -> bytes:
        """The board reads up to `most` bytes."""
        data = bytes(self.rx[:most])
        del self.rx[:most]
        return data

    def transmit(self, data: bytes) -> None:
        """The board sends."""
        if self.tap is not None:
            self.tap("board", "<", data)
        active = self.faults.active
        if active and ("cut" in active or "mute" in active):
            return
        if self.tap is not None:
            self.tap("host", "<", data)
        self.tx(data)

    def reset(self) -> None:
        """What had not been read is gone."""
        self.rx.clear()

    def _corrupt(self, data: bytes, every: int) -> bytes:
        out = bytearray(data)
        for i in range(len(out)):
            self._passed += 1
            if self._passed % every == 0:
                out[i] ^= 1 << (self._passed // every & 7)
        return bytes(out)
