"""Raising, holding and acknowledging: each alarm by itself, and none at the cost of another."""

from alarm import conditions, latch, states
from alarm.conditions import HIGH, LATCHING, LOW, MEDIUM, TABLE
from alarm.latch import BAD_STATE, OK, STALE, Alarms
from alarm_ward import Ward, code
from assuage_wire.schema import ALARMS, S30, STATUSES

ALL = range(len(TABLE))
# one of each kind, with delays and holds that no real row combines
TRIAL = (
    (HIGH, LATCHING, 0, 0),  # occlusion
    (MEDIUM, LATCHING, 500, 1000),  # line-disconnect
    (LOW, 0, 0, 0),  # air-in-line
)
FIRST, SECOND, THIRD = range(3)


def test_statuses_are_the_wires():
    assert (STATUSES[OK], STATUSES[BAD_STATE], STATUSES[STALE]) == ("ok", "bad-state", "stale-clear")


# -- raising and ending ------------------------------------------------------------------------------------------------


def test_every_condition_is_raised_in_the_first_turn_after_its_delay_and_not_before():
    for i in ALL:
        name = ALARMS[i]
        priority, _flags, delay, _hold = TABLE[i]
        for ticks in (0, S30 - 100, S30 - delay):
            w = Ward(ticks)
            w.cause(name)
            if delay:
                w.turn(delay - 25)
                assert w.state(name) == "pending", name
                assert w.number(name) == 0 and w.alarms.changes == 0 and w.shown() == 0
                w.turn()
            assert w.state(name) == "active", name
            assert w.number(name) == 1 and w.alarms.changes == 1
            assert w.shown() == w.sounding() == priority, name


def test_a_cause_shorter_than_the_delay_leaves_no_trace_and_the_next_begins_anew():
    w = Ward()
    for _ in range(3):
        w.cause("battery-low")
        w.run(4975, 199)
        w.cause("battery-low", False)
        assert w.state("battery-low") == "idle"
    assert w.alarms.changes == 0
    w.cause("battery-low")
    w.run(4975, 199)
    w.cause("battery-low")  # telling it again neither hastens nor delays
    assert w.state("battery-low") == "pending"
    w.turn()
    assert w.state("battery-low") == "active"


def test_every_condition_ends_or_latches_in_the_first_turn_after_its_hold_and_not_before():
    for i in ALL:
        name = ALARMS[i]
        _priority, flags, delay, hold = TABLE[i]
        for ticks in (0, S30 - delay - 700, S30 - delay - hold - 500):
            w = Ward(ticks)
            w.cause(name)
            w.turn(delay)
            w.turn(500)
            w.cause(name, False)
            if hold:
                w.turn(hold - 25)
                assert w.state(name) == "fading", name
                assert w.alarms.changes == 1
                w.turn()
            assert w.state(name) == ("latched" if flags & LATCHING else "idle"), name
            assert w.alarms.changes == 2
            w.turn(60_000)
            assert (w.state(name) == "latched") == bool(flags & LATCHING)


def test_a_cause_that_comes_back_within_the_hold_is_the_same_occurrence():
    w = Ward()
    w.cause("near-empty")
    w.run(2000)
    number = w.number("near-empty")
    for _ in range(5):
        w.cause("near-empty", False)
        w.run(9975, 399)
        assert w.state("near-empty") == "fading"
        w.cause("near-empty")
        assert w.state("near-empty") == "active"
        w.run(9975, 399)
    assert w.number("near-empty") == number == 1
    assert w.alarms.changes == 1


def test_what_latches_stays_until_it_is_acknowledged_and_its_cause_gone_in_either_order():
    for acknowledged_first in (True, False):
        w = Ward()
        w.cause("occlusion")
        w.run(500)
        if acknowledged_first:
            assert w.acknowledge("occlusion") == OK
            w.run(1000)
            assert w.state("occlusion") == "acknowledged"
        w.cause("occlusion", False)
        w.run(975)
        assert w.shown() == HIGH
        w.turn()
        if not acknowledged_first:
            assert w.state("occlusion") == "latched" and w.sounding() == HIGH
            assert w.acknowledge("occlusion") == OK
        assert w.state("occlusion") == "idle"
        assert w.shown() == 0


def test_a_latched_one_whose_cause_returns_is_a_new_occurrence_after_its_delay():
    w = Ward(0, TRIAL)
    a = w.alarms
    a.cause(SECOND, True, w.now())
    w.run(500)
    assert a.occurrence[SECOND] == 1
    a.cause(SECOND, False, w.now())
    w.run(1000)
    assert states.STATES[a.state[SECOND]] == "latched"
    a.cause(SECOND, True, w.now())
    w.run(475)
    assert states.STATES[a.state[SECOND]] == "returning" and a.occurrence[SECOND] == 1
    a.cause(SECOND, False, w.now())  # too short: still the old one
    assert states.STATES[a.state[SECOND]] == "latched"
    a.cause(SECOND, True, w.now())
    w.run(500)
    assert states.STATES[a.state[SECOND]] == "active" and a.occurrence[SECOND] == 2
    assert a.acknowledge(1) == STALE
    assert a.acknowledge(2) == OK


