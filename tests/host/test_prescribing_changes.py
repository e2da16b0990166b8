"""Changes to a prescription that runs: told in clinical words, within all that is given, compared by whom they want."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from assuage.pharmacy.quantities import Mass
from assuage.record.events import Given, Intent
from assuage.record.words import sentence
from assuage_rig.requirements import req
from tests.host.eventually import until
from tests.host.ward import BoardWard, typed, ward


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.record.sqlite"


async def runs(w: BoardWard, **changes: Any) -> Any:
    """The read-back of what flows; a second person where one is wanted, and a reason for all that is found."""
    said = await w.good("check", prescription=typed(**changes))
    back = await w.prescribe(*(found["finding"] for found in said["findings"]), **changes)
    await w.infuse(back, second="Nurse C")
    return back


async def offered(w: BoardWard, back: Any, **change: Any) -> Any:
    return (await w.good("pump/change", programme=back["programme"], **change))["readback"]


@req("PHA-010")
async def test_another_rate_is_told_as_a_dose_and_applied_by_a_name(path: Path) -> None:
    async with ward(path) as w:
        back = await runs(w, highest="0.4 mg/kg/h")  # 14 mg/h of 2 mg/mL
        told = await offered(w, back, rate_ml_h="10")
        [rate] = told["clinical"]["numbers"]
        assert (rate["board"], rate["means"], rate["per_weight"]) == ("10 mL/h", "20 mg/h", "0.2857 mg/kg/h")
        assert told["clinical"]["alerts"] == []
        compared = {"programme": back["programme"], "token": told["token"]}
        status, said = await w.post("pump/apply", **compared)
        assert (status, said["field"]) == (400, "who")
        await w.good("pump/apply", **compared)
        await until(lambda: w.b.shown["set_rate_ml_h"] == 10)
        more = await w.bad("pump/change", programme=back["programme"], rate_ml_h="14.1")
        assert more["status"] == "rate-limit", "0.4 mg/kg/h of 70 kg are 14 mL/h"
        [act] = [e for e in await w.entries(Intent) if e.body["what"] == "rate"]
    assert (act.body["by"], sentence(act)) == ("Dr B", "Asked for: change of the rate, 10 mL/h.")


@req("PHA-010")
async def test_a_rate_more_than_twice_what_was_prescribed_is_compared_by_two_however_it_is_reached(path: Path) -> None:
    async with ward(path) as w:
        back = await runs(w, highest="0.5 mg/kg/h", rate="0.15 mg/kg/h", duration="2 h")  # 5.25 mL/h, at most 17.5
        for rate, alert in (("10", False), ("10.6", True), ("5", False)):
            told = await offered(w, back, rate_ml_h=rate)
            assert bool(told["clinical"]["alerts"]) == alert, rate
        told = await offered(w, back, rate_ml_h="10")
        await w.good("pump/apply", programme=back["programme"], token=told["token"])
        await until(lambda: w.b.shown["set_rate_ml_h"] == 10)
        told = await offered(w, back, rate_ml_h="12")
        assert "twice" in told["clinical"]["alerts"][0], "by steps too"
        compared = {"programme": back["programme"], "token": told["token"]}
        assert (await w.bad("pump/apply", **compared))["status"] == "second-person"
        assert (await w.bad("pump/apply", **compared, second="dr B "))["status"] == "second-person"
        await w.good("pump/apply", **compared, second="Nurse C")
        act = [e for e in await w.entries(Intent) if e.body["what"] == "rate"][-1]
    assert sentence(act) == "Asked for: change of the rate, 12 mL/h. Also compared by Nurse C."


@req("PHA-010")
async def test_more_of_a_high_alert_drug_is_compared_by_two_and_less_by_one(path: Path) -> None:
    async with ward(path) as w:
        morphine = {"drug": "morphine", "label_drug": "morphine", "concentration": "1 mg/mL",
                    "label_concentration": "1 mg/mL", "rate": "2 mg/h", "highest": "4 mg/h"}  # fmt: skip
        back = await runs(w, **morphine)
        assert back["clinical"]["alerts"] == ["morphine is a high-alert drug."]
        assert (await offered(w, back, rate_ml_h="2.5"))["clinical"]["alerts"] == ["morphine is a high-alert drug."]
        assert (await offered(w, back, rate_ml_h="1.5"))["clinical"]["alerts"] == []


@req("PHA-010", "PHA-005")
async def test_a_change_counts_with_all_that_was_given_and_wants_a_reason_or_is_refused(path: Path) -> None:
    """52.5 mg in any hour are usual for 70 kg, 100 mg are the limit."""
    async with ward(path) as w:
        back = await runs(w, highest="0.4 mg/kg/h")
        change = {"programme": back["programme"], "rate_ml_h": "12"}
        assert (await offered(w, back, rate_ml_h="12"))["clinical"]["alerts"] == []
        await w.keep(Given(substance="ketamine", mass_ng=35_000_000, route="im", by="Nurse C"))
        said = await w.bad("pump/change", **change)
        assert said["status"] == "library-override" and said["error"].endswith("or give a reason.")
        assert (await w.bad("pump/change", **change, reason="x"))["status"] == "library-override"
        assert (await w.bad("pump/change", **change, reason="a\x00bc"))["field"] == "reason"
        told = await offered(w, back, rate_ml_h="12", reason="a dressing is changed")
        assert "Total in one hour" in told["clinical"]["alerts"][0]
        compared = {"programme": back["programme"], "token": told["token"]}
        assert (await w.bad("pump/apply", **compared))["status"] == "second-person"
        await w.good("pump/apply", **compared, second="Nurse C")
        await w.keep(Given(substance="ketamine", mass_ng=50_000_000, route="iv", by="Nurse C"))
        said = await w.bad("pump/change", **change, reason="a dressing is changed")
        assert said["status"] == "library-limit"
        assert (await w.good("pump/pause", programme=back["programme"])) == {}, "less is never refused"
        act = [e for e in await w.entries(Intent) if e.body["what"] == "rate"][-1]
    assert "Reason given: a dressing is changed. Also compared by Nurse C." in sentence(act)


@req("PHA-010", "PHA-002")
async def test_totals_of_a_change_are_never_below_the_exact_sum_and_at_most_a_step_of_the_window_above_it(
    path: Path,
) -> None:
    """The bound of an hour: what was given in the last one, and the new rate for as much of it as is left."""
    from assuage.bedside import judging

    async with ward(path) as w:
        library, now = w.prescribing.library, w.prescribing._now()
        for ago_min, mg in ((10, 11), (25, 7), (50, 13), (61, 40)):
            event = Given(substance="ketamine", mass_ng=mg * 1_000_000, route="im", by="C", when=now - ago_min * 60_000)
            await w.keep(event)
        told = {"drug": "ketamine", "weight": "70 kg", "concentration": "2 mg/mL", "area": "acute"}
        rate = 116_667  # nL/min: 14 mg/h
        had = ((10, 11), (25, 7), (50, 13))
        exact = max(
            sum(mg for ago, mg in had if ago + ahead <= 60) + Fraction(rate * 2 * ahead, 10**6) for ahead in range(61)
        )
        step = Fraction(rate * 2 * 60, 10**6) / judging.STEPS
        for volume in (0, 6_000_000, 10_000_000, 12_000_000, 20_000_000, 30_000_000):
            found = judging.change(told, library, w.record.state.intake, now, rate, volume, 10**9)
            hours = [each.asked for each in found if each.code.startswith("total in one hour")]
            sums = [each.number("mg") for each in hours if isinstance(each, Mass)]
            least = exact + Fraction(volume * 2, 10**6)
            if least > Fraction("52.5"):
                assert sums and all(least <= each <= least + step for each in sums), (sums, float(least))
            else:
                assert not sums or least + step > Fraction("52.5")
            assert any(each.hard for each in found) == (least > 100)
