"""What pumps were recalled for, replayed with the plunger as an independent ledger."""

from __future__ import annotations

from typing import Any

import pytest

from assuage_rig.evidence import Collector
from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from assuage_rig.wirehost import ML_H, WireHost
from assuage_wire import schema

BOLUS_NL = 600_000


class Ledger:
    """What a board says that it has moved, programme by programme, beside the plunger.

    What it has moved aside it tells until the next time that it does, so the same number again is no other volume.
    """

    def __init__(self, board: Any, host: WireHost) -> None:
        self._board = board
        self._host = host
        self._zero = board.plunger_nl
        self._aside = 0
        self.rows: list[tuple[str, int, int]] = []

    def close(self, what: str) -> None:
        """The present programme, or priming, is over: its counts are written down."""
        self._host.run(0.5)
        status = self._host.last("PumpStatus")
        aside, self._aside = status["aside"] if status["aside"] != self._aside else 0, status["aside"]
        self.rows.append((what, status["delivered"], aside))

    @property
    def off_nl(self) -> float:
        """Plunger less ledger."""
        return float(self._board.plunger_nl - self._zero - sum(given + aside for _, given, aside in self.rows))


def interrupt(host: WireHost, board: Any, how: str) -> int:
    """A bolus that flows is interrupted; what had been given of it by then, nL."""
    if how == "pause":
        host.order("Pause", host.programme)
    elif how == "stop":
        host.stop()
    elif how == "silence":
        host.hush()
    else:
        board.circuit.pins.press_stop(True)
    while host.state == "bolus":
        host.run(0.1)
    return int(host.last("PumpStatus")["bolus"])


def go_on(host: WireHost, board: Any, how: str) -> None:
    """What a person would do next, until the programme has ended."""
    host.run(2.0)
    if how == "pause":
        host.resume()
        host.run(3.0)
        assert host.state == "infusing", "the infusion goes on, and its bolus does not"
        host.stop()
    if how == "stop key":
        board.circuit.pins.press_stop(False)
    host.run(1.0)
    assert host.state == "stopped"


@req("PMP-015")
@pytest.mark.parametrize("how", ["pause", "stop", "silence", "stop key"])
def test_a_bolus_interrupted_then_a_priming_then_another_infusion_deliver_what_was_counted_and_no_more(
    dut: Any, measure: Measure, evidence: Collector, how: str
) -> None:
    """Medfusion 3500 and 4000: recalled in 2020, since bolus, interruption, prime and resume delivered wrongly."""
    board = dut()
    host = WireHost(board)
    board.run(4.0)
    host.identify()
    ledger = Ledger(board, host)
    host.start(ml_h=60.0, ml=5.0, bolus=BOLUS_NL)
    host.run(2.0)
    back = host.order("Change", host.programme, schema.CHANGES.index("bolus"), round(300 * ML_H), BOLUS_NL)
    host.order("Apply", host.programme, back["token"])
    host.run(2.0)
    assert host.state == "bolus"
    begun = interrupt(host, board, how)
    assert 0 < begun < BOLUS_NL
    go_on(host, board, how)
    measure("PMP-015", "bolus after its interruption", host.last("PumpStatus")["bolus"] - begun, where=how)
    ledger.close("infusion with its bolus")
    host.order("Clear", host.last("PumpStatus")["reason"])
    host.run(0.5)
    board.fault("line", "disconnection")
    back = host.order("Prime", 900, 26_700, 10_000_000, 500_000)
    host.order("Purge", 900, back["token"], 1, *host.until())
    host.supervise(900)
    host.run(8.0)
    assert host.state == "standby"
    ledger.close("priming")
    board.mend("line", "disconnection")
    host.programme = 901
    host.start(ml_h=60.0, ml=0.5)
    host.run(40.0)
    assert host.state == "complete"
    ledger.close("second infusion")
    evidence.table("What the board counted", ("programme", "delivered, nL", "aside, nL"), ledger.rows)
    second = ledger.rows[-1][1]
    measure("PMP-015", "volume given of a bolus that was over", max(0, second - 500_000), where=how)
    measure("PMP-015", "plunger less the board's ledger", ledger.off_nl, where=how)


@req("PMP-016")
@pytest.mark.parametrize("times", [1, 4])
def test_a_loading_dose_is_given_once_however_often_the_infusion_is_paused(
    dut: Any, measure: Measure, times: int
) -> None:
    """Medfusion: reported in 2024 for a loading dose that was given again."""
    board = dut()
    host = WireHost(board)
    board.run(4.0)
    host.identify()
    zero = board.plunger_nl
    load, rest = 500_000, 100_000
    flow, slow = round(300 * ML_H), round(60 * ML_H)
    back = host.profile((flow, flow, load, 0), (slow, slow, 0, 0), ml_h=300.0, ml=(load + rest) / 1e6)
    host.begin(back["token"])
    for _ in range(times):
        host.run(2.0)
        host.order("Pause", host.programme)
        host.run(1.0)
        host.resume()
    host.run(20.0)
    assert host.state == "complete"
    status = host.last("PumpStatus")
    given = board.plunger_nl - zero - status["aside"]
    measure("PMP-016", "volume beside load and infusion", given - load - rest, where=f"{times} pauses")
