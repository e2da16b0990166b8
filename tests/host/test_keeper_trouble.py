"""The keeper when the machine refuses it something: it waits and tries again, and what runs is left alone."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from assuage import keeper as keeper_module
from assuage import lifeline
from assuage.keeper import FIRST_DELAY, LONGEST_DELAY, Child, Keeper, longer
from assuage.state_dir import StateDir
from tests.host.eventually import until

SLEEPER = Child("sleeper", (sys.executable, "-S", "-c", "import time; time.sleep(600)"), grace=0.0)
NO_FILES = OSError(errno.EMFILE, os.strerror(errno.EMFILE))


@asynccontextmanager
async def kept(folder: Path, *children: Child) -> AsyncIterator[tuple[Keeper, list[str]]]:
    """A keeper in this process, and what it tells."""
    state, told = StateDir(folder / "state"), []
    state.take()
    keeper = Keeper(list(children), state, told.append)
    running = asyncio.create_task(keeper.run())
    try:
        yield keeper, told
    finally:
        keeper.end()
        keeper.end()
        await running


@pytest.fixture
def no_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "FIRST_DELAY", 1e-4)
    monkeypatch.setattr(keeper_module, "LONGEST_DELAY", 1e-4)


def failing(times: int, call: Callable[..., Any]) -> Callable[..., Any]:
    """`call`, but the first `times` times there are no files left."""
    left = iter(range(times))

    def instead(*args: Any, **kwargs: Any) -> Any:
        if next(left, None) is not None:
            raise NO_FILES
        return call(*args, **kwargs)

    return instead


def guard_of(keeper: Keeper) -> list[int]:
    """Processes that are this keeper's guard."""
    wanted = f"guard\0{keeper._token}\0".encode()
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cmdline").read_bytes().endswith(wanted):
                found.append(int(entry.name))
        except OSError:  # ended meanwhile
            continue
    return found


def open_pipes() -> int:
    """How many ends of pipes this process holds."""
    ends = 0
    for entry in Path("/proc/self/fd").iterdir():
        try:
            ends += os.readlink(entry).startswith("pipe:")
        except OSError:  # the listing's own
            continue
    return ends


def test_delays_double_to_the_longest_and_stay_there_for_ever() -> None:
    delays = [0.0]
    for _ in range(5000):
        delays.append(longer(delays[-1]))
    assert delays[1:4] == [FIRST_DELAY, 2 * FIRST_DELAY, 4 * FIRST_DELAY]
    assert delays == sorted(delays) and delays[-1] == LONGEST_DELAY


@pytest.mark.usefixtures("no_delay")
async def test_a_child_that_ends_a_thousand_times_is_still_kept_and_its_neighbour_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    living = Keeper._live

    async def live(self: Keeper, child: Child) -> str:
        return "exit code 1" if child.name == "hopeless" else await living(self, child)

    monkeypatch.setattr(Keeper, "_live", live)
    async with kept(tmp_path, SLEEPER, Child("hopeless", ())) as (keeper, told):
        await until(lambda: "sleeper" in keeper.pids)
        first = keeper.pids["sleeper"]
        await until(lambda: len(told) >= 1100, limit=100.0)
        assert "1100 times in a row" in told[1099]
        assert keeper.pids["sleeper"] == first


@pytest.mark.usefixtures("no_delay")
async def test_a_mistake_in_keeping_one_child_costs_it_one_life_and_its_neighbour_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spawn, refusals = Keeper._spawn, iter(range(3))

    async def spawning(self: Keeper, child: Child) -> asyncio.subprocess.Process:
        process = await spawn(self, child)
        if child.name == "unlucky" and next(refusals, None) is not None:
            raise RuntimeError("can't start new thread")  # what asyncio raises after it has started the process
        return process

    monkeypatch.setattr(Keeper, "_spawn", spawning)
    unlucky = Child("unlucky", SLEEPER.command, grace=0.0)
    async with kept(tmp_path, SLEEPER, unlucky) as (keeper, told):
        await until(lambda: "sleeper" in keeper.pids)
        first = keeper.pids["sleeper"]
        await until(lambda: "unlucky" in keeper.pids)
        assert keeper.pids["sleeper"] == first
        assert lifeline.marked(keeper._token, "unlucky") == [keeper.pids["unlucky"]], "the half-started ones are gone"
        assert len(told) == 3 and all("can't start new thread" in sentence for sentence in told)


@pytest.mark.usefixtures("no_delay")
@pytest.mark.parametrize("refused", ["pipe", "fork"])
async def test_a_guard_that_cannot_be_started_is_tried_again_and_leaves_no_pipe_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    before = open_pipes()
    if refused == "pipe":
        monkeypatch.setattr(os, "pipe", failing(5, os.pipe))
        children: list[Child] = []  # which would need pipes as well
    else:
        start = asyncio.create_subprocess_exec
        guard = failing(5, start)

        async def starting(*command: str, **options: Any) -> asyncio.subprocess.Process:
            process: asyncio.subprocess.Process = await (guard if "guard" in command else start)(*command, **options)
            return process

        monkeypatch.setattr(asyncio, "create_subprocess_exec", starting)
        children = [SLEEPER]
    async with kept(tmp_path, *children) as (keeper, told):
        await until(lambda: guard_of(keeper))
        assert told == ["The guard could not be started (Too many open files); it is tried again."]
    assert open_pipes() == before
