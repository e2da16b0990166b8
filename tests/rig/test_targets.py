"""Targets: the inventory, the strategy's states, and a real board's identity, for which a serving rig stands in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assuage_rig.requirements import req
from assuage_rig.runrecord import Fault, load
from assuage_rig.targets import inventory
from assuage_rig.targets.choice import target_for
from assuage_rig.targets.dut import CannotError
from assuage_rig.targets.inventory import InventoryError, Place, find
from assuage_rig.targets.strategy import BROKEN, OFF, READY, TABLE, BrokenTargetError, Strategy
from assuage_rig.wirehost import WireHost

from .serving import ENVIRONMENT, ROOT, Rig

BOARD = "6f7cd761b7cb9734"  # the first 8 bytes of SHA-256 of "assuage rig 1", which a rig of seed 1 gives its board
ANOTHER = "e6614103e7452d2f"


# -- bench.toml --------------------------------------------------------------------------------------------------------
def test_the_shipped_inventory_has_this_machine_and_shows_how_a_board_is_entered() -> None:
    assert find("linux") == Place("linux", "linux")
    commented = inventory.INVENTORY.read_text().split("# [desk]\n")[1].split("\n\n")[0]
    assert 'port = "/dev/serial/by-id/' in commented and 'board = "' in commented


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[a]\nkind = 'linux'\n[a]", "is no TOML"),
        ("[a]\nkind = 'qemu'", "bench.toml, a: kind must be one of linux, serial, rp2040, not 'qemu'"),
        ("[a]\nkind = 'serial'\nport = '/dev/x'", "a serial target has board, kind, port, not kind, port"),
        ("[a]\nkind = 'serial'\nport = '/dev/x'\nboard = 'E66'", "board must be sixteen hex digits"),
        ("[a]\nkind = 'linux'\nport = '/dev/x'", "a linux target has kind, not kind, port"),
        ("a = 1", "bench.toml, a: must be a table"),
        ("[b]\nkind = 'linux'", "bench.toml has no target 'a'; it has b"),
    ],
)
def test_what_is_wrong_with_an_inventory_is_said(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "bench.toml").write_text(text)
    with pytest.raises(InventoryError) as refused:
        find("a", tmp_path / "bench.toml")
    assert sentence in str(refused.value)


def test_an_emulated_rp2040_is_refused_as_not_built_yet() -> None:
    with pytest.raises(InventoryError, match="pico: a target of kind rp2040 is not built yet"):
        target_for(Place("pico", "rp2040"), 1)


# -- the strategy ------------------------------------------------------------------------------------------------------
class Steps:
    """A target that notes its steps and fails in one of them."""

    def __init__(self, bad: str = "") -> None:
        self.made: list[str] = []
        self._bad = bad

    def __getattr__(self, name: str) -> object:
        if name not in {step.do for step in TABLE}:
            raise AttributeError(name)

        def make() -> None:
            self.made.append(name)
            if name == self._bad:
                raise RuntimeError("no answer")

        return make


def test_a_target_goes_from_state_to_state_by_the_table() -> None:
    target = Steps()
    strategy = Strategy(target)  # type: ignore[arg-type]
    assert strategy.state == OFF
    strategy.to(READY)
    strategy.to(READY)
    assert target.made == ["flash", "boot", "identify"], "and once it is there, nothing is done again"
    strategy.to(OFF)
    assert target.made[3:] == ["switch_off"] and strategy.state == OFF


@pytest.mark.parametrize("step", ["flash", "boot", "identify"])
def test_a_step_that_fails_leaves_a_broken_target_which_is_never_tried_again(step: str) -> None:
    target = Steps(bad=step)
    strategy = Strategy(target)  # type: ignore[arg-type]
    for _ in range(3):
        with pytest.raises(BrokenTargetError, match=f"{step} failed, so the target is broken: no answer"):
            strategy.to(READY)
    assert strategy.state == BROKEN and target.made.count(step) == 1


# -- a real board ------------------------------------------------------------------------------------------------------
@pytest.fixture
def board(tmp_path: Path) -> Iterator[Rig]:
    """The shipped firmware in real time behind a pseudo-terminal, which knows no more of us than a board on a desk."""
    rig = Rig(tmp_path)
    yield rig.ready()
    rig.close()


def desk(rig: Rig, board: str = BOARD) -> Place:
    """Its row of the inventory."""
    return Place("desk", "serial", str(rig.pty), board)


@req("SYS-016")
def test_a_board_of_another_id_is_refused_with_both_named(board: Rig) -> None:
    target = target_for(desk(board, ANOTHER), 1)
    with pytest.raises(BrokenTargetError) as refused:
        Strategy(target).to(READY)
    assert f"the inventory has board {ANOTHER} here, and {BOARD} answers" in str(refused.value)


@req("SYS-016")
def test_a_port_that_is_not_there_breaks_the_target_with_a_sentence(tmp_path: Path) -> None:
    target = target_for(Place("desk", "serial", str(tmp_path / "nothing"), BOARD), 1)
    with pytest.raises(BrokenTargetError, match=r"boot failed, so the target is broken: .*nothing cannot be opened"):
        Strategy(target).to(READY)


def test_a_real_board_is_talked_to_and_what_needs_a_bench_is_refused(board: Rig) -> None:
    target = target_for(desk(board), 1)
    strategy = Strategy(target)
    strategy.to(READY)
    assert (target.facts.board, target.facts.target, target.facts.firmware) == (BOARD, "desk", "0.1.0")
    dut = target.open([])
    try:
        assert not target.can("motor stall")
        for refused in (lambda: dut.fault("motor", "stall"), lambda: dut.take_out(1.0)):
            with pytest.raises(CannotError, match="desk is a real board in real time"):
                refused()
    finally:
        dut.close()
    with pytest.raises(CannotError, match="syringe"):
        target.open([], syringe="BD 20")


def test_the_line_to_a_real_board_is_broken_at_this_end_of_it(board: Rig) -> None:
    target = target_for(desk(board), 1)
    Strategy(target).to(READY)
    deeds: list[Fault] = []
    dut = target.open(deeds)
    try:
        assert target.can("link cut") and target.can("uart stall") and not target.can("encoder dead")
        assert dut.run_until(lambda: dut.take(), 10.0)  # it tells of itself each second
        dut.fault("link", "mute")
        dut.run(2.5)
        assert dut.take() == b""
        dut.mend("link", "mute")
        assert dut.run_until(lambda: dut.take(), 10.0)
        dut.fault("link", "stall", s=3600.0, way=2)
        dut.run(2.5)
        assert dut.take() == b""
        dut.mend("link", "stall")
        dut.run(0)
        assert len(dut.take()) > 100  # what it has told meanwhile, at once
        dut.fault("link", "deaf")
        with pytest.raises(AssertionError):
            WireHost(dut).stop()
        dut.mend("link")
        assert WireHost(dut).stop()["token"] == 1
    finally:
        dut.close()
    assert [deed.verb for deed in deeds] == [
        "link mute", "mend link mute", "link stall", "mend link stall", "link deaf", "mend link",
    ]  # fmt: skip


def run(folder: Path, board: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """hil_tests on the board whose port is in that folder."""
    row = f'[desk]\nkind = "serial"\nport = "{folder / "port"}"\nboard = "{board}"\n'
    (folder / "bench.toml").write_text(row)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--target", "desk", "--inventory", str(folder / "bench.toml")]
        + ["--out", str(folder / "out"), "-n", "2", *arguments],
        cwd=ROOT,
        env={**ENVIRONMENT, "ASSUAGE_SOAK": "0"},
        capture_output=True,
        text=True,
    )


@pytest.mark.timeout(600)
@req("SYS-016")
def test_tests_that_a_real_board_can_run_pass_on_it_and_on_a_wrong_one_none_does(board: Rig, tmp_path: Path) -> None:
    files = ("hil_tests/test_identity.py", "hil_tests/test_commands.py", "-k")
    wrong = run(tmp_path, ANOTHER, *files, "asked or stop")
    cases = load(tmp_path / "out").tests
    assert cases and {case.outcome for case in cases} == {"skipped"}, wrong.stdout
    assert all(f"the inventory has board {ANOTHER} here, and {BOARD} answers" in case.reason for case in cases)
    right = run(tmp_path, BOARD, *files, "asked or stop or silent or turn or damaged")
    record = load(tmp_path / "out")
    assert right.returncode == 0, right.stdout
    assert {case.outcome for case in record.tests} == {"passed"}, right.stdout
    assert record.facts.board == BOARD and record.facts.target == "desk"
    assert {row.target for row in record.rows} == {"desk"}
