"""A target as a prescription: for the admitted patient, with all that was given, reasons, names and a second person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assuage.record.events import Clinical, Given, Intent
from assuage_rig.requirements import req
from tests.host.eventually import until
from tests.host.ward import PUMP, BoardWard, typed, ward

AIM = {
    "model": "domino", "site": "plasma", "target": "100 ng/mL", "rate": "0.4 mg/kg/h",
    "volume": "50 mL", "duration": "12 h",
}  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.record.sqlite"


def aim(**changes: Any) -> dict[str, Any]:
    told = {**typed(mode=None, duration=None), **AIM, **changes}
    return {key: value for key, value in told.items() if value is not None}


async def wanted(w: BoardWard, **changes: Any) -> list[dict[str, str]]:
    """A reason for everything that is found."""
    said = await w.good("check", prescription=aim(**changes, mode="tci"))
    assert said["possible"], said
    return [{"finding": found["finding"], "reason": "a first level at once"} for found in said["findings"]]


async def order(w: BoardWard, **changes: Any) -> Any:
    reasons = await wanted(w, **changes)
    return (await w.good("target/programme", **aim(**changes), **PUMP, overrides=reasons))["readback"]


@req("PHA-010", "KIN-010")
async def test_a_target_is_for_the_admitted_patient_compared_in_clinical_words_and_kept(path: Path) -> None:
    async with ward(path) as w:
        back = await order(w, loading="1 mg/kg/h")
        told = back["clinical"]
        assert (told["patient"], told["weight"], told["mode"], told["by"]) == ("Ann Example", "70 kg", "tci", "Dr B")
        numbers = {each["name"]: each for each in told["numbers"]}
        assert (numbers["highest rate"]["means"], numbers["highest rate"]["asked"]) == ("70 mg/h", "1 mg/kg/h")
        assert numbers["volume"]["means"] == "100 mg"
        assert back["target"]["target"] == "100 ng/mL" and back["unchecked"] == ""
        assert told["overrides"] and told["alerts"], "it goes beyond what is usual"
        assert (await w.bad("pump/confirm", programme=back["programme"], token=back["token"]))["status"] == (
            "second-person"
        )
        await w.infuse(back, second="Nurse C")
        await until(lambda: w.b.board.rate == 583_333)
    async with ward(path, admitted=False) as w:
        [checked] = [e.event(Clinical) for e in await w.entries(Clinical)]
    assert checked is not None and checked.library == told["library"] and checked.reason == "a first level at once"
    assert checked.dose == "target 100 ng/mL in plasma by Domino 1982/84, at most 28 mg/h (70 mg/h loading)"


@req("PHA-010", "KIN-010")
async def test_a_higher_target_wants_a_name_and_one_of_high_alert_a_second_one(path: Path) -> None:
    async with ward(path) as w:
        back = await order(w)
        assert not back["clinical"]["alerts"]
        await w.infuse(back)
        await until(lambda: w.b.bed.snapshot()["target"])
        asked = {"programme": back["programme"], "target": "130 ng/mL"}
        offer = (await w.good("target", **asked))["readback"]
        assert offer["alerts"] == []
        compared = {"programme": back["programme"], "token": offer["token"]}
        status, said = await w.post("target/confirm", **compared)
        assert (status, said["field"]) == (400, "who")
        await w.good("target/confirm", **compared)
        await until(lambda: w.b.bed.snapshot()["target"]["target"] == "130 ng/mL")
        back = (await w.good("target", programme=back["programme"], target="40 ng/mL"))["readback"]
        assert back["alerts"] == [], "less is no reason for two"
        await w.good("target/confirm", programme=back["programme"], token=back["token"])
        offer = (await w.good("target", programme=back["programme"], target="110 ng/mL"))["readback"]
        [alert] = offer["alerts"]
        assert alert == "The target is more than twice what it is, 40 ng/mL, or what was ordered, 100 ng/mL."
        compared = {"programme": back["programme"], "token": offer["token"]}
        assert (await w.bad("target/confirm", **compared))["status"] == "second-person"
        assert (await w.bad("target/confirm", **compared, second="DR  b"))["status"] == "second-person"
        await w.good("target/confirm", **compared, second="Nurse C")
        acts = [e for e in await w.entries(Intent) if e.body["what"] == "target"]
    assert acts[-1].body["details"] == {"target": "110 ng/mL", "was": "40 ng/mL", "second": "Nurse C"}


@req("PHA-010", "PHA-005")
async def test_what_was_given_before_counts_for_a_target_and_is_in_its_prediction(path: Path) -> None:
    async with ward(path) as w:
        said = await w.good("check", prescription=aim(mode="tci"))
        assert not [each for each in said["findings"] if each["code"].startswith("total")]
        await w.record.keep(Given(substance="ketamine", mass_ng=40_000_000, route="iv", by="Nurse C"))
        await until(lambda: "ketamine" in (w.b.bed.snapshot()["charting"] or {}).get("had", {}))
        said = await w.good("check", prescription=aim(mode="tci"))
        assert [each for each in said["findings"] if each["code"].startswith("total in one hour")]
        await w.infuse(await order(w), second="Nurse C")
        await until(lambda: w.b.bed.snapshot()["target"])
        shown = w.b.bed.snapshot()["target"]
        assert shown["unknown"] == "" and float(shown["predicted"]["plasma"].split()[0]) > 100
        assert shown["phase"] != "loading"


@req("PHA-010")
async def test_a_dose_that_the_model_cannot_reckon_with_wants_another_model(path: Path) -> None:
    async with ward(path) as w:
        await w.record.keep(Given(substance="ketamine", mass_ng=5_000_000, route="mesotherapy", by="Nurse C"))
        await until(lambda: "ketamine" in (w.b.bed.snapshot()["charting"] or {}).get("had", {}))
        said = await w.bad("target/programme", **aim(), **PUMP, overrides=await wanted(w))
        assert "mesotherapy" in said["error"] and said["status"] == "route"
        assert w.b.board.carried_out == []


@req("PHA-010", "KIN-010")
async def test_as_one_types_a_target_the_models_that_fit_are_offered_and_what_is_wrong_is_said(path: Path) -> None:
    async with ward(path) as w:
        said = await w.good("check", prescription=aim(mode="tci"))
        assert said["mode"] == "tci" and "domino" in [each["key"] for each in said["models"]]
        assert "herd" not in [each["key"] for each in said["models"]], "a model of children"
        assert all(each["source"] for each in said["models"]) and said["target"] is None
        said = await w.good("check", prescription=aim(mode="tci", **PUMP))
        assert said["target"]["rate"] == "28 mg/h" and said["possible"] and said["error"] == ""
        said = await w.good("check", prescription=aim(mode="tci", **PUMP, target="1000 ng/mL"))
        assert not said["possible"] and "set a lower target" in said["error"]
        said = await w.good("check", prescription=aim(mode="tci", **PUMP, model="herd"))
        assert not said["possible"] and "ages of 1 to 14 years" in said["error"]
        for missing in AIM:
            said = await w.good("check", prescription=aim(mode="tci", **PUMP, **{missing: None}))
            assert said["error"] or missing == "site", missing
        said = await w.bad("target/programme", **aim(), **{**PUMP, "on_loss": "continue"})
        assert said["field"] == "on_loss" and w.b.board.carried_out == []


@req("PHA-010")
@pytest.mark.parametrize("who", [None, " ", 7])
async def test_no_target_is_ordered_without_a_name_or_a_patient(path: Path, who: Any) -> None:
    async with ward(path, admitted=False) as w:
        named = {} if who is None else {"who": who}
        status, said = await w.post("target/programme", **aim(weight="70 kg"), **PUMP, **named)
        assert (status, said["field"]) == (400, "who")
        said = await w.bad("target/programme", **aim(weight="70 kg", age="40 years"), **PUMP)
        assert said["status"] == "no-patient" and w.b.board.carried_out == []
