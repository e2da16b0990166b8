"""What can happen to bytes on the line, in each direction and in time; on a bench and without one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assuage_rig.bench import Bench
from assuage_rig.clock import NEVER
from assuage_rig.faults import UnknownFault
from assuage_rig.linefaults import BOTH, BYTES, TO_BOARD, TO_HOST, Line

FRAMES = [bytes((n, n, 0)) for n in range(1, 9)]


class Timed:
    """A line in a time of its own. `board`, `host`: what has arrived there."""

    def __init__(self, seed: int = 1) -> None:
        self.now_us = 0
        self.line = Line(lambda: self.now_us, seed)
        self.board = b""
        self.host = b""

    def both(self, data: bytes) -> None:
        self.board += self.line.to_board(data)
        self.host += self.line.to_host(data)

    def wait(self, seconds: float) -> None:
        """Whoever has the line calls advance() when it asks for it."""
        end = self.now_us + round(seconds * 1e6)
        while self.line.due_us <= end:
            self.now_us = max(self.now_us, self.line.due_us)
            board, host = self.line.advance()
            self.board += board
            self.host += host
        self.now_us = end

    def make(self, kind: str, **params: float) -> None:
        self.line.faults.make(kind, **params)


@pytest.fixture
def timed() -> Timed:
    return Timed()


def test_a_whole_line_keeps_nothing_and_asks_for_nothing(timed: Timed) -> None:
    timed.both(b"abc")
    assert (timed.board, timed.host) == (b"abc", b"abc")
    assert not timed.line.busy and timed.line.due_us == NEVER


@pytest.mark.parametrize(
    ("kind", "params", "expected"),
    [
        ("drop", {"every": 3}, [1, 2, 4, 5, 7, 8]),
        ("drop", {"every": 3, "more": 1}, [1, 2, 5, 8]),  # the third and sixth with the one behind it
        ("duplicate", {"every": 4}, [1, 2, 3, 4, 4, 5, 6, 7, 8, 8]),
        ("reorder", {"every": 3}, [1, 2, 4, 3, 5, 7, 6, 8]),
        ("reorder", {"every": 6, "behind": 2}, [1, 2, 3, 4, 5, 7, 8, 6]),
    ],
)
def test_whole_frames_are_dropped_doubled_and_exchanged(
    timed: Timed, kind: str, params: dict[str, float], expected: list[int]
) -> None:
    timed.make(kind, **params)
    sent = b"".join(FRAMES)
    for at in range(0, len(sent), 2):  # however they are cut up on their way
        timed.both(sent[at : at + 2])
    assert timed.board == timed.host == b"".join(FRAMES[n - 1] for n in expected)


def test_single_bytes_too(timed: Timed) -> None:
    timed.make("drop", every=3, unit=BYTES)
    timed.both(b"abcdefg")
    assert timed.board == b"abdeg"
    timed.line.faults.mend()
    timed.make("duplicate", every=2, unit=BYTES)
    timed.both(b"xyz")
    assert timed.board == b"abdeg" + b"xyyz"


@pytest.mark.parametrize("kind", ["drop", "duplicate", "corrupt", "delay", "stall"])
@pytest.mark.parametrize("way", [BOTH, TO_BOARD, TO_HOST])
def test_a_fault_strikes_only_the_way_that_it_is_told(timed: Timed, kind: str, way: int) -> None:
    params = {"every": 1} if kind in ("drop", "duplicate", "corrupt") else {}
    timed.make(kind, way=way, **params)
    timed.both(b"x\x00")
    assert (timed.board != b"x\x00") == (way != TO_HOST)
    assert (timed.host != b"x\x00") == (way != TO_BOARD)


def test_what_is_delayed_comes_after_that_time_and_not_a_microsecond_earlier(timed: Timed) -> None:
    timed.make("delay", ms=70)
    timed.both(b"a")
    timed.wait(0.02)
    timed.both(b"b")
    timed.wait(0.049999)
    assert timed.board == b""
    timed.wait(0.000001)
    assert timed.board == timed.host == b"a"
    timed.wait(0.02)
    assert timed.board == timed.host == b"ab"


def test_jitter_keeps_the_order_and_its_bounds_and_comes_from_the_seed() -> None:
    def arrivals(seed: int) -> list[int]:
        timed = Timed(seed)
        timed.make("delay", ms=10, jitter_ms=40, way=TO_BOARD)
        came = []
        for n in range(50):
            timed.both(bytes((n,)))
            before = len(timed.board)
            for _ in range(100):  # the last has come by then
                timed.wait(0.001)
                came += [timed.now_us - n * 100_000] * (len(timed.board) - before)
                before = len(timed.board)
        assert timed.board == bytes(range(50))
        return came

    first = arrivals(1)
    assert all(10_000 <= us <= 51_000 for us in first)
    assert max(first) - min(first) > 20_000
    assert arrivals(1) == first != arrivals(2)


def test_a_stall_ends_by_itself_and_lets_everything_through_at_once_and_in_order(timed: Timed) -> None:
    timed.make("stall", s=2.0, way=TO_BOARD)
    for n in range(4):
        timed.both(bytes((n,)))
        timed.wait(0.4999)
    assert (timed.board, timed.host) == (b"", bytes(range(4)))
    timed.wait(0.0004)
    assert timed.board == bytes(range(4))
    assert not timed.line.faults.active and not timed.line.busy


def test_what_a_mended_fault_kept_is_not_lost_and_not_overtaken(timed: Timed) -> None:
    for kind in ("delay", "stall"):
        timed.make(kind)
        timed.both(b"a")
        timed.line.faults.mend()
        timed.both(b"b")
        timed.wait(0)
        assert timed.board == timed.host == b"ab", kind
        timed.board = timed.host = b""
    timed.make("reorder", every=1, behind=5)
    timed.both(b"x\x00half")
    timed.line.faults.mend("reorder")
    timed.both(b"way\x00")
    timed.wait(0)
    assert timed.board == timed.host == b"x\x00halfway\x00"
    assert not timed.line.busy


def test_what_is_on_a_line_that_is_then_cut_is_lost(timed: Timed) -> None:
    timed.make("delay", ms=100)
    timed.both(b"a")
    timed.make("cut")
    timed.wait(1.0)
    timed.line.faults.mend()
    timed.both(b"b")
    timed.wait(1.0)
    assert timed.board == timed.host == b"b"


def test_faults_add_up(timed: Timed) -> None:
    timed.make("duplicate", every=1, way=TO_BOARD)
    timed.make("delay", ms=5, way=TO_BOARD)
    timed.both(b"a\x00")
    assert timed.board == b""
    timed.wait(0.005)
    assert timed.board == b"a\x00a\x00"


def test_a_wrong_parameter_is_refused(timed: Timed) -> None:
    with pytest.raises(UnknownFault, match=r"way must be 0 \.\. 2"):
        timed.make("drop", way=3)


def test_a_board_hears_a_delayed_line_in_rig_time(open_bench: Callable[..., Bench]) -> None:
    bench = open_bench()
    bench.run(0.1)
    bench.take()
    bench.fault("uart", "delay", ms=300, way=TO_BOARD)
    bench.send(b"now\n")
    bench.run(0.299)
    assert bench.take() == b""
    bench.run(0.002)
    assert bench.take() != b""
    bench.mend("uart")
    bench.fault("uart", "stall", s=1.0, way=TO_HOST)
    bench.send(b"now\n")
    bench.run(0.999)
    assert bench.take() == b""
    bench.run(0.001)
    assert bench.take() != b""
    assert not bench.circuit.uart.faults.active
