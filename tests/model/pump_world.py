"""The world of the model check: the shipped pump, watch and alarms on a drive, a shaft, a plunger and a clock.

Nothing here decides what the pump does; all that can happen to it is in pump_events.py. Time is coarse (a beat is a
quarter of a second, five turns of the loop) and volumes are small, see pump_orders.py.

    world = World()
    EVENTS["offer plain"](world)
    world.key()                   # what the search takes for the state
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alarm.latch import Alarms
from alarm.watch import Watch
from journal.volume import UNATTENDED
from pump import codes, states
from tests.model.pump_bed import ROSE_NL, Plunger, felt_bed, first_bed
from tests.model.pump_orders import LIMITS, LOADING, MAINTENANCE, ON_DEMAND, PRIMING, RATE, SLOW_NL, SLOW_START, V
from tests.pure.pump_fakes import STEPS, Bed

TURN_MS = 50
FINE = 12_500  # nL that the key tells apart
FULL = LIMITS["max_10min"] + 2 * FINE  # nothing more may be delivered
ASIDE = (codes.TAKING_UP, codes.BACKING_OFF, codes.PRIMING)  # motion that is no dose
SLICE_FLOW = 5_050_000  # nL/min of a slice: 0.15 mm/s in a bore of 26.7 mm
# States in which the pump does not ask for the reason; where it stopped, only whether that cut a delivery short unseen.
ALIKE = (codes.STANDBY, codes.FAULT, codes.PAUSED, codes.COMPLETE)


class World:
    """bed: the pump and what it stands on. plunger: what it feels. alarms, watch: of the board. The rest is what a host
    and a patient know, and the check's own memory:

    token, change: read-backs that the host holds; old_token: of the whole offer before; back: of a priming. confirmed:
    a human has confirmed the newest offer, by a token that has not brought a start (used). base: steps that the drive
    had made when this delivery began; dose: that were delivered of it when a back-off or a priming began, or None;
    most: that it may make. aside: steps that the drive had made when motion that is no dose began; may_back: that a
    back-off may take back. until: ms at which the latest permission ends. shaken: a fault was seen, and nothing was
    confirmed since. above: steps that came faster than what follows a loading dose; bolused: for another reason. flow:
    nL/min that is ordered; flows: that the drive may make now, and in the turns before, newest last. moved: steps of
    the last turn, which took `took` ms and began in state `was`.
    """

    def __init__(self) -> None:
        self.plunger = Plunger()
        self.trouble = "none"
        self.token = self.old_token = 0
        self.change = self.change_kind = self.change_rate = 0
        self.back = [0] * 7
        self.confirmed = False
        self.used = 0
        self.base = self.most = self.until = self.aside = self.may_back = 0
        self.dose: int | None = None
        self.shaken = False
        self.above = 0
        self.bolused = False
        self.flow = 0
        self.flows = [0] * 5
        self.moved = self.took = self.was = 0
        self.check: Callable[[World], None] | None = None  # called after each turn
        self.is_new: Callable[[object], bool] = lambda _: True  # whether the same was not tried before
        self._live(first_bed(self.plunger))

    def _live(self, bed: Bed) -> None:
        self.bed = bed
        self.alarms = Alarms()
        self.watch = Watch(self.alarms, bed.pump)

    def restart(self) -> None:
        """The board starts anew, on the same drive and flash."""
        old = self.bed
        self.plunger.let_go()
        bed = felt_bed(self.plunger, ticks=old.ticks, wraps=old.wraps, drive=old.drive, words=old.words, boot=2)
        bed.ms, bed.slip, bed.stalled, bed.lost = old.ms, old.slip, old.stalled, old.lost
        self._live(bed)

    @property
    def pump(self) -> Any:
        """The shipped one."""
        return self.bed.pump

    def delivered(self) -> int:
        """Steps of this delivery that the drive has made."""
        return self.bed.drive.made - self.base if self.dose is None else self.dose

    def turn(self, ms: int = TURN_MS) -> None:
        """One turn of the board's loop, `ms` later."""
        pump, drive = self.pump, self.bed.drive
        self.was = was = pump.state
        self.took = ms
        del self.flows[0]
        self.flows.append(self._flow(was))
        made = drive.made
        self.bed.step(ms)
        self.watch.poll(self.bed.ticks)
        self.alarms.poll(self.bed.ticks)
        self.moved = drive.made - made
        state = pump.state
        if was == codes.TAKING_UP:
            self.base = drive.made  # nothing of that is dose
        if state == codes.BACKING_OFF != was:
            self.may_back = drive.made - self.aside if was == codes.TAKING_UP else ROSE_NL * STEPS // V
            self.aside = drive.made
            self.dose = drive.made - self.base
        if state == codes.FAULT:
            self.shaken = True
        if self.trouble != "drive races" and was not in ASIDE:
            self.above += max(0, self.moved - MAINTENANCE * ms // 60_000 * STEPS // V - 2)
        if self.check:
            self.check(self)

    def _flow(self, state: int) -> int:
        if state == codes.BOLUS:
            return RATE if self.pump.programme.id == ON_DEMAND else LOADING
        if state == codes.KVO:
            return int(self.pump.programme.kvo)
        if state == codes.PRIMING:
            return PRIMING["rate"]
        if state in (codes.TAKING_UP, codes.BACKING_OFF):
            return SLICE_FLOW
        return self.flow if states.running(state) else 0

    # -- what the search takes for a state -----------------------------------------------------------------------------

    def key(self) -> tuple[Any, ...]:
        """All that decides what can follow, in coarse steps. Left out is:

        what merely counts on (the clock, the shaft's angle, the numbers of tokens and grants); where it stands, what
        begin(), go_on() and prepare() set anew; the reason, where nothing asks for it but whether it has cut a delivery
        short; and what was primed within the hour, which can only refuse more of that.
        """
        pump = self.bed.pump
        state = pump.state
        under_way = pump._offers.under_way
        waiting = state in (codes.PROGRAMMED, codes.CONFIRMED, codes.ARMED)
        held = states.running(state) or state == codes.PAUSED
        key = (
            state,
            state not in ALIKE and (pump.reason in UNATTENDED if state == codes.STOPPED else pump.reason),
            pump.programme.id if (held or waiting) and state != codes.BACKING_OFF else pump.programme.id > 0,
            pump._offers.waits() and (under_way.id, len(under_way.legs)),
            waiting and self.token != 0 and self.token == pump.programme.token,
            waiting and self.confirmed,
            self.shaken,
            min(pump.windows.windows[0].nl + FINE, FULL) // (2 * FINE),
            pump.encoder.ready() or (held and pump.encoder._readings),
            pump.was.unread and pump.was.why,
            pump._upkeep.lacks(False) if waiting else 0,
            pump._volume.unsaid,
            self.trouble,
            pump.priming.token != 0 and pump.priming.token == self.back[6],
            pump.delivery.astray or pump.moves.astray or (pump.moves.busy and state not in ASIDE),
            self.bed.drive.energised,
        )
        if waiting:  # what was loaded is what was offered, but that is for the search to see
            course = pump.delivery._course
            return *key, pump.rate, course.left, course._row, course._next, pump.demand.dose
        if state in ASIDE:
            return key + self._key_aside()
        if state == codes.PAUSED:
            return key + self._key_paused()
        return key + self._key_delivering() if held else key

    def _left(self) -> int:
        nl = SLOW_NL if self.pump.programme.id == SLOW_START else FINE
        return int(self.pump.delivery._course.left * V // STEPS + nl // 2) // nl

    def _key_paused(self) -> tuple[Any, ...]:
        pump = self.bed.pump
        return (
            self._left(),
            pump.rate,
            min(pump.watch.seconds_left(), 3),
            (pump.demand.left_ms + 125) // 250,
        )

    def _key_delivering(self) -> tuple[Any, ...]:
        bed, pump = self.bed, self.bed.pump
        delivery, encoder, watch, demand = pump.delivery, pump.encoder, pump.watch, pump.demand
        course = delivery._course
        margin = pump.lease.margin(bed.ticks, bed.wraps) if pump.lease.held else 0
        return (
            self._left(),
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
            demand.giving,
            (demand.left_ms + 125) // 250,
            pump._by_end,
        )

    def _key_aside(self) -> tuple[Any, ...]:
        """Whether a slice is under way, how far the force has settled, and of the slices that were made as many as are
        told apart. Where a part fails, only that: how soon it is found does not hang on what was felt."""
        bed, pump = self.bed, self.bed.pump
        moves, encoder = pump.moves, pump.encoder
        margin = pump.lease.margin(bed.ticks, bed.wraps) if pump.lease.held else 0
        common = moves._queued > 0, moves._still_ms // 250, (margin + 125) // 250
        if self.trouble != "none":
            off = abs(encoder.off) * 2 // max(1, encoder._allowed)
            return *common, moves._idle_ms // 250, off, encoder._silent_ms // 250
        if pump.state == codes.PRIMING:
            return *common, (moves._left + moves._queued) * V // STEPS // FINE
        if pump.state == codes.TAKING_UP:
            c = moves._catch_up
            return *common, min(c._slices, 3), c._best >= 40, self.plunger.mn >= 150, c.steps > 0
        b = moves._back_off
        return *common, b._slice > 0, b._missed, b.left_nl // 20_000, self.plunger.pa
