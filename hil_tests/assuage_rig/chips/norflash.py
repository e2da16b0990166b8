"""A region of NOR flash, as a W25Q16 and its kin are: programming only clears bits, only erasing a sector sets them.

Facts (Winbond W25Q16 data sheets): 1 to 256 bytes are programmed at a time, within one page of 256; a part of a page
may be programmed without touching the rest; a sector is 4 KiB and reads all ones once erased. A chip asked to program
across a page wraps to its beginning: here that is refused, as nobody means it.

Power may fail at any operation: before it, after it, or in the middle. A torn program has cleared any part of the bits
that it should, a torn erase has set any part; and some of the cells it has touched hold too little or too much charge
to read the same every time. Only an erase that runs to its end makes those sound again.
"""

import random
from dataclasses import dataclass

from assuage_rig import faults
from assuage_rig.bus import Nack

PAGE = 256
SECTOR = 4096
BEFORE, TORN, AFTER = range(3)


class PowerCut(Exception):
    """The supply has failed at an operation of the flash."""


@dataclass(frozen=True)
class Timing:
    """How long an operation takes, us. Told for who wants to reckon with it: the rig's clock only moves in a wait."""

    page_us: tuple[int, int]
    erase_us: tuple[int, int]


W25Q16 = Timing(page_us=(700, 3_000), erase_us=(45_000, 400_000))
"""Typical and longest; from memory, not checked against a data sheet, and nothing depends on it."""

ENDURANCE = 100_000
"""Erasures that a sector is good for; from memory likewise."""


