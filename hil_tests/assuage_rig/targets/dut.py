"""What a test holds: a board under test, whatever it is made of, and the target that it came from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from assuage_rig.faults import CannotError as CannotError
from assuage_rig.faults import Value
from assuage_rig.runrecord import Facts, Fault
from assuage_rig.targets.inventory import Place
from assuage_rig.targets.strategy import Startable


class Dut(Protocol):
    """A board with a line to it. On the bench time is virtual, on a real board the wall's.

    fault_target: one of verbs.TARGETS.
    """

    fault_target: str

    @property
    def target(self) -> Target:
        """Where it comes from."""

    @property
    def now_us(self) -> int:
        """Time since it was switched on or its port was opened, us."""

    def send(self, data: bytes) -> None:
        """Bytes from the host."""

    def take(self) -> bytes:
        """What it has sent since the last call."""

    def run(self, seconds: float) -> None:
        """Lets time pass; with 0 the board handles what it was sent, as far as that takes no time."""

    def run_until(self, condition: Callable[[], object], limit_s: float, step_s: float = 0.01) -> bool:
        """Lets time pass until the condition holds; False when it does not within the limit."""

    def fault(self, component: str, kind: str, **params: Value) -> None:
        """Breaks something: a verb by its two words. Raises CannotError, or UnknownFault for what no target knows."""

    def mend(self, component: str, kind: str | None = None) -> None:
        """Mends it."""

    def take_out(self, for_s: float | None = None) -> None:
        """The syringe is taken out of the drive. Raises CannotError."""

    def close(self) -> None:
        """Ends it."""


class Target(Startable, Protocol):
    """A place of the inventory, with the steps of strategy.TABLE."""

    place: Place

    @property
    def facts(self) -> Facts:
        """What is known of the board once it is ready."""

    def refusal(self, verb: str) -> str:
        """Why the target cannot do something, in a sentence; empty when it can. See can()."""

    def can(self, verb: str) -> bool:
        """Whether the target can do something: a fault as "motor stall", "virtual time", or an option of open()."""

    def open(self, deeds: list[Fault], **options: object) -> Dut:
        """A board that runs. deeds: takes the faults made. options: as of Bench. Raises CannotError."""
