"""What a store keeps, published or not, for tests to compare."""

from __future__ import annotations

from assuage.store import Record, Store

KEPT = "SELECT rec, kind, topic, payload, created, event FROM record WHERE kind = ? ORDER BY rec"


async def history(store: Store, kind: str) -> list[Record]:
    """Records of a kind that are still kept, oldest first; all that was appended before is among them."""
    return [Record(*row) for row in await store._ask(lambda db: db.execute(KEPT, (kind,)).fetchall())]
