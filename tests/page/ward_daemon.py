"""The monitor on a bed that really prescribes, as a process of its own: `python -m tests.page.ward_daemon --port 0`.

Orders, admissions, library, record and all are the daemon's; the board at the other end is played (host/fake_board.py).
It prints its port, then takes one JSON line at a time and answers each with one:
    {"do": "anew"}                      nobody admitted, an empty record, the pump at standby
    {"do": "admit", "body": {}}         posts to the API as another screen would, by "Dr B" unless the body says who
    {"given": {...}}                    a dose by hand enters the record (fields of record.events.Given)
    {"get": "state" | "sent" | "kinds"} the pump's state; what messages the board has carried out; kinds of entries
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import uvicorn

from assuage.record.events import Given
from assuage.record.reading import read
from tests.host.two_pumps import TwoPumps, two_pumps
from tests.host.ward import BoardWard, ward


class Served:
    """One application after another at one port: each `anew` has its own bed and record."""

    def __init__(self) -> None:
        self.stack = AsyncExitStack()
        self.ward: BoardWard | None = None
        self.two: TwoPumps | None = None
        self.number = 0

    async def anew(self, folder: Path, pumps: int = 1) -> None:
        """A new bed, with as many pumps."""
        await self.stack.aclose()
        self.number += 1
        self.ward = self.two = None
        if pumps == 2:
            own = folder / str(self.number)
            own.mkdir()
            self.two = await self.stack.enter_async_context(two_pumps(own))
            await self.stack.enter_async_context(self.two.app.router.lifespan_context(self.two.app))
            return
        w = await self.stack.enter_async_context(ward(folder / f"{self.number}.record.sqlite", admitted=False))
        self.ward = w
        await self.stack.enter_async_context(w.app.router.lifespan_context(w.app))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        bed = self.ward or self.two
        assert bed is not None
        await bed.app(scope, receive, send)


async def serve(port: int, folder: Path) -> None:
    """Until stdin ends."""
    served = Served()
    await served.anew(folder)
    server = uvicorn.Server(
        uvicorn.Config(served, port=port, log_level="warning", ws="websockets-sansio", lifespan="off")
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        if serving.done():
            return
        await asyncio.sleep(0.01)
    print(json.dumps({"port": server.servers[0].sockets[0].getsockname()[1]}), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await command(served, json.loads(line), folder)), flush=True)
    server.should_exit = True
    await serving
    await served.stack.aclose()


async def command(served: Served, asked: dict[str, Any], folder: Path) -> Any:
    """Carries one command out."""
    if asked.get("do") == "anew":
        await served.anew(folder, asked.get("pumps", 1))
        return {}
    if served.two is not None:
        return await of_two(served.two, asked)
    w = served.ward
    assert w is not None
    if "do" in asked:
        status, told = await w.post(asked["do"], **{"who": "Dr B", **asked.get("body", {})})
        return {"status": status, **told}
    if "given" in asked:
        await w.record.keep(Given(**asked["given"]))
        return {}
    kinds = [entry.kind for entry in read(w.record.path)] if asked["get"] == "kinds" else []
    return {"value": {"state": w.b.board.state, "sent": w.b.board.carried_out, "kinds": kinds}[asked["get"]]}


async def of_two(t: TwoPumps, asked: dict[str, Any]) -> Any:
    """The same where a bed has two pumps."""
    if "trip" in asked:
        t.boards[0].interlock.trip()
        return {}
    if "do" in asked:
        status, told = await t.post(asked["do"], {"who": "Dr B", **asked.get("body", {})})
        return {"status": status, **told}
    return {"value": [board.state for board in t.boards]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    with tempfile.TemporaryDirectory() as made:
        asyncio.run(serve(parser.parse_args().port, Path(made)))
