"""A record counts only when it is whole; one flipped bit is found, more are not guessed at."""

from journal import kinds
from journal.record import KIND, SEQ, SIZE, A, B, C, Record, X, Y, Z

# struct.pack("<IBBBBHHIIII", 0x12345, 9, 1, 2, 3, 65535, 7, 0x3FFFFFFF, 7, 1000, 27999) and zlib.crc32 of it from 1
GOLDEN = "4523010009010203ffff0700ffffff3f07000000e80300005f6d0000a3e5e8ce"


def record(seq=0x12345):
    made = Record()
    made.fill(kinds.AHEAD, 1, 2, 3, 7, 1000, 27_999)
    made.stamp((1 << 30) - 1, (1 << 30) - 1, 7)
    made.seal(seq)
    return made


def test_the_layout_is_the_one_that_the_document_says():
    made = record()
    assert bytes(made.buf) == bytes(int(GOLDEN[i : i + 2], 16) for i in range(0, 64, 2))
    assert made.whole()
    assert len(made.buf) == SIZE == 32
    assert (made.word(SEQ), made.word(X), made.word(Y), made.word(Z)) == (0x12345, 7, 1000, 27_999)
    assert [made.buf[at] for at in (KIND, A, B, C)] == [9, 1, 2, 3]


def test_neither_erased_nor_buried_nor_another_number_is_a_record():
    made = Record()
    assert made.buried() and not made.whole() and not made.blank()
    for i in range(32):
        made.buf[i] = 0xFF
    assert made.blank() and not made.whole() and not made.buried()
    made = record()
    assert not made.blank() and not made.buried()
    made.bury()
    assert made.buried()


def test_every_single_flipped_bit_is_seen_and_mended():
    good = record()
    for bit in range(256):
        bad = record()
        bad.buf[bit >> 3] ^= 1 << (bit & 7)
        assert not bad.whole(), bit
        assert bad.mend() and bad.buf == good.buf, bit


def test_two_flipped_bits_are_not_mended_into_anything():
    state = 1
    for _ in range(40):
        state = (state * 75 + 74) % 65537
        first, second = state % 256, state // 256 % 256
        if first == second:
            continue
        bad = record()
        bad.buf[first >> 3] ^= 1 << (first & 7)
        bad.buf[second >> 3] ^= 1 << (second & 7)
        before = bytes(bad.buf)
        assert not bad.whole() and not bad.mend()
        assert bad.buf == before


def test_any_part_of_a_record_that_was_not_programmed_shows():
    good = record()
    for upto in range(32):
        for erased in (0xFF, None):
            torn = record()
            for i in range(upto, 32):
                torn.buf[i] = erased or torn.buf[i] | 0x10
            assert torn.whole() == (torn.buf == good.buf), upto


def test_statements_and_what_is_precious():
    assert [k for k in range(256) if kinds.statement(k)] == [5, 6, 7, 8, 9, 10]
    assert [k for k in range(256) if kinds.precious(k)] == [4, 5, 6, 7, 8]
