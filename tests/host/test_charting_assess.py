"""Assessments through the page's API: what they stop, what they suggest, and that they stand in the record."""

from __future__ import annotations

from pathlib import Path

import pytest

from assuage.bedside.assessments.scales import own
from assuage.bedside.charting.chart import Charting
from assuage.config import Config, Link
from assuage.errors import Reason
from assuage.monitor.app import build
from assuage.pharmacy import library
from assuage.record.events import Assessment, Intent, Outcome
from assuage.record.reading import read
from assuage.record.recorder import Recorder
from assuage.store.trouble import StoreError
from assuage_rig.requirements import req
from tests.host.bedside import bedside
from tests.host.ward import ADULT, KETAMINE, ask
from tests.host.ward import long_ward as ward

STOPS = {("poss", "4"), ("seizure",), ("chest pain",)}
BY = "Nurse A"


@req("REC-025")
async def test_of_all_that_can_be_found_what_must_stop_stops_and_nothing_else_does(tmp_path: Path) -> None:
    book = own()
    findings = [
        ((scale.name, value), {"values": {scale.name: value}}) for scale in book.scale for value in scale.values
    ]
    findings += [((effect,), {"effects": [effect]}) for effect in book.effects.names]
    async with ward(tmp_path) as w:
        await w.keep(ADULT, KETAMINE)
        for found, body in findings:
            w.pump()
            w.stops.given.clear()
            status, told = await w.post("/api/assess", who=BY, **body)
            assert status == 200, told
            assert bool(w.stops.given) == (found in STOPS) == (told["stop"] is not None), found
            if found in STOPS:
                assert told["stop"]["state"] == "stopped"
                assert w.stops.given[0] in w.chart["stopped"]["sentence"]
                assert w.chart["stopped"]["by"] == BY
        entered = await w.entries(Assessment)
        assert len(entered) == len(findings)
        assert sum("stop the infusion" in " ".join(e.body.get("advice", ())) for e in entered) == len(STOPS)


@req("REC-025")
@pytest.mark.parametrize(
    "wrong",
    [{"who": ""}, {"who": None}, {"who": "x" * 41}, {"who": 7}, {"nrs": "eleven"}, {"effects": ["a headache"]},
     {"effects": "seizure"}, {"done": ["nothing"]}, {"at": "tomorrow"}, {"at": "2999-01-01T00:00:00Z"},
     {"note": "a\nb"}, {"colour": "red"}],
)  # fmt: skip
async def test_what_stops_is_heeded_however_wrong_the_rest_of_the_form_is(
    tmp_path: Path, wrong: dict[str, object]
) -> None:
    async with ward(tmp_path) as w:
        w.pump()
        values = {"nrs": wrong.pop("nrs", "3"), "poss": "4"}
        status, told = await w.post("/api/assess", **{"who": BY, "values": values, **wrong})
        assert status == 400 and told["field"]
        assert len(w.stops.given) == 1 and w.stops.given[0].startswith("POSS 4")
        assert told["error"].startswith("The pump has been stopped")
        assert not await w.entries(Assessment)


@req("REC-025")
async def test_a_stop_that_the_board_does_not_answer_is_told_and_the_finding_is_entered(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        w.stops.answers = False
        status, told = await w.post("/api/assess", who=BY, effects=["seizure"])
        assert status == 200 and told["stop"]["state"] == "unknown"
        assert "press the stop key on the pump now" in told["stop"]["sentence"]
        assert len(await w.entries(Assessment)) == 1


@req("REC-025")
async def test_a_disk_that_fails_keeps_nothing_from_being_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ward(tmp_path) as w:

        async def full(self: Recorder, event: object) -> None:
            assert w.stops.given  # it was stopped first
            raise StoreError(Reason.PART_FAILED, "The disk is full.")

        monkeypatch.setattr(Recorder, "keep", full)
        status, told = await w.post("/api/assess", who=BY, values={"poss": "4"})
        assert (status, told["status"]) == (409, "bad-state")
        assert "write it on paper" in told["error"]


@req("REC-025")
async def test_poss_3_suggests_rates_and_changes_none(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, KETAMINE)
        w.pump()
        _, told = await w.post("/api/assess", who=BY, values={"poss": "3", "nrs": 2})
        (advice,) = told["advice"]
        assert (advice["action"], advice["lowest"], advice["highest"]) == ("reduce", "1.74 mL/h", "2.62 mL/h")
        assert advice["sentence"].endswith("From the present rate that is 1.74 mL/h to 2.62 mL/h.")
        assert advice["source"] and advice["verified"] is True
        assert not w.stops.given and told["stop"] is None and w.chart["stopped"] is None
        w.pump("stopped", 0)
        _, told = await w.post("/api/assess", who=BY, values={"poss": "3"})
        assert told["advice"][0]["lowest"] is None


@req("REC-025")
async def test_that_an_assessment_stopped_the_pump_is_shown_until_it_flows_again_also_after_a_restart(
    tmp_path: Path,
) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, KETAMINE)
        await w.flows(120)
        await w.post("/api/assess", who=BY, values={"poss": "4"})
        w.pump("stopped", 0)
        await w.settle()
        assert w.chart["stopped"]["by"] == BY
    async with ward(tmp_path, now=500.0) as w:
        w.pump("stopped", 0)
        await w.settle()
        assert w.chart["stopped"]["sentence"].startswith("POSS 4")
        w.pump()
        await w.settle()
        assert w.chart["stopped"] is None


