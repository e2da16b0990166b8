"""The interlock of a board, put together: whose rows are in force when, what a pump is told, and what stays."""

from assuage_wire.codec import BY_NAME
from assuage_wire.schema import NONE16, S30
from interlock.asked import BEGINS, DENIED, RUNS
from interlock.guarding import IDLE_MS, LOOK_MS, Guarding
from interlock.guards import ABOVE, BELOW, MISSING
from interlock.trip import NOBODY
from interlock_ward import ETCO2, GOOD, HIGH_ETCO2, LOW_SPO2, NO_PULSE, PULSE, RESP, SPO2
from journal.kinds import RELEASED, TRIPPED
from journal.logbook import Journal
from journal.record import KIND, A, B, C, Record, X, Y, Z
from journal_fakes import Nor
from pump import codes
from vitals.readings import Readings

OK = (codes.OK, 0)
INFUSING, STANDBY = codes.INFUSING, codes.STANDBY
INTERLOCK = BY_NAME["Interlock"]


class Programme:
    """What a pump has taken."""

    def __init__(self, watch=0, bound=0):
        self.watch = watch
        self.bound = bound


class Board:
    """A Guarding with a journal on flash and a patient who is well. now: ticks."""

    def __init__(self, own=(), flash=None, boot=1, now=0):
        self.now = now
        self.flash = flash or Nor()
        self.journal = Journal(self.flash, boot)
        self.journal.boot(1, (0, 1, 0), boot)
        self.readings = Readings(now)
        self.guarding = Guarding(own, self.readings, self.journal, boot, now)
        self.well()

    def show(self, p, value, quality=GOOD):
        self.readings.values[p] = value
        self.readings.qualities[p] = quality
        self.readings.seen(p, self.now)

    def well(self):
        self.show(SPO2, 970)
        self.show(PULSE, 720)

    def take(self, *rows, **programme):
        """The pump takes a programme with these rows; or what was refused."""
        guarding = self.guarding
        status = guarding.stage(7, len(rows), programme.get("watch", 0))
        for number, row in enumerate(rows):
            if status == OK:
                status = guarding.offer(7, number, row)
        if status == OK:
            guarding.load(Programme(**programme))
        return status

    def turn(self, ms=LOOK_MS, state=INFUSING):
        self.now = (self.now + ms) & S30
        told = self.guarding.turn(self.now, state)
        self.journal.work()
        return told

    def told(self):
        out = [0] * INTERLOCK.width
        self.guarding.fill(out, self.now)
        return dict(zip([f[0] for f in INTERLOCK.fields], out))


def _tripped(**board):
    made = Board(**board)
    assert made.take(LOW_SPO2) == OK
    made.turn()
    made.show(SPO2, 871)
    made.turn()
    made.show(SPO2, 871)
    made.turn(10_000)
    assert made.guarding.why() == codes.WHY_INTERLOCK
    return made


def _newest(board):
    record = Record()
    assert board.journal.ring.read(board.journal.ring.newest, record)
    return [record.buf[i] for i in (KIND, A, B, C)] + [record.word(i) for i in (X, Y, Z)]


def test_without_rows_nothing_is_asked_of_the_patient_and_nobody_looks_often():
    board = Board()
    board.show(SPO2, NONE16, 0)
    board.turn(60_000)
    assert (board.guarding.lacks(board.now), board.guarding.why()) == (OK, codes.WHY_NONE)
    assert board.guarding.period() == IDLE_MS == 1_000 == 8 * LOOK_MS
    told = board.told()
    assert (told["rows"], told["row"], told["normal"], told["watch"], told["watching"]) == (0, 255, 1, 0, 0)
    assert (told["parameter"], told["value"], told["number"], told["acting"]) == (NOBODY, NONE16, 0, 0), (
        "of no trip yet"
    )


def test_rows_are_in_force_all_at_once_when_the_pump_takes_the_programme():
    board = Board((NO_PULSE,))
    assert board.take(LOW_SPO2, HIGH_ETCO2) == OK
    assert board.told()["rows"] == 3 and board.guarding.period() == LOOK_MS
    assert board.guarding.lacks(board.now) == (codes.GUARD, 3), "looked at once: no EtCO2 yet"
    assert board.guarding.stage(8, 2, 0) == OK
    assert board.guarding.offer(8, 0, (RESP, BELOW, 80, 0, 10, 5_000, 0)) == OK
    assert (board.told()["rows"], board.guarding.guards.find(RESP, BELOW)) == (3, 3), "aside, until it is taken"
    assert board.take() == OK
    assert board.told()["rows"] == 1
    assert board.take(LOW_SPO2) == OK
    board.guarding.drop()
    assert (board.told()["rows"], board.guarding.guards.parameter[0]) == (1, PULSE), "the board's own stay"
    assert board.guarding.lacks(board.now) == OK


