"""What time, resets, the plunger and failing parts do to the pump of the model check."""

from __future__ import annotations

from collections.abc import Callable

from pump import codes, states
from pump.backoff import RESIDUAL_PA
from pump.fitting import BARREL, FITTED
from pump.force import GOOD, NO_READING
from pump.pressure import CLEAR, DROP, LEVEL
from tests.model.pump_bed import Plunger
from tests.model.pump_orders import LEASE_MS, LOADED, PLAIN, SLOW_START
from tests.model.pump_world import World
from tests.model.search import Refused

Event = Callable[[World], None]

BEAT_TURNS = 5
ASTRAY = 40_000  # steps between two turns
SLICE_TURNS = 20  # a slice and its settling are over by then
# What a part that fails does to the pump is `break`, which "late" brings in every state; when it is noticed hangs on
# state and flow alone, and these programmes have all of them. So parts fail in these.
FAIL_IN = (PLAIN, LOADED, SLOW_START)


def beat(w: World) -> None:
    """One turn where it stands, for nothing waits for time there, or else for hours of it."""
    for _ in range(BEAT_TURNS if states.running(w.pump.state) or not w.pump.encoder.ready() else 1):
        w.turn()


def hours(w: World) -> None:
    """Only while it stands; a loop that does not turn for so long has been reset by its watchdog."""
    if states.running(w.pump.state):
        raise Refused
    w.turn(5 * 3_600_000)


def _granted(w: World, ms: int = 50) -> None:
    if w.bed.grant(LEASE_MS):
        w.until = w.bed.ms + LEASE_MS
    w.turn(ms)


def slice_of(felt: Callable[[Plunger], None]) -> Event:
    """The next slice of a catch-up, of which this is felt."""

    def slice_(w: World) -> None:
        if w.pump.state != codes.TAKING_UP:
            raise Refused
        felt(w.plunger)
        made = w.pump.moves._catch_up.steps
        for _ in range(SLICE_TURNS):
            _granted(w)
            if w.pump.moves._catch_up.steps != made or w.pump.state != codes.TAKING_UP:
                break

    return slice_


def gives(plunger: Plunger) -> None:
    """The seal: the force rises evenly."""
    plunger.mn += 300


def slides(plunger: Plunger) -> None:
    """It moves, and the force is what it was."""
    plunger.mn = max(plunger.mn, 300)


def nothing_there(w: World) -> None:
    """All the travel of a catch-up, from its beginning."""
    if w.pump.state != codes.TAKING_UP or w.pump.moves._catch_up.steps or w.plunger.mn:
        raise Refused
    while w.pump.state == codes.TAKING_UP:
        _granted(w, 250)


def _may_fail(w: World) -> bool:
    return w.trouble == "none" and (w.pump.programme.id in FAIL_IN or w.pump.state == codes.PRIMING)


def drive_astray(w: World) -> None:
    """It says that it has made steps that nobody can have asked for; the shaft knows of none."""
    if w.trouble != "none":
        raise Refused
    bed = w.bed
    bed.drive.made += ASTRAY
    bed.slip += ASTRAY
    w.base += ASTRAY
    w.aside += ASTRAY
    w.turn()


def line_closes(w: World) -> None:
    """Until that is noticed."""
    if not states.running(w.pump.state) or w.pump.state == codes.BACKING_OFF or w.trouble != "none":
        raise Refused
    w.plunger.line = LEVEL
    w.plunger.pa = 40_000
    w.plunger.mn = 100_000
    for _ in range(SLICE_TURNS):
        _granted(w)
        if w.pump.state == codes.BACKING_OFF or not states.running(w.pump.state):
            break
    w.plunger.line = CLEAR
    w.plunger.mn = 0


def line_comes_off(w: World) -> None:
    """Which a delivery alone can notice."""
    if not states.delivering(w.pump.state) or not _may_fail(w):
        raise Refused
    w.plunger.line = DROP
    w.turn()
    w.turn()
    w.plunger.line = CLEAR


def pressure_falls(w: World) -> None:
    """By most of it, while it is relieved; else it stays."""
    if w.pump.state != codes.BACKING_OFF or w.plunger.pa <= RESIDUAL_PA:
        raise Refused
    w.plunger.pa //= 4


def force_lost(w: World) -> None:
    """Until something has come of it, or for a slice."""
    if not states.running(w.pump.state) or not _may_fail(w):
        raise Refused
    w.plunger.quality = NO_READING
    state = w.pump.state
    for _ in range(SLICE_TURNS if state in (codes.TAKING_UP, codes.BACKING_OFF) else 2):
        w.turn()
        if w.pump.state != state:
            break
    w.plunger.quality = GOOD


def taken_out(w: World) -> None:
    """The syringe, for a turn, where the pump looks at that."""
    if not states.running(w.pump.state) and w.pump.state not in (codes.ARMED, codes.PAUSED):
        raise Refused
    if not _may_fail(w):
        raise Refused
    w.pump.senses.fitted = BARREL
    w.turn()
    w.pump.senses.fitted = FITTED


def trouble(what: str) -> Event:
    """A part fails, of TROUBLES in pump_events."""

    def happens(w: World) -> None:
        if not states.running(w.pump.state) or not _may_fail(w):
            raise Refused
        ails(w, what)

    return happens


def ails(w: World, what: str) -> None:
    """From now on that is so, one of TROUBLES or "none"."""
    w.trouble = what
    w.bed.stalled = what == "shaft stalls"
    w.bed.flash.failing = what == "flash fails"
    w.bed.lost = what == "encoder lost"
    w.bed.drive.stuck = what == "drive stuck"
    w.bed.drive.speed = 300 if what == "drive races" else 100


# -- resets -------------------------------------------------------------------------------------------------------


def reset(words: bool) -> Event:
    def resets(w: World) -> None:
        """The drive's queue runs dry meanwhile, unless the supply is gone too; then the retained words are. A start
        reads nothing else than is compared here, so that from the same it goes the same way."""
        bed, pump = w.bed, w.pump
        ring = bed.journal.ring
        told = bytes(ring.kept.buf)
        survives = (
            tuple(bed.words.words) if words else (),
            told[4:8] + told[16:28],  # what the newest statement says, without its number and time
            ring.keep == ring.newest,
            (pump.state, pump.reason, pump.was.unread, pump._volume.unsaid),
            (w.shaken, w.trouble, w.delivered(), bed.drive.queued()),
        )
        if not w.is_new(survives):
            raise Refused
        if words:
            bed.drive.pass_time(300_000)
            if pump.state == codes.TAKING_UP:
                w.base = bed.drive.made
        else:
            bed.drive.abort()
            for i in range(len(bed.words.words)):
                bed.words.words[i] = 0
        w.restart()
        w.token = w.old_token = w.change = 0
        w.confirmed = False

    return resets
