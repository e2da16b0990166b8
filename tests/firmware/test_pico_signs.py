"""The board of vital signs with stand-ins for its peripherals: what needs no silicon to be right."""

from __future__ import annotations

import importlib
import sys
from array import array
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.firmware.test_pico import Pin, pico

__all__ = ("pico",)  # the fixture


class Timer:
    """machine.Timer, whose ticks are the test's."""

    def __init__(self, number: int) -> None:
        assert number == -1
        self.hard = False
        self.freq = 0
        self.tick: Callable[[], None] = lambda: None

    def init(self, freq: int, callback: Callable[[Any], None], hard: bool) -> None:
        self.freq, self.hard, self.tick = freq, hard, lambda: callback(self)


class Adc:
    """machine.ADC."""

    def __init__(self, pin: int) -> None:
        self.pin, self.code = pin, 0

    def read_u16(self) -> int:
        return self.code


class Pwm:
    """machine.PWM. duties: all that were set."""

    def __init__(self, pin: Pin, freq: int, duty_u16: int) -> None:
        self.pin, self.freq, self.duties = pin, freq, [duty_u16]

    def duty_u16(self, duty: int) -> None:
        self.duties.append(duty)


@pytest.fixture
def signs(pico: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """boards.pico_signs."""
    for name, kind in (("Timer", Timer), ("ADC", Adc), ("PWM", Pwm)):
        monkeypatch.setattr(sys.modules["machine"], name, kind, raising=False)
    monkeypatch.delitem(sys.modules, "boards.pico_signs", raising=False)
    yield importlib.import_module("boards.pico_signs")
    sys.modules.pop("boards.pico_signs", None)


def test_the_cuff_is_open_and_nothing_is_driven_from_the_moment_its_pins_are_outputs(signs: Any) -> None:
    pins = signs.SignsBoard().pins
    outputs = {"cuff_pump": 10, "cuff_closed": 16, "cuff_feed": 17, "ecg_shutdown": 22, "ecg_restore": 2}
    assert {name: (pins[name].number, pins[name].level) for name in outputs} == {n: (g, 0) for n, g in outputs.items()}
    assert pins["cuff_bleed"]._set.__self__.duties == [0]


def test_no_pin_is_used_twice(signs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[int] = []

    class Counted(Pin):
        def __init__(self, number: int, *settings: Any, **named: Any) -> None:
            used.append(number)
            super().__init__(number, *settings, **named)

    monkeypatch.setattr(signs, "Pin", Counted)
    monkeypatch.setattr(sys.modules["boards.pico"], "Pin", Counted)
    signs.SignsBoard()
    assert len(used) == len(set(used)) and not {26, 27} & set(used), sorted(used)


def test_samples_come_once_in_order_and_what_does_not_fit_waits(signs: Any) -> None:
    wave, other = Adc(26), Adc(27)
    sampler = signs.Sampler(wave, other)
    assert (sampler._timer.freq, sampler._timer.hard) == (250, True), "a soft timer waits for the interpreter"
    into = array("H", [0] * 96)
    seen: list[int] = []
    for n in range(1000):
        wave.code, other.code = (n % 4096) << 4, n
        sampler._timer.tick()
        if n % 80 == 79 and n not in (159, 239):  # a turn that took long
            seen += into[: sampler.read(into)]
    while got := sampler.read(into):
        seen += into[:got]
    assert seen == list(range(1000))
    assert sampler.read_u16() == 999


def test_a_converter_that_raises_does_not_end_the_sampling(signs: Any) -> None:
    wave = SimpleNamespace(read_u16=lambda: 1 // 0)
    sampler = signs.Sampler(wave, Adc(27))
    sampler._timer.tick()
    assert sampler.read(array("H", [0] * 8)) == 0


def test_a_valves_duty_is_set_when_it_changes(signs: Any) -> None:
    duty = signs.Duty(Pin(12))
    for percent in (0, 0, 50, 50, 100, 0):
        duty.value(percent)
    assert duty._set.__self__.duties == [0, 32767, 65535, 0]


def test_a_file_chooses_the_board(signs: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert signs.chosen().name == "pico"
    (tmp_path / "vital-signs.board").touch()
    assert signs.chosen().name == "pico-signs"


def test_its_data_name_all_sensors_and_nothing_of_a_drive(signs: Any) -> None:
    data = signs.SignsBoard().data
    assert {"gas", "thermometer", "cuff", "ecg", "spo2_curve"} <= set(data)
    assert not {"bridge", "driver", "gauge"} & set(data) and data["switches"] is False
