"""The RP2040's reserved flash: the last 128 KiB of MicroPython's storage, which its file system must leave alone.

The stock `_boot` makes a file system of all of it, and makes it anew where it cannot mount what it finds (from memory):
an image for this board mounts file_system() instead. Where that was not done the region is empty, as a journal there
would eat files. A board without a journal starts no programme, and can say so.

rp2.Flash programs whole pages, with all interrupts off (ports/rp2/rp2_flash.c): ones leave a page's other bytes as they
are. It does not say whether an erase or a program succeeded, so what counts is read back. Checked against the stubs
only; nothing in this file has run on silicon yet.
"""

import os

from micropython import const
from rp2 import Flash

SIZE = const(131_072)

_SECTOR = const(4096)
_PAGE = const(256)
_BLOCK_COUNT, _BLOCK_ERASE = const(4), const(6)


def _start():
    return (Flash().ioctl(_BLOCK_COUNT, 0) or 0) * _SECTOR - SIZE


def file_system():
    """The block device that is left for a file system."""
    return Flash(start=0, len=_start())


class Rp2Flash:
    """size: bytes of the region, 0 when the file system reaches into it."""

    def __init__(self):
        self.size = 0
        start = _start()
        stat = os.statvfs("/")
        if start >= 0 and stat[1] * stat[2] <= start:
            self.size = SIZE
            self._flash = Flash(start=start, len=SIZE)
        self._page = bytearray(_PAGE)

    def read(self, at, buf):
        """Fills buf from there on."""
        self._flash.readblocks(at // _SECTOR, buf, at % _SECTOR)

    def program(self, at, buf):
        """Clears the bits that are 0 in buf, within one page. Takes up to 3 ms, with interrupts off."""
        page = self._page
        for i in range(_PAGE):
            page[i] = 0xFF
        offset = at % _PAGE
        for i in range(len(buf)):
            page[offset + i] = buf[i]
        self._flash.writeblocks(at // _SECTOR, page, at % _SECTOR - offset)

    def erase(self, at):
        """Sets a sector to ones. Takes up to 400 ms, with interrupts off: only while the drive stands."""
        self._flash.ioctl(_BLOCK_ERASE, at // _SECTOR)
