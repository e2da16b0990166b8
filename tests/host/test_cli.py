"""The command `assuage` as a person uses it: it teaches, it refuses in one sentence, and it ends what it started."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assuage import lifeline

PATIENCE = 60.0  # s
ANY_PORTS = ("--port", "0", "--mqtt-port", "0", "--modbus-port", "0")


def assuage(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command that ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "assuage", *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def is_one_sentence(text: str) -> bool:
    return text.count("\n") == 1 and text.endswith(".\n") and ". " not in text and "Traceback" not in text


class Running:
    """`assuage demo` or `run` in the background."""

    def __init__(self, out: Path, *arguments: str) -> None:
        self._out = out
        with out.open("wb") as file:
            self.process = subprocess.Popen([sys.executable, "-m", "assuage", *arguments], stdout=file, stderr=file)

    @property
    def said(self) -> str:
        return self._out.read_text()

    def wait_for(self, words: str) -> None:
        until = time.monotonic() + PATIENCE
        while words not in self.said:
            assert self.process.poll() is None, f"it has ended: {self.said}"
            assert time.monotonic() < until, f"{words!r} never came: {self.said}"
            time.sleep(0.05)

    def said_after(self, name: str) -> str:
        """What stands after `name` in the picture of what was started."""
        return next(line.split(name, 1)[1].strip() for line in self.said.splitlines() if line.startswith(f"  {name}"))

    def snapshot(self) -> dict[str, Any]:
        with urllib.request.urlopen(self.said_after("page") + "api/snapshot", timeout=10) as answer:
            return dict(json.load(answer))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def begin(*arguments: str) -> Running:
        started.append(Running(tmp_path / f"out{len(started)}", *arguments))
        return started[-1]

    yield begin
    for running in started:
        running.process.kill()
        running.process.wait()


def token_of(pid: int) -> str:
    """The mark that a child of a keeper carries."""
    variables = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return next(v for v in variables if v.startswith(lifeline.MARK)).split("=", 1)[1].split("/")[0]


# -- teaching --------------------------------------------------------------------------------------------------------


def test_help_names_every_command_and_shows_examples() -> None:
    done = assuage("--help")
    assert done.returncode == 0
    for word in ("demo", "run", "config", "version", "assuage demo", "assuage config check", "Not a medical device"):
        assert word in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 100


@pytest.mark.parametrize("command", [["demo"], ["run"], ["config"], ["config", "check"], ["version"]])
def test_every_command_has_help(command: list[str]) -> None:
    done = assuage(*command, "--help")
    assert done.returncode == 0 and "usage: assuage" in done.stdout


def test_without_a_command_it_shows_its_help() -> None:
    done = assuage()
    assert done.returncode == 2 and "commands:" in done.stdout


def test_help_and_version_do_not_load_the_daemon() -> None:
    code = """
