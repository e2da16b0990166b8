"""A target for who is admitted: prescribed like any dose, and reckoned with all that the record says was given."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from assuage import config
from assuage.bedside.acting import WHO
from assuage.bedside.charting.outlook import flows_now
from assuage.errors import Refused
from assuage.pharmacy.kinetics import schema
from assuage.pharmacy.kinetics.body import Patient, body
from assuage.pharmacy.kinetics.course import course
from assuage.pharmacy.kinetics.programme import Given, Infusion, Programme
from assuage.pharmacy.kinetics.schema import models
from assuage.pharmacy.kinetics.tci import Controller, Limits
from assuage.pharmacy.quantities import Age, Concentration, DoseRate, Mass, Time, Weight
from assuage.pharmacy.substances import ESKETAMINE, KETAMINE, Substance
from assuage.record.events import Clinical, Target
from assuage.record.events import Given as Charted
from assuage.record.reading import read
from assuage_rig.requirements import req
from tests.host.eventually import until
from tests.host.titrating import FAST, ORDER, Pump, aimed
from tests.host.ward import WHOLE, ward

ASKED = {key: value for key, value in ORDER.items() if key not in WHOLE}


@req("KIN-010", "PHA-010")
async def test_a_target_is_for_who_is_admitted_and_the_record_has_what_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "x.record.sqlite"
    async with ward(path) as w:
        back = (await w.good("target/programme", **ASKED))["readback"]
        clinical = back["clinical"]
        assert (clinical["patient"], clinical["weight"], clinical["mode"]) == ("Ann Example", "70 kg", "tci")
        assert [(n["name"], n["means"]) for n in clinical["numbers"]] == [
            ("volume", "100 mg"), ("highest rate", "28 mg/h"), ("all that is given", "100 mg"),
        ]  # fmt: skip
        await w.infuse(back)
        await until(lambda: w.b.board.rate == 233_333)
        status, told = await w.post("target/confirm", programme=back["programme"], token=1)
        assert status == 409 and "set it again" in told["error"]
        offer = (await w.good("target", programme=back["programme"], target="120 ng/mL"))["readback"]
        asked = {"programme": back["programme"], "token": offer["token"]}
        status, told = await w.post("target/confirm", **asked)
        assert (status, told["field"]) == (400, "who")
        await w.good("target/confirm", **asked)
        await until(lambda: w.b.bed.snapshot()["target"]["target"] == "120 ng/mL")
        assert w.b.bed.charting is not None
        told = w.b.bed.charting.history.told
        await until(lambda: [flow.target for flow in flows_now(w.b.bed, told)] == ["120 ng/mL"])
        raised = (await w.good("target", programme=back["programme"], target="230 ng/mL"))["readback"]
        assert "more than twice" in raised["alerts"][0]
        told = await w.bad("target/confirm", programme=back["programme"], token=raised["token"])
        assert "second person" in told["error"]
        await w.good("pump/stop")
    entries = read(path)
    [checked] = [e.event(Clinical) for e in entries if e.kind == "checked"]
    assert checked is not None and (checked.substance, checked.ng_per_ml, checked.by) == ("ketamine", 2_000_000, "Dr B")
    assert checked.dose == "target 100 ng/mL in plasma by Domino 1982/84, at most 28 mg/h (28 mg/h loading)"
    said = [e.event(Target) for e in entries if e.kind == Target.KIND]
    assert [(each.target, each.by) for each in said if each] == [("100 ng/mL", "Dr B"), ("120 ng/mL", "Dr B")]


@req("KIN-010")
async def test_a_target_is_refused_as_any_prescription_is(tmp_path: Path) -> None:
    async with ward(tmp_path / "x.record.sqlite", admitted=False) as w:
        assert (await w.bad("target/programme", **ASKED))["status"] == "no-patient"
        await w.good("admit", patient="Ann Example", weight="70 kg", age="40 years", area="acute")
        status, told = await w.post("target/programme", **ASKED)
        assert status == 400 and "name" in told["error"]
        assert "the chart has 70 kg" in (await w.bad("target/programme", **ASKED, weight="60 kg"))["error"]
        loading = {"loading": FAST["loading"]}
        assert "give a reason" in (await w.bad("target/programme", **ASKED, **loading))["error"]
        back = (await w.good("target/programme", **ASKED, **FAST))["readback"]
        told = await w.bad("pump/confirm", programme=back["programme"], token=back["token"])
        assert "second person" in told["error"]
        await w.confirm(back, second="Nurse C")
        await w.record.keep(Charted(substance="ketamine", mass_ng=20_000_000, route="iv", by="Nurse C"))
        told = await w.bad("pump/start", programme=back["programme"])
        assert "Something was given since" in told["error"]


@req("KIN-010")
async def test_a_dose_that_the_model_cannot_take_up_forbids_its_target_for_a_day(tmp_path: Path) -> None:
    async with ward(tmp_path / "x.record.sqlite") as w:
        dose = Charted(substance="ketamine", mass_ng=20_000_000, route="im", by="Nurse C")
        await w.record.keep(dose)
        await until(lambda: w.b.bed.snapshot()["charting"]["had"])
        told = await w.bad("target/programme", **ASKED)
        assert "20 mg were given by intramuscular dose" in told["error"]
        assert "Order by the rate" in told["error"]
        (entry,) = await w.entries(Charted)
        await w.good("strike", number=entry.number, hash=entry.hash, reason="other patient")
        await w.good("target/programme", **ASKED)


class Record:
    """What a patient has had, as a test says."""

    doubt = ""

    def __init__(self, *parts: Given | Infusion, of: Substance = KETAMINE) -> None:
        self.had, self.later, self.of = parts, Programme(of), of

    hands = struck = 0

    def before(self, substance: Substance, without: int) -> Programme:
        assert substance == self.of
        return Programme(self.of, self.had)

    def by_hand(self, substance: Substance, after: int) -> Programme:
        return self.later


@req("KIN-007", "KIN-011")
async def test_what_was_given_before_and_is_charted_meanwhile_is_in_the_model_and_in_all_others(seed: int) -> None:
    """An infusion before, a bolus by hand that is charted five minutes late, and a dose that no model takes up."""
    named = WHO.set("Dr B")
    before = Infusion(Time.of(-60, "min"), DoseRate.of(20, "mg/h"), Time.of(45, "min"))
    record = Record(before)
    pump = Pump(random.Random(seed), record)
    pump.typed = {}
    await pump.offered()
    pump.say()
    await pump.targeting.look()
    pump.truth = course(pump.aim.body, Programme(KETAMINE, (before,))).state(0.0)
    shown = pump.fake.bed.snapshot()["target"]
    assert float(shown["predicted"]["plasma"].split()[0]) == pytest.approx(pump.level, abs=0.2) and pump.level > 20
    assert len(shown["predicted"]["band"]["each"]) == 4 and float(shown["predicted"]["band"]["low"].split()[0]) > 10
    pump.state = "infusing"
    for _ in range(600):
        await pump.second()
    late = Given(Time.of(-5, "min"), Mass.of(10, "mg"))
    record.later = Programme(KETAMINE, (late, Given(Time.of(-5, "min"), Mass.of(15, "mg"), "intramuscular")))
    record.hands = 2
    pump.truth = pump.truth + course(pump.aim.body, Programme(KETAMINE, (late,))).state(0.0)
    await pump.second()
    assert pump.targeting._following is not None
    shown = pump.fake.bed.snapshot()["target"]
    assert float(shown["predicted"]["plasma"].split()[0]) == pytest.approx(pump.level, rel=0.01)
    assert any(said.startswith("15 mg by intramuscular dose are not in what") for said in shown["doubts"])
    left = pump.targeting._following.control._ledger
    given = 15 + 10 + 15 + sum(pump.seconds) * 2e-6
    assert left.given == pytest.approx(given, abs=0.2), "what the model does not take up counts for the limits"
    assert pump.level > 100
    for _ in range(30):
        await pump.second()
    assert pump.flow == pump.aim.least, "above its target it waits"
    WHO.reset(named)


@req("KIN-007", "KIN-011", "REC-027")
async def test_what_was_charted_in_error_is_in_no_model_any_more_and_nothing_is_loaded_for_it(seed: int) -> None:
    """A bolus that nobody has given is charted, taken for given, and struck after ten minutes."""
    named = WHO.set("Dr B")
    never = Given(Time.of(-1, "min"), Mass.of(10, "mg"))
    record = Record()
    pump = Pump(random.Random(seed), record)
    pump.typed = {}
    await pump.offered()
    pump.state = "infusing"
    for _ in range(1200):
        await pump.second()
    record.later, record.hands = Programme(KETAMINE, (never,)), 1
    await pump.second()
    level = pump.fake.bed.snapshot()["target"]["predicted"]["plasma"]
    assert float(level.split()[0]) > 1.5 * pump.level, "what is charted is believed"
    for _ in range(600):
        await pump.second()
    at, last = pump.level, len(pump.flows)
    record.hands, record.struck = 0, 1
    await pump.second()
    for _ in range(20):
        await pump.second()
    shown = pump.fake.bed.snapshot()["target"]
    assert float(shown["predicted"]["plasma"].split()[0]) == pytest.approx(pump.level, rel=0.01)
    assert shown["phase"] == "holding" and pump.flow > pump.aim.least and pump.level > at
    found = pump.targeting._following
    assert found is not None and found.control._ledger.given == pytest.approx(sum(pump.seconds) * 2e-6, abs=0.2)
    for _ in range(1200):
        await pump.second()
        assert pump.level < 100 * 1.01
    assert pump.level > 95 and len(pump.flows) > last
    WHO.reset(named)


@req("KIN-011")
def test_a_dose_that_still_comes_in_is_followed_as_it_comes() -> None:
    """The swallowed part of a nasal dose reaches the liver's door for half an hour: in steps as at once."""
    from assuage.bedside.following import _Other

    patient = Patient(Weight.of(70, "kg"), Age.of(40, "years"))
    made = body(models()["perezruixo-s"], patient)
    dose = Programme(ESKETAMINE, (Given(Time.of(-4, "min"), Mass.of(56, "mg"), "intranasal"),))
    running = _Other(made, made.system.empty)
    running.had(dose)
    whole = course(made, dose)
    for minute in range(1, 91):
        for _ in range(4):
            running.went(0.0, 0.25)
        assert made.system.plasma(running.state) == pytest.approx(made.system.plasma(whole.state(minute)), rel=1e-9)


