"""A database that cannot be trusted or written is refused with one sentence that says what to do."""

from __future__ import annotations

import os
import random
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from assuage.store import Store, StoreError
from assuage.store.store import Record

NOBODY = 65534


async def refused(path: Path) -> str:
    with pytest.raises(StoreError) as caught:
        await Store.open(path)
    sentence = caught.value.sentence
    assert str(path) in sentence and sentence.endswith(".")
    return sentence


async def crash(path: Path, records: int) -> None:
    """Fills a database and leaves it as a kill would."""
    async with await Store.open(path) as store:
        for n in range(records):
            store.append("numerics", "t", {"n": n, "text": "x" * 200})
        await store.flush()
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = '0' WHERE key = 'clean'")
    db.close()


async def test_a_database_is_made_with_its_folder_and_for_this_user_only(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "x.sqlite"
    async with await Store.open(path):
        assert path.stat().st_mode & 0o777 == 0o600


async def test_a_second_daemon_is_kept_away_until_the_first_has_closed(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    async with await Store.open(path):
        assert "in use by another Assuage daemon" in await refused(path)
    async with await Store.open(path):
        pass


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(b"this is a letter, not a database. " * 100)
    assert "damaged or is not a database" in await refused(path)
    assert path.read_bytes().startswith(b"this is a letter")


async def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE holiday (photo)")
    db.close()
    assert "another program" in await refused(path)


async def test_a_database_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    await crash(path, 1)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    assert "format 99" in await refused(path)


async def test_damage_that_shows_at_once_is_refused(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "x.sqlite"
    await crash(path, 2000)
    content = bytearray(path.read_bytes())
    rng = random.Random(seed)
    for page in range(1, len(content) // 4096):  # every page but the first, so that it still looks like ours
        start = page * 4096
        content[start : start + 64] = rng.randbytes(64)
    path.write_bytes(content)
    assert "damaged" in await refused(path)


async def test_after_a_crash_without_damage_everything_committed_is_there(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    await crash(path, 2000)
    async with await Store.open(path) as store:
        pending = await store.pending(limit=5000)
        assert len(pending) == 2000 and isinstance(pending[0], Record)


async def test_a_kept_programme_that_is_not_understood_is_none(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    async with await Store.open(path) as store:
        assert await store.set_programme({"programme": 1})
    for body in ('{"programme', "[1]"):
        with sqlite3.connect(path) as db:
            db.execute("UPDATE programme SET body = ?", (body,))
        db.close()
        async with await Store.open(path) as store:
            assert store.programme is None


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written" in await refused(tmp_path / "file" / "x.sqlite")
    (tmp_path / "folder.sqlite").mkdir()
    assert "cannot be written" in await refused(tmp_path / "folder.sqlite")


@pytest.fixture
def not_root(tmp_path: Path) -> Iterator[Path]:
    """A folder, and nobody's right to write where the mode forbids it: root, who may, becomes somebody else for it."""
    if os.geteuid():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
        try:
            yield Path(folder)
        finally:
            os.seteuid(0)


async def test_a_database_without_write_permission_is_told(not_root: Path) -> None:
    path = not_root / "x.sqlite"
    await crash(path, 1)
    path.chmod(0o400)
    assert "cannot be written" in await refused(path)
