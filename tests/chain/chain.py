"""The whole chain as a newcomer starts it, with what a test needs to ask of it from outside.

`Chain` runs `assuage demo`: a real MicroPython board on emulated chips, a real broker, the real daemon. What is true
is asked of the rig; what is claimed comes over MQTT, Modbus and the page, each with a client that shares no code with
the daemon.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from pymodbus.client import ModbusTcpClient

from assuage_rig import verbs
from assuage_rig.faults import Faults, Value

ROOT = Path(__file__).resolve().parents[2]


PATIENCE = 60.0  # s; how long a test waits for what must come, on a machine that may be slow


def wait_for(condition: Callable[[], Any], seconds: float, what: str, step: float = 0.02) -> Any:
    """The first true value of `condition`, or a failure that says what was waited for."""
    end = time.monotonic() + seconds
    while True:
        if got := condition():
            return got
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        time.sleep(step)


class Chain:
    """A running demo. Ports are its own, its state is in a folder that is thrown away. `wait_live` before all else.

    options: of the demo, e.g. --two-boards; then the patient is at the second board.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self.state = folder / "state"
        self.host = Faults(verbs.HOST, verbs.HOST_KINDS)
        self.page_port = self.mqtt_port = self.modbus_port = 0  # until the demo has chosen them
        self._clock = folder / "clock"  # by how much the daemon's wall clock is off, seconds
        self._clock.write_bytes(struct.pack("<d", 0.0))
        path = [str(Path(__file__).with_name("movable_clock")), os.environ.get("PYTHONPATH", "")]
        self._log = (folder / "demo.log").open("wb")
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "assuage.cli", "demo", "--state-dir", str(self.state)),
                *("--port", "0", "--mqtt-port", "0", "--modbus-port", "0"),
                *options,
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, path)),
                "ASSUAGE_TEST_CLOCK": str(self._clock),
            },
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    @property
    def page(self) -> str:
        """The page's address."""
        return f"http://127.0.0.1:{self.page_port}/"

    def snapshot(self) -> dict[str, Any]:
        """What the daemon says of the bed, as soon as it answers."""
        return dict(wait_for(self._ask, PATIENCE, "the daemon's answer"))

    def _ask(self) -> dict[str, Any] | None:
        assert self.process.poll() is None, "the demo has ended by itself"
        try:
            with urllib.request.urlopen(self.page + "api/snapshot", timeout=PATIENCE) as answer:
                return dict(json.load(answer))
        except (OSError, http.client.HTTPException):  # it is not up yet, or dies just now
            return None

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """POST as the page does it; (status, answer)."""
        request = urllib.request.Request(
            self.page + path, json.dumps(body).encode(), {"Content-Type": "application/json", "Origin": self.page[:-1]}
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def rig(self, do: str, /, **arguments: Any) -> dict[str, Any]:
        """One request on the control socket of the rig with the pump."""
        return self.ask_rig("rig", do, **arguments)

    def ask_rig(self, name: str, do: str, /, **arguments: Any) -> dict[str, Any]:
        """One request on a rig's control socket: rig, or rig-signs of the second board."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.settimeout(PATIENCE)
            s.connect(str(self.state / f"{name}.sock"))
            s.sendall(json.dumps({"do": do, **arguments}).encode() + b"\n")
            answer = json.loads(s.makefile().readline())
        assert answer.pop("ok"), answer
        return dict(answer)

    def pids(self) -> dict[str, int]:
        """Process ids by name, as the keeper writes them; the board's as the rig knows it."""
        pids = dict(json.loads((self.state / "pids.json").read_text()))
        with suppress(OSError):
            pids["board"] = self.rig("state")["board_pid"]
        return pids

    def kill(self, name: str) -> int:
        """kill -9; returns the process id that was."""
        pid = self.pids()[name]
        os.kill(pid, signal.SIGKILL)
        return pid

    # -- fault verbs, see assuage_rig.verbs --------------------------------------------------------------------------
    fault_target = "chain"

    def fault(self, component: str, kind: str, **params: Value) -> None:
        """Breaks something: of the board over the rig's control socket, of the host by its processes."""
        verb = verbs.resolve(component, kind)
        if verb.component != verbs.HOST:
            self.rig("fault", component=component, kind=kind, **params)
            return
        self.host.make(verb.kind, **params)
        process, _, what = verb.kind.partition("_")
        if what == "jump":
            self._move_clock(self.host.active[verb.kind]["s"])
        elif what == "hung":
            os.kill(self.pids()[process], signal.SIGSTOP)
        else:
            self.kill(process)
            self.host.mend(verb.kind)

    def mend(self, component: str, kind: str | None = None) -> None:
        """Mends it; what was killed comes back by itself."""
        verb = verbs.resolve(component, kind or "")
        if verb.component != verbs.HOST:
            self.rig("mend", component=component, **({"kind": kind} if kind else {}))
            return
        process, _, what = verb.kind.partition("_")
        if what == "jump":
            self._move_clock(0.0)
        elif what == "hung":
            os.kill(self.pids()[process], signal.SIGCONT)
        self.host.mend(verb.kind)

    def _move_clock(self, s: float) -> None:
        with self._clock.open("r+b") as file:
            file.write(struct.pack("<d", s))

    def wait_live(self) -> None:
        """Until the demo has its ports, the link is live and both numbers are there."""
        wait_for(self._signed, PATIENCE, "the demo choosing its ports")
        settled = tomllib.loads((self.state / "daemon.toml").read_text())
        self.page_port, self.mqtt_port, self.modbus_port = (settled[s]["port"] for s in ("monitor", "mqtt", "modbus"))
        wait_for(lambda: (v := self.snapshot()["vitals"])["spo2"] and v["pulse"], PATIENCE, "numbers")

    def _signed(self) -> bool:
        """Whether the keeper has written down where its page is: after it has written the daemon's configuration."""
        assert self.process.poll() is None, "the demo has ended by itself"
        with suppress(OSError, ValueError):
            return bool(json.loads((self.state / "lock").read_text())["address"])
        return False

    def make_ready(self) -> None:
        """Puts the syringe in anew if the pump asks for that, and waits until it has tested itself."""
        wait_for(lambda: self.snapshot()["drive"], PATIENCE, "the pump's own sensors")
        if self.snapshot()["drive"]["force_is"] == "untared":
            self.rig("take_out", for_s=1.0)

        def ready() -> bool:
            drive = self.snapshot()["drive"]
            return bool(drive) and (drive["fitted"], drive["force_is"], drive["untested"]) == ("fitted", "good", [])

        wait_for(ready, PATIENCE, "the pump being ready")

    def infuse(self, rate_ml_h: str, vtbi_ml: str = "20", drug: str = "Ketamine racemic 10 mg/mL", **more: Any) -> int:
        """Programme, confirm, start, over the page's API; returns the programme's id. more: keys of the order."""
        order = {
            "drug": drug, "rate_ml_h": rate_ml_h, "vtbi_ml": vtbi_ml, "syringe": "BD 50 mL", "on_loss": "stop", **more,
        }  # fmt: skip
        status, answer = self.post("api/pump/programme", order)
        assert status == 200, answer
        back = answer["readback"]
        self.make_ready()
        status, answer = self.post("api/pump/confirm", {"programme": back["programme"], "token": back["token"]})
        assert status == 200, answer
        self.do_when_permitted("api/pump/start", {"programme": back["programme"]})
        return int(back["programme"])

    def do_when_permitted(self, path: str, body: dict[str, Any]) -> None:
        """Posts an order, again while only the board that watches, or a sign that it looks at, is in the way."""

        def done() -> bool:
            status, answer = self.post(path, body)
            assert status == 200 or (status == 409 and answer["status"] in ("elsewhere", "guard")), answer
            return status == 200

        wait_for(done, PATIENCE, f"{path} being permitted", step=0.5)

    def end(self) -> int:
        """Ctrl-C; returns the exit status. Every process must be gone by then. A keeper that does not end is killed,
        and with it what it keeps."""
        try:
            self.process.send_signal(signal.SIGINT)
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
            self._log.close()


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Chain]:
    """A chain that is live, ended afterwards; what it logged is printed, which pytest shows when a test fails."""
    chain = Chain(folder, *options)
    try:
        chain.wait_live()
        yield chain
    finally:
        try:
            if chain.process.poll() is None:
                chain.end()
        finally:
            for log in [folder / "demo.log", *sorted((chain.state / "logs").glob("*.log"))]:
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}")


