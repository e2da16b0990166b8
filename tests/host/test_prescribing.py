"""From a prescription to a running programme, through the monitor's routes, at a board that is played."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assuage.bedside.readback import ONCE
from assuage.record.events import Clinical, Confirmed, Given
from assuage.record.reading import read
from assuage.record.words import sentence
from assuage_rig.requirements import req
from tests.host.bedside import KETAMINE
from tests.host.eventually import until
from tests.host.ward import ANN, PUMP, BoardWard, typed, ward


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.record.sqlite"


def number(readback: Any, name: str) -> dict[str, str]:
    return next(each for each in readback["clinical"]["numbers"] if each["name"] == name)


@req("PHA-010", "PHA-005")
async def test_a_prescription_is_checked_read_back_in_clinical_words_confirmed_and_started(path: Path) -> None:
    async with ward(path) as w:
        back = await w.prescribe()
        told = back["clinical"]
        assert number(back, "rate") == {
            "name": "rate", "board": "7 mL/h", "means": "14 mg/h", "per_weight": "0.2 mg/kg/h", "asked": "0.2 mg/kg/h",
        }  # fmt: skip
        assert number(back, "all that is given")["means"] == "56 mg"
        assert (told["substance"], told["concentration"], told["weight"]) == ("ketamine (racemic)", "2 mg/mL", "70 kg")
        assert told["library"] == w.prescribing.library.digest and told["alerts"] == [] and back["unchecked"] == ""
        assert (back["rate_nl_min"], back["vtbi_nl"]) == (116_667, 28_000_000)
        await w.infuse(back)
        shown = w.b.shown["terms"]["clinical"]
        assert shown == {name: value for name, value in told.items() if name not in ONCE} and shown["by"] == "Dr B"
    entries = read(path)
    [checked] = [e.event(Clinical) for e in entries if e.kind == "checked"]
    assert checked is not None
    assert (checked.substance, checked.ng_per_ml, checked.by) == ("ketamine", 2_000_000, "Dr B")
    assert checked.library == w.prescribing.library.digest and checked.programme == back["programme"]
    assert "rate 0.2 mg/kg/h" in checked.dose and "70 kg" in checked.dose
    [confirmed] = [e.event(Confirmed) for e in entries if e.kind == "confirmed"]
    assert confirmed is not None and confirmed.by == "Dr B"
    order = next(e for e in entries if e.kind == "ordered")
    assert order.body["asked"]["prescription"]["rate"] == "0.2 mg/kg/h" and order.body["by"] == "Dr B"
    assert sentence(order).endswith(
        "For Ann Example, 70 kg: ketamine (racemic) 2 mg/mL, rate 14 mg/h (0.2 mg/kg/h), volume 56 mg (0.8 mg/kg), "
        "all that is given 56 mg (0.8 mg/kg)."
    )


@req("PHA-010")
@pytest.mark.parametrize("who", [None, "", "x" * 41, "a\x00b", 7])
async def test_nothing_clinical_is_done_without_a_usable_name(path: Path, who: Any) -> None:
    async with ward(path) as w:
        back = await w.prescribe()
        asked = {"programme": back["programme"], "token": back["token"]}
        for where, body in (
            ("prescribe", {"prescription": typed(), "pump": PUMP}), ("pump/confirm", asked),
            ("weigh", {"weight": "71 kg"}), ("discharge", {}),
            ("convert", {"drug": "ketamine", "to": "esketamine", "dose": "20 mg", "reason": "another vial"}),
        ):  # fmt: skip
            if where == "pump/confirm":
                back = await w.prescribe()
                body = {"programme": back["programme"], "token": back["token"]}
            status, said = await w.post(where, **(body if who is None else {"who": who, **body}))
            assert (status, said["field"]) == (400, "who"), (where, said)
        assert (await w.post("pump/stop", who=who))[0] == 200, "STOP asks nobody for a name"
        assert not w.b.board.received("Start")


@req("PHA-010")
async def test_beyond_a_soft_limit_a_reason_is_wanted_kept_and_compared_by_two(path: Path) -> None:
    async with ward(path) as w:
        asked = {"prescription": typed(rate="0.5 mg/kg/h", duration="2 h"), "pump": PUMP}
        said = await w.good("check", prescription=asked["prescription"])
        names = [found["finding"] for found in said["findings"]]
        assert names and said["possible"]
        refused = await w.bad("prescribe", **asked)
        assert refused["status"] == "library-override"
        assert w.b.bed.snapshot()["refusal"]["sentence"] == refused["error"]
        bare = await w.bad("prescribe", **asked, overrides=[{"finding": name, "reason": "x"} for name in names])
        assert bare["field"] == "reason"
        other = [{"finding": name.replace("0.5", "0.45"), "reason": "rib fractures"} for name in names]
        assert (await w.bad("prescribe", **asked, overrides=other))["field"] == "overrides"
        back = await w.prescribe(*names, rate="0.5 mg/kg/h", duration="2 h")
        assert back["clinical"]["alerts"]
        asked = {"programme": back["programme"], "token": back["token"]}
        assert (await w.bad("pump/confirm", **asked))["status"] == "second-person"
        assert (await w.bad("pump/confirm", **asked, second=" dr  b"))["status"] == "second-person"
        assert not w.b.board.received("Confirm")
        await w.infuse(back, second="Nurse C")
    entries = read(path)
    [checked] = [e for e in entries if e.kind == "checked"]
    assert checked.body["reason"] == "pain is not controlled"
    assert {each["reason"] for each in checked.body["findings"]} == {"pain is not controlled"}
    assert "Compared by two" in sentence(checked) and "0.5 mg/kg/h" in sentence(checked)
    [confirmed] = [e.event(Confirmed) for e in entries if e.kind == "confirmed"]
    assert confirmed is not None and confirmed.second == "Nurse C"


@req("PHA-005", "PHA-010")
async def test_beyond_a_hard_limit_nothing_reaches_the_board_whatever_is_said(path: Path) -> None:
    async with ward(path) as w:
        said = await w.good("check", prescription=typed(rate="9 mg/kg/h"))
        assert not said["possible"]
        reasons = [{"finding": found["finding"], "reason": "no other way"} for found in said["findings"]]
        asked = {"prescription": typed(rate="9 mg/kg/h"), "pump": PUMP, "overrides": reasons}
        assert (await w.bad("prescribe", **asked))["status"] == "library-limit"
        assert w.b.board.carried_out == []
        assert [error.sentence for error in w.b.refused] == [w.b.bed.snapshot()["refusal"]["sentence"]]


@req("PHA-010")
async def test_what_concerns_the_pump_cannot_change_what_was_prescribed(path: Path) -> None:
    async with ward(path) as w:
        for key, value in (("rate_ml_h", "99"), ("vtbi_ml", "50"), ("drug", "water"), ("mode", "pca"),
                           ("on_end", "kvo"), ("highest_ml_h", "99"), ("bolus_ml", "9"), ("for_h", "9")):  # fmt: skip
            said = await w.bad("prescribe", prescription=typed(), pump={**PUMP, key: value})
            assert said["field"] == key
        assert w.b.board.carried_out == []


@req("PHA-010")
async def test_without_a_patient_nothing_is_prescribed_and_who_is_in_the_bed_is_shown(path: Path) -> None:
    async with ward(path, admitted=False) as w:
        assert w.b.bed.snapshot()["patient"] is None
        said = await w.bad("prescribe", prescription=typed(), pump=PUMP)
        assert said["status"] == "no-patient"
        for key, value in (("weight", "70"), ("weight", ""), ("age", "40"), ("area", "ward 3"), ("sex", "?"),
                           ("patient", " "), ("heigth", "1 m")):  # fmt: skip
            said = await w.bad("admit", **{**ANN, key: value})
            assert said["field"] == key
        assert w.b.bed.snapshot()["patient"] is None
        await w.good("admit", **ANN, sex="female", height="165 cm")
        shown = w.b.bed.snapshot()["patient"]
        assert (shown["patient"], shown["weight"], shown["sex"]) == ("Ann Example", "70 kg", "female")
        assert (await w.bad("admit", **ANN))["status"] == "in-use"


@req("PHA-010")
@pytest.mark.parametrize(("slip", "meant"), [("700 kg", ""), ("7 kg", ""), ("154 kg", "154 lb"), ("70 lb", "70 kg")])
async def test_a_weight_that_nobody_of_this_age_has_is_entered_only_with_a_reason(
    path: Path, slip: str, meant: str
) -> None:
    """At the admission and at each weighing; by height too, where that is known."""
    async with ward(path, admitted=False) as w:
        odd = {**ANN, "weight": slip}
        for without in ({}, {"reason": ""}, {"reason": "ok"}):
            said = await w.bad("admit", **odd, **without)
            assert said["field"] == "reason" and f"Weight {slip} is not between" in said["error"]
            assert (f"Were {meant} meant?" in said["error"]) is bool(meant)
        assert w.b.bed.snapshot()["patient"] is None
        await w.good("admit", **odd, reason="weighed twice, on two scales")
        await w.good("weigh", weight="70 kg", reason="of no use here")
        assert (await w.bad("weigh", weight=slip))["field"] == "reason"
        assert w.b.bed.snapshot()["patient"]["weight"] == "70 kg"
        await w.good("weigh", weight=slip, reason="weighed again")
        await until(lambda: w.b.shown["state"] != "unknown")
        await w.good("discharge")
        assert (await w.bad("admit", **ANN, height="100 cm"))["field"] == "reason"
    told = [sentence(e) for e in read(path) if e.kind in ("admission", "weighed")]
    assert told[0].endswith("The weight is not the expected one: weighed twice, on two scales")
    assert "expected" not in told[1] and told[2].endswith("The weight is not the expected one: weighed again")


@req("PHA-010")
async def test_a_new_weight_changes_nothing_that_runs_and_lets_nothing_start_that_was_checked_by_the_old(
    path: Path,
) -> None:
    async with ward(path) as w:
        back = await w.prescribe()
        await w.confirm(back)
        await w.good("weigh", weight="62 kg")
        said = await w.bad("pump/start", programme=back["programme"])
        assert "62 kg" in said["error"] and not w.b.board.received("Start")
        back = await w.prescribe()
        assert number(back, "rate")["means"] == "12.4 mg/h"
        await w.infuse(back)
        rate = w.b.shown["set_rate_ml_h"]
        await w.good("weigh", weight="66 kg", note="weighed again")
        assert w.b.shown["set_rate_ml_h"] == rate and w.b.shown["terms"]["clinical"]["weight"] == "62 kg"
        assert "ordered for 62 kg" in w.b.bed.snapshot()["patient"]["sentence"]
        said = await w.good("check", prescription=typed(weight="70 kg"))
        assert "charted weight" in [found["code"] for found in said["findings"]]
    told = [sentence(e) for e in read(path) if e.kind == "weighed"]
    assert told[1] == "The weight is 66 kg from now on (before: 62 kg); what runs goes on as ordered. weighed again"


@req("PHA-010")
async def test_a_patient_is_discharged_only_when_the_pump_stands_and_nothing_is_left_to_start(path: Path) -> None:
    async with ward(path) as w:
        back = await w.prescribe()
        await w.infuse(back)
        assert (await w.bad("discharge"))["status"] == "bad-state"
        await w.good("pump/stop")
        await until(lambda: w.b.shown["state"] == "stopped")
        back = await w.prescribe()
        await w.confirm(back)
        await w.good("discharge", note="to ward 4")
        await w.good("admit", **{**ANN, "patient": "Bob Example"})
        await w.bad("pump/start", programme=back["programme"])
        assert len(w.b.board.received("Start")) == 1


async def test_an_order_without_a_library_is_still_possible_and_says_so(path: Path) -> None:
    async with ward(path, admitted=False) as w:
        _, said = await w.post("pump/programme", **KETAMINE)
        back = said["readback"]
        assert back["clinical"] is None and "not checked" in back["unchecked"]
        status, _ = await w.post("pump/confirm", programme=back["programme"], token=back["token"])
        assert status == 200
        assert (await w.post("pump/start", programme=back["programme"]))[0] == 200
        await until(lambda: w.b.shown["state"] == "infusing")
        assert "not checked" in w.b.shown["terms"]["unchecked"]
    entries = read(path)
    assert "checked" not in [e.kind for e in entries]
    [order] = [e for e in entries if e.kind == "ordered"]
    assert "by" not in order.body and sentence(order).endswith("This order was not checked against a drug library.")


@req("PHA-010", "PHA-001")
async def test_a_conversion_is_asked_for_kept_and_makes_two_compare_what_follows(path: Path) -> None:
    async with ward(path) as w:
        asked = {"drug": "ketamine", "to": "esketamine", "dose": "20 mg", "reason": "the racemate is out of stock"}
        assert (await w.bad("convert", **{**asked, "reason": " "}))["field"] == "reason"
        assert (await w.bad("convert", **{**asked, "to": "ketamine"}))["field"] == "to"
        assert (await w.bad("convert", **{**asked, "to": "morphine"}))["field"] == "drug"
        told = await w.good("convert", **asked)
        assert (told["given"], told["taken_as"]) == ("20 mg", "10 mg")
        changes = {"drug": "esketamine", "label_drug": "esketamine", "concentration": "1 mg/mL",
                   "label_concentration": "1 mg/mL"}  # fmt: skip
        said = await w.good("check", prescription=typed(**changes, rate="0.1 mg/kg/h"))
        assert "A dose was converted into S-ketamine (esketamine)." in said["alerts"]
    [entry] = [e for e in read(path) if e.kind == "converted"]
    assert (entry.body["mass_ng"], entry.body["to_mass_ng"], entry.body["by"]) == (20_000_000, 10_000_000, "Dr B")


@req("PHA-005", "PHA-010")
async def test_all_that_was_given_by_every_route_counts_in_what_is_checked(path: Path) -> None:
    async with ward(path) as w:
        before = await w.good("check", prescription=typed())
        assert before["findings"] == [] and before["given"] == {}
        await w.record.keep(Given(substance="ketamine", mass_ng=60_000_000, route="im", by="Nurse C"))
        await w.record.keep(Given(substance="ketamine (racemic)", mass_ng=20_000_000, route="in", by="Nurse C"))
        await w.record.keep(Given(substance="esketamine", mass_ng=5_000_000, route="iv", by="Nurse C"))
        await w.record.keep(Given(substance="aspirin", mass_ng=500_000_000, route="by mouth", by="Nurse C"))
        said = await w.good("check", prescription=typed())
        assert said["given"]["ketamine"] == {"hour": "80 mg", "four_hours": "80 mg", "day": "80 mg"}
        codes = {found["code"].split(":")[0] for found in said["findings"]}
        assert {"total in one hour", "other ketamine", "not in the library"} <= codes


async def _drawn(w: BoardWard) -> int:
    """nL that the pump says it has given, at rest."""
    await until(lambda: w.b.board.delivered > 2000)
    await w.good("pump/stop")
    await until(lambda: w.b.shown["state"] == "stopped")
    heard = w.b.bed.picture.pump
    assert heard is not None
    return int(heard.message.delivered)


@req("PHA-010", "PHA-005")
async def test_a_daemon_that_starts_again_knows_the_patient_and_all_that_was_given(path: Path) -> None:
    async with ward(path) as w:
        await w.good("weigh", weight="71 kg")
        await w.record.keep(Given(substance="ketamine", mass_ng=10_000_000, route="im", by="Nurse C"))
        await w.infuse(await w.prescribe())
        nl = await _drawn(w)
        given = (await w.good("check", prescription=typed()))["given"]["ketamine"]["hour"]
        store = w.b.store
    async with ward(path, admitted=False, store=store) as w:
        shown = w.b.bed.snapshot()["patient"]
        assert (shown["patient"], shown["weight"], shown["area"]) == ("Ann Example", "71 kg", "acute")
        again = (await w.good("check", prescription=typed()))["given"]["ketamine"]["hour"]
        assert again == given == f"{10 + nl * 2 / 1_000_000:.6f}".rstrip("0").rstrip(".") + " mg"
        await until(lambda: w.b.shown["state"] != "unknown")
        await w.good("discharge")
        await w.good("admit", **{**ANN, "patient": "Bob Example"})
        assert (await w.good("check", prescription=typed()))["given"] == {}, "another patient"
    async with ward(path, admitted=False) as w:
        assert w.b.bed.snapshot()["patient"]["patient"] == "Bob Example"
        assert (await w.good("check", prescription=typed()))["given"] == {}


@req("PHA-010")
async def test_what_was_given_after_the_check_wants_it_checked_anew(path: Path) -> None:
    async with ward(path) as w:
        back = await w.prescribe()
        await w.confirm(back)
        await w.record.keep(Given(substance="ketamine", mass_ng=10_000_000, route="im", by="Nurse C"))
        said = await w.bad("pump/start", programme=back["programme"])
        assert "Something was given since" in said["error"] and not w.b.board.received("Start")


@req("PHA-010")
async def test_a_board_that_read_back_another_dose_is_refused(path: Path) -> None:
    async with ward(path) as w:
        for field, by in (("rate", 2), ("vtbi", 2)):
            w.b.board.tamper = {field: by}
            said = await w.bad("prescribe", prescription=typed(), pump=PUMP)
            assert said["status"] == "readback-differs"
            assert w.b.bed.snapshot()["readback"] is None
