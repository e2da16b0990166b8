"""The monitor on a fake bed, as a process of its own that can be killed: `python -m tests.page.fake_daemon --port 0`.

It prints its port, then takes commands, one JSON line each, and answers each with one:
    {"set": {"silent": true}}      attributes of the FakeBed
    {"call": "restart", "args": {}} a method of it
    {"get": "calls"}               an attribute
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

import uvicorn

from assuage.config import Config, Link, Site
from assuage.monitor.app import build
from tests.page.fake_bed import FakeBed


async def serve(port: int) -> None:
    """Until stdin ends."""
    fake = FakeBed()
    config = Config(link=Link(port="/dev/ttyACM0"), site=Site(name="Bench", patient="Emulated patient"))
    server = uvicorn.Server(
        uvicorn.Config(build(fake.bed, config), port=port, log_level="warning", ws="websockets-sansio")
    )
    board = asyncio.create_task(fake.run())
    serving = asyncio.create_task(server.serve())
    while not server.started:
        if serving.done():
            return
        await asyncio.sleep(0.01)
    print(json.dumps({"port": server.servers[0].sockets[0].getsockname()[1]}), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(command(fake, json.loads(line))), flush=True)
    server.should_exit = True
    await serving
    board.cancel()


def command(fake: FakeBed, asked: dict[str, object]) -> object:
    """Carries one command out."""
    if "set" in asked:
        for name, value in dict(asked["set"]).items():  # type: ignore[call-overload]
            if not hasattr(fake, name):
                raise AttributeError(name)
            setattr(fake, name, value)
        return {}
    if "call" in asked:
        getattr(fake, str(asked["call"]))(**dict(asked.get("args") or {}))  # type: ignore[call-overload]
        return {}
    return {"value": getattr(fake, str(asked["get"]))}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve(parser.parse_args().port))
