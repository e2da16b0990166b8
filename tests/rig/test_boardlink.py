"""The socket protocol between rig and board process, byte by byte and without a process."""

from __future__ import annotations

import struct

import pytest

from assuage_rig.boardlink import BoardLink
from assuage_rig.chips.pins import DRIVE_ENABLE
from assuage_rig.circuit import Circuit
from assuage_rig.clock import NEVER, Clock
from assuage_rig.plant.patient import Patient


class Wired:
    """A link with its circuit; complaints are collected."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.circuit = Circuit(self.clock, Patient())
        self.complaints: list[str] = []
        self.link = BoardLink(self.circuit, "/nv", 2, self.complaints.append)

    def tell(self, op: int, a: int = 0, payload: bytes = b"") -> bytes:
        return self.link.receive(struct.pack("<BBH", op, a, len(payload)) + payload)

    def ask(self, op: int, a: int = 0, payload: bytes = b"") -> tuple[int, bytes]:
        return answered(self.tell(op, a, payload))

    def look(self, room: int = 24) -> tuple[int, ...]:
        """What a wait that is over at once tells: steps, queued, room, dry runs, flags, levels, readings."""
        status, answer = self.ask(0x02, room, bytes(8))
        assert status == 0
        return struct.unpack_from("<IIBHBB4H", answer, 8)

    def heard(self, room: int = 24) -> bytes:
        """What the driver has sent, as a wait tells it."""
        answer = self.ask(0x02, room, bytes(8))[1]
        assert not any(answer[30 + answer[29] : 54])
        return answer[30 : 30 + answer[29]]


def answered(answer: bytes) -> tuple[int, bytes]:
    """Status and bytes of one answer, which is a block of 64 bytes or follows one."""
    status, n = struct.unpack_from("<BH", answer)
    if n <= 61:
        assert len(answer) == 64 and not any(answer[3 + n :])
        return status, answer[3 : 3 + n]
    assert len(answer) == 64 + n and not any(answer[3:64])
    return status, answer[64:]


@pytest.fixture
def wired() -> Wired:
    return Wired()


def test_boot_tells_identity_cause_time_and_file(wired: Wired) -> None:
    wired.clock.now_us = 123
    status, answer = wired.ask(0x01)
    assert status == 0
    assert answer == wired.circuit.uid + bytes((2,)) + struct.pack("<Q", 123) + b"/nv"
    assert wired.ask(0x01) == (2, b"")  # once a process
    assert "BOOT" in wired.complaints[0]


def test_the_boards_identity_is_that_of_the_seed() -> None:
    def uid(seed: int) -> bytes:
        return Circuit(Clock(), Patient(), seed=seed).uid

    assert uid(1) == uid(1) != uid(2)
    assert len(uid(1)) == 8


def test_a_wait_is_answered_when_its_time_has_come(wired: Wired) -> None:
    assert wired.tell(0x02, 0, struct.pack("<Q", 5000)) == b""
    assert wired.link.waiting
    assert wired.link.due_us == 5000
    wired.clock.now_us = 5000
    status, answer = answered(wired.link.answer())
    assert status == 0 and answer[:8] == struct.pack("<Q", 5000) and len(answer) == 54
    assert wired.link.due_us == NEVER


def test_a_wait_is_over_at_once_when_its_time_has_passed_or_a_byte_is_there(wired: Wired) -> None:
    wired.clock.now_us = 10
    status, answer = wired.ask(0x02, 0, struct.pack("<Q", 10))
    assert status == 0 and answer[:8] == struct.pack("<Q", 10) and len(answer) == 54
    wired.circuit.uart.receive(b"x" * 300)
    answer = wired.ask(0x02, 0, struct.pack("<Q", 1 << 60))[1]
    assert answer[54:] == b"x" * 256  # no more at once
    assert wired.ask(0x02, 0, struct.pack("<Q", 1 << 60))[1][54:] == b"x" * 44


def test_a_byte_ends_a_wait_that_is_on(wired: Wired) -> None:
    wired.tell(0x02, 0, struct.pack("<Q", 5000))
    wired.circuit.uart.receive(b"!")
    assert wired.link.due_us <= wired.clock.now_us
    assert answered(wired.link.answer())[1][54:] == b"!"


def test_a_press_of_the_stop_key_ends_a_wait_once_however_long_it_is_held(wired: Wired) -> None:
    wait = 0x02, 0, struct.pack("<Q", 5000)
    assert wired.tell(*wait) == b""
    wired.circuit.pins.press_stop(True)
    assert wired.link.due_us <= wired.clock.now_us
    assert wired.link.answer()
    assert wired.tell(*wait) == b"", "it is held, and that has been told"
    assert wired.link.due_us == 5000
    wired.circuit.pins.press_stop(False)
    assert wired.link.due_us == 5000


def test_a_frozen_board_is_never_answered(wired: Wired) -> None:
    wired.circuit.board_faults.make("freeze")
    assert wired.tell(0x02, 0, struct.pack("<Q", 0)) == b""
    wired.circuit.uart.receive(b"x")
    assert wired.link.due_us == NEVER
    wired.circuit.board_faults.mend()
    assert wired.link.due_us <= wired.clock.now_us


def test_requests_may_come_in_any_pieces(wired: Wired) -> None:
    stream = b"".join(
        struct.pack("<BBH", op, a, len(p)) + p
        for op, a, p in ((0xA3, 1, b""), (0xA1, 0, struct.pack("<II", 5, 100)), (0x22, 0, b""), (0x03, 0, b""))
    )
    whole = Wired().link.receive(stream)
    out = b""
    for i in range(len(stream)):
        out += wired.link.receive(stream[i : i + 1])
    assert out == whole
    assert (answered(out[:64]), answered(out[64:])) == ((0, struct.pack("<IIBHB", 0, 0, 8, 0, 3)), (0, bytes(8)))


def test_chips_answer_on_their_buses_and_nobody_elsewhere(wired: Wired) -> None:
    assert wired.ask(0x10, 1, bytes((0x57, 0xFF, 1))) == (0, b"\x15")
    assert wired.ask(0x10, 0, bytes((0x57, 0xFF, 1))) == (1, b"")
    assert wired.ask(0x11, 1, bytes((0x57, 0x0C, 0x11, 0x22))) == (0, b"")
    assert wired.ask(0x13, 1, bytes((0x57, 0x0C))) == (0, b"")
    assert wired.ask(0x12, 1, bytes((0x57, 2))) == (0, b"\x11\x22")
    assert wired.ask(0x10, 0, bytes((0x36, 0x09, 1))) == (1, b"")  # not acknowledged by the AS5600 itself
    assert not wired.complaints
    wired.circuit.component("bus1").make("stuck")
    assert wired.ask(0x10, 1, bytes((0x57, 0xFF, 1))) == (1, b"")


def test_step_drive_requests(wired: Wired) -> None:
    wired.tell(0xA3, 1)
    wired.tell(0xA1, 0, struct.pack("<II", 10, 100))
    wired.clock.now_us = 350
    assert wired.look()[:5] == (3, 7, 7, 0, 3)
    wired.tell(0xA4, 0)
    wired.clock.now_us = 950
    assert struct.unpack("<IIBHB", wired.ask(0x22)[1]) == ((3 - 6) & 0xFFFFFFFF, 0, 8, 0, 1)
    assert wired.circuit.shaft.steps == -3


def test_the_enable_pin_and_the_enable_request_are_one_signal(wired: Wired) -> None:
    wired.tell(0xB6, DRIVE_ENABLE, b"\x01")
    assert wired.circuit.drive.enabled
    wired.tell(0xA3, 0)
    assert wired.ask(0x35, DRIVE_ENABLE) == (0, b"\x00")
    assert not wired.circuit.drive.enabled


def test_words_pins_inputs_and_watchdog(wired: Wired) -> None:
    wired.tell(0xB4, 6, struct.pack("<I", (1 << 30) - 1))
    assert struct.unpack("<7I", wired.ask(0x33)[1]) == (0, 0, 0, 0, 0, 0, (1 << 30) - 1)
    assert wired.ask(0x35, 0) == (0, b"\x01")
    assert wired.look()[5] == 0b0100011  # keys are released, the contacts of the syringe closed
    wired.circuit.pins.press_stop(True)
    assert wired.ask(0x35, 0) == (0, b"\x00")
    wired.circuit.pins.put("barrel", 1)
    assert wired.look()[5] == 0b0000111
    wired.circuit.pins.press_stop(False)
    wired.circuit.pins.press_stop(True)
    wired.circuit.pins.press_stop(False)
    assert [wired.look()[5] >> 5 for _ in range(2)] == [0b11, 0b01], "a short press is told once"
    wired.tell(0xB6, 1, b"\x01")
    assert wired.circuit.pins.levels[1] == 1
    wired.circuit.analogue.readings[2] = 0xABCD
    assert wired.look()[8:] == (0xABCD, 0)
    wired.tell(0xB2)
    assert wired.circuit.watchdog.expires_us == NEVER  # feeding what was never started
    wired.tell(0xB1, 0, struct.pack("<I", 2000))
    wired.clock.now_us = 1_500_000
    wired.tell(0xB2)
    assert wired.circuit.watchdog.expires_us == 3_500_000
    assert not wired.complaints


@pytest.mark.parametrize(
    ("op", "a", "payload"),
    [
        (0x7F, 0, b""),  # no such request
        (0x10, 2, bytes((0x57, 0xFF, 1))),  # no such bus
        (0x10, 1, bytes((0x57, 0xFF))),
        (0x11, 1, bytes((0x57,))),
        (0x35, 4, b""),
        (0x02, 0, b"1234"),
    ],
)
def test_what_makes_no_sense_is_refused_and_complained_about(wired: Wired, op: int, a: int, payload: bytes) -> None:
    assert wired.ask(op, a, payload) == (2, b"")
    assert len(wired.complaints) == 1


@pytest.mark.parametrize(
    ("op", "a", "payload"),
    [
        (0xFF, 0, b""),
        (0xA1, 0, b"1234"),
        (0xA1, 0, struct.pack("<II", 1, 0)),
        (0xB1, 0, struct.pack("<I", 9000)),  # beyond the chip's longest watchdog
        (0xB4, 7, bytes(4)),
        (0xB4, 0, struct.pack("<I", 1 << 30)),
        (0xB6, 0, b"\x01"),  # an input
        (0xB6, 1, b""),
    ],
)
def test_what_makes_no_sense_and_wants_no_answer_gets_none(wired: Wired, op: int, a: int, payload: bytes) -> None:
    assert wired.tell(op, a, payload) == b""
    assert len(wired.complaints) == 1
    assert wired.ask(0x03) == (0, bytes(8))  # and the next request is understood


def test_burning_fuses_is_complained_about_and_not_acknowledged(wired: Wired) -> None:
    assert wired.ask(0x11, 0, bytes((0x36, 0xFF, 0x80))) == (1, b"")
    assert "BURN" in wired.complaints[0]


def test_reset_is_noted_and_the_line_is_sent(wired: Wired) -> None:
    sent: list[bytes] = []
    wired.circuit.uart.tx = sent.append
    wired.tell(0xB0, 0, b"hello")
    wired.tell(0xB8)
    assert sent == [b"hello"]
    assert wired.link.reset_asked


def test_faults_of_the_line(wired: Wired) -> None:
    uart = wired.circuit.uart
    sent = bytearray()
    uart.tx = sent.extend
    for kind, rx, tx in (("cut", b"", b""), ("deaf", b"", b"x"), ("mute", b"x", b"")):
        uart.faults.make(kind)
        uart.receive(b"x")
        uart.transmit(b"x")
        assert (uart.take(9), bytes(sent)) == (rx, tx), kind
        sent.clear()
        uart.faults.mend()
    uart.faults.make("corrupt", every=10)
    uart.receive(bytes(100))
    flipped = [byte for byte in uart.take(100) if byte]
    assert len(flipped) == 10
    assert all(byte.bit_count() == 1 for byte in flipped)


def test_a_board_that_does_not_read_loses_the_newest_bytes(wired: Wired) -> None:
    uart = wired.circuit.uart
    uart.receive(b"a" * 4000)
    uart.receive(b"b" * 200)
    assert uart.take(5000) == b"a" * 4000 + b"b" * 96
    assert uart.rx_lost == 104
