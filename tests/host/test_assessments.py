"""Assessments: every value of every scale with what follows from it, and every minute of a cadence."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assuage.bedside.assessments import cadence, rules
from assuage.bedside.assessments.scales import Book, load, own
from assuage.errors import AssuageError, BadInput
from assuage.pharmacy.units import MlPerH
from assuage.record.events import Assessment, Entry
from assuage_rig.requirements import req

BEGUN = 1_767_222_000_000
MINUTE = cadence.MINUTE_MS
RATE = MlPerH.parse("10")
DATA = Path(cadence.__file__).with_name("assessments.toml").read_text(encoding="utf-8")


def asked(substance: str = "ketamine", area: str = "acute") -> dict[str, cadence.Cadence]:
    return {c.name: c for c in own().cadence if c.applies(substance, area)}


def state(c: cadence.Cadence, done: int | None, now: int) -> str:
    told = cadence.due(c, BEGUN, done, now)
    return "never" if told is None else told.state


@req("REC-024")
def test_every_finding_leads_to_what_the_rules_say_and_to_nothing_else() -> None:
    book = own()
    expected = {
        ("poss", "3"): "reduce", ("poss", "4"): "stop", ("seizure",): "stop", ("chest pain",): "stop",
        ("line", "not good"): "tell", ("rate", "not as ordered"): "tell",
    }  # fmt: skip
    for scale in book.scale:
        for value in scale.values:
            told = [a.rule.action for a in rules.advise(book, {scale.name: value}, ())]
            assert told == [action for on, action in expected.items() if on == (scale.name, value)], value
    for effect in book.effects.names:
        told = [a.rule.action for a in rules.advise(book, {}, [effect])]
        assert told == [action for on, action in expected.items() if on == (effect,)], effect


@req("REC-024")
def test_of_every_two_findings_the_one_that_stops_is_never_hidden() -> None:
    book = own()
    findings = [({s.name: v}, ()) for s in book.scale for v in s.values] + [({}, (e,)) for e in book.effects.names]
    for (values, effects), (more, others) in itertools.combinations(findings, 2):
        if values.keys() & more.keys():
            continue
        both = rules.advise(book, values | more, effects + others, RATE)
        alone = rules.advise(book, values, effects), rules.advise(book, more, others)
        assert rules.must_stop(both) == any(map(rules.must_stop, alone))
        assert len(both) == sum(map(len, alone))
        assert not both or both[0].rule.action == "stop" or not rules.must_stop(both)


@req("REC-024")
def test_poss_3_tells_the_rates_that_a_reduction_comes_to() -> None:
    (advice,) = rules.advise(own(), {"poss": "3"}, (), RATE)
    assert (str(advice.lowest), str(advice.highest)) == ("5 mL/h", "7.5 mL/h")
    assert advice.sentence.endswith("From the present rate that is 5 mL/h to 7.5 mL/h.")


@req("REC-024")
@given(st.integers(min_value=1000, max_value=20_000_000))
def test_a_suggested_rate_is_never_above_what_the_rule_allows(nl_min: int) -> None:
    (advice,) = rules.advise(own(), {"poss": "3"}, (), MlPerH.from_nl_per_min(nl_min))
    assert advice.lowest is not None and advice.highest is not None
    assert advice.lowest.nl_per_min * 100 <= nl_min * 50
    assert advice.highest.nl_per_min * 100 <= nl_min * 75
    assert advice.lowest <= advice.highest


@req("REC-024")
@pytest.mark.parametrize(
    ("name", "at", "every"),
    [
        ("assessment", 0, 15), ("assessment", 59, 15), ("assessment", 60, 30), ("assessment", 179, 30),
        ("assessment", 180, 60), ("assessment", 180 + 1439, 60), ("assessment", 180 + 1440, 120),
        ("observations", 180 + 719, 60), ("observations", 180 + 720, 120), ("observations", 100_000, 120),
        ("infusion check", 0, 60), ("infusion check", 100_000, 60),
    ],
)  # fmt: skip
def test_a_cadence_thins_out_when_its_source_says(name: str, at: int, every: int) -> None:
    assert cadence.every(asked()[name], at) == every


@req("REC-024")
def test_each_minute_of_a_day_is_in_one_state_and_the_states_follow_one_another() -> None:
    for c in own().cadence:
        for last in (None, 0, 14, 61, 200, 2000):
            done = None if last is None else BEGUN + last * MINUTE
            before = BEGUN if done is None else done
            states = [state(c, done, before + n * MINUTE) for n in range(24 * 60)]
            assert [state for state, _ in itertools.groupby(states)] == list(cadence.STATES)
            first = next(n for n, state in enumerate(states) if state == "due")
            assert before + first * MINUTE == cadence.next_due(c, BEGUN, done)
            assert states.count("soon") == c.remind_min
            assert states.count("due") == c.grace_min + 1


@req("REC-024")
def test_one_that_is_overdue_says_what_to_do_and_for_how_long() -> None:
    told = cadence.due(asked()["hourly pain"], BEGUN, None, BEGUN + 75 * MINUTE)
    assert told is not None and told.sentence == "Overdue by 15 min: pain; assess the patient and enter it."


def entered(minute: int, **values: object) -> Entry:
    return Entry(1, BEGUN + minute * MINUTE, "assessment", 1, Assessment(values=values).body(), "")


@req("REC-024")
def test_what_is_not_wholly_entered_stays_due() -> None:
    check = asked()["infusion check"]
    half = [entered(55, line="good", rate="as ordered")]
    assert cadence.last_done(check, half) is None
    whole = [*half, entered(58, line="good", rate="as ordered", volume="agrees"), entered(59, nrs=3)]
    assert cadence.last_done(check, whole) == BEGUN + 58 * MINUTE
    told = cadence.all_due(asked().values(), BEGUN, whole, BEGUN + 75 * MINUTE)
    assert [(d.cadence.name, d.state) for d in told] == [
        ("assessment", "overdue"), ("observations", "overdue"), ("infusion check", "later"), ("hourly pain", "later"),
    ]  # fmt: skip


def test_another_care_area_has_the_hourly_rows_alone() -> None:
    assert set(asked("ketamine", "procedural")) == {"infusion check", "hourly pain"}


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("nrs", [0, "10", "7"], [11, -1, "", "7.0", True, None]), ("poss", ["S", 1, "4"], [0, 5, "s"]),
        ("rass", [-5, "+4", "0"], [5, -6, "-0"]), ("ponv", [0, 3], [4]), ("dissociation", [0, "4"], [5]),
    ],
)  # fmt: skip
def test_a_scale_takes_its_values_and_no_others(name: str, good: list[object], bad: list[object]) -> None:
    scale = own().scale_of(name)
    for value in good:
        assert scale.parse(value) == str(value).removeprefix("+")
    for value in bad:
        with pytest.raises(BadInput, match="is one of"):
            scale.parse(value)


def test_what_is_in_no_list_is_told() -> None:
    assert own().found({"nrs": 3}, ["dizziness"]) == ({"nrs": "3"}, ("dizziness",))
    for values, effects in (({"mood": 3}, []), ({}, ["boredom"])):
        with pytest.raises(BadInput):
            own().found(values, effects)


def test_every_row_has_a_source_and_says_whether_it_was_read() -> None:
    book = own()
    for row in (*book.scale, book.effects, *book.cadence, *book.rule):
        assert row.source and isinstance(row.verified, bool)
    assert not book.scale_of("ponv").verified


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("version = 1", "version = x"), "is not valid TOML"),
        (('action = "stop"', 'action = "wait"'), "action"),
        (('effect = "seizure"', 'effect = "boredom"'), "is on nothing that can be found"),
        (("percent = [25, 50]", "percent = [50, 25]"), "reduces by no such share"),
        (("percent = [25, 50]\n", ""), "must say by how much"),
        ((", { every_min = 120 }]", "]"), "has no for_min"),
        (('of = ["nrs", "poss"]', 'of = ["mood"]'), "of a scale that is not there"),
        (('words = { 0 = "none", 3 = "severe" }', 'words = { 9 = "none" }'), "a value that it has not"),
        (("verified = false\n\n", "verfied = false\n\n"), "verified"),
    ],
)
def test_a_hospitals_own_data_is_checked(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(DATA.replace(*change, 1), encoding="utf-8")
    with pytest.raises(AssuageError, match=r"own\.toml") as told:
        load(file)
    assert said in told.value.sentence
    file.write_text(DATA, encoding="utf-8")
    assert isinstance(load(file), Book)
    with pytest.raises(AssuageError, match="cannot be read"):
        load(tmp_path / "none.toml")
