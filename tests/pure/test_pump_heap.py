"""The loop allocates nothing: ten thousand turns with the heap locked, on the interpreter that has such a lock."""

import micropython

from pump import codes
from pump_fakes import Bed


def locked(bed, turns, lease_ms=3000):
    """Turns of the loop with grants and status, as the board has them, under a locked heap."""
    at = bed.at(0)
    p = bed.pump
    drive = bed.drive
    rows = bed.rows
    base = drive.made
    ticks, wraps = at
    grant = p.lease.grant
    programme = p.programme.id
    position = base * 4096 // 3200
    i = 0
    micropython.heap_lock()
    try:
        while i < turns:
            drive.pass_time(20_000)
            ticks += 20
            if lease_ms:
                grant += 1
                p.grant(programme, grant, ticks + lease_ms, wraps, ticks, wraps)
            position = drive.made * 4096 // 3200
            p.shaft(position)
            p.poll(ticks, wraps)
            p.fill_status(rows, ticks, wraps)
            i += 1
    finally:
        micropython.heap_unlock()
    bed.ticks = ticks
    bed.ms += 20 * turns


def test_ten_thousand_turns_of_a_delivery():
    for rate in (167, 166_667, 20_000_000):
        bed = Bed()
        bed.infuse(rate=rate, vtbi=100_000_000, capacity=100_000_000, duration=100_000)
        locked(bed, 10_000)
        assert bed.pump.state == codes.INFUSING
        assert abs(bed.delivered() - rate * 200 // 60) < 12_000


def test_a_loop_of_doses_for_which_the_motor_hurries_up_and_down():
    fast = 12_000 * 60 * 58_905 // 3200
    bed = Bed()
    bed.offer(mode=codes.PROFILE, bore=8_660, rate=fast, vtbi=100_000_000, legs=2, loop=0, capacity=100_000_000)
    bed.pump.leg(7, 0, fast, fast, 60_000, 0)
    bed.pump.leg(7, 1, 0, 0, 0, 1)
    for outcome in (bed.confirm(), bed.arm(), bed.start()):
        assert outcome == (0, 0)
    locked(bed, 5000)
    assert bed.pump.state == codes.INFUSING and bed.delivered() > 4_000_000


def test_standing_still():
    bed = Bed()
    locked(bed, 1000)
    bed.offer()
    locked(bed, 1000, 0)
    assert bed.pump.state == codes.PROGRAMMED


def test_every_way_a_delivery_ends_by_itself():
    for reason, changes in (
        (codes.WHY_COMPLETE, {"vtbi": 10_000}),
        (codes.WHY_TIME_LIMIT, {"duration": 5}),
    ):
        bed = Bed()
        bed.infuse(**changes)
        locked(bed, 500)
        assert bed.pump.reason == reason
    for on_loss, state in (
        (codes.LOSS_STOP, codes.STOPPED),
        (codes.LOSS_CONTINUE, codes.INFUSING),
        (codes.LOSS_KVO, codes.KVO),
    ):
        bed = Bed()
        bed.infuse(on_loss=on_loss, kvo=16_667)
        locked(bed, 500, 0)
        assert (bed.pump.state, bed.pump.reason) == (state, codes.WHY_LEASE_LAPSED)


def test_a_stop_and_a_fault():
    bed = Bed()
    bed.infuse()
    micropython.heap_lock()
    try:
        bed.pump.stop(codes.WHY_HOST_STOP)
        bed.pump.fault(codes.WHY_INTERNAL)
    finally:
        micropython.heap_unlock()
    assert bed.pump.state == codes.FAULT
