"""A board's journal comes into the store: every record once, nothing acknowledged that is not safe, whatever fails."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from assuage.bedside.archive import Archive
from assuage.link.client import BoardClient
from assuage.store import Store
from assuage.store.board_journal import Entry, read
from assuage_rig.requirements import req
from tests.host.eventually import until
from tests.host.fake_board import FakeBoard, PtyBoard


@contextlib.asynccontextmanager
async def archived(board: FakeBoard, path: Path) -> AsyncIterator[Store]:
    """A host's life: client, store and archive on the board's port."""
    loop = asyncio.get_running_loop()
    board._now = loop.time()
    pty = PtyBoard(board)
    pty.plug()
    try:
        async with await Store.open(path) as store:
            client = BoardClient(pty.path)
            archive = Archive(client, store)
            client.listen(archive.handle)
            tasks = [asyncio.create_task(client.run()), asyncio.create_task(archive.run())]
            try:
                yield store
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        pty.unplug()


def kept(path: Path) -> list[Entry]:
    return read(path)


def with_records(count: int) -> FakeBoard:
    board = FakeBoard(first_ms=5_000)
    board.telemetry = True
    for i in range(count):
        board.note("ahead", 0, 0, 0, 7, i, 1000 * i)
    return board


@req("REC-006")
async def test_every_record_is_stored_once_and_acknowledged_when_it_is(tmp_path: Path) -> None:
    path, board = tmp_path / "store.sqlite", with_records(130)
    async with archived(board, path):
        await until(lambda: board.journal_stored == 130)
        board.note("delivered", 6, 2, 0, 7, 5, 5)
        await until(lambda: board.journal_stored == 131)
    entries = kept(path)
    assert [e.number for e in entries] == list(range(1, 132))
    assert {(e.board, e.epoch) for e in entries} == {(board.uid.hex(), 1)}
    for e in entries:
        assert list(e[3:14]) == board.journal[e.number]


async def test_a_later_start_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    path, board = tmp_path / "store.sqlite", with_records(20)
    async with archived(board, path):
        await until(lambda: board.journal_stored == 20)
    board.note("boot", 1)
    board.log.clear()
    async with archived(board, path):
        await until(lambda: board.journal_stored == 21)
    assert [v["number"] for v in board.received("Fetch")][:2] == [20, 21], "the last one is looked at, and no other"
    assert [e.number for e in kept(path)] == list(range(1, 22))


async def test_what_was_stored_and_not_acknowledged_is_acknowledged_later(tmp_path: Path) -> None:
    path, board = tmp_path / "store.sqlite", with_records(5)
    board.ignore.add("Stored")
    async with archived(board, path):
        await until(lambda: bool(board.received("Stored")))
        assert board.journal_stored == 0
    board.ignore.clear()
    async with archived(board, path):
        await until(lambda: board.journal_stored == 5)
    assert [e.number for e in kept(path)] == [1, 2, 3, 4, 5]


async def test_lost_frames_and_a_restarted_board_cost_a_repeat_and_no_record(tmp_path: Path) -> None:
    path, board = tmp_path / "store.sqlite", with_records(60)
    lost = iter(range(10_000))
    board.lose_sent = lambda name: name == "Record" and next(lost) % 3 == 0
    async with archived(board, path):
        await until(lambda: board.journal_stored >= 50)
        board.restart(asyncio.get_running_loop().time())
        board.note("boot", 2)
        await until(lambda: board.journal_stored == 61)
    assert [e.number for e in kept(path)] == list(range(1, 62))


async def test_a_board_whose_flash_was_wiped_begins_another_epoch_and_nothing_is_overwritten(tmp_path: Path) -> None:
    path, board = tmp_path / "store.sqlite", with_records(10)
    async with archived(board, path):
        await until(lambda: board.journal_stored == 10)
    for count in (4, 40):  # shorter than what was there, and longer
        board.journal, board.journal_stored = {}, 0
        for i in range(count):
            board.note("raised", i, 3)
        async with archived(board, path):
            await until(lambda count=count: board.journal_stored == count)  # type: ignore[misc]
    found = [(e.epoch, e.number) for e in kept(path)]
    assert found == [(e, n) for e, count in ((1, 10), (2, 4), (3, 40)) for n in range(1, count + 1)]


async def test_records_that_the_board_has_erased_meanwhile_are_no_other_journal(tmp_path: Path) -> None:
    path, board = tmp_path / "store.sqlite", with_records(10)
    async with archived(board, path):
        await until(lambda: board.journal_stored == 10)
    for _ in range(300):
        board.note("raised")
    board.journal = {number: record for number, record in board.journal.items() if number > 128}
    async with archived(board, path):
        await until(lambda: board.journal_stored == 310)
    assert {e.epoch for e in kept(path)} == {1}


@req("REC-006")
async def test_nothing_is_acknowledged_that_the_disk_did_not_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor later, when it looks there and finds it: a damaged file may not show it a second time."""
    path, board = tmp_path / "store.sqlite", with_records(5)
    looked = 0
    async with archived(board, path) as store:
        keep, newest = store.keep_journal, store.newest_of_journal

        async def keep_journal(entries: Sequence[Entry]) -> None:
            store._writer.given_up = "It is damaged."
            await keep(entries)

        async def newest_of_journal(board: str, count: int) -> list[Entry]:
            nonlocal looked
            looked += 1
            return await newest(board, count)

        monkeypatch.setattr(store, "keep_journal", keep_journal)
        monkeypatch.setattr(store, "newest_of_journal", newest_of_journal)
        await until(lambda: looked >= 3)
        assert len(board.received("Fetch")) >= 5
        assert not board.received("Stored") and board.journal_stored == 0


async def test_when_a_record_was_written_is_known_for_this_start_of_the_board_only(tmp_path: Path) -> None:
    path, board = tmp_path / "store.sqlite", with_records(1)
    board.boot = 2
    async with archived(board, path):
        await until(lambda: board.journal_stored == 1)
        await until(lambda: len(board.received("Probe")) > 8)
        board.note("state", 4)
        await until(lambda: board.journal_stored == 2)
    first, second = kept(path)
    assert first.at is None
    assert second.at is not None and abs(second.at - second.fetched) < 5
