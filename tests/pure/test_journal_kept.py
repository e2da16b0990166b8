"""The retained words: each store leaves the truth between low and high, and damage is never read as nothing."""

from assuage_wire.schema import NONE32, REASONS
from journal.kept import QUANTUM_NL, Kept
from journal_fakes import PowerCut, Words
from pump import codes


class Counting(Words):
    """left: stores that still succeed before the board is reset; None for all."""

    def __init__(self):
        super().__init__()
        self.left = None

    def set(self, i, v):
        if self.left is not None:
            if self.left == 0:
                raise PowerCut()
            self.left -= 1
        super().set(i, v)


def opened(most=1_000_000):
    words = Counting()
    kept = Kept(words)
    kept.begin(9)
    return words, kept


def test_words_that_never_were_a_record_know_nothing():
    for value in (0, 1, (1 << 30) - 1, 0x15555555):
        words = Words()
        for i in range(7):
            words.set(i, value)
        assert Kept(words).recover() is None and Kept(words).latched() == codes.WHY_NONE


def test_a_record_begins_with_its_last_store_and_not_before():
    for old in (0, 1):
        for cut in range(8):
            words = Counting()
            kept = Kept(words)
            if old:
                kept.begin(3)
                kept.before(500, 1000)
                kept.counted(400)
                kept.settle()
            words.left = cut
            try:
                kept.begin(9)
            except PowerCut:
                assert not Kept(words).recover(), cut
            else:
                assert cut == 7 and Kept(words).recover() == (9, 0, 0)


def test_one_that_was_settled_says_so_and_one_that_is_damaged_does_not():
    words, kept = opened()
    kept.settle()
    assert Kept(words).recover() == ()
    for word in (0, 1, 4, 5):
        words, kept = opened()
        kept.settle()
        words.words[word] ^= 1 << 7
        assert Kept(words).recover() != (), word


def test_damaged_words_are_never_taken_for_numbers_and_never_for_nothing():
    for word in range(6):
        for bit in range(30):
            words, kept = opened()
            kept.before(5000, 1_000_000)
            kept.counted(3000)
            words.words[word] ^= 1 << bit
            was = Kept(words).recover()
            if word in (1, 5):
                assert was == (0, NONE32, NONE32)
            else:
                assert was and was[0] == 9, (word, bit)


def test_every_reason_that_is_latched_is_kept_and_one_damaged_bit_does_not_change_it():
    assert len(REASONS) <= 64
    for reason in range(1, 64):
        words = Words()
        Kept(words).latch(reason)
        kept = words.get(6)
        assert Kept(words).latched() == reason
        for bit in range(30):
            words.set(6, kept ^ 1 << bit)
            assert Kept(words).latched() == reason, bit
    words = Words()
    for word in (0b1010 << 6, 0b1100 << 6, 0b1011 << 6 | 37, 5):
        words.set(6, word | word << 10 | word << 20)
        assert Kept(words).latched() == (37 if word == 0b1011 << 6 | 37 else codes.WHY_NONE)
        words.set(6, word | word << 10 ^ 1 << 10 | word << 20 ^ 3 << 20)
        assert Kept(words).latched() == codes.WHY_NONE, "three that differ"
    Kept(words).latch(codes.WHY_NONE)
    assert words.get(6) == 0


def test_low_above_high_is_told_as_unknown():
    words, _ = opened()
    words.set(2, 500)
    words.set(3, 499)
    assert Kept(words).recover() == (9, NONE32, NONE32)
    words.set(3, 500)
    assert Kept(words).recover() == (9, 500, 500)


def test_marks_are_stored_when_they_move():
    words, kept = opened()
    words.left = 2
    kept.before(100, 30_000)
    assert words.get(3) == 101 + QUANTUM_NL == 20_101
    kept.before(20_100, 30_000)
    assert words.left == 1 and words.get(3) == 20_101, "20 100 rounded down may be 20 101 at most"
    kept.counted(99)
    kept.counted(99)
    kept.counted(98)
    assert words.left == 0 and words.get(2) == 99
    words.left = 1
    kept.before(20_101, 30_000)
    assert words.get(3) == 30_000, "never more than the programme's volume"
    kept.before(30_000, 30_000)
    assert words.left == 0


def test_a_doubt_only_widens():
    for least, most, low, high in (
        (300, 900, 300, 20_001),
        (400, 20_001, 400, 20_001),
        (401, 20_002, 400, 20_002),
        (0, 70_000, 0, 70_000),
    ):
        words, kept = opened()
        kept.before(0, 1_000_000)
        kept.counted(400)
        words.left = (low < 400) + (high > 20_001)
        kept.doubt(least, most)
        assert words.left == 0, "only what moves is stored"
        words.left = None
        kept.doubt(least + 50, most - 50)
        assert (words.get(2), words.get(3)) == (low, high), "nor does a later one narrow"


def test_a_new_record_knows_nothing_of_the_one_before():
    _words, kept = opened()
    kept.before(900_000, 1_000_000)
    kept.counted(800_000)
    kept.settle()
    kept.begin(4)
    kept.before(10, 1_000_000)
    kept.counted(1)
    assert kept.recover() == (4, 1, 11 + QUANTUM_NL)
