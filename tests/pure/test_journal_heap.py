"""The journal allocates nothing once made: its way through a whole delivery with the heap locked."""

import micropython

from journal import kinds
from journal.record import Record
from journal.volume import records_for
from journal_fakes import Nor, ready, started
from pump import codes

MOST = 20_000_000


def deliver(journal, volume, record):
    """A delivery with alarms, a host that fetches, and the next room prepared when all is over."""
    seq = nl = lost = 0
    micropython.heap_lock()
    try:
        while nl < MOST:
            journal.now(nl, 3)
            if not volume.before(nl):
                lost += 1
            volume.counted(max(0, nl - 20_000))
            if nl % 50_000 == 0:
                journal.note(kinds.RAISED, 1, 2, 3, nl, 0, 0)
            volume.work()
            seq = journal.fetch(seq, record) + 1
            journal.acknowledge(seq - 1)
            nl += 1_250
        volume.note(codes.KVO, codes.WHY_LEASE_LAPSED)
        volume.doubt(1, 2)
        volume.note(codes.STOPPED, codes.WHY_HOST_STOP)
        while volume.work():
            pass
        journal.configured(5)
        journal.oldest()
        journal.lost()
        journal.prepare(100)
    finally:
        micropython.heap_unlock()
    return lost


def test_a_whole_delivery_with_notes_and_fetching():
    journal, volume = started(Nor(12))
    ready(journal, records_for(MOST) + 500)
    assert volume.begin(7, MOST, codes.INFUSING, 559_902)
    volume.note(codes.INFUSING, codes.WHY_NONE)
    assert deliver(journal, volume, Record()) == 0
    assert journal.lost() == 0 and not volume.unsaid


def test_erasing_ahead():
    journal, _volume = started(Nor(6))
    ready(journal, 1)
    micropython.heap_lock()
    try:
        answer = journal.prepare(400, True)
    finally:
        micropython.heap_unlock()
    assert answer == 1
