"""The world of the session's search: the shipped dispatch before the shipped pump, watch and alarms, and a host.

Messages come as the port hands them on and answers go as it takes them; bytes and frames are not walked here. Time is
as coarse, and what is ordered as small, as in the pump's search.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alarm.breaches import Breaches
from alarm.latch import Alarms
from alarm.watch import Watch
from assuage_wire.codec import BY_NAME
from assuage_wire.schema import S30
from link import states
from link.dispatch import QUIET_MS, Dispatch
from link.records import Records
from pump import codes
from pump.states import running
from tests.model.pump_bed import Plunger, first_bed
from tests.model.pump_orders import LEASE_MS, PLAIN, PROGRAMMES, V
from tests.model.pump_world import TURN_MS
from tests.model.search import Refused
from tests.pure.pump_fakes import STEPS, fields
from vitals.readings import Readings

SESSIONS = (77, 78)  # one host after another
ELSEWHERE = 79  # one that was never opened
SECOND = 1000
STATUS = BY_NAME["Reply"].index("status")


class Port:
    """As link.port.Port has it. hear(message, number, values): what the board does with one. said: its answers."""

    def __init__(self) -> None:
        self.said: tuple[Any, ...] = ()
        self.hear: Callable[[Any, int, list[int]], None] = lambda *_: None

    def listen(self, hear: Callable[[Any, int, list[int]], None], *_: object) -> None:
        """Who hears; what does not fit the table's ranges is not walked either."""
        self.hear = hear

    def send(self, message: Any, values: list[int]) -> bool:
        """Takes it."""
        self.said = (*self.said, (message.name, tuple(values[: message.width])))
        return True


