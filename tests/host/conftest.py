"""Fixtures that more than one of the host's test files take."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.host.monitor_server import Monitor, monitor


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[Monitor]:
    """One monitor for all tests of a file; its bed is theirs to reset."""
    async with monitor() as running:
        yield running
