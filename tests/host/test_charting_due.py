"""What is due, and what is overdue: told once, made good once, whatever clocks and daemons do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assuage.bedside.charting.overdue import publish
from assuage.publish.telemetry import Telemetry
from assuage.publish.topics import Topics
from assuage.record.events import AlarmChanged, Discharge
from assuage.store import Store
from assuage_rig.requirements import req
from tests.host.kept_records import history
from tests.host.ward import ADULT, HOUR, KETAMINE, MINUTE
from tests.host.ward import LongWard as Ward
from tests.host.ward import long_ward as ward

CHECK = {"line": "good", "rate": "as ordered", "volume": "agrees"}
ALL = {"nrs": "3", "poss": "2", **CHECK}


def due(w: Ward) -> dict[str, str]:
    """State by name."""
    return {each["name"]: each["state"] for each in w.chart["due"]}


async def raised(w: Ward) -> list[tuple[str, str, int]]:
    """Of the host's own alarms, as they stand in the record."""
    told = await w.entries(AlarmChanged)
    return [(e.body["alarm"], e.body["state"], e.body["occurrence"]) for e in told if e.body["board"] == "host"]


@req("REC-026")
async def test_what_is_due_follows_the_running_drug_and_the_care_area(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.settle()
        assert w.chart["due"] == []
        w.pump()
        await w.settle()
        assert set(due(w)) == {"infusion check", "hourly pain"}  # nobody has said what flows, nor where
        await w.keep(ADULT, KETAMINE)
        await w.settle()
        assert set(due(w)) == {"infusion check", "hourly pain", "assessment", "observations"}
        assert w.chart["infusion"]["substance"] == "ketamine"
        for each in w.chart["due"]:
            assert each["source"] and each["due"].endswith("Z") and each["state"] == "later"


@req("REC-026")
async def test_it_is_soon_due_then_due_then_overdue_exactly_once_and_made_good_once(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, KETAMINE)
        states = []
        for _ in range(30):
            await w.flows(MINUTE)
            states.append(due(w)["assessment"])
        assert states[8:26] == ["later"] + ["soon"] * 5 + ["due"] * 11 + ["overdue"]
        assert (await raised(w)).count(("overdue-assessment", "raised", 1)) == 1
        (alarm,) = [each for each in w.chart["alarms"] if each["alarm"] == "overdue-assessment"]
        assert (alarm["priority"], alarm["board"]) == ("low", "host")
        assert "assess the patient and enter it" in alarm["sentence"]
        told = next(each for each in w.chart["due"] if each["name"] == "assessment")
        assert told["overdue_s"] == 15 * 60
        await w.post("/api/assess", who="Nurse A", values=ALL, done=["observations"])
        await w.settle()
        assert set(due(w).values()) == {"later"} and w.chart["alarms"] == []
        await w.flows(30 * MINUTE)
        assert [each for each in await raised(w) if each[0] == "overdue-assessment"] == [
            ("overdue-assessment", "raised", 1), ("overdue-assessment", "over", 1), ("overdue-assessment", "raised", 2),
        ]  # fmt: skip
        assert [e.state for e in w.alarms if e.alarm == "overdue-assessment"] == ["raised", "over", "raised"]


@req("REC-026")
async def test_a_restart_neither_forgets_nor_repeats_what_is_overdue(tmp_path: Path) -> None:
    now = 100.0
    async with ward(tmp_path, now) as w:
        await w.keep(ADULT, KETAMINE)
        await w.flows(27 * MINUTE)
        now = w.now
        before, infusion = await raised(w), w.chart["infusion"]
        assert ("overdue-assessment", "raised", 1) in before
    for _ in range(3):
        now += 60
        async with ward(tmp_path, now) as w:
            w.pump()
            await w.settle()
            await w.flows(2 * MINUTE)
            now = w.now
            assert w.chart["infusion"] == infusion
            assert await raised(w) == before
            assert {"overdue-assessment", "overdue-observations"} == {each["alarm"] for each in w.chart["alarms"]}
    async with ward(tmp_path, now + 60) as w:
        w.pump()
        await w.post("/api/assess", who="Nurse A", values=ALL, done=["observations"])
        await w.settle()
        assert sorted((await raised(w))[len(before) :]) == [
            ("overdue-assessment", "over", 1), ("overdue-observations", "over", 1),
        ]  # fmt: skip


@req("REC-026")
@pytest.mark.parametrize("step", [-3 * HOUR, -MINUTE, 20 * MINUTE, 3 * HOUR])
async def test_a_clock_that_is_set_makes_nothing_overdue_and_hides_nothing(tmp_path: Path, step: float) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, KETAMINE)
        await w.flows(5 * MINUTE)
        w.wall_step = step
        await w.flows(5 * MINUTE)
        assert due(w)["assessment"] == "soon" and not await raised(w)
        await w.post("/api/assess", who="Nurse A", values=ALL, done=["observations"])
        await w.flows(20 * MINUTE)
        assert due(w)["assessment"] == "due"
        await w.flows(7 * MINUTE)
        assert ("overdue-assessment", "raised", 1) in await raised(w)


