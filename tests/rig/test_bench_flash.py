"""A board's reserved flash on the bench: it outlives everything, and the supply can fail in the middle of using it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from assuage_rig.bench import Bench
from assuage_rig.boardlink import BoardLink
from assuage_rig.chips.norflash import AFTER, BEFORE, TORN
from assuage_rig.circuit import Circuit
from assuage_rig.clock import Clock
from assuage_rig.plant.patient import Patient
from assuage_rig.targets.linux import LinuxTarget

SCRIPT = """
import sys
from boards.emulated import Board
board = Board(sys.argv[-1])
flash, page = board.flash, bytearray(256)
flash.read(512, page)
print("size", flash.size, "found", bytes(page[:4]))
flash.program(512, bytes(range(100)))
print("programmed")
flash.read(510, page)
print("read", bytes(page[:6]), bytes(page[100:104]))
flash.erase(0)
flash.read(512, page)
print("erased", page == b"\\xff" * 256)
flash.program(512, b"kept")
try:
    flash.program(600, bytes(1))
    flash.read(600, page)
except OSError:
    print("silent")
while True:
    board.wait(board.ticks_ms() + 1000)
"""


@pytest.fixture
def target(tmp_path: Path) -> LinuxTarget:
    entry = tmp_path / "entry.py"
    entry.write_text(SCRIPT)
    return LinuxTarget(entry=entry, output=tmp_path / "log")


def test_a_board_reads_programs_and_erases_and_finds_it_again_after_a_power_cycle(target: LinuxTarget) -> None:
    with Bench(target=target) as bench:
        assert bench.output.splitlines() == [
            "size 131072 found b'\\xff\\xff\\xff\\xff'",
            "programmed",
            "read b'\\xff\\xff\\x00\\x01\\x02\\x03' b'bc\\xff\\xff'",
            "erased True",
        ]
        flash = bench.circuit.flash
        assert flash.erased == [1] + [0] * 31
        bench.power_cycle()
        assert bench.output.splitlines()[0] == "size 131072 found b'kept'"
        bench.fault("flash", "silent")
        bench.kill_board()
        bench.mend("flash")
        bench.run(1)
        assert bench.output.splitlines()[0] == "size 131072 found b'kept'"


@pytest.mark.parametrize(("how", "found"), [(BEFORE, b"\xff\xff"), (AFTER, b"\0\1"), (TORN, None)])
def test_a_cut_at_an_operation_ends_the_board_there_and_it_stays_dark(
    target: LinuxTarget, how: int, found: bytes | None
) -> None:
    with Bench(target=target) as bench:
        bench.circuit.retained.set(0, 5)
        bench.fault("flash", "cut", after=0, how=how)
        bench.kill_board()
        bench.run(2)
        assert not bench.board_runs
        assert bench.output.splitlines()[1:] == []
        assert bench.circuit.retained.words == [0] * 7, "it was the supply, no reset"
        if found:
            assert bench.circuit.flash.read(512, 2) == bytes(a & b for a, b in zip(found, b"ke", strict=True))
        bench.power_cycle()
        assert bench.board_runs
        assert bench.output.splitlines()[-1].startswith("erased")


def test_nothing_after_the_cut_is_carried_out() -> None:
    circuit = Circuit(Clock(), Patient())
    link = BoardLink(circuit, "/nv", 1, lambda sentence: None)
    gone: list[bool] = []
    circuit.power_fails = lambda: gone.append(True)
    circuit.flash.cut(1, AFTER)

    def request(op: int, payload: bytes) -> bytes:
        return struct.pack("<BBH", op, 0, len(payload)) + payload

    program = [request(0x41, struct.pack("<I", at) + b"\0") for at in (1, 2, 3)]
    assert link.receive(program[0]) == bytes(64)
    assert link.receive(program[1] + program[2]) == b""
    assert gone == [True]
    assert circuit.flash.read(0, 5) == b"\xff\0\0\xff\xff"


def test_what_makes_no_sense_is_refused() -> None:
    complaints: list[str] = []
    link = BoardLink(Circuit(Clock(), Patient()), "/nv", 1, complaints.append)
    for op, payload in ((0x40, b"123"), (0x41, struct.pack("<I", 255) + b"\0\0"), (0x42, struct.pack("<I", 5))):
        assert link.receive(struct.pack("<BBH", op, 0, len(payload)) + payload) == b"\x02".ljust(64, b"\0")
    assert len(complaints) == 3
