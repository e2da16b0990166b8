"""A part that fails is named; the rest goes on, unless the part was vital."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from assuage import parts
from assuage.errors import PartFailed, PortUnavailable, Reason
from assuage.parts import Parts
from tests.host.eventually import until


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PAUSE_S", 0.001)


async def forever() -> None:
    await asyncio.Event().wait()


async def test_a_part_that_fails_is_named_and_begun_again_while_the_others_go_on() -> None:
    told: list[tuple[str, str]] = []
    begun = {"good": 0, "bad": 0}

    async def good() -> None:
        begun["good"] += 1
        await forever()

    async def bad() -> None:
        begun["bad"] += 1
        if begun["bad"] == 1:
            raise PortUnavailable(Reason.IN_USE, "The port 5020 is taken.")
        if begun["bad"] == 2:
            raise ZeroDivisionError("division by zero")
        if begun["bad"] == 3:
            return
        await forever()

    running = Parts(lambda name, sentence: told.append((name, sentence)))
    running.add("good", good)
    running.add("bad", bad)
    task = asyncio.create_task(running.run())
    await until(lambda: begun["bad"] == 4 and not running.failing)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert begun["good"] == 1
    assert [name for name, _ in told] == ["bad"] * 6
    said = [sentence for _, sentence in told if sentence]
    assert said[0] == "The port 5020 is taken."
    assert "ZeroDivisionError" in said[1]
    assert "ended by itself" in said[2]


async def test_a_vital_part_that_fails_ends_all_and_is_named() -> None:
    ended: list[str] = []

    async def other() -> None:
        try:
            await forever()
        finally:
            ended.append("other")

    async def link() -> None:
        await asyncio.sleep(0)
        raise ZeroDivisionError("a bug")

    running = Parts()
    running.add("other", other)
    running.add("link", link, vital=True)
    with pytest.raises(PartFailed) as failed:
        await running.run()
    assert failed.value.part == "link"
    assert "a bug" in failed.value.sentence
    assert ended == ["other"]