class World:
    """session: that the host has opened last. command, grant: newest numbers that it has given. last: its newest
    command and the answer to it. until: ms at which the latest permission ends, of all that were given in the session
    that was open then. hellos: said so far. took: ms of the last turn."""

    def __init__(self) -> None:
        self.bed = first_bed(Plunger())
        self.alarms = Alarms()
        self.watch = Watch(self.alarms, self.bed.pump)
        self.port = Port()
        self.hellos = 0
        breaches = Breaches(Readings(self.bed.ticks), self.watch, self.bed.journal)
        records = Records(self.bed.journal)
        self.dispatch = Dispatch(self.port, self.bed.pump, self.watch, self._hello, records, breaches)
        self.session = self.command = self.grant = self.until = self.took = 0
        self.last: tuple[Any, ...] = ()
        self.check: Callable[[World], None] | None = None  # called after each turn

    def _hello(self) -> None:
        self.hellos += 1

    @property
    def pump(self) -> Any:
        """The shipped one."""
        return self.bed.pump

    def tell(self, name: str, *values: int) -> tuple[Any, ...]:
        """What the board answers."""
        self.port.said = ()
        self.dispatch.now(self.bed.ticks, self.bed.wraps)
        self.port.hear(BY_NAME[name], 0, list(values))
        return self.port.said

    def order(self, name: str, *values: int) -> bool:
        """A new command of this host; whether it was carried out. Raises Refused for a host that has said nothing."""
        if not self.session:
            raise Refused
        self.command += 1
        asked = (name, self.session, self.command, *values)
        answer = self.tell(*asked)
        self.last = (asked, answer)
        ((said, rest),) = answer
        return said != "Reply" or rest[STATUS] == codes.OK

    def turn(self, ms: int = TURN_MS) -> None:
        """One turn of the board's loop, `ms` later."""
        self.took = ms
        self.bed.step(ms)
        self.watch.poll(self.bed.ticks)
        self.alarms.poll(self.bed.ticks)
        if self.check:
            self.check(self)

    def quiet_ms(self) -> int:
        """Since its host said something that counts."""
        return (self.bed.ticks - self.dispatch._heard) & S30

    def key(self) -> tuple[Any, ...]:
        """Numbers of sessions, commands and grants merely count on."""
        bed, pump, dispatch = self.bed, self.bed.pump, self.dispatch
        moving = running(pump.state)
        return (
            dispatch.state,
            dispatch.session != 0,
            dispatch.session == self.session,
            dispatch.state == states.OPEN and self.quiet_ms() * 2 // QUIET_MS,
            pump.state,
            pump.reason,
            bool(self.last) and self.last[0][0],
            bool(self.last) and self.last[0][1] == dispatch.session,
            pump.encoder.ready(),
            pump._volume.unsaid,
            min(pump.windows.windows[0].nl // 25_000, 4),
            moving and pump.delivery._course.left * V // STEPS // 12_500,
            moving and (pump.lease.margin(bed.ticks, bed.wraps) + 125) // 250,
        )


# -- what can happen -----------------------------------------------------------------------------------------------


def _identify(w: World) -> None:
    """A host that has started anew, or another one."""
    w.session = SESSIONS[w.session == SESSIONS[0]]
    w.command = w.grant = 0
    w.tell("Identify", w.session)


def _again(w: World) -> None:
    if not w.dispatch.session:
        raise Refused
    w.tell("Identify", w.session)


def _arm(w: World) -> None:
    """Offered, confirmed and armed."""
    w.order("Programme", *fields(**PROGRAMMES["plain"]))
    w.order("Confirm", PLAIN, w.pump.programme.token)
    w.order("Arm", PLAIN)


def _start(w: World) -> None:
    if w.order("Start", PLAIN, *w.bed.at(LEASE_MS)):
        w.until = w.bed.ms + LEASE_MS


def _clear(w: World) -> None:
    w.order("Clear", w.pump.reason)


def _probe(w: World) -> None:
    w.order("Probe")


def _repeat(w: World) -> None:
    """The newest command once more, as if its answer had been lost."""
    if not w.last:
        raise Refused
    w.tell(*w.last[0])


def _reuse(w: World) -> None:
    """Another command under the newest number."""
    if not w.last or w.last[0][1] != w.session:
        raise Refused
    w.tell("Clear", w.session, w.command, codes.WHY_SUPPLY)


def _stranger(w: World) -> None:
    w.tell("Start", ELSEWHERE, w.command + 1, PLAIN, *w.bed.at(LEASE_MS))


def _former(w: World) -> None:
    """A command of the session before."""
    w.tell("Clear", SESSIONS[w.session == SESSIONS[0]], w.command + 1, w.pump.reason)


def _grant(w: World) -> None:
    if not w.session:
        raise Refused
    w.grant += 1
    if w.session == w.dispatch.session and w.dispatch.state != states.STATES.index("fault"):
        w.until = max(w.until, w.bed.ms + LEASE_MS)
    w.tell("Lease", w.session, w.grant, PLAIN, *w.bed.at(LEASE_MS))


def _grant_again(w: World) -> None:
    if not w.grant:
        raise Refused
    w.tell("Lease", w.session, w.grant, PLAIN, *w.bed.at(LEASE_MS))


def _grant_of_a_stranger(w: World) -> None:
    w.tell("Lease", ELSEWHERE, w.grant + 1, PLAIN, *w.bed.at(LEASE_MS))


def _stop(w: World) -> None:
    w.tell("Stop", 5)


def _beat(w: World) -> None:
    for _ in range(5):
        w.turn()


def _second(w: World) -> None:
    """A second, at the end of which the board looks whether it is to say who it is."""
    for _ in range(SECOND // TURN_MS if running(w.pump.state) else 1):
        w.turn(TURN_MS if running(w.pump.state) else SECOND)
    w.dispatch.greet(w.bed.ticks)


def _quiet(w: World) -> None:
    """Half of what makes a host a silent one. A loop that does not turn for so long while it moves is no loop."""
    if running(w.pump.state):
        raise Refused
    w.turn(QUIET_MS // 2)
    w.dispatch.greet(w.bed.ticks)


def _broken(w: World) -> None:
    """The bookkeeping meets what cannot be: no host can bring it there, so it is put there."""
    if w.dispatch.state == states.UNHEARD:
        w.dispatch._happen(states.AGAIN)
    else:
        w.dispatch.state = states.STATES.index("fault")
        w.pump.fault(codes.WHY_INTERNAL)


EVENTS: dict[str, Callable[[World], None]] = {
    "identify": _identify,
    "identify again": _again,
    "arm": _arm,
    "start": _start,
    "clear": _clear,
    "probe": _probe,
    "repeat": _repeat,
    "another command of that number": _reuse,
    "a stranger's start": _stranger,
    "the former's clear": _former,
    "grant": _grant,
    "grant again": _grant_again,
    "a stranger's grant": _grant_of_a_stranger,
    "stop": _stop,
    "beat": _beat,
    "second": _second,
    "quiet": _quiet,
    "broken": _broken,
}
