"""A breadth-first search of all that can happen to a world of real objects.

A state is what `key()` says of the world; of worlds with the same key the first is followed. From each state every
event is tried on the same objects, which are put back to what they were in between; not after one that was refused, of
which the check must see that it changed nothing that counts.
"""

from __future__ import annotations

from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType, MethodType, ModuleType
from typing import Any, Protocol

_PLAIN = frozenset((int, float, str, bytes, bool, range, type(None), type(len), FunctionType))


class Refused(Exception):
    """The event cannot be, or was refused: nothing has changed."""


class World(Protocol):
    """What the search asks of one."""

    def key(self) -> tuple[Any, ...]:
        """All that decides what can follow."""


class Violation(AssertionError):
    """A property does not hold. path: the events that lead there; what: the property, or what was raised."""

    def __init__(self, path: list[str], what: str) -> None:
        super().__init__(f"{what}\nafter {', '.join(path)}")
        self.path = path
        self.what = what


class Saved:
    """What every object that can be reached from a root holds, to be put back.

    All worlds of a search are one set of objects at different times, so that waiting ones need no copies of them.
    """

    def __init__(self, root: Any) -> None:
        self._dicts: list[tuple[dict[Any, Any], dict[Any, Any]]] = []
        self._slices: list[tuple[Any, Any]] = []
        seen: set[int] = set()
        todo = [root]
        while todo:
            thing = todo.pop()
            kind = type(thing)
            if kind in _PLAIN or id(thing) in seen:
                continue
            seen.add(id(thing))
            if kind is tuple:
                todo.extend(thing)
                continue
            if kind is list or kind is array or kind is bytearray:
                self._slices.append((thing, thing[:]))
                if kind is list:
                    todo.extend(thing)
                continue
            if kind is MethodType:
                todo.append(thing.__self__)
                continue
            if kind is memoryview:
                todo.append(thing.obj)
                continue
            held = thing if kind is dict else vars(thing)
            was = held.copy()
            self._dicts.append((held, was))
            for value in was.values():
                if type(value) not in _PLAIN:
                    todo.append(value)

    def put_back(self) -> None:
        """Makes everything as it was."""
        for held, was in self._dicts:
            if len(held) != len(was):
                held.clear()
            held.update(was)
        for content, before in self._slices:
            content[:] = before


class Taken:
    """While it is open, which pairs of state and event a state table was asked for, and which way was gone.

    gone: (state, event) that led on; asked: those whose action was looked up.
    """

    def __init__(self, table: ModuleType) -> None:
        self.gone: set[tuple[int, int]] = set()
        self.asked: set[tuple[int, int]] = set()
        self._table = table
        self._after, self._action = table.after, table.action

    def __enter__(self) -> Taken:
        def after(state: int, event: int) -> int:
            self.gone.add((state, event))
            return self._after(state, event)  # type: ignore[no-any-return]

        def action(state: int, event: int) -> int:
            self.asked.add((state, event))
            return self._action(state, event)  # type: ignore[no-any-return]

        self._table.after, self._table.action = after, action  # type: ignore[attr-defined]
        return self

    def __exit__(self, *_: object) -> None:
        self._table.after, self._table.action = self._after, self._action  # type: ignore[attr-defined]


class Search:
    """keys: of every state, in the order in which they were found. edges: for each state those that follow it.
    happened: how often each event led somewhere."""

    def __init__(
        self,
        world: Callable[[], Any],
        events: Mapping[str, Callable[[Any], None]],
        note: Callable[[Any], Any],
        check: Callable[[Any, Any, str, bool], None],
        most: int = 1_000_000,
    ) -> None:
        self.keys: dict[tuple[Any, ...], int] = {}
        self.edges: list[list[int]] = []
        self.happened: Counter[str] = Counter()
        self._from: list[tuple[int, str]] = [(-1, "")]
        w = world()
        self.keys[w.key()] = 0
        todo = deque([Saved(w)])
        at = -1
        while todo:
            at += 1
            self.edges.append([])
            saved = todo.popleft()
            saved.put_back()
            was = note(w)
            for event, happen in events.items():
                refused = False
                try:
                    try:
                        happen(w)
                    except Refused:
                        refused = True
                    check(w, was, event, refused)
                except Exception as error:
                    raise Violation([*self.path(at), event], _what(error)) from error
                if refused:
                    continue
                self.happened[event] += 1
                key = w.key()
                if key not in self.keys:
                    if len(self.keys) == most:
                        raise RuntimeError(f"more than {most} states")
                    self.keys[key] = len(self.keys)
                    self._from.append((at, event))
                    todo.append(Saved(w))
                self.edges[at].append(self.keys[key])
                saved.put_back()

    @property
    def transitions(self) -> int:
        """How many events led from a state to one."""
        return sum(self.happened.values())

    def path(self, state: int) -> list[str]:
        """Shortest way to a state, as events."""
        way: list[str] = []
        while state > 0:
            state, event = self._from[state]
            way.append(event)
        return way[::-1]

    def cannot_reach(self, goals: Iterable[int]) -> list[int]:
        """The states from which no way leads to one of these."""
        into: list[list[int]] = [[] for _ in self.edges]
        for state, following in enumerate(self.edges):
            for other in following:
                into[other].append(state)
        reached = set(goals)
        todo = list(reached)
        while todo:
            for state in into[todo.pop()]:
                if state not in reached:
                    reached.add(state)
                    todo.append(state)
        return [state for state in range(len(self.edges)) if state not in reached]


def _what(error: Exception) -> str:
    """The property's name, from where it was asserted, and what was raised."""
    names = []
    trace = error.__traceback__
    while trace:
        names.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    named = next((name for name in names if name[0] == "p" and name[1:2].isdigit()), names[-1])
    return f"{named}: {type(error).__name__}: {error}"
