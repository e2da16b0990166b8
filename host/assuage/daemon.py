"""The daemon of one bed: `python -m assuage.daemon --config FILE`.

Link, supervision, store, MQTT, Modbus and monitor in one event loop; SIGTERM or SIGINT ends it in order. It holds no
secrets and drives nothing by itself: what moves the pump are orders from the monitor, and the board watches over
both.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import uvicorn

from assuage.bedside.admission import Admissions
from assuage.bedside.archive import Archive
from assuage.bedside.bed import Bed
from assuage.bedside.charting import overdue
from assuage.bedside.charting.chart import Charting
from assuage.bedside.charting.past import Past
from assuage.bedside.guardian import Guardian
from assuage.bedside.orders import Orders
from assuage.bedside.prescribing import Prescribing
from assuage.bedside.recording import Chronicle
from assuage.bedside.resolving import Resolving
from assuage.bedside.supervision import Supervision
from assuage.bedside.targeting import Targeting
from assuage.config import Config, ConfigError, load
from assuage.errors import AssuageError, BadInput, PartFailed, PortUnavailable, Reason, Refused
from assuage.link.client import BoardClient
from assuage.link.events import Event
from assuage.monitor.app import build
from assuage.parts import Parts
from assuage.publish.service import MqttService
from assuage.record.events import AlarmChanged
from assuage.record.file import beside
from assuage.record.recorder import Recorder
from assuage.store import Store

log = logging.getLogger("assuage.daemon")

RECORD_LOOK_S: Final = 1.0
GOODBYE_S: Final = 0.8  # for open pages and the broker, within the keeper's patience


class Daemon:
    """One bed's daemon, wired. `run` until cancelled. Must be made in the running event loop."""

    def __init__(self, config: Config, store: Store, record: Recorder) -> None:
        config.pharmacy.checked_models(use=True)
        self.bed = Bed(config.site.bed, config.link.port, signs_port=config.signs.port)
        self.client = BoardClient(config.link.port, config.link.baud)
        self.supervision = Supervision(self.bed, self.client, store, time.monotonic, self._unwell)
        self.mqtt = MqttService(config, self.bed, store)
        self.record = record
        self.chronicle = Chronicle(self.bed, record)
        self.archive = Archive(self.client, store, self.chronicle.fetched)
        self.signs = Signs(self, config, store) if config.signs.port else None
        self.bed.orders = Orders(
            self.bed,
            self.client,
            self.supervision,
            lease_ms=config.programme.lease_ms,
            on_loss=config.programme.on_loss,
            syringes=config.syringes.table(),
            on_refused=self._on_refused,
            guardian=None if self.signs is None else self.signs.guardian,
            record=record,
        )
        admissions = Admissions(self.bed, self.supervision, record)
        self.bed.prescribing = Prescribing(self.bed, self.bed.orders, admissions, record, config.pharmacy.loaded)
        self.bed.charting = self.charting = Charting(self.bed, record, config.pharmacy.loaded, self._on_overdue)
        self.targeting = self.bed.targeting = Targeting(
            self.bed,
            record,
            self.bed.prescribing.approve,
            syringes=config.syringes.table(),
            lease_ms=config.programme.lease_ms,
            past=Past(self.charting.history, self.charting.steady),
        )
        self.resolving = Resolving(self.bed, self.bed.orders.acting, self.archive, time.monotonic)
        self.client.listen(self._on_event)
        self.parts = Parts(self._on_part)
        self.parts.add("link", self.client.run, vital=True)
        self.parts.add("supervision", self.supervision.run, vital=True)
        self.parts.add("target", self.targeting.run)
        self.parts.add("mqtt", self.mqtt.run)
        self.parts.add("journal", self.archive.run)
        self.parts.add("record", self._keep_record)
        self.parts.add("library", self.bed.prescribing.run)
        self.parts.add("charting", self.charting.run)
        if self.signs is not None:
            self.signs.add_to(self.parts)
        self.parts.add("monitor", lambda: serve_monitor(self.bed, config))
        self._add_modbus(config)

    async def run(self) -> None:
        """Runs all parts."""
        await self.parts.run()

    def _on_event(self, event: Event) -> None:
        if self.signs is not None:
            self.signs.guardian.on_pump(event)  # an ask waits for nothing
        # The bed first: whoever else hears of the event looks there for what it means.
        self.bed.set_rtt(self.client.rtt)
        self.bed.set_frames(self.client.conversation.frames_lost, self.client.conversation.splitter.errors())
        self.bed.handle(event)
        self.mqtt.handle(event)
        self.chronicle.handle(event)
        self.archive.handle(event)

    async def _keep_record(self) -> None:
        """Resolves what is open, and tells how the record is and where it ends, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.resolving.run())
            while True:
                head, fault = self.record.head, self.record.fault
                self.bed.set_service(
                    "record",
                    {
                        "state": "down" if fault else "up",
                        "sentence": fault or f"The record is kept in {self.record.path}.",
                        "entries": head.number,
                        "head": head.hash,
                    },
                )
                await asyncio.sleep(RECORD_LOOK_S)

    def _on_refused(self, error: Refused | BadInput) -> None:
        status, limit = (error.status, error.limit) if isinstance(error, Refused) else ("bad-value", None)
        self.chronicle.refused(error)
        self.mqtt.happened("refused", error.sentence, status=status, limit=limit)

    def _on_overdue(self, event: AlarmChanged) -> None:
        overdue.publish(self.mqtt.happened, event)

    def _on_part(self, name: str, sentence: str) -> None:
        if sentence:
            self.bed.set_service(name, {"state": "down", "sentence": sentence})
        elif name in ("monitor", "charting"):
            self.bed.set_service(name, {"state": "up", "sentence": ""})

    def _unwell(self) -> str:
        """Permission needs a page on which STOP can be pressed, and somebody who follows what is to be followed."""
        if "monitor" in self.parts.failing:
            return "This host's monitor is down, so nobody could press STOP here. Press the stop key on the pump."
        return self.targeting.doubt()

    def _add_modbus(self, config: Config) -> None:
        if not config.modbus.enabled:
            self.bed.set_service("modbus", {"state": "off", "address": ""})
            return
        self.parts.add("modbus", lambda: serve_modbus(self.bed, config))


class Signs:
    """The second board of a bed: its link, its journal, and what passes between it and the pump's."""

    def __init__(self, daemon: Daemon, config: Config, store: Store) -> None:
        self._daemon = daemon
        self.client = BoardClient(config.signs.port, config.signs.baud)
        self.archive = Archive(self.client, store, daemon.chronicle.fetched)
        self.guardian = Guardian(daemon.bed, daemon.client, self.client, daemon.supervision, config.signs.bound_ms)
        self.client.listen(self._on_event)

    def add_to(self, parts: Parts) -> None:
        """Runs with the daemon's other parts. The link is vital: without it no drug flows that is guarded."""
        parts.add("link to the second board", self.client.run, vital=True)
        parts.add("guarding", self.guardian.run, vital=True)
        parts.add("journal of the second board", self.archive.run)

    def _on_event(self, event: Event) -> None:
        self.guardian.on_signs(event)  # first: a permit waits for nothing
        self._daemon.bed.handle_signs(event)
        self._daemon.mqtt.handle_signs(event)
        self._daemon.chronicle.handle(event, "guardian")
        self.archive.handle(event)


