"""The RP2040's flash with a stand-in for rp2.Flash: where the region lies, and that whole pages are programmed."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

STORAGE = 1_441_792  # bytes of a Pico's storage with MicroPython's own layout


class Flash:
    """rp2.Flash as ports/rp2/rp2_flash.c has it: relative to the storage, and programming in whole pages only."""

    cells = bytearray()

    def __init__(self, *, start: int = 0, len: int = STORAGE) -> None:
        assert start >= 0 and start % 4096 == 0 and len > 0 and start + len <= STORAGE and len % 4096 == 0
        self.start, self.length = start, len

    def ioctl(self, op: int, arg: int) -> int | None:
        if op == 4:
            return self.length // 4096
        assert op == 6
        at = self.start + arg * 4096
        self.cells[at : at + 4096] = b"\xff" * 4096
        return 0

    def readblocks(self, block: int, buf: bytearray, offset: int = 0) -> None:
        at = self.start + block * 4096 + offset
        buf[:] = self.cells[at : at + len(buf)]

    def writeblocks(self, block: int, buf: bytearray, offset: int | None = None) -> None:
        assert offset is not None, "without an offset it erases"
        assert offset % 256 == 0 and len(buf) % 256 == 0, "the ROM programs whole pages"
        at = self.start + block * 4096 + offset
        for i, byte in enumerate(buf):
            self.cells[at + i] &= byte


@pytest.fixture
def rp2flash(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """boards.rp2flash as `module`; `fs` is what os.statvfs says of the file system, in blocks."""
    Flash.cells = bytearray(STORAGE)
    rp2 = ModuleType("rp2")
    rp2.__dict__["Flash"] = Flash
    monkeypatch.setitem(sys.modules, "rp2", rp2)
    monkeypatch.delitem(sys.modules, "boards.rp2flash", raising=False)
    module = importlib.import_module("boards.rp2flash")
    made = SimpleNamespace(module=module, fs=(STORAGE - 131_072) // 4096)
    stat: Any = lambda path: (4096, 4096, made.fs, 9, 9)  # noqa: E731
    monkeypatch.setattr(module, "os", SimpleNamespace(statvfs=stat))
    yield made
    sys.modules.pop("boards.rp2flash", None)


def test_the_region_is_the_storages_end_and_the_file_system_gets_the_rest(rp2flash: SimpleNamespace) -> None:
    flash = rp2flash.module.Rp2Flash()
    assert flash.size == 131_072
    flash.erase(4096)
    start = STORAGE - 131_072
    assert Flash.cells == bytes(start + 4096) + b"\xff" * 4096 + bytes(131_072 - 8192)
    left = rp2flash.module.file_system()
    assert (left.start, left.length) == (0, start)


def test_a_record_in_the_middle_of_a_page_leaves_the_rest_of_it(rp2flash: SimpleNamespace) -> None:
    flash = rp2flash.module.Rp2Flash()
    flash.erase(0)
    flash.program(256 + 32, bytes(range(32)))
    flash.program(256 + 96, b"\x0f" * 32)
    page = bytearray(256)
    flash.read(256, page)
    assert page == b"\xff" * 32 + bytes(range(32)) + b"\xff" * 32 + b"\x0f" * 32 + b"\xff" * 128
    record = bytearray(32)
    flash.read(256 + 32, record)
    assert record == bytes(range(32))


def test_where_the_file_system_takes_all_there_is_no_region(rp2flash: SimpleNamespace) -> None:
    for fs, size in ((STORAGE // 4096, 0), ((STORAGE - 131_072) // 4096 + 1, 0), (10, 131_072)):
        rp2flash.fs = fs
        assert rp2flash.module.Rp2Flash().size == size
