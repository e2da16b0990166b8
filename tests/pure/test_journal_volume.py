"""What was running and how much it has delivered: true after a power cut, true and close after a reset."""

from assuage_wire.schema import NONE32
from journal import kinds
from journal.logbook import Journal
from journal.record import C, Record, X, Y, Z
from journal.volume import UNATTENDED, Volume, mark_after, merged, records_for
from journal_fakes import Nor, PowerCut, Words, kinds_of, ready, started
from pump import codes

MOST = 5_000_000


def running(flash=None, words=None, most=MOST):
    flash = flash or Nor(6)
    words = words or Words()
    journal, volume = started(flash, words)
    ready(journal, records_for(most))
    assert volume.begin(7, most, codes.INFUSING, 559_902)
    volume.note(codes.INFUSING, codes.WHY_NONE)
    return flash, words, journal, volume


def cut(flash, words=None):
    """A start after a power cut, or with `words` after a mere reset."""
    return started(flash, words, boot=2)[1]


def last(journal):
    record = Record()
    assert journal.fetch(journal.ring.newest, record) >= 0
    return record


def test_a_board_that_never_ran_anything_knows_of_nothing():
    _journal, volume = started(Nor(4))
    assert volume.recover() is None and volume.latched() == codes.WHY_NONE
    _journal, volume = started(Nor(4), prepared=100)
    assert volume.recover() is None


