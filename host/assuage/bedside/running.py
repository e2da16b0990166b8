"""Orders to an infusion that runs: pause, resume, another rate, a bolus.

A change is made in two steps, as a start is: the board reads it back, a human compares, then it is applied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from assuage.bedside.active import RUNNING, Active
from assuage.bedside.ordering import Ordering, Turn
from assuage.bedside.readback import compare_change, shown_change
from assuage.errors import BadInput, LinkDown, NoAnswer, Refused
from assuage.link.events import Link
from assuage.link.messages import ChangeBack
from assuage.pharmacy.units import Ml, MlPerH
from assuage_wire import schema

FOLLOWS: Final = "This infusion follows a target; set another target instead of another rate."
CHANGED: Final = {
    "rate": frozenset({"programme", "rate_ml_h", "reason"}), "bolus": frozenset({"programme", "ml", "ml_h", "reason"}),
}  # fmt: skip
REASON_LEAST: Final = 3  # characters
REASON_MOST: Final = 200
WHY: Final = "Change it by less, or give a reason."
NO_CHANGE: Final = "This change no longer waits to be applied; order it again."
UNAPPLIED: Final = (
    "The board has not said whether the change was made. Look at its rate and volume before you order again."
)


class Found(NamedTuple):
    """What a check has found beyond what is usual. two: whether a second person has to compare it."""

    name: str
    sentence: str
    two: bool = True


class Running(Ordering):
    """The orders of a bed while its pump infuses."""

    judge_change: Callable[[Mapping[str, Any], int, int, int], list[Found]] | None = None
    """By the clinical part of what runs, the rate from now on in nL/min, the bolus in nL and what is left in nL: see
    _judged; set by Prescribing."""
    _change: tuple[int, int] = (0, 0)  # programme and token of the read-back that waits
    _told: dict[str, Any] | None = None  # its clinical part
    _wanted: dict[str, Any] = {}  # what that change is, for the record  # noqa: RUF012 - replaced, never changed

    async def pause(self, programme: int) -> None:
        """Stands until resumed; a bolus is over. Raises Refused, LinkDown, NoAnswer or Stopped."""
        async with self._order():
            self._mine(programme, RUNNING)
            async with self._act("pause", programme=programme):
                self._ok(await self._client.command("Pause", programme=programme))

    async def resume(self, programme: int) -> None:
        """Goes on with a paused infusion. Raises Refused, LinkDown, NoAnswer or Stopped."""
        async with self._order() as turn:
            active = self._mine(programme, RUNNING)
            async with self._act("resume", turn, programme):
                self._ok(await self._set_off("Resume", turn, programme=programme, lease=active.lease_ms))

    async def change(
        self, data: Mapping[str, Any], own: Sequence[Found] = (), reasons: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Offers a change and returns what the board read back (readback.shown_change), to be compared by a human.

        data: programme and rate_ml_h; or programme, ml and ml_h of a bolus; reason, for all that is found and has none
        of its own. own: what was found of the number itself, beside what all that is given would come to; reasons: by
        the names of what is found. Raises BadInput, Refused, LinkDown, NoAnswer or Stopped.
        """
        async with self._order():
            self._change = (0, 0)
            kind = "bolus" if "ml" in data else "rate"
            unknown = sorted(set(data) - CHANGED[kind])
            if unknown:
                raise BadInput(unknown[0], f"A change has no {unknown[0][:40]!r}.")
            rate = MlPerH.parse(data.get("ml_h" if kind == "bolus" else "rate_ml_h", ""), "rate")
            volume = Ml.parse(data.get("ml", ""), "bolus").nl if kind == "bolus" else 0
            programme = int(data.get("programme") or 0)
            active = self._mine(programme, RUNNING)
            if active.label.titrates(programme):
                raise Refused("unsupported", FOLLOWS, by="host")
            sent = {
                "programme": programme,
                "change": schema.CHANGES.index(kind),
                "rate": rate.nl_per_min,
                "volume": volume,
            }
            self._within_wire(rate)
            if kind == "rate":
                self.within_terms(rate, active.terms.get("most_nl_min", 0))
            found = [*own, *self._judged(active, rate.nl_per_min, volume)]
            reason = _why(_reason(data), found, reasons or {})
            answer = await self._client.command("Change", **sent)
            if not isinstance(answer, ChangeBack):
                raise self._refused(answer, rate=sent["rate"])
            compare_change(sent, answer)
            told = self._clinical(active, answer, [each.sentence for each in found if each.two])
            self._change, self._told = (programme, answer.token), told
            self._wanted = {"what": kind, "rate_nl_min": sent["rate"], "volume_nl": sent["volume"]}
            if reason:
                self._wanted |= {"reason": reason, "findings": [each.sentence for each in found]}
            return {**shown_change(answer), "clinical": told}

    def _judged(self, active: Active, rate: int, volume: int) -> list[Found]:
        """The soft limits of all that is given which a change would pass. Raises Refused beyond a hard one."""
        told, heard = active.terms.get("clinical"), self._bed.picture.pump
        if told is None or heard is None or self.judge_change is None:
            return []
        m = heard.message
        return self.judge_change(told, m.set_rate if volume else rate, volume, max(0, m.vtbi - m.delivered))

    def _clinical(self, active: Active, back: ChangeBack, alerts: list[str]) -> dict[str, Any] | None:
        """The clinical part of a change's read-back; None where the programme has none."""
        told = active.terms.get("clinical")
        if told is None:
            return None
        from assuage.bedside import prescribed  # the units are slow to import

        made = prescribed.change(told, back, self._rate_now())
        return {**made, "alerts": [*made["alerts"], *alerts]}

    def _rate_now(self) -> int:
        heard = self._bed.picture.pump
        return 0 if heard is None else heard.message.set_rate

    async def follow(self, programme: int, flow: int) -> None:
        """Another flow, nL/min, of an infusion whose target a person has confirmed, within what was ordered with it.
        Nothing of it is shown as an order's. Raises Refused, LinkDown, NoAnswer or Stopped."""
        turn = Turn(lambda: self._stops)
        async with self._one_at_a_time:
            turn.check()
            if self._bed.picture.link is not Link.LIVE:
                raise LinkDown(f"The rate was not sent. {self._bed.picture.link_sentence}")
            active = self._mine(programme, RUNNING)
            if not active.label.titrates(programme):
                raise Refused("unsupported", "This infusion follows no target.", by="host")
            self.within_terms(MlPerH.from_nl_per_min(flow), active.terms.get("most_nl_min", 0))
            kind = schema.CHANGES.index("rate")
            sent = {"programme": programme, "change": kind, "rate": flow, "volume": 0}
            self._change = (0, 0)
            answer = await self._client.command("Change", **sent)
            if not isinstance(answer, ChangeBack):
                raise self._refused(answer, rate=flow)
            compare_change(sent, answer)
            turn.check()
            self._ok(await self._client.command("Apply", programme=programme, token=answer.token))

    @staticmethod
    def within_terms(rate: MlPerH, most: int) -> None:
        """The board holds doses and flow to one limit; the flow beside doses has its own, which is kept here. Raises
        Refused."""
        if rate.nl_per_min > most:
            limit = f"{MlPerH.highest(most).value:.2f} mL/h"
            sentence = f"The rate is above what was agreed when this infusion was ordered, which is {limit}."
            raise Refused("rate-limit", sentence, limit=limit, by="host")

    async def apply(self, programme: int, token: int, second: str = "") -> None:
        """A human has compared the read-back of a change. second: who has compared it as well, which some want.

        Raises BadInput, Refused, LinkDown, NoAnswer or Stopped.
        """
        async with self._order() as turn:
            if (programme, token) != self._change:
                raise Refused("bad-token", NO_CHANGE, by="host")
            self.compared(self._told, second)
            if second:
                self._wanted = {**self._wanted, "second": second}
            self._change = (0, 0)
            self._mine(programme, RUNNING)
            async with self._act(turn=turn, programme=programme, **self._wanted):
                try:
                    self._ok(await self._client.command("Apply", programme=programme, token=token))
                except NoAnswer:
                    raise NoAnswer(UNAPPLIED) from None


def _why(reason: str, found: Sequence[Found], reasons: Mapping[str, str]) -> str:
    """For the record. Raises Refused for the first that has none."""
    given = [reasons.get(each.name) or reason for each in found]
    for each, why in zip(found, given, strict=True):
        if len(why) < REASON_LEAST:
            raise Refused("library-override", f"{each.sentence} {WHY}", by="host")
    return "; ".join(dict.fromkeys(given)) or reason


def _reason(data: Mapping[str, Any]) -> str:
    reason = data.get("reason") or ""
    if not isinstance(reason, str) or not reason.isprintable() or len(reason) > REASON_MOST:
        raise BadInput("reason", f"A reason is one line of at most {REASON_MOST} characters.")
    return reason.strip()
