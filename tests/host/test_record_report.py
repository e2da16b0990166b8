"""A shift's report: what a nurse would look for is there, in words, and right; nothing is fetched from elsewhere."""

from __future__ import annotations

import re
from datetime import UTC
from xml.etree import ElementTree

import pytest

from assuage.pharmacy import routes
from assuage.record import words
from assuage.record.events import KINDS, Admission, Assessment, Discharge, Entry, Given, Weighed
from assuage.record.plot import Panel, axis, svg, ticks
from assuage.record.report import html, panels
from assuage.record.shift import shift
from assuage.record.verify import Finding, Verdict
from assuage_rig.requirements import req
from tests.host.shifts import END, HOUR, MINUTE, START, delivered, entries

GOOD = Verdict(740, "ab" * 32, ())


@pytest.fixture(scope="module")
def page() -> str:
    return html(shift(entries(), START, END), GOOD, END + HOUR, UTC)


@req("REC-023")
def test_totals_are_by_substance_and_route_and_of_this_shift_alone() -> None:
    told = {(t.substance, t.route): (t.amount, t.doses) for t in shift(entries(), START, END).totals}
    nl = delivered(END - MINUTE)
    assert told == {
        ("ketamine racemic", "IM"): ("20.5 mg", 1),
        ("ketamine racemic", "IV, pump"): (words.mass(nl * 10), 0),
        ("morphine", "IV"): ("500 mcg", 1),
    }


@req("REC-023")
@pytest.mark.parametrize(("key", "written"), [
    ("iv", "IV"), ("im", "IM"), ("in", "IN"), ("sc", "SC"), ("mesotherapy", "mesotherapy"), ("oral", "by mouth"),
    ("IM", "IM"), ("rectal", "rectal"),
])  # fmt: skip
def test_a_route_is_written_alike_in_record_report_and_form(key: str, written: str) -> None:
    """As it is beside a dose on paper: IM, not im. One that an older record has in its own words stays so."""
    given = Given(substance="morphine", mass_ng=2_000_000, route=key, by="Nurse A")
    entry = Entry(1, START + MINUTE, "given", 1, given.body(), "")
    assert words.sentence(entry) == f"Given by hand: morphine 2 mg {written}."
    (total,) = shift([entry], START, END).totals
    assert (total.route, total.amount) == (written, "2 mg")
    assert routes.offered().get(key, written).split(" (")[0] == written


@req("REC-023")
def test_times_of_a_report_of_more_than_a_day_have_their_day_and_an_hour_s_have_none() -> None:
    day = re.compile(r'class="h">(\d\d-\d\d)<')
    clock = re.compile(r'<td class="w">(\d\d-\d\d )?\d\d:\d\d')
    for length, dated in ((12 * HOUR, False), (8 * 24 * HOUR, True)):
        told = html(shift(entries(), START, START + length), GOOD, END, UTC)
        days = day.findall(told)
        assert bool(days) == dated and len(set(days)) >= (5 if dated else 0)
        assert {bool(found) for found in clock.findall(told)} == {dated}


@req("REC-023")
def test_what_else_was_looked_at_shares_a_column_so_that_the_table_fits_on_paper() -> None:
    seen = {"nrs": "3", "line": "good", "rate": "as ordered", "volume": "agrees", "observations": "done"}
    body = Assessment(by="Nurse A", values=seen, when=START + MINUTE).body()
    told = html(shift([Entry(1, START + MINUTE, "assessment", 1, body, "")], START, END), GOOD, END, UTC)
    assert "line good, observations done, rate as ordered, volume agrees</td>" in told
    head = told[told.index("<h2>Assessments") :].split("</thead>")[0]
    assert re.findall("<th>([^<]*)", head) == ["Time", "pain (NRS)", "Looked at", "Side effects and remarks", "By"]


@req("REC-023")
def test_what_a_pump_gave_before_the_shift_is_not_counted_in_it() -> None:
    begin, end = START + 6 * HOUR, START + 7 * HOUR
    pumped = next(t for t in shift(entries(), begin, end).totals if t.route == "IV, pump")
    assert pumped.nl == delivered(end - MINUTE) - delivered(begin - MINUTE)


