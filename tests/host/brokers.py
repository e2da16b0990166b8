"""Real brokers for tests, started as the program starts them, and a consumer that shares nothing with the program."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from assuage import config
from assuage.publish import broker
from assuage.publish.broker import BrokerPlan

ROOT = Path(__file__).resolve().parents[2]
LONG = 60.0  # s; how long a test waits for what must come, on a machine that may be slow
KINDS = ("mosquitto", "amqtt")


def environment() -> dict[str, str]:
    """For child processes that import the program."""
    return dict(os.environ, PYTHONPATH=os.pathsep.join(str(ROOT / name) for name in ("host", "protocol")))


def settings(folder: Path, **sections: dict[str, Any]) -> config.Config:
    """A configuration with our own broker on a free port."""
    sections.setdefault("mqtt", {"port": broker.free_port("127.0.0.1")})
    data: dict[str, Any] = {"link": {"port": "/dev/null"}, "store": {"path": str(folder / "x.sqlite")}, **sections}
    text = "".join(
        f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
        for name, keys in data.items()
    )
    return config.parse(text, folder / "bed.toml")


class BrokerProcess:
    """One of our own brokers, which can be killed, hung and started again on its port."""

    def __init__(self, plan: BrokerPlan, port: int) -> None:
        assert plan.command is not None
        self.plan, self.port = plan, port
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Starts it and waits until it listens; one that does not is killed."""
        assert self.plan.command is not None
        self._process = subprocess.Popen(self.plan.command, env=environment(), stderr=subprocess.DEVNULL)
        try:
            self._until_it_listens(self._process)
        except BaseException:
            self.end()
            raise

    def _until_it_listens(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + LONG
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            assert process.poll() is None, f"{self.plan.name} ended by itself"
            assert time.monotonic() < until, f"{self.plan.name} does not listen"
            time.sleep(0.02)

    def signal(self, number: int) -> None:
        """SIGSTOP hangs it, SIGCONT lets it go on."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """Ends it in whatever state it is."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self.kill()


def start_broker(kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[BrokerProcess, config.Config]:
    """A broker of our own as `broker.choose` plans it, and the configuration that leads to it."""
    if kind == "mosquitto" and broker.find_mosquitto() is None:
        pytest.skip("mosquitto is not installed (Debian and Ubuntu: apt install mosquitto)")
    if kind == "amqtt":
        monkeypatch.setattr(broker, "find_mosquitto", lambda: None)
    settled = settings(folder)
    plan = broker.choose(settled, folder)
    assert plan.name.startswith(kind)
    return BrokerProcess(plan, settled.mqtt.port), settled


class Heard(NamedTuple):
    """A message as it came."""

    topic: str
    payload: Any
    retained: bool
    text: str


class Consumer:
    """paho by itself: subscribes and keeps everything in the order in which it came."""

    def __init__(self, port: int, *topics: str, identifier: str = "") -> None:
        self.heard: list[Heard] = []
        self._arrived: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self._subscribed: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._topics = topics or ("assuage/v1/#",)
        # With an identifier the broker keeps what comes while this consumer is away.
        self._client = paho.Client(CallbackAPIVersion.VERSION2, identifier, clean_session=not identifier)
        self._client.on_connect = lambda client, *_: client.subscribe([(topic, 1) for topic in self._topics])
        self._client.on_subscribe = lambda *_: self._subscribed.put(True)
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(min_delay=1, max_delay=1)
        self._client.connect("127.0.0.1", port, keepalive=30)
        self._client.loop_start()
        try:
            self._subscribed.get(timeout=LONG)
        except BaseException:
            self.close()
            raise

    def _on_message(self, client: object, userdata: object, message: paho.MQTTMessage) -> None:
        text = message.payload.decode()
        self._arrived.put(Heard(message.topic, json.loads(text), message.retain, text))

    def until_topic_name(self, topic: str) -> Heard:
        """Waits for a message to this very topic, whatever its payload."""
        return self.until(lambda heard: heard.topic == topic)

    def until(self, condition: Any) -> Heard:
        """Waits for the first message, from now on, for which `condition` holds."""
        deadline = time.monotonic() + LONG
        while True:
            heard = self._arrived.get(timeout=max(0.001, deadline - time.monotonic()))
            self.heard.append(heard)
            if condition(heard):
                return heard

    def until_topic(self, name: str, **keys: Any) -> Heard:
        """Waits for a message whose topic ends so and whose payload has these keys."""
        return self.until(
            lambda heard: heard.topic.endswith(name) and all(heard.payload.get(k) == v for k, v in keys.items())
        )

    def collect(self) -> list[Heard]:
        """Everything so far."""
        while not self._arrived.empty():
            self.heard.append(self._arrived.get())
        return self.heard

    def close(self) -> None:
        """Leaves."""
        self._client.disconnect()
        self._client.loop_stop()


@contextlib.contextmanager
def consumer(port: int, *topics: str, identifier: str = "") -> Iterator[Consumer]:
    """A consumer that leaves at the end."""
    one = Consumer(port, *topics, identifier=identifier)
    try:
        yield one
    finally:
        one.close()
