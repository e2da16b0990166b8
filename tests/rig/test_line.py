"""The line: what an obstacle, a height, an open connector, a leak and a bubble do, against closed forms of its own."""

from __future__ import annotations

import json
from math import exp, log, pi

import pytest

from assuage_rig.bed import Bed
from assuage_rig.circuit import Circuit
from assuage_rig.clock import Clock
from assuage_rig.control import carry_out
from assuage_rig.faults import UnknownFault
from assuage_rig.plant.line import Tubing
from assuage_rig.plant.mechanics import IDEAL, Mechanism
from assuage_rig.plant.patient import Patient
from assuage_rig.plant.syringe import SYRINGES

from .conftest import ToldBench
from .driving import LOOSE, STRAIGHT, Driven, nl_s

CALM = Tubing(vein=0.0)
BORES = {"BD 50": 26.70, "BD 20": 19.13, "BD 10": 14.50, "Terumo 50": 29.70}
PA_PER_MMHG = 133.322


def compliance(syringe: str) -> float:
    """nL/Pa of seal, barrel and line: 1.174 N/mm per mm of bore, 0.024 uL/kPa per mL, 0.3 uL/kPa."""
    bore = BORES[syringe]
    area = pi / 4 * bore**2
    return area**2 / (1.174 * bore) / 1000 + 0.024 * int(syringe.split()[1]) + 0.3


def flowing(syringe: str, ml_h: float, mechanism: Mechanism = STRAIGHT, tubing: Tubing = CALM) -> Driven:
    """One that has been primed and flows steadily at that rate."""
    d = Driven(syringe, mechanism, tubing)
    d.run(60, compliance(syringe) * 30_000 / nl_s(60) + 20)
    d.run(ml_h, 40_000 / nl_s(ml_h))
    return d


# -- occlusion ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("syringe", BORES)
@pytest.mark.parametrize("ml_h", [0.5, 1.0, 5.0, 25.0])
def test_the_time_to_a_pressure_is_compliance_times_pressure_over_flow(syringe: str, ml_h: float) -> None:
    d = flowing(syringe, ml_h)
    assert d.infusion.compliance == pytest.approx(compliance(syringe), rel=1e-3)
    start = d.infusion.pressure_pa()
    d.line.make("occlusion")
    limit = 300 * PA_PER_MMHG
    step_s = 1000 / nl_s(ml_h)
    seconds = d.run_until(ml_h, lambda: d.infusion.pressure_pa() - start >= limit, 1e6, step_s)
    assert seconds == pytest.approx(compliance(syringe) * limit / nl_s(ml_h), rel=0.01, abs=2 * step_s)


@pytest.mark.parametrize("ml_h", [1.0, 5.0])
def test_a_50_ml_syringe_takes_as_long_to_300_mmhg_as_its_compliance_says_in_the_literature(ml_h: float) -> None:
    """1.2 to 2.8 uL/mmHg: 22 to 50 min at 1 mL/h, 4.3 to 10 min at 5."""
    d = flowing("BD 50", ml_h)
    d.line.make("occlusion")
    minutes = d.run_until(ml_h, lambda: d.infusion.pressure_pa() >= 300 * PA_PER_MMHG, 1e5, 10) / 60
    assert 21.6 / ml_h < minutes < 50.4 / ml_h


@pytest.mark.parametrize("syringe", BORES)
def test_what_was_stored_is_what_comes_when_the_obstacle_goes(syringe: str) -> None:
    d = flowing(syringe, 5)
    d.wait(20)
    d.line.make("occlusion")
    got = d.infusion.patient_nl
    d.run(5, compliance(syringe) * 50_000 / nl_s(5))
    stored = d.infusion.pressure_pa() * compliance(syringe)
    assert d.infusion.patient_nl == pytest.approx(got, abs=1)
    assert stored > 100_000 if syringe.endswith("50") else stored > 10_000
    d.line.mend()
    d.wait(60)
    assert d.infusion.patient_nl - got == pytest.approx(stored, rel=0.005)


