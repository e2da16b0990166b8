"""The rig in real time: emulated chips and a board process behind a pseudo-terminal, as `make run` shows them.

One thread, one selector. A waiting board is answered when the wall clock reaches its time, or at once when a byte
arrives. What happens at a time of the rig happens at that very time of its clock, however late this machine looks.
"""

import heapq
import itertools
import os
import selectors
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from assuage_rig.asked_to_end import AskedToEnd
from assuage_rig.bed import Bed
from assuage_rig.circuit import Circuit
from assuage_rig.clock import NEVER, Clock
from assuage_rig.control import Answer, RigError, carry_out, listen
from assuage_rig.farsyringe import FarSyringe
from assuage_rig.mainboard import Mainboard
from assuage_rig.plant.patient import Patient
from assuage_rig.ptyline import PtyLine
from assuage_rig.targets.linux import LinuxTarget

_FREE_S = 5.0  # whoever stands by takes the syringe out while the pump starts, so that it finds its force's zero
_LOOK_S = 0.05  # how often a board process that has not connected yet is looked after
_LONGEST_WAIT_S = 0.1  # so that being held up during a wait shows, whenever in it something arrived
_HELD_UP_US = 200_000  # later than this out of a wait is no matter of scheduling any more
_LINE_LIMIT = 65536


@dataclass
class Options:
    """What `serve` is told; see --help. held: signs of the patient by name. vein_of: control socket of the rig whose
    syringe is at the patient's vein, else this one's is; beside: of one whose syringe is there as well. nobody: no
    sensor of this board is at a patient."""

    pty: Path
    control: Path
    target: LinuxTarget
    nv_file: Path | None = None
    syringe: str = "BD 50"
    seed: int = 1
    held: dict[str, float] = field(default_factory=dict)
    drug: str = "ketamine"
    mg_per_ml: float = 10.0
    vein_of: Path | None = None
    beside: Path | None = None
    nobody: bool = False
    bedside: bool = False
    die_with_parent: bool = False


def _say(sentence: str) -> None:
    print(f"rig: {sentence}", file=sys.stderr, flush=True)


