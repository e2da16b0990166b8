"""Why shaft and steps disagree: stall, slip, a reversed phase, a dead or a stuck encoder, as far as physics tells.

    d = Diagnosis(counts_per_rev, steps_per_rev, forward)
    d.begin(allowed_steps)                                       # as pump.encoder allows: 0.02 mL or four full steps
    why = d.look(steps, counts, encoder_ok, field_ok, trend, driver_ok)      # each encoder reading; trend: of the force
    if why: stop(why)

The disagreement is counted as pump.encoder counts it, and is believed when two looks in a row see it. The class is then
read from the last steps, a quarter to a half of what is allowed, by this table (share: of the steps, made by the
shaft):

    encoder silent, or no field        DEAD      it cannot say anything
    share < -3/2                       SLIP      the rotor lost its hold and was pushed back
    -3/2 <= share <= -1/2              REVERSED  the shaft goes back about as far as it should go forward
    -1/2 < share < -1/10               DISAGREE
    |share| <= 1/10  driver complains  STALL     no current, too hot, or not the steps that were asked for
                     force rises       STUCK     the plunger is pushed: so the shaft turns and the encoder lies
                     force falls       STALL     nothing pushes any more
                     counts jitter     STALL     an encoder that still moves to and fro is alive
                     else              DISAGREE  a frozen angle under a steady force: both are possible
    1/10 < share <= 1                  SLIP      steps are lost, some of them
    share > 1                          DISAGREE  the shaft is ahead of its steps
    no steps, but the shaft moved      DISAGREE

A share counts as in the direction that was asked for, so it holds for a back-off too.
Every verdict stops the pump; the class is for the human. In an open line the force is steady, so a frozen magnet and a
stall are often not to be told apart, and it says so. Trends are only as good as the force: pass 0 when it is not good.

Bounds: |steps| <= 30 000 and |counts| <= 2**16 a look, 4096 counts and up to 51 200 steps a turn; both share a unit
once their common divisor is taken out (a count is 25 of them, a step 32 at 3200 a turn), so every product is below
2**30.
"""

from micropython import const

from pump.codes import WHY_ENCODER_DISAGREES, WHY_ENCODER_LOST, WHY_REVERSED, WHY_SLIPS, WHY_STALLED

NONE, STALL, SLIP, REVERSED, DEAD, STUCK, DISAGREE = range(7)
# Of each, why the pump stands; a magnet that stands while the plunger is pushed is a lost encoder.
WHY = (
    WHY_ENCODER_DISAGREES,
    WHY_STALLED,
    WHY_SLIPS,
    WHY_REVERSED,
    WHY_ENCODER_LOST,
    WHY_ENCODER_LOST,
    WHY_ENCODER_DISAGREES,
)

_SILENT = const(5)  # looks without the encoder: with 100 ms between them as long as pump.encoder waits
_FAR = const(1 << 24)


def verdict(steps, moved, jitter, trend, driver_ok):
    """The table above, for `moved` of `steps` (>= 0) in one unit; jitter: whether the angle changed at all."""
    if steps == 0 or moved > steps:
        return DISAGREE
    if 2 * moved <= -steps:
        return REVERSED if 2 * moved >= -3 * steps else SLIP
    if 10 * moved > steps:
        return SLIP
    if 10 * moved < -steps:
        return DISAGREE
    if not driver_ok:
        return STALL
    if trend > 0:
        return STUCK
    return STALL if trend < 0 or jitter else DISAGREE


def _gcd(a, b):
    while b:
        a, b = b, a % b
    return a


class Diagnosis:
    """One shaft; forward: +1, or -1 when counts fall as the plunger advances. off: shaft less steps, in units.
    still: looks for which the angle has stood, 255 at most. reason: for whoever tells it: the verdict that ended the
    last delivery."""

    def __init__(self, counts_per_rev, steps_per_rev, forward=1):
        shared = _gcd(counts_per_rev, steps_per_rev)
        self._count = steps_per_rev // shared * forward
        self._step = counts_per_rev // shared
        self._before = [0, 0, 0, 0]  # steps, moved, trend, looks whose angle had changed: the older half
        self._now = [0, 0, 0, 0]
        self.begin(64)

    def begin(self, allowed_steps):
        """From here on they are compared; `allowed_steps` of difference are healthy."""
        self.off = 0
        self.reason = NONE
        self.still = 0
        self._allowed = min(allowed_steps * self._step, _FAR)
        self._silent = 0
        self._beyond = False
        before, now = self._before, self._now
        for i in range(4):
            before[i] = now[i] = 0

    def look(self, steps, counts, encoder_ok, field_ok, trend, driver_ok):
        """`steps` were made and `counts` read since the last look (backwards negative): a class, or NONE.

        trend: 1 while the force rises, -1 while it falls, else 0. While the encoder is silent `counts` is 0.
        """
        steps *= self._step
        moved = counts * self._count
        now = self._now
        now[0] = max(-_FAR, min(now[0] + steps, _FAR))
        now[1] = max(-_FAR, min(now[1] + moved, _FAR))
        if trend:
            now[2] = trend
        self.still = min(self.still + 1, 255)
        if counts:
            self.still = 0
            now[3] = 1
        self.off = max(-_FAR, min(self.off + moved - steps, _FAR))
        if not (encoder_ok and field_ok):
            self._silent = min(self._silent + 1, _SILENT)
            return DEAD if self._silent == _SILENT else NONE
        self._silent = 0
        beyond = self._beyond
        self._beyond = abs(self.off) > self._allowed
        why = self.verdict(driver_ok) if beyond and self._beyond else NONE
        if 4 * abs(now[0]) >= self._allowed:
            self._now = self._before
            self._before = now
            self._now[0] = self._now[1] = self._now[2] = self._now[3] = 0
        return why

    def verdict(self, driver_ok):
        """The class of the last steps, for somebody who has found the disagreement by himself."""
        before = self._before
        now = self._now
        steps = before[0] + now[0]
        moved = before[1] + now[1]
        if steps < 0:
            steps = -steps
            moved = -moved
        return verdict(steps, moved, before[3] or now[3], now[2] or before[2], driver_ok)
