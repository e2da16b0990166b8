"""The pump and its record in flash: no motion before it is written, no erase while it moves, no start without room."""

from assuage_wire.schema import NONE32
from journal import kinds
from journal.ring import FAILED, MORE, WAITS
from pump import codes
from pump_fakes import BLANK, LIMITS, PAGES, STEPS, Bed, Flash, Words

V = 559_902
ANY = LIMITS["max_volume"]


def new():
    """A bed whose flash nobody has prepared yet."""
    return Bed(words=Words(Flash()))


def confirmed(bed, **changes):
    assert bed.offer(**changes) == (codes.OK, 0) and bed.confirm() == (codes.OK, 0)


def full(bed, precious):
    """Fills all that is prepared, and all that could be, with what no host has fetched."""
    journal = bed.journal
    while True:
        while journal.ring.room() > 1:
            journal.says(kinds.BOLUS if precious else kinds.RAISED, 0, 0, 0, 7, 1, 1)
        if journal.ring.prepare(200, False) > MORE:
            return


def test_a_start_waits_until_there_is_room_and_nothing_moves_meanwhile():
    bed = new()
    confirmed(bed, vtbi=ANY, capacity=ANY, rate=20_000_000)
    for _ in range(3):
        bed.pump.shaft(0)
    assert bed.pump.arm(7) == (codes.OK, 0), "the drive is not what it waits for"
    assert bed.start() == (codes.JOURNAL, MORE)
    refused = 0
    while True:
        bed.run(20)
        outcome = bed.start()
        if outcome == (codes.OK, 0):
            break
        assert outcome == (codes.JOURNAL, MORE) and bed.pump.state == codes.ARMED
        assert bed.drive.pushed == 0 and not bed.pump.lease.held
        refused += 1
    assert 4 <= refused <= 7, "a sector a turn"
    erases = bed.flash.erases
    bed.run(2000, lease_ms=3000)
    assert bed.pump.state == codes.INFUSING and bed.flash.erases == erases and bed.drive.made > 0


def test_a_board_that_has_stood_for_a_second_starts_the_largest_programme_at_once():
    bed = new()
    bed.run(1000)
    erases = bed.flash.erases
    bed.infuse(vtbi=ANY, capacity=ANY, rate=20_000_000, duration=100_000)
    assert bed.flash.erases == erases


def test_a_start_that_flash_does_not_take_is_refused_and_may_be_asked_for_again():
    bed = Bed()
    confirmed(bed)
    bed.arm()
    bed.flash.failing = 3
    assert bed.start() == (codes.JOURNAL, MORE)
    assert bed.pump.state == codes.ARMED and bed.drive.pushed == 0 and not bed.pump.lease.held
    assert bed.journal.held == 0
    assert bed.start() == (codes.OK, 0)


def test_what_no_host_has_fetched_gives_way_to_a_start_only_and_volumes_do_not_even_to_that():
    for precious in (False, True):
        bed = new()
        full(bed, precious)
        lost = bed.journal.ring.lost
        bed.run(1000)
        bed.journal.acknowledge = lambda seq: None  # no host
        confirmed(bed)
        bed.journal.ring.acked = -1
        bed.run(3000)
        bed.arm()
        if precious:
            assert bed.start() == (codes.JOURNAL, WAITS)
            bed.journal.ring.acked = bed.journal.ring.newest
            bed.run(1500)
        assert bed.start() == (codes.OK, 0)
        assert (bed.journal.ring.lost > lost) is not precious


def test_a_board_without_flash_for_a_journal_infuses_nothing_and_says_why():
    flash = Flash()
    flash.size = 0
    bed = Bed(words=Words(flash))
    confirmed(bed)
    bed.arm()
    assert bed.start() == (codes.JOURNAL, FAILED) and bed.drive.pushed == 0
    assert (bed.pump.state, bed.flash.programs) == (codes.ARMED, 0)


def test_steps_that_the_record_did_not_take_are_not_made_and_the_pump_says_why_it_stands():
    for rate in (1_000, 166_667, 3_000_000, 20_000_000):
        bed = Bed()
        bed.infuse(rate=rate, vtbi=50_000_000, duration=100_000)
        bed.run(500, lease_ms=3000)
        volume = bed.pump._volume
        volume.before = lambda nl: False
        planned = bed.drive.made + bed.drive.queued()
        began = bed.ms
        while bed.pump.state == codes.INFUSING:
            bed.grant(3000)
            bed.step(25)
            assert bed.drive.made <= planned and bed.ms - began < 2500
        assert (bed.pump.state, bed.pump.reason) == (codes.FAULT, codes.WHY_JOURNAL), rate
        assert not bed.drive.energised


def test_a_mark_that_is_taken_at_the_second_try_costs_no_step_and_no_volume():
    bed = Bed()
    bed.infuse(rate=3_000_000, vtbi=200_000)
    programs = bed.flash.programs
    while bed.pump.state == codes.INFUSING:
        bed.grant(3000)
        if bed.flash.programs != programs:
            bed.flash.failing = 1
            programs = bed.flash.programs + 1
        bed.step(20)
    assert (bed.pump.state, bed.pump.reason) == (codes.COMPLETE, codes.WHY_COMPLETE)
    assert bed.drive.made == 200_000 * STEPS // V and bed.drive.dry_runs() <= 1


