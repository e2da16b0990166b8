"""The link is lost, at every phase of a frame and of the cycle in which permissions come, in every state, under every
policy: what flows after it is what was permitted, and the alarm comes in time."""

from __future__ import annotations

import random
from collections.abc import Callable
from math import inf
from typing import Any

import pytest

from assuage_rig.evidence import Collector
from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from assuage_rig.wirehost import ORDER
from assuage_wire import schema
from sweep import linkcut, states
from sweep.linkcut import KVO_SHARE, Cut, Moments
from sweep.wire import ML_H, Bed

CYCLE_MS = 250  # in which the host renews its permission
STEP_MS = 10
POLICIES = ("stop", "continue", "kvo")
GIVING = ("infusing", "profile", "bolus", "dose", "kvo")
STANDING = ("standby", "programmed", "confirmed", "armed", "paused", "complete", "stopped", "fault", "unconfirmed")
RATES = (1.0, 25.0, 100.0, 400.0, 1200.0)
PERMISSIONS_MS = (700, 1000, 2000)  # of the shortest a half is left at the next renewal, whatever is late

AFTER = {
    "stop": dict.fromkeys(GIVING, "stopped"),
    "continue": {"infusing": "infusing", "profile": "infusing", "bolus": "bolus", "dose": "bolus", "kvo": "kvo"},
    "kvo": dict.fromkeys(GIVING, "kvo"),
}
"""Where the pump is then: docs/states.md, as the programme chose."""


def _bed(dut: Any) -> tuple[Any, Bed, Moments]:
    bench = dut()
    host = Bed(bench)
    host.run(0.5)
    host.identify()
    return bench, host, Moments(bench)


def _lose(
    bench: Any, host: Bed, moments: Moments, policy: str, state: str, rate: float, chance: random.Random, act: Any
) -> Cut:
    """From standby into the state, the link cut there by act(), and what came of it."""
    host.GRANT_MS = chance.choice(PERMISSIONS_MS)
    host.policy = {"on_loss": policy}
    kvo = rate if state == "kvo" else min(rate, 25.0) * KVO_SHARE  # of the rate beneath a bolus
    if policy == "kvo":
        host.policy["kvo_ml_h"] = kvo
    states.enter(bench, host, states.STATES[state], rate)
    return linkcut.cut(bench, host, moments, policy, kvo * ML_H, states.STATES[state].moves, act)


def _cut_at(bench: Any, host: Bed, phase_ms: int) -> Callable[[], None]:
    """Cuts the line so long after a permission."""

    def act() -> None:
        host.grant()
        bench.run(phase_ms / 1000)
        bench.fault("uart", "cut")

    return act


def _told(host: Bed) -> set[str]:
    """The alarms that stand, all of which are told every two seconds."""
    host.run(2.2)
    newest = {schema.ALARMS[m["alarm"]]: m for m in host.all("Alarm", host.bench.now_us / 1e6 - 2.3)}
    shown = schema.ALARM_STATES.index("acknowledged")
    return {name for name, m in newest.items() if m["state"] >= shown}


def _or_never(seconds: float | None) -> float:
    return inf if seconds is None else seconds


def _judge(measure: Measure, found: Cut, policy: str, where: str) -> None:
    measure("LNK-001", "volume beyond rate x permission", found.beyond_nl / 1000, where=where)
    measure("LNK-001", "patient beyond it", found.patient_over_nl / 1000, where=where)
    measure("LNK-002", "alarm after the permission", _or_never(found.told_s), where=where)
    if policy == "stop":
        measure("LNK-003", "stand after the permission", _or_never(found.stood_s), where=where)
    else:
        assert found.stood_s is None, f"{where}: it has stood, {found.stood_s} s after the permission"


def _phases(state: str, policy: str, seed: int, soak: bool) -> list[int]:
    """Milliseconds after a permission, all of the cycle for what runs at a rate, a share of them for the rest."""
    every = list(range(0, CYCLE_MS, STEP_MS))
    if state == "infusing" or soak:
        return every
    return sorted(random.Random(f"{seed} {state} {policy}").sample(every, 5))


@req("LNK-001", "LNK-002", "LNK-003")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("state", GIVING)
def test_a_link_that_is_lost_at_any_moment_of_the_cycle_gives_what_was_permitted_and_no_more(
    dut: Any, measure: Measure, evidence: Collector, seed: int, soak: bool, state: str, policy: str
) -> None:
    """Every 10 ms between two permissions, at rates and with permissions drawn by the seed."""
    bench, host, moments = _bed(dut)
    rows = []
    for phase_ms in _phases(state, policy, seed, soak):
        chance = random.Random(f"{seed} {state} {policy} {phase_ms}")
        rate = chance.choice(RATES)
        where = f"{state}, {policy}, {rate:g} mL/h, {phase_ms} ms after a permission"
        cut_it = _cut_at(bench, host, phase_ms)
        found = _lose(bench, host, moments, policy, state, rate, chance, cut_it)
        host.run(0.3)
        assert host.state == AFTER[policy][state], f"{where}: {host.state}, {host.reason}"
        assert host.reason == "lease-lapsed", where
        _judge(measure, found, policy, where)
        rows.append((rate, phase_ms, *(round(v, 3) for v in (found.permitted_s, found.beyond_nl / 1000)), found.told_s))
        assert states.rest(bench, host, unheard=True), where
    head = ("rate (mL/h)", "phase (ms)", "permitted (s)", "beyond (µL)", "alarm after (s)")
    evidence.table(f"{state}, {policy}", head, rows)


