"""Pressure in the line from the force on the plunger; occlusion by level and by slope, a line that came off, and when.

    p = Pressure()
    if not p.prepare(bore_um, level_mmhg): refuse()     # the level is below what this syringe's friction lets one see
    p.begin()                                           # a new syringe or programme; p.resume() after a pause
    why = p.look(ms, force.mn, moved_nl, flow_nl_min)   # each good force: CLEAR, LEVEL, SLOPE or DROP
    show(mmhg_of(p.pa), p.seconds_left(flow), p.identifiable)

The force is pressure times area plus the plunger's friction. The friction is what the force stands at once the plunger
slides, held within what syringes of that size have; so `pa` is relative to the line's own pressure at that moment. It
is never adapted later, or a slow occlusion would be learned away. The inverse area is rounded to whole Pa per N: 0.04 %
at 30 mm bore and below, 0.14 % at 60 mm.

**By level**: pa >= level. With a compliance C that takes C * level / flow: 22 to 50 min for 300 mmHg at 1 mL/h in a
50 mL syringe.

**By slope**, which is earlier at low flows. What is occluded rises by 1/C per volume, whatever the flow: so volume, not
time, is the axis, and changes of flow do not disturb. A sum gathers the rise of each small slot of volume, less an
eighth of what a total occlusion of the softest such syringe would give; it never falls below zero, and loses a quarter
with each slot that hardly rises: drift, glide friction that changes along the barrel and what has settled never add
up. One slot may add 1.5 times what the stiffest syringe would: a sudden step counts little. Occluded is a sum that
nothing else explains: a line raised by 0.5 m (37 mmHg; the friction holds the plunger until the seal is compressed by
as much, which looks just like an occlusion until it is over) and stick-slip together, 45 mmHg in 50 mL.
Delay: C * 45 mmHg * 8/7 of volume and 1.5 slots, so 0.07 to 0.155 mL in 50 mL: 9.3 min at most at 1 mL/h, in
proportion to 1/flow; 3.6 min in 20 mL, 2 min in 10 mL.

Allowances lower the sum for a while: at the beginning by what is missing to the highest friction, after a rise of flow
by what a narrow line (_RESISTANCE) may add, e-fold in 64 s. So a line that is occluded from the first moment on is told
later: after 28 min at worst at 1 mL/h in 50 mL, from a friction of 2 N; a catch-up before the start shortens that.
What cannot be told apart sooner is called occluded: a line raised by 0.7 m at once, or by 0.5 m twice within some
0.16 mL (50 mL; 10 min at 1 mL/h).

**Drop**: the force falls within seconds (the reference is a mean of 16 s) by 80 mmHg, more after the flow was lowered.
A line that comes off shows only where more than that stood in it: `identifiable` says so at 100 mmHg. At low pressures,
so in most infusions, it does not. An occlusion that clears by itself and a line lowered by a metre look alike.

It wants a force at least as quick as its looks: 4 readings or more in each, at 10 looks a second beyond 5 mL/h.

Bounds: |raw| < 2**20 Pa, one slot at most 0.7 mL, flow <= 2e7; every product below 2**30.
"""

from micropython import const

from assuage_wire.schema import NONE32
from pump.status import seconds_at

CLEAR, LEVEL, SLOPE, DROP = range(4)

LEVELS = (50, 100, 150, 200, 300, 400, 500, 600, 750, 900)  # mmHg, the range of a current pump
DROP_PA = 10_666  # 80 mmHg

# Bore below (um), compliance least and most (nL/kPa), friction least and most, its stick-slip (mN). Measured is only
# the compliance of the last row (Snijder 2015: 9 to 21 uL/kPa in 50 mL syringes). ASSUMED: the others' compliance,
# scaled with bore**4 (a seal of equal stiffness) and bore**3; all friction (2.3 to 6.5 N for unnamed sizes, Kiselev
# 2020).
SIZES = (
    (7_000, 9, 120, 300, 3_000, 100),
    (10_500, 100, 720, 400, 4_000, 150),
    (13_500, 370, 1_900, 600, 5_000, 200),
    (17_500, 780, 3_400, 800, 6_000, 300),
    (20_900, 2_400, 7_700, 1_200, 8_000, 300),
    (25_000, 3_900, 11_300, 1_500, 9_000, 400),
    (1_000_000, 9_000, 21_000, 2_000, 10_500, 400),
)