@req("REC-022", "REC-025")
async def test_a_running_pump_is_really_stopped_with_the_reason_in_the_record(tmp_path: Path) -> None:
    async with bedside() as b, await Recorder.open(tmp_path / "bed.record.sqlite", "Bed 1") as record:
        b.bed.orders, b.orders.acting.record = b.orders, record
        b.bed.charting = Charting(b.bed, record, library.own)
        app = build(b.bed, Config(link=Link(port="/dev/null")))
        await b.infusing(on_loss="continue")
        body = b'{"who": "Nurse A", "values": {"poss": "4"}, "note": "cannot be roused"}'
        status, told = await ask(app, "POST", "/api/assess", body)
        assert (status, told["stop"]["state"]) == (200, "stopped")
        assert b.board.state == "stopped"

    told_of = read(tmp_path / "bed.record.sqlite")
    intent = next(e for e in told_of if e.kind == Intent.KIND and e.body["what"] == "stop")
    assert intent.body["details"]["why"].startswith("POSS 4") and intent.body["by"] == BY
    outcome = next(e for e in told_of if e.kind == Outcome.KIND and e.body["act"] == intent.body["act"])
    found = next(e for e in told_of if e.kind == Assessment.KIND)
    assert outcome.body["result"] == "done" and found.body["note"] == "cannot be roused"
    assert intent.number < found.number


@req("REC-024")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"who": BY}, "values"), ({"values": {"nrs": 3}}, "who"), ({"who": BY, "values": {"nrs": 11}}, "nrs"),
        ({"who": BY, "values": {"pulse": 3}}, "pulse"), ({"who": BY, "values": [3]}, "values"),
        ({"who": BY, "effects": ["happiness"]}, "effects"), ({"who": BY, "done": ["infusion check"]}, "done"),
        ({"who": BY, "values": {"nrs": 3}, "at": "2026-01-01T00:00"}, "at"),
        ({"who": BY, "values": {"nrs": 3}, "at": "2027-01-01T00:00:00Z"}, "at"),
        ({"who": BY, "values": {"nrs": 3}, "at": "2025-12-30T00:00:00Z"}, "late_reason"),
        ({"who": BY, "value": {"nrs": 3}}, "value"),
    ],
)  # fmt: skip
async def test_what_cannot_be_used_is_refused_by_its_field_and_nothing_is_entered(
    tmp_path: Path, body: dict[str, object], field: str
) -> None:
    async with ward(tmp_path) as w:
        status, told = await w.post("/api/assess", **body)
        assert (status, told["field"]) == (400, field)
        assert not await w.entries(Assessment)


async def test_what_is_entered_late_says_why_and_when_it_was(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.post("/api/assess", who=BY, values={"nrs": 3}, at="2025-12-30T00:00:00Z", late_reason="found on paper")
        (entry,) = await w.entries(Assessment)
        assert entry.when == 1_767_052_800_000
        assert entry.body["note"] == "Entered late: found on paper"


async def test_a_bed_without_a_record_charts_nothing_and_says_so(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        w.bed.charting = None
        status, told = await w.post("/api/assess", who=BY, values={"nrs": 3})
        assert status == 409 and "keeps no record" in told["error"]
        assert (await w.get("/api/prediction"))[0] == 409
