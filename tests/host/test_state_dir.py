"""The state directory: one holder, who can be found, and logs that say why."""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from assuage.state_dir import SOCKET_PATH_MAX, StateDir, StateDirTaken


def in_a_process_that_ends(path: Path, code: str) -> str:
    """What a process said that took the directory as `state`, ran `code` and ended."""
    head = "import sys; from pathlib import Path; from assuage.state_dir import StateDir"
    code = f"{head}; state = StateDir(Path(sys.argv[1])); state.take(); {code}"
    return subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_second_holder_is_told_who_the_first_is_in_one_sentence(tmp_path: Path) -> None:
    first = StateDir(tmp_path / "state")
    first.take()
    first.sign("http://127.0.0.1:8320/")
    with pytest.raises(StateDirTaken) as error:
        StateDir(tmp_path / "state").take()
    sentence = error.value.sentence
    assert f"process {os.getpid()}, http://127.0.0.1:8320/" in sentence
    assert "\n" not in sentence and sentence.endswith(".") and ". " not in sentence


def test_a_holder_that_has_not_signed_yet_is_told_too(tmp_path: Path) -> None:
    first = StateDir(tmp_path)
    first.take()
    (tmp_path / "lock").write_text("")
    with pytest.raises(StateDirTaken, match="just starting"):
        StateDir(tmp_path).take()


def test_the_directory_of_a_holder_that_has_ended_can_be_taken_and_its_pids_are_forgotten(tmp_path: Path) -> None:
    in_a_process_that_ends(tmp_path, "state.write_pids({'daemon': 4})")
    assert json.loads((tmp_path / "pids.json").read_text()) == {"daemon": 4}
    StateDir(tmp_path).take()
    assert json.loads((tmp_path / "pids.json").read_text()) == {}


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateDirTaken, match="choose another with --state-dir"):
        StateDir(tmp_path / "file" / "state").take()


def test_a_full_disk_is_told_in_one_sentence_wherever_the_directory_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    state = StateDir(tmp_path)
    state.take()
    told = f"The state directory {tmp_path} cannot be used (its disk is full): make room on it, "
    with monkeypatch.context() as disk:
        disk.setattr(os, "write", full)
        with pytest.raises(StateDirTaken, match="^" + re.escape(told)):
            state.sign("http://127.0.0.1:8320/")
    with monkeypatch.context() as disk:
        disk.setattr(Path, "write_text", full)
        with pytest.raises(StateDirTaken, match="^" + re.escape(told)):
            state.write_pids({})
    state.sign("http://127.0.0.1:8320/")
    assert json.loads((tmp_path / "lock").read_text())["address"] == "http://127.0.0.1:8320/"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("one\ntwo\n", "two"),
        ("one\n  two  \n\n \n", "two"),
        ("cut", "cut"),
        ("x" * 9000, 4096 * "x"),
    ],
)
def test_last_words(tmp_path: Path, text: str, words: str) -> None:
    state = StateDir(tmp_path)
    state.take()
    state.log("daemon").write_text(text)
    assert state.last_words("daemon") == words


def test_no_log_no_last_words(tmp_path: Path) -> None:
    assert StateDir(tmp_path).last_words("daemon") == ""


def test_the_log_of_the_start_before_is_kept(tmp_path: Path) -> None:
    state = StateDir(tmp_path)
    state.take()
    state.log("daemon").write_text("old")
    state.turn_log("daemon")
    assert not state.log("daemon").exists()
    assert (tmp_path / "logs/daemon.log.1").read_text() == "old"


def test_a_long_path_still_gives_a_usable_socket(tmp_path: Path) -> None:
    assert StateDir(tmp_path).socket("rig.sock") == tmp_path / "rig.sock"
    state = StateDir(tmp_path / ("d" * SOCKET_PATH_MAX))
    path = state.socket("rig.sock")
    assert state.socket("rig.sock") == path
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))


def test_the_folder_of_a_long_paths_socket_ends_with_its_process(tmp_path: Path) -> None:
    code = "path = state.socket('rig.sock'); path.touch(); print(path)"
    path = Path(in_a_process_that_ends(tmp_path / ("d" * SOCKET_PATH_MAX), code))
    assert path.name == "rig.sock" and not path.is_relative_to(tmp_path) and not path.parent.exists()
