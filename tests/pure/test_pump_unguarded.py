"""A pump without an interlock asks for nothing, and says of all that would be one that there is none."""

from pump import codes
from pump.unguarded import Unguarded

OK = (codes.OK, 0)
NO = (codes.UNSUPPORTED, 0)
ROW = (0, 0, 900, 10_000, 10, 5_000, 15_000)


def test_it_holds_nothing_back():
    nobody = Unguarded()
    nobody.load(None)
    for _ in range(2):
        assert (nobody.stage(7, 0, 0), nobody.lacks(0), nobody.normal(0), nobody.why()) == (
            OK,
            OK,
            True,
            codes.WHY_NONE,
        )
        nobody.drop()
        nobody.ask((77, 5, 1), 0, 0)
        nobody.answer((77, 5, 0, 0, 0, 0, 0, 0), 0, 0)


def test_what_would_be_guarded_or_watched_is_refused():
    nobody = Unguarded()
    for answer in (
        nobody.stage(7, 1, 0),
        nobody.stage(7, 0, 77),
        nobody.offer(7, 0, ROW),
        nobody.begin_watch(9, 4_711, 0),
        nobody.begin_watch(9, 4_711, 1),
        nobody.row(9, 0, ROW, False),
        nobody.end_watch(77),
        nobody.release(1, 0),
    ):
        assert answer == NO
    assert not nobody.watches(9) and (nobody.number(), nobody.lacking, nobody.back) == (0, 0, ())
