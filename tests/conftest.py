"""What the tests of tests/ share beyond the root's conftest.py: who runs beside whom, and what this machine lacks."""

from __future__ import annotations

from typing import Any

import pytest

from assuage.publish.broker import find_mosquitto


@pytest.hookimpl(optionalhook=True)  # the hook is xdist's
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Scopes of our own where `-n` is given without a --dist of another kind."""
    if config.getvalue("dist") != "load":
        return None
    from tests.scheduling import Scopes  # needs xdist

    return Scopes(config, log)


def pytest_report_header() -> str | None:
    """What is skipped on this machine, so that nobody takes the run for a whole one."""
    if find_mosquitto() is None:
        return "mosquitto is NOT installed: what needs it is skipped (Debian and Ubuntu: apt install mosquitto)"
    return None
