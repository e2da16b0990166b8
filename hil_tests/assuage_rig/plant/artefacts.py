"""What disturbs an oximeter's probe, each as a pure function of a key and of the time: movements, stray paths, lamps.

Sizes are parts of the light's steady level, and the same in both colours, as of tissue that moves in its path. No model
of a person: shapes and rates are chosen to meet an oximeter in its own band, from 0.5 to 12 Hz.
"""

from math import cos, exp, floor, pi, sin

from assuage_rig.noise import gauss, mix

_MOTION_HZ = 5  # knots per second of a moving hand
_TREMOR_HZ = 5.5  # physiological and parkinsonian tremor is put at 4 to 12 Hz
_JERK_S = 2.0  # one in each such slot of time, somewhere in it
_JERK_DECAY_S = 0.25
_RATTLE_HZ = 2  # knots per second of a loose probe


def wander(key: int, seconds: float, knots_hz: float) -> float:
    """Random knots joined by cosines, about -1 .. 1."""
    x = seconds * knots_hz
    i = floor(x)
    a, b = gauss(key, i), gauss(key, i + 1)
    return (a + (b - a) * (1 - cos(pi * (x - i))) / 2) / 2


def motion(key: int, seconds: float) -> float:
    """A hand that moves without order."""
    return wander(key, seconds, _MOTION_HZ)


def tremor(key: int, seconds: float) -> float:
    """A hand that trembles, more and less."""
    return sin(2 * pi * _TREMOR_HZ * seconds) * (1 + wander(key, seconds, 1)) / 2


def jerks(key: int, seconds: float) -> float:
    """Single jerks to either side that the light comes back from, about one in two seconds, of different sizes."""
    slot = floor(seconds / _JERK_S)
    total = 0.0
    for i in (slot - 1, slot):
        since = seconds - (i + mix(key, i) / 2**64) * _JERK_S
        if since >= 0:
            total += gauss(key, i) * exp(-since / _JERK_DECAY_S)
    return total / 2


def shaking(seconds: float, rate_per_min: float) -> float:
    """A movement as regular as a pulse, with its first overtone."""
    turns = 2 * pi * rate_per_min / 60 * seconds
    return (sin(turns) + sin(2 * turns + 1) / 3) / 1.2


def rattle(key: int, seconds: float) -> float:
    """How the light that goes past the finger varies in a loose probe."""
    return wander(key, seconds, _RATTLE_HZ) / 10


def lamp(seconds: float, level: float, flicker: float, hz: float) -> float:
    """Light from outside: a steady level with a part of it that flickers, in the level's unit."""
    return level * (1 + flicker * sin(2 * pi * hz * seconds))
