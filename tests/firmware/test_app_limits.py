"""The patient's alarm limits on the bedside board: what is told, when, as whose matter, and who may move them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from assuage_rig.bench import Bench
from assuage_rig.requirements import req
from assuage_rig.wirehost import RefusedError, WireHost
from assuage_wire import schema

SETTLE_S = 30.0
DELAY_S, SILENCE_S = 10, 10  # of the saturation, see docs/alarms.md
LOOK_S = 0.5  # a look, a turn of the alarms, and the message
SPO2, PULSE = (schema.PARAMETERS.index(name) for name in ("spo2", "pulse"))
OFF = schema.NONE16
SHOWN = ("active", "fading", "acknowledged", "leaving", "latched", "returning")


class Bedside:
    """A board with all sensors on a patient who is well, watched long enough that all numbers are there."""

    def __init__(self, bench: Bench) -> None:
        assert bench.circuit.side is not None
        self.bench, self.side, self.host = bench, bench.circuit.side, WireHost(bench)
        bench.run(0.5)
        self.host.identify()
        bench.run(SETTLE_S)

    def newest(self) -> dict[str, dict[str, Any]]:
        """The last word on each condition."""
        return {schema.ALARMS[m["alarm"]]: m for m in self.host.all("Alarm")}

    def told(self) -> set[str]:
        """The conditions that a person sees."""
        return {name for name, m in self.newest().items() if schema.ALARM_STATES[m["state"]] in SHOWN}

    def state(self, name: str) -> str:
        """Of a condition that was told."""
        return schema.ALARM_STATES[self.newest()[name]["state"]]

    def raised_within(self, name: str, seconds: float) -> float:
        """Seconds until it is told. Fails when it is not."""
        began = self.bench.now_us
        assert self.bench.run_until(lambda: name in self.told(), seconds, 0.05), (name, self.told())
        return (self.bench.now_us - began) / 1e6

    def below_s(self, name: str, limit: float) -> float:
        """Lets time pass until the board itself tells a good number below the limit."""
        began = self.bench.now_us
        assert self.bench.run_until(lambda: self._below(name, limit), 60, 0.05)
        return (self.bench.now_us - began) / 1e6

    def _below(self, name: str, limit: float) -> bool:
        said = self.host.vital(name)
        return said.quality == "good" and said.value is not None and said.value < limit


@pytest.fixture
def bed() -> Iterator[Bedside]:
    with Bench(bedside=True) as bench:
        yield Bedside(bench)


@req("ALM-008")
def test_a_saturation_below_its_limit_is_told_after_its_delay_and_not_before(bed: Bedside) -> None:
    assert bed.told() == set()
    bed.bench.patient.spo2 = 84
    bed.below_s("spo2", 90)
    took = bed.raised_within("spo2-low", DELAY_S + 3)
    # the number is told once a second: it may have been below for as long when it is read
    assert DELAY_S - 1 - LOOK_S <= took <= DELAY_S + LOOK_S
    assert (bed.told(), bed.state("spo2-low")) == ({"spo2-low"}, "active")
    assert bed.newest()["spo2-low"]["priority"] == schema.PRIORITIES.index("high")


@req("ALM-008")
def test_a_dip_that_is_shorter_than_the_delay_is_not_told(bed: Bedside) -> None:
    bed.bench.patient.spo2 = 84
    bed.below_s("spo2", 90)
    bed.bench.run(2)
    bed.bench.patient.spo2 = 97
    bed.bench.run(40)
    assert bed.told() == set()


@req("ALM-008")
def test_only_a_good_value_well_within_ends_it_and_a_person_has_to_have_seen_it(bed: Bedside) -> None:
    bed.bench.patient.spo2 = 84
    bed.raised_within("spo2-low", 40)
    bed.bench.patient.probe_on = False
    bed.bench.run(SILENCE_S + 5)
    assert bed.told() == {"spo2-low", "oximeter-missing"}, "no value is no good value"
    assert bed.state("spo2-low") == "active"
    bed.bench.patient.set(probe_on=True, spo2=97)
    bed.bench.run(SETTLE_S)
    assert bed.told() == {"spo2-low"} and bed.state("spo2-low") == "latched"
    bed.host.order("Acknowledge", bed.newest()["spo2-low"]["occurrence"])
    bed.bench.run(0.2)
    assert bed.told() == set()


@req("ALM-009")
def test_sensors_that_are_lost_are_told_in_their_time_as_the_equipments_matter_and_end_by_themselves(
    bed: Bedside,
) -> None:
    lost = (
        ("ecg", "lead_off", "heart-missing", 10),
        ("oximeter", "nack", "oximeter-missing", 10),
        ("capnometer", "silent", "capnograph-missing", 30),
        ("thermometer", "nack", "temperature-missing", 60),
    )
    began = bed.bench.now_us
    for component, kind, _, _ in lost:
        bed.bench.fault(component, kind)
    for _, _, alarm, silence in lost:
        bed.raised_within(alarm, silence + 4)
        took = (bed.bench.now_us - began) / 1e6
        assert silence - 1 <= took <= silence + 3 + LOOK_S, "the number itself is withdrawn within 3 s"
        assert bed.newest()[alarm]["priority"] == schema.PRIORITIES.index("medium")
    assert bed.told() == {alarm for _, _, alarm, _ in lost}
    for component, *_ in lost:
        bed.bench.mend(component)
    bed.bench.run(SETTLE_S)
    assert bed.told() == set()


@req("ALM-009")
def test_a_probe_that_is_off_is_never_the_patients_matter(bed: Bedside) -> None:
    bed.bench.patient.probe_on = False
    bed.raised_within("oximeter-missing", SILENCE_S + 3)
    bed.bench.run(30)
    assert bed.told() == {"oximeter-missing"}


@req("ALM-009")
def test_a_board_without_a_sensor_says_nothing_of_it() -> None:
    with Bench() as bench:
        host = WireHost(bench)
        bench.run(65)
        assert host.vital("spo2").quality == "good"
        assert host.all("Alarm") == []


@req("ALM-008")
def test_who_stops_breathing_is_the_patients_matter_and_the_capnograph_is_not_missing(bed: Bedside) -> None:
    bed.side.airway.set(rate=0)
    bed.raised_within("resp-low", 45)
    bed.bench.run(31)  # in which a capnograph that says nothing would be missing
    assert bed.told() == {"resp-low"}


@req("ALM-008")
def test_a_heart_that_stands_still_is_below_its_limit_and_not_missing(bed: Bedside) -> None:
    bed.side.heart.set(rate=0)
    bed.raised_within("heart-low", 30)
    assert bed.told() == {"heart-low"}


@req("ALM-010")
def test_limits_hold_at_once_when_a_person_moves_them_also_while_it_infuses(bed: Bedside) -> None:
    bed.host.start()
    bed.host.run(5)
    back = bed.host.order("SetLimit", SPO2, 980, OFF, 2)
    assert (back["low"], back["high"], back["delay"], back["least"], back["most"]) == (980, OFF, 2, 850, 1000)
    bed.host.run(3)
    assert bed.told() == {"spo2-low"} and bed.host.state == "infusing"
    told = bed.host.last("Limits")
    assert (told["low"][SPO2], told["delays"][SPO2], told["patient"]) == (980, 2, 0)
    bed.host.order("SetLimit", SPO2, 900, OFF, 10)
    bed.host.run(3)
    assert bed.state("spo2-low") == "latched"


@pytest.fixture
def plain(bench: Bench) -> Iterator[tuple[Bench, WireHost]]:
    """A board with an oximeter alone, and its host."""
    host = WireHost(bench)
    bench.run(0.5)
    host.identify()
    yield bench, host


@req("ALM-010")
def test_limits_that_nobody_may_set_are_refused_by_the_bound_or_the_field_and_the_old_ones_hold(
    plain: tuple[Bench, WireHost],
) -> None:
    bench, host = plain
    for low, high, detail in ((800, OFF, 850), (OFF, OFF, 3)):
        with pytest.raises(RefusedError) as refused:
            host.order("SetLimit", SPO2, low, high, 10)
        assert (refused.value.status, refused.value.detail) == ("bad-value", detail)
    bench.run(11)
    assert host.last("Limits")["low"][SPO2] == 900


@req("ALM-010")
def test_another_patient_has_his_own_limits_and_a_reset_begins_with_the_adults(plain: tuple[Bench, WireHost]) -> None:
    bench, host = plain
    host.order("SetLimit", SPO2, 950, OFF, 0)
    host.order("Patient", schema.PATIENTS.index("child"))
    bench.run(1.1)
    told = host.last("Limits")
    assert (told["low"][SPO2], told["low"][PULSE], told["patient"]) == (900, 750, 1)
    bench.run(25)
    assert "pulse-low" in {schema.ALARMS[m["alarm"]] for m in host.all("Alarm")}, "72 /min are too few for a child"
    bench.power_cycle()
    bench.run(4)
    host.identify(session=6)
    bench.run(2)
    told = host.last("Limits")
    assert (told["low"][PULSE], told["patient"]) == (500, 0)


@req("ALM-010")
def test_what_was_set_stands_in_the_boards_journal(plain: tuple[Bench, WireHost]) -> None:
    bench, host = plain
    host.order("SetLimit", SPO2, 920, OFF, 5)
    host.order("Patient", 1)
    bench.run(3)
    newest = host.last("Journal")["newest"]
    records = [host.order("Fetch", number) for number in range(newest + 1)]
    limit = schema.RECORDS.index("limit")
    noted = [(r["a"], r["b"], r["c"], r["x"], r["y"]) for r in records if r["kind"] == limit]
    assert noted == [(SPO2, 5, 0, 920, OFF), (255, 0, 1, 0, 0)]


def test_all_limits_are_told_every_ten_seconds_and_at_once_to_a_host_that_comes(plain: tuple[Bench, WireHost]) -> None:
    bench, host = plain
    bench.run(60)
    assert 6 <= len(host.all("Limits")) <= 8
    before = len(host.all("Limits"))
    host.identify(session=5)
    bench.run(1.1)
    assert len(host.all("Limits")) == before + 1
