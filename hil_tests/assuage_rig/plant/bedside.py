"""From the body to the sensors: sets what finger, airway, arm, heart and skin show, second by second.

    bedside = Bedside(body, bench.at)
    bedside.follow(bench.patient.set, FINGER)
    bedside.follow(setter(airway), AIRWAY)

A sensor's plant is a pure function of settings that hold from the rig's present on; so they are set at the very second,
by an event of the rig, and only when they have changed by what could be seen.
"""

from collections import deque
from collections.abc import Callable, Mapping

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

_KEPT = 16  # seconds of signs that a chip may still ask for; none samples that late

_SEEN = 0.05
"""A change by less, in a sign's own unit, is not passed on."""


def setter(thing: object) -> Callable[..., None]:
    """Sets attributes of a thing one after the other, for one that has no set() of its own."""

    def apply(**settings: float) -> None:
        for name, value in settings.items():
            setattr(thing, name, value)

    return apply


class Bedside:
    """Follows one body from its making on. at: of the bench, or of another rig that moves the body's clock."""

    def __init__(self, body: Body, at: At) -> None:
        self.body = body
        self._at = at
        self._past: deque[Signs] = deque([body.at()], maxlen=_KEPT)
        self._links: list[tuple[Callable[..., object], Mapping[str, str], dict[str, float]]] = []
        self._again()

    def follow(self, apply: Callable[..., object], names: Mapping[str, str]) -> None:
        """Has settings set by keyword, at once and from now on. names: sign of the body by setting; one that there is
        not raises AttributeError, and what apply refuses is raised on."""
        link = (apply, names, dict[str, float]())
        self._set(*link)
        self._links.append(link)

    def signs(self, t_us: int) -> Signs:
        """As they were at a time of the last seconds, whoever asked in between."""
        for signs in reversed(self._past):
            if signs.time_us <= t_us:
                return signs
        return self._past[0]

    def pressures(self, t_us: int) -> tuple[float, float]:
        """Systolic and diastolic at a time, mmHg, for an arm that asks for them."""
        signs = self.signs(t_us)
        return signs.systolic, signs.diastolic

    # -- inside ------------------------------------------------------------------------------------------------------
    def _again(self) -> None:
        self._at((self.body.next_us - self.body.now_us) / SECOND_US, self._second)

    def _second(self) -> None:
        self._past.append(self.body.at())
        for link in self._links:
            self._set(*link)
        self._again()

    def _set(self, apply: Callable[..., object], names: Mapping[str, str], last: dict[str, float]) -> None:
        signs = self.body.at()
        now = {setting: float(getattr(signs, sign)) for setting, sign in names.items()}
        changed = {name: value for name, value in now.items() if abs(value - last.get(name, 1e9)) >= _SEEN}
        # A breath or a beat that stops is exactly 0, and is told however little was left of it.
        changed |= {name: value for name, value in now.items() if value == 0 and last.get(name) != 0}
        if changed:
            apply(**changed)
            last.update(changed)