def test_a_flash_that_fails_for_good_is_a_fault_wherever_the_pump_is():
    for run in (False, True):
        bed = Bed()
        if run:
            bed.infuse(rate=3_000_000, vtbi=50_000_000)
        bed.run(500, lease_ms=3000)
        bed.flash.failing = 1 << 29
        for _ in range(20):
            bed.journal.note(kinds.RAISED, 0, 0, 0, 0, 0, 0)
            bed.run(100, lease_ms=3000)
        assert (bed.pump.state, bed.pump.reason) == (codes.FAULT, codes.WHY_JOURNAL), run
        assert bed.drive.queued() == 0
        programs = bed.flash.programs
        bed.run(5000)
        assert bed.flash.programs <= programs + 20, "nor is it worn out by trying"


def test_a_statement_that_stays_unsaid_is_a_fault_after_two_seconds_of_turns():
    bed = Bed()
    bed.pump._volume.work = lambda: True
    bed.pump._volume.unsaid = True
    bed.run(1800)
    assert bed.pump.state == codes.STANDBY
    bed.step(10_000)
    assert bed.pump.state == codes.STANDBY, "one late turn is no two seconds of trying"
    bed.run(200)
    assert (bed.pump.state, bed.pump.reason) == (codes.FAULT, codes.WHY_JOURNAL)
    bed.pump._volume.unsaid = False
    bed.step(20)
    assert bed.pump.clear(codes.WHY_JOURNAL) == (codes.OK, 0)
    bed.run(5000)
    assert bed.pump.state == codes.STANDBY


def test_after_a_pause_it_goes_on_only_while_the_record_is_good():
    bed = Bed()
    bed.infuse()
    bed.run(1000, lease_ms=3000)
    assert bed.pump.pause(7) == (codes.OK, 0)

    def resume():
        until = bed.at(3000)
        return bed.pump.resume(7, until[0], until[1], bed.ticks, bed.wraps)

    bed.pump._volume.unsaid = True
    assert resume() == (codes.JOURNAL, MORE)
    bed.pump._volume.unsaid = False
    bed.journal.ring.bad = 8
    assert resume() == (codes.JOURNAL, FAILED)
    bed.journal.ring.bad = 0
    assert resume() == (codes.OK, 0)
    bed.run(1000, lease_ms=3000)
    assert bed.pump.state == codes.INFUSING


def test_doses_and_pauses_without_end_leave_room_for_every_mark():
    bed = Bed()
    bed.infuse(mode=codes.DEMAND, dose=2_000, dose_rate=1_000_000, vtbi=5_000_000, rate=1_000_000, bolus=50_000)
    told = bed.journal.ring.newest
    while bed.pump.state in (codes.INFUSING, codes.BOLUS):
        bed.grant(3000)
        bed.step(40)
        bed.journal.ring.acked = 0  # nor does a host help
        bed.pump.press()
    assert (bed.pump.state, bed.pump.reason) == (codes.COMPLETE, codes.WHY_COMPLETE)
    assert bed.journal.ring.newest - told > 500 and bed.journal.ring.room() >= 16


def test_a_reset_in_a_bolus_or_a_pause_leaves_a_programme_for_a_human_with_and_without_power():
    for lost in (False, True):
        for paused in (False, True):
            bed = Bed()
            bed.infuse(mode=codes.DEMAND, dose=50_000, dose_rate=600_000)
            bed.run(500, lease_ms=3000)
            if paused:
                bed.pump.pause(7)
                bed.run(1000)
            else:
                bed.pump.press()
                bed.run(500, lease_ms=3000)
            assert bed.pump.state == (codes.PAUSED if paused else codes.BOLUS)
            if lost:
                bed.words.power_cut()
            true = bed.drive.made * V // STEPS
            bed.drive.pass_time(500_000)
            again = Bed(drive=bed.drive, words=bed.words)
            assert (again.pump.state, again.pump.reason) == (codes.UNCONFIRMED, codes.WHY_RESET)
            assert again.pump.was.programme == 7
            assert again.pump.was.low <= true <= bed.drive.made * V // STEPS <= again.pump.was.high < true + 50_000


def test_after_a_disagreement_neither_bound_is_left_to_the_steps_alone():
    """The shaft runs ahead of its steps, as when a force turns it."""
    for lost in (False, True):
        bed = Bed()
        bed.infuse(rate=3_000_000, vtbi=50_000_000)
        bed.run(2000, lease_ms=3000)
        while bed.pump.state != codes.FAULT:
            bed.grant(3000)
            bed.slip -= 200
            bed.step(20)
        assert bed.pump.reason == codes.WHY_ENCODER_DISAGREES
        true = (bed.drive.made - bed.slip) * V // STEPS
        if lost:
            bed.words.power_cut()
        again = Bed(drive=bed.drive, words=bed.words)
        assert again.pump.was.low <= true <= again.pump.was.high <= true + 50_000


def test_flash_that_holds_nothing_of_ours_is_no_record():
    flash = Flash([bytearray(b"\x5a" * 256) if i % 3 else BLANK for i in range(PAGES)])
    bed = Bed(words=Words(flash))
    assert bed.pump.state == codes.STANDBY and bed.pump.was.low == NONE32
    bed.run(2000)
    bed.infuse()
