"""kill -9 at any moment: what was said to be durable is there, nothing is there twice, no number is used twice."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assuage_rig.requirements import req

CHILD = Path(__file__).parent / "children" / "store_writer.py"
ROOT = Path(__file__).resolve().parents[2]


def run_and_kill(database: Path, log: Path, run: str, after: float) -> list[list[str]]:
    """Starts a writer, kills it `after` seconds after its first word, and returns what it had said."""
    environment = dict(os.environ, PYTHONPATH=f"{ROOT / 'host'}:{ROOT / 'protocol'}")
    with log.open("wb") as out:
        child = subprocess.Popen([sys.executable, str(CHILD), str(database), run], stdout=out, env=environment)
    try:
        while log.stat().st_size == 0:
            assert child.poll() is None, "the writer ended by itself"
            time.sleep(0.005)
        time.sleep(after)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    # A line that the kill cut short has no newline and does not count.
    return [line.split() for line in log.read_text().rpartition("\n")[0].splitlines() if line]


@req("REC-006")
@pytest.mark.timeout(1800)  # a soak takes long
def test_kill_at_random_moments_loses_no_durable_record_and_doubles_none(tmp_path: Path, seed: int, soak: bool) -> None:
    database = tmp_path / "x.sqlite"
    rng = random.Random(seed)
    durable: dict[int, str] = {}
    acknowledged: set[int] = set()
    kills = 300 if soak else 16
    for kill in range(kills):
        said = run_and_kill(database, tmp_path / "said", f"{seed}-{kill}", rng.random() * 0.3)
        appended = {int(words[1]): words[2] for words in said if words[0] == "a"}
        committed = max((int(words[1]) for words in said if words[0] == "c"), default=0)
        fresh = {rec: text for rec, text in appended.items() if rec <= committed}
        assert not durable.keys() & fresh.keys(), "a number was used twice"
        durable |= fresh
        acknowledged |= {int(words[1]) for words in said if words[0] == "k"}

    with sqlite3.connect(database) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        rows = db.execute("SELECT rec, payload, published FROM record").fetchall()
    db.close()
    stored = {rec: json.loads(payload)["text"] for rec, payload, _ in rows}
    assert len(durable) > kills and acknowledged
    assert {rec: stored.get(rec) for rec in durable} == durable, "a durable record is lost or altered"
    assert len(set(stored.values())) == len(stored), "a record is there twice"
    assert acknowledged <= {rec for rec, _, published in rows if published}, "an acknowledgement was forgotten"
