"""Faults as ordinary verbs: a component says which kinds it knows; asking for another one is refused, never ignored."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Value = int | float


class UnknownFault(ValueError):
    """The component or kind does not exist here, or a parameter does not fit; the message lists what does."""


class CannotError(Exception):
    """The target cannot do what is asked; one sentence says why. The test is skipped with it, and never passes."""


@dataclass(frozen=True)
class Kind:
    """One kind of fault: a sentence, parameters as (default, least, most), and `act` when it is over at once."""

    sentence: str
    params: Mapping[str, tuple[Value, Value, Value]] = field(default_factory=dict)
    act: Callable[..., None] | None = None


Told = Callable[[str, "dict[str, Value] | None"], None]
"""Hears of a kind of fault: its parameters as it begins (or has happened), None as it ends."""


def _nothing() -> None:
    pass


class Faults:
    """The faults that one component carries now: `active` maps a kind to its parameters.

    settle: called before a change, so that a lazily computed component first lives through the time before it.
    watchers: told after a change.
    """

    def __init__(self, component: str, kinds: Mapping[str, Kind], settle: Callable[[], None] = _nothing) -> None:
        self.component = component
        self.kinds = kinds
        self.active: dict[str, dict[str, Value]] = {}
        self.watchers: list[Told] = []
        self._settle = settle

    def make(self, kind: str, **params: Value) -> None:
        """Sets a fault in; the same kind again replaces its parameters. Raises UnknownFault."""
        known = self.kinds.get(kind)
        if known is None:
            raise UnknownFault(f"{self.component} cannot have the fault {kind!r}; it knows {', '.join(self.kinds)}")
        values: dict[str, Value] = {name: default for name, (default, _, _) in known.params.items()}
        for name, value in params.items():
            if name not in values:
                takes = ", ".join(values) or "no parameters"
                raise UnknownFault(f"{self.component} {kind} has no parameter {name!r}; it takes {takes}")
            default, least, most = known.params[name]
            if not isinstance(value, (int, float)) or not least <= value <= most:
                raise UnknownFault(f"{self.component} {kind}: {name} must be {least} .. {most}, not {value!r}")
            values[name] = int(value) if isinstance(default, int) else float(value)
        self._settle()
        if known.act is not None:
            known.act(**values)
        else:
            self.active[kind] = values
        for told in self.watchers:
            told(kind, dict(values))

    def mend(self, kind: str | None = None) -> None:
        """Ends one fault, or all of them. Mending what is whole does nothing."""
        self._settle()
        for one in [kind] if kind is not None else list(self.active):
            self.over(one)

    def over(self, kind: str) -> None:
        """A fault has ended by itself."""
        if self.active.pop(kind, None) is not None:
            for told in self.watchers:
                told(kind, None)

    def integer(self, kind: str, name: str) -> int:
        """A parameter of an active fault, as an integer."""
        return int(self.active[kind][name])
