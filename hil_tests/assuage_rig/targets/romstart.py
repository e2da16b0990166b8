"""Runs on the emulated board before its program: puts the ROM where the real board has its flash.

    micropython romstart.py ROM PROGRAM argument...

What the program imports comes from the ROM and from nowhere else; the code in it runs where it lies. As in
firmware/main.py, the heap is tidied up often while modules load, so that what stays is not strewn all over it.
"""

import gc
import os
import sys

import vfs


def _mount(path):
    rom = bytearray(os.stat(path)[6])
    with open(path, "rb") as file:
        file.readinto(rom)
    vfs.mount(vfs.VfsRom(rom), "/rom")
    sys.path[:] = ["/rom"]


def _program(path):
    try:
        with open(path) as file:
            return compile(file.read(), path, "exec")
    except OSError as error:
        print("cannot read the board's program", path, error)
        sys.exit(1)


gc.threshold(8192)
_mount(sys.argv[1])
program = _program(sys.argv[2])
del sys.argv[:2]
exec(program, {"__name__": "__main__"})
