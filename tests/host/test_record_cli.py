"""`assuage record`: what it prints, and what it says where there is nothing to print."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from assuage import cli
from assuage.record import events
from assuage.record.reading import read
from assuage.record.recorder import Recorder
from assuage_rig.requirements import req
from tests.host.records import SHIFT, small


@pytest.fixture
async def store(tmp_path: Path) -> Path:
    """The path of a store with a record beside it."""
    await small(tmp_path / "store.record.sqlite")
    return tmp_path / "store.sqlite"


async def test_show_tells_what_happened_without_the_numbers_of_each_minute(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["record", "show", "--from", str(store)]) == 0
    told = capsys.readouterr().out
    assert "Given by hand: ketamine racemic 20 mg IM, left deltoid. (Nurse A)" in told
    assert "chart" not in told and told.count("board state") == 70
    assert cli.main(["record", "show", "--from", str(store), "--kind", "chart", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["body"]["values"] == {"spo2": 97, "pulse": 72}
    assert cli.main(["record", "show", "--from", str(store), "--kind", "nonsense"]) == 1
    assert capsys.readouterr().err == f"None of the {len(SHIFT) + 3} entries is like that.\n"


@req("REC-020")
async def test_verify_tells_the_head_or_where_it_was_touched(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["record", "verify", "--from", str(store)]) == 0
    head = capsys.readouterr().out.split()[-1]
    assert cli.main(["record", "verify", "--from", str(store), "--head", head[:12]]) == 0
    assert cli.main(["record", "verify", "--from", str(store), "--head", "0" * 12]) == 1
    record = store.with_name("store.record.sqlite")
    record.write_bytes(record.read_bytes().replace(b"left deltoid", b"left buttock"))
    capsys.readouterr()
    assert cli.main(["record", "verify", "--from", str(store), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["good"], told["findings"][0]["entry"]) == (False, 11)


async def test_export_writes_a_table_lines_of_json_or_a_report(store: Path, tmp_path: Path) -> None:
    for form in ("csv", "json", "html"):
        out = str(tmp_path / form)
        assert cli.main(["record", "export", "--from", str(store), "--format", form, "--out", out]) == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "csv").read_text())))
    assert {"begun", "given", "board state", "closed"} <= {row["kind"] for row in rows}
    lines = [json.loads(line) for line in (tmp_path / "json").read_text().splitlines()]
    assert [line["n"] for line in lines] == list(range(1, len(SHIFT) + 4))
    assert "M. Curie, 1867" in (tmp_path / "html").read_text()


@req("REC-023")
async def test_the_report_is_of_the_hours_that_were_asked_for(store: Path, tmp_path: Path) -> None:
    """After a beginning, or before an end; a beginning, an end and a length at once are one too many."""
    out = tmp_path / "report.html"
    export = ["record", "export", "--from", str(store), "--format", "html", "--out", str(out)]
    begin, end = "2026-05-04 07:00", "2026-05-04 09:00"
    for times in (
        ["--since", begin, "--hours", "2"],
        ["--until", end, "--hours", "2"],
        ["--since", begin, "--until", end],
    ):
        assert cli.main([*export, *times]) == 0
        assert f"<td>{begin} to {end}</td>" in out.read_text(), times
    assert cli.main([*export, "--since", begin, "--until", end, "--hours", "2"]) == 1


@req("REC-027")
async def test_what_was_charted_in_error_is_shown_and_exported_with_who_said_so_and_why(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = store.with_name("store.record.sqlite")
    given, found = (next(e for e in read(path) if e.kind == kind) for kind in ("given", "assessment"))
    async with await Recorder.open(path, "Bed 1") as record:
        for entry in (given, found):
            await record.keep(
                events.Struck(number=entry.number, what=entry.kind, reason="=other patient", by="Nurse B")
            )
        await record.keep(events.Struck(number=1, what="begun", reason="nobody can", by="Nurse B"))
    assert cli.main(["record", "show", "--from", str(store)]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if "[charted in error, says Nurse B: =other" in line]
    assert [line.split()[3] for line in told] == ["assessment", "given"] and "left deltoid" in told[1]
    assert cli.main(["record", "show", "--from", str(store), "--kind", "given", "--json"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["struck"]["by"], line["struck"]["reason"], line["hash"]) == ("Nurse B", "=other patient", given.hash)
    for form in ("csv", "json"):
        out = str(tmp_path / form)
        assert cli.main(["record", "export", "--from", str(store), "--format", form, "--out", out]) == 0
    rows = {int(row["number"]): row["struck"] for row in csv.DictReader(io.StringIO((tmp_path / "csv").read_text()))}
    assert {number for number, said in rows.items() if said} == {given.number, found.number}
    assert rows[given.number].startswith("charted in error, says Nurse B: =other patient (entry ")
    lines = [json.loads(line) for line in (tmp_path / "json").read_text().splitlines()]
    assert {line["n"] for line in lines if "struck" in line} == {given.number, found.number}
    assert cli.main(["record", "verify", "--from", str(store)]) == 0


async def test_a_cell_that_a_spreadsheet_would_reckon_is_text(tmp_path: Path) -> None:
    path = tmp_path / "x.record.sqlite"
    async with await Recorder.open(path, "Bed 1") as record:
        record.note(events.Note(sentence="=1+1", by="@evil"))
    assert cli.main(["record", "export", "--from", str(path), "--out", str(tmp_path / "csv")]) == 0
    assert ",'@evil,'=1+1," in (tmp_path / "csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "--since", "yesterday"], "'yesterday' is no time"),
        (["verify", "--head", "xyz"], "'xyz' is no head"),
    ],
)
def test_a_wrong_argument_is_told(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["record", *arguments])
    assert said in capsys.readouterr().err


def test_no_record_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("show", "verify", "export"):
        assert cli.main(["record", verb, "--from", str(tmp_path / "store.sqlite")]) == 1
        assert "There is no record at" in capsys.readouterr().err