def test_one_that_is_acknowledged_while_its_cause_returns_ends_and_is_raised_again():
    w = Ward(0, TRIAL)
    a = w.alarms
    a.cause(SECOND, True, w.now())
    w.run(500)
    a.cause(SECOND, False, w.now())
    w.run(1000)
    a.cause(SECOND, True, w.now())
    w.run(250)
    assert a.acknowledge(1) == OK
    assert states.STATES[a.state[SECOND]] == "pending"
    w.run(225)
    assert a.occurrence[SECOND] == 1
    w.turn()
    assert states.STATES[a.state[SECOND]] == "active" and a.occurrence[SECOND] == 2


def test_what_the_journal_recalls_sounds_until_it_is_acknowledged():
    w = Ward()
    w.alarms.recall(code("air-in-line"), w.now())
    assert w.state("air-in-line") == "latched" and w.sounding() == HIGH
    w.run(10_000)
    w.alarms.recall(code("air-in-line"), w.now())
    assert w.number("air-in-line") == 1
    assert w.acknowledge("air-in-line") == OK
    assert w.state("air-in-line") == "idle"
    # and when the cause is already being told
    w.cause("battery-low")
    w.alarms.recall(code("battery-low"), w.now())
    assert w.state("battery-low") == "returning" and w.number("battery-low") == 2


# -- acknowledging -----------------------------------------------------------------------------------------------------


def test_acknowledging_names_an_occurrence_and_touches_no_other():
    w = Ward()
    w.cause("occlusion")
    w.cause("encoder-lost")
    w.cause("clock-doubtful")
    w.run(5000)
    numbers = [w.number(name) for name in ("occlusion", "encoder-lost", "clock-doubtful")]
    assert numbers == [1, 2, 3]
    assert w.alarms.acknowledge(2) == OK
    assert [w.state(name) for name in ("occlusion", "encoder-lost", "clock-doubtful")] == [
        "active",
        "acknowledged",
        "active",
    ]
    assert w.shown() == HIGH and w.sounding() == HIGH
    w.acknowledge("occlusion")
    assert w.shown() == HIGH and w.sounding() == LOW


def test_numbers_that_are_not_standing_are_stale_and_change_nothing():
    w = Ward()
    for number in (0, 1, -1, S30):
        assert w.alarms.acknowledge(number) == STALE
    w.cause("infusion-complete")
    assert w.alarms.acknowledge(2) == STALE
    w.cause("infusion-complete", False)
    assert w.state("infusion-complete") == "idle"
    changes = w.alarms.changes
    hushed = w.alarms.hushed
    assert w.alarms.acknowledge(1) == STALE
    w.cause("near-empty")
    assert w.state("near-empty") == "pending"
    assert w.alarms.acknowledge(0) == STALE
    assert w.alarms.changes == changes and w.alarms.hushed == hushed


def test_acknowledging_twice_is_once():
    w = Ward()
    w.cause("occlusion")
    assert w.acknowledge("occlusion") == OK
    changes = w.alarms.changes
    assert w.acknowledge("occlusion") == OK
    w.cause("occlusion", False)
    assert w.state("occlusion") == "leaving"
    assert w.acknowledge("occlusion") == OK
    assert w.alarms.changes == changes == 2


def test_acknowledging_one_that_fades_leaves_it_shown_for_its_hold():
    w = Ward()
    w.cause("occlusion")
    w.run(500)
    w.cause("occlusion", False)
    w.run(500)
    assert w.acknowledge("occlusion") == OK
    w.run(475)
    assert w.state("occlusion") == "leaving" and w.sounding() == 0 and w.shown() == HIGH
    w.turn()
    assert w.state("occlusion") == "idle" and w.shown() == 0


def test_a_recurrence_has_a_number_of_its_own_and_an_old_acknowledgement_never_silences_it():
    w = Ward()
    used = []
    for _ in range(50):
        w.cause("occlusion")
        w.turn()
        number = w.number("occlusion")
        assert number not in used and w.sounding() == HIGH
        for old in used:
            assert w.alarms.acknowledge(old) == STALE
        assert w.sounding() == HIGH
        used.append(number)
        assert w.alarms.acknowledge(number) == OK
        w.cause("occlusion", False)
        w.run(1000, 500)
        assert w.state("occlusion") == "idle"
    assert used == list(range(1, 51))


def test_numbers_begin_anew_at_30_bits_and_skip_what_still_stands():
    w = Ward()
    w.cause("encoder-lost")
    w.cause("motor-slips")
    assert (w.number("encoder-lost"), w.number("motor-slips")) == (1, 2)
    w.alarms.last = S30 - 1
    w.cause("occlusion")
    w.cause("drive-fault")
    w.cause("internal")
    assert (w.number("occlusion"), w.number("drive-fault"), w.number("internal")) == (S30, 3, 4)
    for name, number in (("end-of-travel", 5), ("volume-limit", 6)):
        w.alarms.last = S30
        w.cause(name)
        assert w.number(name) == number
    assert w.alarms.acknowledge(S30) == OK
    assert w.state("drive-fault") == "active" and w.state("occlusion") == "acknowledged"


