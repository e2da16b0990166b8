"""The cuff's steady state allocates nothing: MicroPython forbids it here, CPython only runs along."""

import micropython

from assuage_wire.schema import SIGNALS
from cuff_toy import Toy
from vitals.cuff import Cuff
from vitals.cuff_cycle import BLEEDING, STATES, STUCK


def test_cycles_that_end_in_every_way_allocate_nothing():
    cuff, toy = Cuff(0, 2), Toy()
    states = bytearray(len(STATES))
    signals = bytearray(len(SIGNALS))
    micropython.heap_lock()
    try:
        for n in range(70_000):  # 23 minutes
            if n == 7_000:
                toy.pulse = False
            elif n == 14_000:
                toy.pulse = True
                toy.pumps = False
            elif n == 21_000:
                toy.pumps = True
                toy.zero = 1200
            elif n == 28_000:
                toy.zero = 0
            elif 30_000 < n < 36_500 and cuff.state == BLEEDING:
                cuff.stop()
            elif n == 36_500:
                toy.bleeds = toy.dumps = False
                cuff.start()
            elif n == 49_500:
                toy.bleeds = toy.dumps = True
            elif n == 55_000:
                cuff.start()
            toy.step(cuff)
            if 55_500 < n < 55_600 or n % 97 == 0:
                cuff.nothing(toy.ticks)
            else:
                cuff.sample(toy.ticks, toy.pressure)
            states[cuff.state] = 1
            signals[cuff.signal] = 1
            signals[cuff.fault] = 1
    finally:
        micropython.heap_unlock()
    for state in range(len(STATES)):
        assert states[state], "never was " + STATES[state]
    assert states[STUCK]
    for name in ("ok", "measuring", "leak", "implausible", "sensor-lost", "blocked", "ended"):
        assert signals[SIGNALS.index(name)], "never was " + name
