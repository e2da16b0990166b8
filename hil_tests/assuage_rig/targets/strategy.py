"""The states of a target, and how to get from each to the next.

    off ──flash──> flashed ──boot──> booted ──identify──> ready ──switch_off──> off

A step that fails leaves the target broken, with the reason, and nothing is tried again: what else is to run on it is
skipped. (labgrid's Strategy is the model.)
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

OFF, FLASHED, BOOTED, READY, BROKEN = "off", "flashed", "booted", "ready", "broken"


class Step(NamedTuple):
    """`do` is a method of the target."""

    before: str
    do: str
    after: str


TABLE = (
    Step(OFF, "flash", FLASHED),  # the firmware of this tree lies where the board starts from
    Step(FLASHED, "boot", BOOTED),  # it runs
    Step(BOOTED, "identify", READY),  # it is the board that was asked for, and speaks the table that we speak
    Step(READY, "switch_off", OFF),
)


class Startable(Protocol):
    """What a strategy drives. Each method does one step of TABLE, or raises an exception that says why it cannot."""

    def flash(self) -> None: ...

    def boot(self) -> None: ...

    def identify(self) -> None: ...

    def switch_off(self) -> None: ...


class BrokenTargetError(RuntimeError):
    """A step has failed; the message says which, and why."""


class Strategy:
    """state: one of the names above. why: it is broken. taken: the steps so far, in order."""

    def __init__(self, target: Startable) -> None:
        self.state = OFF
        self.why = ""
        self.taken: list[Step] = []
        self._target = target

    def to(self, state: str) -> None:
        """Takes the steps to a state. Raises BrokenTargetError when one fails now or has failed before."""
        while self.state != state:
            if self.state == BROKEN:
                raise BrokenTargetError(self.why)
            step = next(step for step in TABLE if step.before == self.state)
            try:
                getattr(self._target, step.do)()
            except Exception as error:
                self.state = BROKEN
                self.why = f"{step.do} failed, so the target is broken: {error or type(error).__name__}"
                raise BrokenTargetError(self.why) from error
            self.state = step.after
            self.taken.append(step)
