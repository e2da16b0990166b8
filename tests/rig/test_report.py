"""The report's page: that everything measured stands in it, what failed is marked, and no name becomes markup."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from assuage_rig import runrecord
from assuage_rig.report.__main__ import main
from assuage_rig.report.artefacts import EACH
from assuage_rig.report.faulttable import verbs
from assuage_rig.report.figures import SHOWN
from assuage_rig.report.matrix import state
from assuage_rig.report.page import RecordError, read, render
from assuage_rig.report.summary import verdict
from assuage_rig.requirements import Requirement
from assuage_rig.runrecord import Case, Evidence, Run

from .report_runs import HOSTILE, Page, book, case, curve, fault, row, run

PROOFS = {"ACC-001": ["hil_tests/test_x.py::test_rate"], "FLT-001": ["hil_tests/test_x.py::test_sweep"]}


def page_of(record: Run, folder: Path) -> Page:
    return Page(render(record, book(), folder, PROOFS))


# -- the verdict -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (run(case(measurements=[row()])), "passed"),
        (run(case(measurements=[row()]), case("test_other", outcome="skipped")), "passed"),
        (run(case(outcome="failed")), "failed"),
        (run(case(outcome="error")), "failed"),
        (run(case(measurements=[row(value=1.5)])), "failed"),
        (run(case(measurements=[row(value=None)])), "failed"),
        (run(case(), missing=["hil_tests/test_x.py::test_lost"]), "failed"),
        (run(case(outcome="skipped")), "none"),
        (run(), "none"),
    ],
)
def test_only_a_run_in_which_something_passed_and_nothing_failed_was_lost_or_out_of_limits_passes(
    record: Run, kind: str, tmp_path: Path
) -> None:
    assert verdict(record, book())[0] == kind
    page = page_of(record, tmp_path)
    assert [a["class"] for _, a in page.elements if "verdict" in a.get("class", "")] == [f"verdict {kind}"]


def test_a_pass_says_how_much_was_not_looked_at(tmp_path: Path) -> None:
    assert "It looked at 1 of 2 requirements" in verdict(run(case()), book())[2]


# -- figures -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("many", [3, SHOWN + 200])
def test_every_figure_is_a_row_with_its_value_and_limits(many: int, tmp_path: Path) -> None:
    rows = [row(value=(i - many / 2) / many, where=f"case {i}.") for i in range(many)]
    page = page_of(run(case(measurements=rows)), tmp_path)
    found = [cells for _, cells in page.rows if cells[0].startswith("mean rate error, case ")]
    assert sorted(cells[0] for cells in found) == sorted(r.name for r in rows)
    assert all("%" in cells[1] and cells[2] == "−1 … 1" for cells in found)


def test_figures_and_cases_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    tests = [
        case(
            f"test_rate[{rate}]", measurements=[row(where=f"at {rate} mL/h")], evidence=[curve(title=f"At {rate} mL/h")]
        )
        for rate in ("0.1", "10", "100", "5")
    ]
    page = page_of(run(*tests), tmp_path)
    rates = [cells[0].split()[-2] for _, cells in page.rows if "mL/h" in cells[0]]
    assert rates == ["0.1", "5", "10", "100"]
    drawn = [a["aria-label"] for name, a in page.elements if name == "svg" and "aria-label" in a]
    assert [label.split()[1] for label in drawn] == ["0.1", "5", "10", "100"]


def test_of_figures_in_many_cases_the_worst_is_among_those_nearest_to_a_limit_and_every_one_outside(
    tmp_path: Path,
) -> None:
    rows = [row(value=0.9 - i / 1000, where=f"case {i}") for i in range(50)]
    outside = [row(value=2.0 + i, where=f"outside {i}") for i in range(2)]
    little = row("FLT-001", 0.01, "another")
    page = page_of(run(case(measurements=[*rows, *outside, little], outcome="failed", reason="outside")), tmp_path)
    near = [cells[1] for _, cells in page.rows if cells[0] in ("ACC-001", "FLT-001") and len(cells) == 6]
    assert near == [f"mean rate error, {case}" for case in ("outside 1", "outside 0", "case 0")] + [little.name]


def test_what_is_out_of_limits_is_marked_by_class_sign_and_words(tmp_path: Path) -> None:
    rows = [row(where=f"good {i}") for i in range(SHOWN * 2)] + [row(value=-3.25, where="bad one")]
    page = page_of(run(case(measurements=rows, outcome="failed", reason="outside the limits")), tmp_path)
    assert {cells[0] for kind, cells in page.rows if kind == "out" and len(cells) == 5 and "rate" in cells[0]} == {
        "mean rate error, bad one"
    }
    assert "−3.25 % ✘" in page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert f"1 of {len(rows)} out of limits" in page.text
    before, _, _ = page.text.partition("all within their limits, farther")
    assert "bad one" in before.rpartition("Every figure against its limits")[2]  # not among those folded away


def test_no_number_is_said_to_be_none_and_is_out_of_limits(tmp_path: Path) -> None:
    page = page_of(run(case(measurements=[row(value=None, note="nan")], outcome="failed")), tmp_path)
    out = [cells for kind, cells in page.rows if kind == "out" and len(cells) == 5]
    assert [cells[1].split("\N{NO-BREAK SPACE}")[0] for cells in out] == ["no number"]


def test_a_figure_of_a_requirement_that_no_file_has_is_shown_all_the_same(tmp_path: Path) -> None:
    page = page_of(run(case(measurements=[row("XYZ-001")])), tmp_path)
    assert "in no requirement's file" in page.text
    assert any(cells[0] == "unintended volume, BD 50 at 1 mL/h" for _, cells in page.rows)


# -- the other parts ---------------------------------------------------------------------------------------------------
def test_the_facts_of_the_run_and_the_caveats_stand_in_it(tmp_path: Path) -> None:
    text = page_of(run(case(virtual_s=7200, wall_s=60)), tmp_path).text
    for fact in ("0.1.0", "8e4ebc84", "cec4ad84", "6f7cd761b7cb9734", "linux", "42", "2026-01-02"):
        assert fact in text
    assert "120: boards lived 2 h in 60 s" in text
    for caveat in ("Simulation is not hardware", "are assumed", "second hand"):
        assert caveat in text


def test_failed_skipped_and_lost_tests_come_with_reason_and_command(tmp_path: Path) -> None:
    tests = (
        case("test_a", outcome="failed", reason="it leaked", repro="ASSUAGE_SEED=42 pytest a"),
        case("test_b", outcome="skipped", reason="Skipped: target desk: has no motor"),
        case("test_c", outcome="error", reason="no board"),
    )
    text = page_of(run(*tests, missing=["hil_tests/test_x.py::test_lost"]), tmp_path).text
    for words in ("it leaked", "ASSUAGE_SEED=42 pytest a", "target desk: has no motor", "no board", "::test_lost"):
        assert words in text


def test_of_a_long_failure_what_is_wrong_is_in_sight_and_the_way_there_is_folded(tmp_path: Path) -> None:
    long = "\n".join(
        ["def test_x():", *(f"    line {i}" for i in range(50)), "E       assert 3 == 4", "E        +  where"]
    )
    html = render(run(case(outcome="failed", reason=long)), book(), tmp_path, PROOFS)
    shown, _, folded = html.partition("In full")
    assert "assert 3 == 4\n +  where</pre>" in shown
    assert "line 3" not in shown.partition("What failed")[2] and "line 3\n" in folded


def test_plots_tables_and_notes_are_shown_with_the_test_that_gave_them(tmp_path: Path) -> None:
    evidence = [
        curve(lines={"limit": 0.3}, marks={"line cut": 2.0}),
        Evidence("table", "Predicted", head=["rate", "time"], rows=[[1, "soon"], [2.5, "later"]]),
        Evidence("note", text="A remark."),
    ]
    page = page_of(run(case(evidence=evidence)), tmp_path)
    for words in ("Start-up", "time (min)", "flow (mL/h)", "patient", "limit", "line cut", "Predicted", "A remark."):
        assert words in page.text
    assert ["2.5", "later"] in [cells for _, cells in page.rows]
    assert [a["aria-label"] for name, a in page.elements if name == "svg" and "aria-label" in a] == [
        "Start-up: flow (mL/h) over time (min), of patient"
    ]


def test_tables_about_faults_stand_with_the_faults(tmp_path: Path) -> None:
    worst = Evidence("table", "Worst case of each fault", head=["fault", "volume (mL)"], rows=[["motor stall", 0.02]])
    text = page_of(run(case("test_sweep", requirements=["FLT-001"], evidence=[worst])), tmp_path).text
    assert (
        text.rindex("Faults and their outcome") < text.index("Worst case of each fault") < text.rindex("Trace matrix")
    )


def test_a_fault_has_its_own_worst_figure_and_nobody_elses() -> None:
    record = run(
        case(
            "test_sweep",
            measurements=[row("FLT-001", 0.09, "motor stall, kvo"), row("FLT-001", 0.01, "line cut, kvo")],
            faults=[fault("motor stall"), fault("mend motor"), fault("line cut"), fault("line cut")],
        ),
        case("test_alone", measurements=[row("FLT-001", 0.02, "anything")], faults=[fault("line cut")]),
    )
    found = verbs(record)
    volume = "unintended volume"
    assert list(found) == ["line cut", "motor stall"]
    assert (found["line cut"].times, len(found["line cut"].tests)) == (3, 2)
    assert {verb: made.worst[volume].value for verb, made in found.items()} == {"line cut": 0.02, "motor stall": 0.09}


def test_the_worst_case_of_a_fault_has_every_kind_of_figure_and_the_reasons_that_the_pump_gave(tmp_path: Path) -> None:
    figures = [row("FLT-001", v, where) for v, where in ((0.01, "kvo"), (0.03, "bolus"), (0.02, "paused"))]
    delays = [
        replace(row("FLT-001", d, where, hi=2.0), measurement="alarm delay") for d, where in ((0.5, "a"), (1.5, "b"))
    ]
    told = Evidence("table", "x", head=["state", "reason"], rows=[["kvo", "host-stop"], ["bolus", "motor-stalled"]] * 2)
    test = case("test_sweep[motor stall]", requirements=["FLT-001"], measurements=figures + delays, evidence=[told])
    test.faults = [fault("motor stall"), fault("mend motor")]
    page = page_of(run(test), tmp_path)
    assert ["motor stall", "1", "1 passed", "host-stop (2), motor-stalled (2)", "unintended volumebolus"] in [
        cells[:5] for _, cells in page.rows
    ]
    assert ["alarm delayb", "1.5\N{NO-BREAK SPACE}mL", "≤ 2", ""] in [cells for _, cells in page.rows]


def test_the_cases_of_one_test_stand_together_and_a_failed_one_is_unfolded(tmp_path: Path) -> None:
    def one(i: int) -> Case:
        said = [curve(title="Flow"), Evidence("table", f"Table {i}", head=["a"], rows=[[i]])]
        return case(f"test_rate[{i}]", evidence=said, outcome="failed" if i == 3 else "passed")

    page = page_of(run(*(one(i) for i in range(6))), tmp_path)
    assert page.text.count("hil_tests/test_x.py::test_rate for ACC-001") == 1
    assert "4: Flow" in page.text
    assert "5 cases passed" in page.text and "1 case failed" in page.text
    assert len([a for name, a in page.elements if name == "details" and "open" in a]) == 1


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        ([case()], "proven"),
        ([case(), case("test_b", outcome="skipped")], "proven"),
        ([case(), case("test_b", outcome="failed")], "failed"),
        ([case(), case("test_b", outcome="error")], "failed"),
        ([case(measurements=[row(value=9)])], "failed"),
        ([case(outcome="skipped")], "skipped"),
        ([], "not run"),
        ([case("test_other", requirements=["FLT-001"])], "not run"),
    ],
)
def test_a_requirement_is_proven_only_by_a_test_that_passed(tests: list[Case], expected: str) -> None:
    assert state(book().requirements["ACC-001"], run(*tests), PROOFS) == expected


def test_a_requirement_whose_tests_run_elsewhere_is_not_said_to_be_proven_here() -> None:
    one = Requirement("PMP-001", "x", "x", ("HAZ-01",))
    assert state(one, run(), {"PMP-001": ["tests/pure/test_x.py::test_y"]}) == "elsewhere"
    assert state(one, run(), {"PMP-001": ["tests/pure/test_x.py::test_y", "hil_tests/test_x.py::test_z"]}) == "not run"
    assert state(one, run(), {}) == "untested"


def test_a_requirement_without_a_test_is_marked(tmp_path: Path) -> None:
    page = Page(render(run(case()), book(), tmp_path, {"ACC-001": PROOFS["ACC-001"]}))
    [row] = [cells for _, cells in page.rows if cells and cells[0].startswith("FLT-001")]
    assert row[1] == "no test"


def test_open_hazards_are_marked_as_open(tmp_path: Path) -> None:
    page = page_of(run(case()), tmp_path)
    rows = {cells[0][:6]: " ".join(cells[1:]) for _, cells in page.rows if cells[0].startswith("HAZ-")}
    assert "open" in rows["HAZ-02"] and "ILK: the interlock" in rows["HAZ-02"]
    assert "open" in rows["HAZ-03"]
    assert "proven" in rows["HAZ-01"]
    assert "2 hazards that no requirement answers" in page.text


def test_artefacts_are_linked_beside_the_page_and_small_ones_stand_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    (folder / "artefacts").mkdir(parents=True)
    (folder / "artefacts/small one.log").write_text("a <line> of words\n")
    (folder / "artefacts/big.vcd").write_text("x" * (EACH + 1))
    (folder / "artefacts/raw.bin").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "secret").write_text("outside")
    names = ("artefacts/small one.log", "artefacts/big.vcd", "artefacts/raw.bin", "artefacts/gone.csv", "../secret")
    evidence = [Evidence("file", name.rpartition("/")[2], path=name) for name in names]
    page = page_of(run(case(evidence=evidence)), folder)
    links = [href for href in page.having("href") if not href.startswith("#")]
    assert links == ["artefacts/small%20one.log", "artefacts/big.vcd", "artefacts/raw.bin"]
    assert "a <line> of words" in page.text
    assert "xxxx" not in page.text
    assert [cells[:2] for _, cells in page.rows if cells[1:2] == ["missing"]] == [
        ["artefacts/gone.csv", "missing"],
        ["../secret", "missing"],
    ]
    assert "outside" not in page.text


# -- what a page must not do -------------------------------------------------------------------------------------------
def hostile_run() -> Run:
    evil = HOSTILE
    evidence = [
        curve(
            title=evil, x=evil, y=evil, series={evil: [[1.0, None], [2.0, 3.0]]}, lines={evil: 1.0}, marks={evil: 1.0}
        ),
        Evidence("table", evil, head=[evil], rows=[[evil]]),
        Evidence("note", text=evil),
        Evidence("file", evil, path=evil),
    ]
    test = case(
        evil, doc=evil, outcome="failed", reason=evil, repro=evil, evidence=evidence, faults=[fault(evil)],
        measurements=[row(where=evil, note=evil, value=7.0), row(evil, where=evil)],
        requirements=["ACC-001", evil],
    )  # fmt: skip
    record = run(test, case("test_s" + evil, outcome="skipped", reason=evil), missing=[evil])
    for name in ("firmware", "schema", "config", "board", "target", "interpreter", "date", "command", "size"):
        setattr(record.facts, name, evil)
    return record


def test_no_name_becomes_markup_wherever_it_stands(tmp_path: Path) -> None:
    page = page_of(hostile_run(), tmp_path)
    assert [name for name, _ in page.elements].count("script") == 1  # the page's own
    assert "img" not in [name for name, _ in page.elements]
    assert page.having("onerror") == []
    assert page.text.count("<script>alert('x')</script>") > 20


@pytest.mark.parametrize("hostile", [False, True])
def test_the_page_refers_to_nothing_outside_itself(hostile: bool, tmp_path: Path) -> None:
    record = hostile_run() if hostile else run(case(measurements=[row()], evidence=[curve()]))
    html = render(record, book(), tmp_path, PROOFS)
    page = Page(html)
    assert page.having("src") == []
    assert [name for name, _ in page.elements if name in ("link", "iframe", "object", "embed", "base", "form")] == []
    assert [href for href in page.having("href") if not href.startswith("#")] == []
    if not hostile:
        assert not re.search(r"(https?:)?//[a-z]", html)
        assert "url(" not in html and "@import" not in html


def test_every_link_inside_the_page_leads_somewhere(tmp_path: Path) -> None:
    page = page_of(run(case(measurements=[row(), row("FLT-001", 0.05)], requirements=["ACC-001", "FLT-001"])), tmp_path)
    ids = page.having("id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in page.having("href")} <= set(ids)


def test_a_soak_of_thousands_of_figures_makes_a_page_of_less_than_10_mb(tmp_path: Path) -> None:
    wave = [i * 0.1 for i in range(20_000)]
    tests = [
        case(
            f"test_{t}",
            measurements=[row("FLT-001", 0.01, f"fault {i} in state s at rate {t}") for i in range(300)],
            faults=[fault(f"part {i % 60}") for i in range(300)],
            evidence=[curve(series={name: [wave, wave] for name in ("commanded", "shaft", "patient")})],
        )
        for t in range(48)
    ]
    assert len(render(run(*tests), book(), tmp_path, PROOFS).encode()) < 10_000_000


# -- the record --------------------------------------------------------------------------------------------------------
def test_a_page_is_made_anew_from_the_record_of_its_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = run(case(requirements=["SYS-002"], measurements=[row()], evidence=[curve(marks={"cut": 2.0})]))
    (tmp_path / "run.json").write_text(runrecord.to_json(record))
    assert read(tmp_path) == record
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "report.html")
    assert "mean rate error" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "does not exist"),
        (b"", "is torn"),
        (runrecord.to_json(run(case(measurements=[row()]))).encode()[:-40], "is torn"),
        (b"\xff\xfe{}", "cannot be read"),
        (b"[]", "no record"),
        (b'{"facts": {}, "tests": [{"strange": 1}], "missing": []}', "no record"),
        (b'{"facts": {}, "missing": []}', "no record"),
        (
            json.dumps({"facts": {}, "tests": [{"nodeid": "x", "measurements": [{}]}], "missing": []}).encode(),
            "no record",
        ),
    ],
)
def test_a_torn_or_strange_record_is_refused_with_a_sentence_and_no_page(
    content: bytes | None, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(RecordError, match=why):
        read(tmp_path)
    assert main([str(tmp_path)]) == 1
    assert "make hil" in capsys.readouterr().err or why == "cannot be read"
    assert not (tmp_path / "report.html").exists()
