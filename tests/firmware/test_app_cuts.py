"""The supply fails at operations of the flash while the whole firmware infuses on the emulated board: it never goes on
by itself, and tells what the emulated plunger has truly done."""

from __future__ import annotations

import pytest

from assuage_rig.bench import Bench
from assuage_rig.chips.norflash import AFTER, BEFORE, TORN
from assuage_rig.requirements import req
from assuage_rig.wirehost import WireHost
from assuage_wire.schema import NONE32, REASONS

NEAR_NL = 50_000


def deliver(bench: Bench, host: WireHost) -> None:
    """0.3 mL with a pause in between, or as far as the board lives."""
    try:
        host.start(ml_h=600.0, ml=0.3)
        host.run(0.8)
        host.order("Pause", host.programme)
        host.run(0.5)
        host.resume()
        host.run(4.0)
    except AssertionError:  # nobody answers any more
        if bench.board_runs:
            raise
    host.hush()


def look(bench: Bench, host: WireHost, true_nl: float) -> bool:
    """What the board says once the supply is back; it is read and cleared. Whether it told of a programme."""
    host.said.clear()
    plunger = bench.plunger_nl
    bench.power_cycle()
    host.run(1.2)
    status = host.last("PumpStatus")
    assert host.state in ("standby", "unconfirmed")
    host.identify()
    if host.state == "standby":
        assert true_nl == 0 or true_nl > 299_500, f"{true_nl} nL are forgotten"
        return False
    assert host.reason == "reset" and status["was_programme"] == host.programme and status["was_low"] != NONE32
    assert status["was_low"] <= true_nl <= status["was_high"] <= true_nl + NEAR_NL
    host.order("Clear", REASONS.index("reset"))
    assert bench.plunger_nl == plunger, "it moved by itself"
    return True


@req("PWR-001")
@pytest.mark.timeout(900)
def test_a_cut_at_any_operation_of_a_delivery_leaves_a_board_that_stands_and_knows(seed: int, soak: bool) -> None:
    told = cuts = 0
    with Bench(seed=seed) as bench:
        host = WireHost(bench)
        host.run(1.2)
        host.identify()
        for at in range(0, 18, 1 if soak else 2):
            for how in (BEFORE, TORN, AFTER):
                before = bench.plunger_nl
                bench.fault("flash", "cut", after=at, how=how)
                deliver(bench, host)
                assert not bench.board_runs, f"fewer operations than {at}"
                cuts += 1
                told += look(bench, host, bench.plunger_nl - before)
    assert cuts >= 24 and told >= cuts // 2
