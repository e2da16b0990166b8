"""The target `linux`: the shipped firmware on MicroPython here, on emulated devices, in virtual time."""

from __future__ import annotations

from typing import Any

from assuage_rig import verbs
from assuage_rig.bench import Bench
from assuage_rig.faults import Value
from assuage_rig.runrecord import Facts, Fault
from assuage_rig.targets import greeting
from assuage_rig.targets.dut import CannotError
from assuage_rig.targets.interpreter import find_micropython, version_of
from assuage_rig.targets.inventory import Place
from assuage_rig.targets.linux import LinuxTarget


class EmulatedDut(Bench):
    """A bench that notes what is done to it."""

    def __init__(self, of: EmulatedTarget, deeds: list[Fault], **options: Any) -> None:
        super().__init__(**options)
        self.target = of
        self._deeds = deeds

    def fault(self, component: str, kind: str, **params: Value) -> None:
        """Breaks something, now."""
        why = self.target.refusal(f"{component} {kind}")
        if why:
            raise CannotError(why)
        super().fault(component, kind, **params)
        self._note(f"{component} {kind}", **params)

    def mend(self, component: str, kind: str | None = None) -> None:
        """Ends one fault of a component, or all of them."""
        super().mend(component, kind)
        self._note(f"mend {component} {kind or ''}".strip())

    def kill_board(self, *args: Any, **named: Any) -> None:
        """The processor dies at once."""
        self._note("kill board")
        super().kill_board(*args, **named)

    def power_cycle(self, off_s: float = 0.5) -> None:
        """Supply off for a while, then on."""
        self._note("power cycle", off_s=off_s)
        super().power_cycle(off_s)

    def _note(self, verb: str, **params: Value) -> None:
        self._deeds.append(Fault(verb, dict(params), self.now_us / 1e6, self.target.place.name))


class EmulatedTarget:
    """seed: of every bench that is not given its own, so of the board's unique id too."""

    def __init__(self, place: Place, seed: int) -> None:
        self.place = place
        self.facts = Facts(target=place.name, seed=seed)
        self._seed = seed
        self._bench: EmulatedDut | None = None

    def refusal(self, verb: str) -> str:
        """Faults of a host are refused; what the bench does not know raises where it is asked for."""
        return verbs.refusal("linux", verb)

    def can(self, verb: str) -> bool:
        """Whether the target can do something."""
        return not self.refusal(verb)

    def open(self, deeds: list[Fault], **options: Any) -> EmulatedDut:
        """A fresh board, just booted. options: as of Bench. Raises CannotError."""
        for option in options:
            if not self.can(option):
                raise CannotError(self.refusal(option))
        dut = EmulatedDut(self, deeds, **{"seed": self._seed, **options})
        dut.__enter__()
        return dut

    # -- the strategy's steps ----------------------------------------------------------------------------------------
    def flash(self) -> None:
        """Nothing to bring anywhere: the firmware is compiled when a board starts."""
        LinuxTarget()

    def boot(self) -> None:
        """A first board, by which all the others are known."""
        self._bench = self.open([])

    def identify(self) -> None:
        """Fills in the facts."""
        assert self._bench is not None
        told = greeting.hello(self._bench)
        board = self._bench.circuit.uid.hex()
        self._bench.close()
        greeting.expect(told, board)
        facts = self.facts
        facts.firmware, facts.board = greeting.version(told), board
        facts.schema, facts.config = f"{told['schema']:08x}", f"{told['config']:08x}"
        facts.interpreter = f"{version_of(find_micropython())} on this machine, emulated devices, virtual time"

    def switch_off(self) -> None:
        """Ends the first board, if it still runs."""
        if self._bench is not None:
            self._bench.close()
