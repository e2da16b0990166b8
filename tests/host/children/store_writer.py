"""Writes records until it is killed, and says on stdout what it appended, what is durable and what is acknowledged.

Lines: `a REC TEXT` appended, `c REC` everything up to REC is durable, `k REC` its acknowledgement is durable.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from pathlib import Path

from assuage.store import Store


def say(text: str) -> None:
    os.write(1, text.encode() + b"\n")


async def main(path: Path, run: str) -> None:
    rng = random.Random(run)
    store = await Store.open(path)
    store.subscribe(lambda rec: say(f"c {rec}"))
    n = 0
    while True:
        for _ in range(rng.randrange(1, 30)):
            n += 1
            text = f"{run}-{n}"
            rec = store.append("numerics", "t", {"text": text, "fill": "x" * rng.randrange(600)}, event=n % 7 == 0)
            say(f"a {rec} {text}")
        if rng.random() < 0.5:
            await asyncio.sleep(rng.random() * 0.02)
        if rng.random() < 0.3:
            done = [record.rec for record in await store.pending(rng.randrange(1, 40))]
            store.acknowledge(done)
            await store.flush()
            say("\n".join(f"k {rec}" for rec in done))


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
