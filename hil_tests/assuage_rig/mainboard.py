"""The processor in its socket: process and connection, when it is started again, and the reason it is then told."""

import os
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path

from assuage_rig.boardlink import BoardLink
from assuage_rig.circuit import Circuit
from assuage_rig.clock import NEVER
from assuage_rig.targets.linux import LinuxTarget
from assuage_wire.schema import RESETS

RESTART_US = 500_000
"""From the end of a board process to the start of the next."""


class Mainboard:
    """Bench and serve drive this one; they differ in how they wait, not in what a board lives through.

    folder: takes the listening socket and, unless nv_file is given, the file for the board's own file system.
    complain, foresees: see BoardLink.
    """

    def __init__(
        self,
        circuit: Circuit,
        target: LinuxTarget,
        folder: Path,
        complain: Callable[[str], None],
        nv_file: Path | None = None,
        foresees: bool = False,
    ) -> None:
        self.circuit = circuit
        circuit.power_fails = self.power_off
        circuit.processor_dies = partial(self.end, "fault")
        self.target = target
        self.socket_path = folder / "board.sock"
        self.nv_file = nv_file or folder / "board.nv"
        self._complain = complain
        self._foresees = foresees
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.listener.bind(str(self.socket_path))
        except OSError as error:
            self.listener.close()
            raise OSError(f"cannot listen at {self.socket_path} ({error.strerror or error})") from error
        self.listener.listen(1)
        self.connection: socket.socket | None = None
        self.link: BoardLink | None = None
        self.powered = False
        self.starts = 0
        self._restart_us = NEVER
        self._cause = "power-on"
        self._browned_out = False

    @property
    def starting(self) -> bool:
        """The process has been started and has not connected yet."""
        return self._restart_us == NEVER and self.powered and self.connection is None

    @property
    def due_us(self) -> int:
        """When something happens without the board asking: the watchdog ends, a dead board is started again, the
        supply may give in, the serial line hands on what it has kept."""
        circuit = self.circuit
        return min(self._restart_us, circuit.watchdog.expires_us, circuit.battery.check_us, circuit.uart.line.due_us)

    def start(self) -> None:
        """Starts the process. Its connection is then to be taken with adopt()."""
        self.powered = True
        self._browned_out = False
        self._restart_us = NEVER
        self.circuit.battery.board_on(True)
        self.circuit.reset()
        self.starts += 1
        self.target.start(self.socket_path)

    def adopt(self, connection: socket.socket) -> None:
        """The started process has connected."""
        self.connection = connection
        cause = RESETS.index(self._cause)
        self.link = BoardLink(self.circuit, str(self.nv_file), cause, self._complain, self._foresees)
        self._cause = "fault"  # of the next start, unless somebody says otherwise

    def act(self) -> bool:
        """Does what is due now; True when it did something. The watchdog comes before a restart."""
        now = self.circuit.clock.now_us
        if self.circuit.battery.check_us <= now:
            self._check_supply()
            return True
        if self.circuit.watchdog.expires_us <= now:
            self.end("watchdog")
            return True
        if self._restart_us <= now:
            self.start()
            return True
        if self.circuit.uart.due_us <= now:
            self.circuit.uart.advance()
            return True
        return False

    def end(self, cause: str, after_us: int = RESTART_US) -> None:
        """Ends the process; it is started again later and told this cause, one of schema.RESETS.

        Without supply there is nothing to end, and only start() brings it back.
        """
        if not self.powered:
            return
        self._cause = cause
        self._unplug()
        self.circuit.reset()
        self._restart_us = self.circuit.clock.now_us + after_us

    def power_off(self) -> None:
        """The supply fails and stays away until start()."""
        self._unplug()
        self._cause = "power-on"
        self._restart_us = NEVER
        self.powered = self._browned_out = False
        self.circuit.battery.board_on(False)
        self.circuit.power_off()

    def close(self) -> None:
        """Ends everything and removes the socket."""
        self._unplug()
        self._restart_us = NEVER
        self.powered = False
        self.listener.close()
        if self.socket_path.exists():
            os.unlink(self.socket_path)

    def _check_supply(self) -> None:
        """Without mains and with an empty cell the board goes off; when either comes back, it starts."""
        alive = self.circuit.battery.alive()
        if alive and self._browned_out:
            self.start()
        elif not alive and self.powered:
            self.power_off()
            self._browned_out = True

    def _unplug(self) -> None:
        self.target.kill()
        if self.connection is not None:
            self.connection.close()
        self._turn_away()
        if self.link is not None:
            self.link.close()
        self.connection = None
        self.link = None

    def _turn_away(self) -> None:
        """A process ended between connecting and being adopted has left a dead connection: nobody else may get it."""
        if self.listener.fileno() < 0:
            return
        self.listener.setblocking(False)
        while True:
            try:
                self.listener.accept()[0].close()
            except BlockingIOError:
                return
