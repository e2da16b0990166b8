"""What was charted in error, struck through the page's API: it counts for nothing any more, it stays in the record, and
what was done because of it stays done."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from assuage.bedside.charting.past import Past
from assuage.pharmacy.quantities import Mass
from assuage.pharmacy.substances import KETAMINE as SUBSTANCE
from assuage.record import file, recorder
from assuage.record.events import Admission, Assessment, Clinical, Discharge, Entry, Given, Pump, Struck
from assuage.record.verify import verify
from assuage_rig.requirements import req
from tests.host.eventually import until
from tests.host.test_charting_due import ALL, due, raised
from tests.host.test_charting_given import MUSCLE, overriding
from tests.host.test_charting_totals import WINDOWS, doses, gives, had, most, ng, prescribing
from tests.host.ward import ADULT, HOUR, KETAMINE, MINUTE, typed
from tests.host.ward import LongWard as Ward
from tests.host.ward import long_ward as ward
from tests.host.ward import ward as board_ward

OTHER = Admission(patient="A. Other", weight="70 kg", age="40 years", area="acute", by="Nurse A")
WHY = {"reason": "other patient"}


async def newest(w: Ward, kind: type[Given] | type[Assessment] = Given) -> Entry:
    return (await w.entries(kind))[-1]


async def strikes(w: Ward, entry: Entry, **body: Any) -> tuple[int, Any]:
    return await w.post("strike", **{"who": "Nurse B", "number": entry.number, "hash": entry.hash, **WHY, **body})


async def hour(w: Ward) -> str:
    """Of ketamine in the last hour, as the page shows it all the time."""
    await w.charting.outlook.refresh(w.charting.history, at_once=True)
    await w.settle()
    return str(w.chart["had"]["ketamine"]["hour"]) if w.chart["had"] else "0 mg"


@req("REC-027", "PHA-005")
async def test_a_struck_dose_leaves_every_total_the_next_dose_is_checked_against(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        assert (await overriding(w, **{**MUSCLE, "dose": "40 mg"}))[0] == 200
        kept = await newest(w)
        w.now += 2 * MINUTE
        assert (await overriding(w, **{**MUSCLE, "dose": "35 mg"}))[0] == 200
        wrong = await newest(w)
        assert await hour(w) == "75 mg"
        status, told = await strikes(w, wrong)
        assert status == 200 and told["when"].startswith("2026-01-01T00:03:40")
        assert told["sentence"].startswith("Charted in error: Given by hand: ketamine 35 mg IM, left deltoid.")
        assert f"Entry {wrong.number} counts no more; reason given: other patient." in told["sentence"]
        assert await hour(w) == "40 mg"
        past = Past(w.charting.history, w.charting.steady)
        assert (past.hands, past.struck) == (1, 1), "a target is told so"
        assert past.before(SUBSTANCE, 0).total == past.by_hand(SUBSTANCE, 0).total == Mass.of(40, "mg")
        _, told = await w.post("given", **{**MUSCLE, "dose": "35 mg"}, check=True)
        assert told["together"]["hour"] == "75 mg", "this one and the one that was given"
        assert "twice" not in {each["code"] for each in told["findings"]}, "it may be entered as it was"
        assert {e.number for e in await w.entries(Given)} == {kept.number, wrong.number}, "nothing is removed"
        (entry,) = await w.entries(Struck)
        assert (entry.body["by"], entry.body["number"], entry.body["what"]) == ("Nurse B", wrong.number, "given")
        assert verify(w.record.path).good


@req("REC-027", "PHA-005")
async def test_whoever_charts_and_whoever_prescribes_agree_after_any_strikes_and_a_restart(
    tmp_path: Path, seed: int, soak: bool
) -> None:
    rng = random.Random(seed)
    next_dose = doses(rng)
    given: dict[int, tuple[int, Fraction]] = {}
    now = 100.0

    async def agrees(w: Ward) -> None:
        at, rows = round(w.bed.unix(w.now) * 1000), list(given.values())
        await hour(w)
        _, checked = await w.post("check", prescription={})
        for name, window in WINDOWS.items():
            exact = had(rows, at, window)
            assert ng(w.chart["had"].get("ketamine", {}).get(name, "0 mg")) == exact, name
            assert ng(checked["given"].get("ketamine", {}).get(name.replace("-", "_"), "0 mg")) == exact, name

    for _ in range(8 if soak else 3):
        async with ward(tmp_path, now) as w:
            other = w.bed.prescribing = prescribing(w)
            reading = asyncio.create_task(other.run())
            await until(lambda bed=w.bed: "library" in bed.snapshot()["services"])  # type: ignore[misc]
            await w.keep(ADULT)
            await agrees(w)
            for _ in range(20 if soak else 5):
                w.now += rng.randrange(1, 3600)
                at = round(w.bed.unix(w.now) * 1000) - rng.choice((0, rng.randrange(1, 20 * 3_600_000)))
                dose, exact = next(next_dose)
                told = await gives(w, dose, at)
                for name, window in WINDOWS.items():
                    before = [*given.values(), (at, Fraction(round(exact)))]
                    assert ng(told["together"][name]) == most(before, at, window)
                entry = await newest(w)
                given[entry.number] = at, Fraction(round(exact))
                if rng.random() < 0.6:
                    number = rng.choice(list(given))
                    entry = next(e for e in await w.entries(Given) if e.number == number)
                    assert (await strikes(w, entry))[0] == 200
                    del given[number]
                await agrees(w)
            reading.cancel()
            now = w.now + 60


@req("REC-027")
async def test_an_entry_is_struck_once_even_by_two_at_the_same_time(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        await overriding(w, **MUSCLE)
        entry = await newest(w)
        answers = await asyncio.gather(*(strikes(w, entry) for _ in range(4)))
        assert sorted(status for status, _ in answers) == [200, 409, 409, 409]
        assert len(await w.entries(Struck)) == 1
        status, told = await strikes(w, entry, who="Nurse C")
        assert (status, told["status"]) == (409, "struck") and "struck before, by Nurse B" in told["error"]
        now = w.now
    async with ward(tmp_path, now) as w:
        assert (await strikes(w, entry))[1]["status"] == "struck", "a daemon that starts again knows"


@req("REC-027")
async def test_only_what_somebody_charted_by_hand_at_this_bed_is_struck(tmp_path: Path) -> None:
    async with ward(tmp_path / "this") as w, ward(tmp_path / "other") as other:
        for bed in (w, other):
            await bed.keep(ADULT, KETAMINE)
            await bed.flows(3 * MINUTE)
            assert (await overriding(bed, **MUSCLE))[0] == 200
            await bed.post("assess", who="Nurse A", values={"nrs": "4"})
        entry = await newest(w)
        for kind in (Admission, Clinical, Pump):
            status, told = await strikes(w, (await w.entries(kind))[-1])
            assert (status, told["status"]) == (409, "not-by-hand"), kind
        assert (await strikes(w, await newest(other)))[1]["status"] == "no-entry", "of another bed"
        assert (await strikes(w, entry, number=10**6))[1]["status"] == "no-entry"
        for change, field in (
            ({"reason": ""}, "reason"), ({"reason": " ab "}, "reason"), ({"reason": "x" * 301}, "reason"),
            ({"reason": "two\nlines"}, "reason"), ({"reason": 7}, "reason"), ({"who": ""}, "who"),
            ({"number": True}, "number"), ({"number": "7"}, "number"), ({"number": 0}, "number"),
            ({"number": 1 << 70}, "number"), ({"hash": None}, "hash"), ({"hash": ""}, "hash"), ({"why": "x"}, "why"),
        ):  # fmt: skip
            status, told = await strikes(w, entry, **change)
            assert (status, told["field"]) == (400, field), change
        assert not await w.entries(Struck) and await hour(w) != "0 mg"
        for each in (entry, await newest(w, Assessment)):
            assert (await strikes(w, each))[0] == 200
        first, _ = await w.entries(Struck)
        assert (await strikes(w, first))[1]["status"] == "not-by-hand", "what was struck stays struck"


@req("REC-027", "REC-026")
async def test_a_struck_assessment_is_due_again_and_its_values_are_no_longer_the_newest(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, KETAMINE)
        await w.flows(10 * MINUTE)
        await w.post("assess", who="Nurse A", values={"nrs": "6"})
        await w.flows(17 * MINUTE)
        assert due(w)["assessment"] == "overdue"
        await w.post("assess", who="Nurse A", values=ALL, done=["observations"])
        await w.settle()
        assert due(w)["assessment"] == "later" and w.chart["latest"]["nrs"]["value"] == ALL["nrs"]
        status, _ = await strikes(w, await newest(w, Assessment))
        await w.settle()
        assert status == 200 and due(w)["assessment"] == "overdue"
        assert w.chart["latest"].keys() == {"nrs"} and w.chart["latest"]["nrs"]["value"] == "6"
        assert [each for each in await raised(w) if each[0] == "overdue-assessment"] == [
            ("overdue-assessment", "raised", 1), ("overdue-assessment", "over", 1), ("overdue-assessment", "raised", 2),
        ]  # fmt: skip
        now = w.now
    async with ward(tmp_path, now) as w:
        w.pump()
        await w.settle()
        assert due(w)["assessment"] == "overdue" and w.chart["latest"].keys() == {"nrs"}


@req("REC-027", "REC-025")
async def test_a_pump_that_was_stopped_by_what_was_struck_stays_stopped_and_says_so(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, KETAMINE)
        await w.flows(5 * MINUTE)
        await w.post("assess", who="Nurse A", values={"poss": "4"})
        assert len(w.stops.given) == 1
        w.pump("stopped", 0)
        await w.settle()
        why = w.chart["stopped"]["sentence"]
        assert (await strikes(w, await newest(w, Assessment)))[0] == 200
        await w.settle()
        assert w.chart["stopped"]["by"] == "Nurse A" and w.chart["stopped"]["confirmed"]
        assert w.chart["stopped"]["sentence"].startswith(why)
        assert "Charted in error since; the pump stays stopped." in w.chart["stopped"]["sentence"]
        assert "poss" not in w.chart["latest"] and len(w.stops.given) == 1
        now = w.now
    async with ward(tmp_path, now) as w:
        w.pump("stopped", 0)
        await w.settle()
        assert "Charted in error since" in w.chart["stopped"]["sentence"]
        await w.flows(MINUTE)
        assert w.chart["stopped"] is None


@req("REC-027", "PHA-004")
async def test_a_struck_dose_limits_no_order_and_a_kept_one_does(tmp_path: Path) -> None:
    async with board_ward(tmp_path / "x.record.sqlite") as w:
        asked = {"prescription": typed(rate="0.3 mg/kg/h")}
        before = await w.good("check", **asked)
        await w.keep(Given(substance="ketamine", mass_ng=60_000_000, route="im", by="Nurse C"))
        loaded = await w.good("check", **asked)
        assert loaded["given"]["ketamine"]["hour"] == "60 mg"
        new = [each["finding"] for each in loaded["findings"] if each not in before["findings"]]
        assert any(name.startswith("total in one hour") for name in new)
        (entry,) = await w.entries(Given)
        await w.good("strike", number=entry.number, hash=entry.hash, **WHY)
        after = await w.good("check", **asked)
        assert after["given"] == {} and after["findings"] == before["findings"]


@req("REC-027")
async def test_a_strike_that_the_disk_refuses_strikes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(db: sqlite3.Connection, rows: Sequence[file.Row]) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        await overriding(w, **{**MUSCLE, "dose": "35 mg"})
        entry = await newest(w)
        with monkeypatch.context() as patched:
            patched.setattr(recorder.file, "append", full)
            status, told = await strikes(w, entry)
            assert (status, told["status"]) == (409, "bad-state") and "write it on paper" in told["error"]
        assert await hour(w) == "35 mg"
        assert [had.ng for had in w.record.state.intake.since(0)] == [35_000_000]
        assert (await strikes(w, entry))[0] == 200
        assert await hour(w) == "0 mg" and not list(w.record.state.intake.since(0))


@req("REC-027")
async def test_what_was_charted_for_a_patient_who_has_left_can_still_be_struck_and_changes_nobody_else(
    tmp_path: Path,
) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        await overriding(w, **{**MUSCLE, "dose": "35 mg"})
        entry = await newest(w)
        await w.keep(Discharge(patient="M. Curie"), OTHER)
        w.now += 5
        await overriding(w, **{**MUSCLE, "dose": "20 mg"})
        assert (await strikes(w, entry))[0] == 200
        assert await hour(w) == "20 mg"
        _, told = await w.get("/api/record", last="100")
        shown = {line["number"]: line for line in told["lines"]}
        assert shown[entry.number]["struck"]["by"] == "Nurse B"


@req("REC-027", "REC-020")
async def test_each_page_of_the_record_tells_what_was_struck_however_much_later(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        await overriding(w, **MUSCLE)
        entry = await newest(w)
        await w.post("assess", who="Nurse A", note='"kind":"struck" is only a note')
        await w.keep(KETAMINE)
        await w.flows(HOUR, step=30)
        _, told = await w.get("/api/record", since=str(entry.number - 1), limit="3", all="1")
        (line,) = [line for line in told["lines"] if line["number"] == entry.number]
        assert line["struck"] is None and line["hash"] == entry.hash
        status, said = await strikes(w, entry)
        assert status == 200
        _, told = await w.get("/api/record", since=str(entry.number - 1), limit="3", all="1")
        (line,) = [line for line in told["lines"] if line["number"] == entry.number]
        assert line["struck"] == {"time": said["when"], "by": "Nurse B", "reason": "other patient"}
        assert line["sentence"].startswith("Given by hand: ketamine 35 mg IM"), "it stays as it was"
        assert [line["number"] for line in told["lines"] if line["struck"]] == [entry.number]
    assert verify(w.record.path).good
    text = w.record.path.read_bytes()
    (w.record.path).write_bytes(text.replace(b"other patient", b"right patient"))
    assert not verify(w.record.path).good


@req("REC-027", "KIN-002")
async def test_a_struck_dose_leaves_the_prediction_at_once(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        await overriding(w, **{**MUSCLE, "route": "iv", "dose": "20 mg"})
        w.now += 5 * MINUTE
        _, told = await w.get("/api/prediction", substance="ketamine")
        assert max(told["substances"][0]["curves"]["high"]) > 100
        await strikes(w, await newest(w))
        status, told = await w.get("/api/prediction")
        assert status == 200 and told["substances"] == []
