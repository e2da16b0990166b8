"""Nothing outlives its keeper, even one that is killed with SIGKILL. Linux only; elsewhere only an ordered end works.

Two lines of defence, because each has a hole. `run` asks the kernel to kill a child when the keeper dies, which a
child's own children do not inherit. `guard` is a process that holds the other end of a pipe of the keeper's, sees it
close, and kills whatever carries the keeper's mark in its environment, which everything below the keeper inherits.

This file is started by its path, on an interpreter without site-packages, so that it costs a few milliseconds:

    python -I -S lifeline.py run KEEPER_PID COMMAND ...      becomes COMMAND
    python -I -S lifeline.py guard TOKEN                     stdin: the pipe
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time

MARK = "ASSUAGE_LIFELINE"  # in a child's environment: TOKEN/NAME
SCRIPT = (sys.executable, "-I", "-S", os.path.abspath(__file__))

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def run_command(keeper: int, command: list[str]) -> list[str]:
    """The command that becomes `command` but dies with the process `keeper`, which must be its parent."""
    return [*SCRIPT, "run", str(keeper), *command]


def guard_command(token: str) -> list[str]:
    """The command of the guard for everything marked with `token`; its stdin is the read end of the keeper's pipe."""
    return [*SCRIPT, "guard", token]


def marked(token: str, name: str | None = None) -> list[int]:
    """Ids of living processes that carry the mark of this keeper, or of its child `name` and what that has started."""
    wanted = f"{MARK}={token}/{name or ''}".encode()
    found = []
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else []:
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            with open(f"/proc/{entry}/environ", "rb") as file:
                environment = file.read().split(b"\0")
        except OSError:  # ended meanwhile, or another user's
            continue
        if any(item == wanted if name else item.startswith(wanted) for item in environment):
            found.append(int(entry))
    return found


def end_marked(token: str, name: str | None = None) -> int:
    """Kills what `marked` finds, until a look finds nothing more. Returns how many processes were killed."""
    killed = set()
    for _ in range(50):  # a killed process keeps its environment until the kernel has taken it down
        found = marked(token, name)
        if not found:
            break
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
            except ProcessLookupError:
                pass
        time.sleep(0.01)
    return len(killed)


def _run(keeper: int, command: list[str]) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != keeper:  # it died before the request reached the kernel
        sys.exit(1)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]} cannot be started: {error.strerror}")


def _guard(token: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while os.read(0, 1024):
        pass
    end_marked(token)


if __name__ == "__main__":
    if sys.argv[1] == "run":
        _run(int(sys.argv[2]), sys.argv[3:])
    elif sys.argv[1] == "guard":
        _guard(sys.argv[2])
