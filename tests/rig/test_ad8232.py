"""The emulated AD8232 behaves like the datasheet's: gain, band, comparators, rails and recovery."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from assuage_rig.chips.ad8232 import AD8232
from assuage_rig.clock import Clock
from assuage_rig.faults import UnknownFault

MV = 1365.3  # codes: 1100 * 4096 / 3300


class Wired:
    """A front end that sees a function of the time in seconds; sampled 250 times a second, quiet unless asked."""

    def __init__(self, mv: Callable[[float], float] = lambda t: 0.0, noise: float = 0.0) -> None:
        self.clock = Clock()
        self.mv = mv
        self.chip = AD8232(self.clock, lambda t_us: self.mv(t_us / 1e6))
        self.chip.noise_codes = noise

    def codes(self, seconds: float) -> list[int]:
        seen = []
        for _ in range(round(seconds * 250)):
            self.clock.now_us += 4000
            seen.append(self.chip.code(self.clock.now_us))
        return seen


def _swing(hz: float) -> float:
    """Half of peak to peak at the output, per mV at the electrodes."""
    wired = Wired(lambda t: 0.5 * math.sin(2 * math.pi * hz * t))
    wired.codes(4)
    codes = wired.codes(max(2.0, 2 / hz))
    return (max(codes) - min(codes)) / MV


def test_without_a_signal_the_output_is_at_half_the_supply() -> None:
    assert set(Wired().codes(1)) == {2048}


def test_a_millivolt_is_1100_millivolts_in_the_middle_of_the_band() -> None:
    assert 0.85 < _swing(8) <= 1.02


def test_the_band_is_half_a_hertz_to_forty() -> None:
    assert 0.6 < _swing(0.5) < 0.8
    assert _swing(0.05) < 0.15
    assert 0.4 < _swing(40) < 0.65, "two poles"
    assert _swing(100) < 0.25


def test_a_steady_voltage_of_the_electrodes_is_taken_off() -> None:
    wired = Wired(lambda t: 300.0)
    wired.codes(2)
    assert set(wired.codes(1)) == {2048}


def test_the_output_ends_at_its_rails() -> None:
    wired = Wired(lambda t: 5.0 * math.sin(2 * math.pi * 5 * t))
    codes = wired.codes(2)
    assert min(codes) == 0 and max(codes) == 4095


def test_the_converters_last_bit_moves() -> None:
    assert len(set(Wired(noise=1.0).codes(1))) >= 3


@pytest.mark.parametrize(("which", "plus", "minus"), [(1, True, False), (2, False, True), (3, True, True)])
def test_each_electrode_has_its_comparator(which: int, plus: bool, minus: bool) -> None:
    wired = Wired()
    assert not wired.chip.lod_plus and not wired.chip.lod_minus
    wired.chip.faults.make("lead_off", which=which)
    assert (wired.chip.lod_plus, wired.chip.lod_minus) == (plus, minus)
    wired.chip.faults.mend()
    assert not wired.chip.lod_plus and not wired.chip.lod_minus


def test_with_an_electrode_off_the_output_is_at_its_rail() -> None:
    wired = Wired()
    wired.codes(1)
    wired.chip.faults.make("lead_off")
    assert set(wired.codes(1)) == {4095}


@pytest.mark.parametrize(("fast", "least", "most"), [(True, 0.3, 1.5), (False, 2.0, 8.0)])
def test_it_recovers_when_the_electrode_is_back(fast: bool, least: float, most: float) -> None:
    wired = Wired()
    wired.chip.restore(fast)
    wired.codes(1)
    wired.chip.faults.make("lead_off")
    wired.codes(1)
    wired.chip.faults.mend()
    codes = wired.codes(10)
    far = max(n for n, code in enumerate(codes) if code > 2048 + 137) / 250
    assert least < far < most, "to a tenth of a millivolt"


def test_switched_off_it_brings_nothing_and_tells_of_no_electrode() -> None:
    wired = Wired()
    wired.codes(1)
    wired.chip.shutdown(False)
    wired.chip.faults.make("lead_off")
    assert max(wired.codes(1)) < 10 and not wired.chip.lod_plus
    wired.chip.faults.mend()
    wired.chip.shutdown(True)
    assert wired.codes(5)[-1] == 2048


def test_a_code_is_a_pure_function_of_what_was_before() -> None:
    one, two = (Wired(lambda t: math.sin(7 * t), noise=1.0) for _ in range(2))
    assert one.codes(2) == two.codes(2)


def test_faults() -> None:
    wired = Wired(lambda t: math.sin(2 * math.pi * 5 * t))
    wired.codes(1)
    faults = wired.chip.faults
    faults.make("rail", high=0)
    assert set(wired.codes(0.1)) == {0}
    faults.make("rail", high=1)
    assert set(wired.codes(0.1)) == {4095}
    faults.mend()
    faults.make("frozen")
    assert len(set(wired.codes(0.5))) == 1
    faults.mend()
    faults.make("silent_lead")
    assert set(wired.codes(0.1)) == {4095} and not wired.chip.lod_plus
    faults.mend()
    wired.codes(5)
    faults.make("noisy", rms=1.0)
    assert len(set(wired.codes(1))) > 100
    faults.mend()
    with pytest.raises(UnknownFault, match="lead_off"):
        faults.make("melted")
