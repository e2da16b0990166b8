"""Permission from another board ends a bound after the ask that it rests on, whatever becomes of asks and permits."""

from assuage_wire.schema import NONE16, S30
from interlock.asked import ASK_MS, BEGINS, DENIED, KEPT, MOST_MS, RUNS, Asked
from interlock.guards import ABOVE, MISSING
from interlock.trip import NOBODY, Trip
from interlock_ward import ETCO2, GOOD

WATCH = 77
BOUND = 2_000
WHY = (ETCO2, ABOVE, GOOD, 850, 40)


class Pump:
    """The pump's side, and what it has asked: (nonce, moving) of each ask."""

    def __init__(self, now=0, salt=100, bound=BOUND, watch=WATCH):
        self.now = now
        self.trip = Trip()
        self.asked = Asked(self.trip, salt)
        self.asks = []
        self.asked.begin(watch, bound, now)

    def turn(self, ms=0, moving=False):
        self.now = (self.now + ms) & S30
        self.asked.poll(self.now, moving)
        if self.asked.wants:
            out = [0] * 5
            self.asked.fill(out, 1)
            assert (out[0], out[1], out[4]) == (0, self.asked.watch, 0)
            self.asks.append((out[2], out[3]))
        return not self.trip.tripped

    def permit(self, nonce, verdict=BEGINS, watch=WATCH, why=(0, 0, 0, 0, 0)):
        return self.asked.answer((9, watch, nonce, verdict) + why, 1, self.now)

    def normal(self):
        return self.asked.normal(self.now)


def _permitted(moving=True, **kwargs):
    """A pump whose newest ask, made now, was answered."""
    pump = Pump(**kwargs)
    pump.turn()
    assert pump.permit(pump.asks[-1][0])
    assert pump.turn(0, moving)
    return pump


def test_the_numbers_that_both_ends_go_by():
    assert (ASK_MS, KEPT, MOST_MS) == (500, 8, 4_000)
    assert (DENIED, RUNS, BEGINS) == (0, 1, 2)


def test_what_is_left_of_a_permission_counts_from_the_ask_that_was_answered():
    pump = Pump(bound=2_000)
    pump.turn()
    assert pump.asked.left(pump.now) == 0, "before the first answer"
    asked = pump.now
    pump.now = (pump.now + 300) & S30
    assert pump.permit(pump.asks[-1][0])
    assert [pump.asked.left((asked + ms) & S30) for ms in (300, 1_999, 2_000, 2_001, 9_000)] == [1_700, 1, 0, 0, 0]


def test_a_programme_that_asks_nobody_needs_nobody():
    pump = Pump(watch=0)
    for _ in range(20):
        assert pump.turn(1_000, True)
        assert pump.normal()
    assert pump.asks == []
    assert not pump.permit(100, watch=0), "and hears nobody"
    assert Asked(Trip(), 0).normal(0)


def test_it_asks_at_once_and_then_regularly_each_time_by_another_number():
    for salt, first in ((100, 101), (S30, 0), (S30 + 8, 8)):
        pump = Pump(S30 - 700, salt)
        pump.turn()
        assert pump.asks == [(first, 0)]
        for _ in range(40):
            pump.turn(50)
        assert pump.asks == [(first + n, 0) for n in range(5)]
        pump.turn(499)
        assert len(pump.asks) == 5
        pump.turn(1)
        assert len(pump.asks) == 6


def test_whether_drug_flows_is_told_at_once_when_it_changes():
    pump = _permitted(moving=False)
    pump.turn(10, True)
    pump.turn(10, True)
    pump.turn(10, False)
    pump.turn(10, False)
    assert [moving for _, moving in pump.asks] == [0, 1, 0]
    pump.turn(489, False)
    assert len(pump.asks) == 3
    pump.turn(1, False)
    assert len(pump.asks) == 4


def test_an_ask_is_sent_once():
    pump = Pump()
    pump.turn()
    assert not pump.asked.wants
    pump.turn(100)
    assert len(pump.asks) == 1


