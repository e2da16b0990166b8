"""A board says who it is, and what it speaks."""

from __future__ import annotations

from typing import Any

from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from assuage_rig.targets import greeting
from assuage_wire import codec


@req("SYS-002")
def test_a_board_that_is_asked_tells_its_id_and_its_table(dut: Any, measure: Measure) -> None:
    board = dut()
    board.run(1.0)
    board.take()
    asked = board.now_us
    told = greeting.hello(board)
    measure("SYS-002", "time to Hello", (board.now_us - asked) / 1000)
    assert told["board"].hex() == dut.target.facts.board
    assert told["schema"] == codec.SCHEMA_ID
