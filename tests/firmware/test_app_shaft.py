"""What comes of a shaft, an encoder and a plunger that are not as they should be: the whole firmware on the plant."""

from __future__ import annotations

import pytest

from assuage_rig.bench import Bench
from assuage_rig.requirements import req
from assuage_rig.wirehost import WireHost
from tests.firmware.test_app_senses import MMHG_PA, sliding, until


@req("PMP-008")
@pytest.mark.parametrize(
    ("kind", "params", "reasons"),
    [
        ("frozen", {}, ("encoder-lost", "encoder-disagrees", "motor-stalled")),  # by how the force behaves
        ("zeros", {}, ("encoder-lost",)),
        ("nack", {}, ("encoder-lost",)),
        ("no_magnet", {"stale": 1}, ("encoder-lost",)),
    ],
)
@pytest.mark.parametrize("ml_h", [5.0, 600.0])
def test_an_encoder_that_lies_or_dies_stops_the_pump_before_a_tenth_of_a_ml_has_flowed_unwatched(
    bench: Bench, host: WireHost, kind: str, params: dict[str, int], reasons: tuple[str, ...], ml_h: float
) -> None:
    host.infuse(ml_h=ml_h, ml=20.0)
    sliding(host, 120.0)
    before = bench.plunger_nl
    bench.fault("encoder", kind, **params)
    until(host, "fault", 60.0)
    assert host.reason in reasons
    assert bench.plunger_nl - before <= 100_000


@req("PMP-008")
def test_an_encoder_that_freezes_while_the_force_rises_is_told_from_a_stalled_motor(
    bench: Bench, host: WireHost
) -> None:
    host.infuse(ml_h=60.0, ml=20.0, level=900)
    sliding(host)
    host.run(5)
    bench.fault("line", "occlusion", kpa_h_per_ml=1000.0)
    host.run(5)
    bench.fault("encoder", "frozen")
    until(host, "fault", 20.0)
    assert host.reason == "encoder-lost", "the plunger is pushed, so it is not the motor"


@req("PMP-009")
def test_a_line_that_closes_at_5_ml_h_is_told_in_three_minutes_and_its_bolus_is_small(
    bench: Bench, host: WireHost
) -> None:
    host.infuse(ml_h=5.0, ml=20.0, level=300)
    sliding(host, 300.0)
    before = bench.pressure_pa
    bench.fault("line", "occlusion", kpa_h_per_ml=1000.0)
    began = bench.now_us
    while host.state == "infusing":
        assert bench.now_us - began < 180e6, "it goes on"
        host.run(1.0)
    assert (host.state, host.reason) == ("backing-off", "occlusion")
    assert bench.pressure_pa - before < 300 * MMHG_PA
    while host.state == "backing-off":
        assert bench.now_us - began < 400e6
        host.run(1.0)
    assert (host.state, host.reason) == ("stopped", "occlusion")
    bench.mend("line", "occlusion")
    given = bench.patient_nl
    host.run(60)
    assert bench.patient_nl - given <= 100_000, "the bolus when the line opens"


@req("PMP-014")
def test_a_syringe_is_not_pushed_against_its_bottom_when_it_holds_less_than_was_said() -> None:
    with Bench(syringe="BD 5") as bench:
        host = WireHost(bench)
        host.infuse(ml_h=300.0, ml=3.0, bore=12_060, capacity=5_000_000, contents=5_000_000)
        host.run(40)
        assert host.state == "complete"
        bench.take_out(0.5)  # and the same one is put back, and called full
        host.run(1)
        host.start(ml_h=300.0, ml=4.0, bore=12_060, capacity=5_000_000, contents=5_000_000)
        began = bench.now_us
        while host.state == "infusing":
            assert bench.now_us - began < 60e6, "it goes on"
            host.run(0.5)
        assert host.state in ("fault", "backing-off", "stopped")
        assert host.reason in ("motor-stalled", "encoder-disagrees", "occlusion")
        assert bench.patient_nl <= 5e6
        host.run(60)
        assert not bench.drive.moving and not bench.drive.enabled


@req("PMP-014")
def test_a_programme_as_large_as_its_syringe_ends_where_the_travel_does(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=1200.0, ml=2.0, contents=2_000_000)
    host.run(10)
    assert host.state in ("complete", "stopped")
    assert host.reason in ("complete", "end-of-travel")
    assert bench.plunger_nl <= 2_000_000
