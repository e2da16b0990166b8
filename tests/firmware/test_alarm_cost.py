"""What a turn of the alarms costs, in steps of the interpreter, of which MicroPython makes about as many."""

from __future__ import annotations

from alarm.breaches import Breaches
from alarm.latch import Alarms
from assuage_wire.schema import ALARMS, PARAMETERS
from tests.firmware.steps import steps_of
from vitals.readings import Readings

LOOK, TOLD = 560, 1_100  # two parameters, twenty times a second: 1 % of an RP2040 at 1 us a step; with all that changes
CALM, ONE = 100, 3_500  # a turn of the latch with nothing, and with one condition that stands


class _Taker:
    def says(self, _condition: int, _present: bool, _now: int) -> None:
        pass

    def note(self, *_numbers: int) -> bool:
        return True


def test_a_look_at_the_patients_limits_stays_within_its_share() -> None:
    readings = Readings(0)
    limits = Breaches(readings, _Taker(), _Taker())
    now = 0
    for value in (970, 300, 2500, 970):
        steps = []
        for _ in range(50):
            now += 50
            for p in range(len(PARAMETERS)):
                readings.put(p, value, 0)
                readings.seen(p, now)
            steps.append(steps_of(lambda at=now: limits.poll(at)))
        assert sorted(steps)[len(steps) // 2] <= LOOK and max(steps) <= TOLD, (value, steps)
        assert steps_of(lambda at=now: limits.poll(at + 25)) <= 40, "nor does a quicker turn cost more"


def test_the_latch_with_all_conditions_stays_within_its_share() -> None:
    alarms = Alarms()
    calm = steps_of(lambda: (alarms.poll(1000), alarms.survey()))
    alarms.cause(ALARMS.index("spo2-low"), True, 1000)
    one = steps_of(lambda: (alarms.poll(1025), alarms.survey()))
    assert calm <= CALM and one <= ONE, (calm, one)
