"""Writes to a disk that refuses and recovers (a file size limit stands in for it), and says what happened."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from pathlib import Path

from assuage.store import Store
from tests.host.kept_records import history


async def main(path: Path) -> None:
    store = await Store.open(path)
    recs: list[int | None] = []
    for n in range(100):
        recs.append(store.append("wave", "t", {"n": n, "fill": "x" * 300}))
    await store.flush()
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    for n in range(100):
        recs.append(store.append("wave", "t", {"n": n, "fill": "x" * 300}))
        if n % 30 == 0:
            await store.flush()
    event = store.append("event", "t", {"what": "alarm"}, event=True)
    await store.flush()
    said = {"fault": store.fault, "dropped": store.dropped, "programme": await store.set_programme({"programme": 1})}
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    after = store.append("wave", "t", {"n": "after"})
    await store.flush()
    said |= {"fault_after": store.fault, "dropped_after": store.dropped, "all_numbered": None not in recs}
    kept = {record.rec for record in await history(store, "wave")}
    said["missing"] = len([rec for rec in recs if rec not in kept])
    said["after_kept"] = after in kept
    said["event_kept"] = [record.rec for record in await history(store, "event")] == [event]
    await store.close()
    print(json.dumps(said))


asyncio.run(main(Path(sys.argv[1])))
