"""After a crash the store is used at once, and looked through beside its use; damage is told and nothing trusts it."""

from __future__ import annotations

import random
import sqlite3
import threading
from pathlib import Path

import pytest

from assuage.store import Store
from assuage.store.check import Check
from tests.host.eventually import until
from tests.host.kept_records import history

PAGE = 4096
TABLE_LEAF = 0x0D  # first byte of a page with rows: https://www.sqlite.org/fileformat.html#b_tree_pages
FOR_EVER = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"


async def crash(path: Path) -> None:
    """Fills a database and leaves it as a kill would."""
    async with await Store.open(path) as store:
        for n in range(2000):
            store.append("numerics", "t", {"n": n, "text": "x" * 200})
        assert await store.set_programme({"programme": 1})
    change(path, "UPDATE meta SET value = '0' WHERE key = 'clean'")


def change(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as db:
        db.execute(statement)
    db.close()


def closed_in_order(path: Path) -> bool:
    db = sqlite3.connect(path)
    try:
        return bool(db.execute("SELECT value = '1' FROM meta WHERE key = 'clean'").fetchone()[0])
    finally:
        db.close()


def damage(path: Path, seed: int) -> None:
    """Spoils rows in the middle of the file, none that opening reads."""
    content = bytearray(path.read_bytes())
    rng = random.Random(seed)
    leaves = [at for at in range(len(content) // 2 // PAGE * PAGE, len(content), PAGE) if content[at] == TABLE_LEAF]
    for at in leaves:
        content[at : at + 64] = rng.randbytes(64)
    assert leaves
    path.write_bytes(content)


async def test_after_a_crash_the_store_is_used_before_it_has_been_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.sqlite"
    await crash(path)
    looked = threading.Event()

    def look(*_: object) -> str:
        looked.wait()
        return ""

    monkeypatch.setattr(Check, "_look", look)
    async with await Store.open(path) as store:
        assert store.programme == {"programme": 1} and store.fault == ""
        assert await store.set_programme({"programme": 2})
        assert store.append("numerics", "t", {}) == 2001 and await store.flush() == 2001
        looked.set()
    assert closed_in_order(path)


async def test_a_store_that_was_closed_in_order_is_not_looked_through(tmp_path: Path) -> None:
    for _ in range(2):  # neither is a new one
        async with await Store.open(tmp_path / "x.sqlite") as store:
            assert store._check is None
        assert closed_in_order(tmp_path / "x.sqlite")


async def test_a_store_without_damage_is_trusted_again_once_it_has_been_looked_through(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    await crash(path)
    async with await Store.open(path) as store:
        await store.flush()  # the writer comes first
        check = store._check
        assert check is not None
        await until(lambda: not check.is_alive())
        assert store.fault == ""
    assert closed_in_order(path)


async def test_damage_found_in_use_is_told_refuses_what_must_be_kept_and_writes_no_more(
    tmp_path: Path, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "x.sqlite"
    await crash(path)
    damage(path, seed)
    async with await Store.open(path) as store:
        await until(lambda: store.fault)
        assert store.fault.startswith(f"{path} is damaged; nothing is recorded and no infusion can be started until")
        assert store.fault in caplog.text
        assert await store.set_programme({"programme": 2}) is False
        dropped = store.dropped
        store.append("event", "t", {}, event=True)
        committed = await store.flush()
        assert committed < 2001 and store.dropped == dropped + 1
        assert "is damaged" in store.fault, "for good, not until the next write"
    assert not closed_in_order(path), "the next opening looks again"


async def test_closing_ends_a_look_that_is_under_way_and_the_next_opening_looks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.sqlite"
    await crash(path)
    looking = threading.Event()

    def look(_: Check, db: sqlite3.Connection) -> str:
        looking.set()
        return str(db.execute(FOR_EVER).fetchone())

    monkeypatch.setattr(Check, "_look", look)
    async with await Store.open(path) as store:
        check = store._check
        await until(looking.is_set)
    assert check is not None and not check.is_alive()
    assert not closed_in_order(path)


async def test_damage_that_a_reader_meets_is_told_as_well(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "x.sqlite"
    await crash(path)
    change(path, "UPDATE meta SET value = '1' WHERE key = 'clean'")  # so that nothing looks for it
    damage(path, seed)
    async with await Store.open(path) as store:
        assert store.fault == ""
        with pytest.raises(Exception, match="damaged"):
            await history(store, "numerics")
        assert "is damaged" in store.fault
        assert await store.set_programme({"programme": 2}) is False
    assert not closed_in_order(path)
