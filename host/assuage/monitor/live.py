"""The live stream: what the bed is, five times a second and at each change, and the waves in batches.

One task makes each message once. Each page has a place that holds the newest snapshot only and a short queue of
waves, so a page that reads slowly skips pictures and never makes another one wait, nor fills the memory. A page that
takes nothing for a while is dropped; it reconnects by itself.

Messages to a page:
    text    {"type": "hello", "sent": s, "pid", "started": ISO time, "page": id of the page's files, ...}   once, first
    text    {"type": "snapshot", "sent": s, "asked", ...}     shape: assuage.bedside.snapshot.compose
    binary  little-endian: u8 kind, u8 hz, u16 count, u32 index of the first sample, f64 Unix time of it in s,
            count x i16; kind 1: pulse wave in 1e-5, 2: CO2 in 0.1 mmHg
`sent` is this process's monotonic clock, by which the page sees how late a message is.
"""

from __future__ import annotations

import asyncio
import json
import logging
import struct
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from assuage.bedside.bed import Bed
from assuage.bedside.waves import WaveBatch

log = logging.getLogger(__name__)

PERIOD: Final = 0.2  # s between snapshots when nothing changes
LEAST_GAP: Final = 0.02  # s between two snapshots, however fast things change
WAVES_KEPT: Final = 30  # batches that wait for a slow page, 3 s
SEND_LIMIT: Final = 3.0  # s that a page may take for one message
PAGES: Final = 64  # open pages at a time
TRY_LATER: Final = 1013  # WebSocket close code

_WAVE_HEAD: Final = struct.Struct("<BBHId")
PLETH, CO2 = 1, 2  # kinds of wave
_QUIET: Final = frozenset({"pleth", "capnogram", "vitals", "health"})  # topics that wait for the next period


def wave_message(kind: int, batch: WaveBatch) -> bytes:
    """A batch as the page reads it."""
    count = len(batch.samples)
    return _WAVE_HEAD.pack(kind, batch.hz, count, batch.index, batch.time) + struct.pack(f"<{count}h", *batch.samples)


class Page:
    """What one open page has yet to take: the newest snapshot and a bounded queue of waves."""

    def __init__(self) -> None:
        self.snapshot: str | None = None
        self.waves: deque[bytes] = deque(maxlen=WAVES_KEPT)
        self.wake = asyncio.Event()

    def put_snapshot(self, text: str) -> None:
        """In place of one that was not taken."""
        self.snapshot = text
        self.wake.set()

    def put_wave(self, message: bytes) -> None:
        """The oldest gives way."""
        self.waves.append(message)
        self.wake.set()


class Live:
    """Fans one bed out to many pages. `run` must be running for anything to be sent.

    hello: what a page is told once, beside type and time. asked: the order that a programme came of, or None.
    """

    def __init__(
        self,
        bed: Bed,
        hello: dict[str, Any],
        asked: Callable[[int], dict[str, Any] | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bed, self._hello, self._asked, self._clock = bed, hello, asked, clock
        self._pages: set[Page] = set()
        self._changed = asyncio.Event()
        self._wave = asyncio.Event()

    @property
    def pages(self) -> int:
        """How many pages are open."""
        return len(self._pages)

    def snapshot(self) -> dict[str, Any]:
        """The bed now: with the syringe beside the drug, and what was asked for beside what was read back."""
        told = self._bed.snapshot()
        for bed, own in zip((self._bed, *self._bed.beside), (told, *told["beside"]), strict=True):
            label, readback = bed.picture.label, own["readback"]
            known = label is not None and label.programme == own["pump"]["programme"]
            own["pump"]["syringe"] = label.syringe if label is not None and known else ""
            own["asked"] = None if readback is None else self._asked(readback["programme"])
        return {"type": "snapshot", "sent": round(self._clock(), 4), **told}

    async def run(self) -> None:
        """Sends until cancelled. A bed that cannot be read is logged, and the pages fall silent, which they show."""
        unsubscribe = self._bed.subscribe(self._on_change)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._snapshots())
                tasks.create_task(self._waves())
        finally:
            unsubscribe()

    def _on_change(self, topic: str) -> None:
        if topic in ("pleth", "capnogram"):
            self._wave.set()
        elif topic not in _QUIET:
            self._changed.set()

    async def _snapshots(self) -> None:
        while True:
            self._changed.clear()
            if self._pages:
                try:
                    text = json.dumps(self.snapshot(), allow_nan=False, separators=(",", ":"))
                except Exception:
                    log.exception("the bed's picture cannot be shown")
                else:
                    for page in self._pages:
                        page.put_snapshot(text)
            await asyncio.sleep(LEAST_GAP)
            try:
                async with asyncio.timeout(PERIOD - LEAST_GAP):
                    await self._changed.wait()
            except TimeoutError:
                pass

    async def _waves(self) -> None:
        rings = {PLETH: self._bed.pleth, CO2: self._bed.capnogram}
        positions = {kind: ring.position for kind, ring in rings.items()}
        while True:
            await self._wave.wait()
            self._wave.clear()
            for kind, ring in rings.items():
                for batch in ring.since(positions[kind]):
                    positions[kind] = batch.position
                    self._put_wave(kind, batch)

    def _put_wave(self, kind: int, batch: WaveBatch) -> None:
        try:
            message = wave_message(kind, batch)
        except struct.error:
            log.exception("a batch of a wave cannot be shown")
            return
        for page in self._pages:
            page.put_wave(message)

    async def serve(self, websocket: WebSocket) -> None:
        """One page, from handshake to goodbye."""
        if len(self._pages) >= PAGES:
            await websocket.close(TRY_LATER, "Too many pages are open.")
            return
        await websocket.accept()
        page = Page()
        hello = {"type": "hello", "sent": round(self._clock(), 4), **self._hello}
        sender = asyncio.create_task(self._send(websocket, page, json.dumps(hello)))
        listener = asyncio.create_task(self._until_gone(websocket))
        self._pages.add(page)
        self._changed.set()
        try:
            await asyncio.wait({sender, listener}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._pages.discard(page)
            for task in (sender, listener):
                task.cancel()
            await asyncio.gather(sender, listener, return_exceptions=True)

    async def _send(self, websocket: WebSocket, page: Page, hello: str) -> None:
        try:
            async with asyncio.timeout(SEND_LIMIT):
                await websocket.send_text(hello)
            while True:
                await page.wake.wait()
                page.wake.clear()
                async with asyncio.timeout(SEND_LIMIT):
                    if page.snapshot is not None:
                        text, page.snapshot = page.snapshot, None
                        await websocket.send_text(text)
                    while page.waves:
                        await websocket.send_bytes(page.waves.popleft())
        except TimeoutError:
            log.info("a page took nothing for %g s and was dropped", SEND_LIMIT)
        except (WebSocketDisconnect, OSError, RuntimeError):
            pass  # gone between two messages

    @staticmethod
    async def _until_gone(websocket: WebSocket) -> None:
        while (await websocket.receive())["type"] != "websocket.disconnect":
            pass  # a page has nothing to say here; orders are POSTs
