"""The record as a person reads it at a screen: newest first, of some kinds, and never with a gap."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from assuage.record.newest import BOARD, LOOKED_MOST, Sought, newest
from assuage.record.reading import lines, read
from assuage.record.shift import QUIET, TOLD_ELSEWHERE
from assuage.store.trouble import StoreError
from assuage_rig.requirements import req
from tests.host.records import small
from tests.host.ward import ADULT, KETAMINE, MINUTE, LongWard
from tests.host.ward import long_ward as ward


async def long(w: LongWard) -> None:
    """An infusion of some hours with an assessment now and then."""
    await w.keep(ADULT, KETAMINE)
    for nrs in range(12):
        await w.flows(20 * MINUTE)
        await w.post("/api/assess", who="Nurse A", values={"nrs": nrs % 11})
    await w.flows(5 * MINUTE)
    await w.flush()


def all_of(path: Path, limit: int, kinds: frozenset[str]) -> list[int]:
    """Numbers of the entries, page by page back to the first."""
    found: list[int] = []
    before, more = Sought().before, True
    while more:
        told = newest(path, Sought(before, limit=limit, kinds=kinds))
        numbers = [line["number"] for line in told["lines"]]
        assert all(told["first"] <= n < before for n in numbers), "a page is between its two ends"
        found += numbers
        before, more = told["first"], told["more"]
    return found


@req("REC-023")
@pytest.mark.parametrize("limit", [1, 2, 7, 500])
async def test_each_entry_of_a_kind_is_found_once_however_much_stands_between_them(tmp_path: Path, limit: int) -> None:
    async with ward(tmp_path) as w:
        await long(w)
        entries = read(w.record.path)
        for kinds in (frozenset({"assessment"}), frozenset({"admission", "checked"}), frozenset({"nothing"})):
            assert sorted(all_of(w.record.path, limit, kinds)) == [e.number for e in entries if e.kind in kinds]
        plain = [e.number for e in entries if e.kind not in QUIET]
        assert sorted(all_of(w.record.path, limit, frozenset())) == plain


@req("REC-023")
async def test_the_first_answer_has_the_newest_of_a_kind_though_hundreds_of_others_are_newer(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, KETAMINE)
        await w.post("/api/assess", who="Nurse A", values={"nrs": 3})
        await w.flows(300 * MINUTE)
        await w.flush()
        status, told = await w.get("/api/newest", kinds="assessment", limit="5")
        assert status == 200 and [line["sentence"] for line in told["lines"]] == ["Assessment: pain (NRS) 3."]
        assert told["entries"] > 250 and told["first"] == 1 and not told["more"]
        _, told = await w.get("/api/newest")
        assert {"assessment", "admission"} <= {line["kind"] for line in told["lines"]}
        assert not {line["kind"] for line in told["lines"]} & (QUIET | TOLD_ELSEWHERE)


@req("REC-023")
async def test_what_a_board_writes_for_itself_stands_apart_and_is_found_where_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "x.record.sqlite"
    await small(path)
    every = {line.kind for line in lines(read(path)) if line.entry.kind == BOARD}
    assert every & TOLD_ELSEWHERE

    def kinds(*of: str) -> set[str]:
        return {line["kind"] for line in newest(path, Sought(limit=500, kinds=frozenset(of)))["lines"]}

    assert kinds(BOARD) == every
    assert {kind for kind in kinds() if kind.startswith("board ")} == every - TOLD_ELSEWHERE


@req("REC-023")
async def test_what_has_come_since_is_told_alone_and_nothing_of_it_twice(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    async with ward(tmp_path) as w:
        await w.keep(ADULT, KETAMINE)
        found: list[int] = []
        after = 0
        for _ in range(20):
            for _ in range(rng.randrange(4)):
                await w.post("/api/assess", who="Nurse A", values={"nrs": rng.randrange(11)})
            await w.flush()
            _, told = await w.get("/api/newest", after=str(after), kinds="assessment")
            found += [line["number"] for line in told["lines"]]
            after = told["last"]
        assert found and sorted(found) == [e.number for e in read(w.record.path) if e.kind == "assessment"]


async def test_a_page_looks_at_so_many_entries_and_says_that_there_are_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long a record of a board's own words is, one answer is soon there."""
    monkeypatch.setattr("assuage.record.newest.LOOKED_MOST", 10)
    async with ward(tmp_path) as w:
        await long(w)
        monkeypatch.setattr("assuage.record.newest.Sought.wants", lambda *_: False)
        told = newest(w.record.path, Sought(limit=5, kinds=frozenset({"chart"})))
        assert told["lines"] == [] and told["more"] and told["first"] > told["last"] - 30
    assert LOOKED_MOST >= 1000


@pytest.mark.parametrize("text", ["{", "[]", '{"kind": 7}', "null", '{"kind": "assessment"}'])
async def test_what_is_no_entry_is_told_whatever_was_asked_for(tmp_path: Path, text: str) -> None:
    async with ward(tmp_path) as w:
        await long(w)
        with contextlib.closing(sqlite3.connect(w.record.path)) as db, db:
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                db.execute(f"DROP TRIGGER {name}")
            db.execute("UPDATE entry SET text = ? WHERE number = 3", (text,))
        with pytest.raises(StoreError, match="assuage record verify"):
            newest(w.record.path, Sought())
        if text == "{":
            with pytest.raises(StoreError, match="assuage record verify"):
                newest(w.record.path, Sought(kinds=frozenset({"assessment"})))


@pytest.mark.parametrize("query", [{"before": "-1"}, {"after": "x"}, {"limit": "501"}, {"before": "9" * 13}])
async def test_numbers_that_there_are_not_are_refused(tmp_path: Path, query: dict[str, str]) -> None:
    async with ward(tmp_path) as w:
        status, told = await w.get("/api/newest", **query)
        assert (status, told["field"]) == (400, next(iter(query)))


async def test_a_kind_that_there_is_not_has_no_entries(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        await w.flush()
        for kinds in ("x", "%00", "x" * 300, ",,x,", "'; DROP TABLE entry"):
            told: dict[str, Any]
            status, told = await w.get("/api/newest", kinds=kinds)
            assert (status, told["lines"], told["more"]) == (200, [], False)
