"""Sensors that fail, a patient who does not breathe, a board that hangs: what is told, and how soon."""

from __future__ import annotations

from typing import Any

import pytest

from assuage_rig.inbed import side_of
from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from assuage_rig.vital import vitals_in
from assuage_rig.wirehost import WireHost
from assuage_wire import schema

SETTLE_S, LOOK_S = 50.0, 15.0
OF_GAS = ("resp", "etco2", "fico2")
OF_LIGHT = ("spo2", "pulse", "perfusion")
FREE_MMHG = 15.0


def _good(host: WireHost) -> set[str]:
    """But for the respiration from the pulse wave, which takes its time, and the cuff, which has not measured."""
    said = vitals_in(host.last("Vitals"))
    return {name for name in schema.PARAMETERS if said[name].quality == "good"} - {"resp-pleth"}


@req("VIT-012")
@pytest.mark.parametrize(
    ("component", "kind", "lost", "signals"),
    [
        ("capnometer", "silent", OF_GAS, {"sensor-lost"}),
        ("capnometer", "frozen", OF_GAS, {"flat"}),
        ("thermometer", "nack", ("temperature",), {"sensor-lost"}),
        ("thermometer", "zeros", ("temperature",), {"sensor-lost", "implausible", "probe-off"}),
        ("ecg", "lead_off", ("heart",), {"lead-off"}),
        ("ecg", "frozen", ("heart",), {"flat", "no-pulse"}),
        ("oximeter", "nack", OF_LIGHT, {"sensor-lost"}),
        ("oximeter", "frozen", OF_LIGHT, {"flat"}),
    ],
)
def test_a_sensor_that_fails_takes_its_own_numbers_away(
    dut: Any, measure: Measure, component: str, kind: str, lost: tuple[str, ...], signals: set[str]
) -> None:
    board = dut(bedside=True)
    host = WireHost(board)
    host.run(SETTLE_S)
    before = _good(host)
    assert before >= {*OF_GAS, *OF_LIGHT, "temperature", "heart"}
    board.fault(component, kind)
    began = board.now_us / 1e6
    host.run(LOOK_S)
    shown = [
        said.at
        for said in host.said
        if said.name == "Vitals"
        and said.at > began
        and any(vitals_in(said.values)[name].quality == "good" for name in lost)
    ]
    what = "repeated numbers told on" if kind == "frozen" else "numbers told on"
    measure("VIT-012", what, max(shown, default=began) - began, where=f"{component} {kind}")
    assert before - set(lost) <= _good(host), "no other number goes"
    assert {host.vital(name).signal for name in lost} <= signals
    assert all(host.vital(name).value is None for name in lost)


@req("VIT-017")
@pytest.mark.parametrize("rate", [8.0, 20.0])
def test_a_patient_who_does_not_breathe_is_told_as_that(dut: Any, measure: Measure, rate: float) -> None:
    board = dut(bedside=True)
    host, airway = WireHost(board), side_of(board).airway
    airway.set(rate=rate)
    host.run(SETTLE_S + 200 / rate)
    assert host.vital("resp").value == pytest.approx(rate, abs=1)
    began = board.now_us / 1e6
    airway.set(rate=0.0)
    host.run(40)
    said = [(m.at - began, vitals_in(m.values)["resp"]) for m in host.said if m.name == "Vitals" and m.at > began]
    where = f"after {rate:g} /min"
    measure("VIT-017", "told as no breath after", next(at for at, v in said if v.signal == "no-breath"), where=where)
    old = [at for at, v in said if v.value and v.quality == "good"]
    measure("VIT-017", "old rate told on beyond its time", max(old, default=0.0) - 2.5 * 60 / rate - 3, where=where)
    assert said[-1][1][:3] == (0.0, "good", "no-breath")


@req("VIT-013", "VIT-016")
def test_a_pressure_grows_old_and_a_board_that_hangs_lets_the_cuff_go(dut: Any, measure: Measure) -> None:
    """One determination is over; in the next the firmware hangs with the cuff at its fullest."""
    board = dut(bedside=True)
    host, cuff = WireHost(board, keep=False), side_of(board).cuff
    host.run(290)
    assert board.run_until(lambda: host.heard("Vitals") and host.vital("map").value is not None, 120, 1.0)
    known_s, first = board.now_us / 1e6, host.vital("map")
    for _ in range(4):
        host.run(40)
        grown = host.vital("map").age_s - first.age_s - (board.now_us / 1e6 - known_s)
        measure("VIT-016", "age told less true", grown, where=f"{board.now_us / 1e6 - known_s:.0f} s later")
        assert host.vital("map").value == first.value
    assert board.run_until(lambda: cuff.bladder() > 120, 200, 0.2)
    began = board.now_us / 1e6
    board.fault("board", "freeze")
    assert board.run_until(lambda: cuff.bladder() < FREE_MMHG, 120, 0.2)
    measure("VIT-013", "arm held on", board.now_us / 1e6 - began)
