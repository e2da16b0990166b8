"""Two ends whose tables differ in anything that travels never take each other for the same."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from assuage_rig.requirements import req
from assuage_wire import codec, schema

CODES = [name for name, value in vars(schema).items() if name.isupper() and isinstance(value, tuple)]
CODES = [name for name in CODES if not name.startswith("_") and name != "MESSAGES"]


def _id(monkeypatch: pytest.MonkeyPatch, **changes: object) -> int:
    other = ModuleType("assuage_wire.schema")
    vars(other).update({**vars(schema), **changes})
    monkeypatch.setitem(sys.modules, "assuage_wire.schema", other)
    names: dict[str, object] = {"__name__": "codec"}
    exec(compile(Path(codec.__file__).read_text(encoding="utf-8"), "codec.py", "exec"), names)
    found = names["SCHEMA_ID"]
    assert isinstance(found, int)
    return found


def test_the_same_table_has_the_same_id(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _id(monkeypatch) == codec.SCHEMA_ID


@pytest.mark.parametrize("name", CODES)
def test_a_code_more_or_less_in_any_enumeration_makes_another_id(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    codes = getattr(schema, name)
    assert _id(monkeypatch, **{name: (*codes, "another")}) != codec.SCHEMA_ID
    assert _id(monkeypatch, **{name: codes[:-1]}) != codec.SCHEMA_ID


@req("SYS-004")
def test_a_field_that_moves_or_has_another_range_makes_another_id(monkeypatch: pytest.MonkeyPatch) -> None:
    *first, last = schema.MESSAGES
    fields = last[6]
    swapped = (*last[:6], (fields[1], fields[0], *fields[2:]))
    wider = (*last[:6], ((*fields[0][:4], 1, *fields[0][5:]), *fields[1:]))
    for changed in (swapped, wider):
        assert _id(monkeypatch, MESSAGES=(*first, changed)) != codec.SCHEMA_ID


def test_every_unit_that_names_an_enumeration_names_one_that_there_is() -> None:
    units = {field[2] for message in schema.MESSAGES for field in message[6] if field[2].isupper()}
    assert {unit for unit in units if len(unit) > 1} <= set(CODES)
