"""A target is followed by what the pump has really given, through whatever happens to it, and never beyond its limits.

Time is made up; the pump moves by whole steps, is told of late, stands, refuses and falls silent.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from assuage.bedside import target, targeting
from assuage.bedside.acting import WHO
from assuage.pharmacy.kinetics.course import course
from assuage.pharmacy.kinetics.programme import Programme
from assuage.pharmacy.substances import KETAMINE
from assuage.record.events import Target, Titrated
from assuage_rig.requirements import req
from tests.host.titrated import OVER, Judge, aims, live
from tests.host.titrating import FAST, NUMBER, ORDER, STEP_NL, Pump, approve, lenient

STRONG = {"concentration": "5 mg/mL", "label_concentration": "5 mg/mL"}
CASES: list[dict[str, Any]] = [
    STRONG,
    {**STRONG, **FAST},
    {**STRONG, **FAST, "site": "effect"},
    {**STRONG, **FAST, "site": "effect", "model": "kamp"},
    {**STRONG, **FAST, "model": "clements"},
]


async def started(rng: random.Random, **more: Any) -> Pump:
    pump = Pump(rng, **more)
    pump.typed = more
    await pump.offered()
    pump.say()
    await pump.targeting.look()
    pump.state = "infusing"
    return pump


@pytest.fixture(autouse=True)
def somebody() -> Iterator[None]:
    """Who sets targets."""
    named = WHO.set("Dr B")
    yield
    WHO.reset(named)


@req("KIN-007")
@pytest.mark.parametrize("case", range(len(CASES)))
async def test_eight_hours_with_all_that_happens_never_pass_the_target_or_a_limit(
    case: int, seed: int, soak: bool
) -> None:
    """Pauses, trips, refusals, silence, unplugged cables, late telemetry and looks, and targets that people change."""
    hours = 8 if soak or case == seed % len(CASES) else 2
    for round_ in range(10 if soak else 1):
        rng = random.Random(f"{seed} {case} {round_}")
        pump = await started(rng, **CASES[case])
        judge = Judge(pump, 100)
        await live(pump, judge, rng, hours * 3600, (80, 90, 100, 120, 150))
        assert judge.worst <= OVER, (case, judge.worst)
        assert judge.reached > hours * 300, "it is hardly ever there"
        judge.within_limits()


@req("KIN-007")
async def test_what_a_pause_took_is_not_caught_up_with_above_the_rate_s_limit(seed: int) -> None:
    """Though loading had its own, higher one."""
    pump = await started(random.Random(seed), **FAST)
    for _ in range(40):
        await pump.second()
    rate = pump.aim.limits.rate.approximate("mg/h")
    flow = 2 * 60 / 1e6
    assert pump.flow * flow > rate, "it loads"
    pump.state = "paused"
    for _ in range(600):
        await pump.second()
    pump.state = "infusing"
    await pump.second()
    for _ in range(1200):
        await pump.second()
        assert pump.flow * flow <= rate
    await aims(pump, 120)
    await pump.second()
    assert pump.flow * flow > rate, "a person has set a target"


@req("KIN-007")
async def test_a_lost_host_leaves_a_rate_that_passes_nothing_until_its_permission_ends(seed: int) -> None:
    """Whenever it is lost: the flow of that moment goes on for the lease and then stops."""
    for site in ("plasma", "effect"):
        pump = await started(random.Random(f"{seed} {site}"), site=site, **FAST)
        system = pump.aim.body.system
        for n in range(1500):
            await pump.second()
            if n % 7:
                continue
            state, inputs = pump.truth, system.empty
            inputs[0] = pump.flow * 2 / 1e6
            for minutes in (0.025, 0.025, 0.5, 1, 1, 2, 4, 8):
                state = system.after(state, inputs if minutes < 0.1 else system.empty, minutes)
                level = system.plasma(state) if site == "plasma" else float(state[system.effect or 0])
                assert level * 1000 <= 100 * OVER


@req("KIN-008")
async def test_a_rate_that_is_late_ends_the_permission_whoever_is_to_blame(seed: int) -> None:
    pump = await started(random.Random(seed))
    for _ in range(30):
        await pump.second()
        assert not pump.targeting.doubt()
    pump.held_up = True  # nothing looks any more
    doubts = []
    for _ in range(20):
        await pump.second()
        doubts.append(pump.targeting.doubt())
    assert doubts[0] == "" and doubts[-1] == targeting.LATE
    assert doubts.index(targeting.LATE) <= targeting.PERIOD_S + targeting.LATE_S + 1


@req("KIN-008")
async def test_a_rate_that_must_come_down_and_does_not_ends_the_permission(seed: int) -> None:
    pump = await started(random.Random(seed))
    for _ in range(1200):
        await pump.second()
    await aims(pump, 40)
    pump.silent = pump.deaf = True
    for _ in range(16):
        await pump.second()
    assert pump.targeting.doubt() == targeting.LATE


@req("KIN-008")
async def test_a_programme_that_nobody_follows_is_not_permitted(seed: int) -> None:
    """As a daemon finds it that starts again: the label is in its store, the target is not in its hands."""
    pump = await started(random.Random(seed))
    await pump.second()
    fresh = targeting.Targeting(pump.fake.bed, pump.record, approve)
    assert fresh.doubt() == targeting.NOT_FOLLOWED
    await fresh.look()
    assert fresh.doubt() == targeting.NOT_FOLLOWED
    pump.state = "stopped"
    pump.say()
    assert fresh.doubt() == ""


@req("KIN-009")
async def test_the_record_has_each_target_and_a_line_a_minute_of_the_rates(seed: int) -> None:
    pump = await started(random.Random(seed), **FAST)
    for _ in range(1800):
        await pump.second()
    await aims(pump, 120)
    for _ in range(600):
        await pump.second()
    targets = [e for e in pump.record.events if isinstance(e, Target)]
    lines = [e for e in pump.record.events if isinstance(e, Titrated)]
    assert [(e.target, e.was) for e in targets] == [("100 ng/mL", ""), ("120 ng/mL", "100 ng/mL")]
    assert [d for what, d in (e for e in pump.record.events if isinstance(e, tuple)) if what == "target"]
    assert 5 <= len(lines) <= 41
    assert sum(e.changes for e in lines) in range(len(pump.flows) - 6, len(pump.flows) + 1)


@req("KIN-004", "KIN-009")
async def test_a_syringe_too_coarse_for_so_small_a_patient_is_told_with_what_to_do(seed: int) -> None:
    """When the board has said by how much its pump moves at once. For an adult it is nothing, nor for a solution that
    is weak enough."""
    small = {"area": "paediatric", "weight": "4 kg", "age": "2 months", "model": "hornik", "rate": "0.1 mg/kg/h",
             "target": "20 ng/mL"}  # fmt: skip
    weak = {"concentration": "1 mg/mL", "label_concentration": "1 mg/mL"}
    for asked, coarse in ((small | STRONG, True), (small | weak, False), (STRONG, False)):
        pump = Pump(random.Random(seed), approve=lenient, **asked)
        assert not target.coarse(pump.aim), "nobody knows the pump before it is asked"
        back = await pump.targeting.programme({**ORDER, **asked})
        said = [doubt for doubt in back["target"]["doubts"] if "plunger" in doubt]
        assert bool(said) is coarse
        percent = STEP_NL * 1e-6 * 5 / pump.aim.body.system.volume / 0.020 * 100  # mg/mL, and L: mcg/mL of 20 ng/mL
        assert (percent > 1 and f"brings {percent:.2g} % of the target" in said[0]) if coarse else True


@req("KIN-009")
async def test_the_screens_show_the_target_its_model_and_all_others(seed: int) -> None:
    pump = await started(random.Random(seed), model="kamp", site="effect")
    for _ in range(900):
        await pump.second()
    shown = pump.fake.bed.snapshot()["target"]
    assert (shown["target"], shown["model"], shown["site"], shown["over"]) == ("100 ng/mL", "kamp", "effect", "")
    assert set(shown["predicted"]["band"]["each"]) == {"domino", "clements", "hijazi", "kamp"}
    assert any("ke0" in doubt and "unverified" in doubt for doubt in shown["doubts"])
    level = float(shown["predicted"]["effect"].split()[0])
    assert level == pytest.approx(pump.level, rel=0.02)
    pump.fake.now += 10
    assert pump.fake.bed.snapshot()["target"]["predicted"] is None, "nobody knows what the pump gives"
    pump.state = "stopped"
    await pump.second()
    assert "stopped" in pump.fake.bed.snapshot()["target"]["over"]


async def test_what_was_given_before_is_in_the_body_of_the_next_order(seed: int) -> None:
    pump = await started(random.Random(seed))
    for _ in range(1200):
        await pump.second()
    pump.state = "stopped"
    await pump.second()
    level = pump.level
    await pump.offered()
    pump.exact, pump.state = 0.0, "armed"
    pump.say()
    await pump.targeting.look()
    told = pump.fake.bed.snapshot()["target"]["predicted"]["plasma"]
    assert float(told.split()[0]) == pytest.approx(level, rel=0.05)


@req("KIN-011")
async def test_what_is_predicted_beside_a_target_is_that_it_will_be_held_and_not_that_loading_goes_on(
    seed: int,
) -> None:
    """The plan, reckoned later by another, changes nothing of what is followed, and comes true."""
    pump = await started(random.Random(seed), **FAST)
    for _ in range(60):
        await pump.second()
    plain = pump.targeting.ahead(NUMBER)
    assert plain is not None and plain[0] == "100 ng/mL" and pump.targeting.ahead(NUMBER + 1) is None
    predicted = Programme(KETAMINE, plain[1]())
    at = course(pump.aim.body, predicted)
    begun = pump.truth
    for minute in range(1, 61):
        for _ in range(60):
            await pump.second()
        of_it = pump.aim.body.system
        level = 1000 * of_it.plasma(at.state(minute) + of_it.after(begun, of_it.empty, minute))
        assert level <= 101
        assert minute < 15 or level == pytest.approx(pump.level, rel=0.02)
    pump.state = "stopped"
    await pump.second()
    assert pump.targeting.ahead(NUMBER) is None
