"""Whether a record is as it was written, and where not.

Four witnesses: each entry's hash, which holds all entries before it; the file of heads; a head that somebody has noted
elsewhere; and the file itself, which is made anew from its entries and compared byte by byte, for what belongs to no
entry. Whatever the file holds, it is told in sentences; nothing here raises for a record that is damaged.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assuage.record import anchors, file
from assuage.record.anchors import Head
from assuage.record.events import Entry, canonical, entry_of

PAGE: Final = 4096
WAL: Final = b"\2\2"  # versions for writing and reading, of a file with a write-ahead log
AS_IT_COMES: Final = frozenset({*range(18, 20), *range(24, 28), *range(92, 100)})  # looked at one by one
# A message of SQLite may quote bytes that are no text any more; a damaged length may ask for more than there is.
DAMAGE: Final = (sqlite3.Error, UnicodeDecodeError, OverflowError, MemoryError)
TOLD: Final = 20  # findings of a kind; what follows is counted


@dataclass(frozen=True, slots=True)
class Finding:
    """entry: number of the entry, None where it is about none. sentence: what is wrong, and where."""

    entry: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """entries: that could be read, in the order of the file. head: hash of the last, hex."""

    entries: int
    head: str
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        """Nothing has been found against it."""
        return not self.findings


def verify(path: Path, noted: Sequence[str] = ()) -> Verdict:
    """Looks at the record and its heads. noted: hashes (or their first 12 digits at least) that must be in it, e.g. of
    a printed report. Raises StoreError only where there is no record."""
    findings: list[Finding] = []
    rows: list[tuple[object, object, object]] = []
    image = b""
    try:
        db = file.open_for_reading(path)
    except DAMAGE as error:
        return Verdict(0, "", (_unread(path, error),))
    with contextlib.closing(db):
        try:
            db.text_factory = bytes
            rows = list(_rows(db, findings))
            image = db.serialize()
        except DAMAGE as error:
            findings.append(_unread(path, error))
    hashes, entries = _chain(rows, findings)
    _heads(path, hashes, entries, findings)
    for head in noted:
        if not any(digest.startswith(head.lower()) for digest in hashes.values()):
            findings.append(
                Finding(
                    None,
                    f"The head {head} that was noted is not in this record: what it stood for was cut or replaced.",
                )
            )
    if image:
        findings += _image(path, image, rows, entries)
    last = max(hashes, default=0)
    return Verdict(len(rows), hashes.get(last, ""), _told(findings))


def _rows(db: sqlite3.Connection, findings: list[Finding]) -> Iterator[tuple[object, object, object]]:
    """All that can be read. One at a time, for what cannot must not take its neighbours with it."""
    try:
        yield from db.execute(file.ROWS).fetchall()
    except DAMAGE as error:
        number = 0
        while True:
            try:
                row = db.execute("SELECT number, text, hash FROM entry WHERE number > ? LIMIT 1", (number,)).fetchone()
            except DAMAGE:
                break
            if row is None:
                break
            yield row
            number = int(row[0])
        findings.append(Finding(number + 1, f"The record cannot be read beyond entry {number}: {error}."))


def _chain(
    rows: Sequence[tuple[object, object, object]], findings: list[Finding]
) -> tuple[dict[int, str], dict[int, Entry]]:
    """Hashes (hex) and entries by number, as far as they are sound."""
    hashes: dict[int, str] = {}
    entries: dict[int, Entry] = {}
    before, expected = file.ZERO, 1
    for position, (number, text, digest) in enumerate(rows):
        if not isinstance(number, int) or not isinstance(text, bytes) or not isinstance(digest, bytes):
            findings.append(
                Finding(expected, f"Entry {expected} is not what an entry is: its fields are of other kinds.")
            )
            expected += 1
            continue
        if number != expected:
            findings.append(Finding(expected, _gap(expected, number)))
            before = b""
        if before:
            wrong = _entry_wrong(number, text, digest, before, rows[position + 1 : position + 2])
            if wrong:
                findings.append(Finding(number, wrong))
        entry = _parsed(text, digest)
        if entry is None:
            findings.append(Finding(number, f"Entry {number} cannot be read: it is not the text that was written."))
        elif entry.number != number:
            findings.append(Finding(number, f"In the place of entry {number} stands entry {entry.number}."))
        else:
            entries[number] = entry
        hashes[number] = digest.hex()
        before, expected = digest, number + 1
    return hashes, entries


def _gap(expected: int, number: int) -> str:
    if number > expected + 1:
        return f"Entries {expected} to {number - 1} are missing."
    return f"Entry {expected} is missing." if number > expected else f"After entry {expected - 1} stands {number}."


def _entry_wrong(
    number: int, text: bytes, digest: bytes, before: bytes, after: Sequence[tuple[object, object, object]]
) -> str:
    made = hashlib.sha256(before + text).digest()
    if made == digest:
        return ""
    following = after[0] if after else None
    if following is not None and isinstance(following[1], bytes):
        if hashlib.sha256(made + following[1]).digest() == following[2]:
            return f"The hash of entry {number} has been altered; its text is the one that the next entry stands on."
        if hashlib.sha256(digest + following[1]).digest() == following[2]:
            return f"The text of entry {number} has been altered: it no longer makes the hash that the next stands on."
    return f"Entry {number} has been altered, or does not follow the one before it: its hash does not come of both."


def _parsed(text: bytes, digest: bytes) -> Entry | None:
    try:
        plain = text.decode()
        entry = entry_of(plain, digest)
        whole = canonical(
            {"n": entry.number, "at": entry.at, "kind": entry.kind, "v": entry.version, "body": entry.body}
        )
    except (ValueError, RecursionError):
        return None
    return entry if whole == plain else None


def _heads(path: Path, hashes: dict[int, str], entries: dict[int, Entry], findings: list[Finding]) -> None:
    where = file.heads(path)
    try:
        known, bad = anchors.read(where)
    except OSError as error:
        if hashes:
            findings.append(
                Finding(
                    None, f"{where} cannot be read ({error.strerror}): whether the record was cut short is unknown."
                )
            )
        return
    findings += [Finding(None, f"Line {line} of {where} is damaged.") for line in bad]
    last = max(hashes, default=0)
    missing = max((head.number for head in known), default=0)
    if missing > last:
        findings.append(
            Finding(last + 1, f"The record ends with entry {last}, and once had {missing}: it has been cut short.")
        )
    findings += _against(where, [head for head in known if head.number in hashes], hashes, entries)


def _against(where: Path, known: Sequence[Head], hashes: dict[int, str], entries: dict[int, Entry]) -> list[Finding]:
    found = []
    sound = 0  # the last entry that a head vouches for
    for head in known:
        if hashes[head.number] == head.hash:
            entry = entries.get(head.number)
            if entry is not None and entry.at != head.at:
                found.append(Finding(None, f"{where} tells another time of entry {head.number} than the record."))
            sound = max(sound, head.number)
            continue
        found.append(
            Finding(
                head.number,
                f"Entry {head.number} is not the one whose hash was noted in {where.name}: the record has been written "
                f"anew somewhere from entry {sound + 1} on, or that line was altered.",
            )
        )
    return found


def _image(
    path: Path, image: bytes, rows: Sequence[tuple[object, object, object]], entries: dict[int, Entry]
) -> list[Finding]:
    """What differs from a file that is made of the same entries."""
    found = []
    size = path.stat().st_size
    wal = path.with_name(path.name + "-wal")
    if not (wal.exists() and wal.stat().st_size) and size != len(image):
        found.append(Finding(None, f"The file has {size} bytes, {len(image)} of which are a record's."))
    if image[18:20] != WAL:
        found.append(Finding(None, "Byte 18 or 19 of the file, its format, has been altered."))
    if image[24:28] != image[92:96]:
        found.append(Finding(None, "Bytes 24 to 27 or 92 to 95 of the file, its count of changes, have been altered."))
    writers = {e.body.get("sqlite") for e in entries.values() if e.kind == "opened"}
    if int.from_bytes(image[96:100], "big") not in writers:
        found.append(Finding(None, "Bytes 96 to 99 of the file, its last writer's version, have been altered."))
    made = _made_of(rows)
    if made is None:
        return found  # the rows themselves are none, and that has been said
    for start in range(0, max(len(made), len(image)), PAGE):
        if made[start : start + PAGE] == image[start : start + PAGE]:
            continue
        for at in range(start, min(start + PAGE, max(len(made), len(image)))):
            if at not in AS_IT_COMES and made[at : at + 1] != image[at : at + 1]:
                found.append(Finding(None, f"Byte {at} of the file (page {at // PAGE + 1}) has been altered."))
                break
    return found


def _made_of(rows: Sequence[tuple[object, object, object]]) -> bytes | None:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        try:
            file.prepare(db)
            file.create(db)
            db.execute("BEGIN")
            texts = ((number, str(text, "utf-8"), digest) for number, text, digest in rows)  # type: ignore[call-overload]
            db.executemany(file.INSERT, texts)
            db.execute("COMMIT")
            return db.serialize()
        except (*DAMAGE, TypeError):
            return None


def _unread(path: Path, error: BaseException) -> Finding:
    return Finding(None, f"{path} cannot be read as a record ({error}): its header or its pages have been altered.")


def _told(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    if len(findings) <= TOLD:
        return tuple(findings)
    return (*findings[:TOLD], Finding(None, f"And {len(findings) - TOLD} more."))
