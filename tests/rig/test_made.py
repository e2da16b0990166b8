"""A run knows every fault that was made in it, from when to when."""

from __future__ import annotations

from assuage_rig.circuit import Circuit
from assuage_rig.clock import Clock
from assuage_rig.made import Made
from assuage_rig.plant.patient import Patient


def test_each_fault_is_kept_with_its_parameters_and_when_it_began_and_ended() -> None:
    clock = Clock()
    circuit = Circuit(clock, Patient())
    clock.now_us = 1_000
    circuit.component("uart").make("delay", ms=30)
    clock.now_us = 2_000
    circuit.component("battery").make("low", percent=7)
    clock.now_us = 3_000
    circuit.component("uart").make("delay", ms=40)  # anew, with another parameter
    clock.now_us = 4_000
    circuit.component("uart").mend()
    circuit.component("uart").mend("delay")  # whole already
    circuit.component("encoder").make("nack")
    assert circuit.made == [
        Made("uart", "delay", {"ms": 30, "jitter_ms": 0, "way": 0}, 1_000, 3_000),
        Made("battery", "low", {"percent": 7.0}, 2_000, 2_000),
        Made("uart", "delay", {"ms": 40, "jitter_ms": 0, "way": 0}, 3_000, 4_000),
        Made("encoder", "nack", {}, 4_000, None),
    ]


def test_a_fault_that_ends_by_itself_ends_in_the_record_too() -> None:
    clock = Clock()
    circuit = Circuit(clock, Patient())
    circuit.component("encoder").make("outlier", reads=1)
    circuit.component("uart").make("stall", s=0.5)
    clock.now_us = 500_000
    circuit.encoder.write(b"\x0c")
    circuit.encoder.read(2)
    circuit.uart.advance()
    assert [(one.name, one.ended_us) for one in circuit.made] == [
        ("encoder outlier", 500_000),
        ("uart stall", 500_000),
    ]