def test_of_what_went_before_nothing_is_in_force_when_the_pump_has_no_programme():
    board = Board((NO_PULSE,))
    assert board.take(LOW_SPO2, HIGH_ETCO2) == OK
    assert board.take(LOW_SPO2, watch=77, bound=2_000) == OK
    board.guarding.drop()
    asked = board.guarding.asked
    assert (board.told()["rows"], asked.watch, asked.bound, board.guarding.lacks(board.now)) == (1, 0, 0, OK)


def test_rows_that_come_late_are_looked_at_as_the_patient_is_then():
    board = Board()
    board.turn(60_000)
    board.well()
    assert board.take(LOW_SPO2) == OK
    assert board.guarding.lacks(board.now) == OK, "what is new now is not as old as the board"


def test_taking_a_programme_never_trips_however_the_patient_is():
    board = Board()
    board.show(SPO2, 871)
    assert board.take((SPO2, BELOW, 900, 0, 10, 5_000, 0)) == OK
    assert board.guarding.lacks(board.now) == (codes.GUARD, 1), "it has run out, and no drug flows"
    assert (board.guarding.trip.number, board.guarding.why()) == (0, codes.WHY_NONE)


def test_a_row_comes_in_its_turn_for_what_was_offered_last_and_any_other_ends_the_offer():
    guarding = Board((LOW_SPO2,)).guarding
    tight = LOW_SPO2[:2] + (920,) + LOW_SPO2[3:]
    for offers, status in (
        (((8, 0, tight),), (codes.WRONG_PROGRAMME, 0)),
        (((7, 1, tight),), (codes.BAD_VALUE, 3)),
        (((7, 0, tight), (7, 0, tight)), (codes.BAD_VALUE, 3)),
        (((7, 0, tight), (7, 1, HIGH_ETCO2), (7, 2, NO_PULSE)), (codes.BAD_VALUE, 3)),
        (((7, 0, LOW_SPO2[:2] + (899,) + LOW_SPO2[3:]),), (codes.TOO_LOOSE, 3)),
        (((7, 0, LOW_SPO2[:6] + (15_001,)),), (codes.TOO_LOOSE, 7)),
        (((7, 0, (13,) + LOW_SPO2[1:]),), (codes.BAD_VALUE, 4)),
        (((7, 0, LOW_SPO2[:6] + (600_001,)),), (codes.BAD_VALUE, 10)),
    ):
        assert guarding.stage(7, 2, 0) == OK
        for offer in offers[:-1]:
            assert guarding.offer(*offer) == OK
        assert guarding.offer(*offers[-1]) == status
        assert guarding.offer(7, 0, tight) == (codes.WRONG_PROGRAMME, 0), "it has ended"
    assert BY_NAME["Guard"].fields[4][0] == "parameter" and BY_NAME["Guard"].fields[3][0] == "number"


def test_what_is_read_back_of_a_row_is_what_will_be_in_force():
    guarding = Board((LOW_SPO2,)).guarding
    row = (SPO2, BELOW, 930, 4_000, 30, 4_000, 5_000)
    assert guarding.stage(7, 1, 0) == OK and guarding.lacking == 1
    assert guarding.offer(7, 0, row) == OK
    assert (tuple(guarding.back), guarding.lacking) == (row, 0)
    assert guarding.stage(7, 3, 0) == OK
    for number, other in enumerate((row, (PULSE, BELOW, 500, 0, 0, 0, 0), NO_PULSE)):
        assert guarding.offer(7, number, other) == OK
        assert (tuple(guarding.back), guarding.lacking) == (other, 2 - number)


