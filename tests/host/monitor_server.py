"""The monitor on a make-believe bed, served within the test's own event loop, and what it takes to ask it something."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import uvicorn

from assuage.config import Config, Link, Site
from assuage.monitor.app import build
from tests.page.fake_bed import FakeBed


@dataclass
class Answer:
    """Of an HTTP request; header names in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


class Monitor:
    """A running monitor. `fake` is the bed, `host` what a browser would send as Host."""

    def __init__(self, fake: FakeBed, port: int) -> None:
        self.fake = fake
        self.port = port
        self.host = f"127.0.0.1:{port}"
        self.origin = f"http://{self.host}"

    async def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str | None] | None = None
    ) -> Answer:
        """One request, with exactly these headers beside Host; Host can be given too."""

        def blocking() -> Answer:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
                length = {} if body is None else {"Content-Length": str(len(body))}
                for name, value in {"Host": self.host, **length, **(headers or {})}.items():
                    if value is not None:
                        connection.putheader(name, value)
                connection.endheaders(body)
                response = connection.getresponse()
                found = {name.lower(): value for name, value in response.getheaders()}
                return Answer(response.status, found, response.read())
            finally:
                connection.close()

        return await asyncio.to_thread(blocking)

    async def order(self, name: str, body: Any) -> Answer:
        """An order to the pump as the page gives it."""
        return await self.post(f"/api/pump/{name}", body)

    async def post(self, path: str, body: Any) -> Answer:
        """What the page posts."""
        headers = {"Origin": self.origin, "Content-Type": "application/json"}
        return await self.ask("POST", path, json.dumps(body).encode(), headers)


@contextlib.asynccontextmanager
async def monitor() -> AsyncIterator[Monitor]:
    """A monitor whose board is live."""
    fake = FakeBed()
    config = Config(link=Link(port="/dev/ttyACM0"), site=Site(name="Bench", patient="Emulated patient"))
    server = uvicorn.Server(
        uvicorn.Config(build(fake.bed, config), port=0, log_level="warning", ws="websockets-sansio")
    )
    serving = asyncio.create_task(server.serve())
    board = asyncio.create_task(fake.run())
    try:
        while not server.started:
            assert not serving.done()
            await asyncio.sleep(0.01)
        fake.step(time.monotonic())  # live from the first moment
        yield Monitor(fake, server.servers[0].sockets[0].getsockname()[1])
    finally:
        board.cancel()
        server.should_exit = True
        await serving
