"""What is predicted from the record: by every model that fits, of all that was given, and what if."""

from __future__ import annotations

import statistics
import threading
from pathlib import Path
from typing import Any

import pytest

from assuage.bedside.charting import forecast
from assuage.pharmacy.kinetics.body import Patient
from assuage.pharmacy.kinetics.predict import predict
from assuage.pharmacy.kinetics.programme import Given, Infusion, Programme
from assuage.pharmacy.quantities import Age, DoseRate, Mass, Time, Weight
from assuage.pharmacy.substances import ESKETAMINE, KETAMINE
from assuage.record.events import Admission, Clinical, Predicted
from assuage_rig.requirements import req
from tests.host import ward as wards
from tests.host.test_charting_given import MUSCLE, NASAL, overriding
from tests.host.ward import ADULT, HOUR, MINUTE
from tests.host.ward import LongWard as Ward
from tests.host.ward import long_ward as ward

PATIENT = Patient(Weight.of(70, "kg"), Age.of(54, "years"))


async def predicted(w: Ward, **query: str) -> dict[str, Any]:
    status, told = await w.get("/api/prediction", **query)
    assert status == 200, told
    return {each["substance"]: each for each in told["substances"]}


@req("KIN-011")
async def test_the_band_is_that_of_what_the_pump_really_gave(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, wards.KETAMINE)
        w.pump("armed", 0)
        await w.flows(2 * HOUR, step=5 * MINUTE)
        w.pump("stopped", 0)
        w.now += 30 * MINUTE
        await w.settle()
        told = (await predicted(w))["ketamine"]
    rate = DoseRate.of(wards.RATE * 2, "mcg/min") / 1000  # 2 ng in each nL
    programme = Programme(KETAMINE, (Infusion(Time.of(-150, "min"), rate, Time.of(2, "h")),))
    table = predict(PATIENT, programme).table(Time.of(-240, "min"), Time.of(4, "h"), Time.of(5, "min"))
    assert told["curves"]["minutes"] == table.minutes
    assert set(told["curves"]["ng_per_ml"]) == set(table.each) and len(table.each) > 2
    for ours, true in ((told["curves"]["low"], table.low), (told["curves"]["high"], table.high)):
        assert ours == pytest.approx(true, abs=0.1)
    assert (told["low"], told["high"]) == pytest.approx((table.low[48], table.high[48]), abs=0.1)
    assert told["models"] and told["not_advice"] and not told["missing"]


@req("KIN-011")
async def test_what_flows_is_expected_to_go_on_and_what_if_is_told_beside_it(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, wards.KETAMINE)
        w.pump("armed", 0)
        await w.flows(2 * HOUR, rate=583_333, step=5 * MINUTE)  # 70 mg/h
        told = (await predicted(w, stop="1", rate="0.5 mg/kg/h", hours="3"))["ketamine"]
        plain, stop, changed = (told["curves"], told["stop"]["curves"], told["what_if"]["curves"])
        now = plain["minutes"].index(0.0)
        assert plain["minutes"][-1] == 180 and told["what_if"]["rate"] == "35 mg/h"
        for key, levels in plain["ng_per_ml"].items():
            assert levels[: now + 1] == stop["ng_per_ml"][key][: now + 1] == changed["ng_per_ml"][key][: now + 1]
            assert all(a > b > c for a, b, c in zip(
                levels[now + 1 :], changed["ng_per_ml"][key][now + 1 :], stop["ng_per_ml"][key][now + 1 :], strict=True
            ))  # fmt: skip
        assert told["stop"]["wake"] and all(each["source"] for each in told["stop"]["wake"])
        assert any(each["latest_min"] and each["latest_min"] > 0 for each in told["stop"]["wake"])
        await w.settle()
        (line,) = w.chart["prediction"]
        assert (line["low"], line["high"]) == (told["low"], told["high"]) and line["stop_now"]


