"""Daemons that give orders until they are killed: this process has all imported, and forks one for each line it reads.

In: JSON lines {"port", "folder", "seed", "die": [label, count] or null, "only": "resolve" or ""}. Out: `p PID` of the
child, which writes `ready` when nothing of its record is open, and `e STATUS` when it has ended.
A child dies by its own SIGKILL at the count-th passing of a label, or by that of whoever started us.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from assuage.bedside.archive import Archive
from assuage.bedside.bed import Bed
from assuage.bedside.orders import Orders
from assuage.bedside.recording import Chronicle
from assuage.bedside.resolving import Resolving
from assuage.bedside.supervision import Supervision
from assuage.errors import AssuageError
from assuage.link.client import BoardClient
from assuage.link.events import Event, Link
from assuage.record import file
from assuage.record.recorder import Recorder
from assuage.store import Store

ORDER = {"drug": "Ketamine 10 mg/mL", "rate_ml_h": 10, "vtbi_ml": "50", "syringe": "BD 50 mL", "on_loss": "stop"}


def say(text: str) -> None:
    os.write(1, text.encode() + b"\n")


class Fate:
    """Where this child dies."""

    def __init__(self, die: list[Any] | None) -> None:
        self._label, self._left = (die[0], int(die[1])) if die else ("", 0)

    def pass_by(self, label: str) -> None:
        if label == self._label:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def beside(self, target: Any, name: str, label: str) -> None:
        """Labels before and after a call."""
        call: Callable[..., Any] = getattr(target, name)

        def labelled(*args: Any, **kwargs: Any) -> Any:
            self.pass_by(f"before {label}")
            result = call(*args, **kwargs)
            self.pass_by(f"after {label}")
            return result

        setattr(target, name, labelled)

    def in_client(self, client: BoardClient) -> None:
        """Labels when a command has been sent, and when its answer is there."""
        command = client.command

        async def labelled(name: str, **fields: int) -> Any:
            answer = asyncio.ensure_future(command(name, **fields))
            await asyncio.sleep(0)
            self.pass_by(f"sent {name}")
            told = await answer
            self.pass_by(f"answered {name}")
            return told

        client.command = labelled  # type: ignore[method-assign]


async def live(told: dict[str, Any]) -> None:
    """One daemon's life."""
    fate, rng = Fate(told["die"]), random.Random(told["seed"])
    folder = Path(told["folder"])
    fate.beside(file, "append", "record")
    async with (
        await Store.open(folder / "x.sqlite") as store,
        await Recorder.open(folder / "x.record.sqlite", "Bed 1") as record,
    ):
        await order(store, record, told, fate, rng)


async def order(store: Store, record: Recorder, told: dict[str, Any], fate: Fate, rng: random.Random) -> None:
    bed = Bed("Bed 1", told["port"])
    client = BoardClient(told["port"])
    fate.in_client(client)
    fate.beside(store, "set_programme", "programme")
    supervision = Supervision(bed, client, store, time.monotonic)
    chronicle = Chronicle(bed, record)
    archive = Archive(client, store, chronicle.fetched)
    orders = Orders(bed, client, supervision, record=record)
    resolving = Resolving(bed, orders.acting, archive, time.monotonic)

    def handle(event: Event) -> None:
        bed.handle(event)
        chronicle.handle(event)
        archive.handle(event)

    client.listen(handle)
    for part in (client.run, supervision.run, archive.run):
        asyncio.create_task(part())  # noqa: RUF006 - the loop ends with this process
    while bed.picture.link is not Link.LIVE or bed.picture.pump is None or record.state.open:
        await resolving.look()
        await asyncio.sleep(0.002)
    say("ready")
    if told["only"] == "resolve":
        return
    asyncio.create_task(resolving.run())  # noqa: RUF006
    active = supervision.active
    if active is not None and rng.random() < 0.5:  # somebody presses Start once more
        with suppress(AssuageError):
            await orders.start(active.programme)
    while True:
        with suppress(AssuageError):
            await orders.stop()
            back = await orders.programme({**ORDER, "rate_ml_h": rng.randrange(1, 50)})
            await orders.confirm(back["programme"], back["token"])
            await orders.start(back["programme"])
            await orders.pause(back["programme"])
            await orders.resume(back["programme"])


def main() -> None:
    for line in sys.stdin:
        told = json.loads(line)
        pid = os.fork()
        if pid == 0:
            try:
                asyncio.run(live(told))
            finally:
                os._exit(0)
        say(f"p {pid}")
        say(f"e {os.waitpid(pid, 0)[1]}")


main()