def test_each_kind_of_trip_has_its_own_reason_and_is_what_the_drug_lacks_until_it_is_released():
    board = _tripped()
    assert board.guarding.lacks(board.now) == (codes.INTERLOCK, 1) and not board.guarding.normal(board.now)
    told = board.told()
    assert [told[name] for name in ("tripped", "number", "parameter", "kind", "quality", "value", "age")] == [
        1, 1, SPO2, BELOW, GOOD, 871, 10_000,
    ]  # fmt: skip
    assert (told["row"], told["normal"]) == (0, 0)
    board = Board()
    assert board.take(LOW_SPO2) == OK
    board.turn()
    board.turn(20_250)
    assert (board.guarding.why(), board.told()["kind"]) == (codes.WHY_NONE, BELOW), "a doubt of 15 s begins now"
    board.turn(15_000)
    assert (board.guarding.why(), board.told()["kind"]) == (codes.WHY_MISSING, MISSING)
    board = Board()
    assert board.take(watch=77, bound=2_000) == OK
    board.turn()
    assert (board.guarding.why(), board.told()["parameter"]) == (codes.WHY_GUARDIAN, NOBODY)


def test_the_first_row_that_is_not_normal_is_told_whatever_it_is_of():
    for first in (HIGH_ETCO2, LOW_SPO2):
        board = Board((first,))
        board.show(ETCO2, 560)
        board.show(SPO2, 888)
        board.turn()
        told = board.told()
        value = {HIGH_ETCO2: 560, LOW_SPO2: 888}[first]
        assert (told["row"], told["parameter"], told["kind"], told["value"]) == (0, first[0], first[1], value)


def test_what_changes_is_told_at_once_and_only_once():
    board = Board()
    guarding = board.guarding
    ask = [0] * 3

    def answered(verdict, kind=0):
        guarding.asked.fill(ask, 0)
        guarding.answer((0, 77, ask[1], verdict, ETCO2, kind, GOOD, 560, 0), 1, board.now)

    def asks(moving):
        board.nonce += 1
        guarding.ask((0, guarding.number(), board.nonce, moving), 1, board.now)

    def released():
        assert guarding.release(guarding.trip.number, board.now) == OK

    board.nonce = 0
    assert not board.turn(state=STANDBY), "nothing has come of the start"
    for what, change, state in (
        ("rows in force", lambda: board.take(LOW_SPO2), STANDBY),
        ("others, as many", lambda: board.take(LOW_SPO2, watch=77, bound=2_000), STANDBY),
        ("the other board's word", lambda: answered(BEGINS), STANDBY),
        ("which is less", lambda: answered(RUNS), STANDBY),
        ("a row that is not normal", lambda: board.show(SPO2, 888), STANDBY),
        ("a row that is normal", lambda: board.show(SPO2, 970), STANDBY),
        ("a refusal", lambda: answered(DENIED), STANDBY),
        ("a trip", lambda: None, INFUSING),
        ("again permission", lambda: answered(BEGINS), STANDBY),
        ("a release", released, STANDBY),
        ("a refusal, and a second trip", lambda: answered(DENIED), INFUSING),
        ("a watching for another", lambda: guarding.begin_watch(9, 4_711, 0), STANDBY),
        ("one more", lambda: guarding.begin_watch(9, 4_711, 0), STANDBY),
        ("whose pump runs", lambda: asks(1), STANDBY),
        ("and stands", lambda: asks(0), STANDBY),
        ("the end of it", lambda: guarding.end_watch(guarding.number()), STANDBY),
        ("another one that is asked", lambda: guarding.asked.begin(78, 2_000, board.now), STANDBY),
        ("nobody is", lambda: guarding.asked.begin(0, 0, board.now), STANDBY),
        ("no programme", lambda: guarding.drop(), STANDBY),
    ):
        change()
        assert board.turn(1, state), what
        for _ in range(3):
            assert not board.turn(1, STANDBY), what


def test_a_row_that_is_not_normal_is_told_with_what_is_seen_before_it_runs_out():
    board = Board()
    assert board.take(NO_PULSE, LOW_SPO2) == OK
    board.turn()
    board.show(SPO2, 888)
    board.now = (board.now + 300) & S30
    assert board.guarding.turn(board.now, INFUSING), "told at once"
    told = board.told()
    assert (told["tripped"], told["row"], told["parameter"], told["kind"], told["value"]) == (0, 1, SPO2, BELOW, 888)
    assert (told["age"], told["quality"], told["normal"]) == (300, GOOD, 0)
    assert not board.guarding.turn(board.now, INFUSING), "once"


