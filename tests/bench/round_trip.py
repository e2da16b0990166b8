"""Command round trip: a Probe over a pty to the firmware in the real MicroPython, against the same bytes echoed by a
bare process.

The chain under test is pty → rig → board process → rig → pty, with the firmware's whole loop running (vitals, pump,
telemetry). The peer is the floor: a Python process that echoes each Probe back over a pty, which no protocol,
firmware or rig can beat.
"""

from __future__ import annotations

import os
import random
import select
import statistics
import subprocess
import sys
import tempfile
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assuage.link import messages
from assuage.link.wire_fast import Splitter, pack
from assuage_wire.schema import STATUSES
from tests.bench.measure import Row, percentile

ROOT = Path(__file__).resolve().parents[2]
ROUNDS, PER_ROUND = 20, 100
OK = STATUSES.index("ok")

ECHO = """
import os, sys, tty
tty.setraw(0)
while True:
    data = os.read(0, 256)
    if not data:
        break
    os.write(0, data)
"""


class Line:
    """A pty from this side: blocking write, and frames read with a deadline."""

    def __init__(self, path: str) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.fd)
        self.splitter = Splitter("<")

    def frames(self, timeout: float) -> Iterator[tuple[object, int]]:
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                yield from self.splitter.feed(os.read(self.fd, 4096))

    def open(self, session: int, tries: int = 20, timeout: float = 1.0) -> None:
        """Identifies until a Hello echoes the session: a board that still boots hears nothing. Raises SystemExit."""
        for _ in range(tries):
            os.write(self.fd, pack(messages.Identify(session), 0))
            for message, _seq in self.frames(timeout):
                if isinstance(message, messages.Hello) and message.session == session:
                    return
        raise SystemExit(f"bench: the board did not open a session in {tries} tries of {timeout:g} s")

    def probe(self, session: int, command: int, timeout: float = 5.0) -> None:
        """One command and its own answer; SystemExit when that does not come, or is not ok."""
        os.write(self.fd, pack(messages.Probe(session, command), 0))
        for message, _seq in self.frames(timeout):
            if isinstance(message, messages.Reply) and (message.session, message.command) == (session, command):
                if message.status != OK:
                    raise SystemExit(f"bench: the board refused a Probe: {STATUSES[message.status]}")
                return
        raise SystemExit(f"bench: the board did not answer Probe {command} within {timeout:g} s")


@contextmanager
def _rig() -> Iterator[Line]:
    with tempfile.TemporaryDirectory(prefix="assuage-") as folder:
        pty = os.path.join(folder, "tty")
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / p) for p in ("protocol", "hil_tests"))}
        command = [
            sys.executable,
            "-m",
            "assuage_rig",
            "serve",
            "--pty",
            pty,
            "--control",
            os.path.join(folder, "control"),
        ]
        rig = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 20
            while not os.path.exists(pty) and time.monotonic() < until:
                time.sleep(0.02)
            yield Line(pty)
        finally:
            rig.terminate()
            rig.wait(10)


@contextmanager
def _echo() -> Iterator[Line]:
    master, slave = os.openpty()
    tty.setraw(slave)
    path = os.ttyname(slave)
    process = subprocess.Popen([sys.executable, "-c", ECHO], stdin=master)
    try:
        yield Line(path)
    finally:
        process.terminate()
        process.wait(10)
        os.close(master)
        os.close(slave)


def measure() -> list[Row]:
    """Rows command_rtt_p50 and command_rtt_p99, in ms."""
    ours: list[list[float]] = []
    floor: list[list[float]] = []
    with _rig() as board, _echo() as echo:
        session = random.randrange(1, 65536)
        board.open(session)
        command = 0
        for _ in range(ROUNDS):
            mine = []
            for _ in range(PER_ROUND):
                command += 1
                start = time.perf_counter()
                board.probe(session, command)
                mine.append((time.perf_counter() - start) * 1e3)
            ours.append(mine)
            floor.append([_echo_once(echo, pack(messages.Probe(session, 1), 0)) for _ in range(PER_ROUND)])
    out: list[Row] = []
    for name, p in (("command_rtt_p50", 50.0), ("command_rtt_p99", 99.0)):
        a = percentile([x for r in ours for x in r], p)
        b = percentile([x for r in floor for x in r], p)
        ratio = statistics.median(percentile(x, p) / percentile(y, p) for x, y in zip(ours, floor, strict=True))
        out.append({"name": name, "value": round(a, 4), "unit": "ms", "peer": "bare echo over a pty",
                    "peer_value": round(b, 4), "ratio": round(ratio, 3)})  # fmt: skip
    return out


def _echo_once(echo: Line, frame: bytes) -> float:
    start = time.perf_counter()
    os.write(echo.fd, frame)
    got = 0
    while got < len(frame):
        got += len(os.read(echo.fd, 256))
    return (time.perf_counter() - start) * 1e3
