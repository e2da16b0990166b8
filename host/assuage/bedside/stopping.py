"""STOP at a bed: every pump of it, at once."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from assuage.bedside.bed import Bed
from assuage.errors import AssuageError, LinkDown, NoAnswer

SECOND: Final = "The second pump has not confirmed the stop; press the stop key on that pump. {}"


async def stop_all(bed: Bed, timeout: float, why: str = "") -> dict[str, Any]:
    """Stops all pumps and returns what the first one's board has answered (Orders.stop), with `beside`: likewise of the
    others. timeout: s; no pump waits for another one.

    Raises NoAnswer or LinkDown when any board does not answer in time; STOP goes on being sent all the same.
    """
    others = [other.orders.stop(timeout, why) for other in bed.beside]
    first, *beside = await asyncio.gather(bed.orders.stop(timeout, why), *others, return_exceptions=True)
    if isinstance(first, BaseException):
        raise first
    for each in beside:
        if isinstance(each, LinkDown):
            raise LinkDown(SECOND.format(each.sentence))
        if isinstance(each, AssuageError):
            raise NoAnswer(SECOND.format(each.sentence))
        if isinstance(each, BaseException):
            raise each
    return {**first, "beside": beside}
