"""Lamps and sounder, recorded edge by edge at the pins, against the timing table; and what silence does not silence."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from assuage_rig.chips.pins import BUZZER, LED_RED, LED_YELLOW
from assuage_rig.edges import Trace, bursts
from assuage_rig.evidence import Collector
from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from assuage_wire import schema
from sweep.timing import TABLE, figures
from sweep.wire import Bed

REQUIREMENT = {"high": "ALM-001", "medium": "ALM-002", "low": "ALM-003"}
TURN_S = 0.025  # of the board's loop
PAUSE_S = 120.0  # our own limit of an audio pause (docs/alarms.md: IEC 60601-1-8 is said to set none)


@pytest.fixture
def bed(dut: Any) -> Bed:
    """A host in session with a board whose chirp at power-on is over."""
    host = Bed(dut())
    host.run(1.0)
    host.identify()
    return host


def _press(host: Bed, key: str, seconds: float = 0.2) -> None:
    host.bench.circuit.pins.put(key, 0)
    host.run(seconds)
    host.bench.circuit.pins.put(key, 1)


def _high(host: Bed) -> None:
    """A fault that latches until somebody clears it."""
    host.start(ml_h=100.0)
    host.run(0.5)
    host.bench.fault("stepper", "uv_cp")
    host.run(0.3)
    host.bench.mend("stepper")
    host.hush()
    assert host.state == "fault"


def _medium(host: Bed) -> None:
    """Two minutes in which nobody starts what was programmed."""
    host.offer()
    host.run(120.1)


def _low(host: Bed) -> None:
    """A key that is held."""
    host.bench.circuit.pins.put("silence", 0)
    host.run(10.1)


def _kvo(host: Bed) -> None:
    """The volume is given, and the vein is kept open: a medium condition that lasts."""
    host.start(ml_h=100.0, ml=0.05, kvo_ml_h=10.0, on_end=schema.ON_END.index("kvo"))
    while host.state != "kvo":
        host.run(0.05)


BEGIN = {"high": _high, "medium": _medium, "low": _low}


def _newest(host: Bed, name: str) -> dict[str, Any]:
    return next(m for m in reversed(host.all("Alarm")) if schema.ALARMS[m["alarm"]] == name)


def _state(host: Bed, name: str) -> str:
    return schema.ALARM_STATES[_newest(host, name)["state"]]


@req("ALM-001", "ALM-002", "ALM-003")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("priority", ["high", "medium", "low"])
def test_light_and_sound_of_a_priority_keep_the_timing_table(
    dut: Any, bed: Bed, measure: Measure, evidence: Collector, soak: bool, priority: str
) -> None:
    """Least and most over several bursts, each against the table's bounds."""
    trace = Trace(bed.bench)
    signal = TABLE[priority]
    since = bed.bench.now_us / 1e6
    BEGIN[priority](bed)
    if priority == "high":  # the chirp before the start is none of it
        since = bed.bench.now_us / 1e6 - 0.35
    bed.run({"high": 60.0, "medium": 80.0, "low": 160.0}[priority] * (10 if soak else 1))
    found = bursts(trace.pulses(BUZZER, since))
    whole = found[:-1]
    assert len(whole) >= 3
    light = trace.pulses(signal.light, since)
    rows = []
    for what, value, (lo, hi) in figures(signal, whole, light):
        name, unit = _declared(what)
        measure(REQUIREMENT[priority], name, value, where=what, lo=lo, hi=hi, note="second-hand, see ALM.toml")
        rows.append((what, round(value, 4), unit, lo, hi))
    assert trace.ons(signal.other, since) == [], "the other lamp is dark"
    if signal.hz is None:
        assert len(trace.edges[signal.light]) == 1 and trace.on(signal.light), "steady"
    evidence.table(f"{priority}: {len(whole)} bursts", ("what", "value", "unit", "least", "most"), rows)
    first = [(at - whole[0][0][0], at + on - whole[0][0][0]) for at, on in whole[0]]
    edges = [edge for pulse in first for edge in ((pulse[0], 0), (pulse[0], 1), (pulse[1], 1), (pulse[1], 0))]
    evidence.plot(f"One burst, {priority}", x="time (s)", y="sounder", series={"on": tuple(zip(*edges, strict=True))})  # type: ignore[dict-item]


def _declared(what: str) -> tuple[str, str]:
    """The measurement's name, and its unit."""
    name = what.rpartition(",")[0]
    if name.startswith("spacing"):
        return "spacing", "s"
    return {
        "pulses in a burst": ("pulses in a burst", "pulses"), "pulse": ("pulse", "s"), "light": ("light", "Hz"),
        "between bursts": ("between bursts", "s"), "light on": ("light on", "of a period"),
    }[name]  # fmt: skip


