"""The rows of the interlock: what they may be, that a programme only tightens them, what each makes of a reading."""

from assuage_wire.schema import GUARDS, NONE16, NONE32, PARAMETERS, S30
from interlock.guards import (
    ABOVE,
    APNOEA,
    BAD,
    BAND,
    BELOW,
    BREACH,
    DOUBT,
    FIELDS,
    FULL,
    LOOSER,
    MISSING,
    MOST_MS,
    NORMAL,
    OLDEST_MS,
    ROOM,
    TAKEN,
    Guards,
    field_that_is_wrong,
)
from interlock_ward import (
    DOUBTFUL,
    ETCO2,
    GOOD,
    HIGH_ETCO2,
    LOW_SPO2,
    NO_BREATH,
    NO_PULSE,
    NONE,
    RESP,
    ROWS,
    SPO2,
    Ward,
)


def _with(row, field, value):
    changed = list(row)
    changed[FIELDS.index(field)] = value
    return tuple(changed)


def _read(guards, i):
    out = [0] * 9
    guards.read_back(i, out, 1)
    assert (out[0], out[8]) == (0, 0)
    return tuple(out[1:8])


def test_each_kind_and_each_answer_has_its_own_number():
    assert [GUARDS[i] for i in (BELOW, ABOVE, MISSING, APNOEA)] == ["below", "above", "missing", "apnoea"]
    assert len({NORMAL, BAND, BREACH, DOUBT}) == len({TAKEN, BAD, LOOSER, FULL}) == 4
    assert (MOST_MS, OLDEST_MS, ROOM) == (600_000, 3_600_000, 16)


def test_every_field_has_its_range():
    limits = (
        ("parameter", 0, len(PARAMETERS) - 1),
        ("threshold", 0, 65_534 - 10),
        ("persistence", 0, 600_000),
        ("hysteresis", 0, 65_534 - 900),
        ("max_age", 0, 3_600_000),
        ("missing", 0, 600_000),
    )
    for field, lo, hi in limits:
        for value in (lo, hi):
            assert field_that_is_wrong(_with(LOW_SPO2, field, value)) == 0, field
        wrong = "hysteresis" if field == "threshold" else field
        assert field_that_is_wrong(_with(LOW_SPO2, field, hi + 1)) == 1 + FIELDS.index(wrong)
        assert field_that_is_wrong(_with(LOW_SPO2, field, lo - 1)) == 1 + FIELDS.index(field)
    assert field_that_is_wrong(_with(LOW_SPO2, "kind", 4)) == 2
    assert field_that_is_wrong(_with(LOW_SPO2, "kind", -1)) == 2
    for top in (HIGH_ETCO2, (SPO2, ABOVE, 65_534, 0, 0, 0, 0)):
        assert field_that_is_wrong(top) == 0
    assert field_that_is_wrong(_with(HIGH_ETCO2, "threshold", 65_535)) == 3
    assert field_that_is_wrong(_with(HIGH_ETCO2, "hysteresis", 65_535)) == 5


def test_a_row_that_could_never_be_normal_again_cannot_be():
    for row in (HIGH_ETCO2, NO_BREATH):
        assert field_that_is_wrong(_with(row, "hysteresis", row[2])) == 0
        assert field_that_is_wrong(_with(row, "hysteresis", row[2] + 1)) == 5
    assert field_that_is_wrong(_with(LOW_SPO2, "threshold", 65_524)) == 0
    assert field_that_is_wrong(_with(LOW_SPO2, "threshold", 65_525)) == 5


def test_a_row_for_what_is_missing_has_no_limit_and_a_breath_is_no_other_parameters():
    assert field_that_is_wrong(NO_PULSE) == 0
    for field in ("threshold", "persistence", "hysteresis"):
        assert field_that_is_wrong(_with(NO_PULSE, field, 1)) == 1 + FIELDS.index(field)
    for p in range(len(PARAMETERS)):
        right = PARAMETERS[p] == "resp"
        assert field_that_is_wrong(_with(NO_BREATH, "parameter", p)) == (0 if right else 2)


