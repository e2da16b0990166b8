"""Notes wait for a moment, statements do not; room for statements is never taken; the host reads and acknowledges."""

from journal import kinds
from journal.logbook import RESERVE, Journal
from journal.record import KIND, Record, X, Y, Z
from journal.ring import FAILED, MORE, READY, WAITS
from journal_fakes import Nor, kinds_of, ready, started


def note(journal, x=0, kind=kinds.RAISED):
    return journal.note(kind, 3, 2, 0, x, 0, 0)


def xs(journal, kind=kinds.RAISED):
    record = Record()
    return [record.word(X) for seq, k in kinds_of(journal) if k == kind and journal.fetch(seq, record) == seq]


def test_a_note_is_written_by_work_one_at_a_time_and_in_order():
    flash = Nor(4)
    journal, _ = started(flash, prepared=30)
    assert journal.says(kinds.CONFIGURED, 0, 0, 0, 1, 0, 0)  # buries the first place
    for x in range(10):
        assert note(journal, x)
    before = flash.programs
    for x in range(10):
        assert journal.work()
        assert flash.programs == before + x + 1
    assert not journal.work()
    assert xs(journal) == list(range(10)) and journal.lost() == 0


def test_the_very_first_start_of_a_new_flash_is_in_the_record_and_comes_first():
    flash = Nor(4)
    journal, volume = started(flash)
    assert flash.erases == 1 and volume.recover() is None
    assert [k for _, k in kinds_of(journal)] == [kinds.SECTOR, kinds.BOOT]
    started(flash)
    again, _ = started(flash)
    assert [k for _, k in kinds_of(again)] == [kinds.SECTOR, kinds.BOOT] and flash.erases == 1, "no other is needed"


def test_a_start_erases_nothing_that_the_host_does_not_have():
    flash = Nor(2)
    journal, _ = started(flash, prepared=100)
    while journal.says(kinds.STATE, 0, 0, 0, 0, 0, 0):
        pass
    ready(journal, 100)
    while journal.says(kinds.STATE, 0, 0, 0, 0, 0, 0):
        pass
    before = flash.erases
    started(flash)
    assert flash.erases == before


def test_a_statement_does_not_wait_behind_notes():
    journal, _ = started(Nor(4), prepared=30)
    note(journal, 1)
    assert journal.says(kinds.STATE, 0, 0, 0, 0, 0, 0)
    journal.work()
    assert [k for _, k in kinds_of(journal)][-2:] == [kinds.STATE, kinds.RAISED]


def test_a_note_keeps_the_time_at_which_it_was_made():
    journal = Journal(Nor(4), 0x12345)
    ready(journal, 10)
    journal.now(1000, 7)
    note(journal)
    journal.now(5000, 7)
    journal.work()
    record = Record()
    journal.fetch(journal.ring.newest, record)
    assert bytes(record.buf[8:16]) == b"\x45\x23\x07\x00\xe8\x03\x00\x00"


def test_more_notes_than_may_wait_are_lost_and_counted():
    journal, _ = started(Nor(4), prepared=60)
    taken = [note(journal, x) for x in range(20)]
    assert taken == [True] * 16 + [False] * 4 and journal.lost() == 4
    while journal.work():
        pass
    assert xs(journal) == list(range(16))
    assert note(journal)


def test_notes_leave_the_room_that_is_held():
    journal, _ = started(Nor(3), prepared=100)
    journal.held = 40
    for x in range(400):
        note(journal, x)
        journal.work()
    assert journal.ring.room() == 40 + RESERVE
    assert journal.lost() > 0 and xs(journal) == list(range(len(xs(journal))))
    for _ in range(40 + RESERVE):
        assert journal.says(kinds.STATE, 0, 0, 0, 0, 0, 0)
    assert not journal.says(kinds.STATE, 0, 0, 0, 0, 0, 0)
    assert not journal.insist(kinds.STATE, 0, 0, 0, 0, 0, 0)


def test_a_statement_that_a_place_does_not_take_goes_to_the_next_one():
    flash = Nor(4)
    journal, _ = started(flash, prepared=30)
    journal.says(kinds.STATE, 0, 0, 0, 0, 0, 0)
    flash.failing = 1
    assert not journal.says(kinds.STATE, 0, 0, 0, 0, 0, 0)
    flash.failing = 2
    assert journal.insist(kinds.STATE, 0, 0, 0, 0, 0, 0) and journal.ring.bad == 3
    flash.failing = 3
    before = flash.programs
    assert not journal.insist(kinds.STATE, 0, 0, 0, 0, 0, 0) and flash.programs == before + 3
    assert not journal.broken()
    flash.failing = 2
    journal.insist(kinds.STATE, 0, 0, 0, 0, 0, 0)
    assert journal.broken()


