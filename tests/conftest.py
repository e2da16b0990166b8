"""What the tests of tests/ share beyond the root's conftest.py: who runs beside whom, and what this machine lacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from assuage.publish.broker import find_mosquitto
from tests import wraps

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.hookimpl(optionalhook=True)  # the hook is xdist's
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Scopes of our own where `-n` is given without a --dist of another kind."""
    if config.getvalue("dist") != "load":
        return None
    from tests.scheduling import Scopes  # needs xdist

    return Scopes(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    """How a board's clock wraps."""
    help_ = "tests of the whole firmware only with ticks of N bits that begin near their wrap, 0 for the usual board"
    parser.addoption("--clock-bits", type=int, metavar="N", help=help_)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs each test of a whole board in the settings of wraps.py."""
    bits = wraps.settings(metafunc.definition.path, metafunc.config.option.clock_bits)
    if bits:
        ids = [f"{n} bits near the wrap" if n else "from 0" for n in bits]
        metafunc.parametrize("counters", bits, ids=ids, indirect=True)


@pytest.fixture(autouse=True)
def counters(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where boards and hosts that a test starts begin to count."""
    if getattr(request, "param", 0):
        wraps.begin(request.param, monkeypatch)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a file of tests. (Not for the whole run: while it lives, no asyncio test can run.)"""
    from tests.browser import chromium  # playwright is slow to import, and few tests need it

    with chromium() as one:
        yield one


def pytest_report_header() -> str | None:
    """What is skipped on this machine, so that nobody takes the run for a whole one."""
    if find_mosquitto() is None:
        return "mosquitto is NOT installed: what needs it is skipped (Debian and Ubuntu: apt install mosquitto)"
    return None
