"""The carbon dioxide sensor's driver lives with all that the emulated module can do."""

from __future__ import annotations

from math import pi, sin

import pytest

from drivers.sprintir import DEPTH, SprintIR

from .port import ticks
from .sprintir_line import Line


class Driven:
    """A module, its driver, and what that has brought: samples and how many it says are lost."""

    def __init__(self, line: Line, every_ms: int = 50, hz: int = 50) -> None:
        line.chip.rx_limit = 256
        self.line = line
        self.driver = SprintIR(line, hz)
        self.every_ms = every_ms
        self.seen: list[int] = []
        self.lost = 0

    def run(self, seconds: float) -> list[int]:
        """Polls for so long; what it brought."""
        seen: list[int] = []
        for _ in range(round(seconds * 1000) // self.every_ms):
            self.line.wait(self.every_ms)
            n = self.driver.poll(ticks(self.line.clock))
            assert 0 <= n <= DEPTH
            self.lost += self.driver.lost
            seen += self.driver.co2[:n]
        self.seen += seen
        return seen


@pytest.fixture
def driven() -> Driven:
    made = Driven(Line(50_000.0))
    made.run(4)
    assert made.driver.ok
    made.lost = 0
    return made


@pytest.mark.parametrize("every_ms", [10, 20, 50, 100, 200])
@pytest.mark.parametrize("hz", [20, 50])
def test_it_sets_up_every_model_at_every_pace(every_ms: int, hz: int) -> None:
    made = Driven(Line(50_000.0, hz=hz), every_ms, hz)
    made.run(6)
    assert made.driver.ok and not made.driver.flat
    assert made.driver.bad == 0
    assert len(made.run(10)) == pytest.approx(10 * hz, abs=4 + every_ms * hz // 1000)
    assert sum(made.seen[-50:]) / 50 == pytest.approx(50_000, rel=0.02)
    assert made.driver.period_us == pytest.approx(1e6 / hz, rel=0.01)


def test_the_settings_are_in_the_module(driven: Driven) -> None:
    chip = driven.line.chip
    assert (chip.mode, chip._mask, chip._filter, chip._pressure) == (1, 4, 4, 8192)


@pytest.mark.parametrize("error", [-0.03, 0.02, 0.05])
def test_the_pace_of_the_modules_own_clock_is_measured(error: float) -> None:
    made = Driven(Line(50_000.0))
    made.line.chip.rate_error = error
    made.run(15)
    assert made.driver.period_us == pytest.approx(20_000 / (1 + error), rel=0.004)


def test_a_wave_arrives_as_it_was(driven: Driven) -> None:
    driven.line.ppm = lambda t_us: 30_000 + 20_000 * sin(2 * pi * t_us / 10e6)
    seen = driven.run(20)
    assert max(seen) == pytest.approx(50_000, rel=0.05) and min(seen) == pytest.approx(10_000, rel=0.1)


@pytest.mark.parametrize("kind", ["truncated", "garbage"])
def test_damaged_lines_are_counted_and_told_and_the_next_is_read(driven: Driven, kind: str) -> None:
    driven.line.chip.faults.make(kind, every=10)
    seen = driven.run(20)
    assert 850 <= len(seen) <= 1000 and driven.driver.ok
    assert driven.driver.bad > 60
    assert len(seen) + driven.lost == pytest.approx(1000, abs=25)


def test_after_the_line_is_whole_again_nothing_is_lost(driven: Driven) -> None:
    driven.line.chip.faults.make("garbage", every=1)
    driven.run(3)
    driven.line.chip.faults.mend()
    driven.run(4)
    bad = driven.driver.bad
    assert len(driven.run(10)) == pytest.approx(500, abs=4)
    assert driven.driver.bad == bad


def test_a_silence_is_told_as_samples_lost(driven: Driven) -> None:
    driven.line.chip.faults.make("silent")
    driven.run(0.6)
    driven.line.chip.faults.mend()
    driven.lost = 0
    driven.run(0.2)
    assert driven.lost == pytest.approx(30, abs=5)


def test_a_long_silence_ends_it_and_it_comes_back(driven: Driven) -> None:
    driven.line.chip.faults.make("silent")
    driven.run(1.3)
    assert not driven.driver.ok and driven.driver.errors
    driven.line.chip.faults.mend()
    driven.run(4)
    assert driven.driver.ok


@pytest.mark.parametrize("keeps", [True, False])
def test_a_dip_of_the_supply_is_lived_through(driven: Driven, keeps: bool) -> None:
    driven.line.chip.keeps_mask = keeps
    driven.line.chip.faults.make("brownout")
    driven.run(6)
    assert driven.driver.ok and len(driven.run(2)) == pytest.approx(100, abs=3)


def test_a_frozen_module_is_flat_within_five_seconds_until_it_lives(driven: Driven) -> None:
    driven.line.chip.faults.make("frozen")
    driven.run(4)
    assert not driven.driver.flat
    driven.run(1.5)
    assert driven.driver.flat
    driven.line.chip.faults.mend()
    driven.run(0.2)
    assert not driven.driver.flat


def test_a_module_that_hears_nothing_is_never_called_ready() -> None:
    made = Driven(Line(50_000.0))
    made.line.chip.faults.make("deaf")
    made.run(10)
    assert not made.driver.ok and not made.seen and made.driver.errors > 3
    made.line.chip.faults.mend()
    made.run(5)
    assert made.driver.ok and made.seen


def test_lines_that_are_held_up_are_late_and_not_lost(driven: Driven) -> None:
    driven.run(2)
    driven.line.chip.faults.make("held_up", ms=100)
    seen = driven.run(5)
    assert len(seen) + driven.lost == pytest.approx(250, abs=8)


def test_thirty_percent_of_the_lines_missing_is_seen_in_the_pace(driven: Driven) -> None:
    driven.line.chip.faults.make("dropped", every=6)
    driven.run(25)
    assert driven.driver.period_us == pytest.approx(24_000, rel=0.02)
