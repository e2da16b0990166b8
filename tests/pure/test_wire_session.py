"""Leases, kept answers and open requests: the promises that hold whatever the line does."""

import micropython

from assuage_wire import codec
from assuage_wire.schema import S30
from assuage_wire.session import KEPT, NEW, REPEAT, STALE, Answers, Lease, elapsed, later


def _random(seed):
    state = seed
    while True:
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        yield state >> 8


def test_elapsed_is_right_across_a_wrap_of_the_clock():
    assert elapsed(5, 1, S30 - 4, 0) == 10
    assert elapsed(S30 - 4, 0, 5, 1) == -10
    assert elapsed(0, 0, S30, 65535) == 1
    assert elapsed(0, 3, 0, 1) == S30
    assert elapsed(0, 1, 0, 3) == -S30
    assert elapsed(7, 1, 7, 0) == S30
    assert elapsed(7, 0, 7, 1) == -S30
    assert later(S30, 65535, 1) == (0, 0)


def test_elapsed_holds_for_half_of_the_wraps_ahead_and_half_behind():
    assert elapsed(0, 0x7FFF, 0, 0) == elapsed(0, 0x1233, 0, 0x9234) == S30
    assert elapsed(0, 0x8000, 0, 0) == elapsed(0, 0x8001, 0, 0) == -S30
    assert elapsed(9, 1, 10, 0) == S30 and elapsed(8, 1, 10, 0) == S30 - 1
    assert elapsed(10, 0, 9, 1) == -S30 and elapsed(10, 0, 8, 1) == 1 - S30


def test_a_lease_ends_when_it_said_and_stays_ended():
    for start in (0, 1000, S30 - 1500, S30):
        lease = Lease(3000)
        until = later(start, 4, 3000)
        assert lease.open(start, 4, until[0], until[1])
        for ms in range(0, 3000, 250):
            assert lease.margin(*later(start, 4, ms)) == 3000 - ms
        assert lease.margin(*until) == 0
        assert lease.margin(start, 4) == 0, "a lapsed lease came back"
        further = later(start, 4, 4000)
        assert not lease.renew(until[0], until[1], further[0], further[1], 9)


def test_a_grant_longer_than_the_maximum_or_already_over_is_refused():
    lease = Lease(3000)
    assert not lease.open(100, 0, 3101, 0)
    assert not lease.open(100, 0, 100, 0)
    assert not lease.open(100, 0, 99, 0)
    assert lease.open(100, 0, 3100, 0)
    assert not lease.renew(200, 0, 3201, 0, 1)
    assert lease.margin(200, 0) == 2900


def test_a_lease_lasts_to_its_last_millisecond_and_may_be_that_short():
    lease = Lease(3000)
    assert lease.open(100, 0, 101, 0)
    assert lease.margin(100, 0) == 1
    assert lease.renew(100, 0, 102, 0, 1) and lease.margin(101, 0) == 1 and lease.held
    assert lease.margin(102, 0) == 0 and not lease.held
    assert not Lease(3000).held


def test_the_first_grant_of_a_session_is_1_each_counts_once_and_0_is_none():
    lease = Lease(3000)
    assert lease.open(0, 0, 1000, 0)
    assert not lease.renew(0, 0, 2000, 0, 0)
    assert lease.renew(0, 0, 1100, 0, 1) and lease.margin(0, 0) == 1100
    assert not lease.renew(0, 0, 2000, 0, 1) and lease.margin(0, 0) == 1100
    assert lease.renew(0, 0, 900, 0, 7) and lease.margin(0, 0) == 900, "a newer grant may end sooner"
    assert not lease.renew(0, 0, 2000, 0, 6) and lease.margin(0, 0) == 900
    lease.new_session()
    assert not lease.renew(0, 0, 2000, 0, 0)
    assert lease.renew(0, 0, 1500, 0, 1) and lease.margin(0, 0) == 1500


