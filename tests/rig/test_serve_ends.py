"""How a serving rig's board dies and comes back, and how the rig itself ends, or never begins."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assuage_rig.requirements import req

from .conftest import SCRIPT
from .serving import COMMAND, ENVIRONMENT, Rig, board_pid, gone, until

Open = Callable[..., Rig]


# -- dying and coming back ---------------------------------------------------------------------------------------------
def test_a_killed_board_comes_back_with_its_words_but_a_fault(rig: Rig) -> None:
    rig.tell("retain 3 77")
    first = board_pid(rig)
    os.kill(first, signal.SIGKILL)
    assert rig.hear().split()[:2] == [b"boot", b"5"]
    assert board_pid(rig) not in (0, first)
    assert rig.tell("retained")[3] == "77"
    assert rig.ask("kill_board")["ok"]
    assert rig.hear().split()[:2] == [b"boot", b"5"]


@req("PWR-005")
def test_a_hung_board_is_reset_by_its_watchdog_and_a_busy_one_is_not(rig: Rig) -> None:
    rig.tell("guarded 1500")
    began = time.monotonic()
    until(lambda: time.monotonic() - began > 2.0, "two seconds")
    assert rig.ask("state")["board_starts"] == 1
    rig.send("hang")
    assert rig.hear().split()[:2] == [b"boot", b"2"]
    rig.tell("guarded 1500")
    rig.ask("fault", component="board", kind="freeze")
    assert rig.hear().split()[:2] == [b"boot", b"2"]


def test_a_crashing_board_and_a_commanded_reset(rig: Rig) -> None:
    rig.send("crash")
    assert rig.hear().split()[:2] == [b"boot", b"5"]
    rig.send("reset")
    assert rig.hear().split()[:2] == [b"boot", b"3"]


def test_a_rig_that_was_stopped_does_not_blame_its_board(rig: Rig) -> None:
    """The watchdog counts the time in which the board could have fed it; the rig was stopped for longer than that."""
    rig.tell("tick 50000")  # it waits for 50 ms at most
    rig.send("watchdog 3000")
    rig.hear(b"ok\n")
    rig.process.send_signal(signal.SIGSTOP)
    stopped = time.monotonic()
    until(lambda: time.monotonic() - stopped > 4.0, "four seconds")
    rig.process.send_signal(signal.SIGCONT)
    rig.send("feed")
    rig.hear(b"ok\n")
    assert rig.ask("state")["board_starts"] == 1


def test_boards_killed_as_fast_as_one_can_ask_still_come_back(rig: Rig) -> None:
    for _ in range(5):
        until(lambda: board_pid(rig), "a board process")
        rig.ask("kill_board")
    rig.ask("power_cycle", off_s=0)
    rig.ask("kill_board")
    lines: list[list[str]] = []  # each greeting of a board that lived long enough to give one
    until(lambda: lines.append(rig.tell("retain 0 1")) or lines[-1] == ["ok"], "an answer to the request")
    assert [line[:2] for line in lines[-2:]] == [["boot", "5"], ["ok"]]


def test_power_loss_forgets_the_words(rig: Rig) -> None:
    rig.tell("retain 3 77")
    assert rig.ask("power_cycle", off_s=0.1)["ok"]
    assert rig.hear().split()[:2] == [b"boot", b"1"]
    assert rig.tell("retained") == ["0"] * 7


def test_what_the_board_kept_outlives_the_rig_in_a_named_file(open_rig: Open, tmp_path: Path) -> None:
    nv = str(tmp_path / "board.nv")
    first = open_rig("--nv", nv).ready()
    first.attach()
    first.hear()
    first.tell("keep 42")
    first.stop()
    second = open_rig("--nv", nv).ready()
    second.attach()
    second.hear()
    assert second.tell("kept") == ["42"]


# -- ends --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_rig_and_board_and_leaves_nothing_behind(rig: Rig, number: int) -> None:
    board = board_pid(rig)
    assert rig.stop(number) == 0
    assert gone(board)
    assert not rig.pty.is_symlink()
    assert not rig.control.exists()


def test_end_by_request(rig: Rig) -> None:
    assert rig.ask("end")["ok"]
    assert rig.process.wait(30) == 0


def test_a_killed_rig_takes_its_board_along_and_the_next_one_takes_its_place(rig: Rig, open_rig: Open) -> None:
    board = board_pid(rig)
    rig.stop(signal.SIGKILL)
    until(lambda: gone(board), "the board's end")
    second = open_rig().ready()
    second.attach()
    assert second.hear().split()[:2] == [b"boot", b"1"]


def test_a_hung_board_does_not_outlive_a_killed_rig(rig: Rig) -> None:
    board = board_pid(rig)
    rig.send("hang")
    rig.stop(signal.SIGKILL)
    until(lambda: gone(board), "the board's end")


def test_the_rig_ends_when_the_pipe_from_its_parent_closes(open_rig: Open) -> None:
    rig = open_rig("--die-with-parent", stdin=subprocess.PIPE).ready()
    assert rig.process.stdin
    rig.process.stdin.close()
    assert rig.process.wait(30) == 0


def test_the_rig_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    serve = [*COMMAND, "serve", "--pty", str(tmp_path / "port"), "--control", str(tmp_path / "rig.sock")]
    serve += ["--entry", str(SCRIPT), "--die-with-parent"]
    program = f"import subprocess, time; print(subprocess.Popen({serve!r}).pid, flush=True); time.sleep(600)"
    with subprocess.Popen(
        [sys.executable, "-c", program], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        rig = int(parent.stdout.readline())
        until((tmp_path / "port").is_symlink, "the serial port")
        parent.kill()
        until(lambda: gone(rig), "the rig's end")
    until(lambda: not (tmp_path / "port").is_symlink(), "a clean end")


# -- beginnings that fail ----------------------------------------------------------------------------------------------
def test_a_second_rig_in_the_same_place_says_so_and_leaves_the_first_alone(rig: Rig, open_rig: Open) -> None:
    second = open_rig()
    assert second.process.wait(30) == 2
    assert second.process.stderr
    sentence = second.process.stderr.read()
    assert "already answers" in sentence
    assert sentence.count("\n") == 1
    assert rig.tell("retain 0 1") == ["ok"]


def test_a_file_in_the_way_of_the_port_is_not_overwritten(open_rig: Open, tmp_path: Path) -> None:
    (tmp_path / "port").write_text("a letter")
    rig = open_rig()
    assert rig.process.wait(30) == 2
    assert rig.process.stderr
    assert "no symlink" in rig.process.stderr.read()
    assert (tmp_path / "port").read_text() == "a letter"
    assert not rig.control.exists()


def test_a_file_in_the_way_of_the_control_socket_is_not_deleted(open_rig: Open, tmp_path: Path) -> None:
    (tmp_path / "rig.sock").write_text("a letter")
    rig = open_rig()
    assert rig.process.wait(30) == 2
    assert rig.process.stderr
    sentence = rig.process.stderr.read()
    assert "no socket" in sentence
    assert sentence.count("\n") == 1
    assert (tmp_path / "rig.sock").read_text() == "a letter"
    assert not rig.pty.is_symlink()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--entry", "/nowhere/main.py"), "no firmware at /nowhere/main.py"),
        (("--spo2", "120"), "spo2 120 is outside"),
        (("--board-python", "/nowhere/micropython"), "/nowhere/micropython"),
    ],
)
def test_what_cannot_start_says_why_in_one_sentence(open_rig: Open, arguments: tuple[str, ...], said: str) -> None:
    rig = open_rig(*arguments)
    assert rig.process.wait(30) == 2
    assert rig.process.stderr
    sentence = rig.process.stderr.read()
    assert said in sentence
    assert sentence.count("\n") == 1
    assert not rig.control.exists()
    assert not rig.pty.is_symlink()
