"""The bench in virtual time: start a board, let time pass, measure, break things.

    with Bench(seed=1) as bench:
        bench.send(frame)
        bench.run(0.5)                 # half a second of the board's life, as fast as it can be computed
        answer = bench.take()

The rig owns the clock. The board can only wait, and the rig answers a wait by moving the clock to the next thing that
happens; so a run is the same every time for a seed, and the speed of this machine plays no part in it.
"""

import heapq
import itertools
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from assuage_rig.boardlink import BoardError
from assuage_rig.chips.stepdrive import StepDrive
from assuage_rig.circuit import PUT_IN_US, Circuit
from assuage_rig.clock import NEVER, Clock
from assuage_rig.faults import Value
from assuage_rig.made import Made
from assuage_rig.mainboard import RESTART_US, Mainboard
from assuage_rig.onecore import OneCore
from assuage_rig.plant.balance import Balance
from assuage_rig.plant.battery import Battery
from assuage_rig.plant.infusion import Infusion
from assuage_rig.plant.mechanics import REALISTIC, Mechanism
from assuage_rig.plant.patient import Patient
from assuage_rig.plant.syringe import Shaft
from assuage_rig.targets.linux import BEDSIDE, QUIET, USUAL, LinuxTarget

START_WALL_S = 30.0
RESTLESS = 20_000  # requests without letting time pass, after which a board counts as hung


class BoardHungError(BoardError):
    """The board neither waited nor asked for anything."""


class BoardDiedError(BoardError):
    """The board process ended without having been killed."""


