"""The board's loop in virtual time: it says who it is, keeps its rates, answers at once, and costs the rig little."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from assuage_rig.bench import Bench
from assuage_rig.requirements import req
from assuage_rig.vital import vitals_in
from assuage_rig.wirehost import SESSION, WireHost
from assuage_wire import codec, schema
from tests import wraps
from tests.bench.memory import HEAP_LIMIT

ROOT = Path(__file__).resolve().parents[2]


@req("SYS-002")
def test_it_says_who_it_is_at_once_and_every_second_until_it_is_identified(bench: Bench, host: WireHost) -> None:
    bench.run(0)
    hello = host.last("Hello")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"{hello['fw_major']}.{hello['fw_minor']}.{hello['fw_patch']}" == version
    assert hello["schema"] == codec.SCHEMA_ID and hello["wire"] == schema.WIRE
    assert hello["board"] == bench.circuit.uid
    assert (hello["boot"], schema.RESETS[hello["reset"]], hello["session"]) == (host.FIRST_BOOT, "power-on", 0)
    bench.run(5)
    assert [m["ticks"] - hello["ticks"] for m in host.all("Hello")] == [0, 1000, 2000, 3000, 4000, 5000]
    host.identify()
    bench.run(5)
    assert len(host.all("Hello")) == 7, "one in answer to Identify and none since"


@req("PWR-004")
@pytest.mark.parametrize(
    ("what", "cause"),
    [
        (lambda bench: bench.power_cycle(), "power-on"),
        (lambda bench: bench.kill_board(), "fault"),
        (lambda bench: bench.fault("board", "freeze"), "watchdog"),
    ],
    ids=("power cut", "killed", "frozen"),
)
def test_every_start_is_counted_and_says_why(
    bench: Bench, host: WireHost, what: Callable[[Bench], object], cause: str
) -> None:
    bench.run(1)
    configured = host.last("Hello")["config"]
    for boot in (1, 2):
        what(bench)
        bench.run(4)
        hello = host.last("Hello")
        assert (hello["boot"], schema.RESETS[hello["reset"]]) == (host.FIRST_BOOT + boot & schema.S30, cause)
        assert hello["config"] == configured


def test_every_message_keeps_its_rate_and_no_sample_is_missing(bench: Bench, host: WireHost) -> None:
    bench.run(20)
    for name, every in (("PumpStatus", 200), ("Vitals", 1000), ("Health", 1000)):
        ticks = [m["ticks"] for m in host.all(name)]
        assert [t - ticks[0] for t in ticks] == list(range(0, 20_001, every)), name
    waves = host.all("Pleth")
    assert [m["index"] for m in waves] == list(range(0, 10 * len(waves), 10))
    assert len(waves) >= 195
    assert host.reader.errors() == 0


def test_health_is_told_and_is_good(bench: Bench, host: WireHost) -> None:
    host.infuse()
    host.run(5)
    health = host.last("Health")
    assert (health["overruns"], health["rx_errors"], health["bus_errors"]) == (0, 0, 0)
    assert 500 <= health["lease"] <= 2000
    assert 700 <= health["watchdog"] < 1000
    assert health["heap_free"] > HEAP_LIMIT // 10
    assert health["loop_us"] > 0 and health["collect_us"] > 0


@req("VIT-001")
def test_the_emulated_patients_numbers_come_out(bench: Bench, host: WireHost) -> None:
    bench.run(15)
    spo2, pulse = host.vital("spo2"), host.vital("pulse")
    assert (spo2.quality, spo2.signal) == (pulse.quality, pulse.signal) == ("good", "ok")
    assert spo2.value == pytest.approx(bench.patient.spo2, abs=2)
    assert pulse.value == pytest.approx(bench.patient.pulse_bpm, abs=3)
    assert spo2.age_s <= 0.1
    assert host.vital("etco2").signal == "never", "what is not measured says so"


def test_numbers_follow_a_changed_patient_within_12_s_and_then_stay(bench: Bench, host: WireHost) -> None:
    for spo2, pulse in ((100, 60), (97, 180), (92, 40), (88, 120), (82, 75), (76, 150), (70, 100)):
        bench.patient.set(spo2=spo2, pulse_bpm=pulse)
        bench.run(12)
        host.listen()
        settled = bench.now_us / 1e6
        for _ in range(80):
            bench.run(0.1)
            host.listen()
        told = host.all("Vitals", settled + 0.01)
        assert len(told) in (7, 8, 9)
        for vitals in told:
            told_spo2, told_pulse = (vitals_in(vitals)[name] for name in ("spo2", "pulse"))
            assert told_spo2.signal == "ok", (spo2, pulse, vitals)
            assert told_spo2.value == pytest.approx(spo2, abs=2)
            assert told_pulse.value == pytest.approx(pulse, abs=3)


def test_a_command_is_answered_the_moment_it_arrives(bench: Bench, host: WireHost) -> None:
    host.listen()
    boot = host.last("Hello")["ticks"]
    host.infuse()
    for n in range(50):
        host.bench.run(0.0037 + n / 1e4)
        host.order("Probe")  # the rig's clock stands still until the answer is there
        assert abs((host.last("Reply")["ticks"] - boot & schema.S30) * 1000 - bench.now_us) < 1000


def test_a_delivery_is_cheap_for_the_rig(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=30.0, ml=50.0)
    before, waits = bench.requests, bench.now_us
    host.run(20)
    # 40 turns a second, in each of which the bridge and the driver are asked; all else comes with the wait
    assert (bench.requests - before) / ((bench.now_us - waits) / 1e6) < 350, "requests in a second of the board's life"


@req("SYS-005")
def test_time_goes_on_across_the_wrap_of_the_clock_and_so_does_a_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    wraps.begin(12, monkeypatch)
    with Bench() as bench:
        host = WireHost(bench)
        host.infuse(ml_h=30.0)
        began = bench.now_us / 1e6
        host.run(27)
        assert host.state == "infusing"
        for name, every in (("PumpStatus", 200), ("Pleth", 100), ("Vitals", 1000), ("Health", 1000)):
            stamps = [(m["wraps"] + 1 & 0xFFFF) << 30 | m["ticks"] for m in host.all(name)]
            assert stamps == sorted(stamps) and (stamps[0] >> 30, stamps[-1] >> 30) == (0, 1)
            assert max(b - a for a, b in pairwise(stamps)) < 2 * every, name
        waves = host.all("Pleth")
        assert [m["index"] for m in waves] == list(range(0, 10 * len(waves), 10))
        assert bench.plunger_nl == pytest.approx(30e6 / 3600 * (bench.now_us / 1e6 - began), rel=0.01)
        assert host.last("Health")["overruns"] == 0


@req("SYS-003")
def test_garbage_on_the_line_is_counted_and_changes_nothing(bench: Bench, host: WireHost) -> None:
    host.infuse()
    for n in range(40):
        bench.send(bytes((n * k * 7 + k) & 0xFF for k in range(200)) + bytes(1))
        host.run(0.1)
    host.order("Probe")
    assert host.state == "infusing"
    bench.run(1)
    assert host.last("Health")["rx_errors"] > 20
    assert host.last("Health")["overruns"] == 0


@req("SYS-011")
def test_a_new_session_leaves_the_permission_that_runs_and_no_more(bench: Bench, host: WireHost) -> None:
    host.infuse()
    host.run(2)
    host.identify(SESSION + 1)
    bench.run(0.1)
    assert host.state == "infusing"
    bench.run(12)
    assert host.state == "stopped" and host.reason == "lease-lapsed"
