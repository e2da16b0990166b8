"""The native byte work of the emulated board is the plain one, only faster; on CPython the file runs undecorated."""

import builtins
import sys
from array import array

if sys.implementation.name == "cpython":
    builtins.ptr8 = bytearray  # viper's pointer types stand in annotations
    builtins.ptr32 = array

from boards import rigbytes, rigbytes_viper


def _random(seed):
    state = seed
    while True:
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        yield state >> 12


def _noise(rnd, n):
    return bytearray([next(rnd) & 0xFF for _ in range(n)])


def test_copying_is_equal_and_touches_nothing_else():
    rnd = _random(1)
    for n in range(40):
        source, a = _noise(rnd, 64), _noise(rnd, 64)
        b = bytearray(a)
        to, at = next(rnd) % 24, next(rnd) % 24
        rigbytes.copy(a, to, source, at, n)
        rigbytes_viper.copy(b, to, source, at, n)
        assert a == b
        assert a[to : to + n] == source[at : at + n]


def test_words_are_equal_up_to_all_of_their_bits():
    for value in (0, 1, 0x7F, 0x80, 0x1234, 0x7FFFFFFF, 0x80000000, 0xDEADBEEF, 0xFFFFFFFF):
        a, b = bytearray(6), bytearray(6)
        rigbytes.put32(a, 1, value)
        rigbytes_viper.put32(b, 1, value)
        assert a == b
        assert rigbytes.get32(a, 1) == rigbytes_viper.get32(a, 1) == value


def test_requests_are_equal():
    rnd = _random(2)
    body = _noise(rnd, 300)
    for n in (0, 1, 8, 64, 255, 256, 290):
        a, b = bytearray(512), bytearray(512)
        end = rigbytes.request(a, 5, 0xB0, 3, body, 4, n)
        assert end == rigbytes_viper.request(b, 5, 0xB0, 3, body, 4, n) == 9 + n
        assert a == b
        assert a[5:9] == bytes((0xB0, 3, n & 0xFF, n >> 8))


def test_only_the_read_that_was_foreseen_is_taken():
    rnd = _random(3)
    told = _noise(rnd, 80)
    told[10:14] = bytes((1, 0x57, 7, 60))
    for bus, address, register, n, fits in (
        (1, 0x57, 7, 60, True),
        (0, 0x57, 7, 60, False),
        (1, 0x56, 7, 60, False),
        (1, 0x57, 6, 60, False),
        (1, 0x57, 7, 59, False),
    ):
        a, b = bytearray(60), bytearray(60)
        end = rigbytes.foreseen(told, 10, bus, address, register, a, n)
        assert end == rigbytes_viper.foreseen(told, 10, bus, address, register, b, n) == (74 if fits else 0)
        assert a == b == (told[14:74] if fits else bytearray(60))


def test_an_answer_to_a_wait_is_taken_apart_alike():
    rnd = _random(4)
    for at in (0, 3):
        told = _noise(rnd, 64)
        a, b = array("I", [0] * 13), array("I", [0] * 13)
        rigbytes.seen(told, at, a)
        rigbytes_viper.seen(told, at, b)
        assert list(a) == list(b)
        told[at + 8 : at + 12] = b"\xff\xff\xff\xff"
        rigbytes_viper.seen(told, at, b)
        assert b[2] == 0xFFFFFFFF
