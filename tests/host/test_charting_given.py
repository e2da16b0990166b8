"""Doses by hand through the page's API: checked, entered once, counted with what the pump gave, and predicted."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assuage.bedside.charting.forecast import cells
from assuage.bedside.charting.had import BY_PUMP, Had, Piece, had
from assuage.pharmacy.quantities import Mass, Time
from assuage.pharmacy.substances import ESKETAMINE, KETAMINE
from assuage.record.events import Admission, Discharge, Given
from assuage_rig.requirements import req
from tests.host import ward as wards
from tests.host.ward import ADULT, HOUR, MINUTE
from tests.host.ward import LongWard as Ward
from tests.host.ward import long_ward as ward

EMERGENCY = Admission(patient="M. Curie", weight="70 kg", age="54 years", area="emergency")
NASAL = {
    "who": "Nurse A", "drug": "esketamine", "label_drug": "esketamine", "concentration": "25 mg/mL", "dose": "28 mg",
    "route": "in", "site": "both nostrils",
}  # fmt: skip
MUSCLE = {
    "who": "Nurse A", "drug": "ketamine", "label_drug": "ketamine", "concentration": "50 mg/mL", "dose": "35 mg",
    "route": "im", "site": "left deltoid",
}  # fmt: skip


async def overriding(w: Ward, second: str = "Nurse B", **body: Any) -> tuple[int, dict[str, Any]]:
    """Entered with a reason for whatever the library finds."""
    _, told = await w.post("/api/given", **body, check=True)
    reasons = [{"code": each["code"], "reason": "as the doctor asked"} for each in told["findings"]]
    return await w.post("/api/given", **body, overrides=reasons, second=second)


@req("PHA-005")
async def test_a_dose_by_hand_is_entered_with_what_was_found_and_why(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        status, told = await w.post("/api/given", **MUSCLE)
        assert status == 409 and told["status"] == "library-override"
        assert "has no numbers for ketamine, acute pain, by IM" in told["error"]
        assert not await w.entries(Given)
        status, told = await overriding(w, **MUSCLE)
        assert status == 200 and told["entered"] and (told["substance"], told["dose"]) == ("ketamine", "35 mg")
        assert told["route"] == "IM"
        (entry,) = await w.entries(Given)
        assert entry.body["mass_ng"] == 35_000_000
        assert (entry.body["route"], entry.body["site"], entry.body["by"]) == ("im", "left deltoid", "Nurse A")
        assert entry.body["library"] == told["library"] and "as the doctor asked" in entry.body["reason"]
        assert {each["code"] for each in entry.body["findings"]} == {each["code"] for each in told["findings"]}
        assert w.chart["had"] == {} or w.chart["had"]["ketamine"]["hour"] == "35 mg"


@req("PHA-005", "PHA-003")
async def test_ten_times_too_much_wants_a_reason_and_a_second_name(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        body = {**MUSCLE, "route": "iv", "dose": "200 mg"}
        _, told = await w.post("/api/given", **body, check=True)
        assert not told["entered"] and any(each["hard"] for each in told["findings"])
        for second in ("", "Nurse A"):
            status, told = await overriding(w, **body, second=second)
            assert (status, told["status"]) == (409, "library-limit")
        assert not await w.entries(Given)
        status, told = await overriding(w, **body)
        (entry,) = await w.entries(Given)
        assert status == 200 and entry.body["reason"].endswith("also looked at by Nurse B")


@req("PHA-001")
async def test_what_is_on_the_label_is_what_was_given(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        status, told = await w.post("/api/given", **{**MUSCLE, "label_drug": "esketamine"})
        assert (status, told["field"]) == (400, "label_drug")
        assert "enter what has really been given" in told["error"]


@req("PHA-005")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"dose": "35"}, "dose"), ({"dose": "0.7 mL", "concentration": ""}, "concentration"),
        ({"route": "ear"}, "route"),
        ({"drug": "aspirin"}, "drug"), ({"drug": ""}, "drug"), ({"who": ""}, "who"), ({"who": "x" * 41}, "who"),
        ({"at": "2027-01-01T00:00:00Z"}, "at"), ({"at": "2025-12-30T00:00:00Z"}, "late_reason"),
        ({"concentration": "5 %"}, "concentration"), ({"site": "a\nb"}, "site"), ({"rout": "im"}, "rout"),
    ],
)  # fmt: skip
async def test_what_cannot_be_used_is_refused_by_its_field(tmp_path: Path, change: dict[str, Any], field: str) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        status, told = await w.post("/api/given", **{**MUSCLE, **change})
        assert (status, told["field"]) == (400, field), told
        assert not await w.entries(Given)


async def test_without_a_patient_who_was_weighed_no_dose_is_charted(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        for admission in (None, Admission(patient="N. N."), Discharge()):
            await w.keep(*([admission] if admission else []))
            status, told = await w.post("/api/given", **MUSCLE)
            assert (status, told["status"]) == (409, "no-patient") and "admit the patient first" in told["error"]


@req("PHA-005")
async def test_the_same_dose_sent_twice_is_asked_about(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(EMERGENCY)
        assert (await overriding(w, **MUSCLE))[0] == 200
        _, told = await w.post("/api/given", **MUSCLE, check=True)
        assert "twice" in {each["code"] for each in told["findings"]}
        w.now += 90
        _, told = await w.post("/api/given", **MUSCLE, check=True)
        assert "twice" not in {each["code"] for each in told["findings"]}


@req("PHA-005", "PHA-001")
async def test_all_routes_count_together_each_substance_for_itself_and_after_a_restart(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, wards.KETAMINE)
        w.pump("armed", 0)
        await w.flows(HOUR)  # 7 mg
        assert (await overriding(w, **{**MUSCLE, "dose": "20 mg"}))[0] == 200
        assert (await overriding(w, **{**MUSCLE, "dose": "10 mg", "route": "mesotherapy"}))[0] == 200
        assert (await overriding(w, **NASAL))[0] == 200
        _, told = await w.post("/api/given", **{**MUSCLE, "dose": "35 mg"}, check=True)
        pumped = Mass.of(Fraction(w.delivered * 2, 1), "ng")
        assert told["together"]["hour"] == str(pumped.to("mg") + Mass.of(65, "mg"))
        assert "total in one hour:soft-high:mg/kg" in {each["code"] for each in told["findings"]}
        _, more = await w.post("/api/given", **{**MUSCLE, "dose": "64 mg"}, check=True)
        assert "total in one hour:hard-high:mg" in {each["code"] for each in more["findings"] if each["hard"]}
        before, now = told["together"], w.now
    async with ward(tmp_path, now) as w:
        _, told = await w.post("/api/given", **{**MUSCLE, "dose": "35 mg"}, check=True)
        assert told["together"] == before
        w.now += HOUR + 1
        _, told = await w.post("/api/given", **{**MUSCLE, "dose": "35 mg"}, check=True)
        assert told["together"]["hour"] == "35 mg" and told["together"]["day"] == before["day"]


@req("PHA-005")
async def test_a_dose_that_is_charted_late_counts_with_what_came_after_it(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        w.now += 2 * HOUR
        assert (await overriding(w, **{**MUSCLE, "dose": "70 mg"}))[0] == 200
        late = {**MUSCLE, "dose": "40 mg", "at": "2026-01-01T01:40:00Z"}
        _, told = await w.post("/api/given", **late, check=True)
        assert told["together"]["hour"] == "110 mg"
        _, told = await w.post("/api/given", **{**late, "at": "2026-01-01T00:40:00Z"}, check=True)
        assert told["together"]["hour"] == "40 mg"


@req("PHA-005")
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**6), st.integers(1, 10**8)), max_size=8))
def test_what_was_had_in_windows_that_touch_is_what_was_had_in_all(parts: list[tuple[int, int, int]]) -> None:
    pieces = [Piece(at, at + span, Mass.of(ng, "ng"), BY_PUMP) for at, span, ng in parts]
    all_of_it = Had({"ketamine": pieces}, ())
    hour, end = Time.of(60, "min"), 11_000_001
    found = [all_of_it.within(KETAMINE, hour, end - n * 3_600_000) for n in range(4)]
    started_at_zero = sum((p.mass for p in pieces if p.begin == p.end == -3_399_999), Mass.of(0, "mg"))
    assert sum((dose.amount for dose in found), started_at_zero).base == sum((p.mass.base for p in pieces), Fraction(0))
    most = all_of_it.most(KETAMINE, hour, 5_000_000)
    assert all(most >= all_of_it.within(KETAMINE, hour, 5_000_000 + n) for n in range(0, 3_600_000, 600_007))
    assert all_of_it.within(ESKETAMINE, hour, end).amount == Mass.of(0, "mg")


@req("KIN-002")
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2 * 10**9), st.integers(0, 10**7), st.integers(1, 10**9)), max_size=8))
def test_all_that_the_pump_gave_is_in_the_prediction(parts: list[tuple[int, int, int]]) -> None:
    pieces = [Piece(at, at + span, Mass.of(ng, "ng"), BY_PUMP) for at, span, ng in parts]
    whole = sum((each.rate * each.lasts for each in cells(pieces, 2_010_000_000)), Mass.of(0, "mg"))
    true = sum((piece.mass for piece in pieces), Mass.of(0, "mg"))
    assert abs(whole.base - true.base) <= true.base / 10**9


async def test_what_the_pump_gave_without_a_library_is_told_to_count_nowhere(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        await w.flows(10 * MINUTE)
        await w.charting.outlook.refresh(w.charting.history)
        await w.settle()
        (sentence,) = w.chart["uncounted"]
        assert "0.583 mL" in sentence and had(w.charting.history.told).pieces == {}


@req("PHA-005")
async def test_what_the_pump_has_given_since_the_last_minute_s_entry_counts_at_once(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, wards.KETAMINE)
        await w.flows(5 * MINUTE)
        w.now += 50
        w.delivered += 500_000
        w.pump()
        _, told = await w.post("/api/given", **MUSCLE, check=True)
        assert told["together"]["hour"] == str((Mass.of(w.delivered * 2, "ng") + Mass.of(35, "mg")).to("mg"))
        await w.charting.outlook.refresh(w.charting.history, at_once=True)
        await w.settle()
        assert w.chart["had"]["ketamine"]["hour"] == str(Mass.of(w.delivered * 2, "ng").to("mg"))