@req("REC-023")
def test_a_report_is_of_one_patient_by_the_newest_weight() -> None:
    """What somebody else had in the same bed before, in the same hours, is in a report of its own."""
    leaves, comes = START + 390 * MINUTE, START + 400 * MINUTE
    told = entries(
        (leaves - HOUR, Weighed(weight="68 kg", was="70 kg")),
        (leaves, Discharge(patient="Frau <b>Lovelace</b>")),
        (comes, Admission(patient="Herr Riemann", weight="81 kg", age="39 years", area="acute")),
    )
    of = shift(told, START, END)
    assert of.patient["patient"] == "Herr Riemann" and of.patient["weight"] == "81 kg"
    assert of.others == [(leaves, "Frau <b>Lovelace</b>")]
    assert "IM" not in {t.route for t in of.totals} and min(at for at, *_ in of.assessments) > leaves
    pumped = next(t for t in of.totals if t.route == "IV, pump")
    assert pumped.nl == delivered(END - MINUTE) - delivered(leaves)
    assert all(line.when > leaves for line in of.timeline)
    said = html(of, GOOD, END + HOUR, UTC)
    assert "Frau &lt;b&gt;Lovelace&lt;/b&gt; was in this bed until 2026-01-01 05:30" in said and "68 kg" not in said
    before = shift(told, START, leaves + 1)
    assert before.patient["weight"] == "68 kg" and before.others == []
    assert {t.substance: t.doses for t in before.totals if t.route == "IM"} == {"ketamine racemic": 1}


@req("REC-023")
def test_two_halves_of_a_shift_come_to_the_whole() -> None:
    whole, first, second = (
        {(t.substance, t.route): t.ng for t in shift(entries(), *times).totals}
        for times in ((START, END), (START, START + 5 * HOUR), (START + 5 * HOUR, END))
    )
    assert whole == {key: (first.get(key) or 0) + (second.get(key) or 0) for key in whole}


def struck(*chosen: Entry, minutes: int = 1, reason: str = "other <patient>") -> list[Entry]:
    """The shift, with these charted in error, as somebody said so long after its end."""
    made = entries()
    for n, entry in enumerate(chosen, len(made) + 1):
        at, body = END + minutes * MINUTE, {"number": entry.number, "what": entry.kind, "reason": reason}
        made.append(Entry(n, at, "struck", 1, {**body, "by": "Nurse E", "when": at}, "00"))
    return made


def of(kind: str) -> list[Entry]:
    return [entry for entry in entries() if entry.kind == kind and START <= entry.when < END]


@req("REC-023", "REC-027")
def test_a_dose_that_was_charted_in_error_is_struck_through_and_in_no_total_however_late_that_was_said() -> None:
    muscle = next(entry for entry in of("given") if entry.body["route"] == "IM")
    found = shift(struck(muscle), START, END)
    whole = {(t.substance, t.route): t.ng for t in shift(entries(), START, END).totals}
    assert {(t.substance, t.route): t.ng for t in found.totals} == {
        key: ng for key, ng in whole.items() if key != ("ketamine racemic", "IM")
    }
    page = html(found, GOOD, END + HOUR, UTC)
    said = re.findall(r"<s>(.*?)</s> <b>(.*?)</b>", page)
    assert said == [
        ("Given by hand: ketamine racemic 20.5 mg IM, left deltoid.",
         "charted in error, says Nurse E: other &lt;patient&gt; (2026-01-01 11:01)"),
    ]  # fmt: skip
    marks = [[mark for _, mark in panel.marks].count("D") for panel in panels(found)]
    before = [[mark for _, mark in panel.marks].count("D") for panel in panels(shift(entries(), START, END))]
    assert max(marks) == max(before) - 1


@req("REC-023", "REC-027")
def test_an_assessment_that_was_charted_in_error_stays_in_its_table_struck_and_is_in_no_plot() -> None:
    wrong = of("assessment")[0]
    whole, found = shift(entries(), START, END), shift(struck(wrong), START, END)
    assert len(found.assessments) == len(whole.assessments)
    gone = {name for name in wrong.body["values"] if name in whole.series}
    assert gone and all(
        len(found.series.get(name, ())) == len(whole.series[name]) - (name in gone) for name in ("nrs", "poss", "spo2")
    )
    page = html(found, GOOD, END + HOUR, UTC)
    table = page[page.index("<h2>Assessments</h2>") : page.index("<h2>Alarms</h2>")]
    assert table.count("charted in error, says Nurse E: other &lt;patient&gt;") == 1
    assert table.count("<s>") >= len(wrong.body["values"])


@req("REC-023")
@pytest.mark.parametrize(
    "said",
    [
        "Shift report: Bed 3", "Frau &lt;b&gt;Lovelace&lt;/b&gt;", "70 kg", "2025-12-31 23:00 to 2026-01-01 11:00",
        "Ketamine racemic 10 mg/mL, continuous, 0.7 mL/h, 50 mL to be infused, syringe BD 50 mL", "Dr B",
        "rib fractures, pain 8", "first dose 0.35 mg/kg", "SpO2 86 below 90.", "4 min", "pain (NRS)", "dizziness",
        "sleeps", "Given by hand: ketamine racemic 20.5 mg IM, left deltoid.", "Read-back compared and confirmed.",
        "Start of the infusion.", "Interlock tripped: SpO2 was 86 %.", "ab12cd34", "ab" * 32,
        "Predicted concentration", "no medical device",
    ],
)  # fmt: skip
def test_a_nurse_finds_in_it(page: str, said: str) -> None:
    assert said in page


