"""A target on the bed: the daemon asks for rates, period by period, of the programme that a person has confirmed.

Only a daemon that has seen the whole programme follows its target. One that starts again finds a programme that nobody
follows, renews no permission for it (doubt), and the board does what was programmed for a lost host. The same becomes
of a programme whose next rate is late. What a person orders otherwise (pause, resume, STOP) holds at once; what the
pump has really given is taken from its telemetry alone.
"""

from __future__ import annotations

import asyncio
import dataclasses
import importlib
import logging
import secrets
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from assuage.bedside.bed import Bed
from assuage.bedside.orders import Meant
from assuage.bedside.picture import Targeted
from assuage.bedside.sentences import code
from assuage.bedside.snapshot import ml_h
from assuage.bedside.target_notes import Notes
from assuage.errors import AssuageError, BadInput, Refused, Stopped
from assuage.link.events import Link
from assuage.link.messages import PumpStatus
from assuage.pharmacy.syringes import SYRINGES, Syringe
from assuage.record.recorder import Recording
from assuage_wire import schema

if TYPE_CHECKING:  # the models and their arithmetic are slow to import, and needed only where there is a target
    from assuage.bedside.following import Following, Had, Next
    from assuage.bedside.judging import Approved
    from assuage.bedside.target import Aim, Approve
    from assuage.pharmacy.kinetics.programme import Given, Infusion

log = logging.getLogger(__name__)

NEVER: Final = float("-inf")
LOOK_S: Final = 1.0
PERIOD_S: Final = 10.0  # between two rates; what was asked for may not be the last one for longer
LATE_S: Final = 2.0  # after which the permission is no longer renewed; following.SPARE is longer
FLOWS: Final = frozenset({"infusing", "bolus"})
OVER: Final = frozenset({"standby", "complete", "stopped", "fault", "unconfirmed", "kvo"})

NOT_FOLLOWED: Final = (
    "Nobody follows this infusion's target any more, so the pump does what was programmed for a lost host. Look at the "
    "pump, then order again."
)
MODELS: Final = "assuage.bedside.following"  # slow to import, and STOP must not wait
LATE: Final = "The next rate for this infusion's target is late, so its permission is not renewed."
UNREAD: Final = "{} So no target can be followed yet; try again, or order by the rate."
NO_TARGET: Final = "No target is followed; order one first."
NO_OFFER: Final = "This target no longer waits to be confirmed; set it again."
UNKNOWN: Final = "What this patient had before this host began to follow is not in the prediction."
ENDED: Final = "The target is followed no more: the pump is {}."


