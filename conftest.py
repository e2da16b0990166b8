"""What all tests share, those of tests/ and of hil_tests/: import paths of the rooms, and one seed for everything
random, printed and settable."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent
# Board code is imported by the names it has on the board; the shim gives CPython a `micropython` module.
for folder in ("hil_tests", "host", "firmware", "protocol", "tests/shim"):
    if str(ROOT / folder) not in sys.path:
        sys.path.insert(0, str(ROOT / folder))

SOAK = os.environ.get("ASSUAGE_SOAK") == "1"
SEED = int(os.environ.get("ASSUAGE_SEED") or (random.SystemRandom().randrange(1 << 30) if SOAK else 1))
os.environ["ASSUAGE_SEED"] = str(SEED)  # for the processes that share a run's tests, and for children

# A shared machine may be slow at any moment, so no example has a deadline.
hypothesis.settings.register_profile("test", deadline=None, max_examples=100)
hypothesis.settings.register_profile("soak", deadline=None, max_examples=5000)
hypothesis.settings.load_profile("soak" if SOAK else "test")


def pytest_configure(config: pytest.Config) -> None:
    """Gives hypothesis the same seed, unless it was given one of its own."""
    if getattr(config.option, "hypothesis_seed", None) is None:
        config.option.hypothesis_seed = str(SEED)


def pytest_report_header() -> str:
    """The seed, with how to have it again."""
    return f"seed: {SEED} (ASSUAGE_SEED={SEED} repeats this run), size: {'soak' if SOAK else 'test'}"


@pytest.fixture
def seed() -> int:
    """The seed of this run: random in a soak, 1 otherwise, or ASSUAGE_SEED."""
    return SEED


@pytest.fixture
def soak() -> bool:
    """Whether this is a soak, in which a test takes bigger numbers."""
    return SOAK
