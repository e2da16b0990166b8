"""On the board an integer beyond 30 bits is an allocation: the alarms reckon with numbers that refuse to be one."""

from __future__ import annotations

import random
from typing import Any

import pytest

from alarm import latch, selfcheck, signals
from alarm.conditions import ROWS, TABLE
from assuage_rig.requirements import req
from tests.firmware.small_integers import HI, Small, small_array


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
