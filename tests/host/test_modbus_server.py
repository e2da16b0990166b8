"""The Modbus server: an independent client reads the numbers that MQTT carries, whole, and can change nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pymodbus.client import AsyncModbusTcpClient

from assuage.bedside.snapshot import PUMP_STALE_S
from assuage.config import Modbus
from assuage.publish import modbus
from assuage.publish.modbus import ModbusService
from assuage.publish.modbus_map import MAGIC, ROWS, SIZE
from assuage.publish.telemetry import Telemetry
from assuage.publish.topics import Topics
from assuage.store import Store
from assuage_rig.requirements import req
from assuage_wire import schema
from tests.host.beds import PUMP, VITALS, FakeBed, said
from tests.host.brokers import LONG
from tests.host.kept_records import history
from tests.host.test_modbus_map import read


@contextlib.asynccontextmanager
async def serving(bed: FakeBed) -> AsyncIterator[ModbusService]:
    service = ModbusService(Modbus(enabled=True, port=0), bed.bed)
    task = asyncio.create_task(service.run())
    async with asyncio.timeout(LONG):
        while "modbus" not in bed.bed.picture.services:  # noqa: ASYNC110 there is no event for this
            await asyncio.sleep(0.01)
    try:
        yield service
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def client(port: int) -> AsyncIterator[AsyncModbusTcpClient]:
    one = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=LONG, retries=0, reconnect_delay=0)
    assert await one.connect()
    try:
        yield one
    finally:
        one.close()


@pytest.fixture
def bed() -> FakeBed:
    fake = FakeBed()
    fake.live()
    fake.say(PUMP)
    fake.say(VITALS)
    return fake


async def raw(port: int, pdu: bytes, unit: int = 1) -> bytes:
    """The PDU that answers this one, over a connection of its own; empty when the server closes instead."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(LONG):
            writer.write(struct.pack(">HHHB", 7, 0, len(pdu) + 1, unit) + pdu)
            header = await reader.readexactly(7)
            transaction, protocol, length, same = struct.unpack(">HHHB", header)
            assert (transaction, protocol, same) == (7, 0, unit)
            return await reader.readexactly(length - 1)
    except asyncio.IncompleteReadError:
        return b""
    finally:
        writer.close()


async def image(port: int) -> list[int]:
    async with client(port) as one:
        answer = await one.read_input_registers(0, count=SIZE)
        assert not answer.isError()
        return list(answer.registers)


# -- reading -----------------------------------------------------------------------------------------------------------


async def test_an_independent_client_reads_the_numbers_that_mqtt_carries(bed: FakeBed, tmp_path: Path) -> None:
    async with serving(bed) as service, await Store.open(tmp_path / "x.sqlite") as store:
        telemetry = Telemetry(bed.bed, store, Topics("ward", "Bed 1", "board-1"))
        bed.listeners.append(telemetry.handle)
        bed.say(VITALS)
        bed.say(PUMP)
        service.update()
        registers = await image(service.port)
        await store.flush()
        numerics = json.loads((await history(store, "numerics"))[0].payload)
        pump = json.loads((await history(store, "pump"))[0].payload)
    assert registers[0] == MAGIC
    for register, factor, number in (
        ("Vitals.spo2", 10, numerics["spo2"]),
        ("Vitals.pulse", 10, numerics["pulse"]),
        ("Vitals.perfusion", 100, numerics["perfusion"]),
        ("Vitals.quality", 1, numerics["quality"]),
        ("PumpStatus.rate", 100, pump["rate_ml_h"]),
        ("PumpStatus.vtbi", 100, pump["vtbi_ml"]),
        ("PumpStatus.delivered", 100, pump["delivered_ml"]),
        ("PumpStatus.measured", 100, pump["measured_ml"]),
        ("PumpStatus.left", 1, pump["left_s"]),
        ("PumpStatus.programme", 1, pump["programme"]),
    ):
        assert read(registers, register) == round(number * factor), register


async def test_a_part_can_be_read_and_beyond_the_map_is_nothing(bed: FakeBed) -> None:
    async with serving(bed) as service, client(service.port) as one:
        assert (await one.read_input_registers(64, count=2)).registers == [724, 971]
        assert (await one.read_input_registers(SIZE - 1, count=2)).exception_code == 2
        assert (await one.read_input_registers(SIZE, count=1)).exception_code == 2
        assert (await one.read_input_registers(60_000, count=1)).exception_code == 2