class Targeting:
    """Of one bed. approve: checks what is ordered. past: all that the patient has had; None: only what this process
    has seen given by targets."""

    def __init__(
        self,
        bed: Bed,
        record: Recording,
        approve: Approve,
        *,
        syringes: Mapping[str, Syringe] = SYRINGES,
        lease_ms: int = 3000,
        past: Had | None = None,
        period_s: float = PERIOD_S,
    ) -> None:
        self._bed, self._notes, self._approve = bed, Notes(record), approve
        self._syringes, self._lease_ms, self._past = syringes, lease_ms, past
        self._period_s = period_s
        self._aim: Aim | None = None
        self._programme = 0
        self._following: Following | None = None
        self._last: Following | None = None  # the one before: what it gave is in the body
        self._hands = 0  # doses by hand that it reckons with
        self._struck = 0  # those that it knows to have been charted in error
        self._offer: _Offer | None = None
        self._ran = False
        self._over = ""
        self._trouble = ""
        self._flows_since = self._decided = NEVER
        self._next: Next | None = None
        self._wake = asyncio.Event()
        self._state = -1
        bed.subscribe(self._on_change)

    # -- what people ask -----------------------------------------------------------------------------------------------

    async def programme(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Offers a programme that follows a target (target.py says what is typed); returns what the board read back of
        it, with the target beside it. It is confirmed and started as any other. Raises as Orders.programme."""
        await asyncio.to_thread(importlib.import_module, MODELS)
        from assuage.bedside import target

        try:
            made = target.aim(data, self._approve, self._syringes)
            await self._known(made)
        except (BadInput, Refused) as error:
            self._bed.orders.tell(error)
            raise
        meant = Meant(made.asked, made.approved.told)
        readback = await self._bed.orders.programme(made.order, made.approved.clinical, meant)
        made = made.read_back(readback)
        self._begin(made, int(readback["programme"]))
        readback["target"] = target.shown(made)
        self._bed.set_readback(readback)
        self._notes.target(self._programme, made)
        return readback

    def would(self, data: Mapping[str, Any], approved: Approved) -> dict[str, Any]:
        """Of what somebody types: the models that there are for this patient, and, when a syringe has been typed as
        well, what would be aimed at (target.shown), or why it cannot be."""
        from assuage.bedside import target

        told: dict[str, Any] = {"models": target.offered(approved.checked.prescription), "target": None}
        if not data.get("syringe"):
            return told
        try:
            return told | {"target": target.shown(target.aim(data, lambda typed, _: ({}, approved), self._syringes))}
        except (BadInput, Refused) as error:
            return told | {"possible": False, "error": error.sentence, "field": getattr(error, "field", "")}

    async def offer(self, programme: int, typed: object) -> dict[str, Any]:
        """Another target for what runs; returns what a person is to compare; its clinical part has, as that of any
        read-back, the alerts for which a second one has to. Raises BadInput or Refused."""
        from assuage.bedside import target

        following = self._mine(programme)
        made = following.aim.at(typed)
        token = secrets.randbelow(0xFFFF) + 1
        was = following.aim.target
        self._offer = _Offer(programme, token, made, tuple(target.alerts(made, was)))
        alerts = list(self._offer.alerts)
        told = {"was": str(was), "alerts": alerts, "clinical": {"alerts": alerts}, **target.shown(made)}
        return {"programme": programme, "token": token, **told}

    async def confirm(self, programme: int, token: int, second: str = "") -> None:
        """A person has compared the target that was offered. second: who has compared it as well, which some want.
        Raises BadInput or Refused."""
        following, offer = self._mine(programme), self._offer
        if offer is None or (offer.programme, offer.token) != (programme, token):
            raise Refused("bad-token", NO_OFFER, by="host")
        self._bed.orders.compared({"alerts": offer.alerts}, second)
        made, self._offer = offer.made, None
        was = str(following.aim.target)
        async with self._bed.orders.acting.act(
            "target", self._board(), programme, self._loop_time() + 4.0, target=str(made.target), was=was, second=second
        ):
            following.set(made)
            self._decided = NEVER
            self._flows_since = self._bed.now()
            self._aim = made
        self._notes.target(self._programme, made, was)
        self._wake.set()

    def doubt(self) -> str:
        """Why the permission of what the pump does now must not be renewed, a sentence; "" where nothing is wrong."""
        p = self._bed.picture
        if p.pump is None or p.label is None or not p.label.titrates(p.pump.message.programme):
            return ""
        m = p.pump.message
        if code(schema.STATES, m.state) not in FLOWS:
            return ""
        if m.programme != self._programme or self._over:
            return NOT_FOLLOWED
        if self._flows_since == NEVER:
            self._flows_since = self._bed.now()  # whether or not anybody looks
        late = self._bed.now() - max(self._decided, self._flows_since) > self._period_s + LATE_S
        return LATE if late else ""

    def ahead(self, programme: int) -> tuple[str, Callable[[], tuple[Given | Infusion, ...]]] | None:
        """The target that is followed by this programme, and what will be asked for; None where none is."""
        f = self._following
        if f is None or self._over or programme != self._programme:
            return None
        return str(f.aim.target), f.ahead()

    # -- period by period ----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Follows the target, where there is one, until cancelled."""
        while True:
            try:
                await self.look()
            except AssuageError as error:
                log.warning("the target could not be looked at: %s", error.sentence)
            self._wake.clear()
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._wake.wait()
            except TimeoutError:
                pass

    def _on_change(self, topic: str) -> None:
        """What the pump does otherwise than before is looked at now."""
        heard = self._bed.picture.pump
        if topic == "pump" and heard is not None and heard.message.state != self._state:
            self._state = heard.message.state
            self._wake.set()

    async def look(self) -> None:
        """Takes what the pump has given, and asks for the next rate when that is due."""
        p, f = self._bed.picture, self._following
        if self._aim is None or p.pump is None or p.link is not Link.LIVE:
            return
        m, at = p.pump.message, p.pump.at
        if m.programme != self._programme:
            self._end(m) if self._ran else None
            return
        if f is None:
            f = await self._follow(round(at * 1000))
            if f is None:
                return
        f = await self._by_hand(f)
        if f is not self._following:
            return  # something else was ordered meanwhile
        f.given(round(at * 1000), m.delivered)
        state = code(schema.STATES, m.state)
        if state in FLOWS and not self._over:
            await self._flow(f, m, at)
        elif self._ran and state in OVER:
            self._end(m)
        elif self._ran:
            f.control.stood()
            self._flows_since = self._decided = NEVER
        self._notes.summarise(f, m, self._bed.now())
        self._show(f)

    async def _flow(self, f: Following, m: PumpStatus, at: float) -> None:
        now = self._bed.now()
        self._ran = True
        if self._flows_since == NEVER:
            self._flows_since = now
        if now - self._decided < self._period_s or code(schema.STATES, m.state) == "bolus":
            return
        self._next = found = f.next(m.set_rate)
        if found.change:
            try:
                await self._bed.orders.follow(self._programme, found.flow)
            except Stopped:
                return
            except Refused as error:
                self._trouble = error.sentence
                if found.flow < m.set_rate:
                    return  # less is asked for again, until the permission runs out
            except AssuageError as error:
                self._trouble = error.sentence
                return
            else:
                self._notes.changed(found.flow)
                self._trouble = ""
        self._decided = now

    def _end(self, m: PumpStatus) -> None:
        if not self._over:
            self._over = ENDED.format(code(schema.STATES, m.state) if m.programme == self._programme else "without it")
            self._offer = None
            if self._following is not None:
                self._notes.summarise(self._following, m)
                self._show(self._following)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _begin(self, made: Aim, programme: int) -> None:
        if self._following is not None and self._ran:
            self._last = self._following
        self._aim, self._programme, self._following, self._offer = made, programme, None, None
        self._ran, self._over, self._trouble, self._next = False, "", "", None
        self._flows_since = self._decided = NEVER
        self._notes.begin()
        self._bed.set_target(None)

    async def _known(self, made: Aim) -> None:
        """Raises Refused where the model cannot reckon with what this patient has had, or nobody knows that."""
        from assuage.bedside import following

        if self._past is not None:
            if self._past.doubt:
                raise Refused("no-record", UNREAD.format(self._past.doubt), by="host")
            before = await asyncio.to_thread(self._past.before, made.body.model.of, 0)
            following.must_know(made.body, before)

    async def _follow(self, at: int) -> Following | None:
        """Begins with what the patient has had until then, monotonic ms. None where something else was ordered while
        that was reckoned, which takes a while, and STOP must not wait."""
        from assuage.bedside.following import Following
        from assuage.pharmacy.kinetics.programme import Programme
        from assuage.pharmacy.quantities import Time

        made, programme, last = self._aim, self._programme, self._last
        assert made is not None
        substance = made.body.model.of
        lease, period = (Time.of(Fraction(round(s * 1000), 1000), "s") for s in (self._lease_ms / 1000, self._period_s))
        past = self._past
        hands, struck = (0, 0) if past is None else (past.hands, past.struck)

        def begin() -> Following:
            if past is not None:
                before = past.before(substance, programme)
            elif last is not None and last.before.substance == substance:
                before = last.had(at)
            else:
                before = Programme(substance)
            return Following(made, lease, before, at, period=period)

        found = await asyncio.to_thread(begin)
        if programme != self._programme:
            return None
        self._following, self._hands, self._struck = found, hands, struck
        return found

    async def _by_hand(self, f: Following) -> Following:
        """Takes what was charted since, by hand, and what was since charted in error: then all is reckoned anew."""
        past, programme, substance = self._past, self._programme, f.aim.body.model.of
        if past is None:
            return f
        if past.struck > self._struck:
            hands, struck = past.hands, past.struck
            made = await asyncio.to_thread(lambda: f.anew(past.before(substance, programme)))
            if f is self._following:
                if made.aim is not f.aim:
                    made.set(f.aim)  # by a person, meanwhile
                self._following, self._hands, self._struck = made, hands, struck
            return made
        if past.hands > self._hands:
            after, self._hands = self._hands, past.hands
            f.charted(await asyncio.to_thread(past.by_hand, substance, after))
        return f

    def _mine(self, programme: int) -> Following:
        if self._following is None or self._over or programme != self._programme:
            raise Refused("wrong-programme", NO_TARGET, by="host")
        return self._following

    def _board(self) -> tuple[str, int]:
        hello = self._bed.picture.hello
        return ("", 0) if hello is None else (hello.board.hex(), hello.boot)

    @staticmethod
    def _loop_time() -> float:
        return asyncio.get_running_loop().time()

    def _show(self, f: Following) -> None:
        found, over = self._next, self._over
        self._bed.set_target(
            Targeted(
                f.at / 1000,
                {
                    "programme": self._programme,
                    **f.shown(),
                    "phase": found.asked.phase if found and not over else None,
                    "limited_by": found.asked.limited_by if found and not over else "",
                    "next_rate": str(f.rate(found.flow)) if found and not over else None,
                    "next_ml_h": ml_h(found.flow) if found and not over else None,
                    "waits": None if self._offer is None else str(self._offer.made.target),
                    "trouble": self._trouble,
                    "over": over,
                    "unknown": UNKNOWN if self._past is None else self._past.doubt,
                },
            )
        )


@dataclasses.dataclass(frozen=True, slots=True)
class _Offer:
    """Another target that waits to be compared. alerts: why by two."""

    programme: int
    token: int
    made: Aim
    alerts: tuple[str, ...]
