"""`assuage journal` tells what boards have written, to a person, a program and a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest

from assuage.bedside import journal_words as words
from assuage.cli import main
from assuage.store import board_journal
from assuage.store.board_journal import Entry
from assuage_wire import schema

NONE32 = schema.NONE32


def entry(kind: str, a: int = 0, b: int = 0, c: int = 0, x: int = 0, y: int = 0, z: int = 0, **more: object) -> Entry:
    values: dict[str, object] = {
        "board": "ab12", "epoch": 1, "number": 1, "kind": schema.RECORDS.index(kind), "a": a, "b": b, "c": c, "x": x,
        "y": y, "z": z, "boot": 3, "ticks": 61_500, "wraps": 0, "checked": 9, "at": None, "fetched": 1_700_000_000.0,
    }  # fmt: skip
    return Entry(**{**values, **more})  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "store.sqlite"
    db = sqlite3.connect(path, isolation_level=None)
    host_stop, stopped = schema.REASONS.index("host-stop"), schema.STATES.index("stopped")
    entries = [
        entry("boot", 1, 0, 1, 0, 12, 255),
        entry("begun", 4, x=7, y=5_000_000, z=559_902, number=2),
        entry("ahead", x=7, y=0, z=26_999, number=3),
        entry("delivered", stopped, host_stop, x=7, y=20_123, z=20_123, number=4, at=1_700_000_000.0),
        entry("delivered", stopped, host_stop, x=8, y=1, z=1, number=9, board="cd34", epoch=2),
    ]
    board_journal.keep(db, entries)
    board_journal.keep(db, entries[2:])
    db.close()
    return path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["journal", *arguments]) == 0
    return capsys.readouterr().out


def test_a_person_reads_one_line_for_each_record(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "--from", str(store)).splitlines()
    assert lines[0] == "board ab12" and lines[5] == "board cd34, epoch 2" and len(lines) == 7
    assert "start 3, 61.500 s" in lines[1] and "The board started (power-on), firmware 0.1.0, start 12" in lines[1]
    assert "delivered" in lines[4] and "Programme 7 ended; 0.0201 mL were given" in lines[4] and "2023-11-1" in lines[4]


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ([], [1, 2, 3, 4, 9]), (["--kind", "delivered"], [4, 9]), (["--kind", "boot", "--kind", "begun"], [1, 2]),
        (["--programme", "7"], [2, 3, 4]), (["--board", "CD"], [9]), (["--last", "2"], [4, 9]),
        (["--last", "9"], [1, 2, 3, 4, 9]),
    ],
)  # fmt: skip
def test_a_program_gets_what_it_asks_for(
    store: Path, capsys: pytest.CaptureFixture[str], options: list[str], numbers: list[int]
) -> None:
    rows = [json.loads(line) for line in said(capsys, "--from", str(store), "--json", *options).splitlines()]
    assert [row["number"] for row in rows] == numbers
    table = list(csv.DictReader(io.StringIO(said(capsys, "--from", str(store), "--csv", *options))))
    assert [int(row["number"]) for row in table] == numbers
    for row, line in zip(rows, table, strict=True):
        assert {name: "" if value is None else str(value) for name, value in row.items()} == line


def test_a_configuration_names_its_store(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toml = store.with_name("ward.toml")
    toml.write_text('[site]\nname = "w"\nbed = "b"\ndevice = "d"\n[link]\nport = "/dev/null"\n')
    assert "programme" in json.loads(said(capsys, "--from", str(toml), "--json", "--last", "1"))


def test_what_cannot_be_shown_is_refused_in_a_sentence(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options, words_ in (
        (["--from", str(store) + "x"], "There is no store at"),
        (["--from", str(store), "--kind", "fault"], "None of the 5 records is like that."),
        (["--from", __file__], "is damaged or is not a database"),
    ):
        assert main(["journal", *options]) == 1
        told = capsys.readouterr()
        assert words_ in told.err and told.err.count("\n") == 1 and told.out == ""
    empty = store.with_name("empty.sqlite")
    sqlite3.connect(empty).close()
    empty.touch()
    assert main(["journal", "--from", str(empty)]) == 1
    assert "No board's journal is in" in capsys.readouterr().err


def test_every_kind_of_the_wire_has_a_sentence_and_an_unknown_one_its_numbers() -> None:
    for kind in schema.RECORDS[1:]:
        for numbers in ((0, 0, 0, 0, 0, 0), (255, 255, 255, NONE32, NONE32, NONE32), (1, 2, 1, 7, 1000, 2000)):
            text = words.sentence(entry(kind, *numbers))
            assert text.endswith(".") and text[0].isupper(), (kind, text)
            assert "too old" not in text, kind
    assert "Numbers 1, 2, 3, 4, 5, 6" in words.sentence(entry("boot", 1, 2, 3, 4, 5, 6)._replace(kind=200))


def test_what_is_said_of_volumes_is_what_was_written() -> None:
    unknown = words.sentence(entry("found", 9, 8, x=0, y=NONE32, z=NONE32))
    assert "programme (unknown), of whose volume nothing is known" in unknown and "restarted" in unknown
    assert "nothing was running" in words.sentence(entry("found"))
    assert "programme 7, between 1.0000 mL and 1.0270 mL" in words.sentence(
        entry("found", 9, 8, x=7, y=10**6, z=1_027_000)
    )
    assert words.sentence(entry("ahead", c=1, x=7, y=5, z=6)).endswith("The shaft contradicted the steps.")
    assert words.programme(entry("raised", x=7)) is None and words.programme(entry("ahead", x=7)) == 7