_HEIGHT = const(4_933)  # Pa: 0.5 m of water is 37 mmHg
_SPARE = const(300)  # Pa of noise
_SLOTS = const(16)  # in the volume in which the softest syringe rises by what is called occluded
_SLOT_MS = const(1_000)
_SLOT_NL = const(700_000)
_RESISTANCE = const(16)  # Pa per 1000 nL/min, 2 mmHg per mL/h. ASSUMED: thinner than common cannulas
_FLAT = const(2)  # slots without a rise: the plunger slides
_FAR = const((1 << 20) - 1)
_STEEP = const(65_000)
_MANY = const(512)  # readings in a mean, before the older half loses weight


def pa_of(mmhg):
    """Pa, rounded, of 0 to 900 mmHg."""
    return (mmhg * 133_322 + 500) // 1000


def mmhg_of(pa):
    """mmHg, rounded, of up to 2**20 Pa."""
    return (pa * 500 + 33_330) // 66_661


def size_of(bore_um):
    """The row of SIZES for a bore."""
    for row in SIZES:
        if bore_um < row[0]:
            return row
    return SIZES[-1]


def _per_n(bore_um):
    """Pa of 1 N; pi is 355/113 to 8.5e-8."""
    return 4_000_000_000_000 * 113 // (355 * bore_um * bore_um)


