"""The board's table is the wire's, without what nobody on a board reads."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from assuage_rig.targets import boardtable, mpybuild
from assuage_rig.targets.boardtable import TableError, board_table, values
from assuage_rig.targets.interpreter import find_micropython, runs_mpy
from assuage_wire import codec, schema

SOURCE = Path(schema.__file__).read_text(encoding="utf-8")


def test_it_is_equal_in_all_but_docs_and_the_names_and_units_of_fields() -> None:
    board = values(board_table(SOURCE))
    names = [name for name in dir(schema) if not name.startswith("_")]
    assert len(names) > 10
    for name in names:
        told, meant = board[name], getattr(schema, name)
        if name != "MESSAGES":
            assert told == meant, name
    for ours, theirs in zip(board["MESSAGES"], schema.MESSAGES, strict=True):
        assert (ours[:5], ours[5]) == (theirs[:5], "")
        assert [("", form, "", lo, hi, "") for _, form, _, lo, hi, _ in theirs[6]] == list(ours[6])


def test_no_doc_and_no_fields_name_is_left_in_it() -> None:
    text = board_table(SOURCE)
    docs = [row[5] for row in schema.MESSAGES] + [field[5] for row in schema.MESSAGES for field in row[6]]
    assert not [doc for doc in docs if repr(doc)[1:-1] in text and len(doc) > 12]
    assert "until_wraps" in SOURCE and "until_wraps" not in text and "nL/min" not in text


def test_a_message_without_fields_and_what_is_no_code_are_told_apart() -> None:
    source = "CODES = ('a', 'b')\nPAIR = (1, 'b')\nNONE = ()\nMESSAGES = ((1, 'Ping', '>', True, 1, 'Doc.', ()),)\n"
    board = values(board_table(source))
    assert list(next(iter(board["MESSAGES"]))[6]) == []
    assert (board["PAIR"], board["NONE"], board["CODES"]) == ((1, "b"), (), ("a", "b"))


def test_more_forms_than_there_are_ascii_letters_are_told_apart() -> None:
    fields = ", ".join(f"('f{n}', 'I', '', {n}, 500, '')" for n in range(300))
    board = values(board_table(f"MESSAGES = ((1, 'Long', '>', True, 1, '', ({fields})),)\n"))
    assert [lo for _, _, _, lo, _, _ in next(iter(board["MESSAGES"]))[6]] == list(range(300))


def test_a_module_is_run_with_the_table_that_it_is_given() -> None:
    told = values("from given import TOP\nimport struct\nN = TOP + struct.calcsize('B')\n", {"given": {"TOP": 7}})
    assert told["N"] == 8


def test_a_board_has_the_same_schema_id_and_plans_as_the_host() -> None:
    program = """
import sys, vfs, os
rom = bytearray(os.stat(sys.argv[1])[6])
open(sys.argv[1], "rb").readinto(rom)
vfs.mount(vfs.VfsRom(rom), "/rom")
sys.path[:] = ["/rom"]
from assuage_wire import codec
print(codec.SCHEMA_ID)
for m in codec.MESSAGES:
    print(m.id, m.name, m.direction, m.size, m.width, m.seed, m.plan)
"""
    interpreter = find_micropython()
    flavour = replace(mpybuild.emulated(runs_mpy(interpreter) or 0), keep=("SCHEMA_ID",), apart=("assuage_wire.codec",))
    rom = mpybuild.build(flavour) / mpybuild.ROM
    told = subprocess.run([*interpreter, "-c", program, rom], capture_output=True, text=True, timeout=60, check=False)
    lines = [str(codec.SCHEMA_ID)]
    for m in codec.MESSAGES:
        lines.append(f"{m.id} {m.name} {m.direction} {m.size} {m.width} {m.seed} {m.plan}")
    assert told.stdout.splitlines() == lines, told.stderr


def test_what_would_be_another_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def planted(change: Callable[[str], str]) -> None:
        monkeypatch.setattr(boardtable, "_messages", lambda rows: change(made(rows)))
        board_table(SOURCE)

    made = boardtable._messages
    with pytest.raises(TableError, match="MESSAGES is not the same"):
        planted(lambda text: text.replace("1073741823", "1073741822"))
    with pytest.raises(TableError, match="S30 is not the same"):
        planted(lambda text: text + "\nS30 = 7")
    with pytest.raises(TableError, match="MODES is not the same"):
        planted(lambda text: text + "\nMODES = ('none',)")
    with pytest.raises(TableError, match="not the same names"):
        planted(lambda text: text + "\nMORE = 7")
    with pytest.raises(TableError, match="not the same on a board"):
        planted(lambda text: text.replace("_fields('5", "_fields('4"))
    monkeypatch.undo()
    for strange in ("|", " "):
        with pytest.raises((TableError, ValueError)):
            board_table(SOURCE.replace('"8s"', f'"8{strange}s"'))
