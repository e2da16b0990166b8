"""The journal on the board's own interpreter and the bench's flash: its process dies where the supply is cut."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assuage_rig.bench import Bench
from assuage_rig.chips.norflash import AFTER, BEFORE, TORN
from assuage_rig.requirements import req
from assuage_rig.targets.linux import LinuxTarget

BOARD = """
import sys
from boards.emulated import Board
from journal.logbook import Journal
from journal.volume import Volume, records_for
from pump import codes

board = Board(sys.argv[-1])
journal = Journal(board.flash, board.boot_count())
volume = Volume(journal, board.retained)
journal.boot(board.reset_cause, (0, 1, 0), board.config)
print("found", volume.recover())
if volume.recover():
    volume.note(codes.STANDBY, codes.WHY_NONE)
else:
    while journal.prepare(records_for(200_000), True):
        journal.acknowledge(journal.ring.newest)
    if not volume.begin(7, 200_000, codes.INFUSING, 559_902):
        sys.exit(3)
    print("begun")
    volume.note(codes.INFUSING, codes.WHY_NONE)
    for nl in range(0, 200_001, 2000):
        if not volume.before(nl):
            sys.exit(4)
        print("queued", nl)
        volume.counted(max(0, nl - 20_000))
    volume.counted(200_000)
    volume.note(codes.COMPLETE, codes.WHY_COMPLETE)
    print("ended")
while True:
    board.wait(board.ticks_ms() + 1000)
"""


@req("PWR-001")
@pytest.mark.timeout(600)
def test_a_cut_at_any_operation_of_a_delivery_on_the_bench(tmp_path: Path, soak: bool) -> None:
    entry = tmp_path / "entry.py"
    entry.write_text(BOARD)
    open_ones = 0
    with Bench(target=LinuxTarget(entry=entry, output=tmp_path / "log")) as bench:
        assert bench.output.endswith("ended"), "uncut"
        for at in range(0, 16, 1 if soak else 3):
            for how in (BEFORE, TORN, AFTER):
                bench.fault("flash", "cut", after=at, how=how)
                bench.kill_board()
                bench.run(1)
                told = bench.output.splitlines()
                assert told[:1] in ([], ["found None"]), "each life before this one was settled"
                if bench.board_runs:
                    assert told[-1] == "ended" and at > 8
                    bench.circuit.flash.cut(1 << 30)
                    continue
                queued = max([int(line.split()[1]) for line in told if line.startswith("queued")], default=None)
                bench.power_cycle()
                found = bench.output.splitlines()[0]
                numbers = [int(n) for n in re.findall(r"\d+", found)]
                if queued is None:
                    assert found == "found None" or numbers[:2] == [7, 0], (at, how, told)
                elif queued == 200_000:
                    assert found == "found None" or (numbers[0] == 7 and numbers[1] <= 200_000 <= numbers[2])
                else:
                    programme, low, high = numbers
                    least = max(0, queued - 20_000)
                    assert programme == 7 and low <= least and queued <= high <= least + 50_000, (at, how, found)
                    open_ones += 1
                if found == "found None":
                    bench.kill_board()  # it has delivered once more
                    bench.run(1)
                    assert bench.output.endswith("ended")
        assert open_ones >= 5