async def serve_modbus(bed: Bed, config: Config) -> None:
    """Serves the registers until cancelled."""
    from assuage.publish.modbus import ModbusService  # pymodbus is loaded only when it is wanted

    await ModbusService(config.modbus, bed).run()


# -- the monitor's server ----------------------------------------------------------------------------------------------


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: the daemon ends it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield


async def serve_monitor(bed: Bed, config: Config) -> None:
    """Serves the page until cancelled. Raises PortUnavailable with a sentence when it cannot listen."""
    listening = _listen(config.monitor.host, config.monitor.port)
    server = _Server(
        uvicorn.Config(
            build(bed, config),
            log_config=None,
            access_log=False,
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        if not (await asyncio.wait({serving}, timeout=GOODBYE_S))[0]:
            serving.cancel()
        listening.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, reuse_port=False
        )
    except OSError as error:
        why = f"The page cannot be served on {host}:{port}: {error.strerror or error}. Change monitor.port."
        raise PortUnavailable(Reason.IN_USE, why) from None


# -- the process -------------------------------------------------------------------------------------------------------


async def run(config: Config) -> None:
    """Opens the store and runs the daemon until SIGTERM or SIGINT. Raises AssuageError when it cannot go on."""
    end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    kept = config.store
    async with (
        await Store.open(kept.path, keep_days=kept.keep_days, max_mb=kept.max_mb) as store,
        await Recorder.open(beside(kept.path), config.site.bed) as record,
    ):
        daemon = asyncio.create_task(Daemon(config, store, record).run(), name="daemon")
        ended = asyncio.create_task(end.wait())
        await asyncio.wait({daemon, ended}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        daemon.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await daemon


def main() -> None:
    """The command line. Exit status: 0 ended in order, 1 failed, 2 the configuration cannot be used."""
    parser = argparse.ArgumentParser(prog="assuage.daemon", description="The daemon of one bed.")
    parser.add_argument("--config", required=True, type=Path, help="TOML file; see `assuage config`")
    parser.add_argument("--verbose", action="store_true", help="log what the daemon does, not only what is wrong")
    arguments = parser.parse_args()
    logging.basicConfig(
        level=logging.INFO if arguments.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    try:
        asyncio.run(run(load(arguments.config)))
    except ConfigError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except PartFailed as error:
        print(f"The part {error.part} has failed: {error.sentence}", file=sys.stderr)
        sys.exit(1)
    except AssuageError as error:
        print(error.sentence, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
