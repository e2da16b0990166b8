"""The recorder: that it hears everything, changes nothing, and that its files read back as what went on."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from vcd.reader import TokenKind, tokenize

from assuage_rig import recorder as recording
from assuage_rig.bench import Bench
from assuage_rig.recorder import Recorder
from assuage_rig.report import csvs, wirelog
from assuage_rig.wirehost import WireHost
from assuage_wire import frame, schema
from assuage_wire.codec import BY_NAME, MESSAGES, Message

from .conftest import ToldBench


def edges(dump: str, name: str) -> list[tuple[int, int]]:
    """(time, level) of one wire, its first level included, as another tool would read them."""
    found: list[tuple[int, int]] = []
    code, now = "", 0
    for token in tokenize(io.BytesIO(dump.encode())):
        if token.kind is TokenKind.VAR and token.var.reference == name:
            code = token.var.id_code
        elif token.kind is TokenKind.CHANGE_TIME:
            now = token.time_change
        elif token.kind is TokenKind.CHANGE_SCALAR and token.scalar_change.id_code == code:
            found.append((now, int(token.scalar_change.value)))
    return found


def framed(name: str, values: list[int], seq: int = 0) -> bytes:
    writer = frame.Writer()
    writer.seq = seq
    return bytes(writer.out[: writer.frame(BY_NAME[name], values)])


def test_a_run_is_the_same_with_a_recorder_as_without() -> None:
    def run(recorded: bool) -> tuple[list[object], float, int]:
        with Bench(seed=5) as bench:
            if recorded:
                Recorder(bench).every(0.037)
            host = WireHost(bench)
            host.infuse(ml_h=20, ml=5)
            host.run(3)
            host.stop()
            # Health tells how long things took on this machine
            return [said for said in host.said if said.name != "Health"], bench.plunger_nl, bench.requests

    assert run(True) == run(False)


def test_pulses_in_the_dump_are_where_the_words_put_them(bench: ToldBench) -> None:
    recorder = Recorder(bench)
    bench.run(0.001)
    bench.tell("enable 1")
    bench.tell("push 3 1000")
    bench.run(0.0005)
    bench.tell("push 0 700")
    bench.tell("push 2 250")
    bench.run(1)
    rises = [at for at, level in edges(recorder.files()["steps.vcd"], "step") if level]
    assert rises == [2000, 3000, 4000, 4950, 5200]
    assert [at + 2 for at in rises] == [
        at for at, level in edges(recorder.files()["steps.vcd"], "step")[1:] if not level
    ]
    assert list(recorder.words) == [(1000, 3, 1000), (1500, 0, 700), (1500, 2, 250)]


def test_the_dump_has_direction_current_and_keys_at_their_time(bench: ToldBench) -> None:
    recorder = Recorder(bench)
    bench.at(0.25, lambda: bench.circuit.pins.press_stop(True))
    bench.at(0.5, lambda: bench.drive.set_forward(False))
    bench.at(0.75, lambda: bench.circuit.set_pin(1, 1))
    bench.at(1.0, lambda: bench.drive.enable(True))
    bench.run(2)
    dump = recorder.files()["steps.vcd"]
    assert edges(dump, "stop") == [(0, 1), (250_000, 0)]
    assert edges(dump, "forward") == [(0, 1), (500_000, 0)]
    assert edges(dump, "led") == [(0, 0), (750_000, 1)]
    assert edges(dump, "enabled") == [(0, 0), (1_000_000, 1)]


def test_a_recording_that_begins_late_counts_from_there(bench: ToldBench) -> None:
    bench.tell("enable 1")
    bench.tell("push 100 1000")
    bench.run(0.0505)
    recorder = Recorder(bench)
    bench.run(0.02)
    row = recorder.sample()
    assert row.time_s == 0.0705
    assert row.commanded_nl == row.shaft_nl == pytest.approx(20 * bench.shaft.syringe.nl_per_step)
    assert edges(recorder.files()["steps.vcd"], "step")[0] == (50_500, 0)


def test_only_one_recorder_listens_to_a_bench(bench: ToldBench) -> None:
    Recorder(bench)
    with pytest.raises(ValueError, match="a recorder already"):
        Recorder(bench)


def test_rows_of_the_plant_come_as_often_as_asked_and_end_when_told(bench: ToldBench) -> None:
    recorder = Recorder(bench)
    recorder.every(0.25, until=lambda: bench.now_us > 1_000_000)
    bench.run(2)
    assert [row.time_s for row in recorder.samples] == [0.0, 0.25, 0.5, 0.75, 1.0]
    rows = list(csv.reader(io.StringIO(recorder.files()["samples.csv"])))
    assert rows[0][0] == "time (s)"
    assert [float(row[0]) for row in rows[1:]] == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_the_ledger_has_what_was_commanded_done_and_got_since_the_start(bench: ToldBench) -> None:
    recorder = Recorder(bench)
    bench.fault("motor", "slip", percent=50)
    bench.tell("enable 1")
    bench.tell("push 1000 1000")
    bench.run(1)
    recorder.sample()
    ledger = recorder.ledger()
    assert ledger["commanded"][1] == pytest.approx([0, 1000 * bench.shaft.syringe.nl_per_step / 1000])
    assert ledger["shaft"][1][1] == pytest.approx(ledger["commanded"][1][1] / 2)
    assert recorder.happened() == {"fault motor slip percent=50": 0.0}


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: m.name)
def test_every_message_reads_back_from_its_bytes(message: Message) -> None:
    """Least, greatest and a middle value of every field, both ways."""
    for share in (0.0, 0.37, 1.0):
        values: list[object] = []
        for letter, size, count, lo, hi in message.plan:
            one = bytes(size) if letter == "s" else lo + round((hi - lo) * share)
            values += [one] * count
        writer = frame.Writer()
        writer.seq = 77
        sent = bytes(writer.out[: writer.frame(message, values)])
        assert wirelog.unframe(sent[:-1], message.direction) == (message, 77, values)


def test_the_log_has_one_line_a_message_with_time_way_names_and_units(bench: ToldBench) -> None:
    recorder = Recorder(bench)
    stop = framed("Stop", [9], seq=3)
    bench.run(1.5)
    bench.send(stop[:4])
    bench.run(0.25)
    bench.send(stop[4:])
    log = recorder.files()["wire.log"].splitlines()
    assert [re.sub(r"\s+", " ", line).strip() for line in log if " > " in line and line[0] != "#"] == [
        "1.750000 > 3 Stop token=9"
    ]


def test_codes_are_named_and_no_value_is_said_in_words() -> None:
    message = BY_NAME["PumpStatus"]
    values = [0] * message.width
    values[message.index("state")] = schema.STATES.index("infusing")
    values[message.index("left")] = schema.NONE32
    values[message.index("set_rate")] = 166_667
    line = wirelog.words(framed("PumpStatus", values)[:-1], "<")
    assert " state=infusing " in line
    assert " left=none " in line
    assert " set_rate=166667nL/min " in line


def test_what_the_line_lost_or_damaged_is_seen_at_both_ends(bench: ToldBench) -> None:
    recorder = Recorder(bench)
    bench.fault("uart", "corrupt", every=3)
    bench.send(framed("Stop", [7]))
    bench.mend("uart")
    bench.fault("uart", "cut")
    bench.send(framed("Stop", [8]))
    log = recorder.files()["wire.log"]
    assert "What goes > did not all arrive" in log
    assert re.search(r"> +host +0 Stop +token=7", log)
    assert re.search(r"> +board +\(refused: ", log)
    assert re.search(r"> +host +0 Stop +token=8", log)
    assert "token=8" not in "".join(line for line in log.splitlines() if " board " in line)
    assert "-- fault uart corrupt every=3" in log


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x05\x01\x00", "no COBS"),
        (b"\x02\x01\x00", "too short"),
        (framed("Stop", [1])[:-2] + b"\x7f\x00", "CRC wrong"),
        (framed("Stop", [1])[:3], "unfinished"),
    ],
)
def test_a_torn_frame_is_told_as_such_and_never_hidden(bench: ToldBench, data: bytes, why: str) -> None:
    recorder = Recorder(bench)
    bench.send(data)
    assert why in recorder.files()["wire.log"]


def test_a_long_run_keeps_the_newest_and_says_what_it_dropped(
    open_bench: Callable[..., ToldBench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "WIRE_BYTES", 64)
    monkeypatch.setattr(recording, "STEPS", 10)
    bench = open_bench()
    recorder = Recorder(bench)
    bench.tell("enable 1")
    bench.tell("push 7 1000")
    bench.tell("push 8 2000")
    bench.run(1)
    for token in range(20):
        bench.send(framed("Stop", [token]))
    dump, log = recorder.files()["steps.vcd"], recorder.files()["wire.log"]
    assert [at for at, level in edges(dump, "step") if level] == [6000, 7000, *range(9000, 24000, 2000)]
    assert "5 before them are not here" in dump
    assert "token=19" in log
    assert "token=3 " not in log
    assert re.search(r"Only the newest is kept: \d+ bytes", log)


def test_a_spreadsheet_takes_no_text_for_a_formula() -> None:
    assert csvs.table(("a",), [("=1+1",), ("-3",), (-3.5,)]) == "a\n'=1+1\n-3\n-3.5\n"
