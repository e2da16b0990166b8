"""What is due by the drug library: every interval of it, and nothing that it does not say."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from assuage.bedside.assessments.cadence import MINUTE_MS, due, every, next_due
from assuage.bedside.assessments.of_library import SCORED, cadences, holding
from assuage.bedside.assessments.scales import Cadence, own
from assuage.errors import AssuageError, Reason
from assuage.pharmacy import library
from assuage.pharmacy.library import Library
from assuage.pharmacy.library_schema import Monitoring
from assuage.pharmacy.quantities import Time
from assuage.record.events import Clinical
from assuage_rig.requirements import req
from tests.host.ward import ADULT, KETAMINE, MINUTE, PROGRAMME
from tests.host.ward import long_ward as ward

LIBRARY = library.own()
PLACES = [(drug, area) for drug, entry in LIBRARY.content.drug.items() for area in entry.areas]


def by_name(of: Library, drug: str, area: str) -> dict[str, Cadence]:
    return {each.name: each for each in cadences(of, drug, area, own())}


def said(rows: tuple[Monitoring, ...], scored: bool, minute: int) -> int | None:
    """The shortest interval, min, that the rows say for this minute: by the rows alone."""
    at = Time.of(minute, "min")
    found = [
        int(row.every.number("min"))
        for row in rows
        if row.every is not None
        and scored == any(what in SCORED for what in row.what)
        and (row.after is None or row.after <= at)
        and (row.until is None or at < row.until)
    ]
    return min(found, default=None)


@req("REC-024")
@pytest.mark.parametrize(("drug", "area"), PLACES)
def test_each_minute_has_the_interval_that_the_library_says(drug: str, area: str) -> None:
    rows, made = LIBRARY.area(drug, area).monitoring, by_name(LIBRARY, drug, area)
    for name, scored in (("assessment", True), ("observations", False)):
        for minute in [*range(30 * 60), 10_000]:
            found = every(made[name], minute) if name in made else None
            assert found == said(rows, scored, minute), (name, minute)
    for each in made.values():
        assert each.source and each.title and each.grace_min <= 10
        assert each.verified == ("unverified" not in each.source)


@req("REC-024")
@pytest.mark.parametrize("drug", ["ketamine", "esketamine"])
def test_where_the_library_cannot_be_read_the_same_holds_for_acute_pain(drug: str) -> None:
    without = {c.name: c for c in holding(own(), None, drug, "acute")}
    with_it = {c.name: c for c in holding(own(), LIBRARY, drug, "acute")}
    assert without.keys() == with_it.keys() == {"assessment", "observations", "infusion check", "hourly pain"}
    for name, each in with_it.items():
        assert (each.phases, each.of) == (without[name].phases, without[name].of)
        assert (each.remind_min, each.grace_min) == (without[name].remind_min, without[name].grace_min)


def changed(**area: Any) -> Library:
    """A hospital's library, in which ketamine for acute pain is watched otherwise."""
    files = sorted(Path(library.OWN).glob("*.toml"))
    raw: dict[str, Any] = {}
    for file in files:
        for key, value in tomllib.loads(file.read_text("utf-8")).items():
            if isinstance(value, dict):
                raw.setdefault(key, {}).update(value)
            else:
                raw[key] = value
    raw["drug"]["ketamine"]["areas"]["acute"].update(area)
    return Library(type(LIBRARY.content).model_validate(raw), "0" * 64, library.OWN)


def row(every: str, **more: str) -> dict[str, Any]:
    return {"what": ["sedation"], "every": every, "source": "example", "verified": False, **more}


@req("REC-024")
def test_a_hospitals_own_interval_holds_and_where_two_do_the_shorter() -> None:
    made = by_name(changed(monitoring=[row("20 min"), row("5 min", after="1 h", until="2 h")]), "ketamine", "acute")
    (one,) = made.values()
    assert [every(one, minute) for minute in (0, 59, 60, 119, 120, 9999)] == [20, 20, 5, 5, 20, 20]
    assert (one.of, one.verified, one.remind_min, one.grace_min) == (("poss",), False, 1, 5)


@req("REC-024")
def test_what_ends_is_due_no_more_and_what_begins_later_not_before() -> None:
    (ends,) = by_name(changed(monitoring=[row("30 min", until="1 h")]), "ketamine", "acute").values()
    assert next_due(ends, 0, None) == 30 * MINUTE_MS
    assert next_due(ends, 0, 59 * MINUTE_MS) == 89 * MINUTE_MS
    assert next_due(ends, 0, 61 * MINUTE_MS) is None and due(ends, 0, 61 * MINUTE_MS, 10**9) is None
    (later,) = by_name(changed(monitoring=[row("30 min", after="2 h")]), "ketamine", "acute").values()
    assert next_due(later, 0, None) == next_due(later, 0, 60 * MINUTE_MS) == 150 * MINUTE_MS
    assert not by_name(changed(monitoring=[{**row("1 h"), "every": None}]), "ketamine", "acute")


@req("REC-026")
@pytest.mark.parametrize(
    ("drug", "area", "expected"),
    [
        ("ketamine", "chronic", {"assessment", "observations"}), ("morphine", "acute", {"assessment"}),
        ("ketamine", "paediatric", {"assessment"}), ("fentanyl", "anaesthesia", set()), ("tea", "acute", set()),
    ],
)  # fmt: skip
async def test_at_the_bed_it_is_of_the_drug_that_runs_and_of_the_patient_s_care_area(
    tmp_path: Path, drug: str, area: str, expected: set[str]
) -> None:
    async with ward(tmp_path) as w:
        await w.keep(type(ADULT)(patient="M. Curie", weight="70 kg", age="54 years", area=area))
        await w.keep(Clinical(substance=drug, ng_per_ml=2_000_000, programme=PROGRAMME))
        await w.flows(2 * MINUTE)
        assert {each["name"] for each in w.chart["due"]} == expected | {"infusion check", "hourly pain"}


@req("REC-026")
async def test_a_library_that_cannot_be_read_is_told_and_read_again(tmp_path: Path) -> None:
    async with ward(tmp_path) as w:
        readable = False

        def load() -> Library:
            if not readable:
                raise AssuageError(Reason.BAD_INPUT, "The file is gone.")
            return LIBRARY

        w.charting._load = load
        await w.keep(ADULT, KETAMINE)
        await w.flows(MINUTE)
        assert w.chart["fault"].endswith("The file is gone.")
        assert "assessment" in {each["name"] for each in w.chart["due"]}
        readable = True
        await w.flows(MINUTE)
        assert w.chart["fault"] == ""
        assert "assessment" in {each["name"] for each in w.chart["due"]}
