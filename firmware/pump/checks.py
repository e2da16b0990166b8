"""The safety kernel: what the board refuses to do whatever its host says.

Every limit is the least of a chain: the board's own data, the programme's own limit, the drive's reach. A limit that
is missing is 0, so that nothing passes it. Nothing here can raise a limit.
"""

from assuage_wire.codec import BY_NAME, out_of_range
from assuage_wire.schema import NO_LOOP
from pump.codes import (
    BAD_VALUE,
    DEMAND,
    END_KVO,
    LEASE_TOO_LONG,
    LEG,
    LEVEL,
    LOSS_KVO,
    OK,
    PROFILE,
    RATE_LIMIT,
    SYRINGE,
    TIME_LIMIT,
    VOLUME_LIMIT,
    WINDOW_LIMIT,
)
from pump.course import CourseError, check_legs
from pump.pressure import LEVELS, least
from pump.ramp import motor_hz
from pump.steps import bottom_flow, top_flow
from pump.windows import NAMES

_OFFER = BY_NAME["Programme"]
_FIRST = _OFFER.index("programme")
_BORE = _OFFER.index("bore")
_MODE = _OFFER.index("mode")
_RATE = _OFFER.index("rate")
_KVO = _OFFER.index("kvo")
_VTBI = _OFFER.index("vtbi")
_LEGS = _OFFER.index("legs")
_LOOP = _OFFER.index("loop")
_DOSE = _OFFER.index("dose")
_DOSE_RATE = _OFFER.index("dose_rate")
_VOLUME = BY_NAME["Change"].index("volume")
_LEVEL = _OFFER.index("level")
_CONTENTS = _OFFER.index("contents")
_BOUND = _OFFER.index("bound")
_OWN = ("", "limit_hour", "limit_4h")
_MINUTES = (10, 60, 240)
LEAST_BOUND_MS = 1000  # two asks: one that is lost is not yet the end


def field_out_of_range(values, at=0):
    """Number of the first field, as counted in the Programme message, that is outside the table's range; 0 for none.

    values[at:] are the programme's fields in the order of the table, from `programme` on.
    """
    return max(0, out_of_range(_OFFER, values, _FIRST, at))


def check(programme, limits, steps_per_rev):
    """(status, detail) for a programme whose fields are in the table's range: OK and 0, or why not and its limit.

    limits: the board's own, a dict with max_rate (nL/min), max_volume (nL), max_syringe (nL, out of one syringe),
    max_duration (s), max_lease (ms), what ramp.Ramp takes and max_hz (steps/s), and what windows.Windows takes. For
    BAD_VALUE the detail is the number of the field in the Programme message, for WINDOW_LIMIT the volume that the
    window may hold. Legs are checked when they are there, see legs().
    """
    p = programme
    number = _contradiction(p)
    if number:
        return BAD_VALUE, number
    rate = _fastest(p, limits, steps_per_rev)
    if max(p.rate, p.dose_rate) > rate:
        return RATE_LIMIT, rate
    slowest = bottom_flow(p.nl_per_rev, steps_per_rev)
    if 0 < p.rate < slowest or 0 < p.dose_rate < slowest:
        return RATE_LIMIT, slowest
    if p.kvo > p.rate:
        return RATE_LIMIT, p.rate
    if p.kvo < slowest and (p.kvo or p.on_loss == LOSS_KVO or p.on_end == END_KVO):
        return BAD_VALUE, _KVO
    volume = min(limits.get("max_volume", 0), p.limit_volume)
    if p.vtbi > volume:
        return VOLUME_LIMIT, volume
    volume = min(limits.get("max_syringe", 0), p.capacity, p.contents)
    if p.vtbi > volume:
        return SYRINGE, volume
    if p.contents > p.capacity:
        return BAD_VALUE, _CONTENTS
    if p.level not in LEVELS:
        return BAD_VALUE, _LEVEL
    if p.steps == 0:
        return BAD_VALUE, _VTBI
    if p.dose and p.dose * steps_per_rev < p.nl_per_rev:
        return BAD_VALUE, _DOSE
    duration = limits.get("max_duration", 0)
    if p.duration > duration:
        return TIME_LIMIT, duration
    lease = limits.get("max_lease", 0)
    if p.lease > lease:
        return LEASE_TOO_LONG, lease
    return _windows(p, limits)


def _contradiction(p):
    """Number of a field that does not go with the mode, or 0."""
    if p.dose > p.vtbi:
        return _DOSE
    if (p.dose == 0) != (p.dose_rate == 0):
        return _DOSE_RATE
    if (p.mode == PROFILE) != (p.count > 0):
        return _LEGS
    if p.loop != NO_LOOP and p.loop >= p.count:
        return _LOOP
    if (p.mode == DEMAND) != (p.dose > 0):
        return _MODE
    if p.rate == 0 and p.mode != DEMAND:
        return _RATE
    if (p.bound < LEAST_BOUND_MS) if p.watch else p.bound:
        return _BOUND
    return 0


def _fastest(p, limits, steps_per_rev):
    return min(limits.get("max_rate", 0), p.limit_rate, top_flow(p.nl_per_rev, steps_per_rev, motor_hz(limits)))


def _windows(p, limits):
    """What one flow alone would bring into a window, and a dose into each."""
    for i in range(len(NAMES)):
        limit = limits.get(NAMES[i], 0)
        if _OWN[i]:
            limit = min(limit, getattr(p, _OWN[i]))
        if p.dose > limit or (p.mode != PROFILE and min(p.rate * _MINUTES[i], p.vtbi) > limit):
            return WINDOW_LIMIT, limit
    return OK, 0


def level(programme):
    """(status, detail) for the pressure level on a board that measures the force.

    For LEVEL the detail is the least that can be seen in this syringe, none when there is none.
    """
    lowest = least(programme.bore)
    return (LEVEL, lowest) if programme.level < lowest else (OK, 0)


def legs(programme, steps_per_rev):
    """(status, detail) for a programme with all its legs. For LEG the detail is the number of the leg."""
    p = programme
    for number, (begin, end, _, _) in enumerate(p.legs):
        if max(begin, end) > p.rate:
            return RATE_LIMIT, p.rate
        if begin == end != 0 and p.kvo > begin:
            return LEG, number
    try:
        check_legs(p.legs, p.around, p.vtbi, p.nl_per_rev, steps_per_rev, p.mode == DEMAND)
    except CourseError as error:
        return LEG, error.leg
    return OK, 0


def change_of_rate(programme, rate, limits, steps_per_rev):
    """(status, detail) for another flow while it runs."""
    p = programme
    most = _fastest(p, limits, steps_per_rev)
    if rate > most:
        return RATE_LIMIT, most
    least = max(p.kvo, bottom_flow(p.nl_per_rev, steps_per_rev))
    if rate < least:
        return RATE_LIMIT, least
    return OK, 0


def extra_bolus(programme, rate, volume, left, limits, steps_per_rev):
    """(status, detail) for a bolus of nL at a flow while it runs, with `left` nL not yet on their way."""
    p = programme
    most = _fastest(p, limits, steps_per_rev)
    if rate > most:
        return RATE_LIMIT, most
    least = bottom_flow(p.nl_per_rev, steps_per_rev)
    if rate < least:
        return RATE_LIMIT, least
    if volume > min(p.bolus, left):
        return VOLUME_LIMIT, min(p.bolus, left)
    if volume * steps_per_rev < p.nl_per_rev:
        return BAD_VALUE, _VOLUME
    return OK, 0


def refusal_of_field(number):
    """Status for a field outside the table's range."""
    return SYRINGE if number == _BORE else BAD_VALUE