@req("KIN-011")
async def test_a_nasal_dose_joins_by_the_models_that_take_it_up(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        _, told = await overriding(w, **NASAL)
        assert told["prediction"] == {
            "models": ["Perez-Ruixo 2021 (S-ketamine)"],
            "sentence": "It is in the prediction, by Perez-Ruixo 2021 (S-ketamine).",
        }
        w.now += 30 * MINUTE
        line = (await predicted(w))["esketamine"]
    programme = Programme(ESKETAMINE, (Given(Time.of(-30, "min"), Mass.of(28, "mg"), "intranasal"),))
    band = predict(PATIENT, programme).at(Time.of(0, "min"))
    assert band is not None
    assert line["low"] == pytest.approx(band.low.approximate("ng/mL"), abs=0.1) and line["low"] > 1


@req("KIN-011")
@pytest.mark.parametrize("route", ["im", "mesotherapy", "oral", "sc"])
async def test_a_dose_that_no_model_takes_up_is_told_to_be_missing(tmp_path: Path, route: str) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        _, told = await overriding(w, **{**MUSCLE, "route": route})
        assert told["prediction"]["models"] == [] and "too low by it" in told["prediction"]["sentence"]
        line = (await predicted(w, stop="1"))["ketamine"]
        assert len(line["missing"]) == 1 and "too low" in line["missing"][0] and line["high"] == 0
        assert line["stop"]["wake"] == []  # nobody can say


@req("KIN-011")
async def test_what_has_no_model_and_whom_none_fits_is_told_instead_of_a_number(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(Admission(patient="A", weight="3 kg", age="2 days", area="acute"))
        morphine = Clinical(substance="morphine", ng_per_ml=1_000_000, programme=wards.PROGRAMME)
        await w.keep(morphine)
        w.pump("armed", 0)
        await w.flows(10 * MINUTE)
        await w.post("/api/given", **MUSCLE, check=True)
        assert (await overriding(w, **{**MUSCLE, "dose": "1 mg"}))[0] == 200
        told = await predicted(w)
        assert "no model of morphine" in told["morphine"]["why_not"] and told["morphine"]["low"] is None
        assert told["ketamine"]["why_not"].startswith("No model fits this patient")


@req("KIN-011")
async def test_a_restarted_daemon_predicts_the_same(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, wards.KETAMINE)
        w.pump("armed", 0)
        await w.flows(90 * MINUTE, step=5 * MINUTE)
        await overriding(w, **{**MUSCLE, "route": "iv", "dose": "10 mg"})
        w.pump("stopped", 0)
        await w.settle()
        before, now = await predicted(w), w.now
        assert before["ketamine"]["high"] > 10
    async with ward(tmp_path, now) as w:
        assert await predicted(w) == before


async def test_a_prediction_is_entered_every_quarter_of_an_hour_for_the_report(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, wards.KETAMINE)
        w.pump("armed", 0)
        for _ in range(12):
            await w.flows(5 * MINUTE)
            await w.charting.outlook.refresh(w.charting.history)
        told = await w.entries(Predicted)
        assert len(told) == 4
        points = told[-1].body["points"]
        assert all(low <= high for _, low, high in points) and points[3][1] > 0
        assert points[1][0] - points[0][0] == 5 * 60_000


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"hours": "0"}, "hours"),
        ({"hours": "x"}, "hours"),
        ({"rate": "7"}, "rate"),
        ({"substance": "tea"}, "substance"),
    ],
)
async def test_a_question_that_cannot_be_read_is_refused(tmp_path: Path, query: dict[str, str], field: str) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        await overriding(w, **{**MUSCLE, "route": "iv", "dose": "10 mg"})
        status, told = await w.get("/api/prediction", **query)
        assert (status, told["field"]) == (400, field)


async def test_a_rate_in_ml_h_is_of_what_is_in_the_syringe(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT, wards.KETAMINE)
        w.pump("armed", 0)
        await w.flows(5 * MINUTE)
        assert (await predicted(w, rate="3.5 mL/h"))["ketamine"]["what_if"]["rate"] == "7 mg/h"
        w.pump("stopped", 0)
        await w.settle()
        status, told = await w.get("/api/prediction", rate="3.5 mL/h")
        assert status == 400 and "mg/h or mg/kg/h" in told["error"]


@req("KIN-011")
async def test_what_belongs_in_a_drawing_comes_with_the_curves(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        await w.keep(ADULT)
        await overriding(w, **MUSCLE)
        w.now += 20 * MINUTE
        await w.settle()
        told = (await predicted(w))["ketamine"]
    curves = told["curves"]
    for at, median in enumerate(curves["median"]):
        levels = sorted(of[at] for of in curves["ng_per_ml"].values())
        assert curves["low"][at] <= median <= curves["high"][at]
        assert median == pytest.approx(statistics.median(levels), abs=0.01)
    assert told["names"].keys() == curves["ng_per_ml"].keys()
    assert told["given"] == [{"minutes": pytest.approx(-20, abs=0.1), "dose": "35 mg", "route": "intramuscular"}]
    assert told["effects"] and all(each["source"] and 0 < each["low"] <= each["high"] for each in told["effects"])


async def test_it_is_reckoned_beside_the_event_loop_and_only_when_something_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    real = forecast.forecast

    def watched(*asked: Any) -> Any:
        threads.append(threading.current_thread())
        return real(*asked)

    async with ward(tmp_path) as w:
        monkeypatch.setattr(forecast, "forecast", watched)
        await w.keep(ADULT, wards.KETAMINE)
        await w.flows(5 * MINUTE)
        first = await predicted(w)
        for _ in range(5):
            assert await predicted(w) == first
        assert len(threads) == 1
        w.now += 59
        w.pump()
        await predicted(w)
        assert len(threads) == 1
        w.now += 2
        w.pump()
        await predicted(w)
        w.pump(rate=2 * wards.RATE)
        await predicted(w)
        assert (await overriding(w, **{**MUSCLE, "route": "iv", "dose": "10 mg"}))[0] == 200
        await predicted(w)
        assert len(threads) == 4
        assert threading.main_thread() not in threads
