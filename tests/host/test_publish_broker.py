"""Which broker is taken, and that our own cannot be reached from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from assuage.publish import broker
from assuage.publish.broker import broker_url, choose
from tests.host.brokers import KINDS, LONG, ROOT, consumer, environment, settings, start_broker


def listening(port: int) -> set[str]:
    """Local addresses that listen on a TCP port, from the kernel's own tables."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            address, _, number = local.partition(":")
            if state == "0A" and int(number, 16) == port:
                found.add(address)
    return found


def test_a_configured_broker_is_taken_as_it_is_and_nothing_is_started(tmp_path: Path) -> None:
    config = settings(tmp_path, mqtt={"url": "mqtts://broker.ward:8883"})
    plan = choose(config, tmp_path)
    assert plan.command is None and plan.url == broker_url(config) == "mqtts://broker.ward:8883"
    assert list(tmp_path.iterdir()) == []


def test_mosquitto_is_found_where_distributions_hide_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"/usr/sbin", "/usr/local/sbin"} <= set(broker.PLACES)
    hidden = tmp_path / "sbin"
    hidden.mkdir()
    (hidden / "mosquitto").write_text("#!/bin/sh\n")
    (hidden / "mosquitto").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(broker, "PLACES", (str(hidden),))
    plan = choose(settings(tmp_path), tmp_path / "state")
    assert plan.command is not None and plan.command[0] == str(hidden / "mosquitto")


def test_without_mosquitto_it_is_amqtt_in_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "find_mosquitto", lambda: None)
    config = settings(tmp_path)
    plan = choose(config, tmp_path)
    assert plan.url == broker_url(config)
    assert plan.name == "amqtt; without mosquitto a consumer that is away misses records", "what start-up says"
    assert plan.command is not None and plan.command[:3] == [sys.executable, "-m", "assuage.publish.broker_process"]


def test_port_0_becomes_a_free_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "find_mosquitto", lambda: None)
    plan = choose(settings(tmp_path, mqtt={"port": 0}), tmp_path)
    assert plan.command is not None and plan.url == f"mqtt://127.0.0.1:{plan.command[-1]}"
    assert int(plan.command[-1]) > 0


@pytest.mark.parametrize("kind", KINDS)
def test_our_own_broker_listens_on_this_machine_only(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process, config = start_broker(kind, tmp_path, monkeypatch)
    try:
        assert listening(config.mqtt.port) == {"0100007F"}, "127.0.0.1 as the kernel writes it, and nothing else"
    finally:
        process.end()


def test_localhost_means_one_address_so_that_both_ends_mean_the_same(tmp_path: Path) -> None:
    assert broker_url(settings(tmp_path, mqtt={"host": "localhost"})) == "mqtt://127.0.0.1:1883"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "::1", "192.0.2.1"])
def test_amqtt_refuses_to_listen_for_other_machines(host: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "assuage.publish.broker_process", "--host", host, "--port", "1"],
        env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and "asks for no password" in done.stderr


def test_amqtt_ends_in_order_when_it_is_told_to(tmp_path: Path) -> None:
    port = broker.free_port("127.0.0.1")
    child = subprocess.Popen(
        [sys.executable, "-m", "assuage.publish.broker_process", "--port", str(port)],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None and f"127.0.0.1:{port}" in child.stdout.readline()
    with consumer(port):
        child.send_signal(signal.SIGTERM)
        _, errors = child.communicate()
    assert child.returncode == 0 and "Traceback" not in errors


def test_mosquitto_keeps_its_files_in_the_state_directory_and_is_bounded(tmp_path: Path) -> None:
    text = broker.mosquitto_conf("127.0.0.1", 1883, tmp_path / "mosquitto")
    assert "listener 1883 127.0.0.1\n" in text and f"persistence_location {tmp_path}/mosquitto/\n" in text
    for bound in ("max_connections", "message_size_limit", "max_queued_messages", "max_queued_bytes"):
        assert int(text.split(f"\n{bound} ")[1].split("\n")[0]) > 0
    assert ("\nuser " in text) == (os.geteuid() == 0)


def test_a_consumer_that_is_away_finds_the_oldest_records_up_to_the_limit_that_readme_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (ROOT / "README.md").read_text()
    assert f"{broker.QUEUED_MESSAGES:,} messages".replace(",", " ") in readme
    assert f"{broker.QUEUED_BYTES // 1_000_000} MB" in readme
    monkeypatch.setattr(broker, "QUEUED_MESSAGES", 20)
    process, config = start_broker("mosquitto", tmp_path, monkeypatch)
    try:
        with consumer(config.mqtt.port, "a", identifier="historian"):
            pass
        publisher = paho.Client(CallbackAPIVersion.VERSION2)
        publisher.connect("127.0.0.1", config.mqtt.port)
        publisher.loop_start()
        for number in range(30):
            sent = publisher.publish("a", str(number), qos=1)
            sent.wait_for_publish(LONG)
            assert sent.is_published()
        with consumer(config.mqtt.port, "a", identifier="historian") as back:
            # Not before everything that waited has been fetched is there room for another.
            back.until(lambda heard: heard.payload == 19)
            publisher.publish("a", '"end"', qos=1).wait_for_publish(LONG)
            back.until(lambda heard: heard.payload == "end")
            assert [one.payload for one in back.heard] == [*range(20), "end"]
        publisher.loop_stop()
    finally:
        process.end()


def test_a_free_port_is_free_and_none_that_a_connection_may_be_given_meanwhile() -> None:
    port = broker.free_port("127.0.0.1")
    with socket.socket() as one:
        one.bind(("127.0.0.1", port))
    with socket.create_server(("127.0.0.1", 0)) as other, socket.create_connection(other.getsockname()) as client:
        assert port < client.getsockname()[1]