@req("REC-026")
async def test_a_pause_goes_on_being_assessed_and_an_end_does_not(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, KETAMINE)
        await w.flows(10 * MINUTE)
        w.pump("paused", 0)
        await w.passes(20 * MINUTE)
        assert due(w)["assessment"] == "overdue"
        w.pump("stopped", 0)
        await w.settle()
        assert w.chart["due"] == [] and w.chart["alarms"] == []
        ended = await w.entries(AlarmChanged)
        assert ended[-1].body["sentence"] == "It is no longer due: the infusion has ended."
        await w.passes(5 * HOUR, step=600.0)
        assert len(await w.entries(AlarmChanged)) == len(ended)


@req("REC-026")
async def test_a_pump_that_is_not_heard_any_more_hides_nothing_that_is_overdue(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, KETAMINE)
        await w.flows(2 * MINUTE)
        w.lose()
        await w.passes(30 * MINUTE)
        assert ("overdue-assessment", "raised", 1) in await raised(w)


async def test_an_infusion_that_ended_while_no_daemon_looked_raises_nothing(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, KETAMINE)
        await w.flows(5 * MINUTE)
    async with ward(tmp_path, now=100.0 + 6 * HOUR) as w:
        await w.charting.look()
        w.pump("complete", 0)
        await w.settle()
        assert w.chart["due"] == [] and not await raised(w)


async def test_the_next_patient_is_not_held_to_what_was_due_of_the_last_one(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, KETAMINE)
        await w.flows(30 * MINUTE)
        await w.post("/api/assess", who="Nurse A", values=ALL)
        assert w.chart["latest"]["nrs"]["value"] == "3"
        w.pump("stopped", 0)
        await w.keep(Discharge(patient="M. Curie"))
        await w.settle()
        assert w.chart["latest"] == {} and w.chart["infusion"] is None


async def test_the_newest_value_of_each_scale_is_shown_whenever_it_was_entered(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.post("/api/assess", who="Nurse A", values={"nrs": 3, "poss": "S"})
        await w.post("/api/assess", who="Nurse B", values={"nrs": 7}, at="2026-01-01T00:00:30Z")
        assert w.chart["latest"]["nrs"] == {"value": "3", "time": "2026-01-01T00:01:40.000Z", "by": "Nurse A"}
        assert w.chart["latest"]["poss"]["value"] == "S"


@req("REC-026")
async def test_what_becomes_overdue_and_is_made_good_is_published_once_each(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "x.sqlite") as store, ward(tmp_path) as w:
        telemetry = Telemetry(w.bed, store, Topics("ward", "Bed 1", "board-1"))
        await w.keep(ADULT, KETAMINE)
        await w.flows(30 * MINUTE)
        await w.post("/api/assess", who="Nurse A", values=ALL, done=["observations"])
        await w.settle()
        for event in w.alarms:
            publish(telemetry.happened, event)
        await store.flush()
        told = [json.loads(record.payload) for record in await history(store, "event")]
        found = [(e["alarm"], e["state"], e["priority"], e["occurrence"]) for e in told if e["what"] == "host-alarm"]
        assert sorted(found) == [
            ("overdue-assessment", "over", "low", 1), ("overdue-assessment", "raised", "low", 1),
            ("overdue-observations", "over", "low", 1), ("overdue-observations", "raised", "low", 1),
        ]  # fmt: skip
        assert all(e["sentence"] for e in told)
