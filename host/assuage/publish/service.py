"""What the daemon holds of MQTT. Give it each event of the link after the bed has taken it, and keep `run()` going."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import Any

from assuage.bedside.bed import Bed
from assuage.bedside.snapshot import iso
from assuage.config import Config
from assuage.link.events import Event, Identified, LinkChanged
from assuage.publish import presence
from assuage.publish.broker import broker_url
from assuage.publish.mqtt import Publisher
from assuage.publish.telemetry import Telemetry
from assuage.publish.topics import Topics
from assuage.store import Store

LOOK_S = 1.0  # how often what nobody announces is looked at: the queue, and what the disk has cost


class MqttService:
    """Records what the board says, and publishes it with the daemon's own state.

    It writes the bed's services "mqtt" and "store".
    """

    def __init__(self, config: Config, bed: Bed, store: Store) -> None:
        topics = Topics(config.site.name, config.site.bed, config.site.device)
        self._bed, self._store, self._site = bed, store, config.site
        self._version = version("assuage")
        self._link_at = -1.0  # monotonic s; the picture's, of which _link_since is the label
        self._link_since = ""
        self.telemetry = Telemetry(bed, store, topics)
        self.publisher = Publisher(
            broker_url(config),
            topics,
            store,
            credentials=config.mqtt.credentials,
            ca_file=config.mqtt.ca_file,
            changed=self._show,
        )
        self._tell()

    def handle(self, event: Event) -> None:
        """Takes an event that the bed has already taken."""
        self.telemetry.handle(event)
        if isinstance(event, (LinkChanged, Identified)):
            self._tell()

    def handle_signs(self, event: Event) -> None:
        """Takes an event of the second board, likewise."""
        self.telemetry.handle_signs(event)

    def happened(self, what: str, sentence: str, **facts: Any) -> None:
        """Records something that the link does not tell of, e.g. a refused order."""
        self.telemetry.happened(what, sentence, **facts)

    async def run(self) -> None:
        """Publishes until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.publisher.run())
            group.create_task(self._look())

    async def _look(self) -> None:
        while True:
            self._tell()
            self._show()
            await asyncio.sleep(LOOK_S)

    def _tell(self) -> None:
        snapshot = self._bed.snapshot()
        link, at = snapshot["link"], self._bed.picture.link_since
        if at != self._link_at:  # once a change: the wall clock moves against the monotonic one
            self._link_at, self._link_since = at, iso(self._bed.unix(at))
        record = snapshot["services"].get("record")
        self.publisher.tell(
            {
                "link": link["state"],
                "link_since": self._link_since,
                "sentence": link["sentence"],
                "library": (snapshot["services"].get("library") or {}).get("hash"),
                "record": record and {"entries": record["entries"], "head": record["head"]},
            },
            presence.birth(snapshot["board"], self._site, self._version),
        )

    def _show(self) -> None:
        publisher, store = self.publisher, self._store
        self._bed.set_service(
            "mqtt",
            {
                "state": "up" if publisher.up else "down",
                "sentence": publisher.sentence,
                "queued": store.waiting,
                "broker": publisher.url,
            },
        )
        self._bed.set_service(
            "store",
            {
                "state": "down" if store.fault else "up",
                "sentence": store.fault or f"Records are kept in {store.path}.",
                "records": store.kept,
                "dropped": store.dropped,
            },
        )
