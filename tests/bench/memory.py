"""What the firmware takes of a board: flash as .mpy, and heap.

mpy_bytes: the sum of all .mpy files of firmware and wire that an RP2040 gets: numbers for names and short names (see
targets/boardconst.py and boardnames.py), compiled by mpy-cross -march=armv6m -O3. Frozen into the image they lie in
flash.

heap_peak_bytes: the least heap in which the whole firmware lives on the real 64-bit interpreter, to 1 KiB, found by
trying: it boots with all of the patient's sensors, takes a programme, infuses for 60 s of virtual time with the lease
renewed and every message told, and shows the patient's numbers; in a smaller heap some allocation on that way fails.
So a peak that lasts for a moment counts, and so does what fragments the heap. Code lies in a ROM disk beside the heap,
as in flash (see targets/linux.py). What is left in the heap is pointers for the most part: dictionaries, tuples,
objects, the names' pool. On a 32-bit board these are half as wide, so about half of the figure is needed there:
0.44 of it where that was measured (docs/processor.md).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from assuage_rig.bench import Bench, BoardError
from assuage_rig.targets import mpybuild
from assuage_rig.targets.linux import BEDSIDE, HEAP, LinuxTarget, heap_bytes
from assuage_rig.wirehost import WireHost
from tests.bench.measure import Row

MPY_LIMIT = 160 * 1024
HEAP_LIMIT = heap_bytes(HEAP)
GRAIN = 1024
SHOWN = ("spo2", "resp", "temperature", "heart")


def lives_in(heap: int) -> str:
    """Whether the firmware lives in so many bytes of heap: "", or how it failed."""
    with TemporaryDirectory(prefix="assuage-") as folder:
        log = Path(folder) / "board.log"
        try:
            with Bench(target=LinuxTarget(heap=str(heap), output=log, arguments=BEDSIDE), bedside=True) as bench:
                host = WireHost(bench)
                host.infuse(ml_h=30, ml=20)
                host.run(60)
                said = bench.output
                if host.state != "infusing" or not all(host.vital(name).quality == "good" for name in SHOWN):
                    return f"it is {host.state}, {host.reason}; it said: {said}"
                return f"it said: {said}" if "died" in said or "Error" in said else ""
        except (BoardError, AssertionError, KeyError) as error:
            return f"{error}"


def least(lives: Callable[[int], bool], low: int, high: int, grain: int = GRAIN) -> int:
    """The least multiple of grain above `low` that lives; `high`, a multiple, is known to, and `low` not to."""
    low //= grain
    high //= grain
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if lives(middle * grain) else (middle, high)
    return high * grain


def measure() -> list[Row]:
    """Rows mpy_bytes and heap_peak_bytes, each against its limit. Raises SystemExit when the heap's is not kept."""
    size = sum(mpybuild.sizes(mpybuild.build(mpybuild.RP2040)).values())
    failed = lives_in(HEAP_LIMIT)
    if failed:
        raise SystemExit(f"bench: the firmware does not live in {HEAP}: {failed}")
    peak = least(lambda heap: not lives_in(heap), 16 * 1024, HEAP_LIMIT)
    return [_row("mpy_bytes", size, MPY_LIMIT), _row("heap_peak_bytes", peak, HEAP_LIMIT)]


def _row(name: str, value: int, limit: int) -> Row:
    return {"name": name, "value": value, "unit": "B", "peer": "limit", "peer_value": limit,
            "ratio": round(value / limit, 3)}  # fmt: skip
