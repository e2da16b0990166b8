"""The arm in a cuff: how much room its artery takes, from the pressure in it and around it.

The artery's compliance is exponential on both sides of zero transmural pressure, c0 exp(a P) below and c0 exp(-b P)
above (Babbs, Oscillometric measurement of systolic and diastolic blood pressures validated in a physiologic
mathematical model, 2012; Chandrasekhar et al., Formulas to explain popular oscillometric blood pressure estimation
algorithms, 2019). a and b belong to the arm, so the ratios at which systole and diastole lie in the envelope are
nobody's constants: with 0.055 and 0.045 /mmHg the maximum lies at 0.45 systolic + 0.55 diastolic. Volumes in mL.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from math import cos, exp, floor, pi, sin
from typing import Protocol

from assuage_rig.faults import Faults, Kind
from assuage_rig.noise import gauss, key, mix
from assuage_rig.plant.pulse import POINTS, table

_MOTION_HZ = 4  # knots per second of a movement
_SHIVER_HZ = 9.0  # an assumption, as is that it swells and fades some 5 times a minute
_SWELL_HZ = 0.08
_BOUT_S = 2.0  # an arm moves, or does not, for so long
_RESP_ARRHYTHMIA = 0.03  # how far breathing changes the rate
_FASTEST_S = 0.3  # between two beats, whatever the rhythm

KINDS = {
    "movement": Kind(
        "the arm moves: so many mL under the cuff, rms, for that part of the time",
        {"ml": (1.0, 0.0, 50.0), "part": (0.5, 0.0, 1.0)},
    ),
    "shiver": Kind("the patient shivers: so many mL under the cuff, rms", {"ml": (0.3, 0.0, 50.0)}),
    "pulseless": Kind("no blood comes into the arm"),
}


@dataclass(frozen=True)
class Tissue:
    """a, b: /mmHg, see the module; c0: mL/mmHg at zero transmural pressure; form: exponent of the pulse's shape."""

    a: float = 0.055
    b: float = 0.045
    c0: float = 0.035
    form: float = 0.6


class Beating(Protocol):
    """When the arm's artery is filled."""

    def at(self, t_us: int) -> tuple[int, float]:
        """The beat at a time and the part of it that is over."""

    def strength(self, beat: int) -> float:
        """Its pulse pressure as part of the usual one."""


class InStep:
    """One heart for arm and finger. beats: since the start, with fraction, at a time in us; see Patient.beats."""

    def __init__(self, beats: Callable[[int], float]) -> None:
        self._beats = beats

    def at(self, t_us: int) -> tuple[int, float]:
        """The beat at a time and the part of it that is over."""
        beats = self._beats(t_us)
        n = floor(beats)
        return n, beats - n

    def strength(self, beat: int) -> float:
        """All alike."""
        return 1.0


class Rhythm:
    """Beats since the start, by time. irregular: sd of an interval as part of it; 0.2 is like fibrillation."""

    def __init__(self, bpm: float, resp_rate: float = 14.0, irregular: float = 0.0, seed: int = 0) -> None:
        self._mean_s = 60 / bpm
        self._irregular = irregular
        self._breath_hz = resp_rate / 60
        self._key = key(seed, "rhythm")
        self._starts = [0.0]
        self._starts.append(self._interval(0))
        self._newest = 0  # that was asked for

    def at(self, t_us: int) -> tuple[int, float]:
        """The beat at a time and the part of it that is over."""
        t = t_us * 1e-6
        starts = self._starts
        i = self._newest
        if not starts[i] <= t < starts[i + 1]:
            while starts[-1] <= t:
                starts.append(starts[-1] + self._interval(len(starts) - 1))
            self._newest = i = bisect_right(starts, t) - 1
        return i, (t - starts[i]) / (starts[i + 1] - starts[i])

    def strength(self, beat: int) -> float:
        """Its pulse pressure as part of the usual one: a heart that had longer to fill throws more."""
        if not self._irregular or beat < 1:
            return 1.0
        starts = self._starts
        return min(max((starts[beat] - starts[beat - 1]) / self._mean_s, 0.4), 1.5)

    def _interval(self, n: int) -> float:
        wander = self._irregular * gauss(self._key, n)
        breath = _RESP_ARRHYTHMIA * sin(2 * pi * self._breath_hz * self._starts[-1])
        return max(self._mean_s * (1 + wander + breath), _FASTEST_S)


