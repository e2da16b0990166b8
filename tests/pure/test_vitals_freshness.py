"""How old the newest sample is."""

from assuage_wire.schema import S30
from vitals.freshness import OLD_MS, Freshness


def test_the_age_counts_from_the_last_sample_across_the_clocks_wrap():
    fresh = Freshness(S30 - 99)
    assert fresh.age(S30 - 99) == 0
    assert fresh.age(400) == 500
    fresh.seen(450)
    assert fresh.age(460) == 10


def test_an_old_sample_never_becomes_young_again():
    fresh = Freshness(1000)
    assert fresh.age(1000 + OLD_MS) == OLD_MS
    now = 1000
    for _ in range(30):
        now = (now + (1 << 26)) & S30  # in all twice the clock's round
        assert fresh.age(now) == OLD_MS
    fresh.seen(now)
    assert fresh.age(now + 3 & S30) == 3
