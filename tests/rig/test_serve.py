"""The rig in real time, met from outside: serial port, control socket, signals."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .serving import COMMAND, ENVIRONMENT, Rig, board_pid, until


# -- the chain ---------------------------------------------------------------------------------------------------------
def test_a_line_goes_through_pty_rig_and_board_and_back(rig: Rig) -> None:
    for i in range(200):
        assert rig.tell(f"retain 0 {i}") == ["ok"]
        assert rig.tell("retained")[0] == str(i)


def test_rig_time_is_wall_time(rig: Rig) -> None:
    """Between two answers it advances by what a clock on the wall says, as closely as the calls can be told apart."""
    before = time.monotonic_ns()
    first = int(rig.tell("now")[0])
    between = time.monotonic_ns()
    until(lambda: time.monotonic_ns() - between > 300_000_000, "0.3 s")
    asked = time.monotonic_ns()
    second = int(rig.tell("now")[0])
    after = time.monotonic_ns()
    assert (asked - between) / 1000 <= second - first <= (after - before) / 1000


def test_steps_turn_the_shaft_in_real_time_and_state_tells_the_truth(rig: Rig) -> None:
    rig.tell("enable 1")
    rig.tell("push 3200 10")
    until(lambda: rig.ask("state")["steps"] == 3200, "one turn of the shaft")
    state = rig.ask("state")
    assert state["shaft_turns"] == 1.0
    assert state["plunger_nl"] == pytest.approx(559_902, rel=1e-4)
    assert state["pty"] == str(rig.pty)
    drive = state["drive"]
    assert isinstance(drive, dict)
    assert drive["last_step_us"] <= state["now_us"]
    del drive["last_step_us"]
    assert drive == {"consumed": 3200, "queued": 0, "moving": False, "enabled": True, "dry_runs": 1}


def test_the_daemon_may_leave_and_come_back(rig: Rig) -> None:
    for _ in range(3):
        rig.detach()
        rig.attach()
        assert rig.tell("retain 0 1") == ["ok"]


def test_with_nobody_attached_the_board_runs_on(rig: Rig) -> None:
    for line in ("write 1 87 10 39", "write 1 87 12 36 36", "write 1 87 9 3", "tick 1000"):
        rig.tell(line)
    rig.detach()
    until(lambda: int(str(rig.ask("state")["dropped"])) > 0, "a line full of unread bytes")
    assert board_pid(rig)


# -- patient, faults, keys ---------------------------------------------------------------------------------------------
def test_the_patient_is_set_and_read_back(rig: Rig) -> None:
    answer = rig.ask("patient", pulse_bpm=120, spo2=88.5, perfusion=1)
    assert answer["ok"]
    patient = rig.ask("state")["patient"]
    assert isinstance(patient, dict)
    assert (patient["pulse_bpm"], patient["spo2"], patient["perfusion"]) == (120, 88.5, 1)
    refused = rig.ask("patient", spo2=120)
    assert not refused["ok"]
    assert "spo2" in str(refused["error"])


def test_what_the_pump_gives_reaches_the_patient_and_what_is_given_by_hand(open_rig: Callable[..., Rig]) -> None:
    """With the line's own delay, at the strength that was said, in the rig's seconds."""
    rig = open_rig("--board", "bedside", "--mg-per-ml", "20").ready()
    rig.attach()
    rig.hear()
    rig.tell("enable 1")
    for _ in range(3):
        rig.tell("push 3200 10")

    def told(what: str) -> dict[str, Any]:
        found: Any = rig.ask("state")[what]
        return dict(found)

    until(lambda: told("drugs")["ketamine"]["plasma"] > 0, "ketamine in the blood")
    given = told("drugs")["ketamine"]["given_ug"]
    assert 0 < given <= float(str(rig.ask("state")["patient_nl"])) * 0.02  # ug in a nL
    assert rig.ask("give", drug="remifentanil", ug=3000, over_s=1)["ok"]
    until(lambda: told("signs")["resp_rate"] == 0, "no breath")
    assert told("patient")["resp_rate"] == 0, "the finger shows it too"
    assert rig.ask("patient", resp_rate=20, temperature_c=39)["held"] == {"resp_rate": 20, "temperature_c": 39}
    assert told("patient")["resp_rate"] == 20
    assert rig.ask("patient", resp_rate=None)["held"] == {"temperature_c": 39}
    assert told("patient")["resp_rate"] == 0
    assert rig.ask("admit")["held"] == {}
    assert told("drugs")["ketamine"]["given_ug"] == 0


def test_the_syringe_of_one_rig_may_be_at_the_patient_of_another(open_rig: Callable[..., Rig], tmp_path: Path) -> None:
    (tmp_path / "signs").mkdir()
    pump = open_rig().ready()
    signs = open_rig("--vein-of", str(pump.control), folder=tmp_path / "signs").ready()
    pump.attach()
    pump.hear()
    pump.tell("enable 1")
    for _ in range(3):
        pump.tell("push 3200 10")

    def given() -> float:
        told: Any = signs.ask("state")["drugs"]
        return float(told["ketamine"]["given_ug"])

    until(lambda: given() > 0, "what the other one gives")
    assert given() <= float(str(pump.ask("state")["patient_nl"])) * 0.01  # ug in a nL of 10 mg/mL


def test_a_fault_is_made_shown_and_mended(rig: Rig) -> None:
    assert rig.tell("mem 1 87 255 1") == ["0", "21"]
    assert rig.ask("fault", component="oximeter", kind="nack")["ok"]
    assert rig.ask("state")["faults"] == {"oximeter": {"nack": {}}}
    assert rig.tell("mem 1 87 255 1") == ["1"]
    assert rig.ask("mend")["ok"]
    assert rig.tell("mem 1 87 255 1") == ["0", "21"]
    assert rig.ask("fault", component="motor", kind="slip", percent=5)["ok"]
    assert rig.ask("mend", component="motor", kind="slip")["ok"]
    assert rig.ask("state")["faults"] == {}


def test_a_fault_verb_is_made_kept_and_mended(rig: Rig) -> None:
    assert rig.tell("mem 0 54 12 2")[0] == "0"
    assert rig.ask("fault", verb="encoder dead")["ok"]
    assert rig.tell("mem 0 54 12 2") == ["1"]
    assert rig.ask("mend", verb="encoder dead")["ok"]
    assert rig.tell("mem 0 54 12 2")[0] == "0"
    made = rig.ask("made")["made"]
    assert isinstance(made, list) and len(made) == 1
    assert (made[0]["verb"], made[0]["component"], made[0]["kind"]) == ("encoder dead", "encoder", "nack")
    assert 0 < made[0]["at_us"] < made[0]["ended_us"]
    assert rig.ask("fault", verb="link delay", ms=1, way=2)["ok"]
    assert rig.tell("pin 0") == ["1"]  # a little later, and nothing is lost
    assert rig.ask("mend", component="link")["ok"]
    assert rig.ask("state")["faults"] == {}


def test_the_stop_key_and_another_syringe(rig: Rig) -> None:
    assert rig.ask("press")["ok"]
    assert rig.tell("pin 0") == ["0"]
    assert rig.ask("press", down=False)["ok"]
    assert rig.tell("pin 0") == ["1"]
    assert rig.ask("fit", syringe="Terumo 50")["ok"]
    assert "BD 50" in str(rig.ask("fit", syringe="BD 51")["error"])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not json", "JSON"),
        ("[1]", "verbs are"),
        ('{"do": "dance"}', "verbs are"),
        ('{"do": ["state"]}', "verbs are"),
        ('{"do": "state", "of": "mind"}', "does not take of"),
        ('{"do": "patient", "mood": 3}', "mood"),
        ('{"do": "patient", "spo2": "high"}', "number"),
        ('{"do": "patient", "motion": null}', "motion must be a number"),
        ('{"do": "give", "drug": "wine", "ug": 1}', "there are ketamine"),
        ('{"do": "give", "drug": "fentanyl"}', "ug is missing"),
        ('{"do": "give", "drug": "fentanyl", "ug": 1, "over_s": 0}', "over_s must be 1"),
        ('{"do": "solution", "drug": "ketamine", "mg_per_ml": -1}', "mg_per_ml must be 0"),
        ('{"do": "body", "obstructed": 2}', "0 .. 1"),
        ('{"do": "body", "fio2": 3}', "nobody breathes 3"),
        ('{"do": "body", "roused_s": -5}', "roused_s must be 0"),
        ('{"do": "fault", "component": "oximeter"}', "kind"),
        ('{"do": "fault", "component": "oximeter", "kind": "melted"}', "nack"),
        ('{"do": "fault", "component": "oximeter", "kind": "part_id", "value": {}}', "value"),
        ('{"do": "fault", "component": "motor", "kind": "slip", "percent": 1e300}', "0.0 .. 100.0"),
        ('{"do": "fault", "component": "encoder", "kind": "slow", "period_ms": 0}', "1 .. 10000"),
        ('{"do": "fault", "verb": "encoder asleep"}', "there are encoder dead, encoder open"),
        ('{"do": "fault", "verb": "daemon killed"}', "the bench is its own host"),
        ('{"do": "fault", "verb": "link drop", "each": 3}', "it takes every, more, unit, way"),
        ('{"do": "mend", "verb": "warp drive"}', "there are verbs for link"),
        ("[" * 50_000, "JSON"),
        ('{"do": "power_cycle", "off_s": -1}', "off_s"),
        ('{"do": "power_cycle", "off_s": "long"}', "off_s"),
    ],
)
def test_what_control_cannot_do_it_refuses_in_a_sentence_and_goes_on(rig: Rig, line: str, said: str) -> None:
    answer = rig.say(line)
    assert not answer["ok"]
    assert said in str(answer["error"])
    assert rig.ask("state")["ok"]


def test_help_teaches_every_verb_and_fault(rig: Rig) -> None:
    answer = rig.ask("help")
    assert isinstance(answer["verbs"], dict)
    assert {"state", "patient", "kill_board", "fault"} <= set(answer["verbs"])
    assert isinstance(answer["faults"], dict)
    assert all(kinds for kinds in answer["faults"].values())
    told = answer["fault verbs"]
    assert isinstance(told, list) and not any(line.startswith(("daemon", "broker")) for line in told)
    assert any(line.startswith("link stall ") and "[s = 2 (0.001 to 3600);" in line for line in told)


# -- the command line --------------------------------------------------------------------------------------------------
def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False
    )


def test_what_can_be_broken_is_listed_without_a_rig() -> None:
    lines = run("faults").stdout.splitlines()
    assert len(lines) > 100
    assert [line.split("  ")[0] for line in run("faults", "motor").stdout.splitlines()] == [
        "motor stall", "motor slip", "motor reversed",
    ]  # fmt: skip
    refused = run("faults", "flux")
    assert refused.returncode == 2 and "verbs for link" in refused.stderr


def test_help_on_the_command_line_teaches_with_examples() -> None:
    assert "serve" in run("--help").stdout
    text = run("serve", "--help").stdout
    assert "example" in text
    assert "--die-with-parent" in text


def test_ask_on_the_command_line(rig: Rig) -> None:
    control = str(rig.control)
    assert run("ask", "--control", control, "patient", "spo2=88", "probe_on=false").returncode == 0
    patient = rig.ask("state")["patient"]
    assert isinstance(patient, dict)
    assert (patient["spo2"], patient["probe_on"]) == (88, False)
    assert '"board_pid"' in run("ask", "--control", control, "state").stdout
    refused = run("ask", "--control", control, "dance")
    assert refused.returncode == 1
    nobody = run("ask", "--control", control + ".not", "state")
    assert nobody.returncode == 2
    assert nobody.stderr.startswith("rig: no rig answers")
