"""The daemon's parts: each a named coroutine that never returns. A part that fails is named, and begun again if it
may fail.

A vital part (the link, the supervision) may not: it ends the daemon, and its keeper starts that anew. Failing again
and again, any part waits longer each time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from assuage.errors import AssuageError, PartFailed

log = logging.getLogger(__name__)

PAUSE_S: Final = 0.5
PAUSE_MAX_S: Final = 5.0
STEADY_S: Final = 30.0  # a part that ran for so long begins again without waiting longer

Run = Callable[[], Awaitable[None]]


class Parts:
    """Runs parts until cancelled. failing: part -> why it does not run at this moment, a sentence.

    on_change(name, sentence) is called when a part fails and, with "", when it has been begun again.
    """

    def __init__(self, on_change: Callable[[str, str], None] = lambda name, sentence: None) -> None:
        self.failing: dict[str, str] = {}
        self._on_change = on_change
        self._parts: dict[str, tuple[Run, bool]] = {}

    def add(self, name: str, run: Run, vital: bool = False) -> None:
        """Adds a part; `run` is called anew each time that it is begun."""
        self._parts[name] = (run, vital)

    async def run(self) -> None:
        """Runs all of them. Raises PartFailed when a vital part has failed."""
        try:
            async with asyncio.TaskGroup() as group:
                for name, (run, vital) in self._parts.items():
                    group.create_task(self._keep(name, run, vital), name=name)
        except BaseExceptionGroup as group:
            # Several may have failed in the same moment; one is enough to say.
            raise group.exceptions[0] from None

    async def _keep(self, name: str, run: Run, vital: bool) -> None:
        loop = asyncio.get_running_loop()
        pause = PAUSE_S
        while True:
            begun = loop.time()
            sentence = await self._once(name, run)
            if vital:
                raise PartFailed(name, sentence)
            if loop.time() - begun >= STEADY_S:
                pause = PAUSE_S
            self.failing[name] = sentence
            self._on_change(name, sentence)
            await asyncio.sleep(pause)
            pause = min(pause * 2, PAUSE_MAX_S)
            del self.failing[name]
            self._on_change(name, "")

    async def _once(self, name: str, run: Run) -> str:
        """Runs a part to its end and says why it ended."""
        try:
            await run()
        except AssuageError as error:
            log.error("the part %s has failed: %s", name, error.sentence)
            return error.sentence
        except Exception as error:
            log.exception("the part %s has failed", name)
            return f"The part {name} has failed: {type(error).__name__}: {error}. The log has more."
        log.error("the part %s has ended by itself", name)
        return f"The part {name} has ended by itself."