def test_a_note_is_tried_again_until_the_flash_is_given_up():
    flash = Nor(4)
    journal, _ = started(flash, prepared=30)
    journal.says(kinds.STATE, 0, 0, 0, 0, 0, 0)
    note(journal, 5)
    flash.failing = 3
    for _ in range(4):
        assert journal.work()
    assert not journal.work() and xs(journal) == [5]
    note(journal, 6)
    flash.failing = 100
    turns = 0
    while journal.work():
        turns += 1
    assert turns == 5 and journal.broken() and journal.lost() == 1


def test_ready_leaves_a_reserve_and_a_whole_sector_beside_what_is_asked_for():
    for sectors, beside in ((4, 127 + RESERVE), (3, RESERVE)):
        journal, _ = started(Nor(sectors))
        ready(journal, 50)
        room = journal.ring.room()
        assert journal.ready(room - beside) and not journal.ready(room - beside + 1)


def test_more_than_the_region_can_ever_hold_fails_at_once():
    flash = Nor(4)
    journal, _ = started(flash)
    assert journal.prepare(3 * 127 - 127 - RESERVE + 1, True) == FAILED and flash.erases == 1
    assert journal.prepare(3 * 127 - 127 - RESERVE, True) == MORE


def test_the_host_fetches_all_and_what_it_acknowledged_may_go():
    journal, _ = started(Nor(4), prepared=200)
    for x in range(200):
        note(journal, x)
        journal.work()
    seen = kinds_of(journal)
    assert [k for _, k in seen].count(kinds.RAISED) == 200
    assert [seq for seq, _ in seen] == sorted(seq for seq, _ in seen)
    while journal.prepare(230, False) == MORE:
        pass
    assert journal.prepare(230, False) == WAITS
    journal.acknowledge(seen[-1][0])
    assert journal.prepare(230, False) == READY and journal.oldest() == 128


def test_an_acknowledgement_reaches_no_further_than_the_newest_and_never_goes_back():
    journal, _ = started(Nor(4), prepared=30)
    note(journal)
    journal.work()
    newest = journal.ring.newest
    journal.acknowledge(newest + 1000)
    assert journal.ring.acked == newest
    journal.acknowledge(1)
    assert journal.ring.acked == newest


def test_acknowledgements_are_written_down_when_some_have_come_together():
    flash = Nor(4)
    journal, _ = started(flash, prepared=200)
    for x in range(150):
        note(journal, x)
        journal.work()
        journal.acknowledge(journal.ring.newest)
        if x % 10 == 0:
            assert not journal.work() or journal.ring.acked >= 64
    told = [seq for seq, k in kinds_of(journal) if k == kinds.FETCHED]
    assert 1 <= len(told) <= 3, "and not each one, or there would be no end"
    again = Journal(flash)
    assert 64 <= again.ring.acked <= journal.ring.acked
    while journal.work():
        journal.acknowledge(journal.ring.newest)
    assert not journal.work()


def test_a_start_leaves_a_record_with_cause_version_and_number():
    flash = Nor(4)
    journal = Journal(flash, 4711)
    ready(journal, 10)
    journal.boot(2, (0, 1, 9), 0xFEDCBA98)
    record = Record()
    journal.fetch(1, record)
    assert bytes(record.buf[4:8]) == bytes((kinds.BOOT, 2, 0, 1))
    assert (record.word(X), record.word(Y), record.word(Z)) == (9, 4711, 0x3EDCBA98)


def test_a_thousand_starts_in_which_nothing_happens_leave_one_record():
    flash = Nor(4)
    started(flash, prepared=10)
    started(flash)
    before = flash.programs
    for boot in range(1000):
        journal, volume = started(flash, boot=boot)
        assert volume.recover() is None
    assert flash.programs == before
    journal = Journal(flash)
    journal.boot(3, (0, 1, 0), 0x1234)
    assert flash.programs == before + 2, "but another cause is told"


def test_a_kind_of_another_firmware_survives_and_is_fetched():
    flash = Nor(4)
    journal, _ = started(flash, prepared=30)
    note(journal, 9, 200)
    journal.work()
    journal, volume = started(flash, boot=2)
    assert volume.recover() is None and xs(journal, 200) == [9]


def test_the_configuration_is_told_by_its_sum():
    journal, _ = started(Nor(4), prepared=30)
    journal.configured(0xFFFFFFFF)
    assert journal.work() and xs(journal, kinds.CONFIGURED) == [0x3FFFFFFF]


def test_without_any_room_nothing_breaks():
    flash = Nor(4)
    flash.stuck = range(4)
    journal = Journal(flash)
    assert not note(journal) and journal.lost() == 1
    assert not journal.says(kinds.STATE, 0, 0, 0, 0, 0, 0)
    journal.boot(1, (0, 1, 0), 5)
    assert not journal.work() and flash.programs == 0
    flash.stuck = ()
    assert journal.prepare(10) in (MORE, READY)
    record = Record()
    assert journal.fetch(0, record) == -1 and record.buf[KIND] == 0
