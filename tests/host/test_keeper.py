"""The keeper with real processes: what ends comes back, what is told is true, nothing that it started outlives it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assuage import launch, lifeline
from assuage.state_dir import StateDir

PATIENCE = 30.0  # s; how long a test waits for what must happen, on however slow a machine

SLEEP = "import time; time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
)
# starts a process that ignores SIGTERM in a session of its own, out of reach of every process group
WITH_STUBBORN_SON = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-S", "-c", {STUBBORN!r}], start_new_session=True)
time.sleep(600)
"""


def eventually(what: Callable[[], object], promise: str) -> None:
    """Waits until `what()` is true."""
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until, f"never came true: {promise}"
        time.sleep(0.02)


class Kept:
    """A keeper process under test."""

    def __init__(self, state: Path, children: dict[str, str], grace: float = 0.5) -> None:
        self.state = state
        self._out = state.with_suffix(".out")
        arguments = [f"{name}:{grace}:{code}" for name, code in children.items()]
        with self._out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.host.children.keeping", str(state), *arguments], stdout=out, stderr=out
            )

    @property
    def told(self) -> str:
        return self._out.read_text()

    @property
    def pids(self) -> dict[str, int]:
        with contextlib.suppress(FileNotFoundError):
            return dict(json.loads((self.state / "pids.json").read_text()))
        return {}

    def wait_for(self, *names: str) -> dict[str, int]:
        eventually(lambda: set(names) <= set(self.pids), f"{names} run; told: {self.told}")
        return self.pids

    def tree(self) -> list[int]:
        """The keeper's descendants, found by the mark they inherit."""
        return lifeline.marked(self.token())

    def token(self) -> str:
        """Of a child's environment, which is empty while the child becomes its program."""
        found: list[str] = []

        def look() -> bool:
            child = next(pid for name, pid in self.wait_for().items() if name != "keeper")
            variables = Path(f"/proc/{child}/environ").read_bytes().decode().split("\0")
            found.extend(v.split("=", 1)[1].split("/")[0] for v in variables if v.startswith(lifeline.MARK))
            return bool(found)

        eventually(look, "a child carries the mark")
        return found[0]


@pytest.fixture
def keep(tmp_path: Path) -> Iterator[Callable[..., Kept]]:
    """Starts keepers and leaves none behind."""
    started: list[Kept] = []

    def start(children: dict[str, str], grace: float = 0.5) -> Kept:
        kept = Kept(tmp_path / f"state{len(started)}", children, grace)
        started.append(kept)
        kept.wait_for("keeper")
        return kept

    yield start
    for kept in started:
        kept.process.kill()
        kept.process.wait()


def gone(pid: int) -> bool:
    """Whether a process has ended; a zombie that nobody has reaped yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_pids_json_names_all_that_runs(keep: Callable[..., Kept]) -> None:
    kept = keep({"one": SLEEP, "two": SLEEP})
    pids = kept.wait_for("keeper", "one", "two")
    assert pids["keeper"] == kept.process.pid
    assert not gone(pids["one"]) and not gone(pids["two"])


def test_a_killed_child_comes_back_and_is_told(keep: Callable[..., Kept]) -> None:
    kept = keep({"one": SLEEP, "two": SLEEP})
    before = kept.wait_for("one", "two")
    os.kill(before["one"], signal.SIGKILL)
    eventually(lambda: kept.pids.get("one", before["one"]) != before["one"], "one runs again")
    assert kept.pids["two"] == before["two"], "its neighbour is left alone"
    assert "one ended (killed by SIGKILL) and starts again in 0.2 s." in kept.told


def test_what_a_killed_child_had_started_is_gone_before_it_comes_back(keep: Callable[..., Kept]) -> None:
    kept = keep({"one": WITH_STUBBORN_SON})
    first = kept.wait_for("one")["one"]
    eventually(lambda: len(kept.tree()) == 2, "one has a son")
    old = kept.tree()
    os.kill(first, signal.SIGKILL)
    eventually(lambda: kept.pids.get("one", first) != first, "one runs again")
    assert all(gone(pid) for pid in old)


def test_a_child_that_keeps_dying_is_reported_with_its_last_words_and_growing_delays(
    keep: Callable[..., Kept],
) -> None:
    kept = keep({"one": "import sys; print('first line'); sys.exit('no such port: /dev/ttyX')"})
    eventually(lambda: "keeps ending (4 times" in kept.told, f"the fourth end is told: {kept.told}")
    lines = kept.told.splitlines()
    assert lines[0] == "one ended (exit code 1) and starts again in 0.2 s."
    assert lines[1] == "one ended (exit code 1) and starts again in 0.4 s."
    assert lines[2].startswith("one keeps ending (3 times in a row, exit code 1); the next try is in 0.8 s.")
    assert lines[2].endswith("ends with: no such port: /dev/ttyX")
    assert "1.6 s" in lines[3]


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    command = lifeline.run_command(os.getpid(), ["/nowhere/broker"])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "/nowhere/broker cannot be started: No such file or directory"


def test_the_end_is_ordered_last_started_first(keep: Callable[..., Kept], tmp_path: Path) -> None:
    order = tmp_path / "order"
    code = f"""
