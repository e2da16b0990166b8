"""What the keeper shows in the terminal: one live line from the monitor's own snapshot, and sentences above it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import time
from typing import IO, Any

LIVE_PERIOD = 0.5  # s, on a terminal
LOG_PERIOD = 5.0  # s, into a file or pipe
ANSWER_LIMIT = 2.0  # s to wait for the page's answer
USUAL_QUEUE = 50  # records that may wait without being worth a word
LONGEST_ANSWER = 1 << 20  # bytes

Snapshot = dict[str, Any]


async def fetch(host: str, port: int) -> Snapshot | None:
    """The monitor's snapshot from GET /api/snapshot; None when it does not answer with one in time."""
    try:
        async with asyncio.timeout(ANSWER_LIMIT):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(f"GET /api/snapshot HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode())
                answer = await reader.read(LONGEST_ANSWER)
                while piece := await reader.read(LONGEST_ANSWER - len(answer)):
                    answer += piece
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return None
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n", 1)[0] + b" ":
        return None
    try:
        snapshot = json.loads(body)
    except ValueError:
        return None
    return snapshot if isinstance(snapshot, dict) else None


def number(value: float | None, unit: str, places: int = 1) -> str:
    """A number with its unit, or -- when there is none."""
    return f"-- {unit}" if value is None else f"{value:.{places}f} {unit}"


def signs(vitals: Snapshot) -> list[str]:
    """What else is measured of the patient: respiration, CO2 and blood pressure, each once it has ever been measured.

    As on the page, the pulse wave's respiration stands in for that of a CO2 sensor unless this finds no breath.
    """
    readings = vitals.get("readings", {})
    seen = {key for key, r in readings.items() if r["signal"] not in ("never", "none")}
    parts = []
    co2 = vitals.get("resp")
    pleth = vitals.get("resp_pleth") if co2 is None and readings.get("resp", {}).get("signal") != "no-breath" else None
    if seen & {"resp", "resp_pleth"}:
        rate = number(co2 if pleth is None else pleth, "/min", 0)
        parts.append(f"resp {rate}" + ("" if pleth is None else " (pulse wave)"))
    if "etco2" in seen:
        parts.append(f"EtCO2 {number(vitals['etco2'], 'mmHg', 0)}")
    if seen & {"systolic", "map"}:
        high, low, mean = (number(vitals[key], "", 0).rstrip() for key in ("systolic", "diastolic", "map"))
        parts.append(f"NIBP {high}/{low} ({mean}) mmHg")
    return parts


def describe(snapshot: Snapshot) -> str:
    """A snapshot in one line: link, vital signs, pump, publishing."""
    link, vitals, pump = snapshot["link"], snapshot["vitals"], snapshot["pump"]
    parts = [f"link {link['state']}" + (f" {link['rtt_ms']:.1f} ms" if link.get("rtt_ms") is not None else "")]
    parts.append(f"SpO2 {number(vitals['spo2'], '%')}")
    parts.append(f"pulse {number(vitals['pulse'], '/min', 0)}")
    parts += signs(vitals)
    doing = f"pump {pump['state']}"
    if pump.get("programme"):
        of = number(pump["vtbi_ml"], "mL", 2)
        doing += f" {number(pump['rate_ml_h'], 'mL/h')}, {number(pump['delivered_ml'], 'of', 2)} {of}"
    parts.append(doing)
    told = snapshot.get("interlock")
    if told and told["tripped"]:
        parts.append("INTERLOCK TRIPPED")
    mqtt = snapshot["services"]["mqtt"]
    queued = mqtt.get("queued", 0)  # a publisher that has failed does not say
    waiting = queued if mqtt["state"] != "up" or queued > USUAL_QUEUE else 0  # a few are always on their way
    parts.append(f"mqtt {mqtt['state']}" + (f" ({waiting} waiting)" if waiting else ""))
    return " | ".join(parts)


class StatusLine:
    """Writes to `out`: on a terminal a line that renews itself, otherwise one line every few seconds.

    When nobody reads any more, it falls silent.
    """

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._live = out.isatty()
        self._shown = ""
        self._next_log = 0.0

    def tell(self, sentence: str) -> None:
        """A line that stays, above the live one."""
        self._write(("\r\x1b[K" if self._live and self._shown else "") + sentence + "\n" + self._shown)

    def show(self, text: str) -> None:
        """Replaces the live line; into a file or pipe only as often as is bearable."""
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            self._shown = text[:width]
            self._write("\r" + self._shown + "\x1b[K")
        elif time.monotonic() >= self._next_log:
            self._next_log = time.monotonic() + LOG_PERIOD
            self._write(text + "\n")

    def clear(self) -> None:
        """Takes the live line away."""
        if self._live and self._shown:
            self._shown = ""
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # a closed pipe or terminal
            self._out.write(text)
            self._out.flush()

    async def follow(self, host: str, port: int) -> None:
        """Shows the monitor's snapshot until cancelled."""
        while True:
            snapshot = await fetch(host, port)
            try:
                text = describe(snapshot) if snapshot else "the page does not answer yet"
            except (KeyError, TypeError, ValueError):  # never let a display end what it displays
                text = "the page answers with something unknown"
            self.show(text)
            await asyncio.sleep(LIVE_PERIOD if self._live else 1.0)