def least(bore_um):
    """The least of LEVELS that is beyond four times the stick-slip of such a syringe; NONE32 if there is none."""
    for level in LEVELS:
        if pa_of(level) >= 4 * (size_of(bore_um)[5] * _per_n(bore_um) // 1000):
            return level
    return NONE32


class Pressure:
    """pa: relative to the line at the beginning; 0 while the friction is unknown. learned: it is known by now.

    identifiable: a line that comes off now would be seen.
    """

    def __init__(self):
        self.pa = 0
        self.learned = False
        self.identifiable = False
        self._ref = 0
        self._flow = 0
        self._last = 0
        self._excess = 0
        self.prepare(SIZES[-1][0] - 1, LEVELS[-1])
        self.begin()

    def prepare(self, bore_um, level_mmhg):
        """False when the level is none of LEVELS, or within four times the syringe's stick-slip. Long integers."""
        _, self._c_lo, self._c_hi, lo, hi, ripple = size_of(bore_um)
        per_n = _per_n(bore_um)
        self._per_n = per_n
        self._held = _FAR * 1000 // per_n
        self._lo = lo * per_n // 1000
        self._hi = hi * per_n // 1000
        self._ripple = ripple * per_n // 1000
        self._rise = _HEIGHT + self._ripple + _SPARE
        self._drop = max(DROP_PA, 3 * self._ripple)
        self._slot = self._rise * self._c_hi // (1000 * _SLOTS)
        self._level = pa_of(level_mmhg)
        return level_mmhg in LEVELS and level_mmhg >= least(bore_um)

    def begin(self):
        """Delivery begins with a syringe whose friction is not known yet."""
        self.learned = False
        self._base = self._lo
        self.resume()

    def resume(self):
        """Delivery goes on after a pause or a back-off: the seal has crept, and the force may climb to the friction."""
        self._fresh = True
        self._climbing = True
        self._fall = 0  # Pa that a fall of flow explains
        self._slope = 0  # 1/16 Pa per uL
        self._rose = 0
        self._flat = 0
        self._tick = 0
        self._restart()

    def look(self, ms, mn, moved_nl, flow):
        """`ms` later the force is `mn`, `moved_nl` more were displaced, and the flow is `flow` nL/min."""
        held = self._held
        raw = max(-held, min(mn, held)) * self._per_n // 1000
        if self._fresh:
            self._start(raw, flow)
        if flow != self._flow:
            self._change(flow)
        self._sum += raw
        self._n += 1
        if self._n == _MANY:
            self._sum >>= 1
            self._n >>= 1
        self._moved = min(self._moved + max(moved_nl, 0), _SLOT_NL)
        self._ms += ms
        self._tick += ms
        if self._tick >= 1000:
            self._tick = 0
            self._second(raw)
        if self._ms >= _SLOT_MS:
            if self._moved >= self._slot:
                self._close()
            else:
                self._ms = _SLOT_MS
        if not self.learned:
            self._base = max(self._lo, min(raw, self._hi))
            self.pa = max(0, raw - self._base)
        else:
            self.pa = raw - self._base
        stood = self._ref - self._base
        self.identifiable = not self._climbing and stood >= self._drop + (self._drop >> 2) + self._fall
        if self.pa >= self._level:
            return LEVEL
        if self._excess >= self._rise:
            return SLOPE
        if not self._climbing and self._ref - raw > self._drop + self._fall:
            return DROP
        return CLEAR

    def rose_nl(self):
        """Volume in nL displaced since the pressure began to rise, what a back-off may take back at most."""
        rises = self._rose or self.pa + self._base - self._last >= self._rise
        return self._rose + self._moved if rises else 0

    def seconds_left(self, flow):
        """Seconds to the alarm at this flow if it goes on rising as it does; NONE32 when it does not."""
        least = 2_000_000 // self._c_hi  # the slope that is subtracted
        slope = self._slope
        if flow == 0 or self._climbing or slope < 2 * least:
            return NONE32
        to_level = max(0, self._level - self.pa) * 800 // slope * 20
        to_slope = max(0, self._rise - self._excess) * 800 // (slope - least) * 20
        return seconds_at(min(to_level, to_slope), flow)

    def _restart(self):
        self._sum = 0
        self._n = 0
        self._moved = 0
        self._ms = 0

    def _start(self, raw, flow):
        friction = self._base if self.learned else self._hi
        self._fresh = False
        self._last = self._ref = raw
        self._room = max(0, friction - raw) + self._ripple
        self._excess = -self._room
        self._flow = 0

    def _change(self, flow):
        more = min(abs(flow - self._flow) * _RESISTANCE // 1000, _FAR)
        if flow > self._flow:
            more = min(more, _FAR - self._room)
            self._room += more
            self._excess -= more
        else:
            self._fall = min(self._fall + more, _FAR)
        self._flow = flow

    def _second(self, raw):
        self._ref += (raw - self._ref) >> 4
        self._fall -= (self._fall + 63) >> 6
        if not self._climbing:
            self._room -= (self._room + 63) >> 6
            self._excess = max(self._excess, -self._room)

    def _close(self):
        mean = self._sum // self._n
        volume = self._moved
        rise = mean - self._last
        least = volume * 125 // self._c_hi
        rise = min(rise, volume * 1500 // self._c_lo)
        self._last = mean
        self._excess = max(self._excess + rise - least, -_FAR)
        if rise < 2 * least and self._excess > 0:
            self._excess -= self._excess >> 2
        new = max(-_STEEP, min(rise, _STEEP)) * 16_000 // volume
        self._slope += (new - self._slope) >> 1
        self._flat = self._flat + 1 if rise < 2 * least and mean * 2 >= self._lo else 0
        if self._climbing and (self._flat == _FLAT or (mean > self._hi and not self.learned)):
            # the plunger slides, or no plunger of this size can have so much friction
            self._climbing = False
            if not self.learned:
                self.learned = True
                self._base = max(self._lo, min(mean, self._hi))
            self._room = min(self._flow * _RESISTANCE // 1000, _FAR)
        self._excess = max(self._excess, -self._room)
        rising = not self._climbing and (self._excess > 0 or rise >= 2 * least)
        self._rose = min(self._rose + volume, NONE32 >> 1) if rising else 0
        self._restart()
