"""Whatever is done to a record, `verify` says where, and never fails."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from assuage.record import events, file
from assuage.record.recorder import Recorder
from assuage.record.verify import verify
from assuage_rig.requirements import req
from tests.host.records import SHIFT, Kept, small

pytestmark = pytest.mark.timeout(1800)  # a soak flips every byte


@req("REC-020")
async def test_a_record_that_nobody_has_touched_is_good(tmp_path: Path) -> None:
    path = await small(tmp_path / "x.record.sqlite")
    verdict = verify(path)
    assert verdict.good, verdict.findings
    assert verdict.entries == len(SHIFT) + 3  # begun, opened, closed
    assert verify(path, [verdict.head, verdict.head[:12]]).good


@req("REC-020")
async def test_wherever_a_byte_is_flipped_it_is_said(tmp_path: Path, seed: int, soak: bool) -> None:
    kept = Kept(await small(tmp_path / "x.record.sqlite"))
    rng = random.Random(seed)
    places = list(range(len(kept.bytes)))
    header = places[:100]
    unseen = []
    for at in places if soak else [*header, *rng.sample(places, 500)]:
        damaged = bytearray(kept.bytes)
        damaged[at] ^= rng.randrange(1, 256)
        kept.path.write_bytes(damaged)
        found = verify(kept.path)
        if found.good or not all(finding.sentence for finding in found.findings):
            unseen.append(at)
    assert not unseen


@req("REC-020")
async def test_wherever_a_byte_of_the_heads_is_flipped_it_is_said(tmp_path: Path, seed: int, soak: bool) -> None:
    kept = Kept(await small(tmp_path / "x.record.sqlite"))
    rng = random.Random(seed)
    places = range(len(kept.lines))
    for at in places if soak else rng.sample(places, 150):
        damaged = bytearray(kept.lines)
        damaged[at] ^= rng.randrange(1, 256)
        kept.heads.write_bytes(damaged)
        assert not verify(kept.path).good, at


@req("REC-020")
async def test_a_flipped_byte_in_an_entry_names_the_entry(tmp_path: Path) -> None:
    kept = Kept(await small(tmp_path / "x.record.sqlite"))
    at = kept.bytes.index(b"rib fractures")
    kept.path.write_bytes(kept.bytes[:at] + b"R" + kept.bytes[at + 1 :])
    first = verify(kept.path).findings[0]
    assert (first.entry, first.sentence) == (
        4, "The text of entry 4 has been altered: it no longer makes the hash that the next stands on.",
    )  # fmt: skip


@req("REC-020")
async def test_a_file_cut_at_any_length_is_said(tmp_path: Path, seed: int) -> None:
    kept = Kept(await small(tmp_path / "x.record.sqlite"))
    rng = random.Random(seed)
    for length in (0, 1, 99, 100, 4095, 4096, 8192, *rng.sample(range(len(kept.bytes)), 30)):
        assert length < len(kept.bytes)
        kept.path.write_bytes(kept.bytes[:length])
        assert not verify(kept.path).good, length
    kept.path.write_bytes(kept.bytes + b"\0")
    assert not verify(kept.path).good


def tamper(path: Path, change: Callable[[sqlite3.Connection], object]) -> None:
    """Somebody with a tool for databases."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DROP TRIGGER entry_stays")
        db.execute("DROP TRIGGER entry_remains")
        change(db)


def made_anew(db: sqlite3.Connection, begin: int) -> None:
    """Every hash from there on, so that the chain holds again."""
    before = file.ZERO
    for number, text, digest in db.execute(file.ROWS).fetchall():
        made = file.link(before, text) if number >= begin else digest
        db.execute("UPDATE entry SET hash = ? WHERE number = ?", (made, number))
        before = made


def swapped(db: sqlite3.Connection) -> None:
    db.execute("UPDATE entry SET number = -1 WHERE number = 5")
    db.execute("UPDATE entry SET number = 5 WHERE number = 6")
    db.execute("UPDATE entry SET number = 6 WHERE number = -1")


