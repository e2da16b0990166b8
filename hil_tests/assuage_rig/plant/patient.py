"""A patient as the oximeter sees one: light through a finger, from pulse, saturation, perfusion and breathing.

The light at a time is a pure function of the seed, of what was set when, and of that time. A change of rate goes on
from the phase that was reached, so no beat is cut; saturation and perfusion slide to their new value within a second.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from math import cos, exp, floor, pi, sin

from assuage_rig.clock import Clock
from assuage_rig.faults import Faults, Kind
from assuage_rig.noise import key, mix
from assuage_rig.plant import artefacts
from assuage_rig.plant.pulse import POINTS, table
from assuage_rig.plant.upset import Setting, Upset

_RED_NA, _IR_NA = 180.0, 220.0  # DC photocurrent per mA of LED current: 83 000 and 101 000 counts at 7.2 mA and 4096 nA
_AMPLITUDE = 0.08  # how far breathing modulates the pulse's amplitude, peak to peak
_BASELINE = 0.05  # and the baseline, in perfusions, to each side; tissue: the same in both colours
_ARRHYTHMIA = 3.0 / 60  # respiratory sinus arrhythmia, Hz to each side, at most a twentieth of the rate
_EASE_S = 1.0
_VENOUS = 25.0  # points of saturation that venous blood is below arterial
_VENOUS_LEAD = 0.15  # parts of a beat by which its wave goes before
_NOTCH_AT, _NOTCH_SD = 0.55, 0.06  # of the second wave of a doubled pulse, in parts of a beat
_KEPT = 512  # settings remembered; nobody asks for the light of long ago

RANGES = {
    "pulse_bpm": (0.0, 300.0),
    "spo2": (0.0, 100.0),
    "perfusion": (0.0, 20.0),
    "resp_rate": (0.0, 90.0),
    "motion": (0.0, 100.0),
    "tremor": (0.0, 100.0),
    "jerks": (0.0, 100.0),
    "shaking": (0.0, 100.0),
    "shaking_rate": (0.0, 600.0),
    "half_off": (0.0, 100.0),
    "venous": (0.0, 200.0),
    "notch": (0.0, 100.0),
    "ambient": (0.0, 2000.0),
    "flicker": (0.0, 100.0),
    "flicker_hz": (0.0, 1000.0),
}

KINDS = {
    "off": Kind("the probe is off the finger"),
    "movement": Kind("the hand moves without order, % of the light", {"motion": (8.0, 0.0, 100.0)}),
    "shiver": Kind("the hand trembles, % of the light", {"tremor": (5.0, 0.0, 100.0)}),
    "shaking": Kind(
        "the hand is shaken as regularly as a pulse, % of the light, so often a minute",
        {"shaking": (3.0, 0.0, 100.0), "shaking_rate": (150.0, 0.0, 600.0)},
    ),
    "jerks": Kind("the hand jerks now and then, % of the light", {"jerks": (10.0, 0.0, 100.0)}),
    "cold": Kind("little blood comes into the finger: its perfusion, %", {"perfusion": (0.02, 0.0, 20.0)}),
    "loose": Kind("so many % of the light go past the finger", {"half_off": (60.0, 0.0, 100.0)}),
    "light": Kind(
        "a lamp shines on the probe, uA of the photodiode, of which so many % flicker at so many Hz",
        {"ambient": (300.0, 0.0, 2000.0), "flicker": (20.0, 0.0, 100.0), "flicker_hz": (100.0, 0.0, 1000.0)},
    ),
}
_HELD = {"off": {"probe_on": False}}


def ratio_of(spo2: float) -> float:
    """Ratio of ratios R that this emulated sensor sees at a saturation in %: its calibration is SpO2 = 110 - 25 R."""
    return (110 - spo2) / 25


@dataclass(frozen=True)
class Settings:
    """pulse_bpm, resp_rate /min; spo2 %; perfusion: infrared AC peak to peak over DC, %.

    Artefacts in % of DC: motion without order, tremor, jerks, and shaking, at shaking_rate /min. half_off: light that
    goes past the finger, % of all. In % of the pulse's height: venous, a venous pulse, and notch, a second wave in each
    beat. ambient: light from outside on the photodiode, uA, of which flicker % swing at flicker_hz.
    """

    pulse_bpm: float = 72.0
    spo2: float = 97.0
    perfusion: float = 2.0
    resp_rate: float = 14.0
    motion: float = 0.0
    probe_on: bool = True
    tremor: float = 0.0
    jerks: float = 0.0
    shaking: float = 0.0
    shaking_rate: float = 90.0
    half_off: float = 0.0
    venous: float = 0.0
    notch: float = 0.0
    ambient: float = 0.0
    flicker: float = 0.0
    flicker_hz: float = 100.0

    @property
    def disturbed(self) -> bool:
        """Whether anything is in the light but the pulse and its breathing."""
        return bool(self.motion or self.tremor or self.jerks or self.shaking or self.half_off or self.venous
                    or self.notch)  # fmt: skip


@dataclass(frozen=True)
class _Segment:
    """The time from `start_us` on, until the next one: what holds in it, and where the phases stood as it began."""

    start_us: int
    settings: Settings
    beat: float  # cycles
    breath: float  # cycles
    ratio: float
    perfusion: float  # a fraction, as `ratio` that from which the new value is approached


class Patient:
    """Settings are attributes: `patient.spo2 = 88` holds from the rig's present time on. ValueError out of range."""

    pulse_bpm, spo2, perfusion, resp_rate, motion, tremor, jerks = (Setting() for _ in range(7))
    shaking, shaking_rate, half_off, venous, notch = (Setting() for _ in range(5))
    ambient, flicker, flicker_hz, probe_on = (Setting() for _ in range(4))
    _table = table()

    def __init__(
        self,
        pulse_bpm: float = 72.0,
        spo2: float = 97.0,
        perfusion: float = 2.0,
        resp_rate: float = 14.0,
        motion: float = 0.0,
        probe_on: bool = True,
        **artefacts: float,
    ) -> None:
        self._settings = self._wanted = Settings()
        self._upset = Upset("finger", KINDS, _HELD, self.set)
        self.attach(Clock(), 0)
        self.set(
            pulse_bpm=pulse_bpm, spo2=spo2, perfusion=perfusion, resp_rate=resp_rate, motion=motion, probe_on=probe_on,
            **artefacts,
        )  # fmt: skip

    def attach(self, clock: Clock, seed: int) -> None:
        """Comes to a rig: its clock, its seed; the past is forgotten."""
        self._clock = clock
        self._keys = tuple(key(seed, f"patient {what}") for what in ("motion", "tremor", "jerks", "rattle"))
        s = self._settings
        breath = mix(key(seed, "patient breath"), 0) / (1 << 64)
        first = _Segment(clock.now_us, s, 0.0, breath, ratio_of(s.spo2), s.perfusion / 100)
        self._segments = [first]
        self._use(first)

    @property
    def faults(self) -> Faults:
        """Of the finger in its probe."""
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
            if name == "probe_on":
                continue
            if name not in RANGES:
                raise ValueError(f"a patient has no {name!r}; it has {', '.join(RANGES)}, probe_on")
            low, high = RANGES[name]
            if not low <= value <= high:
                raise ValueError(f"{name} {value:g} is outside {low:g} .. {high:g}")
        changed = {name: bool(v) if name == "probe_on" else float(v) for name, v in changes.items()}
        self._wanted = replace(self._wanted, **changed)  # type: ignore[arg-type]
        now = self._clock.now_us
        last = self._segments[-1]
        dt = (now - last.start_us) * 1e-6
        beat, breath = self._phases(last, dt)
        ratio, perfusion = self._eased(last, dt)
        first_ever = now == last.start_us and len(self._segments) == 1
        self._settings = self._upset.settings(self._wanted)
        if first_ever:  # nothing has been seen yet, so there is nothing to ease from
            ratio, perfusion = ratio_of(self._settings.spo2), self._settings.perfusion / 100
            self._segments.clear()
        segment = _Segment(now, self._settings, beat, breath, ratio, perfusion)
        self._segments.append(segment)
        if len(self._segments) > _KEPT:
            del self._segments[: _KEPT // 2]
        self._use(segment)

    def beats(self, t_us: int) -> float:
        """Beats since the rig's start, with fraction: the truth that a measured pulse is compared with."""
        segment = self._at(t_us)
        return self._phases(segment, (t_us - segment.start_us) * 1e-6)[0]

    def light(self, t_us: int) -> tuple[float, float]:
        """Photocurrent of red and infrared at a time, nA per mA of LED current. More blood, less light."""
        if t_us >= self._start_us:
            segment = self._segment
        else:
            segment = self._at(t_us)
        settings = segment.settings
        if not settings.probe_on:
            return 0.0, 0.0
        dt = (t_us - segment.start_us) * 1e-6
        beat, breath = self._phases(segment, dt)
        ratio, perfusion = self._eased(segment, dt)
        swing = sin(2 * pi * breath) if settings.resp_rate else 0.0
        x = (beat - floor(beat)) * POINTS
        i = int(x)
        low = self._table[i]
        pulse = low + (self._table[i + 1] - low) * (x - i)
        blood = perfusion * pulse * (1 + _AMPLITUDE / 2 * swing)
        base = 1 + perfusion * _BASELINE * swing
        if not settings.disturbed:
            return _RED_NA * (base - ratio * blood), _IR_NA * (base - blood)
        base += self._movement(settings, t_us)
        red, ir = base - ratio * blood, base - blood
        if settings.notch:
            part = beat - floor(beat) - _NOTCH_AT
            second = perfusion * settings.notch / 100 * exp(-part * part / (2 * _NOTCH_SD**2))
            red, ir = red - ratio * second, ir - second
        if settings.venous:
            second = perfusion * settings.venous / 200 * sin(2 * pi * (beat + _VENOUS_LEAD))
            red, ir = red - (ratio + _VENOUS / 25) * second, ir - second
        past = settings.half_off / 100
        if past:
            stray = past * (1 + artefacts.rattle(self._keys[3], t_us * 1e-6))
            red, ir = (1 - past) * red + stray, (1 - past) * ir + stray
        return _RED_NA * red, _IR_NA * ir

    def ambient_light(self, t_us: int) -> float:
        """Photocurrent of the light from outside at a time, uA."""
        settings = (self._segment if t_us >= self._start_us else self._at(t_us)).settings
        if not settings.ambient:
            return 0.0
        return artefacts.lamp(t_us * 1e-6, settings.ambient, settings.flicker / 100, settings.flicker_hz)

    # -- inside ------------------------------------------------------------------------------------------------------
    def _use(self, segment: _Segment) -> None:
        self._segment = segment
        self._start_us = segment.start_us

    def _at(self, t_us: int) -> _Segment:
        i = bisect_right(self._segments, t_us, key=lambda segment: segment.start_us) - 1
        return self._segments[max(i, 0)]

    @staticmethod
    def _phases(segment: _Segment, dt: float) -> tuple[float, float]:
        """Beat and breath in cycles, dt seconds into a segment: the rate's integral, arrhythmia included."""
        s = segment.settings
        beat_hz = s.pulse_bpm / 60
        breath_hz = s.resp_rate / 60
        beat = segment.beat + beat_hz * dt
        breath = segment.breath + breath_hz * dt
        if breath_hz:
            depth = min(_ARRHYTHMIA, beat_hz / 20)
            beat += depth / (2 * pi * breath_hz) * (cos(2 * pi * segment.breath) - cos(2 * pi * breath))
        return beat, breath

    @staticmethod
    def _eased(segment: _Segment, dt: float) -> tuple[float, float]:
        """Ratio and perfusion (a fraction), dt seconds into a segment."""
        ratio = ratio_of(segment.settings.spo2)
        perfusion = segment.settings.perfusion / 100
        if dt < _EASE_S:
            done = max(dt, 0.0) / _EASE_S
            ratio = segment.ratio + (ratio - segment.ratio) * done
            perfusion = segment.perfusion + (perfusion - segment.perfusion) * done
        return ratio, perfusion

    def _movement(self, settings: Settings, t_us: int) -> float:
        """Movement in the light's path, in parts of DC, the same in both colours."""
        seconds = t_us * 1e-6
        total = 0.0
        if settings.motion:
            total += settings.motion * artefacts.motion(self._keys[0], seconds)
        if settings.tremor:
            total += settings.tremor * artefacts.tremor(self._keys[1], seconds)
        if settings.jerks:
            total += settings.jerks * artefacts.jerks(self._keys[2], seconds)
        if settings.shaking:
            total += settings.shaking * artefacts.shaking(seconds, settings.shaking_rate)
        return total / 100
