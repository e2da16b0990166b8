"""The same as rigbytes.py for the native code emitter of MicroPython: a turn's bytes cost next to nothing.

Import under `try ... except (ImportError, SyntaxError, NameError)`: an interpreter without the emitter refuses this
file. Equality-tested against the other on MicroPython. Nothing here looks whether there is room.
"""

import micropython


@micropython.viper
def copy(into: ptr8, to: int, buf: ptr8, at: int, n: int):
    i = 0
    while i < n:
        into[to + i] = buf[at + i]
        i += 1


@micropython.viper
def put32(buf: ptr8, at: int, value: int):
    buf[at] = value & 0xFF
    buf[at + 1] = value >> 8 & 0xFF
    buf[at + 2] = value >> 16 & 0xFF
    buf[at + 3] = value >> 24 & 0xFF


@micropython.viper
def get32(buf: ptr8, at: int) -> int:
    return int(buf[at]) | int(buf[at + 1]) << 8 | int(buf[at + 2]) << 16 | int(buf[at + 3]) << 24


@micropython.viper
def request(queue: ptr8, at: int, op: int, a: int, body: ptr8, begin: int, n: int) -> int:
    queue[at] = op
    queue[at + 1] = a
    queue[at + 2] = n & 0xFF
    queue[at + 3] = n >> 8
    at += 4
    i = 0
    while i < n:
        queue[at] = body[begin + i]
        at += 1
        i += 1
    return at


@micropython.viper
def foreseen(told: ptr8, at: int, bus: int, address: int, register: int, buf: ptr8, n: int) -> int:
    if int(told[at]) != bus or int(told[at + 1]) != address or int(told[at + 2]) != register or int(told[at + 3]) != n:
        return 0
    at += 4
    i = 0
    while i < n:
        buf[i] = told[at]
        at += 1
        i += 1
    return at


@micropython.viper
def seen(told: ptr8, at: int, words: ptr32):
    i = 0
    while i < 4:
        at_i = at + 4 * i
        words[i] = int(told[at_i]) | int(told[at_i + 1]) << 8 | int(told[at_i + 2]) << 16 | int(told[at_i + 3]) << 24
        i += 1
    words[4] = told[at + 16]
    words[5] = int(told[at + 17]) | int(told[at + 18]) << 8
    words[6] = told[at + 20]
    i = 0
    while i < 4:
        words[7 + i] = int(told[at + 21 + 2 * i]) | int(told[at + 22 + 2 * i]) << 8
        i += 1
    words[11] = told[at + 29]
    words[12] = told[at + 54]
