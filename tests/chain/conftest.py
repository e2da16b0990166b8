"""One chain for the tests that only look; those that kill start their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chain.chain import Chain, Observer, running

ARTEFACTS = Path(__file__).resolve().parents[2] / "build" / "artefacts"


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """A live demo, shared by a file's tests."""
    with running(tmp_path_factory.mktemp("chain")) as chain:
        yield chain


@pytest.fixture
def observer(chain: Chain) -> Iterator[Observer]:
    """An MQTT client on the chain's broker."""
    with Observer(chain.mqtt_port) as observer:
        yield observer


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Where a run leaves its screenshots."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    return ARTEFACTS
