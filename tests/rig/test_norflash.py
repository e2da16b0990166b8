"""The emulated flash does what the data sheet of a W25Q16 says, and tears as flash does when the supply fails.

Facts checked here are the data sheet's, not the model's: pages of 256 bytes, sectors of 4 KiB, partial pages, ones
after an erase, and that only an erase sets a bit.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assuage_rig.bus import Nack
from assuage_rig.chips.norflash import AFTER, BEFORE, TORN, W25Q16, NorFlash, PowerCut
from assuage_rig.faults import UnknownFault
from assuage_rig.requirements import req

ONES = b"\xff" * 4096


def test_a_new_region_is_erased_and_has_the_size_of_its_sectors() -> None:
    flash = NorFlash(32)
    assert flash.size == 131_072
    assert flash.read(0, flash.size) == b"\xff" * 131_072


def test_programming_only_clears_bits_and_leaves_the_rest_of_the_page() -> None:
    flash = NorFlash(1)
    flash.program(10, b"\xf0\x0f")
    flash.program(10, b"\x3c\xff")
    assert flash.read(8, 6) == b"\xff\xff\x30\x0f\xff\xff"
    flash.program(10, b"\xff\xff")
    assert flash.read(10, 2) == b"\x30\x0f"


@req("SYS-009")
@given(st.lists(st.tuples(st.integers(0, 4095), st.binary(min_size=1, max_size=256)), max_size=20))
def test_any_programs_leave_the_and_of_all_that_was_programmed(programs: list[tuple[int, bytes]]) -> None:
    flash, cells = NorFlash(1), bytearray(ONES)
    for at, data in programs:
        if at % 256 + len(data) > 256:
            with pytest.raises(ValueError, match="within"):
                flash.program(at, data)
            continue
        flash.program(at, data)
        for i, byte in enumerate(data):
            cells[at + i] &= byte
    assert flash.read(0, 4096) == bytes(cells)


@pytest.mark.parametrize(("at", "count"), [(0, 257), (255, 2), (0, 0), (8192, 1), (-1, 1)])
def test_what_no_page_program_can_do_is_refused_and_changes_nothing(at: int, count: int) -> None:
    flash = NorFlash(2)
    with pytest.raises(ValueError, match="within"):
        flash.program(at, bytes(count))
    assert flash.read(0, 8192) == ONES * 2
    assert flash.programs == 0


def test_an_erase_sets_one_sector_and_is_counted_there() -> None:
    flash = NorFlash(3)
    for sector in range(3):
        for page in range(16):
            flash.program(sector * 4096 + page * 256, bytes(256))
    flash.erase(4096)
    flash.erase(4096)
    assert [flash.read(at, 4096) for at in (0, 4096, 8192)] == [bytes(4096), ONES, bytes(4096)]
    assert (flash.erased, flash.erases, flash.programs) == ([0, 2, 0], 2, 48)
    for at in (1, 256, 4095, 12288):
        with pytest.raises(ValueError, match=r"sector|within"):
            flash.erase(at)


def test_reading_beyond_the_end_is_refused() -> None:
    flash = NorFlash(1)
    assert flash.read(4096, 0) == b""
    for at, count in ((4096, 1), (-1, 1), (0, 4097)):
        with pytest.raises(ValueError, match="within"):
            flash.read(at, count)


@pytest.mark.parametrize(("how", "programmed"), [(BEFORE, b"\xff" * 4), (AFTER, b"\0\1\2\3")])
def test_a_cut_before_or_after_an_operation(how: int, programmed: bytes) -> None:
    flash = NorFlash(1)
    flash.cut(2, how)
    flash.program(0, b"\0")
    flash.erase(0)
    with pytest.raises(PowerCut):
        flash.program(0, b"\0\1\2\3")
    assert flash.read(0, 4) == programmed
    flash.program(4, b"\0")  # one cut only
    flash.cut(0, how)
    with pytest.raises(PowerCut):
        flash.erase(0)
    assert (flash.read(0, 4096) == ONES) == (how == AFTER)


def test_a_torn_program_clears_some_of_its_bits_and_no_others() -> None:
    chance = random.Random(5)
    whole = nothing = between = 0
    for seed in range(300):
        flash = NorFlash(1, seed)
        old, new = chance.randbytes(32), chance.randbytes(32)
        flash.program(64, old)
        flash.cut()
        with pytest.raises(PowerCut):
            flash.program(64, new)
        got = flash.read(64, 32)
        for was, wanted, is_now in zip(old, new, got, strict=True):
            assert is_now & was == is_now, "a bit was set"
            assert is_now & (was & wanted) == was & wanted, "a bit was cleared that should have stayed"
        whole += got == bytes(a & b for a, b in zip(old, new, strict=True))
        nothing += got == old
        between += got not in (old, new)
        assert flash.read(0, 64) + flash.read(96, 160) == b"\xff" * 224
    assert whole + nothing >= 1 and between > 200


def test_a_torn_erase_sets_some_bits_clears_none_and_stays_in_its_sector() -> None:
    for seed in range(20):
        flash = NorFlash(3, seed)
        for at in range(0, 12288, 256):
            flash.program(at, bytes(range(256)))
        flash.cut()
        with pytest.raises(PowerCut):
            flash.erase(4096)
        assert flash.read(0, 4096) == flash.read(8192, 4096) == bytes(range(256)) * 16
        torn = flash.read(4096, 4096)
        assert all(new & old == old for new, old in zip(torn, bytes(range(256)) * 16, strict=True))
        assert torn not in (ONES, bytes(range(256)) * 16)


def test_what_a_cut_has_left_unsound_reads_differently_until_it_is_erased() -> None:
    unsteady = 0
    for seed in range(20):
        flash = NorFlash(1, seed)
        flash.cut()
        with pytest.raises(PowerCut):
            flash.program(0, bytes(256))
        unsteady += len({flash.read(0, 256) for _ in range(20)}) > 1
        flash.erase(0)
        assert {flash.read(0, 4096) for _ in range(20)} == {ONES}
        flash.program(0, bytes(256))
        assert {flash.read(0, 256) for _ in range(20)} == {bytes(256)}
    assert unsteady > 10


def test_programming_an_unsound_cell_to_zero_makes_it_sound() -> None:
    flash = NorFlash(1, 3)
    flash.cut()
    with pytest.raises(PowerCut):
        flash.program(0, bytes(256))
    flash.program(0, bytes(256))
    assert {flash.read(0, 256) for _ in range(50)} == {bytes(256)}


def test_the_same_seed_tears_in_the_same_way_and_a_copy_has_its_own_chance() -> None:
    def torn(flash: NorFlash) -> bytes:
        flash.cut()
        with pytest.raises(PowerCut):
            flash.program(0, bytes(256))
        return bytes(flash.cells)

    assert torn(NorFlash(1, 4)) == torn(NorFlash(1, 4)) != torn(NorFlash(1, 5))
    flash = NorFlash(1)
    flash.program(300, b"\x11")
    copy = flash.copy(9)
    assert copy.read(0, 4096) == flash.read(0, 4096)
    copy.program(300, b"\0")
    assert flash.read(300, 1) == b"\x11"


def test_faults_by_name() -> None:
    flash = NorFlash(2)
    make = flash.faults.make
    make("bit_flip", at=5, bit=6)
    assert flash.read(5, 1) == b"\xbf"
    make("bit_flip", at=5, bit=6)
    make("wipe", sector=1, value=0)
    assert flash.read(0, 8192) == ONES + bytes(4096)
    make("stuck", sector=0)
    flash.program(0, b"\0")
    assert flash.read(0, 1) == b"\xff"
    flash.faults.mend()
    flash.program(0, b"\0")
    make("stuck", sector=0)
    flash.erase(0)
    assert flash.read(0, 1) == b"\0"
    flash.faults.mend()
    make("silent")
    for use in (lambda: flash.read(0, 1), lambda: flash.program(0, b"\0"), lambda: flash.erase(0)):
        with pytest.raises(Nack):
            use()
    flash.faults.mend()
    make("program_fails", every=2)
    failed = 0
    for at in range(100, 110):
        flash.program(at, b"\0")
        failed += flash.read(at, 1) != b"\0"
    assert failed == 5
    make("erase_fails")
    flash.erase(0)
    assert sum(byte != 0xFF for byte in flash.read(0, 4096)) == 1
    flash.faults.mend()
    make("cut", after=1, how=AFTER)
    flash.erase(0)
    with pytest.raises(PowerCut):
        flash.program(7, b"\x01")
    assert flash.read(7, 1) == b"\x01"
    with pytest.raises(UnknownFault, match="sector must be"):
        make("stuck", sector=2)


def test_a_program_can_be_torn_at_a_byte() -> None:
    flash = NorFlash(1)
    flash.faults.make("cut", how=TORN, byte=3, after=1)
    flash.program(0, b"\x0f" * 8)
    with pytest.raises(PowerCut):
        flash.program(100, b"\x33" * 8)
    assert flash.read(0, 8) == b"\x0f" * 8
    assert flash.read(100, 8) == b"\x33" * 3 + b"\xff" * 5


def test_an_erase_can_be_torn_at_a_byte() -> None:
    flash = NorFlash(2)
    for page in range(0, 8192, 256):
        flash.program(page, bytes(256))
    flash.cut(0, TORN, 1000)
    with pytest.raises(PowerCut):
        flash.erase(4096)
    assert flash.read(0, 8192) == bytes(4096) + b"\xff" * 1000 + bytes(3096)


def test_a_worn_out_flash_keeps_what_it_has() -> None:
    flash = NorFlash(1)
    flash.program(0, b"\x55" * 16)
    flash.faults.make("full")
    flash.program(0, bytes(16))
    flash.program(256, bytes(16))
    flash.erase(0)
    assert flash.read(0, 4096) == b"\x55" * 16 + ONES[16:]
    flash.faults.mend("full")
    flash.erase(0)
    assert flash.read(0, 4096) == ONES


def test_figures_that_nobody_has_measured_are_data() -> None:
    assert W25Q16.page_us == (700, 3_000)
    assert W25Q16.erase_us == (45_000, 400_000)
