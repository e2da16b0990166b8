"""The native COBS loops are the plain ones, only faster. On CPython the same file runs undecorated."""

import builtins
import sys

if sys.implementation.name == "cpython":
    builtins.ptr8 = bytearray  # viper's pointer type stands in an annotation

from assuage_wire import codec, frame, frame_viper


def _random(seed):
    state = seed
    while True:
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        yield state >> 12


def test_encoding_is_equal_for_every_length_and_many_zeros():
    rnd = _random(1)
    for n in range(frame.MAX_RAW + 1):
        for often in (1, 2, 8, 1000):
            raw = bytearray([next(rnd) & 0xFF if next(rnd) % often else 0 for _ in range(frame.MAX_RAW)])
            a, b = bytearray(frame.MAX_FRAME), bytearray(frame.MAX_FRAME)
            assert frame.cobs_encode(raw, n, a) == frame_viper.cobs_encode(raw, n, b)
            assert a == b
            back = bytearray(frame.MAX_FRAME)
            assert frame_viper.cobs_decode(b, n + 1, back) == n
            assert back[:n] == raw[:n]


def test_decoding_of_garbage_is_equal():
    rnd = _random(2)
    refused = 0
    for _ in range(2000):
        n = next(rnd) % (frame.MAX_FRAME + 1)
        enc = bytearray([1 + next(rnd) % (12 if next(rnd) % 2 else 255) for _ in range(frame.MAX_FRAME)])
        a, b = bytearray(frame.MAX_FRAME), bytearray(frame.MAX_FRAME)
        got = frame.cobs_decode(enc, n, a)
        assert got == frame_viper.cobs_decode(enc, n, b)
        assert a == b
        refused += got < 0
    assert 100 < refused < 2000


def test_a_writer_and_a_reader_take_the_native_loops():
    got = []
    writer = frame.Writer(frame_viper.cobs_encode)
    reader = frame.Reader("", lambda m, seq, values: got.append((m.name, values[: m.width])), frame_viper.cobs_decode)
    n = writer.frame(codec.BY_NAME["Stopped"], [9, 7, 0])
    reader.feed(writer.out, n)
    assert got == [("Stopped", [9, 7, 0])]
