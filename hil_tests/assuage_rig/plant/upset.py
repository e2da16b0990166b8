"""Faults of what has settings: while one lasts it holds some of them, whatever somebody sets them to meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from assuage_rig.faults import Faults, Kind

S = TypeVar("S")


class Upset:
    """A fault's parameters are settings, by their names, and so is what `held` fixes of its kind.

    changed: called when a fault has begun or ended, to look at settings() again.
    """

    def __init__(
        self,
        component: str,
        kinds: Mapping[str, Kind],
        held: Mapping[str, Mapping[str, float | bool]],
        changed: Callable[[], None],
    ) -> None:
        self.faults = Faults(component, kinds)
        self._held = held
        self.faults.watchers.append(lambda kind, params: changed())

    def settings(self, wanted: S) -> S:
        """What is wanted, a dataclass, with what the faults make of it."""
        held: dict[str, Any] = {}
        for kind, params in self.faults.active.items():
            held |= {**self._held.get(kind, {}), **params}
        return replace(wanted, **held) if held else wanted  # type: ignore[type-var]


class Setting:
    """One setting as an attribute of a thing with `settings` and set()."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, thing: Any, owner: type) -> float:
        value: float = getattr(thing.settings, self._name)
        return value

    def __set__(self, thing: Any, value: float) -> None:
        thing.set(**{self._name: value})
