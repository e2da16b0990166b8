"""The rig in real time, met from outside: serial port, control socket, signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .conftest import SCRIPT
from .serving import COMMAND, ENVIRONMENT, Rig, gone, until

Open = Callable[..., Rig]


@pytest.fixture
def open_rig(tmp_path: Path) -> Iterator[Open]:
    """Starts rigs whose board does what it is told; by default all in the same folder."""
    opened: list[Rig] = []

    def start(*arguments: str, folder: Path = tmp_path, stdin: int = subprocess.DEVNULL) -> Rig:
        rig = Rig(folder, "--entry", str(SCRIPT), *arguments, stdin=stdin)
        opened.append(rig)
        return rig

    yield start
    for rig in opened:
        rig.close()


@pytest.fixture
def rig(open_rig: Open) -> Rig:
    """One that runs, with the serial port open and the board's greeting read."""
    made = open_rig().ready()
    made.attach()
    assert made.hear().split()[:2] == [b"boot", b"1"]
    return made


def board_pid(rig: Rig) -> int:
    """Process id of the board; 0 while there is none."""
    pid = rig.ask("state")["board_pid"]
    return pid if isinstance(pid, int) else 0


# -- the chain ---------------------------------------------------------------------------------------------------------
def test_a_line_goes_through_pty_rig_and_board_and_back(rig: Rig) -> None:
    for i in range(200):
        assert rig.tell(f"retain 0 {i}") == ["ok"]
        assert rig.tell("retained")[0] == str(i)


def test_rig_time_is_wall_time(rig: Rig) -> None:
    """Between two answers it advances by what a clock on the wall says, as closely as the calls can be told apart."""
    before = time.monotonic_ns()
    first = int(rig.tell("now")[0])
    between = time.monotonic_ns()
    until(lambda: time.monotonic_ns() - between > 300_000_000, "0.3 s")
    asked = time.monotonic_ns()
    second = int(rig.tell("now")[0])
    after = time.monotonic_ns()
    assert (asked - between) / 1000 <= second - first <= (after - before) / 1000


def test_steps_turn_the_shaft_in_real_time_and_state_tells_the_truth(rig: Rig) -> None:
    rig.tell("enable 1")
    rig.tell("push 3200 10")
    until(lambda: rig.ask("state")["steps"] == 3200, "one turn of the shaft")
    state = rig.ask("state")
    assert state["shaft_turns"] == 1.0
    assert state["plunger_nl"] == pytest.approx(559_902, rel=1e-4)
    assert state["pty"] == str(rig.pty)
    drive = state["drive"]
    assert isinstance(drive, dict)
    assert drive["last_step_us"] <= state["now_us"]
    del drive["last_step_us"]
    assert drive == {"consumed": 3200, "queued": 0, "moving": False, "enabled": True, "dry_runs": 1}


def test_the_daemon_may_leave_and_come_back(rig: Rig) -> None:
    for _ in range(3):
        rig.detach()
        rig.attach()
        assert rig.tell("retain 0 1") == ["ok"]


def test_with_nobody_attached_the_board_runs_on(rig: Rig) -> None:
    for line in ("write 1 87 10 39", "write 1 87 12 36 36", "write 1 87 9 3", "tick 1000"):
        rig.tell(line)
    rig.detach()
    until(lambda: int(str(rig.ask("state")["dropped"])) > 0, "a line full of unread bytes")
    assert board_pid(rig)


# -- patient, faults, keys ---------------------------------------------------------------------------------------------
def test_the_patient_is_set_and_read_back(rig: Rig) -> None:
    answer = rig.ask("patient", pulse_bpm=120, spo2=88.5, perfusion=1)
    assert answer["ok"]
    patient = rig.ask("state")["patient"]
    assert isinstance(patient, dict)
    assert (patient["pulse_bpm"], patient["spo2"], patient["perfusion"]) == (120, 88.5, 1)
    refused = rig.ask("patient", spo2=120)
    assert not refused["ok"]
    assert "spo2" in str(refused["error"])


