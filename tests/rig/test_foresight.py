"""Readings that are told before they are asked for are the ones that would have been read: no run differs for them."""

from __future__ import annotations

import random
import struct

import pytest

from assuage_rig.bench import Bench
from assuage_rig.boardlink import BoardLink
from assuage_rig.bus import Bus
from assuage_rig.chips import as5600, max30102, nau7802
from assuage_rig.circuit import Circuit
from assuage_rig.clock import Clock
from assuage_rig.plant.patient import Patient
from assuage_rig.wirehost import WireHost

TURN_US = 100_000


def lived(foresees: bool, bedside: bool = False) -> tuple[list[object], int, int]:
    """What a board says while much happens to it, what has come of it, and how often it has asked."""
    with Bench(seed=3, foresees=foresees, bedside=bedside) as bench:
        host = WireHost(bench)
        if bedside:
            bench.at(0.4, lambda: bench.fault("thermometer", "nack_once", times=2))
            bench.at(1.1, lambda: bench.fault("cuff-sensor", "slow", ms=30.0))
            bench.at(1.7, lambda: bench.mend("cuff-sensor"))
            bench.at(2.2, lambda: bench.fault("ecg", "lead_off"))
        host.infuse(ml_h=30.0, ml=5.0)
        host.run(3)
        bench.at(0.31, lambda: bench.fault("bridge", "nack_once", times=2))
        bench.at(0.72, lambda: bench.fault("encoder", "outlier", counts=300))
        bench.at(1.20, lambda: bench.fault("oximeter", "frozen"))
        bench.at(1.90, lambda: bench.mend("oximeter"))
        bench.at(2.3333, lambda: bench.circuit.pins.press_stop(True))
        bench.at(2.4, lambda: bench.circuit.pins.press_stop(False))
        host.run(4)
        asked = bench.requests
        bench.kill_board()
        host.run(3)
        said = [m for m in host.said if m.name != "Health"]  # which tells how long code took
        return [*said, bench.plunger_nl, bench.patient_nl, bench.force_n], bench.now_us, asked


@pytest.mark.parametrize("bedside", [False, True])
def test_a_run_with_foresight_is_the_one_without(bedside: bool) -> None:
    with_it, without = lived(True, bedside), lived(False, bedside)
    assert with_it[:2] == without[:2]
    assert with_it[2] < without[2] - 500, "and takes far fewer requests"


def a_circuit() -> Circuit:
    """Its four chips are set up and have something to tell; half a second later."""
    c = Circuit(Clock(), Patient(), seed=5)
    c.bridge.write(bytes((0x00, 0x02)))
    c.clock.now_us += 1_000
    c.bridge.write(bytes((0x00, 0x96, 0x2F, 0x30)))
    c.oximeter.write(bytes((0x02, 0xC0)))
    c.oximeter.write(bytes((0x08, 0x00, 0x03, 0x27, 0x00, 0x24, 0x24)))
    c.clock.now_us += 150_000
    return c


def some_read(dice: random.Random, bus: Bus) -> bytes:
    address = dice.choice(list(bus.chips))
    register = {
        as5600.ADDRESS: (0x0B, 0x0C, 0x0E, 0x02),
        nau7802.ADDRESS: (0x00, 0x12, 0x1F),
        max30102.ADDRESS: (0x00, 0x04, 0x07),
    }[address]
    return bus.mem_read(address, dice.choice(register), dice.choice((1, 2, 3, 6, 7, 15)))


def test_a_chip_whose_reads_were_undone_goes_on_as_if_nobody_had_read_it() -> None:
    for seed in range(60):
        read, untouched = a_circuit(), a_circuit()
        dice = random.Random(seed)
        for _ in range(6):
            chips = list({id(chip): chip for bus in read.buses for chip in bus.chips.values()}.values())
            back = [chip.keep() for chip in chips]  # type: ignore[attr-defined]
            for _ in range(dice.randrange(1, 9)):
                some_read(dice, dice.choice(read.buses))
            for undo in reversed(back):
                undo()
            history = dice.random()
            answers = []
            for circuit in (read, untouched):
                same = random.Random(history)
                answers.append([some_read(same, same.choice(circuit.buses)) for _ in range(4)])
                circuit.clock.now_us += 12_345
            assert answers[0] == answers[1], seed


