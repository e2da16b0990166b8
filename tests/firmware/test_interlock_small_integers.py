"""30 bits are enough for the interlock, whatever is read and asked: it is run with integers that refuse more."""

from __future__ import annotations

import random
from typing import Any

import pytest

from assuage_wire.schema import NONE16, NONE32, PARAMETERS, S30
from interlock import asked, guards, interlock
from interlock.answering import Answering
from interlock.asked import Asked
from interlock.gate import Gate
from interlock.guards import ABOVE, APNOEA, BELOW, MISSING, Guards
from interlock.interlock import Interlock
from interlock.trip import Trip
from tests.firmware.small_integers import HI, Small, small_array
from vitals import readings
from vitals.readings import OLD_MS, Readings

SPO2, RESP, MAP = (PARAMETERS.index(name) for name in ("spo2", "resp", "map"))
EXTREME = (
    (SPO2, BELOW, 0, 600_000, 65_534, 3_600_000, 600_000),
    (MAP, ABOVE, 65_534, 600_000, 65_534, 3_600_000, 600_000),
    (RESP, APNOEA, 65_534, 600_000, 65_534, 3_600_000, 600_000),
    (SPO2, MISSING, 0, 0, 0, 0, 0),
)
TIMES = (0, 1, 500, OLD_MS - 1, OLD_MS, 1 << 29, S30 - 1, S30)


@pytest.fixture(autouse=True)
def _lists_of_small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (asked, guards, interlock, readings):
        monkeypatch.setattr(module, "array", small_array)
    monkeypatch.setattr(guards, "bytearray", lambda n: [Small(0)] * n, raising=False)
    monkeypatch.setattr(readings, "bytearray", lambda n: [Small(i) for i in bytearray(n)], raising=False)


def small(part: Any) -> Any:
    """The same, all of whose numbers are Small."""
    for name, value in vars(part).items():
        if type(value) is int:
            setattr(part, name, Small(value))
    return part


def test_the_numbers_of_this_test_do_refuse() -> None:
    assert HI == S30
    made = small(Trip())
    made.number = Small(S30)
    made.trip(1, 2, 2, 3, 4)
    assert made.number == 1
    with pytest.raises(AssertionError):
        made.age + Small(S30)


def test_readings_rows_and_permission_at_all_ends_of_their_ranges(seed: int, soak: bool) -> None:
    dice = random.Random(seed)
    for _ in range(400 if soak else 40):
        begin = Small(dice.choice(TIMES))
        seen = small(Readings(begin))
        trip = small(Trip())
        table = small(Guards(tuple(tuple(map(Small, row)) for row in EXTREME)))
        watch = small(Interlock(table, seen, trip, begin))
        ask = small(Asked(trip, Small(dice.choice(TIMES))))
        gate = Gate(trip, watch, ask)
        there = small(Answering(watch, trip, Small(dice.choice((0, 1023, S30)))))
        ask.begin(there.begin(Small(dice.choice((0, 0x3FFF, 0xFFFF)))), Small(dice.choice((1, 4_000, 60_000))), begin)
        now = begin
        for turn in range(150):
            now = Small((int(now) + dice.choice(TIMES)) & S30)
            seen.expire(now)
            for p in (SPO2, RESP, MAP):
                seen.put(p, Small(dice.choice((0, 1, 65_534, NONE16))), Small(dice.randrange(3)), Small(turn % 3))
                if dice.random() < 0.5:
                    seen.seen(p, now)
                seen.breath(p, Small(dice.choice((*TIMES, NONE32))), now)
            gate.turn(now, dice.random() < 0.5)
            there.looked(now)
            out = [Small(0)] * 8
            ask.fill(out, 0)
            there.ask(out[0], out[1], out[2], now)
            there.fill(out, 0)
            out[1] = Small(dice.choice((out[1], 0, S30)))
            ask.answer(out, 0, now)
            gate.lacks(now)
            gate.release(trip.number, now)
