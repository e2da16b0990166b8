"""A reset at any moment: the pump stands, waits for a human, and knows between which volumes the truth lies."""

from assuage_wire.schema import NONE32
from journal.kept import QUANTUM_NL
from pump import codes
from pump.steps import PLANNED_NL
from pump_fakes import STEPS, Bed, Drive, PowerCut

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


def test_damaged_words_leave_what_flash_says_and_never_nothing():
    for word in range(6):
        for bit in range(0, 30, 5):
            bed = Bed()
            bed.infuse()
            bed.run(1000, lease_ms=3000)
            bed.words.words[word] ^= 1 << bit
            again = reset(bed)
            assert again.pump.state == codes.UNCONFIRMED
            low, high = true_nl(bed.drive, 0)
            if word in (1, 5) or again.pump.was.low == NONE32:
                assert again.pump.was.programme in (0, 7)
            if word != 2 and word != 3 and again.pump.was.low != NONE32:
                assert again.pump.was.low <= low and high <= again.pump.was.high


def test_after_a_loss_of_power_the_flash_alone_knows_what_was_running_and_how_far_it_got():
    for ms in range(20, 4000, 280):
        bed = Bed()
        bed.infuse(rate=3_000_000, vtbi=50_000_000)
        bed.run(ms, lease_ms=3000)
        bed.words.power_cut()
        made = bed.drive.made
        again = reset(bed)
        low, high = true_nl(bed.drive, 0)
        assert (again.pump.state, again.pump.reason) == (codes.UNCONFIRMED, codes.WHY_RESET)
        assert again.pump.was.programme == 7
        assert again.pump.was.low <= made * V // STEPS and high <= again.pump.was.high <= low + 50_000
        again.run(2000, lease_ms=3000)
        assert again.pump.state == codes.UNCONFIRMED and not again.drive.energised and again.offer()[0] != codes.OK
        again.words.power_cut()
        assert reset(again).pump.was.high == again.pump.was.high
