"""A temperature probe on the skin, or lying in the room: what its chip feels, late by the probe's own time constant.

Each change of a setting begins a segment from the temperature that was reached, so that the temperature at a time is a
pure function of what was set when. The skin may warm or cool evenly, as in fever or under a blanket.
"""

from dataclasses import dataclass, replace
from math import exp

from assuage_rig.clock import Clock
from assuage_rig.faults import Faults, Kind
from assuage_rig.plant.upset import Upset

RANGES = {
    "skin": (0.0, 50.0),
    "room": (-20.0, 50.0),
    "lag_s": (1.0, 300.0),
    "warming": (-20.0, 20.0),
}
_KEPT = 256

KINDS = {"off": Kind("the probe has come off the skin and lies in the room")}
_HELD = {"off": {"on": False}}


@dataclass(frozen=True)
class Settings:
    """skin, room: degrees C. lag_s: time constant of the probe. warming: of the skin, degrees C an hour."""

    skin: float = 36.0
    room: float = 22.0
    lag_s: float = 20.0
    warming: float = 0.0
    on: bool = True


@dataclass(frozen=True)
class _Segment:
    start_us: int
    settings: Settings
    reached: float


class Probe:
    """set(skin=38.5) and set(on=False) hold from the rig's present time on. ValueError out of range."""

    __slots__ = ("_clock", "_segments", "_settings", "_upset", "_wanted")  # so that plain assignment is refused

    def __init__(self, **settings: float | bool) -> None:
        self._settings = self._wanted = Settings()
        self._upset = Upset("temperature-probe", KINDS, _HELD, self.set)
        self.attach(Clock())
        self.set(**settings)

    def attach(self, clock: Clock) -> None:
        """Comes to a rig; the past is forgotten, and the probe is as warm as where it is."""
        self._clock = clock
        self._segments = [self._first(clock.now_us, self._settings)]

    @staticmethod
    def _first(now_us: int, settings: Settings) -> _Segment:
        return _Segment(now_us, settings, settings.skin if settings.on else settings.room)

    @property
    def faults(self) -> Faults:
        """Of its place."""
        return self._upset.faults

    @property
    def settings(self) -> Settings:
        """What holds now; `skin` is that of when it was set, see skin()."""
        return self._settings

    def set(self, **changes: float | bool) -> None:
        """Several settings at once. Raises ValueError with a sentence, and then changes nothing.

        What a fault holds, holds once that is mended.
        """
        changed: dict[str, float | bool] = {}
        for name, value in changes.items():
            if name == "on":
                changed[name] = bool(value)
                continue
            if name not in RANGES:
                raise ValueError(f"a temperature probe has no {name!r}; it has {', '.join(RANGES)}, on")
            low, high = RANGES[name]
            if not low <= value <= high:
                raise ValueError(f"{name} {value:g} is outside {low:g} .. {high:g}")
            changed[name] = float(value)
        now = self._clock.now_us
        first_ever = len(self._segments) == 1 and self._segments[0].start_us == now
        changed.setdefault("skin", self.skin(now))
        reached = self.celsius(now)
        self._wanted = replace(self._wanted, **changed)  # type: ignore[arg-type]
        self._settings = self._upset.settings(self._wanted)
        if first_ever:  # nothing has been felt yet
            self._segments = [self._first(now, self._settings)]
            return
        self._segments.append(_Segment(now, self._settings, reached))
        if len(self._segments) > _KEPT:
            del self._segments[: _KEPT // 2]

    def _at(self, t_us: int) -> _Segment:
        return next((s for s in reversed(self._segments) if s.start_us <= t_us), self._segments[0])

    def skin(self, t_us: int) -> float:
        """The truth under the probe, degrees C."""
        segment = self._at(t_us)
        return segment.settings.skin + segment.settings.warming * max(t_us - segment.start_us, 0) / 3600e6

    def celsius(self, t_us: int) -> float:
        """What the probe's chip has, degrees C: first order, behind an evenly moving skin by slope times lag."""
        segment = self._at(t_us)
        settings = segment.settings
        dt = max(t_us - segment.start_us, 0) * 1e-6
        slope = settings.warming / 3600 if settings.on else 0.0
        behind = slope * settings.lag_s
        target = settings.skin if settings.on else settings.room
        return target + slope * dt - behind + (segment.reached - target + behind) * exp(-dt / settings.lag_s)