import signal, sys, time
name = sys.argv[0]
def end(*_):
    open({str(order)!r}, "a").write(NAME + " ")
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
time.sleep(600)
"""
    kept = keep({name: f"NAME={name!r}\n{code}" for name in ("broker", "rig", "daemon")}, grace=PATIENCE)
    for name in ("broker", "rig", "daemon"):
        log = kept.state / "logs" / f"{name}.log"
        eventually(lambda log=log: log.exists() and "ready" in log.read_text(), f"{name} listens")
    kept.process.terminate()
    assert kept.process.wait(PATIENCE) == 0
    assert order.read_text().split() == ["daemon", "rig", "broker"]
    assert kept.told == "asked to end\ndone\n", "an ordered end is no news"


def test_nothing_survives_the_ordered_end(keep: Callable[..., Kept]) -> None:
    kept = keep({"one": WITH_STUBBORN_SON, "two": STUBBORN, "three": "import os; os.abort()"})
    kept.wait_for("one", "two")
    eventually(lambda: "deaf" in (kept.state / "logs/two.log").read_text(), "two ignores SIGTERM")
    eventually(lambda: "deaf" in (kept.state / "logs/one.log").read_text(), "so does one's son")
    token, tree = kept.token(), kept.tree()
    kept.process.terminate()
    assert kept.process.wait(PATIENCE) == 0
    assert all(gone(pid) for pid in tree)
    assert lifeline.marked(token) == []
    assert kept.pids == {}


def test_asked_twice_nothing_is_waited_for(keep: Callable[..., Kept]) -> None:
    kept = keep({"one": STUBBORN, "two": STUBBORN}, grace=100 * PATIENCE)
    tree = [kept.wait_for("one", "two")[name] for name in ("one", "two")]
    for name in ("one", "two"):
        eventually(lambda name=name: "deaf" in (kept.state / f"logs/{name}.log").read_text(), f"{name} is deaf")
    kept.process.terminate()
    eventually(lambda: "asked" in kept.told, "the first is heard, for two at once would be one")
    kept.process.terminate()
    assert kept.process.wait(PATIENCE) == 0
    assert all(gone(pid) for pid in tree)


def test_nothing_survives_a_killed_keeper(keep: Callable[..., Kept]) -> None:
    kept = keep({"one": WITH_STUBBORN_SON, "two": STUBBORN})
    kept.wait_for("one", "two")
    eventually(lambda: len(kept.tree()) == 3, "one has a son")
    token, tree = kept.token(), kept.tree()
    kept.process.kill()
    eventually(lambda: all(gone(pid) for pid in tree), "all have ended")
    assert lifeline.marked(token) == []


def guards(token: str) -> list[int]:
    """Processes that are the guard of this token."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "cmdline").read_bytes().endswith(f"guard\0{token}\0".encode()):
                found.append(int(entry.name))
    return found


def test_a_killed_guard_is_replaced(keep: Callable[..., Kept]) -> None:
    kept = keep({"one": WITH_STUBBORN_SON})
    kept.wait_for("one")
    eventually(lambda: len(kept.tree()) == 2, "one has a son")
    token, tree = kept.token(), kept.tree()
    eventually(lambda: guards(token), "there is a guard")
    old = guards(token)
    os.kill(old[0], signal.SIGKILL)
    eventually(lambda: set(guards(token)) - set(old), "there is another")
    kept.process.kill()
    eventually(lambda: all(gone(pid) for pid in tree), "all have ended")
    eventually(lambda: not guards(token), "and the guard with them")


def test_the_graces_of_the_demo_add_up_to_less_than_three_seconds(tmp_path: Path) -> None:
    state = StateDir(tmp_path)
    config = launch.demo_config(state, page=1, mqtt=2, modbus=3)
    broker, _, _ = launch.broker_child(config, state)
    children = [broker, *launch.rig_children(config, state), launch.daemon_child(state)]
    assert sum(child.grace for child in children if child) < 2.6


def test_a_demo_of_two_boards_has_two_rigs_whose_boards_can_be_told_apart(tmp_path: Path) -> None:
    state = StateDir(tmp_path)
    one = launch.demo_config(state, page=1, mqtt=2, modbus=3)
    two = launch.demo_config(state, page=1, mqtt=2, modbus=3, two_boards=True)
    assert [child.name for child in launch.rig_children(one, state)] == ["rig"]
    rigs = launch.rig_children(two, state)
    assert [child.name for child in rigs] == ["rig", "rig-signs"]
    options = [dict(zip(rig.command[4::2], rig.command[5::2], strict=True)) for rig in rigs]
    assert [option["--pty"] for option in options] == [two.link.port, two.signs.port]
    assert all(len({option[name] for option in options}) == 2 for name in ("--control", "--nv", "--seed"))


def test_a_demo_of_two_pumps_has_them_at_one_patient(tmp_path: Path) -> None:
    state = StateDir(tmp_path)
    two = launch.demo_config(state, page=1, mqtt=2, modbus=3, two_pumps=True)
    first, second = launch.rig_children(two, state)
    assert (first.name, second.name) == ("rig", "rig-second")
    assert "--nobody" in second.command and "--nobody" not in first.command
    options = [
        dict(zip(words[::2], words[1::2], strict=True))
        for words in ([word for word in rig.command[4:] if word != "--nobody"] for rig in (first, second))
    ]
    assert [option["--pty"] for option in options] == [two.link.port, two.second.port]
    assert options[0]["--beside"] == options[1]["--control"] and "--beside" not in options[1]
    assert all(len({option[name] for option in options}) == 2 for name in ("--control", "--nv", "--seed"))
