"""A reset at any moment: the pump stands, waits for a human, and knows between which volumes the truth lies."""

from assuage_wire.schema import NONE32, REASONS
from pump import codes
from pump.reserve import QUANTUM_NL, Reserve
from pump.steps import PLANNED_NL
from pump_fakes import STEPS, Bed, Drive, PowerCut, Words

V = 559_902


def true_nl(drive, began):
    """Volume that the shaft displaced, rounded down and up."""
    steps = drive.made - began
    return steps * V // STEPS, -(-steps * V // STEPS)


def reset(bed):
    """The board begins anew: words and drive live on, and the drive runs its queue dry before the firmware is up."""
    bed.words.left = None
    bed.drive.pass_time(500_000)
    return Bed(drive=bed.drive, words=bed.words)


def test_without_a_record_the_pump_boots_in_standby_and_inert():
    bed = Bed()
    assert (bed.pump.state, bed.pump.reason, bed.pump.was.programme) == (codes.STANDBY, codes.WHY_NONE, 0)
    assert bed.pump.was.low == bed.pump.was.high == NONE32
    assert not bed.drive.energised


def test_a_drive_that_still_runs_is_halted_at_boot():
    drive = Drive()
    drive.enable(True)
    for _ in range(8):
        drive.push(100, 1000)
    bed = Bed(drive=drive)
    assert drive.queued() == 0 and not drive.energised
    bed.run(1000)
    assert drive.made == 0 and bed.pump.state == codes.STANDBY


def test_the_truth_lies_between_low_and_high_whatever_store_a_reset_follows():
    for rate in (167_000, 20_000_000):
        cut = 0
        survived = 0
        while survived < 1:
            bed = Bed()
            bed.offer(rate=rate, vtbi=200_000)
            bed.confirm()
            bed.arm()
            bed.words.left = cut
            cut += 1
            try:
                bed.start()
                bed.run(3000 if rate > 1_000_000 else 2000, lease_ms=3000)
                survived += 1
            except PowerCut:
                pass
            again = reset(bed)
            low, high = true_nl(bed.drive, 0)
            assert not again.drive.energised
            if again.pump.state == codes.UNCONFIRMED:
                assert again.pump.was.programme == 7
                assert again.pump.was.low <= low and high <= again.pump.was.high, (rate, cut)
                assert again.pump.was.high <= 200_000, "never more than the programme's volume"
                assert again.pump.was.high - again.pump.was.low <= 2 * PLANNED_NL + QUANTUM_NL
            else:
                # either nothing had been queued yet, or the delivery was over
                assert again.pump.state == codes.STANDBY
                assert bed.drive.made == 0 or bed.drive.made == 200_000 * STEPS // V
        assert cut > 15


def test_a_reset_at_any_moment_of_a_delivery_is_bracketed():
    for ms in range(20, 4000, 140):
        bed = Bed()
        bed.infuse(rate=3_000_000, vtbi=50_000_000)
        bed.run(ms, lease_ms=3000)
        again = reset(bed)
        low, high = true_nl(bed.drive, 0)
        assert (again.pump.state, again.pump.reason) == (codes.UNCONFIRMED, codes.WHY_RESET)
        assert again.pump.was.low <= low <= high <= again.pump.was.high <= low + PLANNED_NL + QUANTUM_NL
        assert again.status("was_low") == again.pump.was.low and again.status("was_high") == again.pump.was.high
        assert again.status("was_programme") == 7 and again.status("state") == codes.UNCONFIRMED