def test_a_fault_is_made_shown_and_mended(rig: Rig) -> None:
    assert rig.tell("mem 1 87 255 1") == ["0", "21"]
    assert rig.ask("fault", component="oximeter", kind="nack")["ok"]
    assert rig.ask("state")["faults"] == {"oximeter": {"nack": {}}}
    assert rig.tell("mem 1 87 255 1") == ["1"]
    assert rig.ask("mend")["ok"]
    assert rig.tell("mem 1 87 255 1") == ["0", "21"]
    assert rig.ask("fault", component="motor", kind="slip", percent=5)["ok"]
    assert rig.ask("mend", component="motor", kind="slip")["ok"]
    assert rig.ask("state")["faults"] == {}


def test_the_stop_key_and_another_syringe(rig: Rig) -> None:
    assert rig.ask("press")["ok"]
    assert rig.tell("pin 0") == ["0"]
    assert rig.ask("press", down=False)["ok"]
    assert rig.tell("pin 0") == ["1"]
    assert rig.ask("fit", syringe="Terumo 50")["ok"]
    assert "BD 50" in str(rig.ask("fit", syringe="BD 51")["error"])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not json", "JSON"),
        ("[1]", "verbs are"),
        ('{"do": "dance"}', "verbs are"),
        ('{"do": ["state"]}', "verbs are"),
        ('{"do": "state", "of": "mind"}', "does not take of"),
        ('{"do": "patient", "mood": 3}', "mood"),
        ('{"do": "patient", "spo2": "high"}', "number"),
        ('{"do": "fault", "component": "oximeter"}', "kind"),
        ('{"do": "fault", "component": "oximeter", "kind": "melted"}', "nack"),
        ('{"do": "fault", "component": "oximeter", "kind": "part_id", "value": {}}', "value"),
        ('{"do": "fault", "component": "motor", "kind": "slip", "percent": 1e300}', "0.0 .. 100.0"),
        ('{"do": "fault", "component": "encoder", "kind": "slow", "period_ms": 0}', "1 .. 10000"),
        ("[" * 50_000, "JSON"),
        ('{"do": "power_cycle", "off_s": -1}', "off_s"),
        ('{"do": "power_cycle", "off_s": "long"}', "off_s"),
    ],
)
def test_what_control_cannot_do_it_refuses_in_a_sentence_and_goes_on(rig: Rig, line: str, said: str) -> None:
    answer = rig.say(line)
    assert not answer["ok"]
    assert said in str(answer["error"])
    assert rig.ask("state")["ok"]


def test_help_teaches_every_verb_and_fault(rig: Rig) -> None:
    answer = rig.ask("help")
    assert isinstance(answer["verbs"], dict)
    assert {"state", "patient", "kill_board", "fault"} <= set(answer["verbs"])
    assert isinstance(answer["faults"], dict)
    assert all(kinds for kinds in answer["faults"].values())


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


def test_a_hung_board_is_reset_by_its_watchdog(rig: Rig) -> None:
    rig.tell("watchdog 200")
    rig.send("hang")
    assert rig.hear().split()[:2] == [b"boot", b"2"]
    rig.tell("watchdog 200")
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
    assert rig.hear().split()[:2] == [b"boot", b"5"]
    assert rig.tell("retain 0 1") == ["ok"]


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


# -- the command line --------------------------------------------------------------------------------------------------
def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False
    )


def test_help_on_the_command_line_teaches_with_examples() -> None:
    assert "serve" in run("--help").stdout
    text = run("serve", "--help").stdout
    assert "example" in text
    assert "--die-with-parent" in text


def test_ask_on_the_command_line(rig: Rig) -> None:
    control = str(rig.control)
    assert run("ask", "--control", control, "patient", "spo2=88", "probe_on=false").returncode == 0
    patient = rig.ask("state")["patient"]
    assert isinstance(patient, dict)
    assert (patient["spo2"], patient["probe_on"]) == (88, False)
    assert '"board_pid"' in run("ask", "--control", control, "state").stdout
    refused = run("ask", "--control", control, "dance")
    assert refused.returncode == 1
    nobody = run("ask", "--control", control + ".not", "state")
    assert nobody.returncode == 2
    assert nobody.stderr.startswith("rig: no rig answers")
