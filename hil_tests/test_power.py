"""Power goes and comes back: the pump stands, and what it says it had delivered is true of the plunger."""

from __future__ import annotations

import random
from typing import Any

import pytest

from assuage_rig.evidence import Collector
from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from assuage_rig.wirehost import WireHost
from assuage_wire import schema


def delivering(board: Any, ml_h: float) -> tuple[WireHost, float]:
    """A host whose dose flows, so fast that nothing is taken up before it, and what the plunger had made until then."""
    host = WireHost(board)
    board.run(4.0)
    host.identify()
    zero = board.plunger_nl
    host.start(ml_h=ml_h, ml=20.0)
    return host, zero


@req("PWR-001")
@pytest.mark.parametrize("how", ["power cut", "flash torn", "board killed"])
@pytest.mark.parametrize("ml_h", [60.0, 300.0, 1000.0])
def test_after_power_is_lost_the_pump_stands_and_its_bounds_hold(
    dut: Any, measure: Measure, evidence: Collector, seed: int, soak: bool, ml_h: float, how: str
) -> None:
    rng = random.Random(f"{seed} {ml_h} {how}")
    rows = []
    for _ in range(40 if soak else 4):
        board = dut(seed=rng.randrange(1 << 30))
        host, zero = delivering(board, ml_h)
        host.run(rng.uniform(1.0, 8.0))
        if how == "flash torn":
            board.fault("flash", "torn", after=rng.randrange(3))
            host.run(2.0)
        if how == "board killed":
            board.kill_board()
        else:
            board.power_cycle(rng.uniform(0.1, 3.0))
        board.run(1.5)
        while not board.board_runs:  # torn while it started, and off again
            board.power_cycle(1.0)
            board.run(1.5)
        board.take()
        true = board.plunger_nl - zero
        again = WireHost(board, session=78)
        hello = again.identify()
        again.run(5.0)
        status = again.last("PumpStatus")
        assert (again.state, again.reason) == ("unconfirmed", "reset") and not board.drive.enabled
        assert schema.RESETS[hello["reset"]] == ("fault" if how == "board killed" else "power-on")
        rows.append((round(true), status["was_low"], status["was_high"], board.plunger_nl - zero - true))
        board.close()
    evidence.table("The plunger and what the board said", ("plunger, nL", "at least, nL", "at most, nL", "after"), rows)
    where = f"{how} at {ml_h:g} mL/h"
    outside = max(max(low - true, true - high, 0.0) for true, low, high, _ in rows)
    measure("PWR-001", "volume outside the bounds told", outside, where=where)
    measure("PWR-001", "width of the bounds told", max(high - low for _, low, high, _ in rows), where=where)
    measure("PWR-001", "volume after power came back", max(after for *_, after in rows), where=where)


@req("PWR-003")
def test_the_low_battery_alarm_fires_and_outlives_the_power(dut: Any, measure: Measure) -> None:
    """Medfusion 3500 and 4000, firmware 1.7.0: recalled in 2019 because it did not."""
    board = dut()
    host = WireHost(board)
    host.infuse(ml_h=10.0)
    board.fault("mains", "off")
    board.fault("battery", "low", percent=10.0)
    began = board.now_us
    assert board.run_until(lambda: raised(host, "battery-low"), 60.0)
    measure("PWR-003", "time to the low-battery alarm", (board.now_us - began) / 1e6)
    host.run(2.0)  # it is in the journal by then
    board.power_cycle(1.0)
    board.take()
    again = WireHost(board, session=78)
    began = board.now_us
    assert board.run_until(lambda: raised(again, "battery-low"), 60.0)
    measure("PWR-003", "time until it is told again after a loss of power", (board.now_us - began) / 1e6)


def raised(host: WireHost, alarm: str) -> bool:
    """Whether the board shows that alarm."""
    host.listen()
    shown = schema.ALARM_STATES.index("acknowledged")
    told = [m.values for m in host.said if m.name == "Alarm" and schema.ALARMS[m.values["alarm"]] == alarm]
    return bool(told) and told[-1]["state"] >= shown
