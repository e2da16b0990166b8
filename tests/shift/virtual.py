"""A host whose time is the bench's: the daemon's event loop lets the emulated boards run while nothing else is to do.

    world = World({"/…/first": bench})
    world.take_over()                         # before anything of the host is imported
    from assuage.daemon import Daemon
    world.run(story())

What is to be computed or written takes no time in this world, except within `world.careful()`, where the boards run
no faster than CAREFUL times real time: an order waits for threads and disks, and for no longer than some seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import sys
import time as real
import types
from collections.abc import Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from assuage_rig.bench import Bench
from assuage_rig.ptyline import PtyLine

SLICE_S: Final = 0.04  # the boards run for so long before the host looks at their lines again
CAREFUL: Final = 4.0
BEGIN: Final = 1_794_812_400.0  # Unix time of the story's first moment: 2026-11-16 07:00 UTC


class World:
    """benches: by the path of the port that the host opens."""

    def __init__(self, benches: Mapping[Path, Bench]) -> None:
        self.now = 0.0
        self._lines = [(bench, PtyLine(path)) for path, bench in benches.items()]
        self._careful = 0

    def close(self) -> None:
        """The lines are cut; the benches are their owner's."""
        for _, line in self._lines:
            line.close()

    def take_over(self) -> None:
        """Whatever imports `time` from now on has the time of this world."""
        told = types.ModuleType("time", real.__doc__)
        vars(told).update({name: value for name, value in vars(real).items() if not name.startswith("__")})
        vars(told).update(
            monotonic=lambda: self.now,
            time=lambda: BEGIN + self.now,
            time_ns=lambda: round((BEGIN + self.now) * 1e9),
        )
        sys.modules["time"] = told

    def run(self, story: Coroutine[Any, Any, Any]) -> Any:
        """The story from its beginning to its end."""
        with asyncio.Runner(loop_factory=lambda: _Loop(self)) as runner:
            return runner.run(story)

    @contextlib.contextmanager
    def careful(self) -> Iterator[None]:
        """What lies within takes its time."""
        self._careful += 1
        try:
            yield
        finally:
            self._careful -= 1

    def pass_time(self, seconds: float) -> None:
        """Lets the boards live for so long, and carries what they and the host say."""
        if self._careful:
            real.sleep(seconds / CAREFUL)
        for bench, line in self._lines:
            while data := line.read():
                bench.send(data)
            bench.run(seconds)
            if said := bench.take():
                line.write(said)
        self.now += seconds


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, world: World) -> None:
        self._world = world
        super().__init__(_Selector(world))

    def time(self) -> float:
        return self._world.now


class _Selector(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def select(self, timeout: float | None = None) -> Any:
        found = super().select(0)
        if found or (timeout is not None and timeout <= 0):
            return found
        self._world.pass_time(SLICE_S if timeout is None else min(SLICE_S, timeout))
        return super().select(0)