@req("KIN-003")
def test_a_hospital_s_own_models_are_named_in_the_configuration_and_told_in_the_record(tmp_path: Path) -> None:
    own, text = schema.HERE / "models.toml", '[link]\nport = "/dev/ttyACM0"\n[pharmacy]\nmodels = "mine.toml"\n'
    mine = tmp_path / "mine.toml"
    plain = own.read_text("utf-8")
    mine.write_text(plain.replace("1.08 L/kg", "1.09 L/kg") + "\n# a note\n")
    loaded = config.parse(text, tmp_path / "bed.toml")
    assert loaded.pharmacy.models == mine and schema.models()["hijazi"].volume == "1.08 L/kg"
    before = aimed()
    try:
        loaded.pharmacy.checked_models(use=True)
        assert schema.models()["hijazi"].volume == "1.09 L/kg"
        assert aimed().models != before.models
    finally:
        schema.use(own)
    assert aimed().models == before.models == schema.digest(own)
    mine.write_text(plain.replace("1.08 L/kg", "1.08 litres"))
    schema._models.cache_clear()
    with pytest.raises(config.ConfigError, match=r"pharmacy\.models: .*mine\.toml, model 3, volume"):
        config.parse(text, tmp_path / "bed.toml")


@req("KIN-004", "KIN-011")
def test_a_controller_follows_what_still_comes_in_before_it_began_and_charted_late() -> None:
    made = body(models()["perezruixo-s"], Patient(Weight.of(70, "kg"), Age.of(40, "years")))
    before, late = (Given(Time.of(-at, "min"), Mass.of(28, "mg"), "intranasal") for at in (12, 3))
    most, hour = DoseRate.of(70, "mg/h"), (Mass.of(100, "mg"), Time.of(1, "h"))
    target, had = Concentration.of(80, "ng/mL"), Programme(ESKETAMINE, (before,))
    control = Controller(made, "plasma", target, Limits(most, most, within=(hour,)), before=had)
    infused: list[Infusion] = []
    for n in range(360):
        if n == 60:  # ten minutes on, somebody charts a dose of three minutes ago
            control.charted(Programme(ESKETAMINE, (late,)), Programme(ESKETAMINE))
        asked = control.ask()
        control.went(asked.rate, asked.lasts)
        infused.append(Infusion(asked.lasts * n, asked.rate, asked.lasts))
    charted = replace(late, at=Time.of(7, "min"))
    whole = course(made, Programme(ESKETAMINE, (before, charted, *infused)))
    assert control.plasma.approximate("ng/mL") == pytest.approx(whole.plasma(Time.of(60, "min")).approximate("ng/mL"))
    given = sum(part.rate.approximate("mg/h") for part in infused) / 360
    assert 56 + given <= 100, "doses by hand count in the hour"


@req("KIN-010", "KIN-011")
async def test_no_target_is_ordered_where_nobody_knows_what_was_given_before(seed: int) -> None:
    record = Record()
    record.doubt = "What this patient had before is not known: the record has not been read yet."
    pump = Pump(random.Random(seed), record)
    pump.typed = {}
    with pytest.raises(Refused, match="So no target can be followed yet; try again"):
        await pump.offered()
    record.doubt = ""
    await pump.offered()