def test_a_lease_that_was_closed_is_opened_again_or_none():
    lease = Lease(3000)
    assert lease.open(0, 0, 1000, 0)
    lease.close()
    assert lease.margin(0, 0) == 0 and not lease.held
    assert not lease.renew(0, 0, 1000, 0, 1)
    assert lease.open(0, 0, 1000, 0) and lease.held


def test_a_lease_whose_end_is_further_than_it_may_be_is_over():
    """As it would be if the clock ran backwards, or the longest lease became shorter."""
    lease = Lease(3000)
    assert lease.open(5000, 0, 8000, 0)
    assert lease.margin(4999, 0) == 0 and not lease.held
    assert lease.open(5000, 0, 8000, 0)
    lease.max_ms = 2999
    assert lease.margin(5000, 0) == 0 and lease.margin(6000, 0) == 0


def test_no_loss_repeat_delay_or_reordering_of_grants_makes_a_lease_longer():
    rnd = _random(7)
    for _ in range(200):
        # The host grants every 300 ms, each for 1000 ms from the board time that it heard, and falls silent at a
        # random moment.
        silent = next(rnd) % 4000
        sent = []
        for n, at in enumerate(range(0, silent, 300)):
            copies = next(rnd) % 3
            for _copy in range(copies):
                sent.append((at + next(rnd) % 2000, n + 1, at + 1000))
        sent.sort()
        latest = max([1000] + [end for _, _, end in sent])
        lease = Lease(1000)
        assert lease.open(0, 0, 1000, 0)
        for arrives, grant, end in sent:
            lease.renew(arrives, 0, end, 0, grant)
        assert lease.margin(latest, 0) == 0


def test_a_new_session_starts_the_counter_of_grants_anew_and_leaves_the_end_where_it_was():
    lease = Lease(1000)
    assert lease.open(0, 0, 900, 0, 5)
    lease.new_session()
    assert lease.margin(100, 0) == 800
    assert lease.renew(100, 0, 1000, 0, 1)
    assert lease.margin(100, 0) == 900
    lease.new_session()
    assert lease.margin(1000, 0) == 0
    assert not lease.renew(1000, 0, 1900, 0, 1), "a lapsed lease came back with a session"
    assert not lease.held


def test_opening_again_needs_a_newer_grant():
    lease = Lease(1000)
    assert lease.open(0, 0, 900, 0, 5)
    assert not lease.open(10, 0, 905, 0, 5)
    assert not lease.held


def _answer(n):
    return [1, n, 0, n * 10, 0, 0, 0, 19]


def _request(n):
    return [1, n, 7, n * 100, 0]


def test_a_repeated_command_gets_the_kept_answer():
    ask, reply = codec.BY_NAME["Start"], codec.BY_NAME["Reply"]
    answers = Answers(codec.WIDEST)
    for n in range(1, 30):
        assert answers.look(n, ask, _request(n)) == NEW
        values = _answer(n)
        answers.keep(n, ask, _request(n), reply, values)
        values[3] = 999
        assert answers.look(n, ask, _request(n)) == REPEAT
        assert answers.message is reply and answers.values[: reply.width] == _answer(n)
    assert answers.look(29 - KEPT, ask, _request(29 - KEPT)) == STALE
    assert answers.look(29 - KEPT + 1, ask, _request(29 - KEPT + 1)) == REPEAT
    answers.forget()
    for n in range(29 - KEPT, 40):
        assert answers.look(n, ask, _request(n)) == NEW, "a new session has asked nothing"


def test_eight_answers_are_kept_and_an_id_of_0_is_nobodys():
    ask, reply = codec.BY_NAME["Start"], codec.BY_NAME["Reply"]
    answers = Answers(codec.WIDEST)
    answers.forget()
    assert answers.look(0, ask, _request(0)) == STALE
    for n in range(1, 12):
        answers.keep(n, ask, _request(n), reply, _answer(n))
    known = [n for n in range(1, 12) if answers.look(n, ask, _request(n)) == REPEAT]
    assert known == [4, 5, 6, 7, 8, 9, 10, 11]
    for n in known:
        assert answers.look(n, ask, _request(n)) == REPEAT and answers.values[3] == n * 10
    assert len({NEW, REPEAT, STALE}) == 3