def test_the_bolus_comes_with_the_time_constant_of_all_that_gives() -> None:
    d = flowing("BD 50", 10)
    d.line.make("occlusion")
    d.run(10, 300)
    d.line.mend()
    tau = compliance("BD 50") * 0.11
    before, pressure = d.infusion.patient_nl, d.infusion.pressure_pa()
    for _ in range(4):
        d.wait(tau / 2)
        assert d.infusion.pressure_pa() == pytest.approx(pressure * exp(-0.5), rel=1e-3)
        pressure = d.infusion.pressure_pa()
    assert d.infusion.patient_nl - before == pytest.approx(compliance("BD 50") * pressure * (exp(2) - 1), rel=0.005)


def test_going_back_before_the_obstacle_goes_makes_the_bolus_small() -> None:
    """Friction keeps the pressure in at first: the pusher has to give way by twice the friction."""

    def bolus(back_s: float) -> float:
        d = flowing("BD 50", 25, Mechanism(screw_error_um=0.0))
        d.line.make("occlusion")
        d.run(25, 120)
        if back_s:
            d.run(-1200, back_s)
        got = d.infusion.patient_nl
        d.line.mend()
        d.wait(60)
        return d.infusion.patient_nl - got

    stored = 25_000 / 3600 * 120 * 1000
    assert bolus(0) == pytest.approx(stored, rel=0.02)
    assert 0.7e6 < bolus(0) < 1.0e6
    assert abs(bolus(3.0)) < 0.2e6


def test_an_obstacle_at_the_syringe_leaves_the_lines_own_volume_to_the_patient() -> None:
    tubing = Tubing(vein=0.0, compliance=2.0)
    d = Driven("BD 10", IDEAL, tubing)
    d.run(100, 60)
    d.line.make("occlusion", where=1)
    got, pressure = d.infusion.patient_nl, d.infusion.pressure_pa()
    assert pressure == pytest.approx(0.11 * nl_s(100), rel=0.01)
    d.wait(0.1)
    assert d.infusion.patient_nl - got == pytest.approx(2.0 * pressure * (1 - exp(-0.1 / 0.22)), rel=1e-3)
    d.wait(60)
    assert d.infusion.patient_nl - got == pytest.approx(2.0 * pressure, rel=1e-3)


def test_at_the_syringe_the_pressure_rises_faster_for_the_line_no_longer_gives() -> None:
    def rise(where: float) -> float:
        d = flowing("BD 10", 5, LOOSE, Tubing(vein=0.0, compliance=2.0))
        d.line.make("occlusion", where=where)
        before = d.infusion.pressure_pa()
        d.run(5, 30)
        return d.infusion.pressure_pa() - before

    own = compliance("BD 10") - 0.3
    assert rise(0) / rise(1) == pytest.approx(own / (own + 2.0), rel=0.02)
    assert rise(0.25) / rise(1) == pytest.approx(own / (own + 1.5), rel=0.02), "in between, what is before it gives"


def test_an_obstacle_that_wanders_along_the_line_loses_nothing() -> None:
    tubing = Tubing(vein=0.0, compliance=2.0)
    d = Driven("BD 10", IDEAL, tubing)
    d.run(100, 60)
    for where in (0.0, 0.7, 0.2, 1.0, 0.5, 0.0):
        d.line.make("occlusion", where=where)
        d.run(20, 3)
        held = d.infusion.stored_nl
        assert d.infusion.patient_nl + held == pytest.approx(d.infusion.plunger_nl, abs=1)
    d.infusion.line.faults.mend()
    d.wait(60)
    assert d.infusion.patient_nl == pytest.approx(d.infusion.plunger_nl, abs=1)


def test_an_obstacle_in_the_middle_leaves_the_patient_what_is_behind_it() -> None:
    tubing = Tubing(vein=0.0, compliance=2.0)
    d = Driven("BD 10", IDEAL, tubing)
    d.run(100, 60)
    d.line.make("occlusion", where=0.25)
    got, pressure = d.infusion.patient_nl, d.infusion.pressure_pa()
    d.wait(60)
    assert d.infusion.patient_nl - got == pytest.approx(0.25 * 2.0 * pressure, rel=1e-3)
    assert d.infusion.pressure_pa() == pytest.approx(pressure, rel=0.02), "before it, it stays, with the last step"


