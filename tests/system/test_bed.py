"""A served board's bed around the whole firmware, in virtual time: what is infused shows in the board's numbers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assuage_rig.bed import Bed
from assuage_rig.bench import Bench
from assuage_rig.wirehost import WireHost

SIGNS = ("spo2", "pulse", "resp", "etco2", "temperature", "heart")


@pytest.fixture
def host() -> Iterator[WireHost]:
    with Bench(bedside=True) as bench:
        yield WireHost(bench)


def shown(host: WireHost) -> dict[str, float]:
    """The numbers that are good now."""
    vitals = {name: host.vital(name) for name in SIGNS}
    return {name: v.value for name, v in vitals.items() if v.quality == "good" and v.value is not None}


def test_ketamine_that_is_infused_raises_the_pulse_that_every_sensor_counts(host: WireHost) -> None:
    bench = host.bench
    bed = Bed(bench.circuit, bench.at)
    host.infuse(ml_h=1000.0, ml=30.0)
    host.run(90)
    now, true = shown(host), bed.bedside.present()
    assert true.pulse_bpm > 78, "at rest it is 72"
    assert (now["pulse"], now["heart"]) == pytest.approx((true.pulse_bpm, true.pulse_bpm), abs=2)


def test_a_served_beds_signs_are_the_boards_numbers_and_a_drug_by_hand_ends_the_breathing(host: WireHost) -> None:
    bench = host.bench
    bed = Bed(
        bench.circuit, bench.at, held={"pulse_bpm": 100.0, "resp_rate": 20.0, "temperature_c": 38.5, "spo2": 92.0}
    )
    host.run(0.5)
    host.identify()
    host.run(100)
    now = shown(host)
    told = {"spo2": 92, "pulse": 100, "heart": 100, "resp": 20, "temperature": 38.5}
    assert {name: now[name] for name in told} == pytest.approx(told, abs=2.1)
    bed.set(resp_rate=None, spo2=None)
    bed.give("remifentanil", 400)
    host.run(70)
    assert bed.bedside.present().resp_rate == 0
    assert shown(host).get("resp", 0) == 0 and shown(host)["spo2"] < 95
