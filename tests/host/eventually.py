"""Waiting in tests: for a condition, never for a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object], limit: float = 30.0) -> None:
    """Returns as soon as `condition` is true. The limit only ends a test that fails."""
    async with asyncio.timeout(limit):
        while not condition():  # noqa: ASYNC110 - many kinds of things are waited for here
            await asyncio.sleep(0.005)
