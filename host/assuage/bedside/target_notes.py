"""What the record has of a target: each that a person sets, and once a minute what was asked of the pump for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assuage.bedside.acting import WHO
from assuage.link.messages import PumpStatus
from assuage.record.events import Target, Titrated
from assuage.record.recorder import Recording

if TYPE_CHECKING:  # the models are slow to import
    from assuage.bedside.following import Following
    from assuage.bedside.target import Aim

SUMMARY_S: Final = 60.0


class Notes:
    """Of one bed. Each rate by itself would drown what people did, so they are summed up."""

    def __init__(self, record: Recording) -> None:
        self._record = record
        self.begin()

    def begin(self) -> None:
        """Of another programme from now on."""
        self._since = float("-inf")  # monotonic s
        self._flows: list[int] = []  # nL/min that were asked for since

    def target(self, programme: int, made: Aim, was: str = "") -> None:
        """A person has set it. was: the one before."""
        self._record.note(
            Target(
                programme=programme, target=str(made.target), was=was, site=made.site, model=made.body.model.key,
                rate=str(made.limits.rate), loading=str(made.limits.loading), models=made.models, by=WHO.get(),
            )
        )  # fmt: skip

    def changed(self, flow: int) -> None:
        """The pump has been asked for this, nL/min."""
        self._flows.append(flow)

    def summarise(self, f: Following, m: PumpStatus, now: float | None = None) -> None:
        """What was asked since the last summary, where that is a minute ago. now: monotonic s; None: at once."""
        if not self._flows or (now is not None and now - self._since < SUMMARY_S):
            return
        self._record.note(
            Titrated(
                programme=m.programme, changes=len(self._flows), lowest_nl_min=min(self._flows),
                highest_nl_min=max(self._flows), delivered_nl=m.delivered, target=str(f.aim.target),
                predicted=f.level(),
            )
        )  # fmt: skip
        self.begin()
        self._since = self._since if now is None else now