def test_whoever_signals_learns_of_every_silencing_and_of_nothing_else():
    w = Ward()
    w.cause("occlusion")
    w.cause("key-stuck")
    w.run(200)
    assert w.alarms.hushed == 0
    w.acknowledge("occlusion")
    assert w.alarms.hushed == 1
    w.alarms.hushed = S30
    w.pause()
    assert w.alarms.hushed == 1
    w.cause("key-stuck", False)
    w.run(1000)
    assert w.alarms.hushed == 1


def test_what_is_over_before_it_was_heard_still_sounds_until_a_burst_of_its_priority_begins():
    for quiet in (None, "acknowledged", "paused"):
        w = Ward()
        a = w.alarms
        for name in ("infusion-complete", "pca-demand-locked"):
            w.cause(name)
            if quiet == "acknowledged":
                w.acknowledge(name)
            w.cause(name, False)
            assert w.state(name) == "idle"
        if quiet == "paused":
            assert a.pause_audio(w.now()) == OK
        if quiet:
            assert w.sounding() == 0
            continue
        assert w.shown() == 0
        assert w.sounding() == HIGH
        a.begun(MEDIUM)
        assert w.sounding() == HIGH
        a.begun(HIGH)
        assert w.sounding() == LOW
        a.begun(LOW)
        assert w.sounding() == 0
        assert a.pause_audio(w.now()) == BAD_STATE
        assert a.untold() >= 0, "it is still to be told"


# -- many at once ------------------------------------------------------------------------------------------------------


def test_none_is_pushed_out_by_any_number_of_others():
    """H29: ten thousand changes of everything else, and each high alarm is there in the turn of its cause."""
    w = Ward()
    high = [i for i in ALL if TABLE[i][0] == HIGH and TABLE[i][2] == 0]
    others = [i for i in ALL if TABLE[i][0] != HIGH]
    n = 0
    while n < 10_000:
        for i in others:
            w.alarms.cause(i, n % 3 != 0, w.now())
            n += 1
        w.ms += 25
        w.alarms.poll(w.now())
        if n % 40 == 0 and high:
            i = high.pop()
            w.alarms.cause(i, True, w.now())
            assert states.STATES[w.alarms.state[i]] == "active"
            assert w.sounding() == HIGH
    assert not high
    standing = [w.alarms.occurrence[i] for i in ALL if TABLE[i][0] == HIGH and TABLE[i][2] == 0]
    assert len(set(standing)) == len(standing) > 20
    for number in standing:
        assert w.alarms.acknowledge(number) == OK


def test_light_and_sound_are_those_of_the_most_urgent():
    w = Ward()
    assert (w.shown(), w.sounding()) == (0, 0)
    for name, priority in (("key-stuck", LOW), ("kvo-running", MEDIUM), ("internal", HIGH)):
        w.cause(name)
        assert (w.shown(), w.sounding()) == (priority, priority)
    for name, shown, sounding in (
        ("kvo-running", HIGH, HIGH),
        ("internal", HIGH, LOW),
        ("key-stuck", HIGH, 0),
    ):
        w.acknowledge(name)
        assert (w.shown(), w.sounding()) == (shown, sounding)


# -- the sink ----------------------------------------------------------------------------------------------------------


def test_bookkeeping_that_cannot_be_is_signalled_and_cannot_be_acknowledged_away():
    w = Ward()
    i = code("clock-doubtful")
    w.alarms._happen(i, states.DUE, w.now())
    assert w.alarms.broken
    assert w.state("clock-doubtful") == "fault"
    assert w.sounding() == w.shown() == LOW
    assert w.number("clock-doubtful") == 1 and w.alarms.untold() == i
    assert w.acknowledge("clock-doubtful") == BAD_STATE
    assert w.sounding() == LOW and w.alarms.hushed == 0
    w.cause("clock-doubtful", False)
    w.run(10_000, 1000)
    assert w.state("clock-doubtful") == "fault"
    assert w.pause() == OK
    w.run(120_000, 1000)
    assert w.sounding() == LOW


def test_the_bookkeeping_is_whole_as_long_as_only_the_room_itself_moves_it():
    assert not Alarms().broken
    w = Ward()
    for name in ALARMS:
        w.cause(name)
        w.run(1000, 250)
        w.acknowledge(name)
        w.cause(name, False)
    w.run(200_000, 1000)
    assert not w.alarms.broken and w.shown() == 0


def test_places_in_a_row_are_those_of_the_table():
    assert latch.PAUSE_MS == 120_000
    low = code("battery-low") * conditions.WIDTH
    assert list(conditions.ROWS[low : low + 6]) == [MEDIUM, 8, 200, 0, 2400 & 255, 2400 >> 8]  # 5 s and 60 s of 25 ms
    assert TABLE[code("idle-reminder")] == (MEDIUM, 0, 120_000, 0)
