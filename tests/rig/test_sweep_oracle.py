"""The oracle of the single faults, told wrong things: each is found, and what is right is not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sweep.faultrun import Outcome, Raised
from sweep.judge import judge
from sweep.ledger import Ledger
from sweep.pairs import Pair, pairs
from sweep.plan import Planned
from sweep.states import STATES

UL_S = 60_000.0  # nL/min of a µL a second


def outcome(*raised: str, state: str = "fault", due: bool = True, energised: bool = False) -> Outcome:
    told = [Raised(condition, 0.5, 0.5) for condition in raised]
    return Outcome(told, state, "encoder-lost", due, energised, 0.0, 0.0, 0)


def run(fault: str = "encoder nack", state: str = "infusing") -> Planned:
    return Planned(fault, STATES[state], 5.0, 0.1)


def test_what_the_table_says_is_right() -> None:
    assert judge(run(), outcome("encoder-lost")) == []
    assert judge(run("encoder nack", "programmed"), outcome(state="programmed")) == []
    assert judge(run("line disconnection"), outcome(state="infusing", energised=True)) == [], (
        "nothing has to come of it"
    )
    assert judge(run("encoder nack", "kvo"), outcome("kvo-running", "encoder-lost")) == [], "the state's own"


@pytest.mark.parametrize(
    ("came_of_it", "said"),
    [
        (outcome("encoder-disagrees"), "encoder-disagrees was raised"),
        (outcome(), "nothing was raised, instead of encoder-lost"),
        (outcome("encoder-lost", state="infusing", energised=True), "the pump is infusing (encoder-lost), not fault"),
        (outcome("encoder-lost", state="stopped"), "the pump is stopped (encoder-lost), not fault"),
        (outcome("encoder-lost", energised=True), "the pump is fault (encoder-lost), and its motor has current"),
    ],
)
def test_a_wrong_name_none_a_wrong_state_and_a_motor_with_current_are_found(came_of_it: Outcome, said: str) -> None:
    assert judge(run(), came_of_it) == [f"encoder nack / infusing / 5 mL/h: {said}"]


def test_a_false_alarm_of_a_fault_that_changes_nothing_is_found() -> None:
    said = judge(run("encoder weak"), outcome("encoder-lost"))
    assert [what.partition(": ")[2] for what in said] == [
        "encoder-lost was raised", "the pump is fault (encoder-lost), not infusing",
    ]  # fmt: skip


def test_before_it_can_be_known_nothing_needs_to_be_told() -> None:
    assert judge(run("motor stall"), outcome(state="infusing", due=False, energised=True)) == []
    assert judge(run("motor stall"), outcome(state="paused", due=False)) != []


class Plant(SimpleNamespace):
    """What a ledger looks at, moved by hand."""

    def __init__(self) -> None:
        drive = SimpleNamespace(enabled=True, moving=True, turned=0)
        super().__init__(now_us=0, patient_nl=0.0, plunger_nl=0.0, drive=drive)

    def flow(self, seconds: float, patient_ul: float, shaft_ul: float) -> None:
        self.now_us += round(seconds * 1e6)
        self.patient_nl += patient_ul * 1000
        self.plunger_nl += shaft_ul * 1000


@pytest.fixture
def plant() -> Plant:
    return Plant()


def ledger_of(plant: Any) -> Ledger:
    ledger = Ledger(plant)
    ledger.allow(UL_S)
    return ledger


def test_what_was_ordered_is_not_over(plant: Plant) -> None:
    ledger = ledger_of(plant)
    for _ in range(10):
        plant.flow(1.0, 1.0, 1.0)
        ledger.look()
    assert ledger.over_nl == pytest.approx(0.0, abs=1e-6) == ledger.shaft_over_nl


def test_what_patient_or_shaft_get_beyond_the_order_is_over_by_that_much(plant: Plant) -> None:
    ledger = ledger_of(plant)
    plant.flow(10.0, 12.0, 10.0)
    ledger.look()
    assert ledger.over_nl == pytest.approx(2000)
    ledger.mark()
    plant.flow(10.0, 10.0, 17.0)
    ledger.look()
    assert ledger.shaft_over_nl == pytest.approx(7000)
    plant.flow(60.0, 0.0, 0.0)
    ledger.look()
    assert ledger.over_nl == pytest.approx(2000), "the most that it ever was"


def test_a_pump_that_goes_on_beyond_the_moment_at_which_it_must_stand_is_over(plant: Plant) -> None:
    ledger = ledger_of(plant)
    ledger.entitled_us = 2_000_000
    for _ in range(5):
        plant.flow(1.0, 1.0, 1.0)
        ledger.look()
    assert ledger.over_nl == pytest.approx(3000) == ledger.shaft_over_nl


def test_nothing_is_owed_to_a_motor_without_current_nor_after_a_stop(plant: Plant) -> None:
    ledger = ledger_of(plant)
    plant.drive.enabled = False
    plant.flow(5.0, 5.0, 5.0)
    ledger.look()
    assert ledger.over_nl == pytest.approx(5000)
    plant.drive.enabled = True
    ledger.allow(0.0)
    plant.flow(5.0, 5.0, 5.0)
    ledger.look()
    assert ledger.over_nl == pytest.approx(10_000)


def test_only_what_takes_the_other_ones_sensor_away_excuses_it_and_never_the_first_one_itself() -> None:
    by = {frozenset((pair.first, pair.second)): pair for pair in pairs(1, every=True)}

    def pair(*faults: str) -> Pair:
        return by[frozenset(faults)]

    hidden = pair("plunger_contact short", "syringe plunger")
    assert hidden.hidden and hidden.stops_s is None
    assert pair("gauge stale", "battery low").stops_s is None
    assert pair("gauge stale", "syringe plunger").stops_s is not None, "another sensor"
    assert pair("plunger_contact short", "syringe barrel").stops_s is not None, "another contact"
    told = pair("barrel_pot_input open", "encoder nack")
    assert not told.hidden and told.stops_s is not None
