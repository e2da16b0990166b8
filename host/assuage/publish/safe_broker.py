"""amqtt's broker with a guard around the defects of 0.12 that we can reach.

Each guard names its defect; tests/host/test_publish_safe_broker.py shows it without and with the guard. Private names
are touched, so the version is pinned.

One defect stays: it keeps nothing for a client without a password that is away. Calling the clients known would be no
cure, because what is under way to a client when its connection breaks is forgotten all the same, and what waits for it
has no bound and arrives marked as retained. So we say that it keeps nothing, and leave it at that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import Any

from amqtt.adapters import ReaderAdapter, WriterAdapter
from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.session import Session


class Snapshot(dict[str, Any]):
    """A dict that is iterated as it was when the iteration began.

    Defect: the broker awaits while it iterates over the subscriptions, and a client that subscribes or leaves meanwhile
    ends the iteration with `RuntimeError: dictionary changed size`, which kills a new connection or loses a message.
    """

    def __iter__(self) -> Iterator[str]:
        return iter(list(super().__iter__()))

    def items(self) -> Any:
        """The items of this moment."""
        return list(super().items())

    def keys(self) -> Any:
        """The keys of this moment."""
        return list(super().keys())


class SafeBroker(Broker):  # type: ignore[misc]
    """A broker for this machine. Defect: amqtt's default listener is 0.0.0.0; here the address must be given."""

    def __init__(self, host: str, port: int, max_connections: int) -> None:
        super().__init__(
            BrokerConfig.from_dict(
                {
                    "listeners": {
                        "default": {"type": "tcp", "bind": f"{host}:{port}", "max_connections": max_connections}
                    },
                    "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
                }
            )
        )
        self._subscriptions = Snapshot()
        self._ending: set[asyncio.Future[None]] = set()

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        """Defect: at CONNECT a client is sent the retained messages of every filter that anybody has subscribed to."""
        own = (other.client_id for other, _ in self._subscriptions.get(subscription[0], ()))
        if session.client_id in own:
            await super()._publish_retained_messages_for_subscription(subscription, session)

    async def _initialize_client_session(
        self, reader: ReaderAdapter, writer: WriterAdapter, remote_address: str, remote_port: int
    ) -> tuple[BrokerProtocolHandler, Session]:
        """Defect: the broker ignores the keep-alive, so a client that hangs stays online for ever and its last will is
        never told. Here it is given up after one and a half times its keep-alive, as the standard says."""
        handler, session = await super()._initialize_client_session(reader, writer, remote_address, remote_port)
        session.keep_alive += session.keep_alive // 2
        handler.handle_read_timeout = partial(self._give_up, handler)
        return handler, session

    def _give_up(self, handler: BrokerProtocolHandler) -> None:
        task = asyncio.ensure_future(handler.handle_connection_closed())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
