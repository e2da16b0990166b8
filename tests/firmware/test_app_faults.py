"""What breaks around the board's loop, and inside it: the pump stands when it must, and the board goes on telling."""

from __future__ import annotations

from pathlib import Path

import pytest

from assuage_rig.bench import Bench, BoardDiedError
from assuage_rig.requirements import req
from assuage_rig.wirehost import WireHost
from assuage_wire import schema
from tests.firmware.conftest import target


def _ppg(host: WireHost) -> str:
    return host.vital("spo2").signal


@req("VIT-002")
def test_an_oximeter_that_does_not_answer_costs_its_numbers_and_nothing_else(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=30.0, ml=50.0)
    began = bench.now_us / 1e6
    host.run(15)
    assert _ppg(host) == "ok"
    bench.fault("oximeter", "nack")
    host.run(5)
    assert _ppg(host) == "sensor-lost"
    assert (host.vital("spo2").value, host.vital("pulse").value) == (None, None)
    assert host.vital("spo2").age_s > 3
    assert host.last("Health")["bus_errors"] >= 30
    assert host.last("Health")["overruns"] == 0
    bench.mend("oximeter")
    host.run(15)
    assert _ppg(host) == "ok"
    last = host.all("Pleth")[-1]
    since_boot = last["ticks"] - host.said[0].values["ticks"] & schema.S30
    assert last["index"] == pytest.approx(since_boot / 10, abs=40), "the gap is in the numbering"
    assert host.state == "infusing"
    assert bench.plunger_nl == pytest.approx(30e6 / 3600 * (bench.now_us / 1e6 - began), rel=0.01)


@pytest.mark.parametrize("kind", ["brownout", "stuck_fifo"])
def test_an_oximeter_that_lost_its_settings_or_stopped_comes_back_by_itself(
    bench: Bench, host: WireHost, kind: str
) -> None:
    bench.run(15)
    assert _ppg(host) == "ok"
    bench.fault("oximeter", kind)
    bench.run(1.5)
    bench.mend("oximeter")
    bench.run(15)
    assert _ppg(host) == "ok"
    assert host.last("Health")["bus_errors"] >= 1


@req("VIT-003")
def test_numbers_are_withheld_when_the_task_that_made_them_has_died(tmp_path: Path) -> None:
    with Bench(target=target(tmp_path / "board.log", "dying", "oximeter")) as bench:
        host = WireHost(bench)
        bench.run(15)
        assert _ppg(host) == "ok"
        host.infuse()
        for _ in range(3):
            bench.run(1.1)
            assert _ppg(host) == "sensor-lost"
            assert {host.vital(name).value for name in ("spo2", "pulse", "perfusion")} == {None}


@req("PMP-008")
def test_an_encoder_that_is_lost_while_moving_stops_the_pump(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=30.0)
    host.run(3)
    bench.fault("encoder", "nack")
    assert bench.run_until(lambda: not bench.drive.moving, 1.0)
    bench.run(0.05)
    assert (host.state, host.reason) == ("fault", "encoder-lost")
    assert not bench.drive.enabled
    bench.mend("encoder")
    bench.run(1)
    assert host.state == "fault", "it latches"
    host.order("Clear", schema.REASONS.index("encoder-lost"))
    host.start()
    host.run(2)
    assert host.state == "infusing"


def test_an_encoder_that_is_lost_while_standing_only_keeps_the_pump_from_starting(bench: Bench, host: WireHost) -> None:
    host.run(0.5)
    host.identify()
    bench.fault("encoder", "nack")
    bench.run(2)
    assert host.state == "standby"
    token = host.offer()["token"]
    host.order("Confirm", host.programme, token)
    assert schema.STATUSES[host.ask("Arm", host.programme)["status"]] == "encoder"


def test_a_magnet_that_came_off_stops_the_pump(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=30.0)
    host.run(3)
    bench.fault("encoder", "no_magnet", stale=1)
    assert bench.run_until(lambda: not bench.drive.moving, 1.5)


