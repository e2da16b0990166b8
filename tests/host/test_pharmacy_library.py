"""A library that cannot catch what it is for is refused, with file, table and key; any number changes its hash."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from assuage.errors import BadInput
from assuage.pharmacy import library as libraries
from assuage.pharmacy import library_rules as rules
from assuage.pharmacy.library import OWN, LibraryError, load, own
from assuage.pharmacy.library_schema import AREAS
from assuage.pharmacy.quantities import Mass
from assuage.pharmacy.substances import ESKETAMINE, KETAMINE, Dose, convert
from assuage_rig.requirements import req


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OWN, tmp_path / "library"))


def edited(folder: Path, file: str, old: str, new: str) -> Path:
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return folder


def wrong(folder: Path) -> list[str]:
    with pytest.raises(LibraryError) as error:
        load(folder)
    assert all(sentence.endswith(".") for sentence in error.value.sentences)
    return error.value.sentences


def test_our_own_has_ketamine_of_both_kinds_and_the_opioids_in_every_area() -> None:
    content = own().content
    assert set(content.drug) == {"ketamine", "esketamine", "morphine", "hydromorphone", "fentanyl"}
    assert set(content.drug["ketamine"].areas) == set(AREAS)
    assert [str(vial.concentration) for vial in content.drug["ketamine"].vials] == ["10 mg/mL", "50 mg/mL", "100 mg/mL"]
    assert [str(vial.concentration) for vial in content.drug["esketamine"].vials] == ["5 mg/mL", "25 mg/mL"]
    assert len(content.drug["ketamine"].side_effects) == 19
    assert content.drug["ketamine"].contraindications


@req("PHA-004")
def test_each_number_says_its_source_and_what_nobody_has_read_says_so() -> None:
    library = own()
    for _, _, _, limit in library.limits():
        source = library.source(limit)
        assert source and source.endswith("unverified") != limit.verified
    assert rules.tally(library.content)[0] > 100


@req("PHA-004")
def test_the_hash_is_of_the_content_alone(copy: Path) -> None:
    same = load(copy)
    assert same.digest == own().digest and len(same.digest) == 64 and same.digest.startswith(same.short)
    edited(copy, "ketamine.toml", "# Racemic ketamine.", "# Another comment.\n\n")
    (copy / "opioids.toml").rename(copy / "others.toml")
    assert load(copy).digest == own().digest
    edited(copy, "ketamine.toml", '"0.4 mg/kg/h"', '"0.41 mg/kg/h"')
    assert load(copy).digest != own().digest


@req("PHA-004")
@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("ketamine.toml", '"0.4 mg/kg/h"', '"1.1 mg/kg/h"', "soft-high 1.1 mg/kg/h is above the hard limit"),
        ("ketamine.toml", '"0.1 mg/kg/h"', '"0.04 mg/kg/h"', "less than ten times apart"),
        ("ketamine.toml", '"0.1 mg/kg/h"', '"0.4 mg/kg/h"', "must be below"),
        ("ketamine.toml", '"soft-low", value = "0.1 mg/kg/h"', '"soft-high", value = "0.4 mg/h"', "needs a soft-low"),
        ("ketamine.toml", '"0.1 mg/kg/h"', '"0.1 mg/kg"', "0.1 mg/kg is no rate; the units are mg/h"),
        ("ketamine.toml", '"0.1 mg/kg/h"', '"0.1"', "with its unit"),
        ("ketamine.toml", '"0.1 mg/kg/h"', "0.1", "in quotes"),
        ("ketamine.toml", '"0.1 mg/kg/h"', '"0.1 grain/h"', "is not its unit"),
        ("ketamine.toml", 'source = "analgesia-summaries"', 'source = "my aunt"', "no source 'my aunt'"),
        ("ketamine.toml", 'source = "example", verified = false', 'source = "example", verified = true', "be verified"),
        ("ketamine.toml", 'what = "over"', 'what = "lasts"', "'lasts' is not allowed; allowed is"),
        ("ketamine.toml", 'group = "ketamine"', 'group = "ketamine"\nprice = 3', "price: there is no such key"),
        ("ketamine.toml", 'group = "ketamine"\n', "", "drug.ketamine.group: this key is missing"),
        ("ketamine.toml", '{ concentration = "5 mg/mL"', '{ concentration = "200 mg/mL"', "stronger than any vial"),
        ("ketamine.toml", '["esketamine"]', '["aspirin"]', "no other drug 'aspirin'"),
        ("ketamine.toml", 'low = "18 years"', 'low = "80 years"', "low must be below high"),
        ("general.toml", 'high = "1.48"', 'high = "1.5"', "pounds pass for kilograms"),
        ("general.toml", 'factor = "2"', 'factor = "0"', "positive number in quotes"),
        ("general.toml", 'of = "esketamine"', 'of = "aspirin"', "there is no drug 'aspirin'"),
        ("general.toml", 'low = "2 months"', 'low = "1 months"', "in the order of their ages"),
        ("general.toml", "version =", "version ==", "this is not TOML"),
        ("opioids.toml", "[drug.morphine]", "[drug.ketamine]", "stands in"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_file_and_table(copy: Path, file: str, old: str, new: str, says: str) -> None:
    sentences = wrong(edited(copy, file, old, new))
    assert any(says in sentence and sentence.startswith(str(copy)) for sentence in sentences), sentences


def test_what_is_usual_may_reach_to_the_hard_limit(copy: Path) -> None:
    edited(copy, "esketamine.toml", '"soft-high", value = "0.25 mg/kg/h"', '"soft-high", value = "0.5 mg/kg/h"')
    assert load(copy).digest != own().digest


def test_a_mistake_in_a_row_is_found_by_its_place(copy: Path) -> None:
    (sentence,) = wrong(edited(copy, "ketamine.toml", '"0.1 mg/kg/h"', '"0.1 mg/kg"'))[:1]
    place = f"{copy / 'ketamine.toml'}, drug.ketamine.areas.acute.routes.iv.limits 1.value: "
    assert sentence.startswith(place)


def test_all_mistakes_are_told_at_once(copy: Path) -> None:
    edited(copy, "ketamine.toml", '"0.1 mg/kg/h"', '"0.1"')
    edited(copy, "opioids.toml", 'group = "opioid"', 'group = "wine"')
    assert len(wrong(copy)) == 2


@pytest.mark.parametrize("what", ["nothing", "folder", "binary"])
def test_what_is_no_library_is_told_in_a_sentence(tmp_path: Path, what: str) -> None:
    path = tmp_path / "x"
    if what == "folder":
        path.mkdir()
    elif what == "binary":
        path.write_bytes(b"\xff\xfe\x00")
    assert len(wrong(path)) == 1


def test_one_file_may_hold_it_all(tmp_path: Path) -> None:
    path = tmp_path / "all.toml"
    path.write_text("\n".join((OWN / f"{name}.toml").read_text() for name in
                              ("general", "ketamine", "esketamine", "opioids")))  # fmt: skip
    assert load(path).digest == own().digest
    assert libraries.named(path).content == libraries.named(None).content


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda lib: lib.drug("aspirin"), "no drug 'aspirin' in the library; it has"),
        (lambda lib: lib.drug(None), "no drug None"),
        (lambda lib: lib.area("morphine", "chronic"), "no numbers for morphine in 'chronic'; it has acute"),
        (lambda lib: lib.route("ketamine", "acute", "im"), "acute pain, by IM; it has IV"),
        (lambda lib: lib.equivalence("ketamine", "morphine"), "does not say"),
    ],
)
def test_what_the_library_does_not_have_is_told_with_what_it_has(ask: Any, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        ask(own())


@req("PHA-001")
def test_the_librarys_own_factor_converts_both_ways() -> None:
    factor = own().equivalence("ketamine", "esketamine")
    made, record = convert(Dose(KETAMINE, Mass.of(50, "mg")), ESKETAMINE, factor, "syringe change", "Dr A")
    assert made == Dose(ESKETAMINE, Mass.of(25, "mg"))
    assert "summary of product characteristics" in record.equivalence.source
