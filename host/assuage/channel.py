"""One pump of a bed: its link, its permission, its orders, and what of it is kept, entered and published.

A bed's first pump measures the patient, with its own board or with one beside it. A second pump, for the opioid beside
the ketamine, is guarded by the board of the first: to it that board is what `signs` is to a bed with one pump.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from assuage.bedside.archive import Archive
from assuage.bedside.bed import Bed
from assuage.bedside.guardian import Guardian
from assuage.bedside.orders import Orders
from assuage.bedside.recording import Chronicle
from assuage.bedside.resolving import Resolving
from assuage.bedside.supervision import Supervision
from assuage.config import Config
from assuage.errors import BadInput, Refused
from assuage.link.client import BoardClient
from assuage.link.events import Event
from assuage.parts import Parts
from assuage.publish.service import MqttService
from assuage.record.of_pump import OfPump
from assuage.record.recorder import Recording
from assuage.store import Store

FIRST: Final = ""  # as the record names it: the bed's only pump, or the first
SECOND: Final = "second"


class Channel:
    """Made in the running event loop. config, store: its own. watched: by the board at this link, for at most so many
    ms; None where its own board measures the patient. unwell: why this host cannot be trusted now, or "".

    bed: what is known of it. Listeners of the link are called in the order in which they were added.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        record: Recording,
        *,
        name: str = FIRST,
        watched: tuple[BoardClient, int] | None = None,
        signs_port: str = "",
        unwell: Callable[[], str] = lambda: "",
    ) -> None:
        self.name = name
        self.record: Recording = OfPump(record, name) if name else record
        clock = asyncio.get_running_loop().time
        self.bed = Bed(config.site.bed, config.link.port, signs_port=signs_port, clock=clock)
        self.client = BoardClient(config.link.port, config.link.baud)
        self._unwell = unwell
        self.supervision = Supervision(self.bed, self.client, store, clock, self._doubt)
        self.mqtt = MqttService(config, self.bed, store)
        self.chronicle = Chronicle(self.bed, self.record, measures=name == FIRST)
        self.archive = Archive(self.client, store, self.chronicle.fetched)
        self.guardian = None
        if watched is not None:
            by, bound_ms = watched
            self.guardian = Guardian(self.bed, self.client, by, self.supervision, bound_ms)
        self.bed.orders = Orders(
            self.bed,
            self.client,
            self.supervision,
            lease_ms=config.programme.lease_ms,
            on_loss=config.programme.on_loss,
            syringes=config.syringes.table(),
            on_refused=self._on_refused,
            guardian=self.guardian,
            record=self.record,
        )
        self.resolving = Resolving(self.bed, self.bed.orders.acting, self.archive, clock, name)
        self.client.listen(self._on_event)

    def add_to(self, parts: Parts, publish: bool = True) -> None:
        """Runs with the daemon's other parts. The link is vital, and so is who watches: without them no drug flows."""
        of = f" of the {self.name} pump" if self.name else ""
        parts.add(f"link{of}", self.client.run, vital=True)
        parts.add(f"supervision{of}", self.supervision.run, vital=True)
        if publish:
            parts.add(f"mqtt{of}", self.mqtt.run)
        parts.add(f"journal{of}", self.archive.run)
        parts.add(f"outcomes{of}", self.resolving.run)
        if self.guardian is not None:
            parts.add(f"guarding{of}", self.guardian.run, vital=True)

    def signs(self, event: Event) -> None:
        """Takes an event of the board that measures the patient and watches for this pump."""
        if self.guardian is None:
            raise ValueError("nobody watches for this pump")
        self.guardian.on_signs(event)  # first: a permit waits for nothing
        self.bed.handle_signs(event)

    def _on_event(self, event: Event) -> None:
        if self.guardian is not None:
            self.guardian.on_pump(event)  # an ask waits for nothing
        # The bed first: whoever else hears of the event looks there for what it means.
        self.bed.set_rtt(self.client.rtt)
        self.bed.set_frames(self.client.conversation.frames_lost, self.client.conversation.splitter.errors())
        self.bed.handle(event)
        self.mqtt.handle(event)
        self.chronicle.handle(event)
        self.archive.handle(event)

    def _on_refused(self, error: Refused | BadInput) -> None:
        status, limit = (error.status, error.limit) if isinstance(error, Refused) else ("bad-value", None)
        self.chronicle.refused(error)
        self.mqtt.happened("refused", error.sentence, status=status, limit=limit)

    def _doubt(self) -> str:
        """Permission needs a host that is well, and somebody who follows what is to be followed."""
        return self._unwell() or (self.bed.targeting.doubt() if self.bed.targeting is not None else "")
