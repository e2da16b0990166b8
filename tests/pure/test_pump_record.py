"""The pump and its record in flash: no motion before it is written, no erase while it moves, no start without room."""

from assuage_wire.schema import NONE32, RECORDS
from journal import kinds
from journal.record import KIND, A, B, C, Record, X, Y, Z
from journal.ring import FAILED, MORE, WAITS
from pump import codes, gauge
from pump.demand import LOCKED
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
    before, refused = bed.pump._volume.before, []

    def says(nl):
        if bed.flash.failing == 0 and len(refused) % 2 == 0:
            bed.flash.failing = 1
        taken = before(nl)
        if not taken or len(refused) % 2:
            refused.append(bed.ms)
        bed.flash.failing = 0
        return taken

    bed.pump._volume.before = says
    while bed.pump.state == codes.INFUSING:
        bed.grant(3000)
        bed.step(20)
    assert len(refused) > 4
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


def noted(bed, since=0):
    """(name, a, b, c, x, y, z) of all records from a number on."""
    bed.run(1000)
    record, found = Record(), []
    seq = bed.journal.fetch(since, record)
    while seq >= 0:
        numbers = (record.word(X), record.word(Y), record.word(Z))
        found.append((RECORDS[record.buf[KIND]], record.buf[A], record.buf[B], record.buf[C]) + numbers)
        seq = bed.journal.fetch(seq + 1, record)
    return found


def test_what_is_ordered_given_changed_and_denied_is_noted():
    bed = Bed()
    bed.infuse(mode=codes.DEMAND, dose=20_000, dose_rate=3_000_000, lockout=60, bolus=50_000, on_loss=1)
    assert ("ordered", codes.DEMAND, 1, 0, 7, 166_667, 3600) in noted(bed)
    bed.run(1000, lease_ms=3000)
    bed.pump.press()
    bed.run(2000, lease_ms=3000)
    told = noted(bed)
    assert ("bolus", codes.INFUSING, 0, 0, 7, bed.pump.delivery.bolus_nl(), 3_000_000) in told
    assert abs(bed.pump.delivery.bolus_nl() - 20_000) < 400
    bed.grant(3000)
    bed.pump.press()
    assert ("denied", LOCKED, 0, 0, 7, 1, 0) in noted(bed)
    bed.grant(3000)
    out = [0] * 7
    for kind, rate, volume in ((codes.TO_RATE, 500_000, 0), (codes.TO_BOLUS, 600_000, 50_000)):
        assert bed.pump.change(7, kind, rate, volume, out) == bed.pump.apply(7, out[6]) == (codes.OK, 0)
    bed.run(1000, lease_ms=3000)
    assert ("changed", codes.INFUSING, 0, codes.TO_RATE, 7, 500_000, 0) in noted(bed)
    bed.grant(3000)
    bed.pump.pause(7)
    given = bed.pump.delivery.bolus_nl()
    assert 0 < given < 50_000
    assert ("bolus", codes.PAUSED, codes.WHY_PAUSED, 0, 7, given, 600_000) in noted(bed), "as far as it got"
    bed.pump.stop(codes.WHY_HOST_STOP)
    nl = bed.delivered()
    assert noted(bed)[-1] == ("delivered", codes.STOPPED, codes.WHY_HOST_STOP, 0, 7, nl, nl)


def test_a_permission_that_lapses_while_it_goes_on_is_noted():
    bed = Bed()
    bed.infuse(on_loss=codes.LOSS_CONTINUE)
    bed.run(5000)
    assert ("changed", codes.INFUSING, codes.WHY_LEASE_LAPSED, 255, 7, 166_667, 0) in noted(bed)


def test_a_supply_that_is_too_low_stops_cleanly_and_is_noted_with_what_was_measured():
    bed = Bed()
    bed.infuse()
    bed.run(2000, lease_ms=3000)
    supply = bed.pump.supply
    supply._has_mv, supply._full, supply._least = True, 9900, 4000
    supply.read(50, 20_000)
    bed.run(200, lease_ms=3000)
    supply.charge = 123
    supply.read(50, 20_000)  # too low for long enough
    bed.run(2000, lease_ms=3000)
    assert (bed.pump.state, bed.pump.reason) == (codes.STOPPED, codes.WHY_SUPPLY)
    nl = bed.delivered()
    assert ("supply", codes.STOPPED, codes.WHY_SUPPLY, 12, 7, 3021, 0) in noted(bed)
    assert ("delivered", codes.STOPPED, codes.WHY_SUPPLY, 0, 7, nl, nl) in noted(bed)
    bed.run(60_000)
    assert [n[0] for n in noted(bed)].count("supply") == 1


def test_a_battery_that_is_empty_is_noted_whoever_measures_nothing():
    bed = Bed()
    bed.infuse()
    bed.run(2000, lease_ms=3000)
    bed.pump.supply.battery = gauge.EMPTY
    bed.run(200, lease_ms=3000)
    assert ("supply", codes.STOPPED, codes.WHY_SUPPLY, 255, 7, 0, 0) in noted(bed)


def test_every_state_is_told_once_while_there_is_room():
    bed = Bed()
    bed.infuse(vtbi=10_000)
    bed.run(6000, lease_ms=3000)
    bed.pump.clear(codes.WHY_COMPLETE)
    states = [(kind, state) for kind, state, _, _, _, _, _ in noted(bed) if kind in ("state", "begun", "delivered")]
    assert states == [
        ("state", codes.PROGRAMMED), ("state", codes.CONFIRMED), ("state", codes.ARMED), ("begun", codes.INFUSING),
        ("delivered", codes.COMPLETE), ("state", codes.STANDBY),
    ]  # fmt: skip


def test_alarms_that_stood_at_a_reset_can_be_recalled_by_the_last_word_on_each():
    bed = Bed()
    for i, words in enumerate((
        [kinds.RAISED],
        [kinds.RAISED, kinds.ENDED],
        [kinds.RAISED, kinds.ACKNOWLEDGED],
        [kinds.RAISED, kinds.ACKNOWLEDGED, kinds.RAISED],
        [],
        [kinds.RAISED, (kinds.ENDED, 1)],
        [kinds.RAISED, (kinds.ENDED, 1), kinds.RAISED],
    )):  # fmt: skip
        for word in words:
            kind, over = word if isinstance(word, tuple) else (word, 0)
            bed.journal.note(kind, i, 3, over, 40 + i, 0, 0)
        bed.run(200)
    again = Bed(drive=bed.drive, words=bed.words)
    assert list(again.journal.ring.stood)[:8] == [1, 1, 0, 1, 0, 0, 1, 0]
