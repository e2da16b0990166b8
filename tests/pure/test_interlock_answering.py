"""The board that watches answers with what it has looked at after the ask came, to the watching that it keeps."""

from assuage_wire.schema import S30
from interlock.answering import QUIET_MS, Answering
from interlock.asked import BEGINS, DENIED, RUNS
from interlock.guards import ABOVE, MISSING
from interlock_ward import GOOD, PULSE, Ward

MARK = 0x2AAA
FAST = (PULSE, ABOVE, 1_250, 10_000, 20, 5_000, 15_000)


class Guardian(Ward):
    """The board that watches. said: (watch, nonce, verdict, parameter, kind, quality, value, age) of each answer."""

    def __init__(self, now=0, boot=3):
        super().__init__((FAST,), now)
        self.answering = Answering(self.interlock, self.trip, boot)
        self.watch = self.answering.begin(MARK)
        self.said = []
        self.pulse = 720

    def ask(self, nonce, moving=0, watch=None):
        self.answering.ask(self.watch if watch is None else watch, nonce, moving, self.now)
        self.hear()

    def look(self, ms=0):
        self.later(ms)
        if self.pulse:
            self.show(PULSE, self.pulse)
        flows = self.gate.turn(self.now, self.answering.acting)
        self.answering.looked(self.now)
        self.hear()
        return flows

    def hear(self):
        if self.answering.wants:
            out = [0] * 19
            self.answering.fill(out, 1)
            assert out[0] == 0 and out[9:] == [0] * 10
            self.said.append(tuple(out[1:9]))


def test_an_ask_is_answered_by_the_next_look_and_once():
    board = Guardian()
    board.look()
    assert board.said == []
    board.ask(50)
    assert board.said == [], "not with what was seen before"
    for _ in range(5):
        board.look(250)
    assert [said[:3] for said in board.said] == [(board.watch, 50, BEGINS)]


def test_no_look_no_answer():
    board = Guardian()
    board.look()
    for nonce in (50, 51):
        board.ask(nonce)
        for _ in range(3):
            board.answering.looked(board.now)
            board.hear()
        assert board.said == [], "nothing has been looked at since"
    board.look()
    assert [said[1:3] for said in board.said] == [(51, BEGINS)]


def test_what_runs_may_run_on_while_a_row_waits_and_nothing_begins():
    board = Guardian()
    board.look()
    board.pulse = 1_300
    board.ask(1, 1)
    board.look(250)
    assert board.said[-1][1:3] == (1, RUNS)


def test_a_row_that_runs_out_latches_here_while_drug_flows_there_and_is_told_at_once():
    board = Guardian()
    board.look()
    board.ask(1, 1)
    board.look(250)
    board.pulse = 1_300
    nonce, flows = 1, True
    for turn in range(1, 60):
        if turn % 2:
            nonce += 1
            board.ask(nonce, 1)
        flows = board.look(250)
        if not flows:
            break
    assert turn == 41, "10 s after it was first seen"
    assert board.said[-1] == (board.watch, nonce, DENIED, PULSE, ABOVE, GOOD, 1_300, 0)
    board = Guardian()
    board.ask(7, 1)
    board.look()
    board.pulse = 1_300
    board.look(250)
    assert not board.look(10_000)
    assert [said[1:3] for said in board.said] == [(7, BEGINS), (7, DENIED)], "the newest ask is answered once more"
    board.pulse = 720
    for _ in range(9):
        board.look(250)
    assert len(board.said) == 2
    board.ask(8, 1)
    board.look(250)
    assert board.said[-1] == (board.watch, 8, DENIED, PULSE, ABOVE, GOOD, 1_300, 0), "latched, as it was seen then"
    board.gate.release(1, board.now)
    board.ask(9, 0)
    board.look(250)
    assert board.said[-1][1:3] == (9, BEGINS)


def test_a_refusal_for_want_of_a_number_says_how_old_the_last_one_was():
    board = Guardian()
    board.ask(1, 1)
    board.look()
    board.pulse = 0
    board.look(6_000)
    board.look(15_000)
    assert board.said[-1] == (board.watch, 1, DENIED, PULSE, MISSING, GOOD, 720, 21_000)


def test_a_row_that_has_run_out_while_nothing_flows_is_refused_and_does_not_latch():
    board = Guardian()
    board.pulse = 1_300
    board.look()
    board.look(12_000)
    board.ask(1, 0)
    assert board.look(250)
    assert board.said == [(board.watch, 1, DENIED, PULSE, ABOVE, GOOD, 1_300, 0)]
    board.pulse = 720
    board.look(250)
    assert len(board.said) == 1
    board.ask(2, 0)
    board.look(250)
    assert board.said[-1][1:3] == (2, BEGINS)