@req("REC-023")
def test_a_report_holds_all_that_it_shows_and_asks_nobody_for_more(page: str) -> None:
    assert not re.search(r"https?:|<script|<link|<img|url\(|@import", page)
    plots = re.findall(r"<svg.*?</svg>", page, re.S)
    assert len(plots) == 7
    for plot in plots:
        ElementTree.fromstring(plot)
    assert "@page { size: A4" in page


@req("REC-023")
def test_numbers_of_each_minute_and_repeated_records_of_a_board_are_not_told_as_events() -> None:
    told = [line.sentence for line in shift(entries(), START, END).timeline]
    assert len(told) < 40
    assert not any("State infusing" in sentence for sentence in told)


@req("REC-020", "REC-023")
def test_a_report_of_a_damaged_record_says_so_before_anything_else() -> None:
    damaged = Verdict(740, "", (Finding(4, "Entry 4 <has> been altered."),))
    page = html(shift(entries(), START, END), damaged, END, UTC)
    assert page.index("do not rely on this report") < page.index("Given in this shift")
    assert "Entry 4 &lt;has&gt; been altered." in page


def test_an_empty_shift_has_a_report() -> None:
    page = html(shift([], START, END), GOOD, END, UTC)
    for said in (
        "Nothing was given.",
        "No order was given.",
        "Nobody has entered an assessment.",
        "There was no alarm.",
    ):
        assert said in page


def test_every_kind_has_words_and_an_unknown_one_is_told_as_it_stands() -> None:
    assert words._TELL.keys() == KINDS.keys()
    strange = Entry(1, START, "prophecy", 3, {"of": "the pump"}, "00")
    assert words.sentence(strange) == "prophecy: {'of': 'the pump'}"
    for kind in KINDS:  # with nothing of what it should hold
        assert words.sentence(Entry(1, START, kind, 1, {}, "00"))


@pytest.mark.parametrize("hours", [0.1, 1, 12, 24, 100, 2000])
def test_an_axis_has_some_ticks_and_not_too_many(hours: float) -> None:
    assert 1 <= len(ticks(START, START + round(hours * HOUR))) <= 26


@req("REC-023")
def test_each_pumps_rate_has_a_plot_of_its_own_that_ends_with_the_record() -> None:
    def told(kind: str, at: int, pump: str, **body: object) -> Entry:
        return Entry(at, at, kind, 1, {"pump": pump, **body}, "00")

    of = {"": (1, "ketamine"), "second": (2, "fentanyl")}
    said = [told("checked", START, p, programme=n, substance=drug, ng_per_ml=1) for p, (n, drug) in of.items()]
    for minute in range(10):
        said += [
            told("chart", START + minute * MINUTE, p, programme=n, state="infusing", rate_nl_min=n * 1_000_000)
            for p, (n, _) in of.items()
        ]
    found = shift(said, START, END)
    assert {drug: {rate for _, rate in points} for drug, points in found.rates.items()} == {
        "ketamine": {60.0}, "fentanyl": {120.0},
    }  # fmt: skip
    plots = [svg(panel, START, END, UTC) for panel in panels(found)]
    assert [re.search("<title>(.*)</title>", plot)[1] for plot in plots] == ["Rate of ketamine", "Rate of fentanyl"]  # type: ignore[index]
    ends = {float(re.search(r'H([\d.]+)" stroke', plot)[1]) for plot in plots}  # type: ignore[index]
    assert ends == {round(46 + 9 * MINUTE / (END - START) * (720 - 46 - 18), 1)}, "after that nobody knows"
    same = shift([e if e.kind != "checked" else told("checked", START, e.body["pump"], programme=e.body["programme"],
                  substance="ketamine", ng_per_ml=1) for e in said], START, END)  # fmt: skip
    assert set(same.rates) == {"ketamine", "ketamine (second pump)"}


@pytest.mark.parametrize(
    ("low", "high", "values", "expected"),
    [(0, 1, [63.0], (0, 80)), (40, 140, [152.2, 60.0], (40, 160)), (80, 100, [84.0], (80, 100)),
     (80, 100, [71.0], (70, 100)), (0, 1, [415.1], (0, 500)), (0, 1, [], (0, 1)), (-5, 4, [4.0], (-5, 4))],
)  # fmt: skip
def test_an_axis_that_must_be_longer_ends_at_a_number_that_reads_easily(
    low: float, high: float, values: list[float], expected: tuple[float, float]
) -> None:
    assert axis(Panel("x", "%", low=low, high=high), values) == pytest.approx(expected)


def test_a_line_is_not_drawn_across_what_was_not_measured() -> None:
    points = [(START + n * MINUTE, 97.0) for n in (0, 1, 2, 30, 31)]
    plot = svg(Panel("x", "%", {"x": points}), START, START + HOUR, UTC)
    drawn = re.search(r'<path d="(M[^"]*)" stroke', plot)
    assert drawn is not None and drawn[1].count("M") == 2