def test_a_release_needs_the_number_and_a_patient_who_is_normal():
    board = _tripped()
    guarding = board.guarding
    assert guarding.release(1, board.now) == (codes.GUARD, 1)
    board.well()
    board.turn()
    assert guarding.release(2, board.now) == (codes.STALE_CLEAR, 1)
    assert guarding.release(1, board.now) == OK
    assert guarding.release(1, board.now) == (codes.BAD_STATE, 0)
    assert (guarding.why(), guarding.lacks(board.now)) == (codes.WHY_NONE, OK)
    board = Board()
    board.take(watch=77, bound=2_000)
    board.turn()
    assert board.guarding.release(1, board.now) == (codes.NO_PERMISSION, 0)


def test_a_trip_and_its_release_are_noted_and_a_trip_stands_again_after_a_reset():
    board = _tripped()
    seen = [SPO2, BELOW, GOOD, 1, 871, 10_000]
    assert _newest(board) == [TRIPPED] + seen
    for boot in (2, 3):
        after = Board(flash=board.flash.copy(), boot=boot)
        assert (after.guarding.why(), after.guarding.lacks(0)) == (codes.WHY_INTERLOCK, (codes.INTERLOCK, 1))
        assert (after.told()["value"], after.told()["number"]) == (871, 1)
        newest = after.journal.ring.newest
        for _ in range(4):
            after.turn()
        assert after.journal.ring.newest == newest, "it is not noted again"
        board = after
    assert board.guarding.release(1, board.now) == OK
    board.turn()
    assert _newest(board) == [RELEASED] + seen
    after = Board(flash=board.flash.copy(), boot=4)
    assert (after.guarding.why(), after.told()["number"]) == (codes.WHY_NONE, 1), "the next trip has another number"


def test_of_a_trip_all_that_was_seen_stands_again_after_a_reset():
    board = Board()
    assert board.take(HIGH_ETCO2) == OK
    for ms in (0, 15_125):
        board.now += ms
        board.show(ETCO2, 560)
        board.turn(300)
    seen = board.told()
    assert [seen[name] for name in ("tripped", "number", "parameter", "kind", "quality", "value", "age")] == [
        1, 1, ETCO2, ABOVE, GOOD, 560, 300,
    ]  # fmt: skip
    board.turn()
    newest = board.journal.ring.newest
    for _ in range(4):
        board.turn()
    assert board.journal.ring.newest == newest, "it is noted once"
    after = Board(flash=board.flash.copy(), boot=2).told()
    for name in ("tripped", "number", "parameter", "kind", "quality", "value", "age"):
        assert after[name] == seen[name], name


def test_a_note_that_finds_no_room_is_made_up_for():
    board = Board()
    board.take(LOW_SPO2)
    board.turn()
    board.show(SPO2, 871)
    board.turn()
    takes = board.journal.takes
    board.journal.takes = lambda: False
    board.show(SPO2, 871)
    board.turn(10_000)
    board.turn()
    assert board.guarding.trip.tripped and _newest(board)[0] != TRIPPED and board.journal.lost() == 0
    board.journal.takes = takes
    board.turn()
    board.turn()
    assert _newest(board)[0] == TRIPPED


def test_a_board_watches_for_another_by_rows_that_come_or_by_those_in_force():
    board = Board()
    guarding = board.guarding
    assert guarding.begin_watch(9, 4_711, 1) == OK
    assert (guarding.number(), guarding.watches(9), guarding.watches(7)) == (0, True, False)
    assert guarding.row(9, 0, LOW_SPO2, False) == OK
    first = guarding.number()
    assert first and board.told()["rows"] == 1 and not guarding.watches(9)
    assert board.told()["watching"] == first and guarding.period() == LOOK_MS
    assert guarding.begin_watch(9, 4_711, 0) == OK
    assert guarding.number() not in (0, first)
    assert guarding.end_watch(first) == (codes.BAD_STATE, 0)
    assert guarding.end_watch(guarding.number()) == OK
    assert guarding.end_watch(0) == (codes.BAD_STATE, 0) and guarding.number() == 0


