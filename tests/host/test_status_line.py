"""What the keeper shows in the terminal."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest

from assuage.status_line import StatusLine, describe, fetch

SNAPSHOT: dict[str, Any] = {
    "link": {"state": "live", "rtt_ms": 0.84},
    "vitals": {"spo2": 97.13, "pulse": 72.4},
    "pump": {"state": "infusing", "programme": 7, "rate_ml_h": 10.0, "vtbi_ml": 50.0, "delivered_ml": 1.234},
    "services": {"mqtt": {"state": "up", "queued": 3}},
}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_running_infusion_in_one_line() -> None:
    assert describe(SNAPSHOT) == (
        "link live 0.8 ms | SpO2 97.1 % | pulse 72 /min | pump infusing 10.0 mL/h, 1.23 of 50.00 mL | mqtt up"
    )


def test_what_is_not_known_is_never_shown_as_a_number() -> None:
    snapshot = {
        "link": {"state": "lost", "rtt_ms": None},
        "vitals": {"spo2": None, "pulse": None},
        "pump": {"state": "infusing", "programme": 7, "rate_ml_h": None, "vtbi_ml": None, "delivered_ml": None},
        "services": {"mqtt": {"state": "down", "queued": 12}},
    }
    assert describe(snapshot) == (
        "link lost | SpO2 -- % | pulse -- /min | pump infusing -- mL/h, -- of -- mL | mqtt down (12 waiting)"
    )


def told(**numbers: float | str) -> str:
    """The line's part between pulse and pump: of each sign its number, or the signal for which it has none."""
    signals = {key: n if isinstance(n, str) else "ok" for key, n in numbers.items()}
    values = dict.fromkeys(("resp", "resp_pleth", "etco2", "systolic", "diastolic", "map"), None) | {
        key: n for key, n in numbers.items() if not isinstance(n, str)
    }
    readings = {key: {"signal": signals.get(key, "never")} for key in values}
    vitals = SNAPSHOT["vitals"] | values | {"readings": readings}
    line = describe(SNAPSHOT | {"vitals": vitals})
    return line.partition("pulse 72 /min | ")[2].rpartition("pump ")[0].rstrip("| ")


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({}, ""),
        ({"resp": 14.2, "resp_pleth": 13.0, "etco2": 38.4}, "resp 14 /min | EtCO2 38 mmHg"),
        ({"resp_pleth": 13.0}, "resp 13 /min (pulse wave)"),
        ({"resp": "sensor-lost", "resp_pleth": 13.0}, "resp 13 /min (pulse wave)"),
        ({"resp": "no-breath", "resp_pleth": 13.0, "etco2": "no-breath"}, "resp -- /min | EtCO2 -- mmHg"),
        ({"systolic": 138.2, "diastolic": 84.0, "map": 102.4}, "NIBP 138/84 (102) mmHg"),
        ({"systolic": "leak", "diastolic": "leak", "map": "leak"}, "NIBP --/-- (--) mmHg"),
    ],
)
def test_what_else_was_ever_measured_is_told_and_a_withheld_number_is_none(
    numbers: dict[str, float | str], words: str
) -> None:
    assert told(**numbers) == words


def test_a_publisher_that_has_failed_is_told_with_the_rest() -> None:
    mqtt = {"state": "down", "sentence": "The part mqtt has failed."}  # all that the daemon says of a failed part
    assert describe(SNAPSHOT | {"services": {"mqtt": mqtt}}).endswith("1.23 of 50.00 mL | mqtt down")


def test_on_a_terminal_the_line_renews_itself_and_sentences_stay_above_it() -> None:
    out = Terminal()
    line = StatusLine(out)
    line.show("one")
    line.show("two")
    line.tell("daemon ended.")
    line.clear()
    assert out.getvalue() == "\rone\x1b[K\rtwo\x1b[K\r\x1b[Kdaemon ended.\ntwo\r\x1b[K"


def test_into_a_file_lines_come_seldom_and_plain() -> None:
    out = io.StringIO()
    line = StatusLine(out)
    for _ in range(100):
        line.show("status")
    line.tell("daemon ended.")
    line.clear()
    assert out.getvalue() == "status\ndaemon ended.\n"


def test_a_reader_that_has_gone_ends_nothing() -> None:
    out = io.StringIO()
    line = StatusLine(out)
    out.close()
    line.show("status")
    line.tell("sentence")


async def _answering(answer: bytes) -> dict[str, Any] | None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        return await fetch("127.0.0.1", server.sockets[0].getsockname()[1])


@pytest.mark.parametrize(
    ("answer", "snapshot"),
    [
        (b'HTTP/1.1 200 OK\r\nx: y\r\n\r\n{"a": 1}', {"a": 1}),
        (b"HTTP/1.1 200\r\n\r\n{}", {}),
        (b'HTTP/1.1 500 Internal Server Error\r\n\r\n{"a": 1}', None),
        (b"HTTP/1.1 200 OK\r\n\r\n[1]", None),
        (b"HTTP/1.1 200 OK\r\n\r\n<html>", None),
        (b"", None),
    ],
)
async def test_only_a_snapshot_is_taken_for_one(answer: bytes, snapshot: dict[str, Any] | None) -> None:
    assert await _answering(answer) == snapshot


async def test_a_page_that_is_not_there_is_none() -> None:
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    assert await fetch("127.0.0.1", port) is None


def test_a_trip_of_the_interlock_stands_out() -> None:
    tripped = {**SNAPSHOT, "interlock": {"tripped": True}}
    assert "| INTERLOCK TRIPPED |" in describe(tripped)
    assert describe({**SNAPSHOT, "interlock": {"tripped": False}}) == describe({**SNAPSHOT, "interlock": None})
