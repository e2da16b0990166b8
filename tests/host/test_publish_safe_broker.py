"""Each defect of amqtt that the guard answers: shown without it, gone with it. A test fails when upstream mends one."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
from collections.abc import AsyncIterator

import pytest
from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig

from assuage.publish.broker import free_port
from assuage.publish.safe_broker import SafeBroker, Snapshot
from tests.host.brokers import LONG, consumer

PLUGINS = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}


@contextlib.asynccontextmanager
async def serving(guarded: bool) -> AsyncIterator[tuple[Broker, int]]:
    port = free_port("127.0.0.1")
    if guarded:
        broker: Broker = SafeBroker("127.0.0.1", port, 100)
    else:
        listeners = {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}", "max_connections": 100}}
        broker = Broker(BrokerConfig.from_dict({"listeners": listeners, "plugins": dict(PLUGINS)}))
    await broker.start()
    try:
        yield broker, port
    finally:
        await broker.shutdown()


async def heard_by_a_stranger(guarded: bool) -> set[str]:
    """Topics that a client hears that has subscribed to `mine` only, while another subscribes to `other`."""
    async with serving(guarded) as (broker, port):
        await broker.retain_message(None, "other", b"1", 1)
        await broker.retain_message(None, "mine", b"2", 1)

        def subscribe() -> set[str]:
            with consumer(port, "other") as neighbour:
                neighbour.until_topic_name("other")
                with consumer(port, "mine") as stranger:
                    stranger.until_topic_name("mine")
                    return {heard.topic for heard in stranger.collect()}

        return await asyncio.to_thread(subscribe)


async def test_retained_messages_of_others_filters_are_not_sent_to_a_new_client() -> None:
    assert await heard_by_a_stranger(guarded=False) == {"mine", "other"}, "mended upstream: the guard can go"
    assert await heard_by_a_stranger(guarded=True) == {"mine"}


@pytest.mark.parametrize("view", [iter, dict.items, dict.keys])
def test_a_plain_dict_cannot_change_while_it_is_iterated(view: object) -> None:
    plain = {"a": [1], "b": [2]}
    with pytest.raises(RuntimeError, match="changed size"):
        for _ in view(plain):  # type: ignore[operator]
            plain["c"] = [3]


@pytest.mark.parametrize("view", [iter, lambda d: d.items(), lambda d: d.keys()])
def test_the_guarded_subscriptions_may_change_while_they_are_iterated(view: object) -> None:
    guarded = Snapshot(a=[1], b=[2])
    seen = []
    for entry in view(guarded):  # type: ignore[operator]
        seen.append(entry)
        guarded["c"] = [3]
        guarded.pop("b", None)
    assert len(seen) == 2 and list(guarded) == ["a", "c"]


async def failures_under_churn(guarded: bool) -> list[str]:
    """Errors of a broker whose subscriptions change while it passes messages on.

    It awaits within its loop over the subscriptions; a plugin that filters topics makes it do so every time.
    """
    failures: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(str(context.get("exception"))))
    async with serving(guarded) as (broker, _):
        broker._topic_filtering = _slowly  # type: ignore[method-assign]
        _, session = broker.create_offline_session("one")
        for number in range(50):
            await broker.add_subscription((f"churn/{number}", 1), session)

        async def churn() -> None:
            for number in range(50, 300):
                await broker.add_subscription((f"churn/{number}", 1), session)

        async def flow() -> None:
            for number in range(300):
                await broker.internal_message_broadcast(f"churn/{number % 60}", b"x")
                await asyncio.sleep(0)

        await asyncio.gather(churn(), flow())
        async with asyncio.timeout(LONG):
            while not broker._broadcast_queue.empty():  # noqa: ASYNC110 there is no event for this
                await asyncio.sleep(0.01)
    gc.collect()  # a task that failed unseen is told of when it is collected
    await asyncio.sleep(0)
    return failures


async def test_clients_that_come_and_go_while_messages_flow_break_no_fan_out() -> None:
    defect = "dictionary changed size during iteration"
    assert defect in await failures_under_churn(guarded=False), "mended upstream: the guard can go"
    assert await failures_under_churn(guarded=True) == []


async def will_of_a_silent_client(guarded: bool) -> bool:
    """Whether a client that says nothing for longer than its keep-alive of 1 s is given up, and its will told."""
    connect = bytes.fromhex("101900044d5154540404000100026d650004676f6e650003313233")
    assert len(connect) == connect[1] + 2
    async with serving(guarded) as (_, port):

        def watch() -> bool:
            with consumer(port, "gone") as watcher:
                with socket.create_connection(("127.0.0.1", port)) as silent:
                    silent.sendall(connect)
                    assert silent.recv(4) == b"\x20\x02\x00\x00"
                    silent.settimeout(6)
                    with contextlib.suppress(TimeoutError):
                        if silent.recv(1) == b"":
                            watcher.until(lambda heard: heard.topic == "gone")
                            return True
                return False

        return await asyncio.to_thread(watch)


async def test_a_client_that_has_gone_silent_is_given_up_and_its_will_is_told() -> None:
    assert not await will_of_a_silent_client(guarded=False), "mended upstream: the guard can go"
    assert await will_of_a_silent_client(guarded=True)


async def _slowly(*_: object, **__: object) -> bool:
    await asyncio.sleep(0)
    return True


async def test_a_client_that_is_away_misses_what_comes_meanwhile_as_start_up_and_readme_say() -> None:
    async with serving(guarded=True) as (broker, port):

        def there(*, until: str = "") -> list[str]:
            with consumer(port, "a", identifier="historian") as one:
                if until:
                    one.until(lambda heard: heard.text == until)
                return [heard.text for heard in one.heard]

        async def gone() -> None:
            async with asyncio.timeout(LONG):
                while any(session.transitions.is_connected() for session, _ in broker.sessions.values()):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)

        await asyncio.to_thread(there)
        await gone()
        await broker.internal_message_broadcast("a", b"1", 1)
        async with asyncio.timeout(LONG):
            while not broker._broadcast_queue.empty():  # noqa: ASYNC110 there is no event for this
                await asyncio.sleep(0.01)
        back = asyncio.create_task(asyncio.to_thread(there, until="2"))
        while not back.done():  # again and again: nobody tells when it has subscribed
            await broker.internal_message_broadcast("a", b"2", 1)
            await asyncio.sleep(0.05)
        assert "1" not in await back, "mended upstream: README, broker.AMQTT and the guard's docstring can say so"


async def test_it_is_bound_where_it_is_told_although_the_default_is_every_address() -> None:
    assert ListenerConfig().bind == "0.0.0.0:1883", "mended upstream: the guard can go"
    async with serving(guarded=True) as (broker, port):
        assert broker.config.listeners["default"].bind == f"127.0.0.1:{port}"