@req("PMP-008")
@pytest.mark.parametrize("kind", ["outlier", "torn", "junk", "weak", "strong"])
def test_what_a_healthy_encoder_does_at_times_does_not_stop_the_pump(bench: Bench, host: WireHost, kind: str) -> None:
    host.infuse(ml_h=30.0)
    host.run(2)
    bench.fault("encoder", kind)
    host.run(5)
    assert host.state == "infusing", host.reason
    assert host.last("PumpStatus")["measured"] == pytest.approx(bench.plunger_nl, abs=5000)


@req("PWR-005")
@pytest.mark.parametrize("task", ["stop key", "encoder", "pump", "oximeter", "vitals"])
def test_a_task_that_raises_stops_the_pump_for_good_and_telemetry_goes_on(tmp_path: Path, task: str) -> None:
    with Bench(target=target(tmp_path / "board.log", "dying", task)) as bench:
        host = WireHost(bench)
        host.infuse(ml_h=30.0)
        assert bench.run_until(lambda: not bench.drive.moving, 5.0)
        assert not bench.drive.enabled
        bench.run(0.3)
        assert (host.state, host.reason) == ("fault", "internal")
        assert "planted" in bench.output, "the board's console says what happened"
        asked = host.ask("Clear", schema.REASONS.index("internal"))
        bench.run(5)
        assert (host.state, host.reason) == ("fault", "internal"), f"no clear mends a program; {asked}"
        assert schema.STATUSES[host.offer()["status"]] == "faulted"
        told = bench.now_us / 1e6
        bench.run(3)
        assert len(host.all("PumpStatus", told)) >= 14 and len(host.all("Health", told)) >= 2
        host.tell("Stop", 3)
        assert host.last("Stopped")["token"] == 3
        assert bench.starts == 1


@req("PWR-005")
@pytest.mark.parametrize("task", ["link", "status", "health"])
def test_a_board_that_can_no_longer_tell_is_reset_by_its_watchdog(tmp_path: Path, task: str) -> None:
    with Bench(target=target(tmp_path / "board.log", "dying", task)) as bench:
        host = WireHost(bench)
        host.infuse(ml_h=30.0)
        assert bench.run_until(lambda: not bench.drive.moving, 5.0), "it stands before the watchdog bites"
        assert bench.run_until(lambda: bench.starts == 2, 4.0)
        bench.run(2)
        assert schema.RESETS[host.last("Hello")["reset"]] == "watchdog"
        assert (host.state, host.reason) == ("fault", "internal"), "the reset does not hide what was wrong"
        host.identify()
        host.order("Clear", schema.REASONS.index("internal"))
        bench.run(0.3)
        assert (host.state, host.reason) == ("unconfirmed", "reset")
        assert host.last("PumpStatus")["was_programme"] == host.programme


@req("PMP-007")
def test_a_drive_whose_queue_cannot_be_emptied_loses_its_current_when_stop_comes(tmp_path: Path) -> None:
    with Bench(target=target(tmp_path / "board.log", "deaf")) as bench:
        host = WireHost(bench)
        host.infuse(ml_h=30.0)
        host.run(1)
        assert bench.drive.enabled
        bench.circuit.pins.press_stop(True)
        with pytest.raises(BoardDiedError, match="stop key died"):
            bench.run(0.03)
        assert not bench.drive.enabled


@req("PWR-005")
def test_a_loop_that_stood_still_stops_the_pump_when_it_goes_on(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=30.0)
    host.run(2)
    bench.fault("board", "freeze")
    bench.run(0.2)
    assert not bench.drive.moving, "what was queued has run out"
    bench.run(0.5)
    bench.mend("board")
    bench.run(0.2)
    assert (host.state, host.reason) == ("fault", "task-overrun")
    bench.run(1)
    assert host.last("Health")["overruns"] > 0
    assert bench.starts == 1
