"""The work of a look, in steps of the interpreter."""

from __future__ import annotations

from interlock.guards import ABOVE, APNOEA, BELOW
from tests.firmware.steps import steps_of
from tests.pure.interlock_ward import ETCO2, MAP, PULSE, RESP, SPO2, Ward

ROWS = (
    (SPO2, BELOW, 900, 15_000, 20, 5_000, 15_000),
    (ETCO2, ABOVE, 500, 15_000, 50, 12_000, 20_000),
    (RESP, APNOEA, 15_000, 0, 5_000, 20_000, 20_000),
    (RESP, BELOW, 80, 30_000, 10, 20_000, 20_000),
    (PULSE, BELOW, 500, 10_000, 30, 5_000, 15_000),
    (MAP, BELOW, 600, 0, 50, 1_200_000, 0),
)
LOOK = 1_300  # six rows: some 1 % of an RP2040, at eight looks a second
ASK = 120


def test_a_look_stays_within_its_share_of_the_processor() -> None:
    ward = Ward(ROWS)
    ward.well()
    ward.show(MAP, 900)
    assert ward.turn()
    usual = steps_of(lambda: ward.gate.turn(125, True))
    assert ward.interlock.normal()
    ward.tell(SPO2, 850, 0)
    for p in (ETCO2, PULSE, MAP):
        ward.tell(p, 550, 1)
    worst = steps_of(lambda: ward.gate.turn(20_125, True))
    assert ward.trip.tripped
    assert usual <= worst <= LOOK, (usual, worst)


def test_asking_elsewhere_costs_next_to_nothing() -> None:
    ward = Ward(())
    ward.asked.begin(5, 2_000, 0)
    ward.turn(0, False)
    assert steps_of(lambda: ward.asked.poll(500, False)) <= ASK
    assert ward.asked.wants
