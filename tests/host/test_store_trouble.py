"""A disk that is full, fails or hangs costs telemetry, which is counted, and never the caller."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from assuage.store import Store, StoreError
from assuage.store import store as store_module
from assuage_rig.requirements import req
from tests.host.kept_records import history

CHILDREN = Path(__file__).parent / "children"
ROOT = Path(__file__).resolve().parents[2]


async def limit_pages(store: Store, extra: int) -> None:
    """From here on the file may grow by `extra` pages only: SQLite then says that the disk is full."""
    pages = await store._ask(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    await store._ask(lambda db: db.execute(f"PRAGMA max_page_count = {pages + extra}").fetchone())


def numbers(records: list[Any]) -> list[int]:
    return [json.loads(record.payload)["n"] for record in records]


async def test_on_a_full_disk_the_oldest_telemetry_makes_room_and_is_counted(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "x.sqlite") as store:
        for n in range(1000):
            store.append("wave", "t", {"n": n, "fill": "x" * 300})
        await store.flush()
        await limit_pages(store, 2)
        for n in range(1000, 1300):
            store.append("wave", "t", {"n": n, "fill": "x" * 300})
            if n % 10 == 0:
                await store.flush()
        await store.flush()
        kept = numbers(await history(store, "wave"))
        assert kept == list(range(kept[0], 1300)), "the newest are kept, without a hole"
        assert store.dropped == 1300 - len(kept) > 0
        assert store.fault == ""


@req("REC-006")
async def test_on_a_full_disk_without_telemetry_to_remove_events_wait_and_new_telemetry_is_dropped(
    tmp_path: Path,
) -> None:
    async with await Store.open(tmp_path / "x.sqlite") as store:
        await limit_pages(store, 0)
        event = store.append("event", "t", {"n": 1, "fill": "x" * 50_000}, event=True)
        rec = store.append("wave", "t", {"n": 2})
        await store.flush()
        assert event == 1 and rec == 2 and store.committed == 0
        assert "is full" in store.fault and "1 records so far" in store.fault and store.dropped == 1
        assert await store.pending() == []

        await limit_pages(store, 1000)
        store.append("wave", "t", {"n": 3})
        await store.flush()
        assert numbers(await store.pending()) == [1, 3]
        assert store.fault == "" and store.dropped == 1


def said_by(child: str, *arguments: str) -> dict[str, Any]:
    """What a process said that may fill its disk."""
    environment = dict(os.environ, PYTHONPATH=f"{ROOT / 'host'}:{ROOT / 'protocol'}:{ROOT}")
    done = subprocess.run(
        [sys.executable, str(CHILDREN / child), *arguments], env=environment, capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def test_on_a_full_disk_a_store_opens_says_so_can_be_read_and_writes_as_soon_as_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    said = said_by("store_full_opening.py", str(path), "kept")
    assert said["fault"] == f"The disk that holds {path} is full; make room on it."
    assert (said["programme"], said["read"]) == ({"programme": 1}, 1)
    assert said["set"] is False, "what is not on disk must not be called so"
    assert said["set_after"] is True and said["programme_after"] == {"programme": 3} and said["read_after"] == 2


def test_on_a_full_disk_a_store_that_is_not_there_yet_is_refused_for_just_that(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    said = said_by("store_full_opening.py", str(path), "new")
    assert said == {"refused": f"The disk that holds {path} is full; make room on it."}


def test_a_disk_that_refuses_writes_and_recovers(tmp_path: Path) -> None:
    said = said_by("store_full.py", str(tmp_path / "x.sqlite"))
    assert str(tmp_path) in said["fault"] and said["fault"].endswith("records so far.")
    assert said["dropped_after"] == said["dropped"] == said["missing"] == 100
    assert said["programme"] is False, "what is not on disk must not be called so"
    assert said["fault_after"] == "" and said["after_kept"] and said["event_kept"] and said["all_numbered"]


async def test_a_disk_that_hangs_costs_a_bounded_amount_of_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "QUEUED", 100)
    async with await Store.open(tmp_path / "x.sqlite") as store:
        hangs = threading.Event()
        hanging = asyncio.ensure_future(store._ask(lambda db: hangs.wait()))
        await asyncio.sleep(0)
        recs = [store.append("wave", "t", {}) for _ in range(300)]
        dropped = recs.count(None)
        assert 190 <= dropped <= 201 and store.dropped == dropped
        assert store.append("event", "t", {}, event=True) is not None, "events are not dropped for telemetry"
        hangs.set()
        await hanging
        await store.flush()
        assert store.kept == 301 - dropped


async def test_a_question_that_fails_is_an_error_of_the_asker_only(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "x.sqlite") as store:
        with pytest.raises(StoreError):
            await store._ask(lambda db: db.execute("SELECT nonsense"))
        with pytest.raises(ZeroDivisionError):
            await store._ask(lambda db: 1 / 0)
        assert store.append("wave", "t", {}) == 1
        await store.flush()
        assert store.committed == 1


async def test_a_record_that_the_database_refuses_for_ever_blocks_nothing(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "x.sqlite") as store:
        await store._ask(lambda db: db.execute("INSERT INTO record VALUES (1, 'x', 't', '{}', 0, 0, 0)"))
        store.append("event", "t", {}, event=True)  # takes number 1 as well
        await store.flush()
        assert store.dropped == 1
        store.append("event", "t", {}, event=True)
        await store.flush()
        assert store.committed == 2 and store.fault == ""


@pytest.mark.parametrize("mistake", [ZeroDivisionError, SystemExit])
async def test_a_store_that_fails_leaves_nobody_waiting_says_so_and_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: type[BaseException]
) -> None:
    def fail(*_: object) -> None:
        raise mistake("a mistake")

    async with await Store.open(tmp_path / "x.sqlite") as store:
        hangs = threading.Event()
        hanging = asyncio.ensure_future(store._ask(lambda db: hangs.wait()))
        await asyncio.sleep(0)
        monkeypatch.setattr(store._writer, "_write", fail)
        store.append("wave", "t", {})
        waiting = [asyncio.ensure_future(store.flush()) for _ in range(3)]
        await asyncio.sleep(0)
        hangs.set()
        await hanging
        for waiter in waiting:
            with pytest.raises(StoreError, match="The store has failed"):
                await waiter
        assert "a mistake" in store.fault
        assert await store.set_programme({}) is False
        store.append("wave", "t", {})
        with pytest.raises(StoreError):
            await store.pending()
        assert store.dropped >= 1
    async with await Store.open(tmp_path / "x.sqlite") as store:
        assert store.fault == "", "a new start has it whole"


async def test_a_question_that_ends_the_thread_is_answered_all_the_same(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "x.sqlite") as store:
        with pytest.raises(StoreError, match="The store has failed"):
            await store._ask(lambda db: sys.exit("a mistake"))
        assert "a mistake" in store.fault


async def test_after_closing_everything_is_refused_or_dropped_and_nothing_hangs(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "x.sqlite")
    store.append("wave", "t", {})
    await store.close()
    await store.close()
    assert store.append("wave", "t", {}) is None
    with pytest.raises(StoreError, match="closed"):
        await store.pending()
    assert await store.set_programme({}) is False
    with sqlite3.connect(store.path) as db:
        assert db.execute("SELECT count(*) FROM record").fetchone()[0] == 1, "closing commits what was appended"
    db.close()
