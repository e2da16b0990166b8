"""The record as the page reads it: every entry once, page by page, and the report of the shift."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from assuage_rig.requirements import req
from tests.host.ward import ADULT, KETAMINE, MINUTE
from tests.host.ward import long_ward as ward


@req("REC-023")
@pytest.mark.parametrize("limit", [1, 3, 7, 1000])
async def test_page_by_page_each_entry_is_read_once(tmp_path: Path, limit: int) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, KETAMINE)
        await w.flows(10 * MINUTE)
        await w.post("/api/assess", who="Nurse A", values={"nrs": 3})
        await w.flush()
        found, since, more = [], 0, True
        while more:
            status, told = await w.get("/api/record", since=str(since), limit=str(limit), all="1")
            assert status == 200 and len(told["lines"]) <= limit
            found += [line["number"] for line in told["lines"]]
            since, more = told["next"], told["more"]
        assert sorted(found) == list(range(1, w.record.head.number + 1))
        assert told["head"] == w.record.head.hash and told["entries"] == len(found)
        status, told = await w.get("/api/record", since=str(since))
        assert told["lines"] == [] and told["next"] == since


async def test_the_newest_lines_say_who_when_and_what(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        await w.post("/api/assess", who="Nurse A", values={"nrs": 3}, effects=["dizziness"])
        await w.flush()
        _, told = await w.get("/api/record", last="1")
        (line,) = told["lines"]
        assert (line["kind"], line["by"]) == ("assessment", "Nurse A")
        assert line["sentence"] == "Assessment: pain (NRS) 3. Side effects: dizziness."
        assert line["time"] == "2026-01-01T00:01:40.000Z"


async def test_the_shift_s_report_is_linked_and_is_one_page(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        await w.flush()
        _, told = await w.get("/api/record")
        status, page = await w.get(told["report"], hours="8")
        assert status == 200 and page.startswith("<!doctype html>") and "M. Curie" in page


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [("/api/record", {"since": "-1"}, "since"), ("/api/record", {"limit": "99999"}, "limit"),
     ("/api/record", {"last": "x"}, "last"), ("/api/report", {"hours": "0"}, "hours"),
     ("/api/report", {"hours": "9999"}, "hours")],
)  # fmt: skip
async def test_a_page_that_there_is_not_is_refused(
    tmp_path: Path, path: str, query: dict[str, str], field: str
) -> None:
    async with ward(tmp_path) as w:
        status, told = await w.get(path, **query)
        assert (status, told["field"]) == (400, field)


async def test_what_can_be_entered_is_told_with_its_sources(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        _, form = await w.get("/api/charting")
        assert {"nrs", "poss", "rass", "dissociation", "ponv", "line", "rate", "volume"} == {
            s["name"] for s in form["scales"]
        }
        assert all(row["source"] for table in ("scales", "cadences", "rules") for row in form[table])
        assert (
            form["tasks"] == ["observations"]
            and "mesotherapy" in form["routes"]
            and len(form["effects"]["names"]) == 20
        )


@req("REC-020")
async def test_the_page_is_told_whether_the_record_is_whole_and_where_it_is_not(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, KETAMINE)
        await w.flush()
        status, told = await w.get("/api/verify")
        assert status == 200 and told["whole"] and told["found"] == []
        assert (told["entries"], told["head"]) == (w.record.head.number, w.record.head.hash)
        with contextlib.closing(sqlite3.connect(w.record.path)) as db, db:
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                db.execute(f"DROP TRIGGER {name}")
            db.execute("UPDATE entry SET text = replace(text, '70 kg', '71 kg')")
        _, told = await w.get("/api/verify")
        assert not told["whole"] and any("entry" in sentence.lower() for sentence in told["found"])


async def test_what_a_dose_by_hand_can_be_of_comes_with_its_strengths(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        _, form = await w.get("/api/charting")
        drugs = {each["key"]: each for each in form["drugs"]}
        assert {"ketamine", "esketamine"} <= set(drugs)
        assert "25 mg/mL" in drugs["esketamine"]["concentrations"]
        assert drugs["ketamine"]["name"] != drugs["esketamine"]["name"]