def test_a_squeezed_line_lets_through_what_its_resistance_allows() -> None:
    d = Driven("BD 10", LOOSE, CALM)
    d.line.make("occlusion", kpa_h_per_ml=10.0)
    tau = compliance("BD 10") * (0.11 + 36.0)
    d.run(4, tau)
    assert d.infusion.pressure_pa() == pytest.approx((0.11 + 36.0) * nl_s(4) * (1 - exp(-1)), rel=0.01)
    d.run(4, 8 * tau)
    assert d.infusion.pressure_pa() == pytest.approx(40_400, rel=0.01)  # 10 kPa h/mL times 4 mL/h, and the line's own
    got = d.infusion.patient_nl
    d.run(4, 60)
    assert d.infusion.patient_nl - got == pytest.approx(4e6 / 60, rel=0.01)


# -- height, siphon, disconnection ----------------------------------------------------------------------------------
@pytest.mark.parametrize("cm", [-50.0, 50.0])
def test_half_a_metre_is_37_mmhg(cm: float) -> None:
    d = Driven("BD 20", IDEAL, CALM)
    d.line.make("height", cm=cm)
    d.wait(10)
    assert d.infusion.pressure_pa() / PA_PER_MMHG == pytest.approx(-37 * cm / 50, rel=0.01)


def test_raising_the_syringe_gives_a_bolus_of_what_gives_and_lowering_takes_it_back() -> None:
    d = Driven("BD 50", Mechanism(backlash_um=0, screw_error_um=0, stick_n=0, friction=0.0), CALM)
    d.run(20, 60)
    d.wait(30)
    got = d.infusion.patient_nl
    d.line.make("height", cm=-50.0)
    d.wait(60)
    assert d.infusion.patient_nl - got == pytest.approx(-compliance("BD 50") * 50 * 98.06, rel=0.01)
    d.line.mend()
    d.wait(60)
    assert d.infusion.patient_nl == pytest.approx(got, abs=20)


def siphon(held: bool, friction: float, cm: float = 100.0) -> float:
    """mL that run out in ten minutes while nothing is driven."""
    d = flowing("BD 50", 10, Mechanism(friction=friction), Tubing())
    d.wait(60)
    if not held:
        d.infusion.faults.make("plunger")
    got = d.infusion.patient_nl
    d.line.make("height", cm=cm)
    d.wait(600)
    return (d.infusion.patient_nl - got) / 1e6


def test_a_plunger_let_go_a_metre_up_empties_itself() -> None:
    """Easy plunger, 20 % of the usual friction: head less vein and friction, over the line's resistance."""
    area = pi / 4 * 26.70**2
    driving = 100 * 98.06 - 1000 - 0.2 * 0.245 * 26.70 / area * 1e6
    assert siphon(held=False, friction=0.2) > 20
    assert siphon(held=False, friction=0.2) == pytest.approx(driving / 0.11 * 600 / 1e6, rel=0.02)


def test_a_plunger_that_is_held_lets_out_only_what_gives_and_the_play() -> None:
    assert 0 < siphon(held=True, friction=0.2) < 0.2


def test_a_hard_plunger_holds_itself_but_for_what_its_seal_gives() -> None:
    assert siphon(held=False, friction=1.5) < compliance("BD 50") * 100 * 98.06 / 1e6


def test_a_syringe_that_empties_itself_ends_empty() -> None:
    d = Driven("BD 10", Mechanism(friction=0.0), Tubing())
    d.infusion.faults.make("plunger")
    d.line.make("height", cm=150.0)
    d.wait(7200)
    assert d.infusion.plunger_nl == pytest.approx(10e6, abs=1)
    assert d.infusion.patient_nl == pytest.approx(10e6, rel=0.01)


