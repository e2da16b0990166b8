"""What is known of the patient now, and for how long: the one thing that the interlock looks at.

Each source counts how often it has determined its numbers anew. Only a new count makes a value young; the same value
told again, by a source that has stopped, grows old. Every age stands at OLD_MS, so that it never begins anew.

    readings.pass_time(now)                     # each turn, before what is seen in it
    readings.saw(SPO2, 970, GOOD, meter.count)
    readings.breath(RESP, capnogram.apnoea_ms)  # NONE32 when it cannot know
"""

from array import array

from assuage_wire.schema import NONE16, NONE32, PARAMETERS, S30

OLD_MS = 1 << 28
BREATHS = (PARAMETERS.index("resp"), PARAMETERS.index("resp-pleth"))  # which know when the last breath was


class Readings:
    """value, quality, age (ms) and, of BREATHS, breathless (ms since the last breath, NONE32 when not known): each by
    parameter."""

    def __init__(self, now):
        n = len(PARAMETERS)
        self.value = array("i", [NONE16] * n)
        self.quality = bytearray(n)
        self.age = array("i", [OLD_MS] * n)
        self.breathless = array("i", [NONE32] * n)
        self._count = array("i", [0] * n)
        self._now = now

    def pass_time(self, now):
        """Everything is older, also the last breath."""
        ms = min((now - self._now) & S30, OLD_MS)
        self._now = now
        age = self.age
        for p in range(len(age)):
            age[p] = min(age[p] + ms, OLD_MS)
        breathless = self.breathless
        for p in BREATHS:
            if breathless[p] != NONE32:
                breathless[p] = min(breathless[p] + ms, OLD_MS)

    def saw(self, p, value, quality, count):
        """What a source shows now. count: how often it has determined its numbers anew, 0 before the first time."""
        self.value[p] = value
        self.quality[p] = quality
        if count != self._count[p]:
            self._count[p] = count
            self.age[p] = 0

    def breath(self, p, ms):
        """So long ago was the last breath that source p has seen."""
        self.breathless[p] = min(ms, OLD_MS) if ms != NONE32 else NONE32
