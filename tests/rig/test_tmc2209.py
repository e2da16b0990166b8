"""The emulated TMC2209 answers like the datasheet's, datagram by datagram."""

from __future__ import annotations

import pytest

from assuage_rig.bus import Forbidden
from assuage_rig.chips.singlewire import SingleWire
from assuage_rig.chips.stepdrive import StepDrive
from assuage_rig.chips.tmc2209 import TMC2209
from assuage_rig.clock import Clock
from assuage_rig.faults import UnknownFault
from assuage_rig.requirements import req

BIT_US = 1e6 / 115_200


def datagram(text: str) -> bytes:
    return bytes.fromhex(text)


class Wired:
    """A chip on its wire, strapped to an address, and the step drive that it listens to."""

    def __init__(self, address: int = 0, seed: int = 1) -> None:
        self.clock = Clock()
        self.drive = StepDrive(self.clock)
        self.load = 0.0
        self.chip = TMC2209(self.clock, self.drive, lambda: self.load, (address & 1, address >> 1), seed)
        self.wire = SingleWire(self.clock, self.chip)

    def wait(self, us: int) -> None:
        self.clock.now_us += us

    def exchange(self, data: bytes, us: int = 3_000) -> bytes:
        """What follows the echo of a datagram within so many us."""
        self.wire.transmit(data)
        self.wait(us)
        heard = self.wire.take(64)
        assert heard[: len(data)] == data, "the board hears itself"
        return heard[len(data) :]

    def say(self, text: str) -> bytes:
        return self.exchange(datagram(text))

    def read(self, register: int) -> int:
        request = {
            0x00: "05 00 00 48", 0x01: "05 00 01 C1", 0x02: "05 00 02 8F", 0x06: "05 00 06 6F", 0x12: "05 00 12 B7",
            0x41: "05 00 41 CF", 0x6A: "05 00 6A ED", 0x6C: "05 00 6C CA", 0x6F: "05 00 6F 84", 0x70: "05 00 70 62",
        }[register]  # fmt: skip
        answer = self.say(request)
        assert len(answer) == 8 and answer[:3] == bytes((0x05, 0xFF, register))
        return int.from_bytes(answer[3:7], "big")

    def configure(self) -> None:
        """As the datasheet's and the logs' datagrams do it: 1/16 by register, currents, the mark of the reset."""
        for text in (
            "05 00 81 00 00 00 07 70", "05 00 EC 14 03 00 53 DF", "05 00 80 00 00 01 C0 F6",
            "05 00 90 00 06 1F 08 59", "05 00 91 00 00 00 14 1F",
        ):  # fmt: skip
            assert self.say(text) == b""

    def step(self, count: int, period_us: int) -> None:
        """Pulses, all made when it returns."""
        self.drive.enable(True)
        self.drive.push(count, period_us)
        self.wait(count * period_us)


@pytest.fixture
def wired() -> Wired:
    return Wired()


# -- datagrams: bytes that were computed elsewhere or seen on real wires -----------------------------------------------
@req("SYS-009")
@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("05 00 01 C1", "05 FF 01 00 00 00 01 9A"),  # GSTAT after power-on
        ("05 00 00 48", "05 FF 00 00 00 01 01 BB"),  # GCONF
        ("05 00 02 8F", "05 FF 02 00 00 00 00 4C"),  # IFCNT
        ("05 00 12 B7", "05 FF 12 00 0F FF FF 1D"),  # TSTEP at rest
        ("05 00 6C CA", "05 FF 6C 10 00 00 53 51"),  # CHOPCONF
    ],
)
def test_after_power_on_it_answers_to_the_byte(wired: Wired, request_: str, answer: str) -> None:
    wired.wait(1_000_000)
    assert wired.say(request_) == datagram(answer)


def test_any_upper_nibble_of_the_sync_byte_will_do(wired: Wired) -> None:
    assert wired.say("F5 00 02 C8") == datagram("05 FF 02 00 00 00 00 4C")
    assert len(wired.say("55 00 06 E8")) == 8


@pytest.mark.parametrize(
    ("address", "read", "write"),
    [
        (0, "05 00 06 6F", "05 00 80 00 00 01 C0 F6"),
        (1, "05 01 06 D9", "05 01 80 00 00 01 C0 1A"),
        (2, "05 02 06 34", "05 02 80 00 00 01 C0 80"),
        (3, "05 03 06 82", "05 03 80 00 00 01 C0 6C"),
    ],
)
def test_the_pins_are_its_address(address: int, read: str, write: str) -> None:
    for strapped in range(4):
        wired = Wired(strapped)
        answer = wired.say(read)
        wired.say(write)
        assert len(answer) == (8 if strapped == address else 0)
        assert wired.chip.writes == (1 if strapped == address else 0)
        if answer:
            assert answer[3] == 0x21, "the version"
            assert answer[6] & 0x0C == (address & 1) << 2 | (address & 2) << 2, "MS1 and MS2"


