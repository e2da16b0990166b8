"""`assuage library` shows every number with its source, tells every mistake, and what a new library changes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from assuage import config, library_options
from assuage.cli import main
from assuage.pharmacy.library import OWN, own
from assuage.pharmacy.library_schema import AREAS


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OWN, tmp_path / "library"))


def edit(folder: Path, *pairs: tuple[str, str], file: str = "ketamine.toml") -> None:
    path = folder / file
    text = path.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text)


def said(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> str:
    assert main(["library", *map(str, arguments)]) == code
    told = capsys.readouterr()
    return told.err if code else told.out


def test_a_good_library_is_told_with_its_hash_and_what_is_unverified(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = said(capsys, "check", copy).splitlines()
    assert out[-1].startswith(f"{copy} is good: ") and own().short in out[-1] and "are unverified" in out[-1]
    assert "note: ketamine: vials from 10 mg/mL to 100 mg/mL are on the shelf." in out
    assert own().short in said(capsys, "check")


def test_every_mistake_of_a_bad_one_is_told(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(copy, ('"0.1 mg/kg/h"', '"0.1"'), ('group = "ketamine"', 'group = "ketamine"\nprice = 3'))
    err = said(capsys, "check", copy, code=1).splitlines()
    assert len(err) == 2 and all(line.startswith(f"{copy / 'ketamine.toml'}, drug.ketamine") for line in err)


def test_show_has_every_limit_and_every_source_that_it_names(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "show")
    for _, _, _, limit in own().limits():
        assert f"{limit.value} " in out and f"[{limit.source}" in out
        assert f"\n  {limit.source} " in out
    for name in AREAS.values():
        assert name.upper() in out
    assert "Nothing here is advice" in out and max(map(len, out.splitlines())) <= 120


def test_show_can_be_one_drug_in_one_area(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "show", "morphine", "--area", "paediatric")
    assert "rate            above it a reason  40 mcg/kg/h" in out
    assert "ACUTE" not in out and "ketamine (racemic)" not in out
    assert "no drug 'aspirin'" in said(capsys, "show", "aspirin", code=1)
    assert "chronic pain" in said(capsys, "show", "morphine", "--area", "chronic", code=1)


def test_show_for_programs_has_exact_values(capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(said(capsys, "show", "--json"))
    assert told["hash"] == own().digest and len(told["limits"]) == len(list(own().limits()))
    row = next(each for each in told["limits"] if each["drug"] == "ketamine" and each["bound"] == "hard-high")
    assert (row["value"], row["unit"], row["verified"]) == ("1", "mg/kg/h", False)


def test_diff_says_what_passes_now_and_what_does_not(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(
        copy,
        ('"0.4 mg/kg/h"', '"0.5 mg/kg/h"'), ('"0.35 mg/kg"', '"0.28 mg/kg"'), ('"0.1 mg/kg/h"', '"0.2 mg/kg/h"'),
        ('{ concentration = "5 mg/mL"', '{ concentration = "4 mg/mL"'), ('text = "seizure"', 'text = "fits"'),
        ('low = "18 years"', 'low = "16 years"'), ('"ramp", "steps", "pca"]', '"ramp", "pca"]'),
        ('every = "15 min"', 'every = "10 min"'),
        ('"100 mg/h"', '"80 mg/h"'),
    )  # fmt: skip
    edit(copy, ('factor = "2"', 'factor = "1.5"'), ('weight = "70 kg"', 'weight = "72 kg"'), file="general.toml")
    out = said(capsys, "diff", OWN, copy)
    looser, rest = out.split("Stopped now, or sooner:")
    tighter, other = rest.split("Also changed:")
    where = "ketamine, acute pain"
    assert f"{where}, iv: rate above it a reason 0.5 mg/kg/h, was 0.4 mg/kg/h (+25%)" in looser
    assert f"{where}, iv: syringe 4 mg/mL is new" in looser
    assert f"{where}, iv: one dose above it a reason 0.28 mg/kg, was 0.35 mg/kg (-20%)" in tighter
    assert f"{where}, iv: rate below it a reason 0.2 mg/kg/h, was 0.1 mg/kg/h (+100%)" in tighter
    assert f"{where}, iv: rate never above 80 mg/h, was 100 mg/h (-20%)" in tighter
    assert f"{where}, iv: syringe 5 mg/mL is gone" in tighter and f"{where}, iv: mode steps is gone" in tighter
    assert f"{where}: for 16 years to 75 years, was 18 years to 75 years" in other
    assert "side effect to ask for fits is new" in other and "factor 1.5, was 2" in other
    assert "from 18 years 72 kg, was 70 kg" in other and "every 10 min until 1 h is new" in other


def test_diff_of_drugs_areas_and_routes_that_come_and_go(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (copy / "ketamine.toml").read_text()
    start, end = text.index("# -- chronic pain"), text.index("# -- procedural")
    (copy / "ketamine.toml").write_text(text[:start] + text[end:])
    opioids = (copy / "opioids.toml").read_text()
    (copy / "opioids.toml").write_text(opioids[: opioids.index("# -- fentanyl")])
    out = said(capsys, "diff", OWN, copy)
    assert "fentanyl: the drug is gone" in out and "ketamine, chronic pain and CRPS: the care area is gone" in out
    assert "Passes now" not in out
    back = said(capsys, "diff", copy, OWN)
    assert "fentanyl: the drug is new" in back and "Stopped now" not in back


def test_diff_of_the_same_says_so(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "diff", OWN, copy).splitlines()[-1] == "The two are the same."
    edit(copy, ("the lowest dose for anaesthesia", "the least for anaesthesia"))
    assert "No order is judged otherwise" in said(capsys, "diff", OWN, copy)
    told = json.loads(said(capsys, "diff", OWN, copy, "--json"))
    assert told["changes"] == [] and told["old"] == own().digest != told["new"]


def test_the_help_names_the_areas_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert tuple(AREAS) == library_options.AREAS
    with pytest.raises(SystemExit):
        main(["library", "--help"])
    assert "[pharmacy]" in capsys.readouterr().out


# -- the hospital's own ------------------------------------------------------------------------------------------------


def test_a_configuration_may_name_a_library_and_is_checked_with_it(copy: Path, tmp_path: Path) -> None:
    text = '[link]\nport = "/dev/ttyACM0"\n[pharmacy]\nlibrary = "library"\n'
    loaded = config.parse(text, tmp_path / "bed.toml")
    assert loaded.pharmacy.library == copy and loaded.pharmacy.loaded().digest == own().digest
    edit(copy, ('"0.1 mg/kg/h"', '"0.1"'))
    with pytest.raises(config.ConfigError) as error:
        config.parse(text, tmp_path / "bed.toml")
    (sentence,) = error.value.sentences
    assert "pharmacy.library" in sentence and "ketamine.toml" in sentence


def test_without_one_it_is_the_programs_own(tmp_path: Path) -> None:
    loaded = config.parse('[link]\nport = "/dev/ttyACM0"\n', tmp_path / "bed.toml")
    assert loaded.pharmacy.loaded() is own()
