"""The daemon of one bed: `python -m assuage.daemon --config FILE`.

Link, supervision, store, MQTT, Modbus and monitor in one event loop; SIGTERM or SIGINT ends it in order. It holds no
secrets and drives nothing by itself: what moves the pump are orders from the monitor, and the board watches over
both.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import logging
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import uvicorn

from assuage.bedside.admission import Admissions
from assuage.bedside.archive import Archive
from assuage.bedside.bed import Bed
from assuage.bedside.charting import overdue
from assuage.bedside.charting.chart import Charting
from assuage.bedside.charting.past import Past
from assuage.bedside.prescribing import Prescribing
from assuage.bedside.targeting import Targeting
from assuage.channel import SECOND, Channel
from assuage.config import Config, ConfigError, load
from assuage.errors import AssuageError, PartFailed, PortUnavailable, Reason
from assuage.link.client import BoardClient
from assuage.link.events import Event
from assuage.monitor.app import build
from assuage.parts import Parts
from assuage.record.events import AlarmChanged
from assuage.record.file import beside
from assuage.record.recorder import Recorder
from assuage.store import Store
from assuage.store.board_journal import Entry

log = logging.getLogger("assuage.daemon")

RECORD_LOOK_S: Final = 1.0
GOODBYE_S: Final = 0.8  # for open pages and the broker, within the keeper's patience


class Daemon:
    """One bed's daemon, wired. `run` until cancelled. Must be made in the running event loop. stores: of each pump.
    outside: it publishes and serves; else it is the bed alone, for whoever has its `bed` in the same process."""

    def __init__(self, config: Config, stores: Sequence[Store], record: Recorder, outside: bool = True) -> None:
        self.record = record
        self.parts = Parts(self._on_part)
        self.signs = Signs(self, config, stores[0]) if config.signs.port else None
        self.first = Channel(
            config, stores[0], record, unwell=self._unwell, signs_port=config.signs.port,
            watched=None if self.signs is None else (self.signs.client, config.signs.bound_ms),
        )  # fmt: skip
        self.bed = self.first.bed
        self.channels = [self.first]
        if config.second.port:
            self.channels.append(self._second(config, stores[1]))
        for channel in self.channels:
            channel.add_to(self.parts, publish=outside)
        self._add_bedside(config)
        if self.signs is not None:
            self.signs.add_to(self.parts)
        self.parts.add("record", self._keep_record)
        if outside:
            self.parts.add("monitor", lambda: serve_monitor(self.bed, config))
            self._add_modbus(config)

    async def run(self) -> None:
        """Runs all parts."""
        await self.parts.run()

    def _second(self, config: Config, store: Store) -> Channel:
        """Its pump's board asks the first one's."""
        second = Channel(
            config.of_second(), store, self.record, name=SECOND, unwell=self._unwell, signs_port=config.link.port,
            watched=(self.first.client, config.second.bound_ms),
        )  # fmt: skip
        self.first.client.listen(second.signs)
        self.bed.join(second.bed)
        self.bed.orders.neighbours, second.bed.orders.neighbours = [second.supervision], [self.first.supervision]
        return second

    def _add_bedside(self, config: Config) -> None:
        """What all pumps of a bed have in common: a patient, a library, what is charted."""
        config.pharmacy.checked_models(use=True)
        library = functools.cache(config.pharmacy.loaded)
        admissions = Admissions([(channel.bed, channel.supervision) for channel in self.channels], self.record, library)
        charting = self.bed.charting = Charting(
            self.bed, self.record, library, self._on_overdue, syringes=config.syringes.table()
        )
        for channel in self.channels:
            bed, of = channel.bed, f" of the {channel.name} pump" if channel.name else ""
            bed.prescribing = Prescribing(bed, bed.orders, admissions, channel.record, library)
            bed.targeting = Targeting(
                bed,
                channel.record,
                bed.prescribing.approve,
                syringes=config.syringes.table(),
                lease_ms=config.programme.lease_ms,
                past=Past(charting.history, charting.steady),
            )
            self.parts.add(f"library{of}", bed.prescribing.run)
            self.parts.add(f"target{of}", bed.targeting.run)
        self.parts.add("charting", charting.run)

    async def _keep_record(self) -> None:
        """Tells how the record is and where it ends, until cancelled."""
        while True:
            head, fault = self.record.head, self.record.fault
            said = fault or f"The record is kept in {self.record.path}."
            state = {"state": "down" if fault else "up", "sentence": said, "entries": head.number, "head": head.hash}
            for channel in self.channels:
                channel.bed.set_service("record", state)
            await asyncio.sleep(RECORD_LOOK_S)

    def _on_overdue(self, event: AlarmChanged) -> None:
        overdue.publish(self.first.mqtt.happened, event)

    def _on_part(self, name: str, sentence: str) -> None:
        if sentence:
            self.bed.set_service(name, {"state": "down", "sentence": sentence})
        elif name in ("monitor", "charting"):
            self.bed.set_service(name, {"state": "up", "sentence": ""})

    def _unwell(self) -> str:
        """Permission needs a page on which STOP can be pressed."""
        if "monitor" in self.parts.failing:
            return "This host's monitor is down, so nobody could press STOP here. Press the stop key on the pump."
        return ""

    def _add_modbus(self, config: Config) -> None:
        if not config.modbus.enabled:
            self.bed.set_service("modbus", {"state": "off", "address": ""})
            return
        self.parts.add("modbus", lambda: serve_modbus(self.bed, config))


class Signs:
    """The second board of a bed whose pump's own does not measure the patient: its link and its journal."""

    def __init__(self, daemon: Daemon, config: Config, store: Store) -> None:
        self._daemon = daemon
        self.client = BoardClient(config.signs.port, config.signs.baud)
        self.archive = Archive(self.client, store, self._fetched)
        self.client.listen(self._on_event)

    def add_to(self, parts: Parts) -> None:
        """Runs with the daemon's other parts. The link is vital: without it no drug flows that is guarded."""
        parts.add("link to the second board", self.client.run, vital=True)
        parts.add("journal of the second board", self.archive.run)

    async def _fetched(self, entries: Sequence[Entry]) -> None:
        await self._daemon.first.chronicle.fetched(entries)

    def _on_event(self, event: Event) -> None:
        first = self._daemon.first
        first.signs(event)
        first.mqtt.handle_signs(event)
        first.chronicle.handle(event, "guardian")
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
        contextlib.AsyncExitStack() as stack,
        await Recorder.open(beside(kept.path), config.site.bed) as record,
    ):
        beds = [config, config.of_second()] if config.second.port else [config]
        stores = [
            await stack.enter_async_context(
                await Store.open(bed.store.path, keep_days=kept.keep_days, max_mb=kept.max_mb)
            )
            for bed in beds
        ]
        daemon = asyncio.create_task(Daemon(config, stores, record).run(), name="daemon")
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
