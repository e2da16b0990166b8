"""The ring on flash: places are programmed once, erased sectors are proved, numbers rise, and no cut confuses it."""

from journal import kinds
from journal.logbook import Journal
from journal.record import KIND, Record, X
from journal.ring import FAILED, MORE, READY, WAITS, Ring
from journal.scan import scan
from journal_fakes import Nor, PowerCut, kinds_of, ready

PLACES = 128
LAST = (1 << 30) - 257


def ring_on(flash):
    ring = Ring(flash)
    scan(ring)
    return ring


def prepared(flash, n):
    ring = ring_on(flash)
    while ring.prepare(n, True) == MORE:
        pass
    return ring


def put(ring, kind=kinds.RAISED, x=1):
    ring.out.fill(kind, 0, 0, 0, x, 0, 0)
    ring.out.stamp(1, 2, 3)
    return ring.write()


def test_nothing_is_written_to_flash_that_was_not_prepared():
    flash = Nor(4)
    ring = ring_on(flash)
    assert (ring.next, ring.room(), put(ring)) == (-1, 0, -1)
    assert flash.programs == flash.erases == 0


def test_an_unknown_region_is_erased_before_use_whatever_it_holds():
    for rest in (0, 0x55, 0xFE):
        flash = Nor(2)
        for i in range(flash.size):
            flash.cells[i] = rest
        ring = prepared(flash, 100)
        assert put(ring) == 2 and flash.erases == 1
        flash = Nor(2)
        ring = prepared(flash, 100)
        assert flash.erases == 1, "nor is a blank one trusted: an erase that was cut short may look like that"


def test_preparing_erases_one_sector_a_call_and_no_more_than_is_wanted():
    flash = Nor(8)
    ring = ring_on(flash)
    answers = []
    while not answers or answers[-1] == MORE:
        answers.append(ring.prepare(300, False))
        assert flash.erases == len(answers)
    assert answers == [MORE, MORE, READY]
    assert ring.room() == 3 * 127
    assert ring.prepare(300, False) == READY and flash.erases == 3


def test_room_is_what_fits():
    flash = Nor(4)
    ring = prepared(flash, 3 * 127)
    room = ring.room()
    assert room == 381
    put(ring)
    assert ring.room() == room - 2, "the first place after a start is buried"
    n = 1
    while put(ring) >= 0:
        n += 1
    assert n == room - 1 and ring.room() == 0


def test_numbers_rise_and_survive_starts():
    flash = Nor(4)
    last = 0
    for _ in range(30):
        ring = prepared(flash, 20)
        ring.acked = ring.newest
        for _ in range(7):
            seq = put(ring)
            assert seq > last
            last = seq
        assert ring.newest == last
    assert last > 30 * 8
    record = Record()
    assert ring.fetch(last, record) == last and record.word(X) == 1


def test_every_place_is_programmed_once_between_two_erases():
    flash = Nor(3)
    uses = {}
    program, erase = flash.program, flash.erase

    def counting_program(at, buf):
        uses[at] = uses.get(at, 0) + 1
        assert uses[at] == 1
        program(at, buf)

    def counting_erase(at):
        for place in range(at, at + 4096, 32):
            uses[place] = 0
        erase(at)

    flash.program, flash.erase = counting_program, counting_erase
    for _ in range(12):
        ring = prepared(flash, 100)
        for _ in range(90):
            put(ring)
            ring.acked = ring.newest
    assert flash.erases > 6


