"""What the screens show of a bed: the newest of each kind, and nothing old as if it were new."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assuage.bedside.bed import Bed
from assuage.bedside.picture import Label
from assuage.errors import BadInput, Refused
from assuage.link.events import Identified, Link, LinkChanged, Telemetry
from assuage.link.messages import Health, Hello, Pleth, PumpStatus
from assuage_rig.requirements import req
from assuage_wire import schema
from assuage_wire.codec import SCHEMA_ID
from tests.host.beds import said

UNIX = 1_769_847_300.25  # 2026-01-31T08:15:00.250Z
START = 1000.0

HELLO = Hello(1, SCHEMA_ID, bytes(range(8)), 0, 1, 0, 7, 12, 1, 5, 0, 0)
STATUS = PumpStatus(
    5000, 0, schema.STATES.index("infusing"), 0, 77, 166_667, 166_667, 50_000_000, 1_234_560, 1_230_000, 17_500, 1900,
    0, 0, schema.NONE32, schema.NONE32, 0, 0, 0, 0, 0,
)  # fmt: skip
VITALS = said(trust=95, ticks=5000, pulse=720, perfusion=210)
HEALTH = Health(5000, 0, 0, 900, 1500, 90_000, 3, 1, 1900, 1800)


class Ward:
    """A bed and its clock."""

    def __init__(self) -> None:
        self.now = START
        self.bed = Bed("Bed 1", "/dev/ttyACM0", clock=lambda: self.now, wall=lambda: UNIX + self.now - START)

    def live(self) -> Ward:
        self.bed.handle(Identified(HELLO, False, self.now))
        self.bed.handle(LinkChanged(Link.LIVE, "The board is connected.", self.now))
        return self

    def tell(self, *messages: Any) -> Ward:
        for message in messages:
            self.bed.handle(Telemetry(message, self.now, self.now))
        return self

    @property
    def shown(self) -> dict[str, Any]:
        snapshot = self.bed.snapshot()
        json.dumps(snapshot, allow_nan=False)
        return snapshot


def test_a_live_bed_in_a_persons_units() -> None:
    ward = Ward().live()
    ward.bed.set_label(Label(77, "Ketamine racemic 10 mg/mL", "BD 50 mL"))
    ward.bed.set_rtt(0.0012)
    ward.bed.set_frames(4, 1)
    shown = ward.tell(STATUS, VITALS, HEALTH).shown
    assert shown["time"] == "2026-01-31T08:15:00.250Z"
    assert shown["link"] == {
        "state": "live", "since_s": 0.0, "sentence": "The board is connected.", "rtt_ms": 1.2, "port": "/dev/ttyACM0",
        "frames_lost": 4, "frames_refused": 1,
    }  # fmt: skip
    assert shown["board"] == {
        "uid": "0001020304050607", "firmware": "0.1.0", "boot": 12, "reset": "power-on",
        "schema": f"{SCHEMA_ID:08x}", "schema_ok": True, "config": "00000007",
    }  # fmt: skip
    vitals = shown["vitals"]
    assert {key: vitals[key] for key in ("spo2", "pulse", "perfusion", "quality", "ppg", "age_s", "sentence")} == {
        "spo2": 97.1, "pulse": 72.0, "perfusion": 2.1, "quality": 95, "ppg": "ok", "age_s": 0.0, "sentence": "",
    }  # fmt: skip
    assert vitals["readings"]["pulse"] == {"quality": "good", "signal": "ok", "age_s": 0.0, "sentence": ""}
    assert vitals["etco2"] is None
    assert vitals["readings"]["etco2"] == {
        "quality": "none", "signal": "never", "age_s": None, "sentence": "The CO2 sensor has not measured yet.",
    }  # fmt: skip
    pump = shown["pump"]
    assert (pump["state"], pump["drug"], pump["rate_ml_h"]) == ("infusing", "Ketamine racemic 10 mg/mL", 10.0)
    assert (pump["vtbi_ml"], pump["delivered_ml"], pump["measured_ml"]) == (50.0, 1.2346, 1.23)
    assert (pump["left_s"], pump["lease_ms"], pump["on_loss"], pump["was"]) == (17_500, 1900, "stop", None)
    assert shown["health"]["rx_errors"] == 3
    assert (shown["readback"], shown["refusal"], shown["services"]) == (None, None, {})


def test_before_anything_is_heard_nothing_is_claimed() -> None:
    shown = Ward().shown
    assert shown["link"]["state"] == "connecting"
    assert shown["board"] is None
    assert shown["vitals"]["spo2"] is None
    assert shown["pump"]["state"] == "unknown"
    assert shown["health"] is None


@req("VIT-003")
@pytest.mark.parametrize(("age", "there"), [(2.9, True), (3.1, False)])
def test_vital_signs_older_than_three_seconds_are_no_numbers(age: float, there: bool) -> None:
    ward = Ward().live().tell(said())
    ward.now += age
    vitals = ward.shown["vitals"]
    assert (vitals["spo2"] is not None) == there
    assert vitals["age_s"] == pytest.approx(age)
    assert there or "3 s old" in vitals["sentence"]


def test_the_age_on_the_board_counts() -> None:
    """A board that keeps sending numbers from samples that no longer come is seen through."""
    vitals = Ward().live().tell(said(3.5, ppg="sensor-lost")).shown["vitals"]
    assert vitals["pulse"] is None
    assert "does not answer" in vitals["sentence"]


@pytest.mark.parametrize("state", schema.SIGNALS[:-1])
def test_vital_signs_that_no_longer_come_are_not_explained_by_what_the_oximeter_last_said(state: str) -> None:
    ward = Ward().live().tell(said(ppg=state))
    ward.now += 60
    assert ward.shown["vitals"]["sentence"] == (
        "No newer vital signs have come from the board. The last ones are 60 s old."
    )


@pytest.mark.parametrize("state", schema.SIGNALS[:-1])
def test_vital_signs_that_come_from_old_samples_are_the_oximeters_fault_and_not_the_boards(state: str) -> None:
    ward = Ward().live().tell(said(30, ppg=state))
    ward.now += 0.5
    why = "does not answer" if state == "sensor-lost" else "gives no new samples"
    assert ward.shown["vitals"]["sentence"] == f"The oximeter {why}; check its cable. The last ones are 30 s old."


def test_what_lay_in_a_buffer_is_as_old_as_the_board_says_and_not_as_its_reception() -> None:
    ward = Ward().live()
    for message in (STATUS, VITALS, HEALTH):
        ward.bed.handle(Telemetry(message, ward.now, ward.now - 14.5))
    shown = ward.shown
    assert (shown["pump"]["state"], shown["pump"]["rate_ml_h"], shown["pump"]["age_s"]) == ("unknown", None, 14.5)
    assert "14 s ago" in shown["pump"]["sentence"]
    assert (shown["vitals"]["spo2"], shown["vitals"]["age_s"]) == (None, pytest.approx(14.5))
    assert shown["health"] is None
    assert ward.bed.picture.pump is not None
    assert ward.bed.picture.pump.at == ward.now - 14.5, "no permission rests on it"
    shown = ward.tell(STATUS, VITALS, HEALTH).shown
    assert (shown["pump"]["state"], shown["pump"]["age_s"], shown["vitals"]["spo2"]) == ("infusing", 0.0, 97.1)
    assert shown["health"]["age_s"] == 0.0


def test_a_board_whose_clock_is_taken_to_run_ahead_makes_nothing_younger_than_its_reception() -> None:
    ward = Ward().live()
    ward.bed.handle(Telemetry(STATUS, ward.now, ward.now + 10))
    ward.now += 2
    assert (ward.shown["pump"]["state"], ward.shown["pump"]["age_s"]) == ("unknown", 2.0)


@pytest.mark.parametrize(("age", "there"), [(1.4, True), (1.6, False)])
def test_a_pump_not_heard_for_one_and_a_half_seconds_is_not_shown_as_running(age: float, there: bool) -> None:
    ward = Ward().live().tell(STATUS)
    ward.now += age
    pump = ward.shown["pump"]
    assert (pump["state"] == "infusing") == there
    assert (pump["rate_ml_h"] is not None) == there
    if not there:
        assert pump["state"] == "unknown"
        assert "2 s ago" in pump["sentence"] and "infusing" in pump["sentence"]


@req("VIT-003")
@pytest.mark.parametrize("state", [Link.LOST, Link.CONNECTING, Link.MISMATCH])
def test_without_a_live_link_every_number_goes_at_once(state: Link) -> None:
    ward = Ward().live().tell(STATUS, VITALS, HEALTH)
    ward.bed.handle(LinkChanged(state, "The cable is out.", ward.now))
    shown = ward.shown
    numbers = [v for part in ("vitals", "pump") for k, v in shown[part].items() if k not in ("age_s", "programme")]
    assert not any(isinstance(v, int | float) for v in numbers)
    assert shown["health"] is None
    assert shown["link"]["rtt_ms"] is None
    assert "The cable is out." in shown["vitals"]["sentence"]
    assert shown["board"]["uid"], "who it was is still known"


@req("SYS-014")
def test_ages_do_not_follow_the_wall_clock() -> None:
    now, wall = 50.0, UNIX
    bed = Bed("Bed 1", clock=lambda: now, wall=lambda: wall)
    bed.handle(LinkChanged(Link.LIVE, "", now))
    bed.handle(Telemetry(VITALS, now, now))
    wall -= 86_400
    now += 5
    assert bed.snapshot()["vitals"]["spo2"] is None


def test_a_restart_of_the_board_forgets_what_it_said_before() -> None:
    ward = Ward().live().tell(STATUS, VITALS, HEALTH)
    ward.bed.set_readback({"programme": 77})
    ward.bed.handle(Identified(HELLO._replace(boot=13), True, ward.now))
    shown = ward.shown
    assert shown["pump"]["state"] == "unknown"
    assert shown["readback"] is None
    assert shown["board"]["boot"] == 13


def test_how_long_the_link_is_lost_is_counted_from_the_loss_however_often_the_reason_changes() -> None:
    ward = Ward().live()
    ward.now += 10
    ward.bed.handle(LinkChanged(Link.LOST, "The port has gone.", ward.now))
    ward.now += 30
    ward.bed.handle(LinkChanged(Link.LOST, "There is no such port.", ward.now))
    ward.now += 5
    assert ward.shown["link"]["since_s"] == 35
    assert ward.shown["link"]["sentence"] == "There is no such port."


def test_no_number_from_the_board_is_no_number_on_the_screen() -> None:
    none = schema.NONE16
    shown = Ward().live().tell(
        said(spo2=none, pulse=none, perfusion=none, ppg="probe-off"),
        STATUS._replace(state=schema.STATES.index("stopped"), reason=1, left=schema.NONE32, rate=0),
        HEALTH._replace(lease=none),
    ).shown  # fmt: skip
    assert (shown["vitals"]["spo2"], shown["vitals"]["pulse"], shown["vitals"]["perfusion"]) == (None, None, None)
    assert "probe is off" in shown["vitals"]["sentence"]
    assert (shown["pump"]["left_s"], shown["pump"]["lease_ms"], shown["pump"]["rate_ml_h"]) == (None, None, 0.0)
    assert "STOP was given" in shown["pump"]["sentence"]
    assert shown["health"]["lease_ms"] is None


def test_after_a_reset_the_pump_says_what_it_had_delivered() -> None:
    status = STATUS._replace(
        state=schema.STATES.index("unconfirmed"), reason=schema.REASONS.index("reset"), programme=0, rate=0,
        was_programme=77, was_low=1_200_000, was_high=1_250_000,
    )  # fmt: skip
    ward = Ward().live().tell(status)
    assert ward.shown["pump"]["was"] == {"programme": 77, "low_ml": 1.2, "high_ml": 1.25}
    assert ward.shown["pump"]["drug"] == ""
    ward.tell(status._replace(was_low=1_200_070, was_high=1_250_030))
    assert ward.shown["pump"]["was"] == {"programme": 77, "low_ml": 1.2, "high_ml": 1.2501}, "rounded outwards"
    ward.tell(status._replace(was_low=schema.NONE32, was_high=schema.NONE32))
    assert ward.shown["pump"]["was"] == {"programme": 77, "low_ml": None, "high_ml": None}


def test_a_programme_of_somebody_elses_has_no_drug_name_and_says_so() -> None:
    ward = Ward().live()
    ward.bed.set_label(Label(76, "Saline", "BD 50 mL"))
    ward.bed.set_ours(False, "This host did not start it.")
    pump = ward.tell(STATUS).shown["pump"]
    assert pump["drug"] == "not known to this host"
    assert pump["sentence"].endswith("This host did not start it.")


def test_refusals_are_shown_with_status_limit_and_time() -> None:
    ward = Ward()
    ward.bed.set_refusal(Refused("rate-limit", "The rate is too high.", limit="1200.00 mL/h"))
    ward.now += 4
    assert ward.shown["refusal"] == {
        "sentence": "The rate is too high.", "status": "rate-limit", "limit": "1200.00 mL/h", "by": "board",
        "time": "2026-01-31T08:15:00.250Z",
    }  # fmt: skip
    ward.bed.set_refusal(BadInput("rate", "Rate is missing."))
    assert (ward.shown["refusal"]["status"], ward.shown["refusal"]["by"]) == ("bad-value", "host")
    ward.bed.set_refusal(None)
    assert ward.shown["refusal"] is None


def test_codes_of_a_newer_board_are_shown_as_numbers_and_break_nothing() -> None:
    unknown = VITALS._replace(signals=(96,) * len(schema.PARAMETERS))
    shown = Ward().live().tell(STATUS._replace(state=99, reason=98, on_loss=97), unknown).shown
    assert (shown["pump"]["state"], shown["pump"]["on_loss"], shown["vitals"]["ppg"]) == (
        "code 99",
        "code 97",
        "code 96",
    )
    assert "does not know" in shown["pump"]["sentence"]


def test_listeners_hear_of_each_change_and_a_broken_one_disturbs_nobody() -> None:
    ward, heard = Ward(), list[str]()

    def broken(topic: str) -> None:
        raise RuntimeError(topic)

    ward.bed.subscribe(broken)
    end = ward.bed.subscribe(heard.append)
    ward.live().tell(STATUS, VITALS, HEALTH, Pleth(5000, 0, 10, 100, 0, tuple(range(10))))
    ward.bed.set_readback(None)
    ward.bed.set_service("mqtt", {"state": "up"})
    ward.bed.set_service("mqtt", {"state": "up", "queued": 3})
    assert heard == ["board", "link", "pump", "vitals", "health", "pleth", "order", "services"]
    assert ward.shown["services"]["mqtt"]["queued"] == 3
    end()
    ward.tell(STATUS)
    assert len(heard) == 8


def test_the_pulse_wave_is_kept_in_batches_with_the_time_of_the_first_sample() -> None:
    ward = Ward().live()
    for i in range(400):
        ward.bed.handle(Telemetry(Pleth(0, 0, i * 10, 100, 0, tuple(range(10))), ward.now, ward.now - 0.02))
        ward.now += 0.1
    ring = ward.bed.pleth
    assert ring.position == 400
    assert ring.since(400) == ring.since(999) == []
    [newest] = ring.since(399)
    assert (newest.index, newest.hz, newest.signal, len(newest.samples)) == (3990, 100, "ok", 10)
    assert newest.time == pytest.approx(UNIX + 39.9 - 0.02, abs=0.001)
    assert [b.position for b in ring.since(0)] == list(range(101, 401)), "half a minute is kept"
