"""Two pumps at one patient: one interlock, one STOP, one record, and each pump's orders its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

from assuage.bedside.bed import Bed
from assuage.config import Config, Link
from assuage.monitor.app import build
from assuage.record.reading import lines, read
from assuage_rig.requirements import req
from tests.host.eventually import until
from tests.host.fake_board import FakeBoard, PtyBoard
from tests.host.two_pumps import FIRST, GUARDS, KETAMINE, MORPHINE, SECOND, two_pumps


async def test_each_pump_runs_its_own_programme_and_the_page_shows_both(tmp_path: Path) -> None:
    async with two_pumps(tmp_path) as t:
        first, second = await t.infusing()
        assert first != second
        told = [t.shown(i)["pump"] for i in (0, 1)]
        assert [p["programme"] for p in told] == [first, second]
        assert [p["drug"] for p in told] == ["Ketamine racemic 10 mg/mL", "Morphine 1 mg/mL"]
        assert [p["rate_ml_h"] for p in told] == [1.0, 2.0]
        assert "vitals" in t.shown(0) and "vitals" not in t.shown(1), "there is one set of them"
        grants = [len(board.received("Lease")) for board in t.boards]
        await until(lambda: all(len(b.received("Lease")) > n + 2 for b, n in zip(t.boards, grants, strict=True)))


@req("ILK-006")
async def test_one_stop_stops_both_and_that_of_the_second_pump_leaves_the_first(tmp_path: Path) -> None:
    async with two_pumps(tmp_path) as t:
        await t.infusing()
        told = await t.good("second/pump/stop")
        assert told["state"] == "stopped" and told["beside"] == []
        assert (t.boards[0].state, t.boards[1].state) == ("infusing", "stopped")
        told = await t.good("pump/stop")
        assert told["state"] == "stopped" and [each["state"] for each in told["beside"]] == ["stopped"]
        assert [board.state for board in t.boards] == ["stopped", "stopped"]


@req("ILK-006")
async def test_a_stop_that_the_second_pump_does_not_answer_is_not_confirmed(tmp_path: Path) -> None:
    async with two_pumps(tmp_path) as t:
        await t.infusing()
        t.ptys[1].unplug()
        status, told = await t.post("pump/stop", {})
        assert status in (503, 504) and "second pump" in told["error"] and "press the stop key" in told["error"]
        assert t.boards[0].state == "stopped", "the first one stands all the same"
        t.ptys[1].plug()


@req("ILK-006")
async def test_a_trip_at_the_board_that_measures_pauses_both(tmp_path: Path) -> None:
    async with two_pumps(tmp_path) as t:
        await t.infusing()
        t.boards[0].interlock.trip()
        await until(lambda: t.state == ("paused", "paused"))
        tripped = [t.shown(i)["interlock"] for i in (0, 1)]
        assert all(each["tripped"] for each in tripped)


async def test_a_daemon_that_starts_again_takes_up_both(tmp_path: Path) -> None:
    now = asyncio.get_running_loop().time()
    ptys = PtyBoard(FakeBoard(now, uid=FIRST)), PtyBoard(FakeBoard(now, uid=SECOND, first_ms=77_000))
    for pty in ptys:
        pty.plug()
    async with two_pumps(tmp_path, ptys) as t:
        programmes = await t.infusing()
        assert t.daemon.record.state.started == programmes
    async with two_pumps(tmp_path, ptys) as t:
        grants = [len(board.received("Lease")) for board in t.boards]
        await until(lambda: all(len(b.received("Lease")) > n + 2 for b, n in zip(t.boards, grants, strict=True)))
        assert t.state == ("infusing", "infusing")
        for base, programme in zip(("", "second/"), programmes, strict=True):
            status, told = await t.post(f"{base}pump/start", {"programme": programme})
            assert (status, told["error"]) == (409, "This programme has been started already.")
    for pty in ptys:
        pty.unplug()


@req("REC-022")
async def test_the_record_says_of_which_pump_it_tells(tmp_path: Path) -> None:
    async with two_pumps(tmp_path) as t:
        await t.infusing()
        await t.good("second/pump/stop")
        await until(lambda: not t.daemon.record.state.open)
    told = [line.sentence for line in lines(read(tmp_path / "bed.record.sqlite"))]
    for sentence in ("Start of the infusion.", "Second pump: Start of the infusion.", "Second pump: STOP."):
        assert told.count(sentence) == 1, "\n".join(told)
    assert "STOP." not in told
    charts = [entry for entry in read(tmp_path / "bed.record.sqlite") if entry.kind == "chart"]
    assert {entry.body.get("pump", "") for entry in charts} == {"", "second"}
    assert not [entry for entry in charts if entry.body.get("pump") and "values" in entry.body]


@req("REC-021")
async def test_an_act_whose_outcome_is_open_is_asked_of_its_own_board(tmp_path: Path) -> None:
    async with two_pumps(tmp_path) as t:
        first, second = await t.infusing()
        for base, programme, board in (("", first, t.boards[0]), ("second/", second, t.boards[1])):
            board.lose_sent = lambda name: name == "Reply"
            status, _ = await t.post(f"{base}pump/pause", {"programme": programme})
            assert status == 504
            board.lose_sent = lambda name: False
        await until(lambda: not t.daemon.record.state.open)
    outcomes = [e for e in read(tmp_path / "bed.record.sqlite") if e.body.get("how") == "asked"]
    assert [(e.body["programme"], e.body["result"], e.body.get("pump", "")) for e in outcomes] == [
        (first, "done", ""),
        (second, "done", "second"),
    ]


@req("ILK-006")
async def test_both_are_guarded_alike_or_the_order_is_refused(tmp_path: Path) -> None:
    async with two_pumps(tmp_path) as t:
        await t.confirmed(KETAMINE)
        for guards, said in ((None, "is guarded by vital signs (SpO2 below 90 %"), ({"set": "child"}, "(SpO2")):
            order = {key: value for key, value in {**MORPHINE, "guards": guards}.items() if value is not None}
            status, told = await t.post("second/pump/programme", order)
            assert status == 409 and said in told["error"], told
        await t.good("second/pump/programme", **MORPHINE)
        await t.good("pump/stop")
        plain = {key: value for key, value in MORPHINE.items() if key != "guards"}
        await t.good("second/pump/programme", **plain)
        status, told = await t.post("pump/programme", KETAMINE)
        assert status == 409 and "is not guarded" in told["error"]


async def test_a_patient_leaves_only_when_both_pumps_are_at_rest(tmp_path: Path) -> None:
    async with two_pumps(tmp_path) as t:
        await t.good("admit", who="Dr B", patient="Ann", weight="70 kg", age="40 years", area="acute")
        for bed in t.beds:
            assert bed.picture.patient["patient"] == "Ann"
        await t.infusing()
        await t.good("pump/pause", programme=t.shown(0)["pump"]["programme"])
        for _ in range(2):
            status, told = await t.post("discharge", {"who": "Dr B"})
            assert status == 409 and "not at rest" in told["error"]
            await t.good("second/pump/stop")
        await t.good("pump/stop")
        await until(lambda: t.state == ("stopped", "stopped"))
        await t.good("discharge", who="Dr B")
        assert t.beds[1].picture.patient == {}


@req("PHA-011")
@req("REC-025")
async def test_totals_and_what_is_due_are_of_both_drugs_and_a_finding_that_stops_stops_both(tmp_path: Path) -> None:
    async with two_pumps(tmp_path) as t:
        await until(lambda: all("library" in bed.picture.services for bed in t.beds))
        await t.good("admit", who="Dr B", patient="Ann", weight="70 kg", age="40 years", area="acute")
        for base, drug, strength, rate, syringe in (
            ("", "ketamine", "2 mg/mL", "0.2 mg/kg/h", "BD 50 mL"),
            ("second/", "morphine", "1 mg/mL", "0.03 mg/kg/h", "BD 20 mL"),
        ):
            typed = {
                "drug": drug, "mode": "continuous", "concentration": strength, "label_drug": drug,
                "label_concentration": strength, "rate": rate, "duration": "4 h",
            }  # fmt: skip
            told = await t.good(
                f"{base}prescribe", who="Dr B", prescription=typed, overrides=[],
                pump={"syringe": syringe, "on_loss": "stop", "guards": GUARDS},
            )  # fmt: skip
            back = told["readback"]
            second = {"second": "Nurse C"} if back["clinical"]["alerts"] else {}
            await t.good(
                f"{base}pump/confirm", who="Nurse A", programme=back["programme"], token=back["token"], **second
            )
            await until(lambda base=base: not base or t.shown(1)["interlock"]["verdict"] == "begins")  # type: ignore[misc]
            await t.good(f"{base}pump/start", who="Nurse A", programme=back["programme"])
        await until(lambda: t.state == ("infusing", "infusing"))
        await until(lambda: len(t.shown(0)["charting"]["infusions"]) == 2)
        chart = t.shown(0)["charting"]
        assert {each["pump"]: each["substance"] for each in chart["infusions"]} == {
            "": "ketamine",
            "second": "morphine",
        }
        names = [each["name"] for each in chart["due"]]
        assert len(names) == len(set(names)) and {"assessment", "hourly pain"} <= set(names)
        await until(lambda: set(t.shown(0)["charting"]["had"]) == {"ketamine", "morphine"})
        await until(lambda: [s["substance"] for s in t.shown(0)["charting"]["sparing"]] == ["morphine"])
        assert {each["substance"] for each in t.shown(0)["charting"]["prediction"]} == {"ketamine", "morphine"}
        label = {
            "who": "Nurse A",
            "pump": "second",
            "syringe": "BD 20 mL",
            "holds": "20 mL",
            "concentration": "1 mg/mL",
        }
        told = await t.good("syringe", drug="morphine", **label)
        assert told["sentence"].startswith("Syringe changed: BD 20 mL with morphine 1 mg/mL, 20 mL")
        status, told = await t.post("syringe", {**label, "drug": "fentanyl"})
        assert status == 400 and "they are not the same" in told["error"]
        assert (await t.post("syringe", {**label, "drug": "morphine", "pump": "third"}))[0] == 400
        told = await t.good("assess", who="Nurse A", values={"nrs": "3", "poss": "4"})
        assert told["stop"]["state"] == "stopped"
        assert [board.state for board in t.boards] == ["stopped", "stopped"]
        await until(lambda: (t.shown(0)["charting"]["stopped"] or {}).get("confirmed"))


async def test_without_a_second_pump_there_are_no_orders_to_one() -> None:
    bed = Bed("Bed 1")
    paths = {getattr(route, "path", "") for route in build(bed, Config(link=Link(port="/dev/ttyACM0"))).routes}
    assert "/api/pump/stop" in paths and not [path for path in paths if "second" in path]
    assert bed.snapshot()["beside"] == []