async def test_registers_go_on_by_themselves_and_numbers_vanish_with_the_link(bed: FakeBed) -> None:
    async with serving(bed) as service:
        before = await image(service.port)
        async with asyncio.timeout(LONG):
            while (now := await image(service.port))[11] == before[11]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert now[16] == now[31] == now[63] == now[95] != before[16]
        bed.lose()
        async with asyncio.timeout(LONG):
            while read(await image(service.port), "Vitals.spo2") is not None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)


@req("SYS-013")
async def test_a_read_never_sees_two_moments(bed: FakeBed) -> None:
    async with serving(bed) as service, client(service.port) as one:
        stop = asyncio.Event()

        async def change() -> None:
            n = 0
            while not stop.is_set():
                n += 1
                bed.say(PUMP._replace(programme=n))
                bed.say(said(spo2=n % 1000))
                service.update()
                await asyncio.sleep(0)

        changing = asyncio.create_task(change())
        seen = set()
        for _ in range(300):
            registers = (await one.read_input_registers(0, count=SIZE)).registers
            programme = read(registers, "PumpStatus.programme")
            assert programme is not None and read(registers, "Vitals.spo2") == programme % 1000
            assert registers[16] == registers[31] == registers[63] == registers[95]
            seen.add(programme)
        stop.set()
        await changing
        assert len(seen) > 50


