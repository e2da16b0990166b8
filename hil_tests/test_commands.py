"""What a board does with orders, good and bad: on the bench and on a real board alike.

Volumes and times are the board's own, for nobody measures them on a real one; test_accuracy.py and the sweep hold the
board's count against the plunger.
"""

from __future__ import annotations

from typing import Any

import pytest

from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from assuage_rig.wirehost import RefusedError, WireHost
from assuage_wire import schema
from assuage_wire.session import elapsed

AFTER_S = 1.5  # for what should not move to move


def infusing(board: Any, **programme: Any) -> WireHost:
    """A host whose infusion runs."""
    host = WireHost(board)
    host.run(6.0)  # a pump tares its force before there is a syringe
    host.identify()
    host.start(**programme)
    host.run(3.0)
    assert host.state == "infusing"
    return host


def delivered(host: WireHost) -> int:
    """By the board's count, nL."""
    return int(host.last("PumpStatus")["delivered"])


@req("PMP-004")
def test_stop_is_answered_and_nothing_is_counted_after_it(dut: Any, measure: Measure) -> None:
    host = infusing(dut(), ml_h=60.0)
    stopped = host.stop(token=7)
    assert schema.STATES[stopped["state"]] == "stopped"
    host.run(0.5)
    before = delivered(host)
    assert before > 0
    host.run(AFTER_S)
    assert (host.state, host.reason) == ("stopped", "host-stop")
    measure("PMP-004", "counted after STOP", delivered(host) - before)


@req("PMP-005")
def test_a_host_that_falls_silent_loses_the_pump_when_its_lease_is_over(dut: Any, measure: Measure) -> None:
    host = infusing(dut())
    end = host.until()
    host.grant()
    host.hush()
    silent = len(host.said)
    host.run(4.0)
    told = [m.values for m in host.said[silent:] if m.name == "PumpStatus"]
    lapsed = next(values for values in told if schema.STATES[values["state"]] == "stopped")
    assert schema.REASONS[lapsed["reason"]] == "lease-lapsed"
    measure("PMP-005", "lease overrun", elapsed(lapsed["ticks"], lapsed["wraps"], *end))


@req("PMP-003")
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"rate": 0}, "bad-value"),
        ({"rate": 9_000_001, "limit_rate": 9_000_000}, "rate-limit"),
        ({"vtbi": 30_000_001, "limit_volume": 30_000_000}, "volume-limit"),
        ({"duration": 604_801}, "time-limit"),
        ({"level": 60}, "bad-value"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_a_programme_that_may_not_be_is_refused_by_name(
    dut: Any, measure: Measure, change: dict[str, int], status: str
) -> None:
    host = WireHost(dut())
    host.run(0.5)
    host.identify()
    before = delivered(host)
    answer = host.offer(**change)
    assert schema.STATUSES[answer["status"]] == status
    host.run(AFTER_S)
    measure(
        "PMP-003", "volume after a refused order", delivered(host) - before, where=f"{next(iter(change))}: {status}"
    )


@req("PMP-003")
def test_what_comes_out_of_its_turn_is_refused_and_nothing_moves(dut: Any, measure: Measure) -> None:
    host = WireHost(dut())
    host.run(0.5)
    host.identify()
    refused = []
    for name, values in (("Start", (99, 0, 0)), ("Arm", (99,)), ("Confirm", (99, 1)), ("Pause", (99,))):
        with pytest.raises(RefusedError) as refusal:
            host.order(name, *values)
        refused.append((name, refusal.value.status))
    back = host.offer(ml_h=10.0)
    with pytest.raises(RefusedError) as wrong:
        host.order("Confirm", host.programme, back["token"] ^ 1)
    refused.append(("Confirm", wrong.value.status))
    assert [status for _, status in refused] == ["bad-state"] * 4 + ["bad-token"]
    host.run(0.5)
    before = delivered(host)
    host.run(AFTER_S)
    measure("PMP-003", "volume after a refused order", delivered(host) - before, where="out of its turn")


@req("SYS-003")
def test_damaged_frames_change_nothing_and_what_follows_them_is_heard(dut: Any) -> None:
    board = dut()
    host = WireHost(board)
    host.identify()
    host.run(1.5)  # Health is told once a second
    errors = host.last("Health")["rx_errors"]
    good = host.frame("Identify", 4242)
    damaged = [good[:i] + bytes([good[i] ^ 0x55 or 0x33]) + good[i + 1 :] for i in range(len(good) - 1)]
    for piece in (b"\x03\x04\x01\x02", bytes(range(1, 256)), b"\0" * 9, *damaged, good[:-3] + b"\0"):
        board.send(piece)
        board.run(0.01)
    host.listen()
    assert host.last("Hello")["session"] == host.session, "no damaged frame has opened another session"
    board.send(b"\0")
    assert host.identify(4243)["session"] == 4243
    host.run(2.0)
    assert host.last("Health")["rx_errors"] > errors