class Server:
    """RigError when a path is taken. run() returns when asked to end: by signal, control socket or parent's death."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._ending = AskedToEnd(options.die_with_parent)
        self._clock = Clock()
        self._events: list[tuple[int, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self.circuit = Circuit(self._clock, Patient(), options.syringe, options.seed, bedside=options.bedside)
        self._far = FarSyringe(options.vein_of, self.at) if options.vein_of else None
        self._beside = FarSyringe(options.beside, self.at) if options.beside else None
        self.bed = Bed(
            self.circuit, self.at, self._far, options.drug, options.mg_per_ml, options.held, self._beside
        )  # fmt: skip
        if options.nobody:
            self.bed.set(probe_on=False)
        self._zero_ns = time.monotonic_ns()
        self._power_on_us = NEVER
        # select() takes its timeout in microseconds; epoll rounds it up to milliseconds
        self._selector = selectors.SelectSelector()
        self._folder = tempfile.TemporaryDirectory(prefix="assuage-rig-")
        self._control = listen(options.control)
        try:
            self._line = PtyLine(options.pty)
        except OSError as error:
            self._control.close()
            options.control.unlink()
            raise RigError(str(error)) from error
        self._board = Mainboard(self.circuit, options.target, Path(self._folder.name), _say, options.nv_file)
        self.circuit.uart.tx = self._line.write
        self._watched: socket.socket | None = None
        self._expected_us = 0  # when the wait under way ends at the latest; 0 outside a wait
        self._ending.watch(self._selector)
        self._watch(self._line, self._from_host)
        self._watch(self._board.listener, self._board_connects)
        self._watch(self._control, self._asker_connects)

    def run(self) -> None:
        """Until asked to end."""
        board, line = self._board, self._line
        try:
            board.start()
            _say(f"board process {board.target.pid}, serial port {line.link} -> {line.device}")
            _say(f"control socket {self._options.control}")
            while not self._ending.asked:
                self._tick()
                if self._act():
                    self._rewatch()
                    continue
                patience_s = min(self._patience_s(), _LONGEST_WAIT_S)
                self._expected_us = self._clock.now_us + round(patience_s * 1e6)
                events = self._selector.select(patience_s)
                self._tick()
                self._expected_us = 0
                for event, _ in events:
                    self._tick()
                    event.data()
                    self._rewatch()
        finally:
            self._close()

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        """Has something happen that far from now on the rig's clock, before anything else that is looked at then."""
        heapq.heappush(self._events, (self._clock.now_us + round(seconds * 1e6), next(self._order), action))

    # -- what control may ask ----------------------------------------------------------------------------------------
    def facts(self) -> Answer:
        """now_us, board_pid, board_starts, rig_pid, pty, dropped."""
        self._tick()
        return {
            "now_us": self._clock.now_us,
            "board_pid": self._board.target.pid,
            "board_starts": self._board.starts,
            "rig_pid": os.getpid(),
            "pty": str(self._options.pty),
            "device": self._line.device,
            "dropped": self._line.dropped,
        }

    def kill_board(self) -> None:
        """kill -9; it comes back by itself."""
        self._board.end("fault")

    def power_cycle(self, off_s: float) -> None:
        """Supply off, and on again after a while."""
        self._board.power_off()
        self._power_on_us = self._clock.now_us + round(off_s * 1e6)

    def end(self) -> None:
        """Leaves run() after the present turn."""
        self._ending.asked = True

    # -- time --------------------------------------------------------------------------------------------------------
    def _tick(self) -> None:
        """Reads the clock.

        While this machine held the rig up (Ctrl-Z, say), the board could not feed its watchdog: that shows as a clock
        far later than the last reading, or than the end of the wait that has just ended.
        """
        expected_us = max(self._clock.now_us, self._expected_us)
        self._move((time.monotonic_ns() - self._zero_ns) // 1000)
        late_us = self._clock.now_us - expected_us
        if late_us > _HELD_UP_US:
            self.circuit.watchdog.postpone(late_us)
            _say(f"held up for {late_us / 1e6:.1f} s; the board's watchdog has waited")

    def _move(self, to_us: int) -> None:
        while self._events and self._events[0][0] <= to_us:
            due_us, _, action = heapq.heappop(self._events)
            self._clock.now_us = max(self._clock.now_us, due_us)
            action()
        self._clock.now_us = to_us

    def _act(self) -> bool:
        """Does one thing that is due; True when there was one."""
        now = self._clock.now_us
        board = self._board
        if self._power_on_us <= now:
            self._power_on_us = NEVER
            board.start()
            return True
        if board.due_us <= now:
            watchdog, starts, powered = self.circuit.watchdog.expires_us <= now, board.starts, board.powered
            board.act()
            if powered and not board.powered:
                _say("the supply has given in; the board is off until mains or cell come back")
            elif board.starts != starts:
                _say(f"board started again, process {board.target.pid}")
            elif watchdog:
                _say("the watchdog has reset the board")
            return True
        if board.starting and board.target.exit_status is not None:
            self._board_gone()
            return True
        if board.link and board.link.due_us <= now:
            self._answer(board.link.answer())
            return True
        return False

    def _patience_s(self) -> float:
        """How long nothing will be due, seconds."""
        board = self._board
        due = min(board.due_us, self._power_on_us, board.link.due_us if board.link else NEVER)
        patience = max(0.0, (due - self._clock.now_us) * 1e-6) if due < NEVER else 60.0
        return min(patience, _LOOK_S) if board.starting else min(patience, 60.0)

    # -- board -------------------------------------------------------------------------------------------------------
    def _board_connects(self) -> None:
        try:
            connection, _ = self._board.listener.accept()
        except BlockingIOError:  # its process has been ended meanwhile
            return
        if not self._board.starting:
            connection.close()
            return
        connection.setblocking(False)
        self._board.adopt(connection)
        self.circuit.take_out(_FREE_S)

    def _rewatch(self) -> None:
        """Watches the board's present connection; at once, because a closed one's number may be given out again."""
        if self._board.connection is self._watched:
            return
        if self._watched is not None:
            self._selector.unregister(self._watched)
        self._watched = self._board.connection
        if self._watched is not None:
            self._watch(self._watched, self._from_board)

    def _from_board(self) -> None:
        board = self._board
        if board.connection is None or board.link is None:
            return
        try:
            data = board.connection.recv(65536)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        if not data:
            self._board_gone()
            return
        self._answer(board.link.receive(data))
        if board.link and board.link.reset_asked:
            board.end("commanded")

    def _from_host(self) -> None:
        data = self._line.read()
        link = self._board.link
        if not data or link is None:
            return  # a board that is not running hears nothing
        self.circuit.uart.receive(data)
        if link.due_us <= self._clock.now_us:
            self._answer(link.answer())

    def _answer(self, answer: bytes) -> None:
        if not answer or self._board.connection is None:
            return
        try:
            self._board.connection.sendall(answer)
        except OSError:  # gone, or it has stopped reading: both are the end of it
            self._board_gone()

    def _board_gone(self) -> None:
        status = self._board.target.wait(0.2)
        _say("the board closed its connection" if status is None else f"the board process ended with status {status}")
        self._board.end("fault")

    # -- control -----------------------------------------------------------------------------------------------------
    def _asker_connects(self) -> None:
        connection, _ = self._control.accept()
        connection.settimeout(1.0)
        pending = bytearray()
        self._watch(connection, lambda: self._asked(connection, pending))

    def _asked(self, connection: socket.socket, pending: bytearray) -> None:
        try:
            data = connection.recv(4096)
            pending += data
            while (end := pending.find(b"\n")) >= 0:
                line = pending[:end].decode("utf-8", "replace")
                del pending[: end + 1]
                connection.sendall(carry_out(self, line).encode() + b"\n")
        except OSError:
            data = b""
        if not data or len(pending) > _LINE_LIMIT:
            self._selector.unregister(connection)
            connection.close()

    # -- start and end -----------------------------------------------------------------------------------------------
    def _watch(self, thing: socket.socket | PtyLine, handler: Callable[[], None]) -> None:
        self._selector.register(thing, selectors.EVENT_READ, handler)

    def _close(self) -> None:
        self._board.close()
        self._line.close()
        for far in (self._far, self._beside):
            if far is not None:
                far.close()
        for event in list(self._selector.get_map().values()):
            if isinstance(event.fileobj, socket.socket):
                event.fileobj.close()
        self._ending.close()
        self._selector.close()
        self._options.control.unlink(missing_ok=True)
        self._folder.cleanup()
