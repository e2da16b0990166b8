"""The interlock on the board at a bed: raw signals in, and the shaft stands; only a human lets the drug flow again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assuage_rig.bench import Bench
from assuage_rig.wirehost import RefusedError, Row, WireHost
from assuage_wire import schema

SPO2: Row = ("spo2", "below", 900, 5_000, 20, 5_000, 8_000)
BREATH: Row = ("resp", "apnoea", 15_000, 0, 5_000, 20_000, 20_000)
PRESSURE: Row = ("systolic", "below", 900, 0, 50, 1_200_000, 0)
SETTLE_S = 45.0


class Guarded:
    """A bed, its host, and an infusion that is guarded. at: rig time in s."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.host = WireHost(bench)

    @property
    def at(self) -> float:
        return self.bench.now_us / 1e6

    def begin(self, *rows: Row, **programme: object) -> None:
        """From power-on until it infuses."""
        self.host.run(SETTLE_S)
        self.host.identify()
        self.order(*rows, **programme)

    def order(self, *rows: Row, **programme: object) -> None:
        """From the offer until it infuses."""
        back = self.host.guarded(rows, **programme)
        assert back.get("lacking") == 0, back
        self.host.begin(back["token"])

    def told(self) -> dict[str, int]:
        """The newest Interlock message."""
        return self.host.last("Interlock")

    def wait(self, state: str, seconds: float) -> float:
        """Until the pump is in this state; how long that took."""
        began = self.at
        while self.host.state != state:
            assert self.at - began < seconds, (self.host.state, self.host.reason, self.told())
            self.host.run(0.05)
        return self.at - began

    def refused(self, name: str, *values: object) -> str:
        """Status with which a command is refused."""
        with pytest.raises(RefusedError) as refused:
            self.host.order(name, *values)
        return refused.value.status

    def stands(self, seconds: float = 3.0) -> bool:
        """Whether the shaft has not moved for so long."""
        before = self.bench.circuit.drive.consumed
        self.host.run(seconds)
        return self.bench.circuit.drive.consumed == before


@pytest.fixture
def bed() -> Iterator[Guarded]:
    with Bench(bedside=True) as bench:
        yield Guarded(bench)


def test_a_saturation_below_its_limit_pauses_names_what_was_seen_and_waits_for_a_human(bed: Guarded) -> None:
    bed.begin(SPO2)
    assert (bed.told()["rows"], bed.told()["normal"], bed.told()["tripped"]) == (1, 1, 0)
    bed.bench.patient.spo2 = 84.0
    bed.wait("paused", 30)
    assert bed.host.reason == "interlock"
    told = bed.told()
    assert (told["tripped"], schema.PARAMETERS[told["parameter"]], schema.GUARDS[told["kind"]]) == (1, "spo2", "below")
    assert told["value"] < 900 and told["quality"] == schema.QUALITIES.index("good") and told["age"] < 5_000
    assert bed.stands()
    assert bed.refused("Resume", bed.host.programme, *bed.host.until()) == "interlock"
    assert bed.refused("Release", told["number"]) == "guard", "not while it is low"
    bed.bench.patient.spo2 = 97.0
    bed.host.run(30)
    assert bed.host.state == "paused" and bed.told()["normal"] == 1, "it never goes on by itself"
    assert bed.refused("Release", told["number"] + 1) == "stale-clear"
    assert bed.refused("Resume", bed.host.programme, *bed.host.until()) == "interlock"
    bed.host.order("Release", told["number"])
    assert bed.stands() and bed.host.reason == "paused", "a release is no resume"
    assert bed.refused("Release", told["number"]) == "bad-state"
    bed.host.resume()
    bed.wait("infusing", 2)
    assert not bed.stands()


def test_a_probe_that_is_off_is_not_normal_and_is_told_as_missing(bed: Guarded) -> None:
    bed.begin(SPO2)
    bed.bench.patient.set(probe_on=False)
    took = bed.wait("paused", 20)
    assert 8.0 <= took <= 8.0 + 5.0 + 1.0, "missing, and at most max_age before it"
    assert bed.host.reason == "vitals-missing"
    assert schema.GUARDS[bed.told()["kind"]] == "missing"


def test_nothing_begins_before_every_row_is_normal(bed: Guarded) -> None:
    bed.bench.patient.set(probe_on=False)
    bed.host.run(SETTLE_S)
    bed.host.identify()
    back = bed.host.guarded((SPO2, BREATH))
    bed.host.order("Confirm", bed.host.programme, back["token"])
    bed.host.make_ready()
    bed.host.order("Arm", bed.host.programme)
    assert bed.refused("Start", bed.host.programme, *bed.host.until()) == "guard"
    bed.host.run(1.5)
    told = bed.told()
    assert (told["row"], schema.PARAMETERS[told["parameter"]], told["tripped"]) == (0, "spo2", 0)
    bed.bench.patient.set(probe_on=True)
    bed.host.run(SETTLE_S)
    bed.host.order("Start", bed.host.programme, *bed.host.until())


def test_a_trip_outlives_a_reset_and_its_alarm_too(bed: Guarded) -> None:
    bed.begin(SPO2)
    bed.bench.patient.set(spo2=80.0)
    bed.wait("paused", 30)
    number = bed.told()["number"]
    bed.host.run(1)
    bed.bench.power_cycle()
    bed.bench.patient.set(spo2=97.0)
    bed.host.run(SETTLE_S)
    bed.host.identify()
    told = bed.told()
    assert (told["tripped"], told["number"], schema.PARAMETERS[told["parameter"]]) == (1, number, "spo2")
    assert told["value"] < 900
    shown = {schema.ALARMS[alarm["alarm"]] for alarm in bed.host.all("Alarm", bed.at - 5)}
    assert "interlock" in shown
    bed.host.order("Clear", schema.REASONS.index(bed.host.reason))
    back = bed.host.guarded((SPO2,))
    bed.host.order("Confirm", bed.host.programme, back["token"])
    bed.host.make_ready()
    bed.host.order("Arm", bed.host.programme)
    assert bed.refused("Start", bed.host.programme, *bed.host.until()) == "interlock"
    bed.host.order("Release", number)
    bed.host.order("Start", bed.host.programme, *bed.host.until())


def test_a_row_that_cannot_be_ends_the_offer_and_the_programme_before_stays(bed: Guarded) -> None:
    bed.host.run(1)
    bed.host.identify()
    back = bed.host.guarded((SPO2, BREATH))
    assert back["token"] and (back["threshold"], back["persistence"]) == (15_000, 0)
    first = bed.host.programme
    answer = bed.host.guarded((SPO2, ("map", "apnoea", 1, 0, 0, 0, 0)))
    assert (schema.STATUSES[answer["status"]], answer["detail"]) == ("bad-value", 5)
    assert schema.STATUSES[bed.host.ask("Guard", bed.host.programme, 1, 0, 0, 1, 0, 0, 0, 0)["status"]] == "bad-state"
    bed.host.order("Confirm", first, back["token"])


def test_the_rate_of_a_kvo_that_is_guarded_ends(bed: Guarded) -> None:
    bed.begin(SPO2, on_end=schema.ON_END.index("kvo"), ml_h=600.0, ml=1.0, kvo_ml_h=5.0, limit_volume=5_000_000)
    bed.wait("kvo", 20)
    bed.bench.patient.set(spo2=80.0)
    bed.wait("stopped", 30)
    assert bed.host.reason == "interlock" and bed.stands()
