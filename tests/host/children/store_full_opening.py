"""Opens a store on a disk that is full (a file size limit stands in for it), and says how it is until there is room."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from pathlib import Path

from assuage.store import Store, StoreError
from tests.host.eventually import until
from tests.host.kept_records import history


async def main(path: Path, before: str) -> None:
    if before == "kept":
        async with await Store.open(path) as store:
            store.append("event", "t", {}, event=True)
            await store.set_programme({"programme": 1})
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        store = await Store.open(path)
    except StoreError as error:
        print(json.dumps({"refused": error.sentence}))
        return
    said = {"fault": store.fault, "programme": store.programme, "read": len(await store.pending())}
    said["set"] = await store.set_programme({"programme": 2})
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await until(lambda: not store.fault)
    said["set_after"] = await store.set_programme({"programme": 3})
    store.append("event", "t", {}, event=True)
    said["read_after"] = len(await history(store, "event"))
    await store.close()
    async with await Store.open(path) as store:
        said["programme_after"] = store.programme
    print(json.dumps(said))


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
