"""What a damaged or malicious line can do to either end: nothing."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from assuage.link.wire_fast import Splitter
from assuage_rig.requirements import req
from assuage_rig.targets.interpreter import find_micropython
from assuage_wire import frame
from assuage_wire.codec import BY_ID, MESSAGES
from tests.protocol import fuzzing

ROOT = Path(__file__).resolve().parents[2]
SOAK = os.environ.get("ASSUAGE_SOAK") == "1"
SEED = int(os.environ.get("ASSUAGE_SEED", "1"))
MUTATIONS = 10_000_000 if SOAK else 1_000_000


class FastReader:
    """The host's splitter behind the interface of the pure reader."""

    def __init__(self, on_frame: Callable[..., None]) -> None:
        self._splitter = Splitter("")
        self._on_frame = on_frame

    def feed(self, buf: bytes, n: int) -> None:
        for message, seq in self._splitter.feed(bytes(buf[:n])):
            values: list[object] = []
            for v in message:
                values.extend(v) if isinstance(v, tuple) else values.append(v)
            self._on_frame(_row(message), seq, values)

    @property
    def ok(self) -> int:
        return self._splitter.ok

    def errors(self) -> int:
        return self._splitter.errors()


def _row(message: object) -> object:
    return next(m for m in MESSAGES if m.name == type(message).__name__)


READERS = {"board's reader": lambda f: frame.Reader("", f), "host's splitter": FastReader}


def _frames(kind: str) -> list[bytes]:
    streams = json.loads((ROOT / "protocol" / "vectors.json").read_text())["streams"]
    return [
        bytes.fromhex(s["chunks"][0]) for s in streams if s["name"].startswith(kind + " ") and len(s["frames"]) == 1
    ]


@req("SYS-003")
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("message", [m.name for m in MESSAGES])
def test_a_frame_with_any_single_bit_flipped_is_never_accepted(message: str, reader: str) -> None:
    after = _frames("Probe")[0]
    for good in _frames(message):
        for bit in range(len(good) * 8):
            bad = bytearray(good)
            bad[bit // 8] ^= 1 << (bit % 8)
            got: list[tuple[str, int]] = []
            r = READERS[reader](lambda m, seq, values, got=got: got.append((m.name, seq)))
            stream = bytes(bad) + b"\0" + after
            r.feed(stream, len(stream))
            assert len(got) == 1 and got[0][0] == "Probe", f"{message}, bit {bit}: {got}"
            assert r.errors() >= 1


@req("SYS-003")
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("message", [m.name for m in MESSAGES])
def test_random_pairs_of_flipped_bits_are_never_accepted(message: str, reader: str) -> None:
    rng = random.Random(SEED)
    good = _frames(message)[2]
    for _ in range(20_000 if SOAK else 1_000):
        bad = bytearray(good)
        for bit in rng.sample(range(len(good) * 8), 2):
            bad[bit // 8] ^= 1 << (bit % 8)
        got: list[str] = []
        r = READERS[reader](lambda m, seq, values, got=got: got.append(m.name))
        r.feed(bytes(bad) + b"\0", len(bad) + 1)
        assert not got, bad.hex()


@pytest.mark.timeout(4000 if SOAK else 500)
def test_a_million_mutated_frames_neither_crash_nor_fool_the_host() -> None:
    ok, refused = fuzzing.run(MUTATIONS, SEED, FastReader)
    assert refused > MUTATIONS // 2 and ok > MUTATIONS // 64


@req("SYS-003")
@pytest.mark.timeout(4000 if SOAK else 500)
def test_a_million_mutated_frames_neither_crash_nor_fool_the_board() -> None:
    """On the real MicroPython, with the board's own reader and a small heap."""
    command = [
        *find_micropython(),
        "-X",
        "heapsize=224k",
        str(ROOT / "tests/protocol/fuzzing.py"),
        str(MUTATIONS),
        str(SEED),
    ]
    env = {**os.environ, "MICROPYPATH": str(ROOT / "protocol")}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=3000 if SOAK else 400)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"mutations {MUTATIONS}" in done.stdout


def test_the_readers_known_types_are_the_tables() -> None:
    assert {m.id for m in MESSAGES} == set(BY_ID)
