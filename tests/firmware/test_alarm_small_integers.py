"""On the board an integer beyond 30 bits is an allocation: the alarms reckon with numbers that refuse to be one."""

from __future__ import annotations

import random
from typing import Any

import pytest

from alarm import bounds, breaches, latch, selfcheck, signals
from alarm.conditions import ROWS, TABLE
from alarm.patients import ADULT_ROWS, CHILD_ROWS
from assuage_rig.requirements import req
from assuage_wire.schema import NONE16, PARAMETERS, QUALITIES, SIGNALS
from tests.firmware.small_integers import HI, Small, small_array
from vitals import readings


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables and arrays of integers that refuse to exceed 31 bits."""
    monkeypatch.setattr(latch, "ROWS", tuple(Small(value) for value in ROWS))
    monkeypatch.setattr(latch, "array", small_array)
    monkeypatch.setattr(signals, "BURSTS", tuple(tuple(Small(ms) for ms in burst) for burst in signals.BURSTS))
    monkeypatch.setattr(signals, "LIGHTS", tuple(tuple(Small(ms) for ms in light) for light in signals.LIGHTS))


def shrink(thing: Any) -> Any:
    for name, value in vars(thing).items():
        if type(value) is int:
            setattr(thing, name, Small(value))
    return thing


@req("SYS-005")
@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("ticks", [0, HI - 200_000, HI - 10])
@pytest.mark.parametrize("step", [25, 1 << 29])
def test_everything_stays_small(seed: int, ticks: int, step: int) -> None:
    dice = random.Random(seed)
    alarms = shrink(latch.Alarms(latch.ROWS))
    alarms.last = alarms.changes = alarms.hushed = Small(HI - 300)
    shown = shrink(signals.Signals())
    sounder = shrink(selfcheck.Sounder(Small(200), Small(2000)))
    key = shrink(selfcheck.Key())
    out = [0] * 8
    now = Small(ticks)
    for _ in range(2000):
        i = dice.randrange(len(TABLE))
        alarms.cause(i, dice.random() < 0.4, now)
        alarms.poll(now)
        key.poll(dice.random() < 0.5, now)
        if dice.random() < 0.02:
            alarms.pause_audio(now)
            sounder.chirp()
        if dice.random() < 0.1:
            alarms.acknowledge(alarms.occurrence[i])
        shown.poll(alarms, now)
        sounder.poll(shown.buzzer, Small(3000), now)
        told = alarms.untold()
        if told >= 0:
            alarms.fill(told, out, now, Small(0))
        assert all(0 <= value <= HI for value in out)
        now = Small((int(now) + step) & HI)
    assert alarms.last < HI - 300, "the numbers have begun anew"


class _Taker:
    def says(self, _condition: int, _present: bool, _now: int) -> None:
        pass

    def note(self, *numbers: int) -> bool:
        assert all(0 <= number <= HI for number in numbers)
        return True


@req("SYS-005")
@pytest.mark.parametrize("ticks", [0, HI - 200_000, HI - 10])
@pytest.mark.parametrize("step", [25, 1 << 29])
def test_the_patients_limits_stay_small(monkeypatch: pytest.MonkeyPatch, seed: int, ticks: int, step: int) -> None:
    for module in (bounds, readings):
        monkeypatch.setattr(module, "array", small_array)
    monkeypatch.setattr(breaches, "ADULT_ROWS", tuple(Small(value) for value in ADULT_ROWS))
    monkeypatch.setattr(breaches, "CHILD_ROWS", tuple(Small(value) for value in CHILD_ROWS))
    dice = random.Random(seed)
    known = shrink(readings.Readings(Small(ticks)))
    limits = shrink(breaches.Breaches(known, _Taker(), _Taker()))
    limits.changes = Small(HI - 20)
    out = [0] * 42
    now = Small(ticks)
    for _ in range(2000):
        i = dice.randrange(len(PARAMETERS))
        value = Small(dice.choice((0, 1, 900, 1000, NONE16 - 1, NONE16)))
        known.put(i, value, Small(dice.randrange(len(SIGNALS))), Small(dice.randrange(len(QUALITIES))))
        known.seen(i, now)
        limits.poll(now)
        if dice.random() < 0.1:
            limits.set(Small(i), Small(dice.randrange(NONE16 + 1)), Small(NONE16), Small(dice.randrange(256)))
            limits.set(Small(0), Small(dice.randrange(850, 1000)), Small(NONE16), Small(dice.randrange(31)))
        if dice.random() < 0.02:
            limits.choose(Small(dice.randrange(2)))
        limits.fill(out, now, Small(0))
        assert all(0 <= value <= HI for value in out)
        now = Small((int(now) + step) & HI)
    assert limits.changes < HI - 20, "the numbers have begun anew"