def test_off_the_syringe_the_pressure_falls_and_the_patient_gets_nothing_more() -> None:
    d = flowing("BD 20", 50)
    before = d.infusion.force_n()
    pressure = d.infusion.pressure_pa()
    d.line.make("disconnection")
    d.run(50, 1)
    got = d.infusion.patient_nl
    d.run(50, 60)
    assert d.infusion.pressure_pa() < 0.01 * pressure
    assert d.infusion.force_n() < before
    assert d.infusion.patient_nl == pytest.approx(got, abs=1)
    assert d.infusion.spilled_nl == pytest.approx(nl_s(50) * 61, rel=0.02)
    d.line.mend()
    d.run(50, 60)
    assert d.infusion.patient_nl - got == pytest.approx(nl_s(50) * 60, rel=0.02)


def test_a_leak_takes_its_share_by_conductance() -> None:
    d = Driven("BD 10", LOOSE, CALM)
    resistance = 0.11 / 3  # Pa s/nL: three times as easy as the line
    d.line.make("leak", kpa_h_per_ml=resistance / 3.6)
    d.run(30, 120)
    patient, spilled = d.infusion.patient_nl, d.infusion.spilled_nl
    d.run(30, 60)
    assert d.infusion.patient_nl - patient == pytest.approx(nl_s(30) * 60 / 4, rel=0.01)
    assert d.infusion.spilled_nl - spilled == pytest.approx(nl_s(30) * 60 * 3 / 4, rel=0.01)


def test_a_leak_at_rest_lets_blood_back_to_the_open_air() -> None:
    """Vein and air meet over line and leak: the syringe's pressure divides as they do, and the vein feeds the leak."""
    d = Driven("BD 10", IDEAL, Tubing(vein=1200.0))
    d.line.make("leak", kpa_h_per_ml=0.11 / 3 / 3.6)
    d.wait(5)
    assert d.infusion.pressure_pa() == pytest.approx(1200 / 4, rel=1e-3)
    patient, spilled = d.infusion.patient_nl, d.infusion.spilled_nl
    d.wait(10)
    assert d.infusion.spilled_nl - spilled == pytest.approx(1200 / (0.11 * 4 / 3) * 10, rel=1e-3)
    assert d.infusion.patient_nl - patient == pytest.approx(spilled - d.infusion.spilled_nl, abs=1)


def test_a_squeezed_line_that_comes_off_keeps_its_volume() -> None:
    d = Driven("BD 10", IDEAL, Tubing(vein=0.0, compliance=2.0))
    d.run(100, 60)
    d.line.make("occlusion")
    d.run(5, 10)
    d.line.make("disconnection")
    got = d.infusion.patient_nl
    d.wait(600)
    assert d.infusion.patient_nl == pytest.approx(got, abs=1)
    d.line.mend("occlusion")
    d.wait(10)
    assert d.infusion.patient_nl > got + 2.0 * 0.11 * nl_s(100)


def test_with_the_line_closed_a_held_plunger_never_lets_anything_flow_back_or_out() -> None:
    d = flowing("BD 50", 10)
    d.line.make("occlusion")
    got = d.infusion.patient_nl
    for ml_h in (50, -20, 100, -5):
        d.run(ml_h, 20)
        assert d.infusion.patient_nl == pytest.approx(got, abs=1)


# -- air ------------------------------------------------------------------------------------------------------------
def test_a_bubble_is_seen_for_as_long_as_its_volume_takes_to_pass() -> None:
    """50 uL at 10 mL/h are 18 s, and 20 uL before it 7.2 s."""
    d = Driven("BD 10", IDEAL, CALM)
    d.run(10, 10)
    d.line.make("air", ul=50.0, before_ul=20.0)
    began = d.infusion.patient_nl
    seen = []
    for _ in range(400):
        d.run(10, 0.1, word_s=0.05)
        if d.infusion.air:
            seen.append(d.infusion.patient_nl - began)
    assert seen[0] == pytest.approx(20_000, abs=400)
    assert seen[-1] == pytest.approx(70_000, abs=400)


