"""The world of the model check: the shipped pump on a drive, a shaft and a clock, and all that can happen to it.

Nothing here decides what the pump does: every event calls the firmware's own code, on the same drive and encoder as the
plain tests. Time is coarse (a beat is a quarter of a second, five turns of the loop), volumes are small (a programme
lasts a few beats), so that a handful of programmes meets every row of the table within a small space.

    world = World()
    EVENTS["offer plain"](world)
    world.key()                   # what the search takes for the state
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assuage_wire.schema import NO_LOOP
from pump import codes, states
from pump.demand import GIVEN
from tests.model.search import Refused
from tests.pure.pump_fakes import LIMITS as BOARD
from tests.pure.pump_fakes import STEPS, Bed, Drive, Words

PAGE = 256
SECTOR = 16  # pages

TURN_MS = 50
_FINE = 12_500  # nL that the key tells apart
BEAT_TURNS = 5
V = 559_902  # nL a turn at BD50
LEASE_MS = 500  # the shortest that the table has: two beats
LIMITS = {**BOARD, "max_volume": 100_000, "max_10min": 125_000, "max_lease": 2000}

RATE = 6_000_000  # nL/min: 25 uL in a beat
LOADING = 12_000_000
MAINTENANCE = 3_000_000
LOADING_NL = 25_000
LOADED = 3  # the programme with a loading dose

_COMMON = {"rate": RATE, "vtbi": 75_000, "capacity": 100_000, "limit_rate": LOADING, "limit_volume": 100_000}
_COMMON |= {"lease": LEASE_MS, "duration": 3600}
PROGRAMMES: dict[str, dict[str, int]] = {
    "plain": {**_COMMON, "programme": 1, "bolus": 25_000},
    "on demand": {
        **_COMMON, "programme": 2, "mode": codes.DEMAND, "rate": MAINTENANCE, "duration": 1, "dose": 25_000,
        "dose_rate": LOADING, "lockout": 1, "on_loss": codes.LOSS_KVO, "kvo": MAINTENANCE,
    },
    "loading": {
        **_COMMON, "programme": LOADED, "mode": codes.PROFILE, "rate": LOADING, "legs": 2, "loop": NO_LOOP,
        "on_end": codes.END_KVO, "kvo": MAINTENANCE, "bolus": 50_000,
    },
    "unattended": {
        **_COMMON, "programme": 4, "on_loss": codes.LOSS_CONTINUE, "on_end": codes.END_KVO, "kvo": MAINTENANCE,
    },
}  # fmt: skip
LEGS = {LOADED: ((LOADING, LOADING, LOADING_NL, 0), (MAINTENANCE, MAINTENANCE, 0, 0))}
TROUBLES = ("none", "shaft stalls", "encoder lost", "drive stuck", "drive races", "flash fails")


class Flash:
    """A NOR flash for the journal of pages that never change, so that the search copies but a list of them. failing:
    what it is told to program does nothing."""

    def __init__(self) -> None:
        self.pages = [b"\xff" * PAGE] * (4 * SECTOR)
        self.size = len(self.pages) * PAGE
        self.failing = False
        self.drive: Drive | None = None

    def read(self, at: int, buf: bytearray) -> None:
        """As the board gives it."""
        page = self.pages[at >> 8]
        buf[:] = page if len(buf) == PAGE else page[at & 255 : (at & 255) + len(buf)]

    def program(self, at: int, buf: bytearray) -> None:
        """Only clears bits."""
        if not self.failing:
            page = bytearray(self.pages[at >> 8])
            for i, byte in enumerate(buf, at & 255):
                page[i] &= byte
            self.pages[at >> 8] = bytes(page)

    def erase(self, at: int) -> None:
        """A sector, and only while the drive stands."""
        assert self.drive is not None and self.drive.queued() == 0, "an erase while the drive moves"
        first = at >> 8
        self.pages[first : first + SECTOR] = [b"\xff" * PAGE] * SECTOR


class World:
    """bed: the pump and what it stands on. The rest is what a host and a patient know, and the check's own memory:

    token, change: read-backs that the host holds; old_token: of the whole offer before. confirmed: a human has
    confirmed the newest offer, by a token that has not brought a start (used). base: steps that the drive had made when
    this delivery began; most: that it may make. until: ms at which the latest permission ends. shaken: a fault was
    seen, and nothing was confirmed since. above: steps that came faster than what follows a loading dose; bolused: for
    another reason. flows: nL/min that the drive may make now, and in the turns before, newest last. moved: steps of the
    last turn, which took `took` ms and began in state `was`.
    """

    def __init__(self) -> None:
        self.bed = Bed(limits=LIMITS, words=Words(Flash()))
        for _ in range(8):
            self.bed.step(TURN_MS)  # until the journal has made room
        self.trouble = "none"
        self.token = self.old_token = 0
        self.change = self.change_kind = self.change_rate = 0
        self.confirmed = False
        self.used = 0
        self.base = self.most = self.until = 0
        self.shaken = False
        self.above = 0
        self.bolused = False
        self.flow = 0
        self.flows = [0] * 5
        self.moved = self.took = self.was = 0
        self.check: Callable[[World], None] | None = None  # called after each turn

    @property
    def pump(self) -> Any:
        """The shipped one."""
        return self.bed.pump

    def turn(self, ms: int = TURN_MS) -> None:
        """One turn of the board's loop, `ms` later."""
        pump, drive = self.pump, self.bed.drive
        self.was = pump.state
        self.took = ms
        if pump.state == codes.BOLUS:
            now = LOADING
        elif pump.state == codes.KVO:
            now = pump.programme.kvo
        else:
            now = self.flow if states.running(pump.state) else 0
        self.flows = [*self.flows[1:], now]
        made = drive.made
        self.bed.step(ms)
        self.moved = drive.made - made
        if pump.state == codes.FAULT:
            self.shaken = True
        if self.trouble != "drive races":
            self.above += max(0, self.moved - MAINTENANCE * ms // 60_000 * STEPS // V - 2)
        if self.check:
            self.check(self)

    def key(self) -> tuple[Any, ...]:
        """All that decides what can follow, in coarse steps; what merely counts on (the clock, the shaft's angle, the
        numbers of tokens and grants) is left out, and where it stands what begin() and prepare() set anew."""
        bed, pump = self.bed, self.bed.pump
        delivery, encoder = pump.delivery, pump.encoder
        under_way = pump._offers.under_way
        moving = states.running(pump.state) or pump.state == codes.PAUSED
        waiting = pump.state in (codes.PROGRAMMED, codes.CONFIRMED, codes.ARMED)
        key = (
            pump.state,
            pump.reason,
            pump.programme.id if moving or waiting else pump.programme.id > 0,
            pump._offers.waits() and (under_way.id, len(under_way.legs)),
            waiting and self.token != 0 and self.token == pump.programme.token,
            waiting and self.confirmed,
            self.shaken,
            (pump.windows.windows[0].nl + _FINE) // (2 * _FINE),
            encoder._readings,
            pump.was.unread and pump.was.why,
            pump._upkeep.lacks(False) if waiting else 0,
            pump._volume.unsaid,
            self.trouble,
        )
        if not moving:
            return key
        margin = pump.lease.margin(bed.ticks, bed.wraps) if pump.lease.held else 0
        watch, course = pump.watch, delivery._course
        return (
            *key,
            (course.left * V // STEPS + _FINE // 2) // _FINE,
            course.giving,
            pump.rate,
            pump.lease.held,
            (margin + 125) // 250,
            self.change != 0 and self.change == pump._change,
            abs(encoder.off) * 2 // max(1, encoder._allowed),
            encoder._silent_ms // 250,
            delivery._idle_ms // 250,
            min(watch.seconds_left(), 3),
            watch.level_nl > 10_000,
            watch.lag_nl > 10_000,
            pump.demand.giving,
            (pump.demand.left_ms + 125) // 250,
            pump._by_end,
        )


# -- what can happen -----------------------------------------------------------------------------------------------


def _answered(answer: tuple[int, int]) -> tuple[int, int]:
    if answer[0] != codes.OK:
        raise Refused
    return answer


def _offer(name: str) -> Callable[[World], None]:
    def offer(w: World) -> None:
        values = PROGRAMMES[name]
        _answered(w.bed.offer(**values))
        if not w.pump._offers.waits():
            _read_back(w)

    return offer


def _read_back(w: World) -> None:
    w.old_token = w.token
    w.token = w.pump.programme.token
    w.confirmed = False


def _leg(w: World) -> None:
    under_way = w.pump._offers.under_way
    legs = LEGS.get(under_way.id)
    if not w.pump._offers.waits() or legs is None:
        _answered(w.pump.leg(w.pump.programme.id, 0, RATE, RATE, 0, 0))
        return
    number = len(under_way.legs)
    _answered(w.pump.leg(under_way.id, number, *legs[number]))
    if not w.pump._offers.waits():
        _read_back(w)


def _wrong_leg(w: World) -> None:
    """The second before the first: ends the offer."""
    if not w.pump._offers.waits() or w.pump._offers.under_way.legs:
        raise Refused
    w.pump.leg(3, 1, RATE, RATE, 0, 0)


def _confirm(w: World) -> None:
    _answered(w.pump.confirm(w.pump.programme.id, w.token))
    w.confirmed = w.token != w.used
    w.shaken = False


def _confirm_stale(w: World) -> None:
    if w.old_token == w.token:
        raise Refused
    _answered(w.pump.confirm(w.pump.programme.id, w.old_token))
    w.confirmed = False  # and the check says so if it starts


def _arm(w: World) -> None:
    _answered(w.pump.arm(w.pump.programme.id))


def _start(ms: int) -> Callable[[World], None]:
    def start(w: World) -> None:
        _answered(w.bed.start(ms))
        p = w.pump.programme
        w.base = w.bed.drive.made
        w.most = p.most * STEPS // V
        w.until = w.bed.ms + ms
        w.used = w.token
        w.confirmed = False
        w.above = 0
        w.bolused = False
        w.flow = p.rate

    return start


def _grant(w: World) -> None:
    if not w.bed.grant(LEASE_MS):
        raise Refused
    w.until = w.bed.ms + LEASE_MS


def _old_grant(w: World) -> None:
    if not w.bed.grant(LEASE_MS, max(1, w.pump.lease.grant)):
        raise Refused
    w.until = w.bed.ms


def _pause(w: World) -> None:
    _answered(w.pump.pause(w.pump.programme.id))


def _resume(w: World) -> None:
    until = w.bed.at(LEASE_MS)
    _answered(w.pump.resume(w.pump.programme.id, until[0], until[1], w.bed.ticks, w.bed.wraps))
    w.until = w.bed.ms + LEASE_MS


def _change(kind: int, rate: int, volume: int) -> Callable[[World], None]:
    def change(w: World) -> None:
        out = [0] * 7
        _answered(w.pump.change(w.pump.programme.id, kind, rate, volume, out))
        w.change = out[6]
        w.change_kind = kind
        w.change_rate = rate

    return change


def _flow(w: World) -> None:
    """Asks for another flow and takes it; what can happen between the two is seen with a bolus."""
    _change(codes.TO_RATE, MAINTENANCE, 0)(w)
    _apply(w)


def _apply(w: World) -> None:
    if not w.change:
        raise Refused
    _answered(w.pump.apply(w.pump.programme.id, w.change))
    w.change = 0
    if w.change_kind == codes.TO_BOLUS:
        w.bolused = True
    else:
        w.flows[-1] = w.flow  # what is queued still comes at it
        w.flow = w.change_rate


def _apply_again(w: World) -> None:
    """A token that was not read back."""
    _answered(w.pump.apply(w.pump.programme.id, w.change ^ 1))


def _press(w: World) -> None:
    if w.pump.press() != GIVEN:
        raise Refused


def _stop(reason: int) -> Callable[[World], None]:
    return lambda w: w.pump.stop(reason)


def _late(w: World) -> None:
    w.pump.fault(codes.WHY_TASK_OVERRUN)
    w.shaken = True


def _clear(w: World) -> None:
    _answered(w.pump.clear(w.pump.reason))


def _clear_stale(w: World) -> None:
    _answered(w.pump.clear(codes.WHY_INTERNAL))


def _session(w: World) -> None:
    w.pump.new_session()


def _reset(words: bool) -> Callable[[World], None]:
    def resets(w: World) -> None:
        """The drive's queue runs dry meanwhile, unless the supply is gone too; then the retained words are."""
        old = w.bed
        if words:
            old.drive.pass_time(300_000)
        else:
            old.drive.abort()
            for i in range(len(old.words.words)):
                old.words.words[i] = 0
        w.bed = bed = Bed(old.ticks, old.wraps, LIMITS, old.drive, old.words, 2)
        bed.ms, bed.slip, bed.stalled, bed.lost = old.ms, old.slip, old.stalled, old.lost
        w.token = w.old_token = w.change = 0
        w.confirmed = False

    return resets


def _beat(w: World) -> None:
    for _ in range(BEAT_TURNS):
        w.turn()


def _hours(w: World) -> None:
    """Only while it stands; a loop that does not turn for so long has been reset by its watchdog."""
    if states.running(w.pump.state):
        raise Refused
    w.turn(5 * 3_600_000)


def _trouble(what: str) -> Callable[[World], None]:
    def happens(w: World) -> None:
        if states.running(w.pump.state) == (what == "none") or (w.trouble == "none") == (what == "none"):
            raise Refused
        w.trouble = what
        w.bed.stalled = what == "shaft stalls"
        w.bed.flash.failing = what == "flash fails"
        w.bed.lost = what == "encoder lost"
        w.bed.drive.stuck = what == "drive stuck"
        w.bed.drive.speed = 300 if what == "drive races" else 100

    return happens


EVENTS: dict[str, Callable[[World], None]] = {
    **{f"offer {name}": _offer(name) for name in PROGRAMMES},
    "leg": _leg,
    "wrong leg": _wrong_leg,
    "confirm": _confirm,
    "confirm the offer before": _confirm_stale,
    "arm": _arm,
    "start": _start(LEASE_MS),
    "start late": _start(-1),
    "start for too long": _start(LEASE_MS + 1),
    "grant": _grant,
    "grant again": _old_grant,
    "pause": _pause,
    "resume": _resume,
    "change the flow": _flow,
    "ask for a bolus": _change(codes.TO_BOLUS, LOADING, 25_000),
    "ask for too large a bolus": _change(codes.TO_BOLUS, LOADING, 50_001),
    "apply": _apply,
    "apply what was not read back": _apply_again,
    "press": _press,
    "stop": _stop(codes.WHY_HOST_STOP),
    "stop key": _stop(codes.WHY_LOCAL_STOP),
    "late": _late,
    "clear": _clear,
    "clear something else": _clear_stale,
    "session": _session,
    "reset": _reset(True),
    "power cut": _reset(False),
    "beat": _beat,
    "hours": _hours,
    **{("mended" if what == "none" else what): _trouble(what) for what in TROUBLES},
}