class Arm:
    """One arm. pressures: systolic and diastolic at a time, us, in mmHg; rhythm: see Rhythm.at and .strength.

    breathing: mmHg to each side by which breathing moves both, resp_rate times a minute.
    """

    def __init__(
        self,
        pressures: Callable[[int], tuple[float, float]],
        rhythm: Beating,
        tissue: Tissue | None = None,
        seed: int = 0,
        breathing: float = 2.0,
        resp_rate: float = 14.0,
    ) -> None:
        self.pressures = pressures
        self.rhythm = rhythm
        self.become(tissue or Tissue())
        self.breathing = breathing
        self.resp_rate = resp_rate
        self.faults = Faults("arm", KINDS)
        self._motion = key(seed, "arm movement")

    def become(self, tissue: Tissue) -> None:
        """Another one's arm is in the cuff."""
        self.tissue = tissue
        self._wave = wave(tissue.form)
        self._closed = tissue.c0 / tissue.a  # mL at zero transmural pressure
        self._last = self._closed + tissue.c0 / tissue.b  # at any that is high

    def pressure(self, t_us: int) -> float:
        """In the artery, mmHg."""
        systolic, diastolic = self.pressures(t_us)
        if "pulseless" in self.faults.active:
            return diastolic
        beat, part = self.rhythm.at(t_us)
        x = part * POINTS
        i = int(x)
        low = self._wave[i]
        height = low + (self._wave[i + 1] - low) * (x - i)
        swing = self.breathing * sin(t_us * self.resp_rate * (2e-6 * pi / 60)) if self.breathing else 0.0
        return diastolic + (systolic - diastolic) * self.rhythm.strength(beat) * height + swing

    def mean(self, t_us: int) -> float:
        """The mean over a usual beat, mmHg: what a MAP is compared with."""
        systolic, diastolic = self.pressures(t_us)
        return diastolic + (systolic - diastolic) * sum(self._wave[:-1]) / POINTS

    def volume(self, t_us: int, around: float) -> float:
        """What of the cuff's room the arm takes at a time and a pressure around it, mL, without what is constant."""
        across = self.pressure(t_us) - around
        tissue = self.tissue
        if across < 0:
            volume = self._closed * exp(tissue.a * across)
        else:
            volume = self._last - (self._last - self._closed) * exp(-tissue.b * across)
        if "movement" in self.faults.active:
            volume += self._movement(t_us * 1e-6)
        if "shiver" in self.faults.active:
            volume += self._shiver(t_us * 1e-6)
        return volume

    def _movement(self, t: float) -> float:
        """Random knots joined by cosines, in bouts."""
        movement = self.faults.active["movement"]
        if mix(self._motion, -1 - int(t / _BOUT_S)) / (1 << 64) >= movement["part"]:
            return 0.0
        x = t * _MOTION_HZ
        i = floor(x)
        a, b = gauss(self._motion, i), gauss(self._motion, i + 1)
        return float(movement["ml"]) * (a + (b - a) * (1 - cos(pi * (x - i))) / 2)

    def _shiver(self, t: float) -> float:
        """A tremor that swells and fades."""
        size = float(self.faults.active["shiver"]["ml"]) * (1 + sin(2 * pi * _SWELL_HZ * t)) / 1.225
        return size * sin(2 * pi * _SHIVER_HZ * t) * 2**0.5


def wave(form: float) -> list[float]:
    """Height of the arterial pulse over a beat, 0 to 1: the pulse's shape, raised to a power, which moves its mean."""
    heights = table()
    low = min(heights)
    return [(height - low) ** form for height in heights]