def test_an_ask_that_is_older_than_one_that_came_is_nothing():
    for newest in (200, 5, S30):
        board = Guardian()
        board.ask(newest, 1)
        board.look()
        for older in (newest, newest - 1, newest - 9, newest - (S30 >> 1)):
            board.ask(older & S30, 0)
            board.look(100)
        assert len(board.said) == 1 and board.answering.acting
        board.ask((newest + 1) & S30, 0)
        assert not board.answering.acting
        board.look(100)
        assert board.said[-1][:3] == (board.watch, (newest + 1) & S30, BEGINS)
    board.ask(((S30 >> 1) + newest + 1) & S30, 1)
    assert board.answering.acting, "half of the numbers are newer"


def test_who_asks_for_another_watching_or_none_is_refused_at_once():
    board = Guardian()
    board.ask(5, 1)
    board.look()
    for watch in (board.watch + 1, board.watch - 1, 0):
        board.ask(77, 1, watch)
        assert board.said[-1][:3] == (watch, 77, DENIED)
    board.look(250)
    assert len(board.said) == 4
    board.ask(6, 1)
    board.look(250)
    assert board.said[-1][1:3] == (6, BEGINS), "its own is not disturbed"
    after = Guardian(boot=4)
    after.answering.end()
    for watch in (0, board.watch):
        after.ask(7, 1, watch)
        assert after.said[-1][:3] == (watch, 7, DENIED)
    assert not after.answering.acting


def test_a_refusal_of_a_stranger_does_not_keep_back_that_of_a_trip():
    board = Guardian()
    board.ask(5, 1)
    board.look()
    board.pulse = 1_300
    board.look(250)
    board.ask(77, 1, 12)
    board.look(10_000)
    assert board.said[-1][:3] == (board.watch, 5, DENIED)


def test_the_end_of_the_watching_is_told_to_a_pump_that_was_permitted():
    board = Guardian()
    board.answering.end()
    assert board.said == [] and not board.answering.wants and board.answering.watch == 0
    board = Guardian()
    watch = board.watch
    board.ask(5, 1)
    board.look()
    board.answering.end()
    board.hear()
    assert [said[:3] for said in board.said] == [(watch, 5, BEGINS), (watch, 5, DENIED)]
    assert not board.answering.acting
    board.look(250)
    board.answering.end()
    board.hear()
    assert len(board.said) == 2
    board.ask(6, 1, watch)
    assert board.said[-1][:3] == (watch, 6, DENIED)


def test_an_end_before_the_answer_leaves_nothing_behind():
    board = Guardian()
    board.ask(5)
    board.answering.end()
    board.look(250)
    assert board.said == []


def test_each_watching_has_its_own_number_and_none_begins_while_drug_flows_by_another():
    board = Guardian()
    numbers = {board.watch}
    assert board.watch == MARK << 16 | 3 << 6 | 1
    for _ in range(20):
        numbers.add(board.answering.begin(MARK))
    assert len(numbers) == 21
    board.watch = board.answering.begin(0xFFFF)
    assert board.watch == 0x3FFF << 16 | 3 << 6 | 22
    assert 0 < board.watch <= S30
    board.ask(5, 1)
    board.look()
    assert board.answering.begin(MARK) == 0
    assert board.answering.watch == board.watch
    board.ask(6, 0)
    board.look()
    watch = board.answering.begin(MARK)
    assert watch not in numbers and watch != 0
    board.ask(6, 0, watch)
    board.look()
    assert board.said[-1][:3] == (watch, 6, BEGINS), "asks count anew"


def test_a_new_watching_owes_nothing_to_the_last_ones_asks():
    board = Guardian()
    board.ask(5)
    board.watch = board.answering.begin(MARK)
    board.look(250)
    assert board.said == []
    board.ask(6)
    board.look(250)
    board.answering.begin(MARK)
    board.answering.end()
    assert not board.answering.wants


def test_the_number_of_a_watching_is_never_that_of_none():
    board = Guardian(boot=0x7FF)
    numbers = [board.answering.begin(0) for _ in range(66)]
    assert numbers[60:] == [0xFFFE, 0xFFFF, 1, 2, 3, 4]


def test_without_an_ask_for_long_no_drug_can_flow_by_it():
    for now in (0, S30 - 5_000):
        board = Guardian(now)
        board.ask(1, 1)
        board.look(QUIET_MS - 1)
        assert board.answering.acting
        board.look(1)
        assert not board.answering.acting
        board.ask(2, 1)
        assert board.answering.acting
    assert QUIET_MS == 10_000
