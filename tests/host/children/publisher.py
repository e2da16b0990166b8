"""Appends records and publishes them until it is killed. Says `a REC N` when appended, `c REC` when durable."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from pathlib import Path

from assuage import config
from assuage.publish.broker import broker_url
from assuage.publish.mqtt import Publisher
from assuage.publish.topics import Topics
from assuage.store import Store


def say(text: str) -> None:
    os.write(1, text.encode() + b"\n")


async def main(file: Path, run: str) -> None:
    rng = random.Random(run)
    settings = config.load(file)
    topics = Topics("ward", "Bed 1", "board-1")
    store = await Store.open(settings.store.path)
    store.subscribe(lambda rec: say(f"c {rec}"))
    publisher = Publisher(broker_url(settings), topics, store)
    publisher.tell({"link": "live", "link_since": None, "sentence": ""}, {})
    running = asyncio.create_task(publisher.run())
    n = 0
    while not running.done():
        for _ in range(rng.randrange(1, 20)):
            n += 1
            rec = store.append("numerics", topics.of("numerics"), {"n": f"{run}-{n}"})
            say(f"a {rec} {run}-{n}")
        await asyncio.sleep(rng.random() * 0.03)
    await running


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
