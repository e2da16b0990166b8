"""A heart as electrodes on the chest see it: an electrocardiogram in mV, with what spoils one.

Each beat is a sum of five Gaussians P, Q, R, S, T around its R wave, in seconds, as simulators have it (McSharry 2003
puts them on a circle); sizes and times here are those of a textbook's lead II, no model of a person. P comes nearer and
T shrinks with the root of the interval, as Bazett has it for QT. An ectopic beat comes early, wide, without P, and is
followed by a pause. The beats are drawn from the seed one after the other; the voltage at a time is a pure function of
that, of what was set when, and of the time.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from math import cos, exp, floor, pi, sin, sqrt

from assuage_rig.clock import Clock
from assuage_rig.faults import Faults, Kind
from assuage_rig.noise import gauss, key, mix
from assuage_rig.plant.upset import Setting, Upset

RANGES = {
    "rate": (0.0, 300.0),
    "amplitude": (-5.0, 5.0),
    "t_ratio": (-1.5, 1.5),
    "width": (0.5, 3.0),
    "variability": (0.0, 0.3),
    "fibrillation": (0.0, 0.5),
    "ectopic": (0.0, 1.0),
    "wander": (0.0, 5.0),
    "muscle": (0.0, 5.0),
    "hum": (0.0, 5.0),
    "hum_hz": (45.0, 65.0),
    "motion": (0.0, 10.0),
    "paced": (0.0, 50.0),
}

KINDS = {
    "mains": Kind("the mains hum in the leads, mV peak, Hz", {"hum": (3.0, 0.0, 5.0), "hum_hz": (50.0, 45.0, 65.0)}),
    "muscle": Kind("muscles are heard, mV rms", {"muscle": (1.0, 0.0, 5.0)}),
    "movement": Kind("the electrodes are tugged at, mV", {"motion": (5.0, 0.0, 10.0)}),
}

# height in R waves, centre and deviation in seconds at an interval of one second
_P, _Q, _R, _S = (0.12, -0.16, 0.022), (-0.10, -0.028, 0.009), (1.0, 0.0, 0.011), (-0.20, 0.028, 0.011)
_T_AT, _T_WIDE = 0.28, 0.045
_ECTOPIC_WIDE, _ECTOPIC_SIZE, _EARLY = 2.6, 1.4, 0.65
_BREATH_HZ, _WANDER_HZ, _MOTION_HZ = 0.25, (0.05, 0.22), 4.0
_SPIKE_S, _SPIKE_BEFORE_S = 0.002, 0.035
_KEPT = 512


@dataclass(frozen=True)
class Settings:
    """rate: /min, 0 for asystole. amplitude: of R, mV, down when negative. t_ratio: T over R. width: of QRS, 1 usual.

    variability: deviation of the interval as it breathes; fibrillation: by chance, without P waves. ectopic: share of
    the beats. wander: of the baseline, mV peak to peak. muscle: noise, mV rms up to 125 Hz. hum: mV peak, at hum_hz.
    motion: mV of an electrode that is tugged at. paced: mV of the spike before each QRS complex, 2 ms long.
    """

    rate: float = 72.0
    amplitude: float = 1.0
    t_ratio: float = 0.25
    width: float = 1.0
    variability: float = 0.0
    fibrillation: float = 0.0
    ectopic: float = 0.0
    wander: float = 0.2
    muscle: float = 0.0
    hum: float = 0.0
    hum_hz: float = 50.0
    motion: float = 0.0
    paced: float = 0.0


Wave = tuple[float, float, float]  # mV, s from the R wave, s


@dataclass(frozen=True)
class _Beat:
    at_s: float
    waves: tuple[Wave, ...]
    ectopic: bool


class Heart:
    """Settings are attributes: `heart.rate = 120` holds from the beat after the rig's present time on, noise at once.
    ValueError out of range."""

    rate, amplitude, t_ratio, width, variability, fibrillation = (Setting() for _ in range(6))
    ectopic, wander, muscle, hum, hum_hz, motion, paced = (Setting() for _ in range(7))

    def __init__(self, **settings: float) -> None:
        self._settings = self._wanted = Settings()
        self._upset = Upset("electrodes", KINDS, {}, self.set)
        self.attach(Clock(), 0)
        self.set(**settings)

    def attach(self, clock: Clock, seed: int) -> None:
        """Comes to a rig: its clock, its seed; the past is forgotten."""
        self._clock = clock
        self._chance = key(seed, "heart beats")
        self._muscle = key(seed, "heart muscle")
        self._motion = key(seed, "heart motion")
        self._phase = mix(key(seed, "heart phase"), 0) / (1 << 64)
        self._drawn = 0
        self._noises = [(clock.now_us, self._settings)]
        self._beats: list[_Beat] = []
        self._times: list[float] = []
        self._next_s = clock.now_us * 1e-6 + self._phase
        self._resting = self._settings.rate == 0

    @property
    def faults(self) -> Faults:
        """Of the electrodes."""
        return self._upset.faults

    @property
    def settings(self) -> Settings:
        """What holds now."""
        return self._settings

    def set(self, **changes: float) -> None:
        """Several settings at once. Raises ValueError with a sentence, and then changes nothing.

        What a fault holds, holds once that is mended.
        """
        for name, value in changes.items():
            if name not in RANGES:
                raise ValueError(f"a heart has no {name!r}; it has {', '.join(RANGES)}")
            low, high = RANGES[name]
            if not low <= value <= high:
                raise ValueError(f"{name} {value:g} is outside {low:g} .. {high:g}")
        self._wanted = replace(self._wanted, **{name: float(value) for name, value in changes.items()})
        now = self._clock.now_us
        self._beat_until(now * 1e-6)
        self._settings = self._upset.settings(self._wanted)
        if self._settings.rate and self._resting:
            self._next_s = now * 1e-6 + 0.5
        self._resting = not self._settings.rate
        self._noises.append((now, self._settings))
        del self._noises[:-_KEPT]

    def beats(self, t_us: int) -> list[float]:
        """Times of the R waves up to then, s, of the last few minutes: what a measured rate is compared with."""
        self._beat_until(t_us * 1e-6)
        return self._times[: bisect_right(self._times, t_us * 1e-6)]

    def mv(self, t_us: int) -> float:
        """Voltage between the electrodes at a time, mV."""
        t = t_us * 1e-6
        self._beat_until(t + 0.5)
        total = 0.0
        i = bisect_right(self._times, t + 0.3) - 1
        while i >= 0 and (dt := t - self._times[i]) < 0.9:
            for height, centre, deviation in self._beats[i].waves:
                x = (dt - centre) / deviation
                if -4.5 < x < 4.5:
                    total += height * exp(-0.5 * x * x)
            i -= 1
        return total + self._spoilt(t_us, t)

    def _spoilt(self, t_us: int, t: float) -> float:
        settings = self._noises[-1][1]
        if t_us < self._noises[-1][0]:
            settings = next((s for at, s in reversed(self._noises) if at <= t_us), self._noises[0][1])
        total = 0.0
        if settings.wander:
            one, two = _WANDER_HZ
            total += settings.wander / 4 * (sin(2 * pi * (one * t + self._phase)) + sin(2 * pi * two * t))
        if settings.hum:
            total += settings.hum * sin(2 * pi * settings.hum_hz * t)
        if settings.muscle:
            total += settings.muscle * gauss(self._muscle, t_us)
        if settings.motion:
            x = t * _MOTION_HZ
            i = floor(x)
            a, b = gauss(self._motion, i), gauss(self._motion, i + 1)
            total += settings.motion * (a + (b - a) * (1 - cos(pi * (x - i))) / 2) / 2
        return total

    def _chances(self) -> float:
        self._drawn += 1
        return mix(self._chance, self._drawn) / (1 << 64)

    def _beat_until(self, until_s: float) -> None:
        """Draws the beats up to a time."""
        while self._settings.rate and self._next_s <= until_s:
            at_s, settings = self._next_s, self._settings
            interval = 60 / settings.rate
            interval *= 1 + settings.variability * sqrt(2) * sin(2 * pi * _BREATH_HZ * at_s)
            if settings.fibrillation:
                interval *= max(0.5, 1 + settings.fibrillation * gauss(self._chance, -self._drawn))
            early = settings.ectopic > 0 and self._chances() < settings.ectopic
            before = self._beats[-1] if self._beats else None
            if early and before and not before.ectopic:
                at_s = before.at_s + (at_s - before.at_s) * _EARLY
            self._beats.append(_Beat(at_s, self._waves(settings, interval, early), early))
            self._times.append(at_s)
            self._next_s += interval
            self._drawn += 1
        if len(self._times) > 2 * _KEPT:
            del self._times[:_KEPT], self._beats[:_KEPT]

    @staticmethod
    def _waves(settings: Settings, interval: float, ectopic: bool) -> tuple[Wave, ...]:
        size, root = settings.amplitude, sqrt(interval)
        t = (size * settings.t_ratio, _T_AT * root, _T_WIDE * root)
        if ectopic:
            wide = _ECTOPIC_WIDE * settings.width
            return (
                (size * _ECTOPIC_SIZE, 0.0, _R[2] * wide),
                (-t[0] * _ECTOPIC_SIZE - size * 0.3, t[1], t[2]),
            )
        waves = [(h * size, c * settings.width, d * settings.width) for h, c, d in (_Q, _R, _S)]
        waves.append(t)
        if not settings.fibrillation:
            waves.append((_P[0] * size, _P[1] * root, _P[2]))
        if settings.paced:
            waves.append((settings.paced, -_SPIKE_BEFORE_S, _SPIKE_S / 2))
        return tuple(waves)
