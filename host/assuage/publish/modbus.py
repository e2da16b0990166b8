"""A read-only Modbus TCP server for the bed's numbers: function code 4 and nothing else.

The registers are made as a whole from one snapshot, without an await, and copied as a whole into each answer, so that a
read never sees two moments. Everything but reading is refused before pymodbus could act upon it.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import socket
import time
from collections.abc import Collection
from typing import Any

from pymodbus.constants import ExcCodes
from pymodbus.pdu import ExceptionResponse, ModbusPDU
from pymodbus.pdu.register_message import ReadInputRegistersRequest
from pymodbus.server import ModbusTcpServer
from pymodbus.server.requesthandler import ServerRequestHandler
from pymodbus.simulator import DataType, SimData, SimDevice

from assuage.bedside.bed import Bed
from assuage.config import Modbus
from assuage.errors import PartFailed
from assuage.publish import modbus_map

log = logging.getLogger(__name__)

READ = 4
UNITS = (0, 1, 255)  # a TCP server without a bus behind it: the specification's 0 and 255, and everybody's 1
SECOND = 2  # unit of a second pump, where the bed has one
EVERY_S = 0.2
STALE_S = 2.0  # registers that were not refreshed for this long are no longer handed out
CONNECTIONS = 8
UNREAD_BYTES = 65_536  # answers that a client does not fetch
AGAIN_S = 5.0  # when the port is taken


class Refused(ModbusPDU):
    """A request that is answered with an exception whatever it holds."""

    reason = ExcCodes.ILLEGAL_FUNCTION

    def decode(self, data: bytes) -> None:
        """Looks at nothing."""

    async def datastore_update(self, context: object, device_id: int) -> ModbusPDU:
        """Touches nothing."""
        return ExceptionResponse(self.function_code, self.reason)


class Read(ReadInputRegistersRequest):
    """Function code 4; a malformed request is answered with exception 03 instead of none."""

    malformed = False

    def decode(self, data: bytes) -> None:
        """Address and count, which must be all there is."""
        try:
            super().decode(data)
            self.malformed = len(data) != 4
        except Exception:  # whatever pymodbus makes of a malformed request
            self.malformed = True

    async def datastore_update(self, context: Any, device_id: int) -> ModbusPDU:
        """The registers, or exception 03."""
        if self.malformed:
            return ExceptionResponse(self.function_code, ExcCodes.ILLEGAL_VALUE)
        return await super().datastore_update(context, device_id)


def _refusals() -> list[type[ModbusPDU]]:
    """A class for every function code there can be, but reading."""
    return [type(f"Refused{code}", (Refused,), {"function_code": code}) for code in range(129) if code != READ]


def _admit(units: Collection[int], sending: bool, pdu: ModbusPDU) -> ModbusPDU:
    """Looks at each request before it is carried out: strange units and answers posing as requests are refused."""
    strange = pdu.dev_id not in units
    if sending or not (strange or isinstance(pdu, ExceptionResponse)):
        return pdu
    refused = Refused(dev_id=pdu.dev_id, transaction_id=pdu.transaction_id)
    refused.function_code = pdu.function_code & 0x7F
    refused.reason = ExcCodes.GATEWAY_NO_RESPONSE if strange else ExcCodes.ILLEGAL_FUNCTION
    return refused


class Connection(ServerRequestHandler):
    """A client's connection that knows when it was last used, and gives up on a client that does not read."""

    used = 0.0

    def callback_connected(self) -> None:
        """Keeps the kernel from taking megabytes of answers for a client that does not fetch them."""
        super().callback_connected()
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNREAD_BYTES)

    def data_received(self, data: bytes) -> None:
        """Requests."""
        self.used = time.monotonic()
        transport = self.transport
        if isinstance(transport, asyncio.WriteTransport) and transport.get_write_buffer_size() > UNREAD_BYTES:
            transport.abort()
            return
        super().data_received(data)


class Server(ModbusTcpServer):
    """At most CONNECTIONS clients; a further one takes the place of the one that was idle longest."""

    def callback_new_connection(self) -> Connection:
        """Makes room, then lets it in."""
        clients = [client for client in self.active_connections.values() if isinstance(client, Connection)]
        if len(clients) >= CONNECTIONS:
            min(clients, key=lambda client: client.used).close()
        client = Connection(self, self.trace_packet, self.trace_pdu, self.trace_connect)  # type: ignore[no-untyped-call]
        client.used = time.monotonic()
        return client


