"""What a start finds in the flash: where the ring goes on, and whether anything is missing that was once there.

Every slot is looked at once, so the work is bounded by the region's size. Only whole records are believed. A slot that
is neither whole nor erased was cut short, or has rotted since. Where that matters - in a seal, and after the newest
statement - one flipped bit is looked for and turned back, so that a rotten record is not taken for one that was never
finished. A whole sector that has gone is noticed too: each seal names the block that was sealed before it.
"""

from micropython import const

from journal.record import SIZE, Record, Y
from journal.ring import PAGE_BYTES

_WINDOW = const(8)  # slots after the newest record that a few starts in a row may have spoilt
_MENDS = const(16)  # at most so many slots are looked at for a flipped bit
_SHIFT = const(7)
_BLANK_PAGE = b"\xff" * 256


def scan(ring):
    """Fills in a ring that was just made. Returns (gone, mended): whether records are missing that may have been
    statements, and whether the newest statement had a flipped bit."""
    record = Record()
    spoilt = _look(ring, record)
    for sector in range(ring.sectors):
        if not ring.sealed[sector]:
            _mend(ring, sector << _SHIFT, record)
    _find_next(ring, record)
    before = ring.keep
    enough = _mend_statements(ring, spoilt, record)
    return not enough or _gap(ring, record), ring.keep != before


def _look(ring, record):
    """Tells the ring of every whole record; returns the places of those that are neither whole nor erased, as bits."""
    page = ring.page
    views = [memoryview(page)[at : at + SIZE] for at in range(0, PAGE_BYTES, SIZE)]  # eight: one byte of bits
    spoilt = bytearray(ring.places // 8)
    for i in range(len(spoilt)):
        ring.load(i * PAGE_BYTES, page)
        if page == _BLANK_PAGE:
            continue
        for slot in range(8):
            record.buf[:] = views[slot]
            if record.whole():
                ring.seen(record, i * 8 + slot)
            elif not (record.blank() or record.buried()):
                spoilt[i] |= 1 << slot
    return spoilt


def _find_next(ring, record):
    """The first place that is erased, after any that are not and lie close behind the newest record."""
    place = ring.next = ring.writable(ring.newest + 1)
    for _ in range(_WINDOW):
        if place < 0:
            break
        ring.load(ring.at(place), record.buf)
        place = ring.writable(place + 1)
        if not record.blank():
            ring.next = place


def _mend(ring, place, record):
    """Turns a flipped bit back, if that is what ails this slot, and tells the ring what it holds then."""
    ring.load(place * SIZE, record.buf)
    if not record.blank() and not record.buried() and record.mend():
        ring.seen(record, place)


def _mend_statements(ring, spoilt, record):
    """False when there is too much to look at."""
    left = _MENDS
    for i in range(len(spoilt)):
        if spoilt[i] == 0:
            continue
        for place in range(i * 8, i * 8 + 8):
            if spoilt[i] >> (place & 7) & 1:
                seq = ring.blocks[place >> _SHIFT] << _SHIFT | place & 127
                if ring.keep < seq and (seq < ring.next or ring.next < 0):
                    if left == 0:
                        return False
                    left -= 1
                    _mend(ring, place, record)
    return True


def _gap(ring, record):
    """Whether a block between the newest statement and the next place has gone."""
    block = (ring.next if ring.next >= 0 else ring.newest) >> _SHIFT
    least = max(ring.keep >> _SHIFT, ring.top - ring.sectors)
    while block > least:
        if ring.blocks[block % ring.sectors] != block:
            return True
        block = record.word(Y) - 1 if ring.read(block << _SHIFT, record) else block - 1
    return False
