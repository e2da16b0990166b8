"""Which broker carries the telemetry: the one that is configured, mosquitto if it is installed, else the guarded amqtt.

Our own broker listens on this machine only and asks for no password; production gives `mqtt.url` of a broker that does.
Records wait in the store until the broker has acknowledged them, and retained messages are published anew at each
connection. What happens to an acknowledged record depends on the broker. mosquitto keeps it for a consumer with a
session of its own, on disk, up to QUEUED_MESSAGES or QUEUED_BYTES; what comes then is dropped. amqtt gives it to
whoever is there at that moment (why: safe_broker.py); it is for trying things out.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import sys
from pathlib import Path
from typing import NamedTuple

from assuage.config import Config

PLACES = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/sbin")  # often not on a user's PATH
CONNECTIONS = 100
MESSAGE_BYTES = 262_144
QUEUED_MESSAGES = 10_000  # per subscriber that is away; half an hour of one bed's topics
QUEUED_BYTES = 16_000_000


AMQTT = "amqtt; without mosquitto a consumer that is away misses records"


class BrokerPlan(NamedTuple):
    """command: what to start, None for an external broker. url: where it listens. name: for people, at start-up."""

    command: list[str] | None
    url: str
    name: str


def choose(config: Config, state_dir: Path) -> BrokerPlan:
    """Decides, and writes the broker's configuration into `state_dir`. Port 0 is replaced by a free one."""
    if config.mqtt.url:
        return BrokerPlan(None, config.mqtt.url, "external broker")
    host, port = config.mqtt.host, config.mqtt.port or free_port(config.mqtt.host)
    program = find_mosquitto()
    if program:
        file = state_dir / "mosquitto.conf"
        state_dir.mkdir(parents=True, exist_ok=True)
        data = state_dir / "mosquitto"
        data.mkdir(exist_ok=True)
        file.write_text(mosquitto_conf(host, port, data))
        return BrokerPlan([program, "-c", str(file)], url(host, port), "mosquitto")
    command = [sys.executable, "-m", "assuage.publish.broker_process", "--host", host, "--port", str(port)]
    return BrokerPlan(command, url(host, port), AMQTT)


def broker_url(config: Config) -> str:
    """Where the daemon finds the broker that `choose` decided on; the port must have been settled."""
    return config.mqtt.url or url(config.mqtt.host, config.mqtt.port)


def url(host: str, port: int) -> str:
    """mqtt://host:port."""
    return f"mqtt://{host}:{port}"


def find_mosquitto() -> str | None:
    """mosquitto on PATH or where distributions hide it."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path=os.pathsep.join(PLACES))


def free_port(host: str) -> int:
    """A port that is free now, and that no connection of anybody's is given before it is used: it lies below the ports
    that systems take for those (Linux from 32 768, others from 49 152). Raises OSError when none of many is free."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe, contextlib.suppress(OSError):
            probe.bind((host, port))
            return port
    raise OSError(f"no free port was found at {host}")


def mosquitto_conf(host: str, port: int, data: Path) -> str:
    """The configuration of our own mosquitto: this machine only, bounded in every direction."""
    return "\n".join(
        [
            "# Written at every start; edits are lost.",
            f"listener {port} {host}",
            f"max_connections {CONNECTIONS}",
            "allow_anonymous true",  # it cannot be reached from outside
            # As root mosquitto would become another user, who may not write our folder.
            *([f"user {_user()}"] if os.geteuid() == 0 else []),
            "persistence true",
            f"persistence_location {data}/",
            # Saving at each change would cost five sixths of the throughput. What a kill takes of the last two seconds
            # the daemon publishes again.
            "autosave_interval 1",
            "autosave_on_changes false",
            f"message_size_limit {MESSAGE_BYTES}",
            "max_inflight_messages 100",
            f"max_queued_messages {QUEUED_MESSAGES}",
            f"max_queued_bytes {QUEUED_BYTES}",
            "log_dest stderr",
            "log_type error",
            "log_type warning",
            "log_type notice",
            "connection_messages false",
            "",
        ]
    )


def _user() -> str:
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name
