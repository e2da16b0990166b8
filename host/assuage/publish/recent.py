"""What the broker acknowledged a moment ago: should it be killed now, it may have told us and nobody else."""

from __future__ import annotations

import itertools
import time

from assuage.store import Record

AGAIN_S = 3.0  # what was acknowledged this shortly before a break is published again; our own broker saves every 1-2 s


class Recent:
    """Records that were acknowledged in the last AGAIN_S, to be published again when the connection has broken."""

    def __init__(self) -> None:
        self._records: dict[int, tuple[float, Record]] = {}  # by number: when it was acknowledged, and what

    def add(self, record: Record) -> None:
        """The broker has just acknowledged this."""
        now = time.monotonic()
        self._records.pop(record.rec, None)
        self._records[record.rec] = (now, record)
        for rec, (at, _) in tuple(itertools.islice(self._records.items(), 2)):
            if now - at > AGAIN_S:
                del self._records[rec]

    def again(self) -> list[Record]:
        """What was acknowledged in the last moment of the connection that has broken, in order."""
        newest = max((at for at, _ in self._records.values()), default=0.0)
        records = sorted(record for at, record in self._records.values() if newest - at <= AGAIN_S)
        # They count as acknowledged just now, in case the next connection breaks before they are so again.
        now = time.monotonic()
        self._records = {record.rec: (now, record) for record in records}
        return records
