"""The daemon as a process: what it serves, how it ends, and that a killed one takes its infusion up again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from assuage.publish.broker import free_port
from assuage.record.reading import read
from assuage.record.verify import verify
from assuage_rig.requirements import req
from tests.host.eventually import until
from tests.host.fake_board import PtyBoard

ROOT = Path(__file__).resolve().parents[2]


class Process:
    """A daemon, its configuration and a fake board on a pseudo-terminal. Its broker is never there: nothing must
    mind."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port("127.0.0.1")
        self.config = folder / "daemon.toml"
        self.board_port = folder / "board"
        self.pty = PtyBoard()
        self.write()
        self.process: asyncio.subprocess.Process | None = None

    def write(self, **sections: str) -> None:
        text = {
            "link": f'port = "{self.board_port}"',
            "monitor": f"port = {self.port}",
            "mqtt": f'url = "mqtt://127.0.0.1:{free_port("127.0.0.1")}"',
            "programme": "lease_ms = 10000",
            **sections,
        }
        self.config.write_text("".join(f"[{name}]\n{body}\n" for name, body in text.items()))

    async def start(self) -> None:
        paths = os.pathsep.join(str(ROOT / folder) for folder in ("host", "protocol"))
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "assuage.daemon", "--config", str(self.config)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": paths},
        )

    async def ended(self) -> tuple[int, str]:
        assert self.process is not None
        out, _ = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, out.decode()

    async def snapshot(self) -> dict[str, Any]:
        """What the daemon says of the bed; {} when it does not answer."""

        def get() -> dict[str, Any]:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/snapshot", timeout=5) as answer:
                    return dict(json.load(answer))
            except OSError:
                return {}

        return await asyncio.to_thread(get)

    async def post(self, order: str, body: dict[str, Any]) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self.port}"

        def send() -> dict[str, Any]:
            headers = {"Content-Type": "application/json", "Origin": url}
            request = urllib.request.Request(f"{url}/api/pump/{order}", json.dumps(body).encode(), headers)
            with urllib.request.urlopen(request, timeout=10) as answer:
                return dict(json.load(answer))

        return await asyncio.to_thread(send)

    async def live(self) -> dict[str, Any]:
        async with asyncio.timeout(60):
            while True:
                shown = await self.snapshot()
                if shown and shown["link"]["state"] == "live" and shown["pump"]["state"] != "unknown":
                    return shown
                await asyncio.sleep(0.02)


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Process]:
    found = Process(tmp_path)
    yield found
    if found.process is not None and found.process.returncode is None:
        found.process.kill()
        await found.process.wait()
    found.pty.unplug()


async def test_it_serves_the_live_bed_without_a_broker_and_ends_in_order(daemon: Process) -> None:
    daemon.pty.plug(daemon.board_port)
    await daemon.start()
    shown = await daemon.live()
    assert shown["board"]["schema_ok"]
    assert shown["services"]["mqtt"]["state"] == "down"
    assert shown["services"]["modbus"]["state"] == "off"
    assert daemon.process is not None
    daemon.process.send_signal(signal.SIGTERM)
    status, said = await daemon.ended()
    assert status == 0
    assert "Traceback" not in said


@req("SYS-010", "REC-021", "REC-022")
async def test_a_killed_daemon_takes_its_infusion_up_again_and_never_starts_it_twice(daemon: Process) -> None:
    board = daemon.pty.board
    daemon.pty.plug(daemon.board_port)
    await daemon.start()
    await daemon.live()
    order = {"drug": "Ketamine", "rate_ml_h": 10, "vtbi_ml": 50, "syringe": "BD 50 mL", "on_loss": "continue"}
    back = (await daemon.post("programme", order))["readback"]
    await daemon.post("confirm", {"programme": back["programme"], "token": back["token"]})
    await daemon.post("start", {"programme": back["programme"]})
    await until(lambda: board.state == "infusing" and board.received("Lease"))
    assert daemon.process is not None
    daemon.process.kill()
    await daemon.process.wait()
    before, grants = board.session, len(board.received("Lease"))
    await daemon.start()
    await until(lambda: board.session != before and len(board.received("Lease")) > grants)
    shown = await daemon.live()
    assert (shown["pump"]["state"], shown["pump"]["drug"]) == ("infusing", "Ketamine")
    assert board.carried_out.count("Start") == 1
    assert (await daemon.post("stop", {}))["state"] == "stopped"
    daemon.process.send_signal(signal.SIGTERM)
    await daemon.ended()
    record = daemon.folder / "store.record.sqlite"
    verdict = verify(record)
    assert verdict.good, verdict.findings
    told = [(e.kind, e.body.get("what"), e.body.get("result")) for e in read(record)]
    assert told.count(("outcome", "start", "done")) == told.count(("intent", "start", None)) == 1
    assert told.count(("opened", None, None)) == 2 and told[-1][0] == "closed"
    assert {"ordered", "confirmed", "pump", "chart"} <= {kind for kind, _, _ in told}


async def test_a_configuration_that_cannot_be_used_is_said_in_sentences(daemon: Process) -> None:
    daemon.write(link='prot = "/dev/ttyACM0"')
    await daemon.start()
    status, said = await daemon.ended()
    assert status == 2
    assert "prot" in said
    assert "Traceback" not in said


@req("SYS-011")
async def test_a_second_daemon_on_the_same_store_says_so_and_ends(daemon: Process, tmp_path: Path) -> None:
    daemon.pty.plug(daemon.board_port)
    await daemon.start()
    await daemon.live()
    second = Process(tmp_path)
    second.config = tmp_path / "second.toml"
    second.write()
    await second.start()
    status, said = await second.ended()
    assert status == 1
    assert said.strip().endswith(".")
    assert "Traceback" not in said
    assert (await daemon.snapshot())["link"]["state"] == "live", "the first goes on"


async def test_a_page_that_cannot_be_served_is_named_and_the_link_goes_on(daemon: Process) -> None:
    daemon.pty.plug(daemon.board_port)
    with socket.create_server(("127.0.0.1", daemon.port)) as taken:
        await daemon.start()
        assert daemon.process is not None and daemon.process.stdout is not None
        said = b""
        while b"cannot be served" not in said:
            said = await daemon.process.stdout.readline()
            assert said, "it has ended"
        assert b"monitor" in said
        await until(lambda: daemon.pty.board.received("Probe"))
        taken.close()
    shown = await daemon.live()
    assert shown["services"]["monitor"]["state"] == "up"
