"""A serving rig as a process of its own, for tests that meet it as the daemon and the keeper do."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 30.0
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / folder) for folder in ("hil_tests", "protocol"))}
COMMAND = [sys.executable, "-m", "assuage_rig"]


def until(condition: Callable[[], object], what: str) -> None:
    """Waits for something that must come; how fast is no matter."""
    end = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    """Whether a process has ended; a zombie has."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


class Rig:
    """`python -m assuage_rig serve` in a folder."""

    def __init__(self, folder: Path, *arguments: str, stdin: int = subprocess.DEVNULL) -> None:
        self.pty = folder / "port"
        self.control = folder / "rig.sock"
        self.process = subprocess.Popen(
            [*COMMAND, "serve", "--pty", str(self.pty), "--control", str(self.control), *arguments],
            env=ENVIRONMENT,
            stdin=stdin,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._fd = -1

    def ready(self) -> Rig:
        """Waits until its board runs."""
        until(lambda: self.process.poll() is not None or self._answers(), "an answer at the control socket")
        assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
        return self

    def _answers(self) -> bool:
        try:
            return bool(self.ask("state")["ok"])
        except OSError:
            return False

    def ask(self, do: str, /, **arguments: object) -> dict[str, object]:
        """One request on the control socket."""
        return self.say(json.dumps({"do": do, **arguments}))

    def say(self, line: str) -> dict[str, object]:
        """One raw line on the control socket."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(LIMIT_S)
            connection.connect(str(self.control))
            connection.sendall(line.encode() + b"\n")
            answer = json.loads(connection.makefile().readline())
        assert isinstance(answer, dict)
        return answer

    def attach(self) -> None:
        """Opens the serial port."""
        self._fd = os.open(self.pty, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def detach(self) -> None:
        """Closes it."""
        os.close(self._fd)
        self._fd = -1

    def send(self, line: str) -> None:
        """One line to the board."""
        os.write(self._fd, line.encode() + b"\n")

    def hear(self, end: bytes = b"\n") -> bytes:
        """What the board says, up to and with `end`."""
        data = b""
        limit = time.monotonic() + LIMIT_S
        while not data.endswith(end):
            assert time.monotonic() < limit, f"the board only said {data!r}"
            if select.select([self._fd], [], [], 0.5)[0]:
                data += os.read(self._fd, 1)
        return data

    def tell(self, line: str) -> list[str]:
        """One line to the board, and the words of its answer."""
        self.send(line)
        return self.hear().decode().split()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends the rig by a signal; its exit status."""
        self.process.send_signal(number)
        return self.process.wait(LIMIT_S)

    def close(self) -> None:
        """Cleans up after the test, whatever state it left."""
        if self._fd >= 0:
            self.detach()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(LIMIT_S)
            except subprocess.TimeoutExpired:
                self.stop(signal.SIGKILL)
        if self.process.stderr:
            self.process.stderr.close()


def board_pid(rig: Rig) -> int:
    """Process id of the board; 0 while there is none."""
    pid = rig.ask("state")["board_pid"]
    return pid if isinstance(pid, int) else 0
