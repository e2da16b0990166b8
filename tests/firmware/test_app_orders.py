"""Orders that a pump must not obey, on the whole firmware: each brings one Reply with the reason, and the shaft, the
drive's current and the state stay as they were. tests/pure/test_bad_orders.py has every order and every field."""

from __future__ import annotations

import binascii
import random
import struct

import pytest

from assuage_rig.bench import Bench
from assuage_rig.requirements import req
from assuage_rig.wirehost import SESSION, WireHost
from assuage_wire import codec, schema
from assuage_wire.frame import cobs_encode
from tests.firmware.test_app_pump import _to

ORDERS = [m for m in codec.MESSAGES if m.direction == ">" and m.name != "Stop"]
PASSED = ("PassAsk", "PassPermit")  # of another board, and never answered
SAMPLE = 12  # wrong values a state, of some 200


def _frame(message: codec.Message, values: list[int], flip: int = 0) -> bytes:
    body = bytes((message.id, 0)) + b"".join(
        struct.pack("<" + plan[0], v) for plan, v in zip(message.plan, values, strict=True)
    )
    raw = bytearray(body + struct.pack("<I", binascii.crc32(body, message.seed) ^ flip))
    out = bytearray(len(raw) + 2)
    return bytes(out[: cobs_encode(raw, len(raw), out)]) + b"\0"


def _said(host: WireHost, frame: bytes) -> list[tuple[str, dict[str, int]]]:
    before = len(host.said)
    host.bench.send(frame)
    host.bench.run(0)
    host.listen()
    return [(m.name, m.values) for m in host.said[before:] if m.name not in ("PumpStatus", "Drive", "Alarm")]


def _stands(bench: Bench) -> tuple[int, int, bool]:
    return bench.drive.consumed, bench.drive.queued, bench.drive.enabled


def _within(message: codec.Message) -> list[int]:
    """Values inside the table that name nothing there is."""
    values = [max(plan[3], 1) for plan in message.plan]
    values[0] = SESSION
    if message not in (codec.BY_NAME["Identify"], codec.BY_NAME["Lease"]):
        values[1] = 60_000
    return values


@req("PMP-003")
@pytest.mark.parametrize("state", ["standby", "armed", "infusing", "fault"])
def test_a_value_outside_its_field_is_refused_by_name_on_a_board(
    bench: Bench, host: WireHost, state: str, seed: int
) -> None:
    host.run(0.5)
    host.identify()
    _to(host, state)
    host.hush()
    wrong = [
        (message, number, value)
        for message in ORDERS
        for number, plan in enumerate(message.plan)
        for value in {plan[3] - 1, plan[4] + 1, (1 << 8 * plan[1]) - 1}
        if 0 <= value < 1 << 8 * plan[1] and not plan[3] <= value <= plan[4]
    ]
    assert len(wrong) > 100
    errors = host.last("Health")["rx_errors"]
    before = _stands(bench)
    for message, number, value in random.Random(seed).sample(wrong, SAMPLE):
        values = _within(message)
        values[number] = value
        ((name, reply),) = _said(host, _frame(message, values))
        assert name == "Reply", message.name
        told = (schema.STATUSES[reply["status"]], reply["detail"], codec.BY_ID[reply["order"]].name)
        assert told == ("bad-value", number, message.name)
        assert schema.STATES[reply["state"]] == state
        assert _stands(bench) == before, "the bench's clock stands: whatever moves, the order moved it"
        assert _said(host, _frame(message, values, flip=1)) == [], "damaged, so nobody meant it"
    host.run(1.1)
    assert host.state == state
    assert host.last("Health")["rx_errors"] == errors + 2 * SAMPLE


@req("PMP-003")
@pytest.mark.parametrize("state", ["standby", "armed", "infusing", "fault"])
def test_an_order_of_another_session_is_refused_by_name_on_a_board(bench: Bench, host: WireHost, state: str) -> None:
    host.run(0.5)
    host.identify()
    _to(host, state)
    host.hush()
    before = _stands(bench)
    for message in ORDERS:
        values = _within(message)
        values[0] = SESSION + 1
        if message.name == "Identify":
            continue
        if message.name in PASSED:
            assert _said(host, _frame(message, values)) == [], message.name
            continue
        ((name, reply),) = _said(host, _frame(message, values))
        assert (name, schema.STATUSES[reply["status"]]) == ("Reply", "wrong-session"), message.name
        assert codec.BY_ID[reply["order"]] is message and schema.STATES[reply["state"]] == state
        assert _stands(bench) == before


@req("PMP-001")
def test_a_read_back_of_before_confirms_nothing_on_a_board(bench: Bench, host: WireHost) -> None:
    host.run(0.5)
    host.identify()
    old = host.offer()["token"]
    host.programme -= 1
    token = host.offer()["token"]
    assert token != old
    reply = host.ask("Confirm", host.programme, old)
    assert schema.STATUSES[reply["status"]] == "bad-token"
    assert schema.STATUSES[host.ask("Arm", host.programme)["status"]] == "bad-state"
    host.run(0.3)
    assert host.state == "programmed" and bench.drive.consumed == 0 and not bench.drive.enabled
    host.order("Confirm", host.programme, token)
