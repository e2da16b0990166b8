"""A prediction is a band across the models that fit, with their disagreement, their sources and what is not in it."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from assuage import cli
from assuage.errors import BadInput, Refused
from assuage.pharmacy.kinetics import schema
from assuage.pharmacy.kinetics.body import Patient, body
from assuage.pharmacy.kinetics.course import course
from assuage.pharmacy.kinetics.predict import Line, Prediction, known_effects, predict, threshold
from assuage.pharmacy.kinetics.programme import NOW, Given, Infusion, Programme
from assuage.pharmacy.quantities import Age, Concentration, DoseRate, Mass, Time, Weight
from assuage.pharmacy.substances import ESKETAMINE, KETAMINE
from assuage_rig.requirements import req
from tests.host.bodies import ADULT, KEYS, bolus, history, infusion, minutes, patient_of

SHIFT = Programme(KETAMINE, (bolus(0, 21), infusion(0, 14, 240)))
WHO = ("--weight", "70 kg", "--age", "45 years")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(["predict", *arguments]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(["predict", *arguments]) == 1
    out = capsys.readouterr()
    assert out.out == ""
    assert out.err.count("\n") == 1 and out.err.endswith(".\n")
    return out.err


@req("KIN-006")
def test_the_band_holds_each_line_of_every_model_that_fits_and_nothing_else() -> None:
    made = predict(ADULT, SHIFT)
    assert [line.body.model.key for line in made.lines] == ["domino", "clements", "hijazi", "kamp"]
    assert [sentence.split(" was found")[0] for sentence in made.left_out] == [
        "Herd 2007 (children)", "Hornik 2018 (children)",
    ]  # fmt: skip
    for at in (5, 40, 239, 300, 1000):
        band = made.at(minutes(at))
        assert band is not None
        assert band.low == min(band.each.values()) and band.high == max(band.each.values())
        for line in made.lines:
            alone = course(body(line.body.model, ADULT), SHIFT).plasma(minutes(at))
            assert band.each[line.body.model.key] == alone


@req("KIN-006")
def test_a_table_is_the_prediction_at_its_times() -> None:
    made = predict(ADULT, SHIFT)
    table = made.table(NOW, Time.of(5, "h"), Time.of(7, "min"))
    assert table.minutes[:3] == [0.0, 7.0, 14.0] and len(table.minutes) == 43
    for n, minute in enumerate(table.minutes):
        band = made.at(minutes(minute))
        assert band is not None
        assert table.low[n] == pytest.approx(band.low.approximate("ng/mL"), rel=1e-5)
        assert table.high[n] == pytest.approx(band.high.approximate("ng/mL"), rel=1e-5)


@req("KIN-005")
def test_the_effect_site_is_predicted_by_models_with_a_source_alone() -> None:
    made = predict(ADULT, SHIFT)
    assert set(made.table(NOW, Time.of(1, "h"), Time.of(10, "min"), "effect").each) == {"domino", "kamp"}
    band = made.at(minutes(5), "effect")
    assert band is not None and set(band.each) == {"domino", "kamp"}
    esk = predict(Patient(Weight.of(70, "kg"), Age.of(25, "years")), Programme(ESKETAMINE, (bolus(0, 10),)))
    assert esk.at(minutes(5), "effect") is None
    with pytest.raises(Refused, match="has an effect site"):
        esk.below(Concentration.of(10, "ng/mL"), site="effect")


@req("KIN-006")
def test_wake_up_is_where_each_line_falls_below_for_good(seed: int, soak: bool) -> None:
    rng = random.Random(seed)
    for _ in range(60 if soak else 4):
        programme = history(rng, patient_of("domino"))
        made = predict(ADULT, programme)
        level = Concentration.of(rng.randint(20, 700), "ng/mL")
        wake = made.below(level)
        wanted, end = level.approximate("mcg/mL"), programme.end.approximate("min")
        for line in made.lines:
            found = wake.each[line.body.model.key]
            later = [end + 1 + 5.0 * k for k in range(600)]
            levels = dict(zip(later, map(line.body.system.plasma, line.course.sampled(later)), strict=True))
            if found is None:
                assert max(levels.values()) < wanted
                continue
            at = found.approximate("min")
            assert line.body.system.plasma(line.course.state(at)) == pytest.approx(wanted, rel=1e-3)
            assert all(value < wanted for minute, value in levels.items() if minute > at + 0.001)
        known = [time for time in wake.each.values() if time is not None]
        assert wake.latest == max(known, default=None)
        assert wake.earliest == (min(known) if len(known) == len(wake.each) else None)


def test_what_never_leaves_the_body_is_said_to_stay() -> None:
    endless = schema.models()["kamp"].model_copy(update={"clearance": "0 L/h"})
    one = body(endless, ADULT)
    made = Prediction(ADULT, SHIFT, (Line(one, course(one, SHIFT)),), ())
    with pytest.raises(Refused, match="longer than a fortnight"):
        made.below(Concentration.of(10, "ng/mL"))


def test_a_file_of_models_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(schema.ModelsError, match="the file cannot be read"):
        schema.models(tmp_path / "none.toml")


@req("KIN-006")
def test_what_if_it_were_stopped_leaves_the_past_as_it_was() -> None:
    planned = predict(ADULT, SHIFT)
    stopped = predict(ADULT, SHIFT.instead(minutes(60)))
    halved = predict(ADULT, SHIFT.instead(minutes(60), (infusion(60, 7, 180),)))
    for at, same in ((30, True), (60, True), (61, False), (240, False)):
        bands = [made.at(minutes(at)) for made in (planned, stopped, halved)]
        highs = [band.high.approximate("ng/mL") for band in bands if band is not None]
        if same:
            assert highs == pytest.approx([highs[0]] * 3, rel=1e-5)
        else:
            assert highs[1] < highs[2] < highs[0]
    with pytest.raises(BadInput, match="cannot begin before"):
        SHIFT.instead(minutes(60), (infusion(50, 7, 10),))


@req("KIN-003")
def test_a_dose_that_no_model_absorbs_is_named_and_no_wake_up_is_told() -> None:
    given = Programme(KETAMINE, (*SHIFT.parts, bolus(30, 50, "intramuscular")))
    made = predict(ADULT, given)
    assert len(made.missing) == 1 and "50 mg intramuscular at 30 min is in no line" in made.missing[0]
    assert made.at(minutes(60)) == predict(ADULT, SHIFT).at(minutes(60))
    with pytest.raises(Refused, match="nobody can say"):
        made.below(Concentration.of(100, "ng/mL"))


@req("KIN-003")
def test_where_one_model_absorbs_a_dose_the_others_are_left_out_of_the_band() -> None:
    who = Patient(Weight.of(70, "kg"), Age.of(25, "years"))
    made = predict(who, Programme(ESKETAMINE, (bolus(0, 28, "intranasal"),)))
    assert [line.body.model.key for line in made.lines] == ["perezruixo-s"]
    assert made.missing == () and "Simons 2022 (S-ketamine) has no model of intranasal absorption." in made.left_out


@req("KIN-003")
def test_nobody_outside_all_populations_gets_a_prediction() -> None:
    giant = Patient(Weight.of(200, "kg"), Age.of(16, "years"))
    with pytest.raises(Refused, match=r"No model fits this patient: .*Herd 2007"):
        predict(giant, SHIFT)


@req("KIN-006")
def test_every_number_has_a_source_and_what_was_not_verified_says_so() -> None:
    for model in schema.models().values():
        assert model.source and model.read and model.population.said
        assert model.effect_site is None or model.effect_site.source
        assert model.effect_site is not None or model.no_effect_site
    for effect in schema.effects().values():
        assert effect.source and effect.said
        assert schema.value(effect.low, 70) < schema.value(effect.high, 70)
    assert [one.key for one in schema.effects().values() if not one.verified] == [
        "analgesia", "dissociation", "anaesthesia",
    ]  # fmt: skip
    kamp = schema.models()["kamp"].effect_site
    assert kamp is not None and not kamp.verified


def test_awakening_is_what_idvall_measured_in_molar_units() -> None:
    awake = schema.effects()["awakening"]
    for text, molar in ((awake.low, 1.8), (awake.at, 2.7), (awake.high, 3.6)):
        assert text is not None
        assert threshold(text).approximate("ng/mL") == pytest.approx(molar * 237.73, abs=0.6)
    assert [e.key for e in known_effects(KETAMINE, Age.of(6, "years")) if e.wakes] == ["arousal-children"]
    assert [e.key for e in known_effects(KETAMINE, Age.of(40, "years")) if e.wakes] == ["awakening"]
    assert known_effects(ESKETAMINE, Age.of(40, "years")) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('volume = "0.063 L/kg"', 'volume = "0.063"'), "wants one of the units L/kg, L/70kg, L"),
        (('volume = "0.063 L/kg"', ""), "field required"),
        (('substance = "ketamine"', 'substance = "morphine"'), "substance must be one of ketamine, esketamine"),
        (("verified = true\n", "verified = true\nspeed = 3\n"), "extra inputs"),
        (('key = "clements"', 'key = "domino"'), "stands there twice"),
        (('version = "1"', 'version = '), "this is not TOML"),
        (('no_effect_site = "The ke0 that goes round (5.2', 'no_absorption = "The (5.2'), "no_effect_site with the"),
        (('part = "0.54"', 'part = "0.8"'), "more is absorbed than was given"),
        (('into = "liver"', 'into = "lung"'), "absorption goes into one of central, liver"),
        (('clearance = "90 L/h/70kg"', ""), "either rates, or clearance and peripheral"),
        ((', k31 = "0.0146 1/min"', ""), "k13 and k31 go together"),
        (('k10 = "0.438 1/min"', 'k10 = "-0.438 1/min"'), "below nothing"),
    ],
)  # fmt: skip
def test_a_file_of_models_that_is_wrong_is_refused_with_its_place(
    change: tuple[str, str], says: str, tmp_path: Path
) -> None:
    text = (schema.HERE / "models.toml").read_text("utf-8")
    assert change[0] in text
    path = tmp_path / "models.toml"
    path.write_text(text.replace(*change, 1), "utf-8")
    with pytest.raises(schema.ModelsError, match=re.escape(says)) as caught:
        schema.models(path)
    assert str(path) in caught.value.sentence and "\n" not in caught.value.sentence


def test_a_programme_in_words_is_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    out = json.loads(said(
        capsys, *WHO, "--bolus", "0.3 mg/kg", "--infusion", "0.2 mg/kg/h for 4 h", "--until", "4 h", "--every", "5 min",
        "--json",
    ))  # fmt: skip
    table = predict(Patient(Weight.of(70, "kg"), Age.of(45, "years")), SHIFT).table(
        NOW, Time.of(4, "h"), Time.of(5, "min")
    )
    assert out["total"] == {"value": "77", "unit": "mg"}
    assert out["minutes"] == table.minutes
    assert out["ng_per_ml"] == table.each and out["low"] == table.low
    assert out["models"]["kamp"]["effect_site"]["verified"] is False


def test_infusions_follow_one_another_unless_a_time_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    def total(*arguments: str) -> Any:
        return json.loads(said(capsys, *WHO, "--json", "--until", "6 h", *arguments))

    one = total("--infusion", "14 mg/h for 60 min", "--infusion", "7 mg/h for 2 h")
    two = total("--infusion", "7 mg/h at 60 min for 2 h", "--infusion", "14 mg/h for 60 min at 0 min")
    assert one["ng_per_ml"] == two["ng_per_ml"]
    assert one["total"]["value"] == "28"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--age", "45 years", "--bolus", "21 mg"), 'as in --weight "70 kg"'),
        ((*WHO,), "Give a --bolus, an --infusion or a --target"),
        ((*WHO, "--bolus", "21"), "the unit is missing"),
        ((*WHO, "--bolus", "21 mL"), "is not its unit"),
        ((*WHO, "--infusion", "14 mg/h"), "Say how long the infusion lasts"),
        ((*WHO, "--bolus", "21 mg for 5 min"), "make it an infusion"),
        (("--weight", "70", "--age", "45 years", "--bolus", "21 mg"), "the unit is missing"),
        ((*WHO, "--bolus", "21 mg", "--until", "9000 h"), "Look at most 168 h ahead"),
        ((*WHO, "--bolus", "21 mg", "--every", "1 s", "--until", "100 h"), "take longer steps"),
        ((*WHO, "--bolus", "21 mg", "--svg", "/nowhere/at/all.svg"), "cannot be written"),
        (("--weight", "70 kg", "--age", "90 years", "--drug", "esketamine", "--bolus", "9 mg", "--site", "effect"),
         "has an effect site with a source"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_in_one_sentence(
    arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says in refused(capsys, *arguments)


TARGET = ("--target", "150 ng/mL", "--by", "domino", "--max-rate", "60 mg/h", "--max-loading", "5 mg/min")


def test_a_target_is_shown_with_what_the_other_models_make_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = (*WHO, *TARGET, "--site", "effect", "--until", "2 h", "--every", "10 min")
    lines = said(capsys, *arguments).splitlines()
    assert lines[1].split() == ["time", "mg/h", "lowest", "highest", "domino", "kamp"]
    reached = [line.split() for line in lines[3:14]]
    assert all(abs(float(row[4]) - 150) < 1.5 for row in reached), "by its own model it is held"
    assert all(float(row[1]) <= 60 for row in reached)
    assert any(abs(float(row[5]) - 150) > 15 for row in reached), "by another it is not"
    assert json.loads(said(capsys, *arguments, "--max-total", "20 mg", "--json"))["total"]["unit"] == "mg"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((*TARGET, "--bolus", "21 mg"), "leave out the doses"),
        (TARGET[:2], "Say by which model"),
        ((*TARGET[:3], "nobody"), "There is no model nobody"),
        (TARGET[:4], "is missing"),
        ((*TARGET[:3], "clements", *TARGET[4:], "--site", "effect"), "has no effect site"),
        ((*TARGET[:3], "herd", *TARGET[4:]), "was found at ages of 1 to 14 years"),
        ((*TARGET[:3], "fanta-s", *TARGET[4:]), "is a model of S-ketamine"),
        ((*TARGET, "--until", "100 h"), "at most 48 h"),
    ],
)
def test_a_target_that_cannot_be_is_refused_in_one_line(
    arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says in refused(capsys, *WHO, *arguments)


@req("KIN-006")
def test_what_is_printed_names_models_sources_doubts_and_what_it_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, *WHO, "--infusion", "3 mg/kg/h for 1 h", "--stop-at", "20 min", "--threshold", "100 ng/mL")
    assert "Not for care." in out and "Idvall" in out and "Left out: Herd 2007" in out and "(unverified)" in out
    assert re.search(r"below 642 ng/mL, awakening .*: between \d:\d\d:\d\d and \d:\d\d:\d\d, by model\.", out)
    assert "stopped at 20 min: below 100 ng/mL" in out
    listed = said(capsys, "--models")
    assert all(model.source in listed and model.name in listed for model in schema.models().values())
    assert "UNVERIFIED" in listed
    assert {one["key"] for one in json.loads(said(capsys, "--models", "--json"))["models"]} == set(KEYS)


def test_the_picture_is_whole_and_says_in_words_what_it_shows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    svg, page = tmp_path / "p.svg", tmp_path / "p.html"
    files = ("--svg", str(svg), "--html", str(page))
    said(capsys, *WHO, "--bolus", "0.3 mg/kg", "--infusion", "0.1 mg/kg/h for 8 h", *files)
    root = ElementTree.fromstring(svg.read_text("utf-8"))
    space = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f"{space}polyline")) == 4 and len(root.findall(f"{space}polygon")) == 1
    title = root.find(f"{space}title")
    assert title is not None and "by 4 models" in str(title.text)
    text = page.read_text("utf-8")
    assert svg.read_text("utf-8") in text and "Not for care." in text and "<script" not in text
    said(capsys, *WHO, "--bolus", "21 mg", "--intramuscular", "50 mg", "--stop-at", "1 min", *files)
    assert "50 mg intramuscular at 0 min is in no line" in svg.read_text("utf-8")
    assert len(ElementTree.fromstring(svg.read_text("utf-8")).findall(f"{space}polygon")) == 2


def test_help_teaches_and_asking_for_it_loads_nothing_heavy() -> None:
    code = "import sys\nfrom assuage import cli\ntry: cli.main(['predict', '--help'])\nexcept SystemExit: pass\n"
    code += "print([name for name in ('numpy', 'pint', 'pydantic') if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "examples:" in out and "no\none of them is true" in out
    assert out.endswith("[]\n")
    assert max(len(line) for line in out.splitlines()) <= 100


def test_types_are_kept_to_the_end() -> None:
    given = Given(NOW, Mass.of(5, "mg"))
    assert Programme(KETAMINE, (given, Infusion(NOW, DoseRate.of(6, "mg/h"), Time.of(30, "min")))).total == Mass.of(
        8, "mg"
    )