@req("LNK-001", "LNK-002", "LNK-003")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("way", ["to the board", "to the host"])
def test_a_link_that_is_lost_after_any_byte_of_a_frame_gives_what_was_permitted_and_no_more(
    dut: Any, measure: Measure, seed: int, soak: bool, way: str
) -> None:
    """After each byte of a permission, and of what the board says meanwhile: half of it is none."""
    bench, host, moments = _bed(dut)
    length = len(host.frame("Lease", 1, 1, 1, 1, 0)) if way == "to the board" else 96
    step = 1 if soak or way == "to the board" else 2
    for count in range(0, length + 1, step):
        chance = random.Random(f"{seed} {way} {count}")
        rate = chance.choice(RATES)
        where = f"infusing, {rate:g} mL/h, {way}, after byte {count}"
        if way == "to the board":
            act = linkcut.after_bytes(bench, host, count)
        else:
            act = linkcut.after_board_bytes(bench, max(1, count))
        found = _lose(bench, host, moments, "stop", "infusing", rate, chance, act)
        host.run(0.3)
        assert (host.state, host.reason) == ("stopped", "lease-lapsed"), where
        _judge(measure, found, "stop", where)
        assert states.rest(bench, host, unheard=True), where


@req("LNK-001", "LNK-002", "LNK-003")
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("state", ["taking-up", "priming"])
def test_motion_that_is_no_dose_ends_with_the_permission_whatever_the_policy(
    dut: Any, measure: Measure, seed: int, state: str, policy: str
) -> None:
    """Play that is taken up, and a line that is filled: nothing of it goes on by itself."""
    bench, host, moments = _bed(dut)
    for phase_ms in random.Random(f"{seed} {state}").sample(range(0, CYCLE_MS, STEP_MS), 3):
        chance = random.Random(f"{seed} {state} {policy} {phase_ms}")
        rate = chance.choice(states.STATES[state].rates)
        where = f"{state}, {policy}, {rate:g} mL/h, {phase_ms} ms after a permission"
        cut_it = _cut_at(bench, host, phase_ms)
        found = _lose(bench, host, moments, policy, state, rate, chance, cut_it)
        host.run(0.3)
        assert host.state == {"taking-up": "stopped", "priming": "standby"}[state], where
        assert host.reason == "lease-lapsed", where
        measure("LNK-001", "patient beyond it", found.patient_over_nl / 1000, where=where)
        measure("LNK-002", "alarm after the permission", _or_never(found.told_s), where=where)
        measure("LNK-003", "stand after the permission", _or_never(found.stood_s), where=where)
        assert states.rest(bench, host, unheard=True), where


@req("LNK-004")
def test_where_nothing_runs_a_lost_link_changes_nothing(dut: Any, measure: Measure, seed: int) -> None:
    """No motion, no change of state, and no alarm that somebody would have to silence."""
    bench, host, moments = _bed(dut)
    for state in STANDING:
        chance = random.Random(f"{seed} {state}")
        rate = chance.choice((25.0, 400.0))
        found = _lose(bench, host, moments, "stop", state, rate, chance, lambda: bench.fault("uart", "cut"))
        told = _told(host)
        assert host.state == states.STATES[state].told, f"{state}: {host.state}, {host.reason}"
        assert "link-lost" not in told, state
        measure("LNK-004", "volume moved", found.beyond_nl / 1000, where=state)
        assert states.rest(bench, host, unheard=True), state


ORDERS = {
    "programmed": ("Confirm",),
    "confirmed": ("Arm",),
    "armed": ("Start",),
    "infusing": ("Pause", "Change"),
    "paused": ("Resume",),
    "standby": ("Programme", "Prime"),
}


def _order(host: Bed, name: str, token: int) -> bytes:
    """The frame of an order that the board would carry out."""
    host._command += 1
    values: dict[str, tuple[int, ...]] = {
        "Confirm": (host.programme, token), "Arm": (host.programme,), "Pause": (host.programme,),
        "Start": (host.programme, *host.until()), "Resume": (host.programme, *host.until()),
        "Change": (host.programme, 0, 500_000, 0), "Prime": (host.programme + 1, 26_700, 400_000, 20_000),
        "Programme": tuple((ORDER | {"programme": host.programme + 1, "rate": 400_000, "vtbi": 1_000_000}).values()),
    }  # fmt: skip
    return host.frame(name, host.session, host._command, *values[name])


@req("LNK-005")
@pytest.mark.parametrize("state", sorted(ORDERS))
def test_an_order_that_is_cut_after_any_of_its_bytes_is_no_order(dut: Any, measure: Measure, state: str) -> None:
    """Each order of each state, cut after each byte, and a line that then comes back: nothing is carried out; and the
    same order, whole, is."""
    bench, host, _ = _bed(dut)
    told = states.STATES[state].told
    host.make_ready()
    states.enter(bench, host, states.STATES[state], 100.0)
    if state == "paused":
        host.hush()  # where there is nothing to permit, a permission is answered too
    token = host.last("Readback")["token"] if state == "programmed" else 0
    tried = 0
    for name in ORDERS[state]:
        host.run(0.1)
        for count in range(1, len(_order(host, name, token)) - 1):
            host._answers.clear()
            bench.send(_order(host, name, token)[:count])
            bench.run(0.03)
            bench.send(b"\0")  # as the next frame begins
            host.run(0.05)
            assert not host._answers, f"{name} after {count} bytes was answered: {host._answers}"
            assert host.state == told, f"{name} after {count} bytes: {host.state}"
            tried += 1
        bench.send(_order(host, name, token))
        bench.run(0)
        host.listen()
        assert [m.values.get("status", 0) for m in host._answers] == [0], f"{name}: {host._answers}"
        if name == "Pause":
            host.resume()
        elif name == "Programme":
            host.stop()
            host.order("Clear", schema.REASONS.index("host-stop"))
    measure("LNK-005", "orders cut", tried, where=state)
