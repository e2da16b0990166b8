"""What the patient's sensors cost a board: one with all of them beside the reference board, turn about in one run.

Both infuse, their patients move, and the bedside board takes a blood pressure meanwhile. Both are processes of this
machine; loop_us and collect_us are what they measure of themselves and tell in Health, the time in which the rig
answers included. What an RP2040 takes is another matter: docs/processor.md.

bedside_loop_us, bedside_collect_us: the longest turn and the collection of a second, medians. bedside_heap_free: bytes.
bedside_virtual_time_ratio: virtual seconds for each second of the wall. bedside_turn_bytes: what so many turns take
from the heap, see tests/firmware/entries/locked.py; the limit is none.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from assuage_rig.bench import Bench
from assuage_rig.targets.linux import LinuxTarget
from assuage_rig.wirehost import WireHost
from tests.bench.measure import Row, rows

ROUNDS, ROUND_S = 7, 4.0  # less than a cuff's cycle takes
TURNS = 3000
MOTION = 3.0  # % of the light
_LOCKED = Path(__file__).resolve().parents[1] / "firmware" / "entries" / "locked.py"
_CUFF_WITHIN_S = 330.0
_TOLD = ("loop_us", "collect_us", "heap_free")


class Bed:
    """A board that infuses while its patient moves, and the figures of each round."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.host = WireHost(bench, keep=False)
        self.host.infuse(ml_h=10.0, ml=40.0)
        bench.patient.motion = MOTION
        self.told: dict[str, list[float]] = {name: [] for name in _TOLD}
        self.ratios: list[float] = []

    def run(self, seconds: float) -> None:
        """One round. Raises AssertionError when it does not infuse throughout."""
        second: dict[str, list[float]] = {name: [] for name in _TOLD}
        began = time.perf_counter()
        for _ in range(round(seconds)):
            self.host.run(1.0)
            for name, values in second.items():
                values.append(self.host.last("Health")[name])
        self.ratios.append(seconds / (time.perf_counter() - began))
        assert self.host.state == "infusing", self.host.reason
        for name, values in second.items():
            self.told[name].append(statistics.median(values))


def side_by_side(rounds: int = ROUNDS, seconds: float = ROUND_S) -> tuple[Bed, Bed]:
    """The bedside board with a cuff at work, and the reference board, after so many rounds in turns."""
    with Bench(bedside=True) as one, Bench() as other:
        bedside, reference = Bed(one), Bed(other)
        side = one.circuit.side
        assert side is not None
        while side.cuff.bladder() < 50:
            bedside.host.run(1.0)
            assert one.now_us < _CUFF_WITHIN_S * 1e6, "no blood pressure has begun"
        reference.host.run(5.0)
        for _ in range(rounds):
            bedside.run(seconds)
            reference.run(seconds)
        assert side.cuff.bladder() > 5 or bedside.host.vital("map").value is not None
        return bedside, reference


def taken(turns: int = TURNS) -> int:
    """Bytes that so many turns of the bedside board leave on a heap that nobody tidies.

    Raises AssertionError when one of them had to be refused an allocation.
    """
    with TemporaryDirectory(prefix="assuage-") as folder:
        log = Path(folder) / "board.log"
        target = LinuxTarget(entry=_LOCKED, arguments=(str(turns), "bedside"), output=log)
        with Bench(target=target, bedside=True) as bench:
            host = WireHost(bench, keep=False)
            host.infuse(ml_h=10.0, ml=40.0)
            while "bytes taken: " not in (said := log.read_text()):
                host.run(5.0)
                assert host.state == "infusing", said
            return int(said.split("bytes taken: ")[1].split()[0])


def measure() -> list[Row]:
    """The rows of the module. Raises SystemExit when a turn allocates."""
    bedside, reference = side_by_side()
    out: list[Row] = []
    for name, unit in (("loop_us", "us"), ("collect_us", "us"), ("heap_free", "B")):
        out += rows(f"bedside_{name}", unit, bedside.told[name], {"reference board": reference.told[name]})
    out += rows("bedside_virtual_time_ratio", "s/s", bedside.ratios, {"reference board": reference.ratios})
    kept = taken()
    if kept:
        raise SystemExit(f"bench: {TURNS} turns of the bedside board took {kept} bytes of its heap")
    out.append({"name": "bedside_turn_bytes", "value": kept / TURNS, "unit": "B", "peer": "limit", "peer_value": 0,
                "ratio": 0.0})  # fmt: skip
    return out