def test_a_board_without_rows_has_none_and_one_with_a_wrong_row_does_not_start():
    assert Guards().count == 0
    for rows in ((_with(LOW_SPO2, "kind", 9),), (LOW_SPO2, _with(LOW_SPO2, "threshold", 850))):
        try:
            Guards(rows)
        except ValueError:
            continue
        raise AssertionError("taken")


LOW_RESP = (RESP, BELOW, 80, 10_000, 10, 10_000, 15_000)
HIGH_SPO2 = (SPO2, ABOVE, 990, 10_000, 10, 10_000, 15_000)


def test_a_programme_may_tighten_each_field_and_loosen_none():
    rows = (LOW_RESP, HIGH_SPO2) + ROWS
    for row, field, tighter, looser in (
        (LOW_SPO2, "threshold", 901, 899),
        (HIGH_ETCO2, "threshold", 499, 501),
        (NO_BREATH, "threshold", 14_999, 15_001),
        (LOW_RESP, "threshold", 81, 79),
        (HIGH_SPO2, "threshold", 989, 991),
        (LOW_SPO2, "persistence", 9_999, 10_001),
        (LOW_SPO2, "hysteresis", 11, 9),
        (LOW_SPO2, "max_age", 4_999, 5_001),
        (NO_PULSE, "max_age", 4_999, 5_001),
        (LOW_SPO2, "missing", 14_999, 15_001),
        (NO_PULSE, "missing", 11_999, 12_001),
    ):
        guards = Guards(rows)
        changes = guards.changes
        i = rows.index(row)
        assert guards.add(_with(row, field, looser)) == (LOOSER, 1 + FIELDS.index(field))
        assert (_read(guards, i), guards.changes) == (row, changes), "a refusal changes nothing"
        assert guards.add(row) == (TAKEN, 0), "the same is not looser"
        assert guards.add(_with(row, field, tighter)) == (TAKEN, 0)
        assert guards.changes == changes + 2
        assert guards.count == len(rows), "in its place"
        assert _read(guards, i) == _with(row, field, tighter)
        assert guards.add(row)[0] == LOOSER, "nor than what the programme has asked for itself"
        changes = guards.changes
        guards.lift()
        assert guards.changes == changes + 1
        assert [_read(guards, k) for k in range(guards.count)] == list(rows)


def test_one_field_that_is_tighter_does_not_make_up_for_one_that_is_looser():
    guards = Guards(ROWS)
    assert guards.add((SPO2, BELOW, 950, 10_001, 10, 5_000, 15_000)) == (LOOSER, 4)
    assert guards.add((SPO2, BELOW, 850, 0, 10, 5_000, 15_000)) == (LOOSER, 3)
    assert _read(guards, 0) == LOW_SPO2


def test_a_programme_may_add_rows_until_there_is_no_room_and_lift_takes_them_away():
    guards = Guards((LOW_SPO2,))
    assert guards.add(_with(LOW_SPO2, "kind", 9)) == (BAD, 2)
    assert guards.count == 1
    rows = [(p, kind, 500, 0, 0, 0, 0) for p in range(len(PARAMETERS)) for kind in (BELOW, ABOVE)]
    rows = [row for row in rows if row[:2] != (SPO2, BELOW)]
    for i in range(ROOM - 1):
        assert guards.find(*rows[i][:2]) == guards.count
        assert guards.add(rows[i]) == (TAKEN, 0)
        assert (guards.count, guards.find(*rows[i][:2])) == (i + 2, i + 1)
        assert _read(guards, i + 1) == rows[i]
    assert guards.find(*rows[ROOM][:2]) == ROOM
    changes = guards.changes
    assert guards.add(rows[ROOM]) == (FULL, 0)
    assert guards.add(rows[0]) == (TAKEN, 0), "what has its place already"
    assert (guards.count, guards.changes) == (ROOM, changes + 1)
    guards.lift()
    assert (guards.count, _read(guards, 0)) == (1, LOW_SPO2)


