"""Starts the processes of an Assuage, starts one again when it ends, and ends all of them in order.

The keeper does nothing else, so that it has no reason to fall over itself. If it is killed all the same, nothing that
it started stays behind (lifeline.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from assuage import lifeline
from assuage.state_dir import StateDir, StateDirTaken

FIRST_DELAY = 0.2  # s before the first restart; doubled with each end in a row
LONGEST_DELAY = 10.0  # s
STEADY = 10.0  # s of life after which earlier ends are forgotten
REPEATED = 3  # ends in a row from which on a child "keeps ending"


@dataclass(frozen=True)
class Child:
    """A process to be kept. `grace`: seconds between SIGTERM and SIGKILL when it is to end."""

    name: str
    command: tuple[str, ...]
    grace: float = 0.7


class Keeper:
    """Keeps `children` alive, started in the order given and ended in the opposite one.

    `tell` gets one sentence whenever a child has ended unasked.
    """

    def __init__(self, children: list[Child], state: StateDir, tell: Callable[[str], None]) -> None:
        self._children = children
        self._state = state
        self._tell = tell
        self._token = f"{os.getpid()}-{secrets.token_hex(8)}"
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._ending = asyncio.Event()
        self._hurry = asyncio.Event()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of what runs just now, with the keeper's own."""
        return {"keeper": os.getpid()} | {name: process.pid for name, process in self._running.items()}

    def end(self) -> None:
        """Asks for the ordered end; asked a second time, everything is killed at once. Safe in a signal handler."""
        (self._hurry if self._ending.is_set() else self._ending).set()

    async def run(self) -> None:
        """Starts all and returns when `end` was called and every process is gone."""
        for child in self._children:
            with contextlib.suppress(StateDirTaken):  # then its log goes on in the old file
                self._state.turn_log(child.name)
        tasks = [asyncio.create_task(self._guard())]
        tasks += [asyncio.create_task(self._keep(child)) for child in self._children]
        try:
            ended = asyncio.create_task(self._ending.wait())
            done, _ = await asyncio.wait([ended, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {ended}:
                task.result()  # a keeper that cannot keep fails aloud
        finally:
            self._ending.set()
            for child in reversed(self._children):
                await self._end_child(child)
            await asyncio.gather(*tasks, return_exceptions=True)
            lifeline.end_marked(self._token)
            self._write_pids({})

    # -- one child -----------------------------------------------------------------------------------------------------

    async def _keep(self, child: Child) -> None:
        ends, delay = 0, 0.0
        while not self._ending.is_set():
            born = time.monotonic()
            try:
                how = await self._live(child)
            except Exception as error:  # whatever it is, it must not end this child's neighbours
                how = f"it could not be kept: {error!r}"
                with contextlib.suppress(OSError):  # nor may a life that nobody watches go on beside the next one
                    lifeline.end_marked(self._token, child.name)
            if self._ending.is_set():
                return
            if time.monotonic() - born >= STEADY:
                ends, delay = 0, 0.0
            ends, delay = ends + 1, longer(delay)
            self._tell(self._obituary(child, how, ends, delay))
            await self._pause(delay)

    async def _pause(self, delay: float) -> None:
        """Waits `delay` seconds, or until the end is asked for."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self._ending.wait()

    async def _live(self, child: Child) -> str:
        """One life of a child; returns how it ended."""
        try:
            process = await self._spawn(child)
        except OSError as error:  # out of memory or processes: as good as an early end
            return f"could not be started: {_why(error)}"
        self._running[child.name] = process
        try:
            self._write_pids(self.pids)
            if self._ending.is_set():  # asked while it was being started
                process.kill()
            code = await process.wait()
        finally:
            del self._running[child.name]
        self._write_pids(self.pids)
        # what it had started itself must not hold a port or the line when it comes again
        lifeline.end_marked(self._token, child.name)
        return f"exit code {code}" if code >= 0 else f"killed by {_signal_name(-code)}"

    async def _spawn(self, child: Child) -> asyncio.subprocess.Process:
        environment = {**os.environ, lifeline.MARK: f"{self._token}/{child.name}", "PYTHONUNBUFFERED": "1"}
        with self._state.log(child.name).open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *lifeline.run_command(os.getpid(), list(child.command)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,  # Ctrl-C in the terminal reaches the keeper alone, which ends them in order
            )

    def _obituary(self, child: Child, how: str, ends: int, delay: float) -> str:
        if ends < REPEATED:
            return f"{child.name} ended ({how}) and starts again in {delay:.1f} s."
        words = self._state.last_words(child.name) or "(nothing)"
        return (
            f"{child.name} keeps ending ({ends} times in a row, {how}); the next try is in {delay:.1f} s."
            f" Its log {self._state.log(child.name)} ends with: {words}"
        )

    def _write_pids(self, pids: dict[str, int]) -> None:
        with contextlib.suppress(StateDirTaken):  # a full disk must not end what it keeps alive
            self._state.write_pids(pids)

    async def _end_child(self, child: Child) -> None:
        process = self._running.get(child.name)
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        waits = [asyncio.create_task(process.wait()), asyncio.create_task(self._hurry.wait())]
        await asyncio.wait(waits, timeout=child.grace, return_when=asyncio.FIRST_COMPLETED)
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await waits[0]
        waits[1].cancel()

    # -- the guard -----------------------------------------------------------------------------------------------------

    async def _guard(self) -> None:
        """Keeps a guard that ends our children if we are killed; it ends itself when we close the pipe."""
        failed = 0.0  # the delay after the last of the tries that failed in a row
        while not self._ending.is_set():
            try:
                await self._guard_once()
                failed = 0.0
            except Exception as error:  # out of files or processes: that passes, and what is kept goes on meanwhile
                if not failed:
                    self._tell(f"The guard could not be started ({_why(error)}); it is tried again.")
                failed = longer(failed)
            await self._pause(failed or FIRST_DELAY)  # killed by someone; never in a tight loop

    async def _guard_once(self) -> None:
        """One life of a guard. Raises OSError when it cannot begin."""
        reading, writing = os.pipe()  # not inherited by other children: only our end keeps it open
        try:
            process = await asyncio.create_subprocess_exec(
                *lifeline.guard_command(self._token), stdin=reading, start_new_session=True
            )
        except OSError:  # there is no guard; to one that lives, the closing would mean that we have been killed
            os.close(writing)
            raise
        finally:
            os.close(reading)
        waits = [asyncio.create_task(process.wait()), asyncio.create_task(self._ending.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if process.returncode is None:
            process.kill()
        os.close(writing)
        await waits[0]
        waits[1].cancel()


def longer(delay: float) -> float:
    """The delay in s after one of `delay`: doubled, never above LONGEST_DELAY. 0: there was none yet."""
    return min(delay * 2, LONGEST_DELAY) if delay else FIRST_DELAY


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or repr(error)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"