def test_a_watching_begins_with_the_last_of_its_rows_and_the_one_before_goes_on_until_then():
    board = Board()
    guarding = board.guarding
    assert guarding.begin_watch(9, 4_711, 0) == OK
    before = guarding.number()
    assert guarding.begin_watch(9, 4_711, 2) == OK
    assert guarding.row(9, 0, LOW_SPO2, False) == OK
    assert (guarding.number(), guarding.watches(9), board.told()["rows"]) == (0, True, 0)
    assert board.told()["watching"] == before
    assert guarding.row(9, 1, NO_PULSE, True) == (codes.BAD_STATE, 0)
    assert (guarding.number(), guarding.watches(9)) == (before, False), "what was to follow it is off"
    assert guarding.begin_watch(9, 4_711, 2) == OK
    assert guarding.row(9, 1, LOW_SPO2, False)[0] == codes.BAD_VALUE
    assert (guarding.number(), guarding.watches(9)) == (before, False), "and so after a row that is not the next"
    assert guarding.begin_watch(9, 4_711, 2) == OK
    assert guarding.row(9, 0, LOW_SPO2, False) == guarding.row(9, 1, NO_PULSE, False) == OK
    assert guarding.number() not in (0, before) and board.told()["rows"] == 2


def test_the_number_of_a_watching_tells_who_watches_for_which_programme_of_whom():
    def number(programme, pump):
        guarding = Board().guarding
        assert guarding.begin_watch(programme, pump, 0) == OK
        return guarding.number()

    for bit in range(30):
        for one in (number(3, 3 ^ 1 << bit), number(3 ^ 1 << bit, 3)):
            assert one >> 16 == 1 << bit % 14, "each bit of either counts"


def test_an_ask_of_another_board_is_answered_by_its_own_number():
    board = Board()
    guarding = board.guarding
    assert guarding.begin_watch(9, 4_711, 0) == OK
    answer = [0] * 8
    for nonce, moving in ((41, 1), (42, 0)):
        guarding.ask((3, 4, guarding.number(), nonce, moving, 5), 2, board.now)
        board.turn(10, STANDBY)
        guarding.answering.fill(answer, 0)
        assert answer[:3] == [guarding.number(), nonce, BEGINS]
        assert board.told()["acting"] == moving


def test_a_board_with_a_programme_of_its_own_watches_by_its_rows_alone():
    board = Board()
    guarding = board.guarding
    board.take(LOW_SPO2)
    assert guarding.begin_watch(9, 1, 1) == OK
    assert guarding.row(9, 0, NO_PULSE, True) == (codes.BAD_STATE, 0)
    assert (guarding.number(), guarding.watches(9)) == (0, False)
    assert guarding.row(9, 0, NO_PULSE, False) == (codes.WRONG_PROGRAMME, 0)
    assert guarding.guards.parameter[0] == SPO2
    assert guarding.begin_watch(9, 1, 1) == OK
    assert guarding.row(9, 0, LOW_SPO2, True) == OK
    first = guarding.number()
    assert first and board.told()["rows"] == 1, "the same ones may come"
    assert guarding.begin_watch(9, 1, 0) == OK
    watch = guarding.number()
    assert watch not in (0, first)
    assert guarding.stage(7, 0, watch) == (codes.NO_PERMISSION, 0), "it cannot ask itself"
    guarding.drop()
    assert board.told()["rows"] == 1, "another board's pump may go by them"
    board.take()
    assert (board.told()["rows"], guarding.number()) == (0, 0), "and is told when they are no more"


def test_a_programme_with_the_same_rows_leaves_another_boards_pump_running():
    board = Board()
    guarding = board.guarding
    guarding.begin_watch(9, 1, 2)
    guarding.row(9, 0, LOW_SPO2, False)
    guarding.row(9, 1, NO_PULSE, False)
    watch = guarding.number()
    board.well()
    guarding.ask((0, watch, 5, 1), 1, board.now)
    board.turn(10, STANDBY)
    assert guarding.answering.verdict == BEGINS
    assert board.take(NO_PULSE, LOW_SPO2) == OK
    assert (guarding.number(), board.told()["acting"], guarding.answering.wants) == (watch, 1, True)
    assert guarding.answering.verdict == BEGINS, "it is told nothing else"
    board.well()
    assert board.take(LOW_SPO2) == OK
    assert (guarding.number(), board.told()["rows"]) == (0, 1)
    assert (guarding.answering.verdict, guarding.answering.wants) == (DENIED, True)


