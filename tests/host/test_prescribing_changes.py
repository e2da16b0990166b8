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
        clinical = {"programme": back["programme"], "rate": "24 mg/h"}
        assert (await w.bad("prescribe/change", **clinical))["status"] == "library-override"
        same = (await w.good("prescribe/change", **clinical, reason="a dressing is changed"))["readback"]
        told = await offered(w, back, rate_ml_h="12", reason="a dressing is changed")
        assert same["clinical"]["alerts"] == told["clinical"]["alerts"]
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


@req("PHA-005", "PHA-010")
async def test_a_number_beyond_what_is_usual_wants_its_own_reason_in_a_change_as_in_an_order(path: Path) -> None:
    """0.4 mg/kg/h are usual, 1 mg/kg/h is the limit; the order had a reason for as much, which is none for this."""
    async with ward(path) as w:
        back = await runs(w, highest="0.5 mg/kg/h")
        change = {"programme": back["programme"], "rate": "0.45 mg/kg/h"}
        said = await w.good("check", change=change)
        names = [found["finding"] for found in said["findings"]]
        assert said["possible"] and names[0].startswith("rate:soft-high") and names[0].endswith("=0.45 mg/kg/h")
        assert "above the usual most of 0.4 mg/kg/h" in said["findings"][0]["sentence"]
        assert [gauge["zone"] for gauge in said["gauges"] if gauge["key"] == "rate"] == ["high"]
        assert w.b.board.carried_out.count("Change") == 0
        refused = await w.bad("prescribe/change", **change)
        assert refused["status"] == "library-override" and "Rate 0.45 mg/kg/h" in refused["error"]
        other = [{"finding": names[0].replace("0.45", "0.41"), "reason": "a dressing is changed"}]
        assert (await w.bad("prescribe/change", **change, overrides=other))["status"] == "library-override"
        reasons = [{"finding": name, "reason": f"reason {n}"} for n, name in enumerate(names)]
        told = (await w.good("prescribe/change", **change, overrides=reasons))["readback"]
        assert any("above the usual most" in alert for alert in told["clinical"]["alerts"])
        compared = {"programme": back["programme"], "token": told["token"]}
        assert (await w.bad("pump/apply", **compared))["status"] == "second-person"
        await w.good("pump/apply", **compared, second="Nurse C")
        act = [e for e in await w.entries(Intent) if e.body["what"] == "rate"][-1]
    assert "above the usual most of 0.4 mg/kg/h" in sentence(act) and "Reason given: reason 0" in sentence(act)


@req("PHA-005", "PHA-010")
async def test_less_than_usual_wants_a_reason_for_it_may_be_a_slip_and_no_second_person(path: Path) -> None:
    """0.1 mg/kg/h are the usual least; 0.02 for 0.2 is a slip of ten, or meant."""
    async with ward(path) as w:
        back = await runs(w)
        change = {"programme": back["programme"], "rate": "0.02 mg/kg/h"}
        assert (await w.bad("prescribe/change", **change))["status"] == "library-override"
        told = (await w.good("prescribe/change", **change, reason="being weaned off"))["readback"]
        assert told["clinical"]["alerts"] == []
        await w.good("pump/apply", programme=back["programme"], token=told["token"])
        act = [e for e in await w.entries(Intent) if e.body["what"] == "rate"][-1]
    assert "below the usual least of 0.1 mg/kg/h" in sentence(act) and "being weaned off" in sentence(act)


@req("PHA-005", "PHA-010")
@pytest.mark.parametrize(("change", "said", "refused"), [
    ({"rate": "0.6 mg/kg/h"}, "above what was agreed when this infusion was ordered", "rate-limit"),
    ({"rate": "1.1 mg/kg/h"}, "above the limit of 1 mg/kg/h", "library-limit"),
    ({"dose": "5 mg/kg", "over": "20 min"}, "is above the limit of", "library-limit"),
])  # fmt: skip
async def test_what_cannot_be_is_said_while_a_change_is_typed_and_refused_whatever_the_reason(
    path: Path, change: dict[str, str], said: str, refused: str
) -> None:
    async with ward(path) as w:
        back = await runs(w, highest="0.5 mg/kg/h", extra="0.1 mg/kg")
        change = {"programme": back["programme"], **change}
        told = await w.good("check", change=change)
        assert not told["possible"] and any(said in one["sentence"] for one in told["findings"] if one["hard"])
        reasons = [{"finding": one["finding"], "reason": "as the doctor asked"} for one in told["findings"]]
        answer = await w.bad("prescribe/change", **change, overrides=reasons)
        assert answer["status"] == refused and said in answer["error"]


@pytest.mark.parametrize("change", [
    {}, {"rate": ""}, {"rate": "0.3"}, {"dose": "8 mg", "over": ""}, {"dose": ""}, {"rate": "0.3 mg/kg/h", "x": "1"},
    None, [], "x", {"programme": 1, "rate": "0.3 mg/kg/h"},
])  # fmt: skip
async def test_a_change_that_is_half_typed_is_no_error(path: Path, change: Any) -> None:
    async with ward(path) as w:
        back = await runs(w, highest="0.4 mg/kg/h")
        asked = {"programme": back["programme"], **change} if isinstance(change, dict) else change
        told = await w.good("check", change=asked)
        assert told["possible"] is False or all(not one["hard"] for one in told["findings"])


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