import sys
from assuage.cli import main
assert main(["version"]) == 0
heavy = {"pydantic", "pymodbus", "starlette", "uvicorn", "aiomqtt", "amqtt"} & set(sys.modules)
sys.exit(", ".join(heavy) or 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "assuage 0." in done.stdout and "schema" in done.stdout


# -- configuration ---------------------------------------------------------------------------------------------------


def test_the_example_configuration_is_good(tmp_path: Path) -> None:
    file = tmp_path / "ward.toml"
    file.write_text(assuage("config", "example").stdout)
    done = assuage("config", "check", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{file} is good.\n", "")


def test_every_mistake_in_a_configuration_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "ward.toml"
    file.write_text('[link]\nport = "/dev/ttyACM0"\nbaud = "fast"\n[monitor]\nprot = 80\n')
    for command in (("config", "check", str(file)), ("run", "--config", str(file))):
        done = assuage(*command)
        assert done.returncode == 1 and done.stdout == ""
        assert "baud" in done.stderr and "prot" in done.stderr and "Traceback" not in done.stderr


def test_a_reachable_monitor_is_worth_a_note(tmp_path: Path) -> None:
    file = tmp_path / "ward.toml"
    file.write_text('[link]\nport = "/dev/ttyACM0"\n[monitor]\nhost = "0.0.0.0"\n')
    done = assuage("config", "check", str(file))
    assert done.returncode == 0 and done.stdout.startswith("note: monitor.host")


# -- refusing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--port", "70000"], ["--mqtt-port", "x"], ["--broker", "localhost"]])
def test_a_wrong_option_is_refused_before_anything_starts(tmp_path: Path, arguments: list[str]) -> None:
    done = assuage("demo", "--state-dir", str(tmp_path / "state"), *arguments)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("option", ["--port", "--mqtt-port", "--modbus-port"])
def test_a_taken_port_is_one_sentence_before_anything_starts(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = assuage("demo", "--state-dir", str(tmp_path), *ANY_PORTS, option, port)
    assert done.returncode == 1 and done.stdout == ""
    assert is_one_sentence(done.stderr) and port in done.stderr and f"another with {option} " in done.stderr
    assert list((tmp_path / "logs").iterdir()) == [], "no child has been started"


def test_a_full_state_disk_is_one_sentence_before_anything_starts(tmp_path: Path) -> None:
    code = """
import sys
from assuage import launch
from assuage.cli import main
def full(*_): raise OSError(28, "No space left on device")
launch.write_config = full
sys.exit(main(sys.argv[1:]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, "demo", "--state-dir", str(tmp_path), *ANY_PORTS],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and done.stdout == ""
    assert is_one_sentence(done.stderr) and str(tmp_path) in done.stderr and "disk is full" in done.stderr
    assert list((tmp_path / "logs").iterdir()) == [], "no child has been started"


def test_a_path_may_start_at_the_users_folder(tmp_path: Path) -> None:
    (tmp_path / "ward.toml").write_text('[link]\nport = "/dev/ttyACM0"\n')
    done = subprocess.run(
        [sys.executable, "-m", "assuage", "config", "check", "~/ward.toml"],
        capture_output=True, text=True, check=False, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, f"{tmp_path}/ward.toml is good.\n")


# -- running ---------------------------------------------------------------------------------------------------------


def test_the_demo_shows_what_it_started_refuses_a_second_and_ends_all_of_it(
    tmp_path: Path, start: Callable[..., Running]
) -> None:
    state = tmp_path / "state"
    demo = start("demo", "--state-dir", str(state), *ANY_PORTS)
    demo.wait_for("Ctrl-C ends all of it.")
    pids = json.loads((state / "pids.json").read_text())
    assert pids["keeper"] == demo.process.pid
    assert f"process {pids['daemon']}" in demo.said_after("daemon")
    assert f"process {pids['rig']}" in demo.said_after("board")
    assert f"process {pids['broker']}" in demo.said_after("broker")
    assert "127.0.0.1" in demo.said_after("modbus")
    assert "MicroPython process" in demo.said_after("board")
    demo.wait_for("link live")  # the status line, from the same snapshot as the page
    assert demo.snapshot()["link"]["state"] == "live"

    second = assuage("demo", "--state-dir", str(state), *ANY_PORTS)
    assert second.returncode == 1 and second.stdout == ""
    assert is_one_sentence(second.stderr)
    assert f"process {demo.process.pid}" in second.stderr and demo.said_after("page") in second.stderr

    token = token_of(pids["daemon"])
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(PATIENCE) == 0
    assert "everything has ended." in demo.said and "Traceback" not in demo.said
    assert lifeline.marked(token) == []
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids.values())
    for log in ("daemon", "rig", "broker"):
        assert "Traceback" not in (state / "logs" / f"{log}.log").read_text(), log


def test_without_a_board_the_page_says_so(tmp_path: Path, start: Callable[..., Running]) -> None:
    file = tmp_path / "ward.toml"
    port = f'[link]\nport = "{tmp_path}/ttyNone"\n'
    file.write_text(port + "[mqtt]\nport = 0\n[monitor]\nport = 0\n[modbus]\nenabled = true\nport = 0\n")
    run = start("run", "--config", str(file), "--state-dir", str(tmp_path / "state"))
    run.wait_for("Ctrl-C ends all of it.")
    snapshot = run.snapshot()
    assert snapshot["link"]["state"] != "live"
    assert snapshot["vitals"]["spo2"] is None
    assert str(tmp_path / "ttyNone") in run.said_after("board")
    assert "rig" not in json.loads((tmp_path / "state/pids.json").read_text())
    os.kill(run.process.pid, signal.SIGTERM)
    assert run.process.wait(PATIENCE) == 0


def test_two_beds_that_share_their_topics_are_told_apart_by_nobody_and_so_it_is_said(tmp_path: Path) -> None:
    """With what to change; beds with names of their own, or brokers of their own, get along."""
    beds = {}
    for name, site in {"a": "bed = 'Bed 1'", "b": "bed = 'bed-1'", "c": "bed = 'Bed 2'"}.items():
        beds[name] = tmp_path / f"{name}.toml"
        beds[name].write_text(
            f"[link]\nport = '/dev/tty{name}'\n[site]\n{site}\n[mqtt]\nurl = 'mqtt://192.0.2.7:1883'\n"
        )
    done = assuage("config", "check", *map(str, beds.values()))
    assert done.returncode == 0
    [note] = [line for line in done.stdout.splitlines() if line.startswith("note: ")]
    assert "a.toml and" in note and "b.toml both publish under assuage/v1/ward/bed-1/board-1:" in note
    assert "site.bed" in note
    beds["b"].write_text(beds["b"].read_text().replace("192.0.2.7", "192.0.2.8"))
    assert "note:" not in assuage("config", "check", *map(str, beds.values())).stdout