class Bench:
    """A context manager around one emulated board.

    realtime: virtual time never runs ahead of the wall. wall_s: a board that is silent for so long on the wall is hung.
    mechanism: of the drive; plunger_nl is that of an ideal one in any case, patient_nl and force_n are not.
    target: how the board is run; by default firmware/main.py on MicroPython with a limited heap.
    quiet: a board without bridge, driver, gauge and oximeter that looks once a second, for runs over days: see
    firmware/boards/rigquiet.py. Its Hello tells another config.
    bedside: a board with all of the patient's sensors, and `circuit.side` for them to see; a target has BEDSIDE among
    its arguments then.
    foresees: see foresight.py; without it a run is the same, and slower.
    crash_is_failure: a board that ends by itself raises BoardDiedError; otherwise it is started again like a real one.
    """

    def __init__(
        self,
        seed: int = 1,
        patient: Patient | None = None,
        syringe: str = "BD 50",
        realtime: bool = False,
        *,
        mechanism: Mechanism = REALISTIC,
        target: LinuxTarget | None = None,
        wall_s: float = 20.0,
        crash_is_failure: bool = True,
        quiet: bool = False,
        foresees: bool = True,
        bedside: bool = False,
    ) -> None:
        if quiet and target is not None:
            raise ValueError("a target is quiet by its own arguments: LinuxTarget(arguments=QUIET)")
        self._folder = tempfile.TemporaryDirectory(prefix="assuage-bench-")
        folder = Path(self._folder.name)
        self.clock = Clock()
        self.marked: Callable[[str], None] | None = None
        """For a recorder: told in words what somebody does to the board."""
        self.circuit = Circuit(self.clock, patient or Patient(), syringe, seed, mechanism, bedside)
        self.take_out(PUT_IN_US / 1e6)
        arguments = QUIET if quiet else BEDSIDE if bedside else USUAL
        self._target = target or LinuxTarget(output=folder / "board.log", arguments=arguments)
        self._board = Mainboard(self.circuit, self._target, folder, self._complain, foresees=foresees)
        self._sent = bytearray()
        self.circuit.uart.tx = self._sent.extend
        self._events: list[tuple[int, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self._realtime = realtime
        self._wall_s = wall_s
        self._wall_zero = 0.0
        self._crash_is_failure = crash_is_failure
        self._restless = 0
        self._core = OneCore()

    def __enter__(self) -> "Bench":
        self._wall_zero = time.monotonic()
        try:
            if not self._realtime:
                self._core.claim()
            self._board.start()
            self.run(0)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self.output:
            print(f"the board at {self.now_us / 1e6:.3f} s said:\n{self.output}", file=sys.stderr)
        self.close()

    def close(self) -> None:
        """Ends the board process."""
        self._board.close()
        self._core.release()
        self._folder.cleanup()

    # -- time --------------------------------------------------------------------------------------------------------
    @property
    def now_us(self) -> int:
        """Rig time, us."""
        return self.clock.now_us

    @property
    def ratio(self) -> float:
        """Virtual seconds for each second of the wall since the bench began, all starts of its board included."""
        return self.clock.now_us / 1e6 / max(time.monotonic() - self._wall_zero, 1e-9)

    def run(self, seconds: float) -> None:
        """Lets time pass. Raises BoardError when the board misbehaves, hangs or dies."""
        self._run_to(self.clock.now_us + round(seconds * 1e6))

    def run_until(self, condition: Callable[[], object], limit_s: float, step_s: float = 0.01) -> bool:
        """Lets time pass in steps until the condition holds; False when it does not within the limit."""
        end = self.clock.now_us + round(limit_s * 1e6)
        while not condition():
            if self.clock.now_us >= end:
                return False
            self._run_to(min(self.clock.now_us + round(step_s * 1e6), end))
        return True

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        """Has something happen that far from now, to the microsecond, before anything else due then."""
        heapq.heappush(self._events, (self.clock.now_us + round(seconds * 1e6), next(self._order), action))

    # -- the serial line ---------------------------------------------------------------------------------------------
    def send(self, data: bytes) -> None:
        """Bytes from the host arrive at the board."""
        self.circuit.uart.receive(data)

    def take(self) -> bytes:
        """What the board has sent since the last call."""
        data = bytes(self._sent)
        self._sent.clear()
        return data

    # -- what a test measures and sets -------------------------------------------------------------------------------
    @property
    def drive(self) -> StepDrive:
        """The step drive: what the board has commanded."""
        return self.circuit.drive

    @property
    def shaft(self) -> Shaft:
        """The lead screw: what has come of it."""
        return self.circuit.shaft

    @property
    def plunger_nl(self) -> float:
        """Volume that the shaft has displaced by an ideal plunger, nL: what the drive has truly done."""
        return self.circuit.shaft.plunger_nl

    @property
    def infusion(self) -> Infusion:
        """Plunger, line and all that is in between."""
        return self.circuit.infusion

    @property
    def patient_nl(self) -> float:
        """Volume that the patient has truly got, nL."""
        return self.circuit.infusion.patient_nl

    @property
    def pressure_pa(self) -> float:
        """Pressure in the syringe, Pa above the air's."""
        return self.circuit.infusion.pressure_pa()

    @property
    def force_n(self) -> float:
        """Force of the plunger's head on the pusher, N."""
        return self.circuit.infusion.force_n()

    def fit(self, syringe: str) -> None:
        """Another full syringe is put in at once, by name, whatever the board believes."""
        self._mark(f"{syringe} fitted")
        self.circuit.fit(syringe)

    def take_out(self, for_s: float | None = None) -> None:
        """The syringe is taken out, for good or for some time; it is the same one, where it was, when it comes back."""
        self._mark("syringe taken out" + ("" if for_s is None else f" for {for_s:g} s"))
        self.circuit.take_out(for_s)

    @property
    def balance(self) -> Balance:
        """What the patient has got, every half minute."""
        return self.circuit.balance

    @property
    def battery(self) -> Battery:
        """The cell; bench.fault("mains", "off") has the board live on it."""
        return self.circuit.battery

    @property
    def patient(self) -> Patient:
        """pulse_bpm, spo2, perfusion, resp_rate, motion, probe_on: all may be set while running."""
        return self.circuit.patient

    @property
    def chips(self) -> dict[str, object]:
        """The emulated parts by name."""
        c = self.circuit
        return {
            "as5600": c.encoder, "max30102": c.oximeter, "stepdrive": c.drive, "retained": c.retained,
            "watchdog": c.watchdog, "pins": c.pins, "adc": c.analogue, "uart": c.uart,
            "nau7802": c.bridge, "max17048": c.gauge, "tmc2209": c.stepper,
        }  # fmt: skip

    @property
    def output(self) -> str:
        """The end of what the board process has printed."""
        return self._target.last_words()

    @property
    def requests(self) -> int:
        """How much the present board process has asked of the rig."""
        return self._board.link.requests if self._board.link else 0

    @property
    def starts(self) -> int:
        """How often a board process has been started."""
        return self._board.starts

    @property
    def board_runs(self) -> bool:
        """Whether a board process is connected."""
        return self._board.connection is not None

    # -- breaking things ---------------------------------------------------------------------------------------------
    fault_target = "linux"
    """Which targets' verbs it can make, see verbs.py."""

    def fault(self, component: str, kind: str, **params: Value) -> None:
        """Sets a fault in, now: a verb by its two words, or a kind of a component. Raises UnknownFault, which lists
        what there is."""
        self.circuit.fault(component, kind, **params)
        self._mark(" ".join(("fault", component, kind, *(f"{name}={value:g}" for name, value in params.items()))))

    def mend(self, component: str, kind: str | None = None) -> None:
        """Ends one fault of a component, or all of them."""
        self.circuit.mend(component, kind)
        self._mark(f"mended {component} {kind or ''}".rstrip())

    @property
    def made(self) -> list[Made]:
        """Every fault of this run, in the order in which they were made."""
        return self.circuit.made

    def kill_board(self, after_s: float = RESTART_US / 1e6) -> None:
        """The processor dies at once; the rig starts it again that much later, with the reset cause "fault"."""
        self._mark("processor killed")
        self._board.end("fault", round(after_s * 1e6))

    def power_cycle(self, off_s: float = 0.5) -> None:
        """Supply off for a while, then on: only the board's file system and the mechanics remember."""
        self._mark("supply off")
        self._board.power_off()
        self.run(off_s)
        self._mark("supply on")
        self._board.start()
        self.run(0)

    # -- inside ------------------------------------------------------------------------------------------------------
    def _mark(self, what: str) -> None:
        if self.marked is not None:
            self.marked(what)

    def _run_to(self, end: int) -> None:
        clock, board, events = self.clock, self._board, self._events
        while True:
            self._let_board_ask()
            link = board.link
            event_us = events[0][0] if events else NEVER
            due = min(link.due_us if link else NEVER, board.due_us, event_us)
            if due > end:
                self._move(end)
                return
            if due > clock.now_us:
                self._move(due)
            if event_us <= clock.now_us:
                heapq.heappop(events)[2]()
            elif not board.act() and link and board.connection:
                self._answer(link.answer())

    def _move(self, to_us: int) -> None:
        if to_us > self.clock.now_us:
            if self._realtime:
                time.sleep(max(0.0, self._wall_zero + to_us / 1e6 - time.monotonic()))
            self.clock.now_us = to_us
            self._restless = self.requests

    def _let_board_ask(self) -> None:
        """Serves the board until it waits, and so cannot do anything until it is answered."""
        board = self._board
        while board.starting:
            self._accept()
        while board.link and board.connection and not board.link.waiting:
            try:
                data = board.connection.recv(4096)
            except BlockingIOError:
                raise BoardHungError(
                    self._told(f"the board has not asked for anything for {self._wall_s:g} s of wall time")
                ) from None
            except ConnectionError:
                data = b""
            if not data:
                self._board_gone()
                return
            self._answer(board.link.receive(data))
            if self.requests - self._restless > RESTLESS:
                raise BoardHungError(self._told(f"the board has made {RESTLESS} requests without letting time pass"))
            if board.link and board.link.reset_asked:
                board.end("commanded")

    def _answer(self, answer: bytes) -> None:
        """A board that has died cannot be answered; that is found out by the next read."""
        if answer and self._board.connection:
            try:
                self._board.connection.sendall(answer)
            except ConnectionError:
                self._board_gone()

    def _accept(self) -> None:
        board = self._board
        board.listener.settimeout(0.05)
        until = time.monotonic() + START_WALL_S
        while True:
            try:
                connection, _ = board.listener.accept()
            except TimeoutError:
                if self._target.exit_status is not None:
                    self._board_gone()
                    return
                if time.monotonic() > until:
                    raise BoardHungError(self._told(f"the board has not connected within {START_WALL_S:g} s")) from None
                continue
            # Not settimeout(), with which Python asks the system twice for each transfer.
            connection.setblocking(True)
            seconds, part = divmod(self._wall_s, 1)
            wait = struct.pack("@ll", int(seconds), int(part * 1e6))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, wait)
            board.adopt(connection)
            self._restless = 0
            return

    def _board_gone(self) -> None:
        status = self._target.wait(5.0)
        self._board.end("fault")
        if self._crash_is_failure:
            how = "closed its connection but runs on" if status is None else f"ended by itself with status {status}"
            raise BoardDiedError(self._told(f"the board {how}"))

    def _complain(self, sentence: str) -> None:
        raise BoardError(self._told(sentence))

    def _told(self, sentence: str) -> str:
        said = self.output
        return f"at {self.now_us / 1e6:.6f} s: {sentence}" + (f"; it said:\n{said}" if said else "")
