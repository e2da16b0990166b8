"""The emulated SprintIR speaks as its user's guide says, line by line."""

from __future__ import annotations

import re
from math import exp

import pytest

from assuage_rig.chips.sprintir import CHAMBER_ML
from assuage_rig.faults import UnknownFault

from .sprintir_line import Line

SECOND = re.compile(rb" Z (\d{5}) z (\d{5})\r\n")


@pytest.fixture
def line() -> Line:
    made = Line()
    made.wait(1500)
    return made


def polled(line: Line) -> Line:
    line.say("K 2")
    line.heard()
    return line


def numbers(data: bytes) -> list[int]:
    return [int(text) for text in re.findall(rb" Z (\d{5})", data)]


def test_it_tells_nothing_for_a_second_and_then_streams_both_readings() -> None:
    line = Line()
    line.wait(1000)
    assert line.heard() == b""
    line.wait(1010)
    heard = line.heard()
    assert len(SECOND.findall(heard)) == 50 and SECOND.sub(b"", heard) == b""


@pytest.mark.parametrize(("hz", "byte_us"), [(50, 260.4), (20, 1041.7)])
def test_a_line_takes_its_time_on_the_wire(hz: int, byte_us: float) -> None:
    """18 bytes at 38 400 Bd are 4.7 ms, at 9600 Bd 18.75 ms."""
    line = Line(hz=hz)
    line.wait(1000 + 1000 / hz)
    came = []
    for us in range(1, 20_000):
        line.clock.now_us += 1
        if line.any() > len(came):
            came.append(us)
    assert came[0] == pytest.approx(byte_us, abs=2)
    assert came[17] == pytest.approx(18 * byte_us, abs=2)


def test_a_command_is_echoed_with_five_digits(line: Line) -> None:
    polled(line)
    assert line.say("A 32") == b" A 00032\r\n"
    assert line.say("a") == b" a 00032\r\n"
    assert line.say("K 2") == b" K 00002\r\n"
    assert line.say(".") == b" . 00010\r\n"
    assert line.say("M 6") == b" M 00006\r\n"
    assert line.say("S 8914") == b" S 08914\r\n"


def test_in_streaming_mode_an_answer_comes_up_to_ten_ms_behind_the_lines(line: Line) -> None:
    heard = line.say("A 8", 100)
    assert heard.count(b" A 00008\r\n") == 1 and SECOND.search(heard)


def test_polling_answers_and_otherwise_keeps_silent(line: Line) -> None:
    polled(line)
    line.wait(500)
    assert line.heard() == b""
    assert re.fullmatch(rb" Z \d{5}\r\n", line.say("Z"))
    assert re.fullmatch(rb" z \d{5}\r\n", line.say("z"))
    assert SECOND.fullmatch(line.say("Q"))


def test_asleep_it_measures_nothing_and_after_power_on_it_streams_again(line: Line) -> None:
    assert line.say("K 0").endswith(b" K 00000\r\n")
    before = line.say("Z")
    line.ppm = 50_000.0
    line.wait(2000)
    assert line.say("Z") == before
    line.chip.power_on()
    line.wait(1500)
    assert SECOND.search(line.heard())


def test_the_last_of_streaming_and_polling_and_the_filter_outlive_the_supply(line: Line) -> None:
    polled(line)
    line.say("A 4")
    line.chip.faults.make("brownout")
    assert line.say("Z") == b"", "deaf while it starts"
    line.wait(2000)
    assert line.heard() == b"" and line.say("a") == b" a 00004\r\n"


def test_the_mask_orders_the_fields_from_its_highest_bit_down(line: Line) -> None:
    """M 4164 is humidity, temperature, filtered gas."""
    line.say("M 4164")
    line.heard()
    line.wait(20)
    assert re.search(rb" H \d{5} T \d{5} Z \d{5}\r\n", line.heard() + line.say("Q"))


@pytest.mark.parametrize(("percent", "counts"), [(0.04, 40), (5.0, 5000), (5.33, 5330), (20.0, 20_000)])
def test_counts_are_ppm_over_the_multiplier(percent: float, counts: int) -> None:
    line = Line(percent * 10_000)
    line.chip.noise_counts = line.chip.noise_part = 0.0
    line.wait(1500)
    assert set(numbers(line.heard())) == {counts}