@req("ALM-004")
@pytest.mark.parametrize("priority", ["high", "medium"])
def test_a_condition_that_is_over_at_once_still_sounds_half_or_a_whole_burst(
    dut: Any, bed: Bed, measure: Measure, priority: str
) -> None:
    """Half of a high burst, five pulses; the whole of a medium one, three."""
    trace = Trace(bed.bench)
    if priority == "high":
        # a complete infusion does not latch, and is over when the next one is programmed
        bed.start(ml_h=1200.0, ml=0.05)
        assert bed.bench.run_until(lambda: bed.state == "complete", 1.0, 0.025)
        since = bed.bench.now_us / 1e6 - 0.025
        bed.run(0.1)
        bed.hush()
        bed.offer()
    else:
        bed.offer()
        bed.run(119.9)
        since = bed.bench.now_us / 1e6
        assert bed.bench.run_until(lambda: trace.on(BUZZER), 1.0, 0.005)
        bed.offer()  # somebody is there
    bed.run(12.0)
    pulses = trace.pulses(BUZZER, since)
    measure("ALM-004", "pulses heard", len(pulses), where=priority, lo={"high": 5, "medium": 3}[priority], note="table")
    if priority == "medium":
        assert len(pulses) == 3


@req("ALM-005")
def test_a_pause_of_the_audio_lasts_two_minutes_at_most_and_leaves_the_light(
    dut: Any, bed: Bed, measure: Measure
) -> None:
    """Asked for again within it, it is no longer; without any host."""
    trace = Trace(bed.bench)
    _high(bed)
    bed.run(2)
    pressed = bed.bench.now_us / 1e6
    _press(bed, "silence")
    bed.run(60)
    _press(bed, "silence")
    bed.run(75)
    silent = [at for at in trace.ons(BUZZER, pressed) if at > pressed + 0.2]
    first = next(at for at in silent if at > pressed + 1.0)
    measure("ALM-005", "audio pause", first - pressed)
    late = max((at for at in silent if at < pressed + 1.0), default=pressed)
    measure("ALM-005", "sound after it was silenced", late - pressed)
    reds = trace.ons(LED_RED, pressed)
    measure("ALM-005", "longest dark of the light", max(b - a for a, b in pairwise(reds)))


@req("ALM-006")
@pytest.mark.parametrize("how", ["pause", "acknowledge"])
def test_what_silences_one_condition_silences_no_other(dut: Any, bed: Bed, measure: Measure, how: str) -> None:
    """A key that gets stuck while another alarm is silent sounds at once, whatever has silenced the first."""
    trace = Trace(bed.bench)
    bench = bed.bench
    _kvo(bed)
    bed.run(3)
    if how == "pause":
        bed.order("Silence")
    else:
        bed.order("Acknowledge", _newest(bed, "kvo-running")["occurrence"])
    bed.run(1)
    quiet = bench.now_us / 1e6
    bed.run(12)
    assert trace.ons(BUZZER, quiet) == [], f"silent after {how}"
    assert len(trace.ons(LED_YELLOW, quiet)) >= 4, "its light goes on"
    raised = bench.now_us / 1e6
    bench.fault("sounder", "stuck")
    bed.run(0.5)
    bench.mend("sounder")
    bed.run(3.0)
    assert _state(bed, "sounder-fault") in ("active", "fading", "latched")
    heard = trace.ons(BUZZER, raised)
    measure("ALM-006", "time to sound", heard[0] - raised if heard else float("inf"), where=f"after {how}")


@req("ALM-007")
def test_a_more_urgent_signal_comes_at_once_and_cuts_no_pulse(dut: Any, bed: Bed, measure: Measure) -> None:
    """Into a medium burst: its pulse ends, 0.2 s of silence, and the high one begins."""
    trace = Trace(bed.bench)
    bench = bed.bench
    _kvo(bed)
    assert bench.run_until(lambda: trace.on(BUZZER), 2.0, 0.005), "kvo-running sounds"
    began = bench.now_us / 1e6
    bench.fault("stepper", "uv_cp")
    bed.run(3.0)
    assert bed.state == "fault"
    pulses = trace.pulses(BUZZER, began - 0.01)
    measure("ALM-007", "pulse under way", pulses[0][1])
    measure("ALM-007", "silence before the next", round(pulses[1][0] - sum(pulses[0]), 6))
    measure("ALM-007", "time to the high signal", pulses[1][0] - began)
    assert all(abs(length - 0.15) < TURN_S for _, length in pulses[1:]), "and what follows is the high burst"
