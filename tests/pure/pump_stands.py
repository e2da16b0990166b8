"""A pump in any of its states, by the orders and happenings that lead there."""

from pump import codes
from pump.demand import GIVEN
from pump_fakes import Bed

OK = (codes.OK, 0)


def bed_in(state):
    """A bed whose pump stands in the named state, or runs."""
    bed = Bed()
    if state in ("standby",):
        return bed
    if state == "fault":
        bed.pump.fault(codes.WHY_TASK_OVERRUN)
        return bed
    if state == "unconfirmed":
        bed.infuse()
        bed.run(1000, lease_ms=3000)
        return Bed(drive=bed.drive, words=bed.words)
    if state == "priming":
        bed.run(80)
        assert bed.prime() == bed.purge() == OK
        return bed
    bed.offer(on_loss=codes.LOSS_KVO, kvo=16_667, bolus=100_000)
    for name, act in (("programmed", None), ("confirmed", bed.confirm), ("armed", bed.arm), ("infusing", bed.start)):
        if act:
            assert act() == OK
        if name == state:
            return bed
        if name == "armed" and state == "taking-up":
            bed.feel()
            assert bed.start() == OK
            return bed
    bed.run(100)
    if state == "stopped":
        bed.pump.stop(codes.WHY_HOST_STOP)
    elif state == "kvo":
        bed.run(3100)
    elif state == "paused":
        assert bed.pump.pause(7) == OK
    elif state == "backing-off":
        bed.feel(gap=0).closed = True
        bed.pump.occlude()
    elif state == "bolus":
        bed.pump.stop(codes.WHY_HOST_STOP)
        bed.infuse(mode=codes.DEMAND, dose=1_000_000, dose_rate=1_000_000)
        assert bed.pump.press() == GIVEN
    elif state == "complete":
        bed.pump.stop(codes.WHY_HOST_STOP)
        bed.infuse(vtbi=10_000)
        bed.run(10_000, lease_ms=3000)
    return bed
