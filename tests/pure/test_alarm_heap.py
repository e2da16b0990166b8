"""Alarms allocate nothing once made: thousands of turns with the heap locked, where the interpreter has such a lock."""

import micropython

from alarm.conditions import TABLE
from alarm.latch import Alarms
from alarm.selfcheck import Key, Sounder
from alarm.signals import Signals
from assuage_wire.schema import ALARMS, S30

N = len(TABLE)


def test_five_thousand_turns_of_everything_that_may_happen():
    alarms = Alarms()
    signals = Signals()
    sounder = Sounder(200, 2000)
    key = Key()
    out = [0] * 8
    now = S30 - 60_000
    seed = 7
    told = raised = 0
    broken = ALARMS.index("sounder-fault")
    micropython.heap_lock()
    try:
        turn = 0
        while turn < 5000:
            seed = seed * 1103 % 65521
            i = seed % N
            alarms.cause(i, seed & 1024 == 0, now)
            alarms.cause(broken, sounder.fault(), now)
            alarms.poll(now)
            key.poll(seed & 4096 == 0, now)
            if key.pressed:
                alarms.pause_audio(now)
            if turn % 11 == 0:
                alarms.acknowledge(alarms.occurrence[i])
            if turn % 1000 == 0:
                sounder.chirp()
                alarms.recall(i, now)
            signals.poll(alarms, now)
            sounder.poll(signals.buzzer, 3000 if sounder.on else 0, now)
            at = alarms.untold()
            while at >= 0:
                alarms.fill(at, out, now, 0)
                told += 1
                at = alarms.untold()
            raised = alarms.last
            now = (now + 25) & S30
            turn += 1
    finally:
        micropython.heap_unlock()
    assert raised > 500 and told > 1000
    assert not alarms.broken
