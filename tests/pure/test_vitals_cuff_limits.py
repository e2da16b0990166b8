"""What ends every inflation, by itself: at the limit and not below, after the time and not before."""

from assuage_wire.schema import SIGNALS
from vitals.cuff_kinds import KINDS, LIMIT, RELEASE, SECONDS
from vitals.cuff_limits import SILENT_MS, Limits
from vitals.cuff_zero import WAIT, Zero

S30 = (1 << 30) - 1


def _look(limits, pressure, ms):
    return SIGNALS[limits.look(pressure, ms)]


def test_the_pressure_may_be_the_limit_of_its_kind_and_not_a_hundredth_more():
    for row in KINDS:
        limits = Limits(row)
        assert _look(limits, row[LIMIT] * 100, 20) == "ok"
        assert _look(limits, row[LIMIT] * 100 + 1, 20) == "over-pressure"
        assert _look(limits, row[LIMIT] * 100, 20) == "ok"


def test_the_time_counts_above_the_release_level_alone_and_begins_anew_below_it():
    for row in KINDS:
        limits = Limits(row)
        level = row[RELEASE] * 100
        for pressure, anew in ((level, True), (level + 1, False)):
            for _ in range(row[SECONDS]):
                assert _look(limits, level + 1, 1000) == "ok"
            assert _look(limits, pressure, 1) == ("ok" if anew else "over-time")
        limits.rest()
        assert _look(limits, level + 1, row[SECONDS] * 1000) == "ok"
        assert _look(limits, level + 1, 1) == "over-time"


def test_the_pressure_comes_before_the_time():
    limits = Limits(KINDS[0])
    assert _look(limits, 30_000, 1_000_000) == "over-pressure"


def test_a_time_that_runs_for_weeks_stays_within_30_bits():
    limits = Limits(KINDS[0])
    for _ in range(20_000):
        assert _look(limits, 5000, 60_000) == "ok" or limits._held_ms > 165_000
        assert limits._held_ms <= S30
    assert _look(limits, 5000, 20) == "over-time"


def test_another_kind_has_its_own_limits_and_its_time_begins_anew():
    limits = Limits(KINDS[0])
    limits.look(5000, 160_000)
    limits.choose(KINDS[2])
    assert _look(limits, KINDS[2][LIMIT] * 100 + 1, 20) == "over-pressure"
    assert _look(limits, KINDS[2][RELEASE] * 100 + 1, KINDS[2][SECONDS] * 1000 - 20) == "ok"


def test_silence_is_too_long_after_its_time_and_ends_with_a_sample():
    limits = Limits(KINDS[0])
    assert limits.silent_ms == SILENT_MS and limits.silence(1), "before the first sample"
    limits.look(0, 20)
    assert limits.silent_ms == 0 and not limits.silence(SILENT_MS) and limits.silence(1)
    for _ in range(3):
        assert limits.silence(S30 >> 1)
    assert limits.silent_ms == SILENT_MS
    limits.look(0, 20)
    assert not limits.silence(20)


def _zero(samples):
    zero = Zero()
    zero.start()
    said = WAIT
    for n, raw in enumerate(samples):
        said = zero.step(raw, n * 20)
        if said != WAIT:
            break
    return (said if said == WAIT else SIGNALS[said]), zero.value


def test_a_zero_is_the_mean_of_the_second_second():
    assert _zero([9000] * 50 + [-40, -60] * 30) == ("ok", -50)
    assert _zero([9000] * 50 + [-50] * 50) == (WAIT, 0), "not before"


def test_a_zero_that_is_far_off_or_unsteady_is_none():
    assert _zero([1000] * 110) == ("ok", 1000) and _zero([-1000] * 110) == ("ok", -1000)
    assert _zero([1001] * 110) == ("implausible", 0) and _zero([-1001] * 110) == ("implausible", 0)
    assert _zero([0, 150] * 60) == ("ok", 150 * 25 // 51)
    assert _zero([0, 151] * 60) == ("motion", 0)