def test_the_ladder_is_as_steep_as_it_may_be_and_no_steeper():
    """With the drive 20 000 nL and a word of an eighth behind, within 0.05 mL or 1 % of what was truly delivered."""
    mark = 0
    rungs = 0
    while mark < 100_000_000:
        after = mark_after(mark)
        # the worst: the mark is written when `mark` is planned, of which the drive has made all but what is queued
        least = max(0, mark - 22_900)
        assert after <= least + max(50_000, least // 100)
        assert mark == 0 or after > least + max(50_000, least // 100) - 200, "no closer than is asked for"
        mark = after
        rungs += 1
    assert 450 < rungs < 600
    assert records_for(100_000_000) == rungs + 64
    assert records_for(1) == 65 and records_for(0) == 64


def test_a_programme_of_100_ml_writes_some_550_records_and_one_page_a_call():
    flash, _, journal, volume = running(Nor(32), most=100_000_000)
    before = flash.programs
    erases = flash.erases
    held = journal.held
    for nl in range(0, 100_000_001, 1750):
        pages = flash.programs
        assert volume.before(nl)
        assert flash.programs <= pages + 1
        volume.counted(max(0, nl - 20_000))
    assert 450 < flash.programs - before < 600 and flash.erases == erases, "and nothing is erased while moving"
    assert held - journal.held == flash.programs - before, "room that is no longer needed is no longer held"


def test_a_mark_is_on_flash_before_the_steps_that_pass_the_one_before():
    flash, _words, _journal, volume = running()
    for nl in range(0, 300_000, 333):
        assert volume.before(nl)
        was = Volume(Journal(flash.copy()), Words()).recover()
        assert was[0] == 7 and nl + 1 <= was[2] <= nl + 27_000


def test_after_a_power_cut_the_truth_lies_between_low_and_high_and_never_above_the_programme():
    flash, _words, _journal, volume = running(most=100_000)
    for nl in range(0, 100_001, 500):
        volume.before(nl)
        volume.counted(max(0, nl - 20_000))
        programme, low, high = Volume(Journal(flash.copy()), Words()).recover()
        assert programme == 7 and low <= max(0, nl - 20_000) and nl <= high <= 100_000


def test_after_a_reset_both_speak_and_the_closer_bounds_stand():
    flash, words, _journal, volume = running()
    volume.before(1_000_000)
    volume.counted(990_000)
    assert cut(flash.copy()).recover()[1] < 990_000
    programme, low, high = cut(flash, words).recover()
    assert (programme, low, high) == (7, 990_000, 1_020_001)


def test_what_was_found_is_said_again_and_stays_the_same():
    flash, _words, _journal, volume = running()
    volume.before(60_000)
    was = cut(flash).recover()
    for _ in range(5):
        assert cut(flash).recover() == was
    found = [seq for seq, k in kinds_of(Journal(flash)) if k == kinds.FOUND]
    assert len(found) == 1, "once is enough"


def test_a_mark_that_flash_does_not_take_holds_the_steps_back():
    flash, _words, _journal, volume = running()
    assert volume.before(0)
    high = cut(flash.copy()).recover()[2]
    flash.failing = 1
    assert volume.before(high - 1)
    assert not volume.before(high) and volume.before(high), "asked again, it takes another place"
    assert cut(flash.copy()).recover()[2] == mark_after(high)


def test_a_programme_without_room_does_not_begin():
    flash = Nor(6)
    words = Words()
    journal, volume = started(flash, words)
    assert not volume.begin(7, MOST, codes.INFUSING, 559_902)
    ready(journal, records_for(MOST))
    while journal.ready(records_for(MOST) - 32):
        journal.says(kinds.RAISED, 0, 0, 0, 0, 0, 0)
    assert not volume.begin(7, MOST, codes.INFUSING, 559_902)
    assert volume.recover() is None and words.words == [0] * 7
    ready(journal, records_for(MOST))
    flash.failing = 3
    assert not volume.begin(7, MOST, codes.INFUSING, 559_902)
    assert words.words == [0] * 7
    assert cut(flash).recover() is None


def test_notes_never_take_the_room_of_a_running_programme():
    flash, _words, journal, volume = running(most=1_000_000)
    nl = 0
    while nl < 1_000_000:
        for _ in range(20):
            journal.note(kinds.RAISED, 1, 1, 1, 1, 1, 1)
            volume.work()
        assert volume.before(nl), "alarms without end"
        nl += 2_000
    volume.counted(1_000_000)
    volume.note(codes.COMPLETE, codes.WHY_COMPLETE)
    assert not volume.unsaid and journal.lost() > 0
    assert cut(flash).recover() is None


def test_an_end_in_order_is_settled_with_what_was_counted_and_why():
    for state, reason in (
        (codes.COMPLETE, codes.WHY_COMPLETE),
        (codes.STOPPED, codes.WHY_HOST_STOP),
        (codes.STOPPED, codes.WHY_LOCAL_STOP),
    ):
        flash, words, journal, volume = running()
        volume.before(70_000)
        volume.counted(66_000)
        volume.note(state, reason)
        record = last(journal)
        assert bytes(record.buf[4:8]) == bytes((kinds.DELIVERED, state, reason, 0))
        assert (record.word(X), record.word(Y), record.word(Z)) == (7, 66_000, 66_000)
        assert journal.held == 0
        for kept in (None, words):
            again = cut(flash.copy(), kept)
            assert again.recover() is None and again.latched() == codes.WHY_NONE


def test_an_end_that_nobody_may_have_seen_stays_open_with_its_reason_until_it_is_read():
    for reason in UNATTENDED:
        for keep in (False, True):
            flash, words, _journal, volume = running()
            volume.before(70_000)
            volume.counted(66_000)
            volume.note(codes.STOPPED, reason)
            for _ in range(3):
                again = cut(flash, words if keep else None)
                programme, low, high = again.recover()
                assert (programme, low, again.latched()) == (7, 66_000, reason) and high >= 70_000
            again.note(codes.STANDBY, codes.WHY_NONE)
            after = cut(flash, words if keep else None)
            assert after.recover() is None and after.latched() == codes.WHY_NONE


def test_a_fault_is_latched_over_a_power_cut_with_and_without_a_programme():
    for run in (False, True):
        flash, _words, _journal, volume = running()
        if not run:
            volume.note(codes.STOPPED, codes.WHY_HOST_STOP)
        volume.note(codes.FAULT, codes.WHY_DRIVE_FAULT)
        for _ in range(3):
            again = cut(flash)
            assert again.latched() == codes.WHY_DRIVE_FAULT and (again.recover() is not None) == run
        if run:
            again.note(codes.UNCONFIRMED, codes.WHY_RESET)
            again = cut(flash)
            assert again.latched() == codes.WHY_NONE and again.recover()[0] == 7, "the fault is cleared, the rest not"
        again.note(codes.STANDBY, codes.WHY_NONE)
        again = cut(flash)
        assert again.latched() == codes.WHY_NONE and again.recover() is None


def test_what_a_human_has_read_is_told_with_its_bounds_and_the_reason():
    flash, _words, journal, volume = running()
    volume.before(70_000)
    volume.note(codes.FAULT, codes.WHY_ENCODER_LOST)
    journal, again = started(flash, boot=2)
    was = again.recover()
    again.note(codes.STANDBY, codes.WHY_NONE)
    record = last(journal)
    assert record.buf[4] == kinds.CLEARED and record.buf[C] == codes.WHY_ENCODER_LOST
    assert (record.word(X), record.word(Y), record.word(Z)) == was


def test_a_doubt_widens_both_bounds_and_ends_the_counting():
    for least, most, bounds in (
        (50_000, 60_000, (50_000, 80_997)),
        (66_000, 90_000, (66_000, 90_000)),
        (67_000, 80_000, (66_000, 80_997)),
        (0, 6_000_000, (0, 6_000_000)),
    ):
        flash, words, journal, volume = running()
        volume.before(70_000)
        volume.counted(66_000)
        volume.doubt(least, most)
        volume.counted(70_000)
        record = last(journal)
        assert bytes(record.buf[4:8]) == bytes((kinds.AHEAD, 0, 0, 1)), "told as doubted"
        assert cut(flash.copy()).recover() == (7,) + bounds
        volume.note(codes.FAULT, codes.WHY_ENCODER_DISAGREES)
        assert cut(flash.copy()).recover() == (7,) + bounds
        _programme, low, high = cut(flash, words).recover()
        assert low == bounds[0] and most <= high <= bounds[1]
    journal, volume = started(Nor(4), prepared=50)
    newest = journal.ring.newest
    volume.doubt(1, 2)
    assert journal.ring.newest == newest, "nothing is in doubt when nothing runs"


def test_a_doubtful_end_is_never_told_as_counted():
    _flash, _words, journal, volume = running()
    volume.before(70_000)
    volume.doubt(10_000, 90_000)
    volume.note(codes.FAULT, codes.WHY_ENCODER_DISAGREES)
    volume.note(codes.STANDBY, codes.WHY_NONE)
    assert last(journal).buf[4] == kinds.CLEARED


def test_steps_of_the_next_programme_count_again():
    flash, words, journal, volume = running()
    volume.doubt(0, 90_000)
    volume.note(codes.FAULT, codes.WHY_ENCODER_DISAGREES)
    volume.note(codes.STANDBY, codes.WHY_NONE)
    ready(journal, records_for(MOST), True)
    assert volume.begin(8, MOST, codes.INFUSING, 559_902)
    volume.before(10)
    volume.counted(5)
    assert cut(flash, words).recover() == (8, 5, 20_011)


def test_a_statement_that_flash_did_not_take_is_said_later():
    flash, _words, _journal, volume = running()
    volume.before(70_000)
    volume.counted(66_000)
    flash.failing = 5
    volume.note(codes.STOPPED, codes.WHY_HOST_STOP)
    assert volume.unsaid
    assert cut(flash.copy()).recover()[0] == 7, "until then it counts as interrupted"
    turns = 0
    while volume.unsaid:
        assert volume.work()
        turns += 1
    assert turns == 1
    assert cut(flash).recover() is None


def test_a_flash_in_which_too_much_has_failed_is_left_alone():
    flash, _words, journal, volume = running()
    flash.failing = 100_000
    volume.note(codes.STOPPED, codes.WHY_HOST_STOP)
    turns = 0
    while not journal.broken():
        assert volume.work() and turns < 1_000
        turns += 1
    programs, erases = flash.programs, flash.erases
    assert not volume.work(), "no page was used"
    assert volume.unsaid and (flash.programs, flash.erases) == (programs, erases)


def test_two_statements_are_never_merged_into_less_than_either_says():
    none = NONE32
    for told, kept, both in (
        (None, None, None),
        (None, (), None),
        ((7, 1, 9), None, (7, 1, 9)),
        ((7, 1, 9), (), (7, 1, 9)),
        (None, (7, 1, 9), (7, 1, 9)),
        ((7, 1, 9), (7, 3, 20), (7, 3, 9)),
        ((7, 3, 20), (7, 1, 9), (7, 3, 9)),
        ((7, 1, 5), (7, 5, 9), (7, 5, 5)),
        ((7, 1, 2), (7, 3, 4), (7, none, none)),
        ((7, 1, 9), (8, 1, 9), (0, none, none)),
        ((7, 1, 9), (0, none, none), (7, 1, 9)),
        ((7, 1, 9), (7, none, none), (7, 1, 9)),
        ((7, none, none), (7, 1, 9), (7, 1, 9)),
        ((7, none, none), (8, 1, 9), (0, none, none)),
        ((7, 1, 9), (7, none, 9), (7, 1, 9)),
        ((7, none, 9), (7, 1, 9), (7, 1, 9)),
        ((7, 1, 9), (8, none, none), (0, none, none)),
        ((7, none, none), (7, none, none), (7, none, none)),
        ((0, none, none), None, (0, none, none)),
        ((0, none, none), (), None),
        ((0, none, none), (7, 1, 9), (7, 1, 9)),
        ((0, none, none), (0, none, none), (0, none, none)),
        (None, (0, none, none), (0, none, none)),
        (None, (7, none, none), (7, none, none)),
    ):
        assert merged(told, kept) == both, (told, kept)


def test_damage_to_the_words_leaves_the_flash_and_the_other_way_round():
    for word in range(7):
        for bit in range(0, 30, 3):
            flash, words, _journal, volume = running(Nor(5), most=300_000)
            volume.before(70_000)
            volume.counted(66_000)
            words.words[word] ^= 1 << bit
            was = cut(flash, words).recover()
            assert was and was[0] in (0, 7), "never nothing"
            if word in (0, 1, 4, 5, 6):
                assert was[1] <= 66_000 and was[2] >= 70_000
    flash, words, _journal, volume = running()
    volume.before(70_000)
    volume.counted(66_000)
    for at in range(flash.size):
        flash.cells[at] = 0xFF
    assert cut(flash, words).recover() == (7, 66_000, 90_001)


def test_a_cut_at_any_operation_of_start_run_and_stop():
    """The small version of what tests/firmware/test_journal_cuts.py does at length."""
    cuts = 0
    for torn in (0, 1, 2, 3):
        left = 0
        while True:
            flash = Nor(4)
            started(flash)
            journal, volume = started(flash)  # like the one before, so its first place is still to be buried
            ready(journal, records_for(90_000))
            flash.left, flash.torn = left, torn
            planned, begun, over = 0, False, False
            try:
                begun = volume.begin(7, 90_000, codes.INFUSING, 559_902) and None
                volume.note(codes.INFUSING, codes.WHY_NONE)
                begun = True
                for nl in range(0, 90_001, 2000):
                    volume.before(nl)
                    planned = nl
                    volume.counted(max(0, nl - 20_000))
                volume.counted(90_000)
                over = None
                volume.note(codes.COMPLETE, codes.WHY_COMPLETE)
                over = True
            except PowerCut:
                cuts += 1
            flash.left = None
            was = cut(flash).recover()
            if was is None:
                assert over in (True, None) or not begun
            else:
                assert was[0] == 7 and not over
                assert was[1] <= max(0, planned - 20_000) or over is None
                assert planned <= was[2] <= max(0, planned - 20_000) + 50_000
            if over:
                break
            left += 1
    assert cuts == 4 * 7, "a place buried, begun, four marks, delivered"


def test_a_fault_that_flash_did_not_take_is_latched_over_a_mere_reset():
    flash, words, _journal, volume = running()
    flash.failing = 5
    volume.note(codes.FAULT, codes.WHY_TASK_OVERRUN)
    again = cut(flash, words)
    assert again.latched() == codes.WHY_TASK_OVERRUN and again.recover()[0] == 7
    assert cut(flash).latched() == codes.WHY_TASK_OVERRUN, "and said again to flash"


def test_only_the_latch_differs_and_is_said_again_all_the_same():
    flash, words, journal, volume = running()
    volume.note(codes.STOPPED, codes.WHY_HOST_STOP)
    journal.boot(3, (0, 1, 0), 5)
    flash.failing = 5
    volume.note(codes.FAULT, codes.WHY_TASK_OVERRUN)
    assert cut(flash, words).latched() == cut(flash).latched() == codes.WHY_TASK_OVERRUN


def test_nothing_counts_once_a_programme_has_ended():
    _flash, words, _journal, volume = running()
    volume.before(70_000)
    volume.counted(60_000)
    volume.note(codes.STOPPED, codes.WHY_HOST_STOP)
    volume.counted(65_000)
    assert words.get(2) == 60_000


def test_bounds_in_flash_that_cannot_be_are_told_as_unknown():
    for low, high, was in ((500, 499, (7, NONE32, NONE32)), (500, 500, (7, 500, 500)), (0, 0, (7, 0, 0))):
        flash, _words, journal, _volume = running()
        assert journal.says(kinds.AHEAD, 0, 0, 0, 7, low, high)
        assert cut(flash).recover() == was


def test_an_open_programme_at_the_end_of_all_room_may_have_lost_its_newest_mark():
    flash, _words, journal, volume = running(Nor(3), most=100_000)
    volume.before(0)
    while journal.ring.room() > 1:
        assert journal.says(kinds.STATE, codes.INFUSING, 0, 0, 7, 0, 26_999)
    assert cut(flash.copy()).recover() == (7, 0, 26_999)
    assert journal.says(kinds.RAISED, 0, 0, 0, 0, 0, 0)
    assert cut(flash).recover() == (7, NONE32, NONE32)


def test_what_a_programme_is_about_stands_at_its_beginning():
    flash = Nor(6)
    journal, volume = started(flash)
    ready(journal, records_for(MOST))
    assert volume.begin(7, MOST, codes.INFUSING, 559_902)
    record = last(journal)
    assert bytes(record.buf[4:8]) == bytes((kinds.BEGUN, codes.INFUSING, 0, 0))
    assert (record.word(X), record.word(Y), record.word(Z)) == (7, MOST, 559_902)
    assert cut(flash).recover() == (7, 0, 0), "nothing was delivered yet"


def test_a_board_without_flash_for_a_journal_starts_nothing_and_falls_over_nothing():
    flash = Nor(0)
    journal, volume = started(flash)
    assert volume.recover() is None and journal.prepare(0) == 3 and not journal.ready(0)
    assert not volume.begin(7, MOST, codes.INFUSING, 559_902)
    volume.note(codes.FAULT, codes.WHY_INTERNAL)
    assert not journal.note(kinds.RAISED, 0, 0, 0, 0, 0, 0) and kinds_of(journal) == []
    journal.acknowledge(5)
    assert volume.work() and volume.unsaid and not journal.broken()


def test_a_mark_that_is_reached_to_the_nanolitre_is_passed():
    for nl in (26_998, 26_999, 27_000):
        flash, _words, _journal, volume = running()
        assert volume.before(nl)
        assert cut(flash).recover()[2] == (53_998 if nl >= 26_999 else 26_999)


def test_what_each_statement_says_besides_the_volume():
    flash, _words, journal, volume = running()
    assert last(journal).buf[4] == kinds.BEGUN, "that it infuses stands there"
    volume.before(0)
    volume.note(codes.BOLUS, codes.WHY_NONE)
    record = last(journal)
    assert bytes(record.buf[4:8]) == bytes((kinds.STATE, codes.BOLUS, 0, 0))
    assert (record.word(X), record.word(Y), record.word(Z)) == (7, 0, 26_999)
    volume.before(26_999)
    assert bytes(last(journal).buf[4:8]) == bytes((kinds.AHEAD, 0, 0, 0))
    for found, state, reason in ((flash.copy(), codes.UNCONFIRMED, 0), (flash, codes.FAULT, codes.WHY_INTERNAL)):
        if reason:
            volume.note(codes.FAULT, reason)
        record = Record()
        cut(found)
        journal = Journal(found)
        assert journal.fetch(journal.ring.keep, record) >= 0
        assert bytes(record.buf[4:8]) == bytes((kinds.FOUND, state, reason, 0))
    flash, _words, journal, volume = running()
    volume.note(codes.STOPPED, codes.WHY_HOST_STOP)
    cut(flash)
    journal = Journal(flash)
    assert journal.fetch(journal.ring.keep, record) >= 0
    assert bytes(record.buf[4:8]) == bytes((kinds.FOUND, codes.STANDBY, 0, 0))
    assert (record.word(X), record.word(Y), record.word(Z)) == (0, 0, 0)


def test_room_is_never_held_below_nothing():
    _flash, _words, journal, volume = running()
    journal.held = 1
    held = []
    for nl in range(0, 100_000, 30_000):
        volume.before(nl)
        held.append(journal.held)
    assert held == [0, 0, 0, 0]


def test_a_statement_that_reads_differently_the_second_time_is_read_once():
    """A cut may leave it so; whichever way it reads, it is true, but it must be one of the two."""
    flash, _words, journal, volume = running()
    volume.before(0)
    volume.before(26_999)
    at = journal.ring.at(journal.ring.newest)
    read = flash.read
    reads = []

    def unsound(where, buf):
        read(where, buf)
        for i in range(where, where + len(buf)):
            if i in (at + 8, at + 20, at + 21):
                reads.append(i)
                buf[i - where] ^= 0xA5 if len(reads) > 3 else 0

    flash.read = unsound
    assert cut(flash).recover() == (7, 0, 53_998)
    assert cut(flash).recover() == (7, 0, 53_998), "it was restated"