def test_only_writes_that_were_accepted_are_counted_and_the_count_wraps(wired: Wired) -> None:
    assert wired.say("05 00 80 00 00 01 C1 F6") == b"", "one bit is wrong"
    wired.wait(1000)
    assert wired.read(0x02) == 0 and wired.read(0x00) == 0x101
    wired.say("05 00 80 00 00 01 C0 F6")
    assert wired.say("05 00 02 8F") == datagram("05 FF 02 00 00 00 01 C5")
    assert wired.read(0x00) == 0x1C0
    for _ in range(254):
        wired.say("05 00 91 00 00 00 14 1F")
    assert wired.say("05 00 02 8F") == datagram("05 FF 02 00 00 00 FF BF")
    wired.say("05 00 91 00 00 00 14 1F")
    assert wired.read(0x02) == 0


def test_the_answer_comes_eight_bit_times_after_the_question(wired: Wired) -> None:
    """At 115 200 baud: question 347 us, delay 69 us, answer 694 us."""
    wired.wire.transmit(datagram("05 00 06 6F"))
    heard = []
    for us in range(1, 1300):
        wired.wait(1)
        if wired.wire.waiting() > len(heard):
            heard.append(us)
    assert len(heard) == 12
    assert abs(heard[3] - 347) <= 1 and abs(heard[4] - (347 + 69 + 87)) <= 2 and abs(heard[11] - 1110) <= 2


def test_senddelay_moves_the_answer(wired: Wired) -> None:
    wired.say("05 00 83 00 00 02 00 4D")  # NODECONF: 2, that is 3 * 8 bit times
    wired.wire.transmit(datagram("05 00 06 6F"))
    wired.wait(347 + 208 + 60)
    assert wired.wire.waiting() == 4
    wired.wait(40)
    assert wired.wire.waiting() == 5


def test_a_pause_of_63_bit_times_begins_a_datagram_anew(wired: Wired) -> None:
    data = datagram("05 00 06 6F")
    for gap_bits, length in ((50, 8), (70, 0)):
        wired.wait(5000)
        wired.wire.take(64)
        wired.wire.transmit(data[:2])
        wired.wait(int((20 + gap_bits) * BIT_US))
        wired.wire.transmit(data[2:])
        wired.wait(3000)
        assert len(wired.wire.take(64)) == 4 + length


def test_after_a_bad_datagram_it_wants_twelve_idle_bits(wired: Wired) -> None:
    bad, good = datagram("05 00 80 00 00 01 C1 F6"), datagram("05 00 06 6F")
    wired.wire.transmit(bad + good)
    wired.wait(5000)
    assert wired.wire.take(64) == bad + good
    for idle, answer in ((10, 0), (14, 8)):
        wired.wire.transmit(bad)
        wired.wait(int((80 + idle) * BIT_US))
        wired.wire.transmit(good)
        wired.wait(5000)
        assert len(wired.wire.take(64)) == 8 + 4 + answer


def test_who_talks_while_the_chip_answers_spoils_what_he_says_and_what_he_hears(wired: Wired) -> None:
    wired.wire.transmit(datagram("05 00 06 6F"))
    wired.wait(500)
    wired.wire.transmit(datagram("05 00 80 00 00 01 C0 F6"))
    wired.wait(5000)
    assert len(wired.wire.take(64)) == 20
    assert wired.wire.collisions and wired.chip.writes == 0
    assert wired.read(0x02) == 0


def crc_of(text: str) -> int:
    """The tests' own; what is above was computed elsewhere."""
    crc = 0
    for byte in datagram(text):
        for bit in range(8):
            crc = (crc << 1 ^ (0x107 if crc >> 7 != byte >> bit & 1 else 0)) & 0xFF
    return crc


def with_crc(text: str) -> str:
    return f"{text} {crc_of(text):02X}"


def test_the_fuses_are_never_written_quietly(wired: Wired) -> None:
    with pytest.raises(Forbidden, match="OTP_PROG"):
        wired.say(with_crc("05 00 84 00 00 00 BD"))


