"""What docs/ makes of the firmware's tables: every condition is worded and sourced, every value within its bounds."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

from alarm import conditions, patients, signals
from alarm import states as alarm_states
from alarm.conditions import HIGH, LOW, MEDIUM
from assuage_wire.schema import ALARMS, PARAMETERS
from link import states as session_states
from pump import states as pump_states

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> ModuleType:
    monkeypatch.syspath_prepend(str(DOCS))
    return importlib.import_module(request.param)


@pytest.mark.parametrize("module", ["alarm_words"], indirect=True)
def test_every_condition_has_its_words_in_the_tables_order(module: ModuleType) -> None:
    assert tuple(module.WORDS) == ALARMS
    for name, (sentence, source) in module.WORDS.items():
        assert re.fullmatch(r"[A-Z][^.|]+[a-z]\.", sentence), f"{name}: one sentence"
        assert re.search(r"own|memory|KSU|Clepsydre", source) and "|" not in source, name


@pytest.mark.parametrize("module", ["patient_words"], indirect=True)
def test_every_limit_of_a_patients_value_has_its_unit_and_its_source(module: ModuleType) -> None:
    for rows in (patients.ADULT, patients.CHILD):
        assert [row[0] for row in rows] == list(module.SOURCES) == list(module.UNITS)
    for name, sources in module.SOURCES.items():
        assert name in PARAMETERS
        for source in sources:
            assert re.search(r"own|memory|Mindray|LIFEPAK|OpenICE|as pulse", source) and "|" not in source, name


def _numbers(text: str) -> list[float]:
    scale = 1000 if re.search(r"\d s\b", text) else 1
    return [float(number) * scale for number in re.findall(r"\d+(?:\.\d+)?", text.partition("(")[0])]


@pytest.mark.parametrize("module", ["alarm_words"], indirect=True)
def test_every_value_is_within_the_bounds_that_the_document_gives(module: ModuleType) -> None:
    for what, *texts, _source in module.BOUNDS:
        for priority, text in zip((HIGH, MEDIUM, LOW), texts, strict=True):
            burst, (on, off) = signals.BURSTS[priority], signals.LIGHTS[priority]
            if what == "spacing 3→4, 8→9":
                if priority == HIGH:
                    assert burst[5] == burst[15] == 2 * burst[1] + burst[0]
                continue
            if what == "light" and priority == LOW:
                assert off == 0
                continue
            ours: dict[str, list[float]] = {
                "light": [1000 / (on + off)],
                "light on": [100 * on / (on + off)],
                "pulses in a burst": [len(burst) // 2],
                "pulse": list(burst[0::2]),
                "spacing": [ms for ms in burst[1:-1:2] if ms not in (burst[5], burst[9])]
                if priority == HIGH
                else list(burst[1:-1:2]),
                "spacing 5→6": [burst[9]] if priority == HIGH else [],
                "between bursts": [burst[-1]],
            }
            bounds = _numbers(text)
            for value in ours[what]:
                if len(bounds) == 2:
                    assert bounds[0] <= value <= bounds[1], (what, priority)
                elif text.startswith(">"):
                    assert value > bounds[0], (what, priority)
                else:
                    assert value == bounds[0], (what, priority)


@pytest.mark.parametrize("module", ["alarms_doc"], indirect=True)
def test_the_document_has_a_row_for_every_condition(module: ModuleType) -> None:
    text = module.markdown()
    for code, name in enumerate(ALARMS):
        assert f"| {code} | `{name}` | " in text
    assert len({line.count("|") for line in text.splitlines() if line.startswith("| 1")}) == 1


@pytest.mark.parametrize("module", ["states_doc"], indirect=True)
def test_the_diagrams_have_every_row_of_every_table_and_nothing_else(module: ModuleType) -> None:
    drawn = set()
    for section in module.markdown().split("\n## ")[1:]:
        title = section.splitlines()[0]
        for a, b, labels in re.findall(r"^    (\w+) --> (\w+): (.*)$", section, re.M):
            for label in labels.split("<br/>"):
                event, _, action = label.partition(" / ")
                drawn.add((title, a.replace("_", "-"), event, b.replace("_", "-"), action or "keep"))
    tables = (("Pump", pump_states), ("Alarm", alarm_states), ("Session", session_states))
    rows = {
        (title, *row) for title, table in tables for row in table.TABLE if any(title == t for t, *_ in module.TABLES)
    }
    assert drawn == rows
    assert len(rows) == sum(len(table.TABLE) for _title, table in tables)


def test_the_table_in_the_source_names_its_rows_as_the_wire_does() -> None:
    rows = re.findall(r"^    \(.*\),  # (\S+)$", Path(conditions.__file__).read_text(encoding="utf-8"), re.M)
    assert tuple(rows) == ALARMS
    assert len(conditions.TABLE) == len(ALARMS)
