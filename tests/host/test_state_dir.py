"""The state directory: one holder, who can be found, and logs that say why."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from assuage.state_dir import SOCKET_PATH_MAX, StateDir, StateDirTaken


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


def test_what_is_let_go_can_be_taken(tmp_path: Path) -> None:
    first = StateDir(tmp_path)
    first.take()
    first.release()
    StateDir(tmp_path).take()


def test_pids_of_an_earlier_holder_are_forgotten(tmp_path: Path) -> None:
    state = StateDir(tmp_path)
    state.take()
    state.write_pids({"daemon": 4})
    state.release()
    StateDir(tmp_path).take()
    assert json.loads((tmp_path / "pids.json").read_text()) == {}


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateDirTaken, match="choose another with --state-dir"):
        StateDir(tmp_path / "file" / "state").take()


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
    state.release()
    assert not path.parent.exists()