def test_permission_ends_a_bound_after_the_asking_not_after_the_answer():
    for now in (0, S30 - 1_000):
        for late in (0, 300, 1_999):
            pump = Pump(now)
            pump.turn()
            nonce = pump.asks[0][0]
            pump.turn(late)
            assert not pump.normal()
            assert pump.permit(nonce)
            assert pump.turn(0, True) and pump.normal()
            assert pump.turn(1_999 - late, True) and pump.normal()
            pump.now = (pump.now + 1) & S30
            assert not pump.normal(), "also between two looks"
            assert not pump.turn(0, True)
            trip = pump.trip
            assert (trip.parameter, trip.kind, trip.quality, trip.value) == (NOBODY, MISSING, 0, NONE16)
            assert trip.age == BOUND


def test_an_answer_that_comes_when_permission_by_it_is_over_is_nothing():
    pump = Pump()
    pump.turn()
    pump.turn(2_000)
    assert not pump.permit(pump.asks[0][0])
    assert pump.permit(pump.asks[1][0])
    assert pump.normal()


def test_the_bound_is_held_below_what_the_kept_asks_last():
    pump = _permitted(bound=60_000)
    assert pump.turn(3_999, True)
    assert not pump.turn(1, True)


def test_repeating_an_answer_lengthens_nothing():
    pump = _permitted()
    nonce = pump.asks[0][0]
    for _ in range(19):
        assert pump.turn(100, True)
        pump.permit(nonce)
    assert not pump.turn(100, True)


def test_newer_asks_lengthen_it_and_older_answers_then_change_nothing():
    pump = _permitted()
    for _ in range(30):
        assert pump.turn(500, True)
        assert pump.permit(pump.asks[-1][0], RUNS)
        for nonce, _ in pump.asks[:-1]:
            assert not pump.permit(nonce, BEGINS)
            assert not pump.permit(nonce, DENIED)
        assert not pump.normal(), "it runs, but nothing would begin"
    assert pump.turn(1_999, True)
    assert not pump.turn(1, True)


def test_an_older_ask_may_be_answered_first_and_the_newest_later():
    pump = Pump()
    for _ in range(4):
        pump.turn(500)
    for nonce, _ in pump.asks:
        assert pump.permit(nonce)
    assert pump.turn(1_999, True)
    assert not pump.turn(1, True)


def test_only_the_newest_asks_may_be_answered():
    pump = Pump(bound=4_000)
    pump.turn()
    first = pump.asks[0][0]
    for _ in range(7):
        pump.turn(500)
    for nonce in (first - 1, first + 8, first + 9, first + KEPT * 2, 0, S30):
        assert not pump.permit(nonce)
    assert pump.permit(first), "the eighth newest, just in time"


def test_an_ask_that_is_older_than_those_that_are_kept_is_not_answered_even_within_the_bound():
    pump = _permitted(bound=4_000, moving=False)
    assert pump.turn(1, True)
    pump.permit(pump.asks[-1][0])
    for n in range(KEPT):
        assert pump.turn(1, n % 2 == 1)
    assert len(pump.asks) == 10
    assert not pump.permit(pump.asks[1][0])
    assert pump.permit(pump.asks[2][0])


def test_what_answers_another_watching_or_none_is_nothing():
    pump = Pump()
    pump.turn()
    nonce = pump.asks[0][0]
    for watch in (0, WATCH + 1, S30):
        assert not pump.permit(nonce, BEGINS, watch)
        assert not pump.permit(nonce, DENIED, watch)
    assert not pump.normal()


def test_no_answer_to_an_earlier_programmes_asks_counts_for_the_next():
    pump = _permitted(moving=False)
    old = [nonce for nonce, _ in pump.asks]
    assert pump.normal()
    pump.asked.begin(WATCH, BOUND, pump.now)
    assert not pump.normal()
    for nonce in old:
        assert not pump.permit(nonce)
    pump.turn()
    assert pump.asks[-1][0] == old[-1] + 1, "it asks at once"
    assert not pump.permit(old[-1])
    assert pump.permit(pump.asks[-1][0])