def test_the_line_delays_and_the_cell_mixes() -> None:
    """2 ml at 1 l/min are 120 ms; 2.8 ml at it are a time constant of 168 ms."""
    line = Line(lambda t_us: 50_000.0 if t_us >= 2_000_000 else 0.0)
    line.chip.noise_counts = line.chip.noise_part = 0.0
    line.say("A 1")
    line.wait(1000)
    line.say("A 1")
    line.heard()
    line.wait(2120 + 168 - line.clock.now_us / 1000 + 5)
    last = int(SECOND.findall(line.heard())[-1][1])
    assert last == pytest.approx(5000 * (1 - exp(-1)), rel=0.08)
    line.chip.flow_ml_s = 1000.0
    assert CHAMBER_ML / line.chip.flow_ml_s < 0.003


def test_a_larger_filter_is_slower_and_quieter() -> None:
    spread, slow = [], []
    for setting in (1, 64):
        line = Line(lambda t_us: 50_000.0 if t_us >= 6_000_000 else 20_000.0)
        line.wait(1500)
        line.say(f"A {setting}")
        line.wait(2000)
        line.heard()
        line.wait(2000)
        seen = numbers(line.heard())
        spread.append(max(seen) - min(seen))
        line.wait(6600 - line.clock.now_us / 1000)
        slow.append(5000 - numbers(line.heard())[-1])
    assert spread[0] > 3 * spread[1]
    assert slow[1] > 3 * abs(slow[0])


def test_pressure_counts_and_its_correction_takes_it_back() -> None:
    """950 mbar: 8.8 % less is read; 8914 corrects it."""
    line = Line(50_000.0)
    line.chip.noise_counts = line.chip.noise_part = 0.0
    line.chip.mbar = 950.0
    line.wait(3000)
    assert numbers(line.heard())[-1] == pytest.approx(5000 * (1 - 63 * 0.0014), abs=1)
    line.say("S 8914")
    line.wait(3000)
    assert numbers(line.heard())[-1] == pytest.approx(5000, rel=0.01)


def test_a_zero_in_fresh_air_takes_away_an_offset(line: Line) -> None:
    line.chip.noise_counts = 0.0
    line.chip.zero = 300
    line.wait(3000)
    assert numbers(line.heard())[-1] == pytest.approx(340, abs=5)
    assert re.search(rb" G \d{5}\r\n", line.say("G"))
    line.wait(3000)
    assert numbers(line.heard())[-1] == pytest.approx(40, abs=5)


@pytest.mark.parametrize("command", ["J", "K 3", "A", "A x", "M 99999999", "K 1 1", "\xff"])
def test_what_it_does_not_know_is_answered_as_unknown(line: Line, command: str) -> None:
    polled(line)
    assert line.say(command) == line.chip.unknown_reply


def test_faults_of_the_line(line: Line) -> None:
    faults = line.chip.faults

    def lines() -> bytes:
        line.heard()
        line.wait(1000)
        return line.heard()

    faults.make("silent")
    line.wait(100)
    assert lines() == b""
    faults.mend()
    faults.make("frozen")
    assert len(set(SECOND.findall(lines()))) == 1
    faults.mend()
    faults.make("dropped", every=2)
    assert len(SECOND.findall(lines())) == pytest.approx(25, abs=1)
    faults.mend()
    faults.make("truncated", every=5)
    heard = lines()
    assert heard.count(b"\r\n") < 50 and SECOND.sub(b"", heard)
    faults.mend()
    faults.make("garbage", every=5)
    heard = lines()
    assert 30 <= len(SECOND.findall(heard)) < 50
    faults.mend()
    faults.make("deaf")
    assert b"A" not in line.say("A 4")
    faults.mend()
    faults.make("held_up", ms=300)
    line.wait(5)
    assert len(SECOND.findall(lines())) == pytest.approx(35, abs=2)
    with pytest.raises(UnknownFault, match="truncated"):
        faults.make("melted")


def test_faults_of_the_gas_are_those_of_every_sensor() -> None:
    line = Line(0.0)
    line.wait(1500)
    line.chip.faults.make("offset", by=20_000.0)
    line.wait(4000)
    assert numbers(line.heard())[-1] == pytest.approx(2000, abs=60)
    line.chip.faults.mend()
    line.chip.faults.make("noise", factor=0.0)
    line.wait(4000)
    assert numbers(line.heard())[-1] == 0


def test_the_same_seed_tells_the_same_however_often_it_is_looked_at() -> None:
    one, two = Line(seed=3), Line(seed=3)
    for _ in range(300):
        one.wait(10)
        one.any()
    two.wait(3000)
    heard = one.heard()
    assert heard == two.heard()
    other = Line(seed=4)
    other.wait(3000)
    assert other.heard() != heard