def test_a_bubble_does_not_move_while_nothing_flows() -> None:
    d = flowing("BD 10", 10)
    d.wait(60)
    d.line.make("air", ul=5.0, before_ul=0.0)
    assert d.infusion.air
    d.wait(600)
    assert d.infusion.air
    d.line.make("occlusion", where=1)
    d.run(10, 2)
    assert d.infusion.air


def test_another_syringe_comes_with_a_line_without_air() -> None:
    d = flowing("BD 10", 10)
    d.line.make("air", ul=5.0)
    assert d.infusion.air
    d.shaft.fit(SYRINGES["BD 20"])
    assert not d.infusion.air


# -- the verbs ------------------------------------------------------------------------------------------------------
def test_the_bench_breaks_the_line_and_measures_what_comes_of_it(bench: ToldBench) -> None:
    bench.fit("BD 10")
    bench.drive.enable(True)
    for kind, params in (("height", {"cm": 30.0}), ("occlusion", {"where": 1})):
        bench.fault("line", kind, **params)
    for _ in range(6):
        bench.drive.push(3200, 500)
    bench.run(20)
    assert bench.plunger_nl == pytest.approx(6 * pi / 4 * 14.50**2 * 1000)
    assert bench.patient_nl == pytest.approx(0.3 * 30 * 98.06, abs=1)  # the line ran out into the deeper patient
    assert bench.pressure_pa > 100_000
    assert bench.force_n > 20
    bench.mend("line")
    bench.run(60)
    assert bench.patient_nl == pytest.approx(bench.infusion.plunger_nl, abs=1)
    assert bench.balance.volumes[-1] > 900_000
    with pytest.raises(UnknownFault, match="occlusion"):
        bench.fault("line", "fire")
    with pytest.raises(ValueError, match="there is no syringe"):
        bench.fit("BD 60")


def test_the_control_socket_tells_what_the_plant_knows() -> None:
    class Table:
        circuit = Circuit(Clock(), Patient())
        bed = Bed(circuit, lambda _seconds, _action: None)

        def facts(self) -> dict[str, object]:
            return {}

    table = Table()

    def ask(**asked: object) -> dict[str, object]:
        answer: dict[str, object] = json.loads(carry_out(table, json.dumps(asked)))  # type: ignore[arg-type]
        assert answer["ok"], answer
        return answer

    for component, kind in (("line", "leak"), ("syringe", "plunger"), ("mains", "off"), ("motor", "reversed")):
        ask(do="fault", component=component, kind=kind)
    ask(do="fault", component="battery", kind="low", percent=50)
    state = ask(do="state")
    assert state["battery"] == {"charge": 0.5, "voltage": pytest.approx(3.602, abs=0.05), "mains": False}
    assert state["patient_nl"] == state["force_n"] == 0
    assert set(state["faults"]) == {"line", "syringe", "mains", "motor"}  # type: ignore[call-overload]
    ask(do="mend")
    assert ask(do="state")["faults"] == {}


def test_faults_that_make_no_sense_are_refused() -> None:
    d = Driven()
    for kind, params in (("burst", {}), ("height", {"m": 1.0}), ("occlusion", {"where": 2}), ("air", {"ul": 0.0})):
        with pytest.raises(UnknownFault):
            d.line.make(kind, **params)
    assert not d.line.active


def test_a_changed_line_counts_from_the_moment_it_changes() -> None:
    d = Driven("BD 50", LOOSE, CALM)
    d.run(100, 60)
    d.wait(60)
    tau = compliance("BD 50") * 0.11
    d.line.make("height", cm=40.0)
    d.wait(tau * log(2))
    d.line.mend()
    low = d.infusion.pressure_pa()
    assert low == pytest.approx(-40 * 98.06 / 2, rel=1e-3)
    d.wait(tau * log(2))
    assert d.infusion.pressure_pa() == pytest.approx(low / 2, rel=1e-3)