def test_an_ask_or_a_refusal_of_an_earlier_programme_is_forgotten():
    pump = Pump()
    pump.asked.poll(0, False)
    assert pump.asked.wants
    pump.asked.begin(0, BOUND, 0)
    assert not pump.asked.wants
    pump = Pump()
    pump.turn()
    assert pump.permit(pump.asks[0][0], DENIED, why=WHY)
    pump.asked.begin(WATCH, BOUND, 0)
    assert not pump.turn(0, True)
    trip = pump.trip
    assert (trip.parameter, trip.kind, trip.quality, trip.value, trip.age) == (NOBODY, MISSING, 0, NONE16, 0)


def test_a_refusal_trips_with_what_was_seen_there_and_takes_all_asks_away():
    for moving in (True, False):
        pump = _permitted(moving)
        pump.turn(500, moving)
        before, newest = pump.asks[-2][0], pump.asks[-1][0]
        assert pump.permit(newest, DENIED, why=WHY)
        assert not pump.normal()
        assert not pump.permit(newest, BEGINS), "that permit was given before the refusal"
        assert not pump.permit(before, BEGINS)
        assert pump.turn(0, moving) == (not moving)
        trip = pump.trip
        if moving:
            assert (trip.parameter, trip.kind, trip.quality, trip.value, trip.age) == WHY
        else:
            assert trip.number == 0
            assert not pump.turn(0, True), "drug that begins to flow without a permission"
            assert (trip.parameter, trip.kind, trip.quality, trip.value, trip.age) == WHY


def test_an_ask_that_was_permitted_may_still_be_refused():
    pump = Pump()
    pump.turn()
    assert pump.permit(pump.asks[0][0]) and pump.normal()
    assert pump.permit(pump.asks[0][0], DENIED, why=WHY) and not pump.normal()
    assert not pump.turn(0, True)
    assert pump.trip.parameter == ETCO2


def test_an_answer_that_is_none_of_the_verdicts_is_a_refusal():
    for verdict in (3, 255, -1):
        pump = _permitted()
        pump.turn(500, True)
        assert pump.permit(pump.asks[-1][0], verdict)
        assert not pump.turn(0, True)


def test_a_refusal_of_an_older_ask_leaves_the_newer_ones_open():
    pump = Pump()
    for _ in range(3):
        pump.turn(500)
    assert pump.permit(pump.asks[1][0], DENIED, why=WHY)
    assert not pump.permit(pump.asks[0][0])
    assert not pump.normal()
    assert pump.permit(pump.asks[2][0])
    assert pump.normal()


def test_after_a_trip_permission_begins_with_an_ask_that_is_newer_than_it():
    pump = _permitted()
    while pump.turn(100, True):
        pass
    old = [nonce for nonce, _ in pump.asks[:-1]]
    pump.turn(0, False)
    for nonce in old:
        assert not pump.permit(nonce)
    assert not pump.normal()
    pump.turn(500)
    assert pump.permit(pump.asks[-1][0])
    assert pump.normal()
    assert not pump.turn(0), "a human has to release it"
    pump.trip.release()
    assert pump.turn(0, True)


def test_drug_that_flows_without_any_permission_trips_in_the_first_look():
    pump = Pump()
    assert not pump.turn(0, True)
    trip = pump.trip
    assert (trip.parameter, trip.kind, trip.quality, trip.value, trip.age) == (NOBODY, MISSING, 0, NONE16, 0)


def test_a_permission_that_ends_while_nothing_flows_trips_nothing():
    pump = _permitted(moving=False)
    for _ in range(40):
        assert pump.turn(100)
    assert not pump.normal()
    assert pump.asked.verdict == DENIED


def test_what_an_old_refusal_said_is_not_said_of_a_later_silence():
    pump = Pump()
    pump.turn()
    pump.permit(pump.asks[-1][0], DENIED, why=WHY)
    pump.turn(500)
    pump.permit(pump.asks[-1][0])
    assert pump.turn(1_999, True)
    assert not pump.turn(1, True)
    assert pump.trip.parameter == NOBODY
