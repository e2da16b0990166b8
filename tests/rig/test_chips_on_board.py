"""Bridge, fuel gauge, motor driver, keys, switches, lamps and analogue inputs, as a board process reaches them."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from assuage_rig.bed import Bed
from assuage_rig.bench import Bench
from assuage_rig.chips import pins
from assuage_rig.chips.pins import Analogue, Pins
from assuage_rig.control import carry_out
from assuage_rig.targets.linux import LinuxTarget

from .conftest import ToldBench
from .test_boardlink import Wired

Open = Callable[..., ToldBench]


class Told(SimpleNamespace):
    """The words of the last line."""


def told(bench: Bench, seconds: float = 0.3) -> Told:
    """What the board says after some time."""
    bench.run(seconds)
    line = bench.take().decode().splitlines()[-1]
    return Told(**{name: int(value) for name, value in (word.split("=") for word in line.split())})


@pytest.fixture
def board(open_bench: Open, tmp_path: Path) -> Bench:
    """One that has run for three seconds: everything set up."""
    script = Path(__file__).with_name("chips_on_board.py")
    bench = open_bench(target=LinuxTarget(entry=script, arguments=(), output=tmp_path / "chips.log"))
    bench.run(3.0)
    return bench


# -- through the board's own drivers -----------------------------------------------------------------------------------
def test_all_three_chips_are_set_up_and_read(board: Bench) -> None:
    seen = told(board)
    circuit = board.circuit
    assert (seen.force_ok, seen.gauge_ok, seen.stepper_ok) == (1, 1, 1)
    assert (seen.force_fault, seen.gauge_errors, seen.errors, seen.faults, seen.lost) == (0, 0, 0, 0, 0)
    assert abs(seen.mv - circuit.gauge.cell(board.now_us)) <= 10
    assert circuit.stepper.microsteps == 16 and circuit.stepper.writes == 11
    assert circuit.driver_line.collisions == 0


def test_a_force_arrives_as_counts(board: Bench) -> None:
    zero = told(board).force
    board.circuit.bridge.bridge = lambda t_us: 600.0  # 10 N at 60 uV/N
    assert abs(told(board).force - zero - 429_497) < 2_000


def test_steps_arrive_in_the_drivers_own_counter(board: Bench) -> None:
    before = told(board).mscnt
    board.circuit.enable_drive(True)
    board.drive.push(21, 500)
    assert (told(board).mscnt - before) % 1024 == 21 * 16


def test_faults_reach_the_board_by_name(board: Bench) -> None:
    board.fault("stepper", "brownout")
    assert told(board).lost == 1
    board.fault("stepper", "short_ground")
    board.fault("bridge", "rail")
    board.fault("gauge", "nack")
    seen = told(board, 3.2)
    assert seen.faults & 0x24 == 0x24 and seen.force_ok == 0 and seen.gauge_ok == 0


def test_the_gauge_and_the_encoder_share_an_address_and_not_a_bus(board: Bench) -> None:
    board.fault("bus0", "stuck")
    seen = told(board, 2.0)
    assert seen.force_ok == 0 and seen.gauge_ok == 1
    board.mend("bus0")
    board.fault("bus1", "stuck")
    seen = told(board, 4.0)
    assert seen.force_ok == 1 and seen.gauge_ok == 0


def test_a_board_that_starts_again_finds_its_chips_as_they_are(board: Bench) -> None:
    board.kill_board()
    board.run(4.0)
    seen = told(board)
    assert (seen.force_ok, seen.gauge_ok, seen.stepper_ok, seen.lost) == (1, 1, 1, 0)
    board.power_cycle()
    board.run(4.0)
    seen = told(board)
    assert (seen.force_ok, seen.gauge_ok, seen.stepper_ok, seen.lost) == (1, 1, 1, 0)


def test_keys_switches_and_analogue_inputs_are_set_by_name(board: Bench) -> None:
    seen = told(board)
    assert (seen.stop, seen.silence, seen.demand) == (1, 1, 1), "released"
    assert (seen.barrel, seen.plunger, seen.flange) == (0, 0, 0), "closed: a syringe is fitted"
    for name in ("silence", "demand", "barrel", "plunger", "flange"):
        level = getattr(seen, name)
        board.circuit.pins.put(name, 1 - level)
        now = told(board)
        assert getattr(now, name) == 1 - level
        board.circuit.pins.put(name, level)
    for i, name in enumerate(("supply", "barrel_pot", "air", "sounder")):
        board.circuit.analogue.put(name, 1000 + i)
        assert getattr(told(board), f"adc_{name}") == 1000 + i


def test_what_is_wired_to_the_analogue_inputs(board: Bench) -> None:
    board.fault("mains", "off")
    seen = told(board, 2.0)
    assert abs(seen.adc_supply - seen.mv / 3 / 3300 * 65535) < 300, "a third of the cell"
    assert abs(seen.adc_barrel_pot / 65535 * 40_000 - board.circuit.infusion.syringe.outer_um) < 2
    assert seen.adc_air > 40_000 and seen.adc_sounder == 0
    board.send(b"buzzer 1\n")
    assert told(board).adc_sounder == 20_000
    board.fault("sounder", "dead")
    assert told(board).adc_sounder == 0
    board.mend("sounder")
    board.send(b"buzzer 0\n")
    assert told(board).adc_sounder == 0
    board.fault("sounder", "stuck")
    assert told(board).adc_sounder == 20_000


def test_lamps_are_outputs_and_dark_after_a_reset(board: Bench) -> None:
    board.send(b"led_red 1\nled_yellow 1\nled 1\n")
    seen = told(board)
    assert (seen.led_red, seen.led_yellow, seen.led) == (1, 1, 1)
    assert board.circuit.pins.named["led_red"] == 1
    board.kill_board()
    assert [board.circuit.pins.named[name] for name in ("led", "led_red", "led_yellow")] == [0, 0, 0]


# -- the other board ---------------------------------------------------------------------------------------------------
def test_the_pico_knows_the_same_names_and_uses_no_pin_twice() -> None:
    boards = Path(__file__).parents[2] / "firmware" / "boards"
    tree = ast.parse((boards / "pico.py").read_text(encoding="utf-8"))
    used, names = [], {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Pin", "ADC"):
            used.append(ast.literal_eval(node.args[0]))
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            names[node.targets[0].attr] = node.value
    assert len(used) == len(set(used)) and set(used) <= {*range(23), 25, 26, 27, 28, 29}, "23 and 24 are the Pico's own"
    for attribute, known in (("pins", (*pins.NAMES, *pins.PANEL)), ("adc", pins.CHANNELS)):
        table = names[attribute]
        assert isinstance(table, ast.Dict)
        assert sorted(ast.literal_eval(key) for key in table.keys if key) == sorted(known)


# -- the socket's requests ---------------------------------------------------------------------------------------------
def test_the_drivers_wire_over_the_socket() -> None:
    wired = Wired()
    assert wired.heard() == b""
    assert wired.tell(0xB9, 0, bytes.fromhex("05 03 06 82")) == b""
    wired.clock.now_us += 400
    assert wired.heard(room=3) == bytes.fromhex("05 03 06")
    wired.clock.now_us += 2_000
    assert wired.heard()[:5] == bytes.fromhex("82 05 FF 06 21")
    assert not wired.complaints
    wired.tell(0xB9, 0, bytes.fromhex("05 03 84 00 00 00 BD 00"))
    wired.clock.now_us += 2_000
    assert wired.heard()[:8] == bytes.fromhex("05 03 84 00 00 00 BD 00")
    assert not wired.complaints, "a fuse needs a right CRC to burn"


def test_a_fuse_of_the_driver_is_complained_about() -> None:
    wired = Wired()
    wired.tell(0xB9, 0, bytes.fromhex("05 03 84 00 00 00 BD 8D"))
    wired.clock.now_us += 2_000
    assert wired.heard() == b"" and "OTP_PROG" in wired.complaints[0]


def test_pins_of_the_panel_over_the_socket() -> None:
    wired = Wired()
    assert [wired.ask(0x35, index)[1][0] for index in range(8, 15)] == [1, 1, 0, 0, 0, 0, 0]
    wired.tell(0xB6, pins.LED_YELLOW, b"\x01")
    assert wired.ask(0x35, pins.LED_YELLOW) == (0, b"\x01")
    for index in (4, 7, 15):
        assert wired.ask(0x35, index) == (2, b"")
    wired.tell(0xB6, pins.FLANGE, b"\x01")
    assert "no output" in wired.complaints[-1]


# -- the bench's hand on them ------------------------------------------------------------------------------------------
def test_the_syringes_own_switches_open_and_nothing_else_closes_them() -> None:
    wired = Wired()
    for name in ("plunger", "barrel", "flange"):
        wired.circuit.component("syringe").make(name)
        assert wired.circuit.pins.named[name] == 1
        wired.circuit.pins.put(name, 0)
        assert wired.circuit.pins.named[name] == 1, "one open contact is enough"
        wired.circuit.component("syringe").mend()
        assert wired.circuit.pins.named[name] == 0


def test_unknown_names_and_values_are_refused_with_what_there_is() -> None:
    with pytest.raises(ValueError, match="flange"):
        Pins().put("led_red", 1)
    with pytest.raises(ValueError, match="barrel_pot"):
        Analogue().put("temperature", 1)
    for value in (-1, 65536):
        with pytest.raises(ValueError, match="65535"):
            Analogue().put("air", value)


def test_the_control_socket_sets_pins_and_inputs_and_shows_them() -> None:
    circuit = Wired().circuit
    rig = SimpleNamespace(circuit=circuit, bed=Bed(circuit, lambda _seconds, _action: None), facts=dict)

    def ask(**request: object) -> dict[str, object]:
        answer: dict[str, object] = json.loads(carry_out(rig, json.dumps(request)))  # type: ignore[arg-type]
        return answer

    assert ask(do="pin", name="demand", level=0)["ok"] and ask(do="analogue", name="air", value=17)["ok"]
    state = ask(do="state")
    assert state["pins"]["demand"] == 0 and state["pins"]["silence"] == 1  # type: ignore[index]
    assert state["analogue"]["air"] == 17  # type: ignore[index]
    assert ask(do="analogue", name="air")["ok"]
    assert ask(do="state")["analogue"]["air"] > 40_000  # type: ignore[index]
    assert "demand" in str(ask(do="pin", name="door", level=0)["error"])
    assert "whole number" in str(ask(do="analogue", name="air", value=0.5)["error"])
    assert {"stepper", "bridge", "gauge", "sounder"} <= set(ask(do="help")["faults"])  # type: ignore[call-overload]
