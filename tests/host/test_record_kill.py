"""kill -9 of a daemon at any instant of an order: it is wholly there with its outcome, or not started, never twice."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from assuage.record.events import Confirmed, Entry, Intent, Ordered, Outcome, entry_of
from assuage.record.file import ROWS, open_for_reading
from assuage.record.verify import verify
from assuage_rig.requirements import req
from tests.host.fake_board import FakeBoard, PtyBoard

CHILD = Path(__file__).parent / "children" / "orderer.py"
ROOT = Path(__file__).resolve().parents[2]
# A daemon looks a day back when it starts, and a day does not hold 10 000 kills: a soak has so many in several records.
PARTS, KILLS = (20, 500) if os.environ.get("ASSUAGE_SOAK") == "1" else (1, 60)
COMMANDS = ("Programme", "Confirm", "Arm", "Start", "Pause", "Resume")
LABELS = (
    *(f"{when} {what}" for what in ("record", "programme") for when in ("before", "after")),
    *(f"{when} {what}" for what in COMMANDS for when in ("sent", "answered")),
)


class Journalling(FakeBoard):
    """Notes in its journal that a programme begins, as boards do, and counts what really began."""

    def __init__(self, now: float) -> None:
        super().__init__(now)
        self.begun: list[int] = []

    def _do_Start(self, v: dict[str, Any]) -> tuple[str, int]:
        answer = super()._do_Start(v)
        if answer[0] == "ok":
            self.begun.append(v["programme"])
            self.note("begun", 0, 0, 0, v["programme"], self.programme["vtbi"])
        return answer


class Zygote:
    """tests/host/children/orderer.py."""

    def __init__(self, process: asyncio.subprocess.Process, said: asyncio.StreamReader) -> None:
        self._process, self._said = process, said

    async def _line(self) -> str:
        line = (await asyncio.wait_for(self._said.readline(), 60)).decode().strip()
        assert line, "the child that forks has ended"
        return line

    async def live(self, told: dict[str, Any], after: float | None) -> int:
        """One daemon's life; after: killed so long after it was ready, s. Returns its wait status."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(told).encode() + b"\n")
        pid = int((await self._line()).split()[1])
        while True:
            line = await self._line()
            if line.startswith("e "):
                return int(line.split()[1])
            if line == "ready" and after is not None:
                await asyncio.sleep(after)
                os.kill(pid, signal.SIGKILL)


def entries(path: Path) -> list[Entry]:
    db = open_for_reading(path)
    try:
        return [entry_of(text, digest) for _, text, digest in db.execute(ROWS)]
    finally:
        db.close()


def of(kind: type[Any], told: list[Entry]) -> list[Any]:
    return [event for entry in told if (event := entry.event(kind)) is not None]


@req("REC-021")
@pytest.mark.timeout(3600)  # a soak takes long
@pytest.mark.parametrize("part", range(PARTS))
async def test_a_daemon_that_is_killed_at_any_instant_leaves_each_order_whole_or_not_started_and_none_started_twice(
    tmp_path: Path, seed: int, part: int
) -> None:
    seed += part * KILLS  # each of them has one of its own
    rng = random.Random(seed)
    pty = PtyBoard(Journalling(asyncio.get_running_loop().time()))
    pty.plug(tmp_path / "port")
    board = pty.board
    assert isinstance(board, Journalling)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(CHILD),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'host'}:{ROOT / 'protocol'}"},
    )
    assert process.stdout is not None
    zygote = Zygote(process, process.stdout)
    base = {"port": str(tmp_path / "port"), "folder": str(tmp_path), "die": None, "only": ""}
    ended: Counter[int] = Counter()
    for kill in range(KILLS):
        # Every label in turn, and as many instants that are no label's.
        label, after = (LABELS[kill // 2 % len(LABELS)], None) if kill % 2 else (None, rng.random() * 0.15)
        die = None if label is None else [label, rng.randrange(1, 9) if "record" in label else rng.randrange(1, 3)]
        ended[await zygote.live({**base, "seed": seed + kill, "die": die}, after)] += 1
    assert ended == {signal.SIGKILL: KILLS}
    assert await zygote.live({**base, "seed": seed, "only": "resolve"}, None) == 0
    process.kill()
    await process.wait()
    pty.unplug()

    record = tmp_path / "x.record.sqlite"
    verdict = verify(record)
    assert verdict.good, verdict.findings
    told = entries(record)
    intents, outcomes = {i.act: i for i in of(Intent, told)}, of(Outcome, told)
    assert Counter(o.act for o in outcomes) == dict.fromkeys(intents, 1), "an act has no outcome, or two"
    assert max(Counter(board.begun).values()) == 1, "a programme was started twice"
    starts = [o for o in outcomes if o.what == "start"]
    assert {o.result for o in starts} <= {"done", "not-done"}, "of a start nobody knows what came of it"
    done = Counter(o.programme for o in starts if o.result == "done")
    assert done == Counter(board.begun), "the record tells other starts than the board"
    ordered, confirmed = ({e.programme for e in of(kind, told)} for kind in (Ordered, Confirmed))
    assert set(board.begun) <= ordered & confirmed, "something was started that is not wholly in the record"
    assert len(board.begun) > KILLS / 10
    assert sum(o.how == "asked" for o in starts) >= 2, "no start was resolved by asking"
