"""The interlock's steady state allocates nothing: MicroPython forbids it here, CPython only runs along."""

import micropython

from assuage_wire.schema import NONE16, NONE32
from interlock.answering import Answering
from interlock_ward import DOUBTFUL, ETCO2, GOOD, PULSE, SPO2, Ward

TURNS = 4_000


def test_looking_asking_answering_tripping_and_releasing_allocate_nothing():
    here = Ward()  # the pump's board, which watches too
    there = Ward()
    answering = Answering(there.interlock, there.trip, 1)
    here.asked.begin(answering.begin(5), 2_000, 0)
    wards = (here, there)
    ask = [0] * 3
    permit = [0] * 8
    kept = [0] * 6
    trips = there_trips = 0
    micropython.heap_lock()
    try:
        for n in range(TURNS):
            for ward in wards:
                ward.well()
                if n % 1_000 >= 800:
                    ward.show(SPO2, 850)
                elif 400 <= n % 1_000 < 520:
                    ward.tell(ETCO2, NONE16, DOUBTFUL)
                    ward.breath(NONE32 if n & 1 else 16_000)
                    ward.tell(PULSE, 720, GOOD)
            here.turn(100, n & 512 == 0)
            if here.asked.wants:
                here.asked.fill(ask, 0)
                if n % 300 < 200:
                    answering.ask(ask[0], ask[1], ask[2], there.now)
                answering.ask(3, ask[1], ask[2], there.now)
            there.turn(100, answering.acting)
            answering.looked(there.now)
            if answering.wants:
                answering.fill(permit, 0)
                here.asked.answer(permit, 0, here.now)
            for ward in wards:
                if ward.trip.tripped:
                    ward.trip.snapshot(kept, 0)
                    ward.gate.release(ward.trip.number, ward.now)
                ward.gate.lacks(ward.now)
                ward.gate.detail()
            trips = max(trips, here.trip.number)
            there_trips = max(there_trips, there.trip.number)
    finally:
        micropython.heap_unlock()
    assert trips > 3 and there_trips > 1, "everything happened"
