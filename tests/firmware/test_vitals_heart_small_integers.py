"""30 bits are enough for the heart rate and the temperature: they are run with integers that refuse to be longer."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from assuage_wire.schema import SIGNALS
from tests.firmware.small_integers import Small, small_array
from vitals import heart, rwaves, temperature
from vitals.heart import Heart
from vitals.temperature import Temperature


@pytest.fixture(autouse=True)
def _lists_of_small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (rwaves, temperature):
        monkeypatch.setattr(module, "array", small_array)


def small(*parts: object) -> None:
    """Makes their states Small."""
    for part in parts:
        for name, value in vars(part).items():
            if type(value) is int:
                setattr(part, name, Small(value))


def feed(meter: Heart, codes: Iterator[float]) -> set[str]:
    """Samples in blocks of 25; the signals that were seen."""
    block, seen = [], set()
    for code in codes:
        block.append(Small(min(max(round(code), 0), 4095)))
        if len(block) == 25:
            meter.take(block, Small(25))
            block.clear()
            seen.add(SIGNALS[meter.signal])
    return seen


def started(mv: int = 1365) -> Heart:
    """A heart rate all of whose states are Small."""
    made = Heart(mv)
    small(made, made._waves)
    return made


@pytest.mark.parametrize("every", [55, 68, 83, 250, 500, 740])
@pytest.mark.parametrize("width", [1, 5, 12, 25])
def test_complexes_through_the_whole_range(every: int, width: int) -> None:
    codes = (4070 if n % every < width else 25 for n in range(5000))
    assert feed(started(), codes) - {"settling"}


def test_waves_of_all_rates_through_the_whole_range() -> None:
    for period in (2, 4, 9, 20, 21, 40, 80, 160, 400):
        feed(started(), (4070 if n % period < period / 2 else 25 for n in range(3000)))
        feed(started(8000), (25 + 4045 * (n % period) / period for n in range(3000)))


def test_random_levels_gaps_leads_and_losses(seed: int, soak: bool) -> None:
    rng = random.Random(seed)
    made = started(8000)
    for _ in range(1000 if soak else 60):
        low, high = sorted(rng.choice((0, 100, 1500, 2048, 2600, 4000, 4095)) for _ in range(2))
        slow = rng.choice((0.0, 0.5, 0.9, 0.99))

        def codes(low: int = low, high: int = high, slow: float = slow) -> Iterator[float]:
            level = float(high)
            for _ in range(rng.randrange(2500)):
                level = slow * level + (1 - slow) * rng.uniform(low, high)
                yield level

        feed(made, codes())
        rng.choice((made.lost, made.gap, lambda: made.leads(True), lambda: made.leads(False)))()
        if made._off:
            made.leads(False)
        made.count = Small((1 << 30) - 2)


def test_the_clock_of_the_waves_wraps_without_a_trace() -> None:
    made = started()
    made._waves._n = Small((1 << 29) - 300)
    codes = [4000 if n % 200 < 5 else 2000 for n in range(10_000)]
    assert "ok" in feed(made, iter(codes))
    assert made._waves._n < 10_000 and SIGNALS[made.signal] == "ok"


def test_every_temperature_that_a_chip_can_tell(seed: int) -> None:
    rng = random.Random(seed)
    made = Temperature()
    small(made)
    for _ in range(200):
        level, step = rng.randint(-32767, 32767), rng.choice((0, 1, 5, 300, 5000))
        for _ in range(rng.randrange(60)):
            level = min(max(level + rng.randint(-step, step), -32767), 32767)
            made.sample(Small(level))
        if rng.random() < 0.1:
            made.lost()
    assert heart.OK == temperature.OK
