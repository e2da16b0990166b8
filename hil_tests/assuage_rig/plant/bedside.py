"""From the body to the sensors: sets what finger, airway, arm, heart and skin show, second by second.

    bedside = Bedside(body, bench.at)
    bedside.follow(bench.patient.set, FINGER)
    bedside.follow(setter(airway), AIRWAY)

A sensor's plant is a pure function of settings that hold from the rig's present on; so they are set at the very second,
by an event of the rig, and only when they have changed by what could be seen. Somebody may hold a sign at a value of
their own: all sensors show that then, while the body lives on behind it.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import inf

from assuage_rig.plant.feed import SECOND_US
from assuage_rig.plant.physiology import Body
from assuage_rig.plant.signs import Signs

At = Callable[[float, Callable[[], object]], None]
"""Has something happen so many seconds from now; see Bench.at."""

FINGER = {"pulse_bpm": "pulse_bpm", "spo2": "spo2", "perfusion": "perfusion", "resp_rate": "effort_rate"}
"""Settings of the plant by sign of the body. The pleth follows the chest, whether or not air moves."""

AIRWAY = {"rate": "resp_rate", "etco2": "etco2", "fico2": "fico2"}
HEART = {"rate": "pulse_bpm"}
SKIN = {"skin": "temperature_c"}

SHOWN: Mapping[str, tuple[float, float]] = {
    "pulse_bpm": (0.0, 300.0),
    "spo2": (0.0, 100.0),
    "perfusion": (0.0, 20.0),
    "resp_rate": (0.0, 90.0),
    "etco2": (0.0, 120.0),
    "fico2": (0.0, 60.0),
    "systolic": (0.0, 300.0),
    "diastolic": (0.0, 250.0),
    "temperature_c": (0.0, 50.0),
}
"""Signs that can be held, and what the plants can show of each; beyond it they show its end."""

_KEPT = 16  # seconds of signs that a chip may still ask for; none samples that late

_SEEN = 0.05
"""A change by less, in a sign's own unit, is not passed on."""


def _shown(sign: str, value: float) -> float:
    low, high = SHOWN.get(sign, (-inf, inf))
    return min(max(value, low), high)


def setter(thing: object) -> Callable[..., None]:
    """Sets attributes of a thing one after the other, for one that has no set() of its own."""

    def apply(**settings: float) -> None:
        for name, value in settings.items():
            setattr(thing, name, value)

    return apply


class Bedside:
    """Follows one body from its making on. at: of the bench, or of another rig that moves the body's clock.

    held: by sign, what somebody holds it at.
    """

    def __init__(self, body: Body, at: At) -> None:
        self.body = body
        self.held: dict[str, float] = {}
        self._at = at
        self._left = False
        self._past: deque[Signs] = deque([body.at()], maxlen=_KEPT)
        self._links: list[tuple[Callable[..., object], Mapping[str, str], dict[str, float]]] = []
        self._again()

    def follow(self, apply: Callable[..., object], names: Mapping[str, str]) -> None:
        """Has settings set by keyword, at once and from now on. names: sign of the body by setting; one that there is
        not raises AttributeError, and what apply refuses is raised on."""
        link = (apply, names, dict[str, float]())
        self._set(*link)
        self._links.append(link)

    def hold(self, **signs: float | None) -> None:
        """All sensors show these signs so from now on; None lets one go, which is the body's own again. A held rate of
        breathing is that of air and of chest. Raises ValueError, and then changes nothing."""
        for name, value in signs.items():
            if name not in SHOWN:
                raise ValueError(f"a patient has no {name!r}; it has {', '.join(SHOWN)}")
            low, high = SHOWN[name]
            if value is not None and not low <= value <= high:
                raise ValueError(f"{name} {value:g} is outside {low:g} .. {high:g}")
        held = {name: value for name, value in {**self.held, **signs}.items() if value is not None}
        if held.get("diastolic", 0.0) > held.get("systolic", inf):
            raise ValueError(f"diastolic {held['diastolic']:g} lies above systolic {held['systolic']:g}")
        self.held = held
        self._past.append(replace(self.present(), time_us=self.body.now_us))
        for link in self._links:
            self._set(*link)

    def present(self) -> Signs:
        """The signs as the sensors see them, now."""
        held = self.held
        if not held:
            return self.body.at()
        chest = {"effort_rate": held["resp_rate"]} if "resp_rate" in held else {}
        return replace(self.body.at(), **held, **chest)  # type: ignore[arg-type]  # all but time_us are float

    def leave(self) -> None:
        """Sets nothing any more: another one is followed."""
        self._left = True
        self._links.clear()

    def signs(self, t_us: int) -> Signs:
        """As they were at a time of the last seconds, whoever asked in between."""
        for signs in reversed(self._past):
            if signs.time_us <= t_us:
                return signs
        return self._past[0]

    def pressures(self, t_us: int) -> tuple[float, float]:
        """Systolic and diastolic at a time, mmHg, for an arm that asks for them; one that is held takes the other along
        where they would cross."""
        signs = self.signs(t_us)
        if "diastolic" in self.held:
            return max(signs.systolic, signs.diastolic), signs.diastolic
        return signs.systolic, min(signs.systolic, signs.diastolic)

    # -- inside ------------------------------------------------------------------------------------------------------
    def _again(self) -> None:
        self._at((self.body.next_us - self.body.now_us) / SECOND_US, self._second)

    def _second(self) -> None:
        if self._left:
            return
        self._past.append(self.present())
        for link in self._links:
            self._set(*link)
        self._again()

    def _set(self, apply: Callable[..., object], names: Mapping[str, str], last: dict[str, float]) -> None:
        signs = self.present()
        now = {setting: _shown(sign, float(getattr(signs, sign))) for setting, sign in names.items()}
        changed = {name: value for name, value in now.items() if abs(value - last.get(name, 1e9)) >= _SEEN}
        # A breath or a beat that stops is exactly 0, and is told however little was left of it.
        changed |= {name: value for name, value in now.items() if value == 0 and last.get(name) != 0}
        if changed:
            apply(**changed)
            last.update(changed)