@req("SYS-013")
async def test_registers_that_are_no_longer_refreshed_are_not_handed_out(
    bed: FakeBed, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(bed) as service:
        monkeypatch.setattr(modbus, "STALE_S", -1.0)
        async with client(service.port) as one:
            assert (await one.read_input_registers(0, count=1)).exception_code == 0x0B


@pytest.mark.parametrize(("behind", "heard"), [(0.0, "infusing"), (0.5, None)])
async def test_a_daemon_that_was_held_up_does_not_hand_out_what_has_grown_too_old_meanwhile(
    bed: FakeBed, behind: float, heard: str | None
) -> None:
    bed.now += PUMP_STALE_S - 0.1
    service = ModbusService(Modbus(enabled=True, port=0), bed.bed)
    service._updated -= behind
    bed.now += behind
    registers = [0] * SIZE
    assert await service._answer(0, modbus.READ, 0, 0, SIZE, registers, None) is None
    state = read(registers, "PumpStatus.state")
    assert (None if state is None else schema.STATES[state]) == heard
    assert (read(registers, "PumpStatus.rate") is None) == (heard is None)


# -- refusing ----------------------------------------------------------------------------------------------------------


@req("SYS-012")
async def test_every_kind_of_write_is_refused_and_changes_nothing(bed: FakeBed) -> None:
    async with serving(bed) as service, client(service.port) as one:
        before = read(await image(service.port), "PumpStatus.rate")
        answers = [
            await one.write_coil(0, True),
            await one.write_register(32, 1),
            await one.write_coils(0, [True] * 8),
            await one.write_registers(32, [0, 1]),
            await one.mask_write_register(address=32, and_mask=0, or_mask=1),
            await one.readwrite_registers(read_address=0, read_count=2, address=32, values=[0, 1]),
            await one.read_coils(0, count=1),
            await one.read_discrete_inputs(0, count=1),
            await one.read_holding_registers(0, count=1),
            await one.diag_restart_communication(True),
            await one.diag_clear_counters(),
        ]
        assert [answer.exception_code for answer in answers] == [1] * len(answers)
        assert read(await image(service.port), "PumpStatus.rate") == before


async def test_another_unit_is_not_answered_for(bed: FakeBed) -> None:
    async with serving(bed) as service, client(service.port) as one:
        for unit in (0, 1, 255):
            assert (await one.read_input_registers(0, count=1, device_id=unit)).registers == [MAGIC]
        assert (await one.read_input_registers(0, count=1, device_id=2)).exception_code == 0x0B


async def test_a_second_pump_is_a_unit_of_its_own(bed: FakeBed) -> None:
    second = FakeBed(signs_port="/dev/first")
    second.live()
    bed.say(PUMP._replace(rate=100_000))
    second.say(PUMP._replace(rate=200_000))
    bed.bed.join(second.bed)
    address = next(row.address for row in ROWS if row.name == "PumpStatus.rate")
    async with serving(bed) as service, client(service.port) as one:
        for unit, rate in ((0, 600), (1, 600), (2, 1200), (255, 600)):
            answer = await one.read_input_registers(address, count=2, device_id=unit)
            assert answer.registers == [0, rate], "hundredths of a mL/h"


async def test_all_function_codes_with_bodies_of_all_sorts_are_refused_and_the_server_lives_on(
    bed: FakeBed, seed: int, soak: bool
) -> None:
    rng = random.Random(seed)
    async with serving(bed) as service:
        for code in range(256):
            for length in (0, 1, 4, 5, 250) if not soak else range(253):
                if code == modbus.READ and length == 4:
                    continue
                answer = await raw(service.port, bytes([code]) + rng.randbytes(length))
                # A code from 128 on is that of an answer; it is refused without being repeated.
                codes = (code | 0x80,) if code < 128 else (code, 0x80)
                assert answer[0] in codes, f"function {code} with {length} bytes is answered {answer!r}"
                assert answer[1] == (3 if code == modbus.READ else 1)
        assert (await image(service.port))[0] == MAGIC


@pytest.mark.parametrize("body", [b"\0\0\0\0", b"\0\0\0\x7e", b"\0\0\xff\xff", b"\0\0", b"", b"\0\0\0\1\0"])
async def test_a_malformed_read_is_told_so(bed: FakeBed, body: bytes) -> None:
    async with serving(bed) as service:
        assert await raw(service.port, bytes([modbus.READ]) + body) == b"\x84\x03"


async def test_noise_neither_stops_nor_fills_the_server(bed: FakeBed, seed: int) -> None:
    rng = random.Random(seed)
    async with serving(bed) as service:
        for _ in range(200):
            _, writer = await asyncio.open_connection("127.0.0.1", service.port)
            writer.write(rng.randbytes(rng.randrange(1, 2000)))
            await writer.drain()
            writer.close()
        assert (await image(service.port))[0] == MAGIC


# -- clients -----------------------------------------------------------------------------------------------------------


async def test_a_client_more_than_allowed_takes_the_place_of_the_one_idle_longest(bed: FakeBed) -> None:
    async with serving(bed) as service, contextlib.AsyncExitStack() as stack:
        many = [await stack.enter_async_context(client(service.port)) for _ in range(modbus.CONNECTIONS)]
        for one in many[1:] + many[:1]:  # the second is now idle longest
            assert (await one.read_input_registers(0, count=1)).registers == [MAGIC]
        further = await stack.enter_async_context(client(service.port))
        assert (await further.read_input_registers(0, count=1)).registers == [MAGIC]
        async with asyncio.timeout(LONG):
            while many[1].connected:  # noqa: ASYNC110 there is no event for this
                await asyncio.sleep(0.01)
        for one in many[:1] + many[2:]:
            assert (await one.read_input_registers(0, count=1)).registers == [MAGIC]


async def test_a_client_that_does_not_fetch_its_answers_is_cut_off(bed: FakeBed) -> None:
    async with serving(bed) as service:
        request = struct.pack(">HHHBBHH", 1, 0, 6, 1, 4, 0, SIZE)
        loop = asyncio.get_running_loop()
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.setblocking(False)
            await loop.sock_connect(deaf, ("127.0.0.1", service.port))
            with pytest.raises(ConnectionError):
                async with asyncio.timeout(LONG):
                    while True:
                        await loop.sock_sendall(deaf, request)
                        await asyncio.sleep(0)
        assert (await image(service.port))[0] == MAGIC


async def test_a_port_that_is_taken_is_told_and_tried_again(bed: FakeBed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modbus, "AGAIN_S", 0.05)
    other = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = other.sockets[0].getsockname()[1]
    service = ModbusService(Modbus(enabled=True, port=port), bed.bed)
    task = asyncio.create_task(service.run())
    states = bed.bed.picture.services
    try:
        async with asyncio.timeout(LONG):
            while "modbus" not in states:  # noqa: ASYNC110 there is no event for this
                await asyncio.sleep(0.01)
            assert states["modbus"]["state"] == "down" and str(port) in states["modbus"]["sentence"]
            other.close()
            await other.wait_closed()
            while states["modbus"]["state"] != "up":  # noqa: ASYNC110 there is no event for this
                await asyncio.sleep(0.01)
        assert states["modbus"]["address"] == f"127.0.0.1:{port}"
        assert (await image(port))[0] == MAGIC
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_it_listens_on_this_machine_only_unless_told_otherwise() -> None:
    assert Modbus().enabled is False and Modbus().host == "127.0.0.1"