# -- what becomes of the steps -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("address", "microsteps"), [(0, 8), (1, 32), (2, 64), (3, 16)])
def test_without_settings_the_pins_say_what_a_pulse_is(address: int, microsteps: int) -> None:
    """MS2, MS1: 00 is 1/8, 01 is 1/32, 10 is 1/64, 11 is 1/16."""
    assert Wired(address).chip.microsteps == microsteps


def test_with_settings_the_register_says_it_until_the_supply_dips(wired: Wired) -> None:
    assert wired.chip.microsteps == 8
    wired.configure()
    assert wired.chip.microsteps == 16 and wired.read(0x01) == 0
    wired.chip.faults.make("brownout")
    assert wired.chip.microsteps == 8, "twice the dose"
    assert wired.say("05 00 01 C1") == datagram("05 FF 01 00 00 00 01 9A")
    assert wired.read(0x00) == 0x101 and wired.read(0x02) == 0


def test_a_setting_counts_as_soon_as_its_last_bit_has_gone_over_the_wire(wired: Wired) -> None:
    wired.configure()
    wired.wire.transmit(datagram(with_crc("05 00 EC 15 03 00 53")))
    wired.wait(690)
    assert wired.chip.microsteps == 16
    wired.wait(5)
    assert wired.chip.microsteps == 8, "though nobody has looked at the wire"


def test_mscnt_counts_256ths_modulo_a_turn_of_the_field_both_ways(wired: Wired) -> None:
    wired.configure()
    wired.step(3, 1000)
    assert wired.read(0x6A) == 3 * 16
    wired.step(70, 1000)
    assert wired.read(0x6A) == 73 * 16 % 1024
    wired.drive.set_forward(False)
    wired.step(100, 1000)
    assert wired.read(0x6A) == (73 - 100) * 16 % 1024


def test_mscnt_goes_on_in_the_new_microsteps_when_they_change(wired: Wired) -> None:
    wired.step(4, 1000)  # 1/8 by the pins
    wired.configure()
    wired.step(4, 1000)
    assert wired.read(0x6A) == 4 * 32 + 4 * 16


@pytest.mark.parametrize(("period_us", "tstep"), [(1250, 937), (10_000, 7500)])
def test_tstep_is_the_clocks_of_a_256th(wired: Wired, period_us: int, tstep: int) -> None:
    """12 MHz: 800 pulses a second at 1/16 are 937 clocks, 100 at 1/8 (3750) the same as 100 at 1/16 halved."""
    wired.configure()
    wired.step(1, period_us)
    wired.read(0x12)
    wired.drive.push(200, period_us)
    wired.wait(200 * period_us - 3000)
    assert abs(wired.read(0x12) - tstep) <= tstep // 50


def test_standstill_after_2_to_the_20_clocks_then_the_current_falls_to_ihold(wired: Wired) -> None:
    """87.4 ms to standstill, 437 ms more with TPOWERDOWN 20; IRUN 31, IHOLD 8."""
    wired.configure()
    wired.step(10, 1000)
    wired.wait(80_000)
    assert wired.read(0x6F) & 0x80000000 == 0
    wired.wait(10_000)
    status = wired.read(0x6F)
    assert status & 0x80000000 and status >> 16 & 0x1F == 31
    wired.wait(400_000)
    assert wired.read(0x6F) >> 16 & 0x1F == 31
    wired.wait(50_000)
    assert wired.read(0x6F) >> 16 & 0x1F == 8
    wired.step(1, 1000)
    assert wired.read(0x6F) >> 16 & 0x1F == 31


def test_while_the_pin_is_not_told_to_be_a_uart_the_current_never_falls(wired: Wired) -> None:
    wired.say("05 00 90 00 06 1F 08 59")
    wired.step(10, 1000)
    wired.wait(2_000_000)
    assert wired.chip.current == 31


def test_vactual_makes_steps_by_itself_and_is_deaf_to_pulses(wired: Wired) -> None:
    """1000 counts are 715 microsteps a second."""
    wired.configure()
    wired.say("05 00 A2 00 00 03 E8 86")
    before = wired.read(0x6A)
    wired.step(10, 100)
    wired.wait(1_000_000 - 4_000)
    assert wired.chip.ignores_steps
    moved = (wired.read(0x6A) - before) % 1024
    assert abs(moved - 715 * 16 % 1024) <= 40
    wired.say("05 00 A2 00 00 00 00 0E")
    assert not wired.chip.ignores_steps


