"""A bed with a record on disk, asked through the monitor's own routes: at a board that a test drives (`ward`), or
without a serial line and with time in the test's hand (`long_ward`)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from assuage.bedside.acting import WHO
from assuage.bedside.admission import Admissions
from assuage.bedside.charting.chart import Charting
from assuage.bedside.charting.past import Past
from assuage.bedside.orders import Orders
from assuage.bedside.prescribing import Prescribing
from assuage.bedside.recording import Chronicle
from assuage.bedside.targeting import Targeting
from assuage.config import Config, Link
from assuage.errors import NoAnswer
from assuage.link.messages import PumpStatus
from assuage.monitor.app import build
from assuage.pharmacy import library
from assuage.pharmacy.library import Library
from assuage.record import reading
from assuage.record.events import Admission, AlarmChanged, Clinical, Entry, Event
from assuage.record.recorder import Recorder
from assuage_wire import schema
from tests.host import beds
from tests.host.bedside import Bedside, MemoryStore, bedside
from tests.host.eventually import until
from tests.host.fake_board import PtyBoard
from tests.host.prescribing import LIBRARY, ketamine

ANN = {"patient": "Ann Example", "weight": "70 kg", "age": "40 years", "area": "acute"}
PUMP = {"syringe": "BD 50 mL", "on_loss": "stop"}
WHOLE = ("weight", "age", "area")  # what the admission says already

PROGRAMME = beds.PUMP.programme
KETAMINE = Clinical(substance="ketamine", ng_per_ml=2_000_000, dose="7 mg/h", programme=PROGRAMME)  # 2 mg/mL
RATE = 58_333  # nL/min: 3.5 mL/h
ADULT = Admission(patient="M. Curie", weight="70 kg", age="54 years", area="acute", by="Nurse A")
HOUR, MINUTE = 3600.0, 60.0


def typed(**changes: Any) -> dict[str, Any]:
    """A usual prescription, without what the admission says."""
    return ketamine(**{**dict.fromkeys(WHOLE), **changes})


async def ask(app: Any, method: str, path: str, body: bytes, query: str = "") -> tuple[int, Any]:
    """One request as the page makes it, without a socket: the status, and what is answered."""
    headers = [
        (b"host", b"127.0.0.1:8000"),
        (b"origin", b"http://127.0.0.1:8000"),
        (b"content-type", b"application/json"),
    ]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000),
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert WHO.get() == "", "a name stays with its own request"
    content = b"".join(message.get("body", b"") for message in sent)
    kind = dict(sent[0]["headers"]).get(b"content-type", b"")
    return sent[0]["status"], json.loads(content) if kind.startswith(b"application/json") else content.decode()


class Ward:
    """What both have: a record on disk, and the page's requests."""

    record: Recorder
    app: Any

    async def post(self, path: str, **body: Any) -> tuple[int, Any]:
        """Status and JSON, as the page gets them."""
        return await ask(self.app, "POST", f"/api/{path.removeprefix('/api/')}", json.dumps(body).encode())

    async def get(self, path: str, **query: str) -> tuple[int, Any]:
        """As the page asks."""
        text = "&".join(f"{key}={quote(value)}" for key, value in query.items())
        return await ask(self.app, "GET", path, b"", text)

    async def good(self, path: str, **body: Any) -> Any:
        """The answer to what must not be refused. who: Dr B unless it is given."""
        status, told = await self.post(path, **{"who": "Dr B", **body})
        assert status == 200, told
        return told

    async def bad(self, path: str, **body: Any) -> Any:
        """The answer to what must be refused."""
        status, told = await self.post(path, **{"who": "Dr B", **body})
        assert status in (400, 409), told
        assert told["error"].endswith((".", "?")) and "\n" not in told["error"]
        return told

    async def keep(self, *events: Event) -> None:
        """Enters them."""
        for event in events:
            await self.record.keep(event)

    async def flush(self) -> None:
        """Until everything noted is on disk."""
        items = self.record._writer
        await until(lambda: items.items.empty() and not items._held)

    async def entries(self, kind: type[Event]) -> list[Entry]:
        """Of the record, as it is on disk."""
        await self.flush()
        return [entry for entry in reading.read(self.record.path) if entry.kind == kind.KIND]