class ModbusService:
    """Serves one bed's numbers, those of a second pump as a unit of its own. Keep `run()` going; it writes the bed's
    service "modbus"."""

    def __init__(self, config: Modbus, bed: Bed) -> None:
        self._config, self._bed = config, bed
        self._started = self._updated = time.monotonic()
        self._heartbeat = self._sequence = 0
        self._images: list[list[int]] = []  # by pump
        self.port = config.port  # the real one once it listens
        self.update()

    def update(self) -> None:
        """Makes all registers anew from the bed's present snapshot."""
        own = {
            "heartbeat": self._heartbeat,
            "uptime": int(time.monotonic() - self._started),
            "sequence": self._sequence,
        }
        self._images = [modbus_map.registers(bed.snapshot(), own) for bed in (self._bed, *self._bed.beside)]
        self._updated = time.monotonic()
        self._heartbeat, self._sequence = (self._heartbeat + 1) % 0xFFFF, (self._sequence + 1) % 0xFFFF

    async def run(self) -> None:
        """Serves until cancelled; when the port is taken, tries again."""
        logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)  # it logs every refused request as an error
        while True:
            try:
                server = await self._listen()
            except PartFailed as error:
                log.error(error.sentence)
                self._show("down", error.sentence)
                await self._refresh(AGAIN_S)
                continue
            address = f"{self._config.host}:{self.port}"
            self._show("up", f"Registers are read at {address}.", address)
            try:
                while server.is_active():
                    await self._refresh(EVERY_S)
            finally:
                await server.shutdown()  # type: ignore[no-untyped-call]

    async def _refresh(self, seconds: float) -> None:
        """Waits, and keeps the registers fresh."""
        end = time.monotonic() + seconds
        while True:
            self.update()
            await asyncio.sleep(min(EVERY_S, max(0.0, end - time.monotonic())))
            if time.monotonic() >= end:
                return

    async def _listen(self) -> Server:
        """The server at work. Raises PartFailed when the port is taken."""
        units = (*UNITS, SECOND) if self._bed.beside else UNITS
        devices = [self._device(0, 0)]  # 0: for every unit that _admit lets through and that has none of its own
        devices += [self._device(SECOND, pump) for pump, _ in enumerate(self._bed.beside, 1)]
        server = Server(
            devices,
            address=(self._config.host, self._config.port),
            trace_pdu=functools.partial(_admit, units),
            custom_pdu=[Read, *_refusals()],
        )
        try:
            await server.serve_forever(background=True)
        except RuntimeError:
            raise PartFailed(
                "modbus",
                f"Modbus cannot listen on {self._config.host}:{self._config.port}, something else does; end that, or "
                "change modbus.port.",
            ) from None
        if isinstance(server.transport, asyncio.Server):
            self.port = int(server.transport.sockets[0].getsockname()[1])
        return server

    def _device(self, unit: int, pump: int) -> SimDevice:
        size = [0] * modbus_map.SIZE
        data = SimData(0, values=size, datatype=DataType.REGISTERS, readonly=True)
        return SimDevice(unit, simdata=[data], action=functools.partial(self._answer, pump))

    async def _answer(
        self, pump: int, code: int, start: int, address: int, count: int, registers: list[int], values: Any
    ) -> ExcCodes | None:
        """Called by pymodbus before each read: hands it the registers of this moment."""
        if code != READ or values is not None:
            return ExcCodes.ILLEGAL_FUNCTION
        age = time.monotonic() - self._updated
        if age > STALE_S:
            return ExcCodes.GATEWAY_NO_RESPONSE
        if age > EVERY_S:  # a busy loop has kept the refreshing waiting; numbers may have grown too old meanwhile
            self.update()
        registers[: modbus_map.SIZE] = self._images[pump]
        return None

    def _show(self, state: str, sentence: str, address: str = "") -> None:
        self._bed.set_service("modbus", {"state": state, "sentence": sentence, "address": address})
