"""A bench whose board does what it is told in lines of text (board_by_line.py) instead of running the firmware."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assuage_rig.bench import Bench
from assuage_rig.targets.linux import LinuxTarget

from .serving import Rig

SCRIPT = Path(__file__).with_name("board_by_line.py")


class ToldBench(Bench):
    """A bench with a word for word conversation."""

    def tell(self, line: str) -> list[str]:
        """Sends one line and returns the words of the answer, which the board gives in no time at all."""
        self.take()
        self.send(line.encode() + b"\n")
        self.run(0)
        return self.take().decode().split()


@pytest.fixture
def open_bench(tmp_path: Path) -> Iterator[Callable[..., ToldBench]]:
    """Makes benches that are closed when the test is over."""
    opened: list[ToldBench] = []

    def make(**options: object) -> ToldBench:
        output = tmp_path / f"board{len(opened)}.log"
        target = LinuxTarget(entry=SCRIPT, arguments=(), output=output)
        bench = ToldBench(**{"target": target, "wall_s": 20.0, **options})  # type: ignore[arg-type]
        opened.append(bench)
        return bench.__enter__()  # type: ignore[return-value]

    yield make
    for bench in opened:
        bench.close()


@pytest.fixture
def bench(open_bench: Callable[..., ToldBench]) -> ToldBench:
    """One with all defaults."""
    return open_bench()


@pytest.fixture
def open_rig(tmp_path: Path) -> Iterator[Callable[..., Rig]]:
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
def rig(open_rig: Callable[..., Rig]) -> Rig:
    """One that runs, with the serial port open and the board's greeting read."""
    made = open_rig().ready()
    made.attach()
    assert made.hear().split()[:2] == [b"boot", b"1"]
    return made
