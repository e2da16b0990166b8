"""What host, patient and whoever stands at the pump of the model check ask of it.

Each calls the firmware's own code, and raises Refused when the answer is no. What a person has not read back, or a host
says too late, is here as well: to be refused.
"""

from __future__ import annotations

from collections.abc import Callable

from pump import codes
from pump.demand import GIVEN
from tests.model.pump_orders import LEASE_MS, LEGS, MAINTENANCE, PRIMING, PROGRAMMES, RATE, V
from tests.model.pump_world import World
from tests.model.search import Refused
from tests.pure.pump_fakes import STEPS

Event = Callable[[World], None]


def _answered(answer: tuple[int, int]) -> None:
    if answer[0] != codes.OK:
        raise Refused


# -- before it runs ------------------------------------------------------------------------------------------------


def offer(name: str) -> Event:
    def offer(w: World) -> None:
        """It takes the place of whatever programme there was, so that one of them is enough for each."""
        key = w.key()
        if not w.is_new((name, key[0], *key[3:4], *key[6:])):
            raise Refused
        _answered(w.bed.offer(**PROGRAMMES[name]))
        if not w.pump._offers.waits():
            _read_back(w)

    return offer


def _read_back(w: World) -> None:
    w.old_token = w.token
    w.token = w.pump.programme.token
    w.confirmed = False


def leg(w: World) -> None:
    under_way = w.pump._offers.under_way
    if not w.pump._offers.waits():
        _answered(w.pump.leg(w.pump.programme.id, 0, RATE, RATE, 0, 0))
        return
    number = len(under_way.legs)
    _answered(w.pump.leg(under_way.id, number, *LEGS[number]))
    if not w.pump._offers.waits():
        _read_back(w)


def wrong_leg(w: World) -> None:
    """The second before the first: ends the offer."""
    if not w.pump._offers.waits() or w.pump._offers.under_way.legs:
        raise Refused
    w.pump.leg(w.pump._offers.under_way.id, 1, RATE, RATE, 0, 0)


def confirm(w: World) -> None:
    _answered(w.pump.confirm(w.pump.programme.id, w.token))
    w.confirmed = w.token != w.used
    w.shaken = False


def confirm_stale(w: World) -> None:
    if w.old_token == w.token:
        raise Refused
    _answered(w.pump.confirm(w.pump.programme.id, w.old_token))
    w.confirmed = False  # and the check says so if it starts


def arm(w: World) -> None:
    _answered(w.pump.arm(w.pump.programme.id))


def start(ms: int) -> Event:
    def start(w: World) -> None:
        _answered(w.bed.start(ms))
        p = w.pump.programme
        w.base = w.aside = w.bed.drive.made
        w.dose = None
        w.most = p.most * STEPS // V
        w.until = w.bed.ms + ms
        w.used = w.token
        w.confirmed = False
        w.above = 0
        w.bolused = False
        w.flow = p.rate

    return start


def prime(w: World) -> None:
    _answered(w.bed.prime(**PRIMING))
    w.back = w.bed.back


def purge(w: World) -> None:
    w.bed.back = w.back
    _answered(w.bed.purge(LEASE_MS))
    w.aside = w.bed.drive.made
    w.dose = w.delivered()
    w.until = w.bed.ms + LEASE_MS
    w.shaken = False


def purge_connected(w: World) -> None:
    w.bed.back = w.back
    _answered(w.bed.purge(LEASE_MS, disconnected=0))


def purge_unread(w: World) -> None:
    w.bed.back = w.back
    _answered(w.bed.purge(LEASE_MS, token=w.back[6] ^ 1))


# -- while it runs -------------------------------------------------------------------------------------------------


def grant(w: World) -> None:
    if not w.bed.grant(LEASE_MS):
        raise Refused
    w.until = w.bed.ms + LEASE_MS


def old_grant(w: World) -> None:
    if not w.bed.grant(LEASE_MS, max(1, w.pump.lease.grant)):
        raise Refused
    w.until = w.bed.ms


def pause(w: World) -> None:
    _answered(w.pump.pause(w.pump.programme.id))


def resume(w: World) -> None:
    until = w.bed.at(LEASE_MS)
    _answered(w.pump.resume(w.pump.programme.id, until[0], until[1], w.bed.ticks, w.bed.wraps))
    w.until = w.bed.ms + LEASE_MS


def change(kind: int, rate: int, volume: int) -> Event:
    def change(w: World) -> None:
        out = [0] * 7
        _answered(w.pump.change(w.pump.programme.id, kind, rate, volume, out))
        w.change = out[6]
        w.change_kind = kind
        w.change_rate = rate

    return change


def flow(w: World) -> None:
    """Asks for another flow and takes it; what can happen between the two is seen with a bolus."""
    change(codes.TO_RATE, MAINTENANCE, 0)(w)
    apply(w)


def apply(w: World) -> None:
    if not w.change:
        raise Refused
    _answered(w.pump.apply(w.pump.programme.id, w.change))
    w.change = 0
    if w.change_kind == codes.TO_BOLUS:
        w.bolused = True
    else:
        w.flows[-1] = w.flow  # what is queued still comes at it
        w.flow = w.change_rate


def apply_again(w: World) -> None:
    """A token that was not read back."""
    _answered(w.pump.apply(w.pump.programme.id, w.change ^ 1))


def press(w: World) -> None:
    if w.pump.press() != GIVEN:
        raise Refused


# -- ends ----------------------------------------------------------------------------------------------------------


def stop(w: World) -> None:
    """By the host; the key on the pump does the same with another reason, and nothing asks for that."""
    w.pump.stop(codes.WHY_HOST_STOP)


def late(w: World) -> None:
    w.pump.fault(codes.WHY_TASK_OVERRUN)
    w.shaken = True


def clear(w: World) -> None:
    _answered(w.pump.clear(w.pump.reason))
    w.watch.cleared()


def clear_stale(w: World) -> None:
    _answered(w.pump.clear(codes.WHY_INTERNAL))


def session(w: World) -> None:
    w.pump.new_session()
    w.confirmed = False  # to the host that there was