def rewritten(db: sqlite3.Connection) -> None:
    db.execute("UPDATE entry SET text = replace(text, '20000000', '10000000') WHERE number = 11")
    made_anew(db, 11)


TAMPERINGS: dict[str, tuple[Callable[[sqlite3.Connection], object], str]] = {
    "removed": (lambda db: db.execute("DELETE FROM entry WHERE number = 6"), "Entry 6 is missing."),
    "removed first": (lambda db: db.execute("DELETE FROM entry WHERE number <= 2"), "Entries 1 to 2 are missing."),
    "cut": (lambda db: db.execute("DELETE FROM entry WHERE number > 8"), "it has been cut short"),
    "emptied": (lambda db: db.execute("DELETE FROM entry"), "it has been cut short"),
    "swapped": (swapped, "In the place of entry 5 stands entry 6."),
    "replaced": (
        lambda db: db.execute("UPDATE entry SET text = (SELECT text FROM entry WHERE number = 4) WHERE number = 5"),
        "In the place of entry 5 stands entry 4.",
    ),
    "rewritten": (rewritten, "Entry 11 is not the one whose hash was noted"),
    "no table": (lambda db: db.execute("DROP TABLE entry"), "no such table"),
    "a number": (lambda db: db.execute("UPDATE entry SET text = 5 WHERE number = 5"), "entry 5"),
    "null-like": (lambda db: db.execute("UPDATE entry SET hash = 'x' WHERE number = 5"), "ntry 5"),
}


@req("REC-020")
@pytest.mark.parametrize("name", TAMPERINGS)
async def test_a_record_that_was_tampered_with_is_told_with_its_place(tmp_path: Path, name: str) -> None:
    path = await small(tmp_path / "x.record.sqlite")
    change, said = TAMPERINGS[name]
    tamper(path, change)
    sentences = " ".join(finding.sentence for finding in verify(path).findings)
    assert said in sentences, sentences


@req("REC-020")
async def test_an_end_written_anew_with_its_heads_contradicts_a_head_noted_elsewhere(tmp_path: Path) -> None:
    path = await small(tmp_path / "x.record.sqlite")
    noted = verify(path).head
    kept = Kept(path)
    path.unlink()
    kept.heads.unlink()
    await small(path)  # the same again, with other times: good in itself
    assert verify(path).good
    assert "was cut or replaced" in verify(path, [noted]).findings[0].sentence


@req("REC-020")
async def test_the_file_refuses_to_forget(tmp_path: Path) -> None:
    path = await small(tmp_path / "x.record.sqlite")
    with closing(sqlite3.connect(path)) as db:
        for statement in ("DELETE FROM entry", "UPDATE entry SET text = ''"):
            with pytest.raises(sqlite3.IntegrityError, match="only added to"):
                db.execute(statement)


@req("REC-020")
async def test_a_record_is_verified_beside_its_daemon(tmp_path: Path) -> None:
    path = tmp_path / "x.record.sqlite"
    async with await Recorder.open(path, "Bed 1") as record:
        for _ in range(300):
            record.note(events.Note(sentence="x" * 300))
        await record.keep(events.Note(sentence="last"))
        verdict = verify(path)
        assert verdict.good, verdict.findings
        assert verdict.head == record.head.hash
    assert verify(path).good


@req("REC-020")
async def test_a_daemon_that_continues_a_record_that_was_cut_says_so_for_ever(tmp_path: Path) -> None:
    path = await small(tmp_path / "x.record.sqlite")
    tamper(path, TAMPERINGS["cut"][0])
    async with await Recorder.open(path, "Bed 1") as record:
        assert record.fault == (
            "The last 4 entries of this record are missing: it had 12 and has 8; look with `assuage record verify`."
        )
    told = [file.Row(*row).text for row in closing_rows(path)]
    assert '"doubt":"The last 4 entries' in told[8]
    assert not verify(path).good


def closing_rows(path: Path) -> list[tuple[int, str, bytes]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(file.ROWS).fetchall()