def test_commands_that_differ_in_one_bit_or_in_the_order_of_two_values_are_not_the_same():
    """Whatever the other values are; and what is kept of a command is a small integer."""
    programme, reply = codec.BY_NAME["Programme"], codec.BY_NAME["Reply"]
    for rest in (0, S30, 0x15555555, 0x2AAAAAAA):
        answers = Answers(codec.WIDEST)
        base = [rest] * programme.width
        answers.keep(5, programme, base, reply, _answer(5))
        assert max(answers._marks) <= S30
        for i in range(programme.width):
            for bit in range(30):
                other = list(base)
                other[i] ^= 1 << bit
                assert answers.look(5, programme, other) == STALE, (rest, i, bit)
        other = S30 - rest
        for i in range(programme.width):
            base = [rest] * programme.width
            base[i] = other
            answers.keep(5, programme, base, reply, _answer(5))
            assert max(answers._marks) <= S30
            for k in range(programme.width):
                if k != i:
                    swapped = [rest] * programme.width
                    swapped[k] = other
                    assert answers.look(5, programme, swapped) == STALE, (rest, i, k)


def test_another_command_under_a_used_id_is_not_given_the_first_ones_answer():
    start, reply = codec.BY_NAME["Start"], codec.BY_NAME["Reply"]
    answers = Answers(codec.WIDEST)
    answers.keep(3, start, [1, 3, 7, 500, 0], reply, _answer(3))
    assert answers.look(3, start, [1, 3, 7, 500, 0]) == REPEAT
    assert answers.look(3, codec.BY_NAME["Confirm"], [1, 3, 7, 500]) == STALE
    for i in range(start.width):
        for bit in range(30):
            other = [1, 3, 7, 500, 0]
            other[i] ^= 1 << bit
            assert answers.look(3, start, other) == STALE
    assert answers.look(3, start, [1, 3, 500, 7, 0]) == STALE, "two values swapped"
    programme = codec.BY_NAME["Programme"]
    fields = [1, 4, 7, 1, 166_667, 5_000_000, 3600, 26_700, 50_000_000, 20_000_000, 100_000_000, 0, 0, 3000]
    fields += [3, 255, 100_000, 1_000_000, 300, 200_000, (1 << 30) - 1, 8_000_000, 1]
    fields += [400, 29_600, 0, 45_000_000, 600, 5, 0x3FFF0001, 2_000]
    answers.keep(4, programme, fields, reply, _answer(4))
    for i in range(programme.width):
        for k in range(i):
            other = list(fields)
            other[i], other[k] = other[k], other[i]
            assert answers.look(4, programme, other) == (REPEAT if fields[i] == fields[k] else STALE)


def test_looking_and_keeping_allocate_nothing():
    ask, reply = codec.BY_NAME["Programme"], codec.BY_NAME["Reply"]
    answers = Answers(codec.WIDEST)
    request, values = [(1 << 30) - 1] * ask.width, _answer(1)
    micropython.heap_lock()
    try:
        answers.look(1, ask, request)
        answers.keep(1, ask, request, reply, values)
        answers.look(1, ask, request)
    finally:
        micropython.heap_unlock()


def test_no_order_of_commands_is_ever_carried_out_twice():
    rnd = _random(3)
    ask, reply = codec.BY_NAME["Start"], codec.BY_NAME["Reply"]
    for _ in range(100):
        answers = Answers(codec.WIDEST)
        done = []
        base = 1
        for _ in range(300):
            base += next(rnd) % 2
            n = max(1, base - next(rnd) % (2 * KEPT))
            if answers.look(n, ask, _request(n)) == NEW:
                assert n not in done
                done.append(n)
                answers.keep(n, ask, _request(n), reply, _answer(n))
