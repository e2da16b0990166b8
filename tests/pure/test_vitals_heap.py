"""The oximeter's steady state allocates nothing: MicroPython forbids it here, CPython only runs along."""

from array import array

import micropython

from assuage_wire.codec import BY_NAME
from assuage_wire.schema import SIGNALS
from vitals.oximeter import Oximeter
from vitals.readings import Readings
from vitals_waves import CURVE, Finger

SAMPLES = 500  # 5 s, six beats of 72 /min: the record can be repeated without a seam


def _record():
    finger = Finger(72, 97, 2, noise=20)
    red, ir = array("i", [0] * SAMPLES), array("i", [0] * SAMPLES)
    for n in range(SAMPLES):
        finger.next()
        red[n] = finger.red
        ir[n] = finger.ir
    return red, ir


def test_ten_thousand_samples_of_everything_that_may_happen_allocate_nothing():
    red, ir = _record()
    meter = Oximeter(CURVE)
    readings = Readings(0)
    vitals = [0] * BY_NAME["Vitals"].width
    pleth = [0] * BY_NAME["Pleth"].width
    seen = bytearray(len(SIGNALS))
    micropython.heap_lock()
    try:
        for n in range(20_000):
            at = n % SAMPLES
            if n == 11_000:
                meter.gap(5)
            elif n == 11_500:
                meter.lost()
                seen[meter.signal] = 1
            if n == 12_500:
                meter.sample(0x3FFFF, 0x3FFFF)
            elif 13_500 <= n < 14_000:
                meter.sample(60, 60)
            elif 15_000 <= n < 16_500:  # flat
                meter.sample(80_000, 100_000)
            elif 17_500 <= n < 18_500 and n & 64:  # jumps
                meter.sample(red[at] + 30_000, ir[at] + 30_000)
            else:
                meter.sample(red[at], ir[at])
            while meter.pleth_ready():
                meter.fill_pleth(pleth, n, 1)
            if n % 100 == 0:
                readings.put(0, meter.spo2, meter.signal)
                readings.seen(0, n)
                readings.expire(n)
                readings.fill(vitals, n, 1)
                seen[meter.signal] = 1
    finally:
        micropython.heap_unlock()
    for name in ("ok", "settling", "probe-off", "saturated", "motion", "sensor-lost"):
        assert seen[SIGNALS.index(name)], "never was " + name
