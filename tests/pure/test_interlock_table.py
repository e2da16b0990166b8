"""The interlock's whole truth table: value x quality x age x what was before x latched or not x the pump's state.

What a reading is worth and what comes of it are written down here once more, by hand, and every combination is tried
through the readings, the rows, the latch and the gate together.
"""

from assuage_wire.schema import NONE16, NONE32, QUALITIES, S30, STATES
from interlock.gate import LATCHED, NOT_NORMAL, NOT_TRIPPED, NOTHING, RELEASED, ROW, STALE, acts
from interlock.guards import ABOVE, APNOEA, BELOW, MISSING
from interlock_ward import ETCO2, GOOD, PULSE, RESP, SPO2, Ward
from vitals.readings import OLD_MS

LASTS, DOUBTED, AGE, STEP = 4_000, 6_000, 5_000, 100  # persistence, missing, max_age; the last turn
ACTS = ("infusing", "bolus", "kvo", "taking-up")

# kind: the row, values with what each is when it is good and fresh, and one to begin a breach with
FINE, BETWEEN, BAD, UNKNOWN = "fine", "between", "bad", "unknown"
KINDS = {
    "below": (
        (SPO2, BELOW, 900, LASTS, 10, AGE, DOUBTED),
        ((0, BAD), (899, BAD), (900, BETWEEN), (909, BETWEEN), (910, FINE), (NONE16, UNKNOWN)),
        850,
    ),
    "above": (
        (ETCO2, ABOVE, 500, LASTS, 20, AGE, DOUBTED),
        ((480, FINE), (481, BETWEEN), (500, BETWEEN), (501, BAD), (65_534, BAD), (NONE16, UNKNOWN)),
        600,
    ),
    "missing": (
        (PULSE, MISSING, 0, 0, 0, AGE, DOUBTED),
        ((0, FINE), (65_534, FINE), (NONE16, UNKNOWN)),
        None,
    ),
    "apnoea": (  # the value is the ms without a breath; the rate stays as it was
        (RESP, APNOEA, 15_000, LASTS, 5_000, AGE, DOUBTED),
        ((10_000, FINE), (10_001, BETWEEN), (15_000, BETWEEN), (15_001, BAD), (NONE32, UNKNOWN)),
        20_000,
    ),
}
AGES = (0, AGE, AGE + 1, OLD_MS)  # fresh twice, just stale, stale

# (what was before, what is seen) -> what the row is: normal, waits, or has run out by its kind or by `missing`
NORMAL, WAITS, RAN_OUT, MISSED = "normal", "waits", "ran out", "missed"
PHASES = ("calm", "breached, one ms short", "breached, due", "doubtful, one ms short", "doubtful, due")
OUTCOMES = {
    FINE: (NORMAL, NORMAL, NORMAL, NORMAL, NORMAL),
    BETWEEN: (NORMAL, WAITS, RAN_OUT, NORMAL, NORMAL),
    BAD: (WAITS, WAITS, RAN_OUT, WAITS, WAITS),
    UNKNOWN: (WAITS, WAITS, RAN_OUT, WAITS, MISSED),
}


def _worth(kind, judged, quality, age):
    """What a reading is to its row."""
    if kind == "apnoea" and judged in (BAD, UNKNOWN):
        return judged
    return judged if QUALITIES[quality] == "good" and age <= AGE else UNKNOWN


def _put(ward, row, value, quality=GOOD, age=0):
    """The reading as it is now; of an apnoea, the time without a breath."""
    p = row[0]
    ward.show(p, 140 if row[1] == APNOEA else value, quality)
    ward.readings.seen(p, (ward.now - age) & S30)
    if row[1] == APNOEA:
        ward.breath(value)


def _ward(row, fine, bad, phase, latched):
    """A ward in that phase, STEP before its last look."""
    ward = Ward((row,))
    _put(ward, row, fine)
    ward.turn(0, False)
    lasts = {"breached": LASTS, "doubtful": DOUBTED}.get(phase.split(",")[0])
    if lasts:
        if lasts == LASTS:
            _put(ward, row, bad)
        else:
            _put(ward, row, NONE32 if row[1] == APNOEA else NONE16)
        ward.turn(0, False)
        early = 1 if "short" in phase else 0
        ward.turn(lasts - STEP - early, False)
    if latched:
        ward.trip.trip(11, 2, 1, 777, 4_321)
    return ward


def _told(trip):
    return trip.parameter, trip.kind, trip.quality, trip.value, trip.age


def test_the_states_in_which_it_acts_are_those_in_which_drug_flows_or_is_about_to():
    assert [name for name in STATES if acts(STATES.index(name))] == ["infusing", "kvo", "bolus", "taking-up"]
    assert sorted(name for name in STATES if acts(STATES.index(name))) == sorted(ACTS)


def test_every_combination():
    seen = {}
    for kind, (row, values, bad) in KINDS.items():
        fine = [value for value, judged in values if judged == FINE][0]
        for number, phase in enumerate(PHASES):
            if bad is None and "breached" in phase:
                continue
            for value, judged in values:
                for quality in range(len(QUALITIES)):
                    for age in AGES:
                        outcome = OUTCOMES[_worth(kind, judged, quality, age)][number]
                        for latched in (False, True):
                            for state in range(len(STATES)):
                                ward = _ward(row, fine, bad, phase, latched)
                                _check(ward, row, value, quality, age, outcome, latched, state)
                                seen[outcome] = seen.get(outcome, 0) + 1
    assert sorted(seen) == sorted((NORMAL, WAITS, RAN_OUT, MISSED))
    assert sum(seen.values()) == ((6 + 6 + 5) * 5 + 3 * 3) * 3 * 4 * 2 * 15


def _check(ward, row, value, quality, age, outcome, latched, state):
    trip, gate = ward.trip, ward.gate
    ward.now += STEP
    _put(ward, row, value, quality, age)
    flows = gate.turn(ward.now, acts(state))
    case = (row, value, quality, age, outcome, latched, STATES[state])
    trips = outcome in (RAN_OUT, MISSED) and STATES[state] in ACTS
    assert trip.tripped == (latched or trips), case
    assert flows == (not trip.tripped), case
    assert trip.number == (1 if trip.tripped else 0), case
    if latched:
        assert _told(trip) == (11, 2, 1, 777, 4_321), "the first cause stays"
    elif trips:
        kind = MISSING if outcome == MISSED else row[1]
        value = min(value, NONE16 - 1) if kind == APNOEA else 140 if row[1] == APNOEA else value
        assert _told(trip) == (row[0], kind, quality, value, age), case
    assert gate.lacks(ward.now) == (LATCHED if trip.tripped else NOTHING if outcome == NORMAL else ROW), case
    assert gate.detail() == (0 if outcome == NORMAL else 1)
    assert gate.release(2, ward.now) == (STALE if trip.tripped else NOT_TRIPPED), case
    if trip.tripped:
        assert gate.release(1, ward.now) == (RELEASED if outcome == NORMAL else NOT_NORMAL), case
        assert trip.tripped == (outcome != NORMAL)
        assert gate.lacks(ward.now) == (NOTHING if outcome == NORMAL else LATCHED)