class NorFlash:
    """`sectors` of 4 KiB, erased. The same seed and operations tear in the same way.

    programs, erases: operations asked for. erased: how often each sector was. cells: what is stored.
    """

    def __init__(self, sectors: int = 32, seed: int = 1) -> None:
        self.size = sectors * SECTOR
        self.cells = bytearray(b"\xff" * self.size)
        self.programs = self.erases = 0
        self.erased = [0] * sectors
        self._unsound: dict[int, int] = {}  # address: bits that read as they please
        self._random = random.Random(seed)
        self._torn_at = -1
        self._cut: tuple[int, int, int] | None = None
        last = sectors - 1
        self.faults = faults.Faults(
            "flash",
            {
                "cut": faults.Kind(
                    "the supply fails `after` further operations, before (0), in (1) or after (2) the next one; in it "
                    "all before that byte is as it should be and all behind untouched, or with -1 as it comes",
                    {"after": (0, 0, 1 << 30), "how": (TORN, BEFORE, AFTER), "byte": (-1, -1, SECTOR)},
                    self.cut,
                ),
                "bit_flip": faults.Kind(
                    "one bit turns over", {"at": (0, 0, self.size - 1), "bit": (0, 0, 7)}, self._flip
                ),
                "wipe": faults.Kind(
                    "a whole sector reads as one value", {"sector": (0, 0, last), "value": (255, 0, 255)}, self._wipe
                ),
                "stuck": faults.Kind("a sector can be neither programmed nor erased", {"sector": (0, 0, last)}),
                "full": faults.Kind("every sector is worn out: programming and erasing change nothing any more"),
                "program_fails": faults.Kind("every n-th program leaves a bit as it was", {"every": (1, 1, 1 << 30)}),
                "erase_fails": faults.Kind("every n-th erase leaves a bit as it was", {"every": (1, 1, 1 << 30)}),
                "silent": faults.Kind("the chip does not answer: reads and writes are errors"),
            },
        )

    def read(self, at: int, count: int) -> bytes:
        """Raises ValueError outside the region, Nack when the chip is silent."""
        self._reach(at, count)
        data = self.cells[at : at + count]
        if self._unsound:
            near = range(at, at + count)
            some = near if count < len(self._unsound) else self._unsound
            for address in some:
                if address in self._unsound and address in near:
                    data[address - at] ^= self._unsound[address] & self._random.getrandbits(8)
        return bytes(data)

    def program(self, at: int, wanted: bytes) -> None:
        """Clears the bits that are 0 in what is wanted. ValueError for what is not 1 to 256 bytes within one page."""
        data = bytearray(wanted)
        self._reach(at, len(data))
        if not data or at // PAGE != (at + len(data) - 1) // PAGE:
            raise ValueError(f"{len(data)} bytes at {at} are not within one page")
        cut = self._power()
        self.programs += 1
        if self._does_nothing(at):
            data[:] = b"\xff" * len(data)
        elif self._fails("program_fails", self.programs):
            clears = [i for i, byte in enumerate(data) if self.cells[at + i] & ~byte]
            if clears:
                i = self._random.choice(clears)
                left = self.cells[at + i] & ~data[i]
                data[i] |= left & -left
        if cut == TORN and self._torn_at >= 0:
            for i, byte in enumerate(data[: self._torn_at]):
                self.cells[at + i] &= byte
        elif cut == TORN:
            count = self._random.choice((len(data), self._random.randrange(len(data) + 1)))  # also byte by byte
            self._tear(at, bytes(self.cells[at + i] & ~data[i] for i in range(count)))
        else:
            for i, byte in enumerate(data):
                self.cells[at + i] &= byte
                if at + i in self._unsound:
                    self._unsound[at + i] &= byte
        self._settle(cut)

    def erase(self, at: int) -> None:
        """Sets a sector to ones. Raises ValueError for what is no sector."""
        self._reach(at, SECTOR)
        if at % SECTOR:
            raise ValueError(f"{at} is not where a sector begins")
        cut = self._power()
        self.erases += 1
        self.erased[at // SECTOR] += 1
        if not self._does_nothing(at):
            if cut == TORN and self._torn_at >= 0:
                self.cells[at : at + self._torn_at] = b"\xff" * self._torn_at
            elif cut == TORN:
                self._tear(at, bytes(~byte & 0xFF for byte in self.cells[at : at + SECTOR]))
            else:
                self.cells[at : at + SECTOR] = b"\xff" * SECTOR
                self._unsound = {i: bits for i, bits in self._unsound.items() if not at <= i < at + SECTOR}
                if self._fails("erase_fails", self.erases):
                    self.cells[at + self._random.randrange(SECTOR)] ^= 1 << self._random.randrange(8)
        self._settle(cut)

    def cut(self, after: int = 0, how: int = TORN, byte: int = -1) -> None:
        """Has the supply fail at an operation: PowerCut is raised there."""
        self._cut = (after, how, byte)

    def copy(self, seed: int) -> "NorFlash":
        """Another one with the same content, sound or not, and its own chance; without faults."""
        other = NorFlash(self.size // SECTOR, seed)
        other.cells[:] = self.cells
        other._unsound = dict(self._unsound)
        return other

    # -- inside --------------------------------------------------------------------------------------------------------
    def _reach(self, at: int, count: int) -> None:
        if "silent" in self.faults.active:
            raise Nack
        if min(at, count) < 0 or at + count > self.size:
            raise ValueError(f"{count} bytes at {at} are not within {self.size}")

    def _power(self) -> int | None:
        if self._cut is None:
            return None
        after, how, self._torn_at = self._cut
        if after:
            self._cut = (after - 1, how, self._torn_at)
            return None
        if how == BEFORE:
            self._cut = None
            raise PowerCut
        return how

    def _settle(self, cut: int | None) -> None:
        self._unsound = {i: bits for i, bits in self._unsound.items() if bits} if self._unsound else {}
        if cut is not None:
            self._cut = None
            raise PowerCut

    def _tear(self, at: int, bits: bytes) -> None:
        """Of these bits from `at` on, about a share turns over, and one in 32 is left unsound."""
        wanted = int.from_bytes(bits, "little")
        share = self._random.randrange(1, 64)
        turned, unsound = 0, wanted
        for weight in (1, 2, 4, 8, 16, 32):
            chance = self._random.getrandbits(8 * len(bits))
            turned = turned | chance if share & weight else turned & chance
            if weight > 1:
                unsound &= self._random.getrandbits(8 * len(bits))
        for i, byte in enumerate((turned & wanted).to_bytes(len(bits), "little"), at):
            self.cells[i] ^= byte
        for i, byte in enumerate(unsound.to_bytes(len(bits), "little"), at):
            if byte:
                self._unsound[i] = self._unsound.get(i, 0) | byte

    def _does_nothing(self, at: int) -> bool:
        active = self.faults.active
        return "full" in active or ("stuck" in active and self.faults.integer("stuck", "sector") == at // SECTOR)

    def _fails(self, kind: str, count: int) -> bool:
        return kind in self.faults.active and count % self.faults.integer(kind, "every") == 0

    def _flip(self, at: int, bit: int) -> None:
        self.cells[at] ^= 1 << bit

    def _wipe(self, sector: int, value: int) -> None:
        at = sector * SECTOR
        self.cells[at : at + SECTOR] = bytes((value,)) * SECTOR
        self._unsound = {i: bits for i, bits in self._unsound.items() if not at <= i < at + SECTOR}