def test_wear_is_spread_evenly():
    flash = Nor(8)
    erased = [0] * 8
    erase = flash.erase

    def counting(at):
        erased[at // 4096] += 1
        erase(at)

    flash.erase = counting
    ring = prepared(flash, 10)
    for _ in range(8 * 127 * 6):
        if ring.room() < 10:
            ring.acked = ring.newest
            ring.prepare(10, False)
        assert put(ring) >= 0
    assert max(erased) - min(erased) <= 1 and min(erased) >= 5, erased


def test_a_place_that_reads_back_differently_is_passed_over_and_counted():
    flash = Nor(4)
    ring = prepared(flash, 100)
    first = put(ring)
    flash.failing = 1
    assert put(ring) == -1 and ring.bad == 1
    assert put(ring) == first + 2, "the next place takes it"
    ring = ring_on(flash)
    assert ring.newest == first + 2


def test_a_place_that_is_not_erased_is_never_programmed():
    flash = Nor(4)
    ring = prepared(flash, 100)
    first = put(ring)
    for place in (first + 1, first + 2, first + 4):
        flash.cells[place * 32 + 9] = 0xFB
    assert [put(ring), put(ring)] == [first + 3, first + 5]
    assert flash.cells[(first + 1) * 32] == 0xFF and ring.bad == 0


def test_a_sector_that_cannot_be_erased_is_left_out_and_the_rest_goes_on():
    flash = Nor(5)
    flash.stuck = (1,)
    for at in range(4096, 8192):
        flash.cells[at] = 0
    ring = prepared(flash, 300)
    assert ring.bad == 1 and ring.room() == 3 * 127
    while ring.newest < 2 * 128 + 5:
        assert put(ring) >= 0
    again = ring_on(flash)
    assert again.newest == ring.newest
    record = Record()
    assert again.fetch(128, record) == 256, "its numbers are missing"
    assert not scan(Ring(flash))[0], "but nothing was there that is gone"


def test_an_erase_that_leaves_a_bit_behind_is_no_erase():
    flash = Nor(4)
    erase = flash.erase
    spoilt = []

    def leaving(at):
        erase(at)
        if not spoilt:
            spoilt.append(at)
            flash.cells[at + 2000] = 0xFE

    flash.erase = leaving
    ring = ring_on(flash)
    assert ring.prepare(10, True) == MORE and (ring.bad, ring.room()) == (1, 0)
    assert ring.prepare(10, True) == READY and put(ring) == 130


def test_flash_that_fails_too_often_is_given_up():
    flash = Nor(16)
    flash.stuck = range(16)
    ring = ring_on(flash)
    answers = [ring.prepare(10, True) for _ in range(20)]
    assert answers[:8] == [MORE] * 8 and answers[8:] == [FAILED] * 12
    flash = Nor(4)
    flash.deaf = True
    ring = ring_on(flash)
    assert put(ring) == -1
    assert ring.prepare(10, True) == FAILED


def test_a_sector_with_the_newest_record_is_never_erased():
    flash = Nor(2)
    ring = prepared(flash, 127)
    while put(ring) >= 0:
        pass
    ring.acked = ring.newest
    assert ring.prepare(50, True) == READY
    erases = flash.erases
    assert ring.prepare(200, True) == FAILED and flash.erases == erases
    put(ring)
    assert ring.prepare(200, True) == READY


def test_what_the_host_has_not_fetched_goes_only_for_a_start_that_a_human_wants():
    flash = Nor(3)
    ring = prepared(flash, 300)
    while ring.room() > 5:
        put(ring)
    assert ring.prepare(20, False) == WAITS
    ring.acked = 127
    assert ring.prepare(20, False) == READY, "the first sector was fetched"
    while ring.room() > 5:
        put(ring)
    assert ring.prepare(20, False) == WAITS and ring.lost == 0
    assert ring.prepare(20, True) == READY
    assert ring.lost == 127, "all of the second sector's places but its seal"
    record = Record()
    assert ring.oldest() == 256 and ring.fetch(1, record) == 256, "and the numbers tell"


def test_what_tells_of_volume_is_never_erased_before_it_was_fetched():
    for kind in (kinds.BOLUS, kinds.BEGUN, kinds.DELIVERED, kinds.CLEARED, kinds.FOUND):
        flash = Nor(3)
        ring = prepared(flash, 300)
        put(ring)
        precious = put(ring, kind)
        while ring.room() > 5:
            put(ring)
        for _ in range(3):
            assert ring.prepare(20, True) == WAITS
        ring.acked = precious - 1
        assert ring.prepare(20, True) == WAITS
        ring.acked = precious
        assert ring.prepare(20, True) == READY
        assert ring.lost == 127 - 3, kind


def test_the_newest_statement_moves_on_before_its_sector_is_erased():
    flash = Nor(3)
    ring = prepared(flash, 300)
    said = put(ring, kinds.STATE, 77)
    for _ in range(9):
        while ring.room() > 5:
            put(ring)
        ring.acked = ring.newest
        assert ring.prepare(20, False) == READY
        record = Record()
        assert ring.keep >= said and ring.read(ring.keep, record)
        assert (record.buf[KIND], record.word(X)) == (kinds.STATE, 77)
        again = ring_on(flash)
        assert again.keep == ring.keep
    assert ring.keep > 900


def test_the_statement_that_counts_is_the_newest_wherever_in_the_ring_it_lies():
    flash = Nor(3)
    ring = prepared(flash, 300)
    for x in range(1, 1000):
        if ring.room() < 20:
            ring.acked = ring.newest
            assert ring.prepare(20, True) == READY
        said = put(ring, kinds.AHEAD, x)
        if x % 50 == 0:
            again = ring_on(flash)
            assert (again.keep, again.kept.word(X)) == (said, x), "once the ring has gone round it is not found last"
    assert flash.erases > 6


def test_a_cut_erase_is_done_again_even_if_it_looks_done():
    for torn in range(1, 20):
        flash = Nor(3)
        ring = prepared(flash, 300)
        while ring.room() > 5:
            put(ring)
        ring.acked = ring.newest
        flash.left, flash.torn = 0, torn
        try:
            ring.prepare(20, True)
            raise AssertionError("no cut")
        except PowerCut:
            pass
        if torn > 10:
            for at in range(4096):
                flash.cells[at] = 0xFF
        ring = ring_on(flash)
        assert ring.room() == 5
        erases = flash.erases
        ring.acked = ring.newest
        assert ring.prepare(20, True) == READY and flash.erases == erases + 1


def test_a_program_that_was_cut_before_it_showed_leaves_a_place_that_nothing_is_entrusted_to():
    flash = Nor(3)
    ring = prepared(flash, 100)
    last = put(ring)
    flash.left, flash.torn = 0, 0
    try:
        put(ring)
        raise AssertionError("no cut")
    except PowerCut:
        pass
    ring = ring_on(flash)
    assert put(ring) == last + 2
    assert bytes(flash.cells[(last + 1) * 32 : (last + 2) * 32]) == bytes(32)


def test_a_record_cut_short_is_none_and_its_number_is_not_given_again():
    for torn in range(1, 60):
        flash = Nor(3)
        ring = prepared(flash, 100)
        last = put(ring)
        flash.left, flash.torn = 0, torn
        try:
            put(ring)
            raise AssertionError("no cut")
        except PowerCut:
            pass
        ring = ring_on(flash)
        assert ring.newest in (last, last + 1)
        seq = put(ring)
        assert seq > last + 1
        assert [s for s, _ in kinds_of(ring, 2)][-1] == seq


def test_the_ring_of_two_sectors_goes_round_and_round():
    flash = Nor(2)
    ring = prepared(flash, 50)
    last = 0
    for _ in range(3000):
        if ring.room() < 50:
            ring.acked = ring.newest
            assert ring.prepare(50, True) == READY
        seq = put(ring)
        assert seq > last
        last = seq
    assert ring_on(flash).newest == last > 3000


def at_the_end(flash, block):
    """A ring whose sectors have been used so often that it goes on at this block."""
    ring = Ring(flash)
    ring.top = block - 1
    ring.newest = (block << 7) - 1
    while ring.prepare(100, True) == MORE:
        pass
    return ring


def test_numbers_near_their_end_are_counted_without_wrapping_and_then_nothing_is_written():
    flash = Nor(4)
    last_block = LAST >> 7
    ring = at_the_end(flash, last_block - 2)
    last = 0
    while True:
        if ring.room() < 10:
            ring.acked = ring.newest
            if ring.prepare(10, True) == FAILED:
                break
        seq = put(ring)
        assert last < seq <= LAST
        last = seq
    while put(ring) >= 0:
        pass
    assert ring.newest == LAST
    ring = ring_on(flash)
    assert ring.newest == LAST and ring.prepare(10, True) == FAILED and put(ring) == -1


def test_a_whole_record_at_a_place_that_is_not_its_own_is_none():
    flash = Nor(2)
    ring = prepared(flash, 50)
    seq = put(ring)
    flash.cells[1024:1056] = flash.cells[seq * 32 : seq * 32 + 32]
    ring = ring_on(flash)
    assert ring.newest == seq
    alien = Record()
    alien.fill(kinds.FOUND, 0, 0, 0, 1, 2, 3)
    alien.seal(300)
    flash.cells[200 * 32 : 201 * 32] = alien.buf
    assert ring_on(flash).newest == seq, "it would belong to place 44"
    alien.seal(LAST + 1 + (PLACES * 2 - (LAST + 1) % (PLACES * 2)) + 200)
    flash.cells[200 * 32 : 201 * 32] = alien.buf
    assert ring_on(flash).newest == seq, "a number that is never given"


def test_a_sector_whose_seal_has_rotted_is_read_but_not_written_on():
    flash = Nor(4)
    ring = prepared(flash, 200)
    last = put(ring)
    flash.cells[4] ^= 0x21
    ring = ring_on(flash)
    assert ring.newest == last and ring.next == 129 and ring.room() == 127
    assert put(ring) == 130, "the first place is buried"
    record = Record()
    assert ring.fetch(2, record) == last


def test_a_flipped_bit_far_ahead_costs_its_place_only():
    flash = Nor(3)
    ring = prepared(flash, 200)
    put(ring)
    flash.cells[100 * 32] = 0xFE
    ring = ring_on(flash)
    seqs = [put(ring) for _ in range(110)]
    assert 100 not in seqs and seqs[-1] == seqs[0] + 110


def test_fetching_passes_over_what_is_missing_and_ends():
    flash = Nor(4)
    journal = Journal(flash)
    record = Record()
    assert journal.fetch(0, record) == -1
    ready(journal, 50)
    for i in range(5):
        assert journal.says(kinds.RAISED, 0, 0, 0, i, 0, 0)
    flash.cells[3 * 32 + 5] ^= 0x10
    assert [seq for seq, _ in kinds_of(journal.ring)] == [0, 2, 4, 5, 6]
    assert journal.fetch(7, record) == -1