def test_stallguard_knows_the_load_at_speed_and_nothing_at_an_infusions(wired: Wired) -> None:
    wired.configure()

    def result(load: float, period_us: int) -> int:
        wired.load = load
        wired.step(1, period_us)
        wired.read(0x41)
        wired.drive.push(400, period_us)
        wired.wait(300 * period_us)
        value = wired.read(0x41)
        wired.wait(200 * period_us)
        return value

    fast = [result(load, 300) for load in (0.0, 0.5, 1.0)]  # about 60 turns a minute
    assert fast == [510, 254, 0] and all(value & 0x201 == 0 for value in fast)
    slow = {result(load, 20_000) for load in (0.0, 0.5, 1.0)}  # about one
    assert max(slow) < 64


def test_diag_tells_a_stall_only_inside_its_window(wired: Wired) -> None:
    wired.configure()
    wired.load = 1.0
    wired.step(1, 300)
    wired.drive.push(2000, 300)
    wired.wait(100_000)
    assert not wired.chip.diag, "TCOOLTHRS is 0"
    wired.say("05 00 94 00 0F FF FF 7C")
    wired.say("05 00 C0 00 00 00 50 BB")
    assert wired.chip.diag
    wired.load = 0.2
    assert not wired.chip.diag


@pytest.mark.parametrize(
    ("kind", "params", "bits"),
    [
        ("otpw", {}, 0x101), ("ot", {}, 0x303), ("short_ground", {}, 4), ("short_ground", {"phase": 1}, 8),
        ("short_supply", {}, 0x10), ("short_supply", {"phase": 1}, 0x20), ("open_load", {}, 0x40),
        ("open_load", {"phase": 1}, 0x80),
    ],
)  # fmt: skip
def test_each_trouble_has_its_bit_and_switches_the_current_off_or_not(
    wired: Wired, kind: str, params: dict[str, int], bits: int
) -> None:
    wired.configure()
    wired.drive.enable(True)
    assert wired.chip.stage_on and wired.read(0x6F) & 0xFFFF == 0
    wired.chip.faults.make(kind, **params)
    assert wired.read(0x6F) & 0xFFFF == bits
    assert wired.chip.stage_on == (kind in ("otpw", "open_load"))
    latched = kind in ("ot", "short_ground", "short_supply")
    assert wired.read(0x01) == (2 if latched else 0)
    wired.chip.faults.mend()
    assert wired.read(0x01) == (2 if latched else 0)
    wired.say("05 00 81 00 00 00 07 70")
    assert wired.read(0x01) == 0 and wired.chip.stage_on


def test_the_charge_pumps_flag_is_live(wired: Wired) -> None:
    wired.configure()
    wired.drive.enable(True)
    wired.chip.faults.make("uv_cp")
    assert wired.read(0x01) == 4 and not wired.chip.stage_on
    wired.chip.faults.mend()
    assert wired.read(0x01) == 0 and wired.chip.stage_on


def test_without_enable_or_with_toff_0_the_stage_is_off_and_the_registers_live(wired: Wired) -> None:
    wired.configure()
    assert not wired.chip.stage_on and wired.read(0x06) & 1 == 1
    wired.drive.enable(True)
    assert wired.chip.stage_on and wired.read(0x06) & 1 == 0
    wired.say(with_crc("05 00 EC 14 03 00 50"))
    assert not wired.chip.stage_on


def test_faults_of_the_wire(wired: Wired) -> None:
    faults = wired.chip.faults
    good = wired.say("05 00 02 8F")
    assert len(good) == 8
    faults.make("silent")
    assert wired.say("05 00 02 8F") == b"", "echo only"
    faults.mend()
    faults.make("truncated", bytes=3)
    assert wired.say("05 00 02 8F") == good[:5]
    faults.mend()
    faults.make("shifted")
    assert wired.say("05 00 02 8F") == b"\0" + good
    faults.mend()
    faults.make("crc")
    wrong = wired.say("05 00 02 8F")
    assert sum(bin(a ^ b).count("1") for a, b in zip(wrong, good, strict=True)) == 1
    faults.mend()
    faults.make("deaf")
    wired.say("05 00 80 00 00 01 C0 F6")
    assert wired.read(0x02) == 0 and wired.read(0x00) == 0x101
    faults.mend()
    faults.make("address", value=2)
    assert wired.say("05 00 02 8F") == b"" and len(wired.say("05 02 06 34")) == 8
    faults.mend()
    wired.wire.broken = True
    wired.wire.transmit(datagram("05 00 02 8F"))
    wired.wait(3000)
    assert wired.wire.waiting() == 0
    with pytest.raises(UnknownFault, match="brownout"):
        faults.make("melted")
