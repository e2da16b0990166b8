"""Motion that is no dose, on the whole firmware: what the emulated patient and line get of it."""

from __future__ import annotations

import pytest

from assuage_rig.bench import Bench
from assuage_rig.requirements import req
from assuage_rig.wirehost import RefusedError, WireHost
from assuage_wire.codec import BY_NAME

FLOWING_NL = 1_000


@req("PMP-011")
@pytest.mark.parametrize(
    ("name", "bore", "capacity_ml", "beside_nl"),
    # beside: what reaches the patient beyond the programme. Most of it is the seal's own: it breaks away at 0.35 N per
    # mm of bore and slides at 0.245, and what it had stored more flows at once, as it does in a start without this.
    [("BD 50", 26_700, 50, 60_000), ("BD 20", 19_130, 20, 35_000), ("BD 10", 14_500, 10, 25_000)],
)
def test_at_1_ml_h_the_first_flow_comes_within_a_minute_of_the_start(
    name: str, bore: int, capacity_ml: int, beside_nl: int
) -> None:
    """Without taking up play and seal it takes some 13 min in 50 mL (tests/rig/test_mechanics.py)."""
    with Bench(seed=1, syringe=name) as bench:
        host = WireHost(bench)
        host.identify()
        host.run(4)
        host.start(ml_h=1, ml=4, wait=False, bore=bore, capacity=capacity_ml * 1_000_000)
        began = bench.now_us
        assert bench.patient_nl == pytest.approx(0, abs=1)
        host.run(0.3)
        assert host.state == "taking-up" and host.last("PumpStatus")["rate"] == 0
        while host.state == "taking-up":
            assert host.last("PumpStatus")["delivered"] == 0
            host.run(0.5)
            assert bench.now_us - began < 60e6
        assert host.state == "infusing"
        reached = bench.patient_nl
        while bench.patient_nl < reached + FLOWING_NL:  # and it goes on flowing, of the programme's own volume
            host.run(0.5)
            assert bench.now_us - began < 60e6, "the first flow"
        host.run(30)
        beside = bench.patient_nl - host.last("PumpStatus")["delivered"]
        assert 0 < beside <= beside_nl
    with Bench(seed=1, syringe=name) as bench:  # and it counts: where the hour may have no more than that, it is full
        host = WireHost(bench)
        host.identify()
        host.run(4)
        host.start(ml_h=1, ml=0.01, bore=bore, capacity=capacity_ml * 1_000_000, limit_hour=round(beside))
        host.run(0.5)
        assert (host.state, host.reason) == ("stopped", "window-limit")
        assert host.last("PumpStatus")["delivered"] == 0


@req("PMP-012")
def test_a_line_is_filled_once_it_is_said_to_be_disconnected_and_nothing_of_it_is_delivered() -> None:
    with Bench(seed=1) as bench:
        bench.fault("line", "disconnection")
        host = WireHost(bench)
        host.identify()
        host.run(4)
        back = host.order("Prime", 5, 26_700, 10_000_000, 1_000_000)
        assert BY_NAME["PrimeBack"].index("token") and back["steps"] == 1_000_000 * 3200 // 559_902
        with pytest.raises(RefusedError, match="connected"):
            host.order("Purge", 5, back["token"], 0, *host.until())
        steps = bench.shaft.steps
        host.order("Purge", 5, back["token"], 1, *host.until())
        host.supervise(5)
        host.run(1)
        assert host.state == "priming"
        host.run(8)
        status = host.last("PumpStatus")
        assert (host.state, host.reason) == ("standby", "none")
        assert bench.shaft.steps - steps == back["steps"] and not bench.drive.enabled
        assert status["delivered"] == status["measured"] == status["programme"] == 0
        assert abs(status["aside"] - 1_000_000) <= 175
        # what fills no line has taken up play and seal: 0.23 mL
        assert bench.infusion.spilled_nl == pytest.approx(770_000, abs=60_000)
        assert bench.patient_nl <= 1_000, "it was not connected"
        with pytest.raises(RefusedError, match="volume-limit"):
            host.order("Prime", 6, 26_700, 10_000_000, 4_500_000)
