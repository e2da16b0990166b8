"""What is appended is kept, numbered and handed out in order; what goes is the oldest telemetry, and it is counted."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest

from assuage.store import Store, retention
from tests.host.kept_records import history

DAY = 86400.0


async def filled(store: Store, count: int, *, event: bool = False, created: float | None = None) -> list[int]:
    kind = "event" if event else "numerics"
    recs = [store.append(kind, f"t/{kind}", {"n": n}, event=event, created=created) for n in range(count)]
    await store.flush()
    return [rec for rec in recs if rec is not None]


async def test_records_are_numbered_from_one_and_carry_store_and_number_in_their_payload(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "x.sqlite") as store:
        assert await filled(store, 3) == [1, 2, 3]
        pending = await store.pending()
        assert [record.rec for record in pending] == [1, 2, 3]
        assert pending[1].payload == f'{{"store":"{store.id}","rec":2,"n":1}}'
        assert (pending[1].kind, pending[1].topic, pending[1].event) == ("numerics", "t/numerics", 0)


async def test_append_never_waits_and_commits_come_to_the_listener_by_themselves(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "x.sqlite") as store:
        committed: asyncio.Queue[int] = asyncio.Queue()
        end = store.subscribe(committed.put_nowait)
        rec = store.append("numerics", "t", {})
        assert rec == 1 and store.committed == 0  # not yet on disk, and nobody is told so
        assert await committed.get() == 1
        assert store.committed == 1
        end()
        store.append("numerics", "t", {})
        await store.flush()
        assert committed.empty()


async def test_what_comes_together_is_committed_together(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "x.sqlite") as store:
        commits: list[int] = []
        store.subscribe(commits.append)
        await filled(store, 500)
        assert commits[-1] == 500 and len(commits) < 50


async def test_the_store_id_and_numbering_outlive_a_restart_even_when_everything_was_pruned(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "x.sqlite") as store:
        name = store.id
        store.acknowledge(await filled(store, 10, created=time.time() - 30 * DAY))
        await store.flush()
    async with await Store.open(tmp_path / "x.sqlite", keep_days=1) as store:
        await pruned(store)
        assert store.kept == 0
        assert store.id == name
        assert await filled(store, 1) == [11]
    async with await Store.open(tmp_path / "y.sqlite") as store:
        assert store.id != name


async def test_acknowledged_records_are_no_longer_pending_but_stay_as_history(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "x.sqlite") as store:
        recs = await filled(store, 5)
        store.acknowledge([recs[0], recs[2]])
        assert [record.rec for record in await store.pending()] == [2, 4, 5]
        assert [record.rec for record in await store.pending(limit=1)] == [2]
        assert [record.rec for record in await store.pending(after=2)] == [4, 5]
        assert [record.rec for record in await history(store, "numerics")] == [1, 2, 3, 4, 5]
        assert await history(store, "pump") == []
        assert (store.kept, store.waiting) == (5, 3)
        store.acknowledge([recs[0]])  # a second PUBACK of the same changes nothing
        await store.flush()
        assert (store.kept, store.waiting) == (5, 3)
    async with await Store.open(tmp_path / "x.sqlite") as store:
        assert [record.rec for record in await store.pending()] == [2, 4, 5]
        assert (store.kept, store.waiting) == (5, 3)


async def test_acknowledgements_reach_the_disk_without_new_records(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "x.sqlite") as store:
        store.acknowledge(await filled(store, 5))
        while store.waiting:  # noqa: ASYNC110 there is no event for this
            await asyncio.sleep(0.01)


# -- what goes --------------------------------------------------------------------------------------------------------


async def pruned(store: Store) -> None:
    """Lets the store look for what must go."""
    await store.flush()
    await store._ask(lambda db: store._writer._prune())


async def test_age_removes_published_history_only(tmp_path: Path) -> None:
    old = time.time() - 3 * DAY
    async with await Store.open(tmp_path / "x.sqlite", keep_days=2) as store:
        published = await filled(store, 700, created=old)
        waiting = await filled(store, 5, created=old)
        young = await filled(store, 5)
        store.acknowledge(published + young)
        await pruned(store)
        assert [record.rec for record in await history(store, "numerics")] == waiting + young
        assert store.dropped == 0  # they were published: this is no loss


async def test_size_removes_the_oldest_telemetry_first_and_counts_what_nobody_had_received(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "x.sqlite", max_mb=1) as store:
        events = await filled(store, 10, event=True)
        for _ in range(20):
            for n in range(250):
                store.append("wave", "t", {"n": n, "samples": "x" * 400})
            await store.flush()
        await pruned(store)
        used = await store._ask(retention.used_bytes)
        kept = [record.rec for record in await history(store, "wave")]
        assert used <= 1_000_000
        assert kept == list(range(kept[0], 5011)), "the newest are kept, without a hole"
        assert store.dropped == 5000 - len(kept) > 0
        assert [record.rec for record in await history(store, "event")] == events
        assert store.waiting == store.kept == len(kept) + 10


async def test_an_event_that_nobody_has_received_is_never_removed(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "x.sqlite") as store:
        first = await filled(store, 600, event=True)
        last = await filled(store, 600, event=True)
        store.acknowledge(first)
        await store.flush()
        for _ in range(3):
            await store._ask(retention.drop_oldest)
        assert [record.rec for record in await history(store, "event")] == last


# -- the active programme ---------------------------------------------------------------------------------------------


async def test_the_active_programme_outlives_a_restart(tmp_path: Path) -> None:
    body = {"programme": 7, "drug": "S-ketamine", "rate_ml_h": 10.0}
    async with await Store.open(tmp_path / "x.sqlite") as store:
        assert store.programme is None
        assert await store.set_programme({"programme": 1})
        assert await store.set_programme(body)
        assert store.programme == body
    async with await Store.open(tmp_path / "x.sqlite") as store:
        assert store.programme == body
        assert await store.set_programme(None)
    async with await Store.open(tmp_path / "x.sqlite") as store:
        assert store.programme is None


async def test_a_number_that_is_none_of_json_is_a_mistake_of_the_caller_and_takes_no_number(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "x.sqlite") as store:
        with pytest.raises(ValueError):
            store.append("numerics", "t", {"spo2": float("nan")})
        rec = store.append("numerics", "t", {"spo2": None})
        await store.flush()
        assert rec == 1 and json.loads((await store.pending())[0].payload)["rec"] == 1