class BoardWard(Ward):
    """`b` is the bed with its board."""

    def __init__(self, b: Bedside, record: Recorder, library: Library) -> None:
        self.b, self.record = b, record
        b.orders = b.bed.orders = Orders(b.bed, b.client, b.supervision, on_refused=b.refused.append, record=record)
        chronicle = Chronicle(b.bed, record)
        b.client.listen(chronicle.handle)
        admissions = Admissions([(b.bed, b.supervision)], record, lambda: library)
        self.prescribing = b.bed.prescribing = Prescribing(b.bed, b.orders, admissions, record, lambda: library)
        b.bed.charting = self.charting = Charting(b.bed, record, lambda: library)
        past = Past(self.charting.history, self.charting.steady)
        b.bed.targeting = Targeting(b.bed, record, self.prescribing.approve, past=past, period_s=1.0)
        parts = (self.prescribing.run, self.charting.run, b.bed.targeting.run)
        self._running = [asyncio.create_task(run()) for run in parts]
        self.app = build(b.bed, Config(link=Link(port=b.pty.path)))

    async def ready(self) -> None:
        await until(lambda: "library" in self.b.bed.snapshot()["services"] and self.charting.history.begun)

    async def end(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

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
) -> AsyncIterator[BoardWard]:  # fmt: skip
    async with await Recorder.open(path, "Bed 1") as record, bedside(store, pty) as b:
        w = BoardWard(b, record, library)
        await w.ready()
        try:
            if admitted:
                await w.good("admit", **ANN)
            yield w
        finally:
            await w.end()


class Stops:
    """Orders, of which STOP alone is given. answers: whether the board does."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self.answers = True

    async def stop(self, timeout: float = 2.0, why: str = "") -> dict[str, Any]:
        self.given.append(why)
        if not self.answers:
            raise NoAnswer("The board has not answered the stop yet.")
        return {"state": "stopped", "delivered_ml": 0.0, "took_ms": 1.0}


class LongWard(Ward, beds.FakeBed):
    """`record` is a real one; `stops` takes the place of the pump's orders."""

    def __init__(self, record: Recorder, now: float, step_s: float = 0.0) -> None:
        beds.FakeBed.__init__(self)
        self.now, self.wall_step = now, step_s
        self.bed._wall = lambda: 1_767_225_600.0 + self.now + self.wall_step
        self.record, self.stops = record, Stops()
        self.alarms: list[AlarmChanged] = []
        self.bed.orders = self.stops  # type: ignore[assignment]
        self.chronicle = Chronicle(self.bed, record)
        self.listeners.append(self.chronicle.handle)
        self.charting = Charting(self.bed, record, library.own, self.alarms.append)
        self.bed.charting = self.charting
        self.app = build(self.bed, Config(link=Link(port="/dev/null")))
        self.delivered = 0

    def pump(self, state: str = "infusing", rate: int = RATE, programme: int = PROGRAMME) -> PumpStatus:
        """What the pump says now."""
        code = schema.STATES.index(state)
        status = beds.PUMP._replace(
            state=code, rate=rate, set_rate=rate, programme=programme, delivered=self.delivered, left=4 * 3600
        )
        self.say(status)
        return status

    async def flows(self, seconds: float, rate: int = RATE, step: float = 60.0) -> None:
        """The pump infuses for so long, and the daemon looks on."""
        end = self.now + seconds
        while self.now < end - 1e-6:
            self.pump(rate=rate)
            await self.settle()
            pause = min(step, end - self.now)
            self.now += pause
            self.delivered += round(rate * pause / 60)
        self.pump(rate=rate)
        await self.settle()

    async def passes(self, seconds: float, step: float = 60.0) -> None:
        """The pump goes on as it is, unheard, and the daemon looks on."""
        end = self.now + seconds
        while self.now < end - 1e-6:
            self.now += min(step, end - self.now)
            await self.settle()

    async def settle(self) -> None:
        """All that was said is in the record, and has been looked at twice."""
        for _ in range(2):
            await self.flush()
            await self.charting.look()

    @property
    def chart(self) -> dict[str, Any]:
        told = self.bed.snapshot()["charting"]
        assert isinstance(told, dict)
        return told


@asynccontextmanager
async def long_ward(folder: Path, now: float = 100.0, step_s: float = 0.0) -> AsyncIterator[LongWard]:
    """A daemon's life; the next one with the same folder goes on with its record."""
    async with await Recorder.open(folder / "bed.record.sqlite", "Bed 1") as record:
        made = LongWard(record, now, step_s)
        made.live()
        await made.settle()
        yield made