class Wired:
    """A link that foresees, and a board in one turn after another that reads the encoder twice and the bridge once."""

    READS = ((0, 0x36, 0x0B, 1), (0, 0x36, 0x0C, 2), (0, 0x2A, 0x12, 3))

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.circuit = a_circuit()
        self.link = BoardLink(self.circuit, "/nv", 0, self.complaints.append, foresees=True)

    def tell(self, op: int, a: int = 0, payload: bytes = b"") -> bytes:
        return self.link.receive(struct.pack("<BBH", op, a, len(payload)) + payload)

    def turn(self, took: int, line: bytes = b"") -> list[bytes]:
        """A second later; returns what is foreseen, head and bytes of each. line: what has come just then."""
        until = self.circuit.clock.now_us + 1_000_000
        assert self.tell(0x02, 0, struct.pack("<QB", until, took)) == b""
        self.circuit.clock.now_us = until
        self.circuit.uart.receive(line)
        answer = self.link.answer()
        assert len(answer) == 256 and answer[1] == 55 + answer[3 + 54] + len(line)
        told, out = answer[3 + 55 : 3 + 55 + answer[3 + 54]], []
        while told:
            out.append(told[: 4 + told[3]])
            told = told[4 + told[3] :]
        return out

    def read(self, bus: int, *read: int) -> bytes:
        return self.tell(0x10, bus, bytes(read))[3 : 3 + read[2]]


@pytest.fixture
def wired() -> Wired:
    wired = Wired()
    assert wired.turn(0) == [], "nothing is known yet"
    for read in wired.READS:
        wired.read(*read)
    return wired


def test_what_was_read_a_second_ago_is_told(wired: Wired) -> None:
    told = wired.turn(0)
    assert [tuple(read[:4]) for read in told] == list(wired.READS)
    assert wired.circuit.bridge._taken, "the conversion has been read"
    assert wired.turn(3)[0][:4] == bytes(wired.READS[0])


def test_what_is_told_and_not_taken_was_never_read(wired: Wired) -> None:
    taken = wired.circuit.bridge._taken
    told = wired.turn(0)
    wired.tell(0xBA, 1)  # only the encoder's status
    assert wired.read(*wired.READS[2]) == told[2][4:], "and so is still there to be asked for"
    assert wired.circuit.bridge._taken > taken
    again = wired.turn(0)
    assert [tuple(read[:4]) for read in again] == [wired.READS[0], wired.READS[2]], "as it was a second ago"
    wired.link.close()
    assert wired.circuit.buses[0].mem_read(0x2A, 0x00, 1)[0] & 0x20, "a conversion is ready: the board died before"


@pytest.mark.parametrize(
    "op", [(0x22, 0, b""), (0xA3, 1, b""), (0xA4, 0, b""), (0xB6, 3, b"\1"), (0x13, 0, b"\x36\x0b")]
)
def test_what_could_change_a_reading_ends_what_is_foreseen(wired: Wired, op: tuple[int, int, bytes]) -> None:
    assert wired.turn(0)
    wired.tell(*op)
    wired.tell(0xBA, 1)
    assert "1 readings taken of 0" in wired.complaints[0]


def test_nothing_is_foreseen_of_a_bus_with_a_fault(wired: Wired) -> None:
    wired.circuit.bridge.faults.make("nack_once")
    assert wired.turn(0) == []
    assert wired.circuit.bridge.faults.integer("nack_once", "times") == 1, "nobody has used it up"


def test_a_turn_that_a_byte_begins_has_no_place_in_the_second(wired: Wired) -> None:
    assert wired.turn(0, b"x") == []
    assert wired.turn(0) != []