def test_an_interrupted_programme_waits_for_a_human_through_any_number_of_resets():
    bed = Bed()
    bed.infuse()
    bed.run(5000, lease_ms=3000)
    again = reset(bed)
    was = (again.pump.was.low, again.pump.was.high)
    for _ in range(3):
        again = reset(again)
        assert again.pump.state == codes.UNCONFIRMED
        assert (again.pump.was.low, again.pump.was.high) == was
        made = again.drive.made
        for refused in (again.offer(), again.confirm(), again.pump.arm(7), again.start()):
            assert refused == (codes.FAULTED, 0)
        again.pump.stop(codes.WHY_HOST_STOP)
        again.run(2000, lease_ms=3000)
        assert again.drive.made == made and again.pump.state == codes.UNCONFIRMED
    assert again.pump.clear(codes.WHY_HOST_STOP) == (codes.STALE_CLEAR, 0)
    assert again.pump.clear(codes.WHY_RESET) == (codes.OK, 0)
    assert (again.pump.state, again.pump.was.programme) == (codes.STANDBY, 0)
    assert again.pump.was.low == again.pump.was.high == NONE32
    assert reset(again).pump.state == codes.STANDBY, "a clear is for good"


def test_damaged_words_are_never_taken_for_numbers_and_never_for_nothing():
    for word in range(6):
        for bit in range(30):
            bed = Bed()
            bed.infuse()
            bed.run(1000, lease_ms=3000)
            bed.words.words[word] ^= 1 << bit
            again = reset(bed)
            assert again.pump.state == codes.UNCONFIRMED
            if word in (1, 5):
                assert again.pump.was.programme == 0
                assert again.pump.was.low == again.pump.was.high == NONE32
            else:
                assert again.pump.was.programme == 7


def test_words_that_never_were_a_record_are_none():
    for value in (0, 1, (1 << 30) - 1, 0x15555555):
        words = Words()
        for i in range(7):
            words.set(i, value)
        assert Reserve(words).recover() is None and Reserve(words).latched() == codes.WHY_NONE


def test_every_reason_of_a_fault_is_kept_and_one_damaged_bit_does_not_change_it():
    for reason in range(len(REASONS)):
        words = Words()
        Reserve(words).note(codes.FAULT, reason)
        kept = words.get(6)
        assert Reserve(words).latched() == reason
        for bit in range(30):
            words.set(6, kept ^ 1 << bit)
            assert Reserve(words).latched() == reason, bit
    for word in (0b11000 << 5, 0b11010 << 5, 0b11001 << 5 | 7, 5):
        words.set(6, word | word << 10 | word << 20)
        assert Reserve(words).latched() == (7 if word == 0b11001 << 5 | 7 else codes.WHY_NONE)
        words.set(6, word | word << 10 ^ 1 << 10 | word << 20 ^ 3 << 20)
        assert Reserve(words).latched() == codes.WHY_NONE, "three that differ"


def test_only_faults_and_ends_of_an_open_record_leave_a_reason():
    words = Words()
    r = Reserve(words)
    for state, reason in ((codes.STOPPED, codes.WHY_LEASE_LAPSED), (codes.STOPPED, codes.WHY_TIME_LIMIT)):
        r.note(state, reason)
        assert words.get(6) == 0
    r.note(codes.FAULT, codes.WHY_INTERNAL)
    assert words.get(6) and words.get(4) == 0
    r.note(codes.STANDBY, codes.WHY_NONE)
    assert words.get(6) == 0
    for state, reason, kept, still in (
        (codes.STOPPED, codes.WHY_LEASE_LAPSED, True, True),
        (codes.STOPPED, codes.WHY_TIME_LIMIT, True, True),
        (codes.KVO, codes.WHY_LEASE_LAPSED, True, True),
        (codes.UNCONFIRMED, codes.WHY_LEASE_LAPSED, True, True),
        (codes.UNCONFIRMED, codes.WHY_RESET, False, True),
        (codes.FAULT, codes.WHY_INTERNAL, True, True),
        (codes.INFUSING, codes.WHY_NONE, False, True),
        (codes.STOPPED, codes.WHY_HOST_STOP, False, False),
        (codes.STOPPED, codes.WHY_LOCAL_STOP, False, False),
        (codes.COMPLETE, codes.WHY_COMPLETE, False, False),
        (codes.PROGRAMMED, codes.WHY_NONE, False, False),
    ):
        r.begin(9, 1000, codes.INFUSING)
        r.note(state, reason)
        assert (Reserve(words).latched(), Reserve(words).recover() is not None) == (reason if kept else 0, still)