def test_no_other_rows_while_another_boards_pump_goes_by_these():
    board = Board()
    guarding = board.guarding
    guarding.begin_watch(9, 1, 1)
    guarding.row(9, 0, LOW_SPO2, False)
    board.well()
    guarding.ask((0, guarding.number(), 5, 1), 1, board.now)
    assert guarding.stirred
    board.turn(10, STANDBY)
    assert not guarding.stirred and guarding.answering.verdict == BEGINS and board.told()["acting"] == 1
    assert guarding.begin_watch(9, 1, 1) == guarding.begin_watch(9, 1, 0) == (codes.BAD_STATE, 0)
    first = guarding.number()
    guarding.ask((0, first, 6, 0), 1, board.now)
    assert guarding.begin_watch(9, 1, 1) == OK
    guarding.ask((0, first, 7, 1), 1, board.now)
    assert guarding.row(9, 0, NO_PULSE, False) == (codes.BAD_STATE, 0), "it has begun to flow since"
    assert (guarding.number(), board.told()["rows"], guarding.watches(9)) == (first, 1, False)
    board.turn(10, STANDBY)
    board.show(SPO2, 871)
    board.turn(10, STANDBY)
    board.show(SPO2, 871)
    board.turn(10_000, STANDBY)
    assert guarding.why() == codes.WHY_INTERLOCK, "it trips here too, though no drug flows here"
    assert guarding.answering.verdict == DENIED


def test_a_programme_that_comes_while_rows_of_a_watching_come_is_the_newer_offer_and_the_other_way_round():
    guarding = Board().guarding
    guarding.begin_watch(9, 1, 2)
    assert guarding.row(9, 0, LOW_SPO2, False) == OK
    assert guarding.stage(7, 1, 0) == OK
    assert not guarding.watches(9) and not guarding.watches(7)
    assert guarding.offer(7, 0, NO_PULSE) == OK
    assert guarding.stage(7, 2, 0) == OK
    guarding.begin_watch(9, 1, 1)
    assert guarding.offer(7, 0, NO_PULSE) == (codes.WRONG_PROGRAMME, 0)


def test_permission_from_another_board_is_asked_for_and_what_is_left_of_it_told():
    board = Board()
    guarding = board.guarding
    assert board.take(watch=77, bound=2_000) == OK
    assert guarding.period() == LOOK_MS
    board.turn(state=STANDBY)
    assert guarding.asked.wants
    ask = [0] * 3
    guarding.asked.fill(ask, 0)
    assert (ask[0], ask[2], guarding.lacks(board.now)) == (77, 0, (codes.NO_PERMISSION, 0))
    guarding.answer((0, 77, ask[1], BEGINS, NOBODY, 0, 0, 0, 0), 1, board.now)
    assert guarding.stirred
    board.turn(500, STANDBY)
    told = board.told()
    assert (told["watch"], told["verdict"], told["permission"], told["normal"]) == (77, BEGINS, 1_500, 1)
    assert guarding.lacks(board.now) == OK and guarding.normal(board.now)
    guarding.drop()
    assert board.told()["watch"] == 0 and guarding.period() == IDLE_MS
    guarding.answer((0, 77, ask[1], BEGINS, NOBODY, 0, 0, 0, 0), 1, board.now)
    assert not guarding.stirred, "nobody has asked for that"


def test_asks_of_a_board_that_was_reset_are_far_from_those_before():
    first = [Board(boot=boot).guarding.asked for boot in range(1, 40)]
    numbers = []
    for asked in first:
        out = [0] * 3
        asked.fill(out, 0)
        numbers.append(out[1])
    near = [abs(a - b) for i, a in enumerate(numbers) for b in numbers[:i]]
    assert max(numbers) <= S30 and min(near) > 7 * 24 * 3_600 * 2, "a week of two asks a second"


def test_turns_and_telling_allocate_nothing():
    import micropython

    board = Board((NO_PULSE,))
    board.take(LOW_SPO2, watch=77, bound=2_000)
    out = [0] * INTERLOCK.width
    guarding, readings = board.guarding, board.readings
    values = [0, 77, 0, BEGINS, NOBODY, 0, 0, 0, 0]
    micropython.heap_lock()
    try:
        for n in range(400):
            now = n * 125
            readings.values[SPO2] = 870 if n > 200 else 970
            readings.qualities[SPO2] = readings.qualities[PULSE] = GOOD
            readings.values[PULSE] = 720
            readings.seen(SPO2, now)
            readings.seen(PULSE, now)
            guarding.turn(now, INFUSING if n > 20 else STANDBY)
            if guarding.asked.wants:
                guarding.asked.fill(values, 0)
                values[2] = values[1]
                values[1] = 77
                values[3] = BEGINS
                guarding.answer(values, 1, now)
            guarding.fill(out, now)
            guarding.normal(now)
            guarding.why()
    finally:
        micropython.heap_unlock()
    assert guarding.trip.number == 1