def _judged(row, value, quality=GOOD, age=0, breathless=NONE32):
    ward = Ward((), 77)
    ward.tell(row[0], value, quality)
    ward.readings.seen(row[0], (ward.now - age) & S30)
    ward.breath(breathless)
    guards = Guards((NO_PULSE, row) if row is not NO_PULSE else (LOW_SPO2, row))
    return guards.judge(1, ward.readings, ward.now)


def test_a_limit_is_breached_beyond_it_and_normal_only_past_its_hysteresis():
    for value, judged in ((0, BREACH), (899, BREACH), (900, BAND), (909, BAND), (910, NORMAL), (65_534, NORMAL)):
        assert _judged(LOW_SPO2, value) == judged, value
    for value, judged in ((0, NORMAL), (480, NORMAL), (481, BAND), (500, BAND), (501, BREACH), (65_534, BREACH)):
        assert _judged(HIGH_ETCO2, value) == judged, value
    for ms, judged in ((0, NORMAL), (12_000, NORMAL), (12_001, BAND), (15_000, BAND), (15_001, BREACH)):
        assert _judged(NO_BREATH, 140, breathless=ms) == judged, ms
    for value in (0, 65_534):
        assert _judged(NO_PULSE, value) == NORMAL


def test_without_hysteresis_there_is_nothing_between():
    assert [_judged((SPO2, BELOW, 900, 0, 0, 0, 0), v) for v in (899, 900)] == [BREACH, NORMAL]
    assert [_judged((ETCO2, ABOVE, 500, 0, 0, 0, 0), v) for v in (500, 501)] == [NORMAL, BREACH]


def test_missing_doubtful_old_and_impossible_numbers_are_never_normal():
    for row, good in ((LOW_SPO2, 970), (HIGH_ETCO2, 380), (NO_PULSE, 720), (NO_BREATH, 140)):
        assert _judged(row, good, breathless=0) == NORMAL
        assert _judged(row, good, age=row[5], breathless=0) == NORMAL
        assert _judged(row, good, age=row[5] + 1, breathless=0) == DOUBT
        assert _judged(row, good, age=-1, breathless=0) == DOUBT, "from the future"
        assert _judged(row, NONE16, breathless=0) == DOUBT
        for quality in (NONE, DOUBTFUL):
            assert _judged(row, good, quality, breathless=0) == DOUBT


def test_an_apnoea_is_one_whatever_the_last_rate_is_worth_and_unknown_is_no_breath():
    for value, quality, age in ((140, GOOD, 0), (NONE16, NONE, 0), (140, DOUBTFUL, 0), (140, GOOD, 12_001)):
        assert _judged(NO_BREATH, value, quality, age, 15_001) == BREACH
        assert _judged(NO_BREATH, value, quality, age, NONE32) == DOUBT
    assert _judged(NO_BREATH, NONE16, NONE, 0, 15_000) == DOUBT
    assert _judged((RESP, APNOEA, 65_534, 0, 0, 0, 0), 140, breathless=65_535) == BREACH


def test_two_tables_are_the_same_when_every_field_of_every_row_is_in_whatever_order():
    def table(*rows, own=()):
        made = Guards(own)
        for row in rows:
            assert made.add(row) == (TAKEN, 0)
        return made

    one = table(LOW_SPO2, NO_PULSE)
    assert one.same(table(NO_PULSE, LOW_SPO2)) and one.same(table(NO_PULSE, own=(LOW_SPO2,)))
    assert table().same(table()) and not one.same(table()) and not table().same(one)
    assert not one.same(table(LOW_SPO2)) and not table(LOW_SPO2).same(one)
    assert not one.same(table(LOW_SPO2, NO_BREATH)) and not table(NO_PULSE).same(table(LOW_SPO2))
    for field in range(2, 7):
        row = list(LOW_SPO2)
        row[field] += 1
        assert not table(LOW_SPO2).same(table(tuple(row)))
        assert not table(tuple(row), NO_PULSE).same(one)
