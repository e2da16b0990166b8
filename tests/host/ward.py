"""A daemon's prescribing at a board that a test drives, its record on disk, asked through the monitor's own routes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from assuage.bedside.acting import WHO
from assuage.bedside.admission import Admissions
from assuage.bedside.orders import Orders
from assuage.bedside.prescribing import Prescribing
from assuage.bedside.recording import Chronicle
from assuage.config import Config, Link
from assuage.monitor.app import build
from assuage.pharmacy.library import Library
from assuage.record.recorder import Recorder
from tests.host.bedside import Bedside, MemoryStore, bedside
from tests.host.eventually import until
from tests.host.fake_board import PtyBoard
from tests.host.prescribing import LIBRARY, ketamine

ANN = {"patient": "Ann Example", "weight": "70 kg", "age": "40 years", "area": "acute"}
PUMP = {"syringe": "BD 50 mL", "on_loss": "stop"}
WHOLE = ("weight", "age", "area")  # what the admission says already


def typed(**changes: Any) -> dict[str, Any]:
    """A usual prescription, without what the admission says."""
    return ketamine(**{**dict.fromkeys(WHOLE), **changes})


class Ward:
    """`b` is the bed with its board; `record` is on disk, its clock `shift` ms ahead."""

    def __init__(self, b: Bedside, record: Recorder, library: Library) -> None:
        self.b, self.record = b, record
        b.orders = b.bed.orders = Orders(b.bed, b.client, b.supervision, on_refused=b.refused.append, record=record)
        chronicle = Chronicle(b.bed, record)
        b.client.listen(chronicle.handle)
        admissions = Admissions(b.bed, b.supervision, record)
        self.prescribing = b.bed.prescribing = Prescribing(b.bed, b.orders, admissions, record, lambda: library)
        self._reading = asyncio.create_task(self.prescribing.run())
        self._app = build(b.bed, Config(link=Link(port=b.pty.path)))

    async def ready(self) -> None:
        await until(lambda: "library" in self.b.bed.snapshot()["services"])

    async def end(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def post(self, path: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        """Status and JSON, as the page gets them."""
        sent: list[Any] = []
        told = [{"type": "http.request", "body": json.dumps(dict(body)).encode(), "more_body": False}]
        host = b"127.0.0.1:8080"
        headers = [(b"host", host), (b"origin", b"http://" + host), (b"content-type", b"application/json")]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": f"/api/{path}",
            "raw_path": f"/api/{path}".encode(), "query_string": b"", "headers": headers, "scheme": "http",
            "server": ("127.0.0.1", 8080), "client": ("127.0.0.1", 1),
        }  # fmt: skip

        async def receive() -> Any:
            return told.pop() if told else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        assert WHO.get() == "", "a name stays with its own request"
        return sent[0]["status"], json.loads(b"".join(part.get("body", b"") for part in sent[1:]))

    async def good(self, path: str, **body: Any) -> Any:
        """The answer to what must not be refused. who: Dr B unless it is given."""
        status, told = await self.post(path, {"who": "Dr B", **body})
        assert status == 200, told
        return told

    async def bad(self, path: str, **body: Any) -> Any:
        """The answer to what must be refused."""
        status, told = await self.post(path, {"who": "Dr B", **body})
        assert status in (400, 409), told
        assert told["error"].endswith((".", "?")) and "\n" not in told["error"]
        return told

    async def prescribe(self, *reasons: str, **changes: Any) -> Any:
        """The read-back of a usual prescription. reasons: findings that are overridden."""
        told = await self.good(
            "prescribe", prescription=typed(**changes), pump=PUMP,
            overrides=[{"finding": name, "reason": "pain is not controlled"} for name in reasons],
        )  # fmt: skip
        return told["readback"]

    async def confirm(self, readback: Any, **more: Any) -> Any:
        return await self.good("pump/confirm", programme=readback["programme"], token=readback["token"], **more)

    async def infuse(self, readback: Any, **more: Any) -> None:
        await self.confirm(readback, **more)
        await self.good("pump/start", programme=readback["programme"])
        await until(lambda: self.b.shown["state"] == "infusing")


@asynccontextmanager
async def ward(
    path: Path, *, admitted: bool = True, store: MemoryStore | None = None, pty: PtyBoard | None = None,
    library: Library = LIBRARY,
) -> AsyncIterator[Ward]:  # fmt: skip
    async with await Recorder.open(path, "Bed 1") as record, bedside(store, pty) as b:
        w = Ward(b, record, library)
        await w.ready()
        try:
            if admitted:
                await w.good("admit", **ANN)
            yield w
        finally:
            await w.end()