def test_a_doubt_lowers_the_least_and_ends_the_counting_of_steps():
    words = Words()
    r = Reserve(words)
    r.doubt(5)
    assert words.get(2) == 0
    for least, low in ((300, 300), (400, 400), (401, 400), (0, 0)):
        r.begin(9, 1000, codes.INFUSING)
        r.counted(400)
        words.left = 1 if least < 400 else 0
        r.doubt(least)
        words.left = None
        r.counted(999)
        assert words.get(2) == low
    r.begin(9, 1000, codes.INFUSING)
    r.counted(7)
    assert words.get(2) == 7, "steps of the next programme count"
    r.note(codes.STOPPED, codes.WHY_HOST_STOP)
    r.doubt(3)
    assert words.get(2) == 7


def test_low_above_high_is_told_as_unknown():
    words = Words()
    r = Reserve(words)
    r.begin(9, 1000, codes.INFUSING)
    words.set(2, 500)
    words.set(3, 400)
    assert Reserve(words).recover() == (9, NONE32, NONE32)


def test_a_record_begins_with_its_last_store_and_not_before():
    for old in (0, 1, 2):
        for cut in range(8):
            words = Words()
            r = Reserve(words)
            if old:
                r.begin(3, 1000, codes.INFUSING)
                r.before(500)
                r.counted(400)
                r.note(codes.STOPPED, codes.WHY_HOST_STOP)
            words.left = cut
            try:
                (r if old == 1 else Reserve(words)).begin(9, 2000, codes.INFUSING)
            except PowerCut:
                assert Reserve(words).recover() is None, cut
            else:
                assert cut == 7
                assert Reserve(words).recover() == (9, 0, 0)


def test_a_new_record_knows_nothing_of_the_one_before():
    words = Words()
    r = Reserve(words)
    r.begin(3, 1_000_000, codes.INFUSING)
    r.before(900_000)
    r.counted(800_000)
    r.note(codes.COMPLETE, codes.WHY_COMPLETE)
    r.begin(4, 1_000_000, codes.INFUSING)
    r.before(10)
    r.counted(1)
    assert r.recover() == (4, 1, 11 + QUANTUM_NL)


def test_marks_are_stored_when_they_move_and_only_while_a_record_is_open():
    words = Words()
    r = Reserve(words)
    r.counted(50)
    assert words.get(2) == 0
    r.begin(9, 30_000, codes.INFUSING)
    words.left = 2
    r.before(100)
    assert words.get(3) == 101 + QUANTUM_NL == 20_101
    r.before(20_100)
    assert words.left == 1 and words.get(3) == 20_101, "20 100 rounded down may be 20 101 at most"
    r.counted(99)
    r.counted(99)
    r.counted(98)
    assert words.left == 0 and words.get(2) == 99
    words.left = 1
    r.before(20_101)
    assert words.get(3) == 30_000, "never more than the programme's volume"
    r.before(29_999)
    r.before(30_000)
    assert words.left == 0
    words.left = None
    r.note(codes.STOPPED, codes.WHY_HOST_STOP)
    r.counted(200)
    r.note(codes.FAULT, codes.WHY_INTERNAL)
    assert words.get(2) == 99 and r.recover() is None


def test_the_high_mark_is_not_stored_with_every_word():
    words = Words()
    r = Reserve(words)
    r.begin(9, 1_000_000, codes.INFUSING)
    words.left = 1 + 100_000 // QUANTUM_NL
    for nl in range(0, 100_000, 175):
        r.before(nl)
        assert words.get(3) > nl
