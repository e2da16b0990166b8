"""The connection to the broker, and the only module that knows aiomqtt.

Records come out of the store and leave it only when the broker has acknowledged them: at most IN_FLIGHT are under way,
and after any break whatever was not acknowledged is published again, with its number, by which a consumer knows a
repeat. So is what was acknowledged just before the break: a broker that was killed may have told us and nobody else.
The daemon only publishes; nothing that comes from a broker can move a pump.

aiomqtt 2 does not reconnect, and does not fail a publish when the connection breaks. So one task only waits for the
break, which ends all others at once, and every connection gets a client of its own: a used one would send by itself
what it still holds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import re
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from pydantic import SecretStr

from assuage.bedside.snapshot import iso
from assuage.errors import AssuageError, Reason
from assuage.publish import presence
from assuage.publish.recent import Recent
from assuage.publish.topics import Topics
from assuage.store import Record, Store

log = logging.getLogger(__name__)

IN_FLIGHT = 20
BATCH = 200  # records read from the store at once
PAYLOAD_BYTES = 100_000  # a bigger record could make a broker close the connection, for ever
TIMEOUT_S = 3.0
KEEPALIVE_S = 4  # a daemon that hangs is told dead after 1.5 times this
REFRESH_S = 30.0  # status and birth are published anew: status would grow old, and a broker may have lost them
STEADY_S = 2.0  # a connection that lasted this long was a good one
FIRST_DELAY_S, LONGEST_DELAY_S = 0.05, 1.0
GOODBYE_S = 0.5


class Publisher:
    """Keeps a connection to one broker. `run()` until cancelled; `tell()` whenever something has changed.

    changed: called in the event loop when `up` or `sentence` changes.
    """

    def __init__(
        self,
        url: str,
        topics: Topics,
        store: Store,
        *,
        credentials: Callable[[], tuple[str | None, SecretStr | None]] = lambda: (None, None),
        ca_file: Path | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        parts = urlsplit(url)
        self._host, self._tls = parts.hostname or "127.0.0.1", parts.scheme == "mqtts"
        self._port = parts.port or (8883 if self._tls else 1883)
        self._topics, self._store = topics, store
        self._credentials, self._ca_file = credentials, ca_file
        self._changed = changed
        self._status: dict[str, Any] = {"link": "connecting", "link_since": None, "sentence": ""}
        self._birth: dict[str, Any] = {}
        self._online_since = ""
        self._recent = Recent()
        self._news = asyncio.Event()
        self._wake = asyncio.Event()
        self._delay = FIRST_DELAY_S
        self.url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"  # without credentials, should there be any
        self.up = False
        self.sentence = f"Connecting to the broker at {self.url}."

    def tell(self, link: Mapping[str, Any], birth: Mapping[str, Any]) -> None:
        """What `status` and `birth` are to say; published at once when it differs. link: see presence.online."""
        self._status, self._birth = dict(link), dict(birth)
        self._news.set()

    async def run(self) -> None:
        """Connects, publishes, and connects again, until cancelled; then says goodbye."""
        end = self._store.subscribe(lambda _: self._wake.set())
        try:
            while True:
                await self._connect_once()
                await asyncio.sleep(self._delay * random.uniform(0.5, 1.0))
        finally:
            end()

    async def _connect_once(self) -> None:
        """One connection from beginning to end; sets what the next attempt has to wait."""
        begun = time.monotonic()
        # A task of its own: a TaskGroup may forget that it was cancelled when a task of it fails in the same moment.
        session = asyncio.create_task(self._session())
        try:
            await asyncio.wait((session,))
        finally:
            session.cancel()
            outcome = (await asyncio.gather(session, return_exceptions=True))[0]
        self._set_state(False, self._why(outcome))
        lasted = time.monotonic() - begun
        self._delay = FIRST_DELAY_S if lasted > STEADY_S else min(self._delay * 2, LONGEST_DELAY_S)

    async def _session(self) -> None:
        async with self._connection() as client:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._until_broken(client))
                    group.create_task(self._say(client))
                    group.create_task(self._drain(client, group))
            except asyncio.CancelledError:
                await self._goodbye(client)
                raise

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[aiomqtt.Client]:
        """A connected client. Raises MqttError."""
        client = self._client()
        try:
            await client.__aenter__()
        except aiomqtt.MqttError:
            # aiomqtt leaves the socket open when the broker does not answer CONNECT; hanging up closes it.
            client.timeout = 0.01
            with contextlib.suppress(aiomqtt.MqttError):
                await client.__aexit__(None, None, None)
            raise
        self._set_state(True, f"Connected to the broker at {self.url}.")
        try:
            yield client
        finally:
            client.timeout = GOODBYE_S
            with contextlib.suppress(aiomqtt.MqttError):
                await client.__aexit__(None, None, None)

    def _client(self) -> aiomqtt.Client:
        self._online_since = iso(time.time())
        name, password = self._credentials()
        will = presence.offline(presence.LOST, None, self._store.id, None)
        client = aiomqtt.Client(
            self._host,
            self._port,
            # The same at every connection: a broker then ends, with its will, what it still holds of the last one.
            identifier=f"assuage{self._store.id}",
            username=name,
            password=password.get_secret_value() if password else None,
            tls_context=self._tls_context(),
            will=aiomqtt.Will(self._topics.of("status"), _json(will), qos=1, retain=True),
            clean_session=True,
            timeout=TIMEOUT_S,
            keepalive=KEEPALIVE_S,
            max_inflight_messages=IN_FLIGHT + 5,  # and the retained messages
            socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
            logger=log,
        )
        client.pending_calls_threshold = 10 * IN_FLIGHT
        return client

    def _tls_context(self) -> ssl.SSLContext | None:
        if not self._tls:
            return None
        try:
            return ssl.create_default_context(cafile=str(self._ca_file) if self._ca_file else None)
        except OSError as error:
            raise AssuageError(
                Reason.BAD_INPUT, f"mqtt.ca_file: {self._ca_file} cannot be used as certificates: {error}."
            ) from None

    # -- tasks of one connection ---------------------------------------------------------------------------------------

    async def _until_broken(self, client: aiomqtt.Client) -> None:
        """Raises MqttError as soon as the connection breaks; nothing is subscribed, so nothing comes."""
        async for _ in client.messages:
            pass

    async def _say(self, client: aiomqtt.Client) -> None:
        """Keeps the retained messages up to date: who we are first, then that we are there."""
        said: dict[str, Mapping[str, Any]] = {}
        refresh = time.monotonic() + REFRESH_S
        while True:
            self._news.clear()
            for name, message in self._retained():
                told = {**message, "t": None, "record": None}  # being said later is no news, nor is one more entry
                if said.get(name) != told:
                    await client.publish(self._topics.of(name), _json(message), qos=1, retain=True)
                    _still_wanted()
                    said[name] = told
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(refresh - time.monotonic()):
                    await self._news.wait()
            if time.monotonic() >= refresh:
                said.clear()
                refresh = time.monotonic() + REFRESH_S

    def _retained(self) -> list[tuple[str, dict[str, Any]]]:
        store = self._store
        status = presence.online(self._online_since, self._status, store.id, store.dropped, store.fault)
        return [("birth", self._birth), ("status", status)]

    async def _drain(self, client: aiomqtt.Client, group: asyncio.TaskGroup) -> None:
        """Publishes what the store holds, in order, IN_FLIGHT at a time."""
        window = asyncio.Semaphore(IN_FLIGHT)
        again, last = self._recent.again(), 0
        while True:
            self._wake.clear()
            records = again + await self._store.pending(BATCH, after=last)
            again = []
            for record in records:
                await window.acquire()
                group.create_task(self._publish(client, record, window))
                last = record.rec
            if not records:
                await self._wake.wait()

    async def _publish(self, client: aiomqtt.Client, record: Record, window: asyncio.Semaphore) -> None:
        if len(record.payload) > PAYLOAD_BYTES:
            log.error("record %d of %s is too big to be published (%d B)", record.rec, record.kind, len(record.payload))
        else:
            await client.publish(record.topic, record.payload, qos=1)
        self._store.acknowledge((record.rec,))
        self._recent.add(record)
        window.release()

    async def _goodbye(self, client: aiomqtt.Client) -> None:
        """Says that the daemon has been ended, if the broker still listens."""
        status = presence.offline(presence.GOODBYE, iso(time.time()), self._store.id, self._store.dropped)
        with contextlib.suppress(aiomqtt.MqttError):
            await client.publish(self._topics.of("status"), _json(status), qos=1, retain=True, timeout=GOODBYE_S)

    # -- state ---------------------------------------------------------------------------------------------------------

    def _set_state(self, up: bool, sentence: str) -> None:
        if (up, sentence) == (self.up, self.sentence):
            return
        if up != self.up:
            log.log(logging.INFO if up else logging.WARNING, sentence)
        self.up, self.sentence = up, sentence
        self._changed()

    def _why(self, error: BaseException | None) -> str:
        """A broken or refused connection as a sentence. Raises what is no such thing."""
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        where, kept = f"The broker at {self.url}", "records are kept until it is back"
        match error:
            case AssuageError():
                return error.sentence
            case MqttConnectError():
                return f"{where} refuses us: {error}; {kept}."
            case aiomqtt.MqttError() if "timed out" in str(error):
                return f"{where} does not answer; {kept}."
            case aiomqtt.MqttError() if "Disconnected" in str(error):
                return f"{where} has gone; {kept}."
            case aiomqtt.MqttError() | OSError():
                why = re.sub(r"^\[Errno -?\d+\] ", "", str(error))
                return f"{where} cannot be reached ({why}); {kept}."
            case None:
                return f"{where} has ended the connection; {kept}."
        raise error


def _still_wanted() -> None:
    """Ends a task that was cancelled in the moment its publish succeeded: before Python 3.12 `wait_for`, which aiomqtt
    uses, forgets the cancelling then."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _json(payload: Mapping[str, Any]) -> str:
    return json.dumps(payload, separators=(",", ":"))