class Observer:
    """An independent MQTT client with a session that survives the broker's restarts: remembers all it is sent.

    There for as long as it is entered."""

    def __init__(self, port: int, name: str = "observer") -> None:
        self.heard: list[tuple[float, str, dict[str, Any]]] = []
        self._lock = threading.Lock()
        self._subscribed = threading.Event()
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=name, clean_session=False)
        self.client.on_connect = lambda c, *_: c.subscribe("assuage/v1/#", qos=1)
        self.client.on_subscribe = lambda *_: self._subscribed.set()
        self.client.on_message = self._message
        self.client.reconnect_delay_set(1, 1)
        self.client.connect_async("127.0.0.1", port, keepalive=5)

    def __enter__(self) -> Observer:
        """Joins."""
        self.client.loop_start()
        if not self._subscribed.wait(PATIENCE):
            self.close()
            raise AssertionError("the observer could not subscribe")
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        with self._lock:
            self.heard.append((time.monotonic(), message.topic, json.loads(message.payload)))

    def of(self, ending: str, since: float = 0.0) -> list[dict[str, Any]]:
        """Payloads of the topics that end so, received after the monotonic time `since`, oldest first."""
        with self._lock:
            return [payload for at, topic, payload in self.heard if at > since and topic.endswith(ending)]

    def wait(
        self, ending: str, like: Callable[[dict[str, Any]], Any], seconds: float, since: float = 0.0
    ) -> dict[str, Any]:
        """The first payload after `since` that is like this."""
        return dict(
            wait_for(
                lambda: next((p for p in self.of(ending, since) if like(p)), None), seconds, f"MQTT topic …{ending}"
            )
        )

    def close(self) -> None:
        """Leaves."""
        self.client.disconnect()
        self.client.loop_stop()


class Registers:
    """An independent Modbus client; input registers by address."""

    def __init__(self, port: int) -> None:
        self.client = ModbusTcpClient("127.0.0.1", port=port, timeout=3)
        assert self.client.connect()

    def read(self, address: int, count: int = 1) -> list[int]:
        """Input registers, FC4."""
        answer = self.client.read_input_registers(address, count=count, device_id=1)
        assert not answer.isError(), answer
        return list(answer.registers)

    def u32(self, address: int) -> int:
        """Two registers, big-endian."""
        high, low = self.read(address, 2)
        return high << 16 | low

    def close(self) -> None:
        """Leaves."""
        self.client.close()
