"""Hazard and requirement files: what is shipped is sound, and what is wrong is said with file and id."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assuage_rig import requirements
from assuage_rig.requirements import PREFIXES, Measurement, RequirementError, load, req

HAZARD = """
[HAZ-01]
class = "operational"
title = "Over-infusion"
cause = "A digit too many."
source = "GIP 1.1"

[HAZ-02]
class = "use"
title = "Two pumps"
cause = "Plugs swapped."
source = "H40"
later = "another issue"
"""

REQUIREMENT = """
[ACC-001]
title = "Mean rate"
text = "The board shall keep its rate."
hazards = ["HAZ-01"]

[[ACC-001.measurements]]
name = "mean rate error"
unit = "%"
lo = -1.0
hi = 1.0
"""


def written(folder: Path, requirement: str = REQUIREMENT, hazard: str = HAZARD, name: str = "ACC.toml") -> Path:
    (folder / "hazards.toml").write_text(hazard)
    (folder / name).write_text(requirement)
    return folder


def test_the_shipped_files_are_sound_and_every_issue_prefix_is_known() -> None:
    book = load()
    assert book.hazards and book.requirements
    assert {"ACC", "OCC", "LNK", "FLT", "PWR", "ALM", "VIT", "ILK", "PHA"} <= PREFIXES.keys()


def test_every_class_of_the_generic_pump_and_each_recall_of_the_field_has_a_hazard() -> None:
    hazards = load().hazards.values()
    assert {hazard.kind for hazard in hazards} == set(requirements.CLASSES)
    sources = " ".join(hazard.source for hazard in hazards)
    for recall in ("Medfusion 2019", "Medfusion 2020", "Medfusion 2022", "Alaris SE 2006", "Alaris 2013", "Alaris 2020",
                   "Asena GH", "Alaris 2021", "Colleague 2010", "AAPS 3342"):  # fmt: skip
        assert recall in sources, recall
    numbers = {int(number) for number in re.findall(r"\bH(\d+)", sources)}
    assert numbers == set(range(1, 41)), "each row of our own analysis, H1 to H40"


def test_a_requirement_is_read_with_its_limits(tmp_path: Path) -> None:
    book = load(written(tmp_path))
    found = book.requirement("ACC-001")
    assert found.measurement("mean rate error") == Measurement("mean rate error", "%", -1.0, 1.0)
    assert book.answering("HAZ-01") == [found] and book.answering("HAZ-02") == []
    assert book.hazards["HAZ-02"].later == "another issue"
    with pytest.raises(RequirementError, match=r"ACC-001 declares no measurement 'x'; it declares 'mean rate error'"):
        found.measurement("x")
    with pytest.raises(RequirementError, match="there is no requirement 'ACC-002'"):
        book.requirement("ACC-002")


FIGURE = REQUIREMENT[REQUIREMENT.index("\n[[") :]
WRONG = [
    (('[ACC-001]', '[ACC-1]'), "ACC.toml, ACC-1: an id in this file is ACC- and three digits"),
    (("hazards = [", "hazard = ["), "ACC.toml, ACC-001: hazards is missing"),
    (("hazards = [", "hazard = ["), "ACC.toml, ACC-001: has no hazard"),
    (("HAZ-01", "HAZ-77"), "ACC.toml, ACC-001: there is no hazard HAZ-77"),
    (("HAZ-01", "HAZ-02"), "HAZ-02 is kept for later"),
    (('text = "The board shall keep its rate."', ""), "ACC.toml, ACC-001: text is missing"),
    (('unit = "%"', ""), "ACC.toml, ACC-001: unit is missing"),
    (("lo = -1.0", "lo = 2.0"), "lo 2 above hi 1"),
    (("lo = -1.0\nhi = 1.0", ""), "has neither lo nor hi"),
    (("lo = -1.0", "lo = nan"), "lo must be a finite number"),
    (("lo = -1.0", "lo = true"), "lo must be a finite number, not True"),
    (("lo = -1.0", "low = 1"), "has no low"),
    (("[ACC-001]\n", "[ACC-001]\n[ACC-001]\n"), "ACC.toml: is no TOML"),
    (("\n[[ACC", FIGURE + "\n[[ACC"), "the measurement 'mean rate error' is declared twice"),
    (("title", 'tests = ["tests/pure"]\ntitle'), "a test is named path::function"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
def test_what_is_wrong_with_a_file_is_said_with_its_name_and_id(
    tmp_path: Path, change: tuple[str, str], sentence: str
) -> None:
    assert change[0] in REQUIREMENT
    with pytest.raises(RequirementError) as refused:
        load(written(tmp_path, REQUIREMENT.replace(*change)))
    assert sentence in str(refused.value)


def test_a_hazard_of_no_class_and_a_file_of_no_prefix_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RequirementError, match=r"hazards.toml, HAZ-01: class must be one of .*, not 'odd'"):
        load(written(tmp_path, hazard=HAZARD.replace("operational", "odd")))
    with pytest.raises(RequirementError, match=r"XYZ.toml: a file is named after its prefix"):
        load(written(tmp_path, name="XYZ.toml"))


def test_the_mark_takes_ids_and_nothing_else() -> None:
    assert req("ACC-001", "SYS-001").args == ("ACC-001", "SYS-001")
    for wrong in ((), (test_the_mark_takes_ids_and_nothing_else,)):
        with pytest.raises(RequirementError):
            req(*wrong)  # type: ignore[arg-type]
