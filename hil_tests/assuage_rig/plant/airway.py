"""Carbon dioxide at a patient's airway, as the open end of a sampling line meets it.

The gas at a time is a pure function of the seed, of what was set when, and of that time. A breath is an inspiration,
then an expiration: dead space, a rise, a plateau that climbs to its end. A change of rate goes on from the phase that
was reached. Single breaths differ in length and size by `variability`; over many the rate is exact.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from math import cos, exp, floor, pi, sin

from assuage_rig.clock import Clock
from assuage_rig.faults import Faults, Kind
from assuage_rig.noise import gauss, key, mix
from assuage_rig.plant.upset import Setting, Upset

ROOM_MMHG = 0.3  # 400 ppm
_RISE_S, _FALL_S = 0.12, 0.08  # time constants of the slopes
_COUGH_HZ = 4
_KEPT = 512  # settings remembered

RANGES = {
    "rate": (0.0, 90.0),
    "etco2": (0.0, 120.0),
    "fico2": (0.0, 60.0),
    "expiration": (0.3, 0.85),
    "dead_s": (0.0, 1.0),
    "slope": (0.0, 20.0),
    "variability": (0.0, 0.4),
    "cardiogenic": (0.0, 20.0),
    "heart_bpm": (20.0, 250.0),
    "cough": (0.0, 1.0),
    "leak": (0.0, 1.0),
    "barometer": (400.0, 800.0),
}
_FLAGS = ("line_on", "blocked")

KINDS = {
    "disconnected": Kind("the sample line is off the airway: it draws the room's air"),
    "occluded": Kind("the sample line is wet: nothing flows in it any more"),
    "leaking": Kind("so large a part of what is sampled is the room's air", {"leak": (0.5, 0.0, 1.0)}),
    "coughing": Kind("the patient coughs or moves, and chops the gas by so large a part", {"cough": (0.8, 0.0, 1.0)}),
}
_HELD = {"disconnected": {"line_on": False}, "occluded": {"blocked": True}}


@dataclass(frozen=True)
class Settings:
    """rate /min, 0 for apnoea; etco2, fico2 mmHg; expiration: part of a breath; dead_s: of anatomical dead space.

    slope: rise of the plateau, mmHg. cardiogenic: depth of the heart's dips at its end, mmHg, at heart_bpm. cough: how
    far gas is chopped by coughing or movement, 0 to 1. leak: part of what is sampled that is room air. barometer: mmHg.
    line_on: the line is at the patient. blocked: nothing flows in it.
    """

    rate: float = 14.0
    etco2: float = 38.0
    fico2: float = 0.0
    expiration: float = 2 / 3
    dead_s: float = 0.15
    slope: float = 2.0
    variability: float = 0.03
    cardiogenic: float = 0.0
    heart_bpm: float = 72.0
    cough: float = 0.0
    leak: float = 0.0
    barometer: float = 760.0
    line_on: bool = True
    blocked: bool = False


@dataclass(frozen=True)
class _Segment:
    start_us: int
    settings: Settings
    breath: float  # cycles, as it began
    held: float  # mmHg that a blocked line shows


class Airway:
    """Settings are attributes: `airway.etco2 = 45` holds from the rig's present time on. ValueError out of range."""

    rate, etco2, fico2, expiration, dead_s, slope, variability = (Setting() for _ in range(7))
    cardiogenic, heart_bpm, cough, leak, barometer = (Setting() for _ in range(5))
    line_on, blocked = Setting(), Setting()

    def __init__(self, **settings: float | bool) -> None:
        self._settings = self._wanted = Settings()
        self._upset = Upset("airway", KINDS, _HELD, self.set)
        self.attach(Clock(), 0)
        self.set(**settings)

    def attach(self, clock: Clock, seed: int) -> None:
        """Comes to a rig: its clock, its seed; the past is forgotten."""
        self._clock = clock
        self._length_key = key(seed, "airway lengths")
        self._size_key = key(seed, "airway sizes")
        self._cough_key = key(seed, "airway cough")
        phase = mix(key(seed, "airway"), 0) / (1 << 64)
        self._segments = [_Segment(clock.now_us, self._settings, phase, ROOM_MMHG)]

    @property
    def faults(self) -> Faults:
        """Of the sample line and of who is at its end."""
        return self._upset.faults

    @property
    def settings(self) -> Settings:
        """What holds now."""
        return self._settings

    def set(self, **changes: float | bool) -> None:
        """Several settings at once. Raises ValueError with a sentence, and then changes nothing.

        What a fault holds, holds once that is mended.
        """
        for name, value in changes.items():
            if name in _FLAGS:
                continue
            if name not in RANGES:
                raise ValueError(f"an airway has no {name!r}; it has {', '.join((*RANGES, *_FLAGS))}")
            low, high = RANGES[name]
            if not low <= value <= high:
                raise ValueError(f"{name} {value:g} is outside {low:g} .. {high:g}")
        changed = {name: bool(v) if name in _FLAGS else float(v) for name, v in changes.items()}
        self._wanted = replace(self._wanted, **changed)  # type: ignore[arg-type]
        now = self._clock.now_us
        segment = _Segment(now, self._upset.settings(self._wanted), self.breaths(now), self.co2(now))
        if now == self._segments[-1].start_us:
            self._segments.pop()
        self._segments.append(segment)
        if len(self._segments) > _KEPT:
            del self._segments[: _KEPT // 2]
        self._settings = segment.settings

    def breaths(self, t_us: int) -> float:
        """Breaths since the rig's start, with fraction: the truth that a measured rate is compared with."""
        segment = self._at(t_us)
        return segment.breath + segment.settings.rate / 60 * (t_us - segment.start_us) * 1e-6

    def ppm(self, t_us: int) -> float:
        """The gas as a dry part of a million, which is what a sensor is sensitive to."""
        return self.co2(t_us) / self._at(t_us).settings.barometer * 1e6

    def co2(self, t_us: int) -> float:
        """mmHg at the open end of the line."""
        segment = self._at(t_us)
        s = segment.settings
        if s.blocked:
            return segment.held
        if not s.line_on:
            return ROOM_MMHG
        value = self._exhaled(segment, t_us)
        if s.cough:
            value = s.fico2 + (value - s.fico2) * (1 - s.cough * self._chopped(t_us))
        return value + s.leak * (ROOM_MMHG - value)

    def exhaled(self, t_us: int) -> float:
        """mmHg at the airway itself, whatever line, leak and coughing make of it."""
        return self._exhaled(self._at(t_us), t_us)

    def settings_at(self, t_us: int) -> Settings:
        """What held at a time."""
        return self._at(t_us).settings

    # -- inside ------------------------------------------------------------------------------------------------------
    def _at(self, t_us: int) -> _Segment:
        segments = self._segments
        if t_us >= segments[-1].start_us:
            return segments[-1]
        return segments[max(bisect_right(segments, t_us, key=lambda segment: segment.start_us) - 1, 0)]

    def _begin(self, n: int, s: Settings) -> float:
        """The phase at which breath n really begins."""
        return n + 0.5 * s.variability * gauss(self._length_key, n)

    def _exhaled(self, segment: _Segment, t_us: int) -> float:
        """mmHg without what disturbs it."""
        s = segment.settings
        phase = segment.breath + s.rate / 60 * (t_us - segment.start_us) * 1e-6
        n = floor(phase)
        if phase < self._begin(n, s):
            n -= 1
        elif phase >= self._begin(n + 1, s):
            n += 1
        begin = self._begin(n, s)
        if not s.rate:  # breathing has stopped: what was in the airway is washed out of the line's end
            last = segment.held
            return s.fico2 + (last - s.fico2) * exp(-(t_us - segment.start_us) * 1e-6 / _FALL_S)
        length = (self._begin(n + 1, s) - begin) * 60 / s.rate
        t = (phase - begin) * 60 / s.rate
        inspiration = length * (1 - s.expiration)
        if t < inspiration:
            return s.fico2 + (self._top(n - 1, s) - s.fico2) * exp(-t / _FALL_S)
        return self._rising(n, s, t - inspiration, length * s.expiration, t_us)

    def _top(self, n: int, s: Settings) -> float:
        return s.etco2 * (1 + 0.3 * s.variability * gauss(self._size_key, n))

    def _rising(self, n: int, s: Settings, t: float, length: float, t_us: int) -> float:
        t -= s.dead_s
        length = max(length - s.dead_s, 0.05)
        if t <= 0:
            return s.fico2
        top = self._top(n, s)
        shape = (1 - exp(-t / _RISE_S)) / (1 - exp(-length / _RISE_S))
        value = s.fico2 + (top - s.slope * (1 - t / length) - s.fico2) * shape
        if s.cardiogenic:
            late = max(0.0, 2 * t / length - 1)  # where the lungs' own flow has nearly ended
            value -= s.cardiogenic * late * (1 - cos(2 * pi * s.heart_bpm / 60 * t_us * 1e-6)) / 2
        return max(value, min(s.fico2, top))

    def _chopped(self, t_us: int) -> float:
        """Random knots joined by cosines, 0 to 1."""
        x = t_us * 1e-6 * _COUGH_HZ
        i = floor(x)
        a, b = (mix(self._cough_key, k) / (1 << 64) for k in (i, i + 1))
        return a + (b - a) * sin(pi / 2 * (x - i)) ** 2
