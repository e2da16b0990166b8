"""A whole shift on the bench in virtual time: two boards at one patient, a daemon, and what people do at the bed.

A process of its own plays it (tests/shift), for the bench and a host may not be imported into one another. Here its
record is verified, its report is written as a nurse would ask for it, and both are held against what the plants know.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assuage_rig.evidence import Collector
from assuage_rig.measuring import Measure
from assuage_rig.requirements import req

ROOT = Path(__file__).resolve().parent.parent
RECORD = "bed.record.sqlite"
MUST_SAY = (
    "Admitted: Frau M. Keller", "Start of the infusion.", "Second pump: Start of the infusion.",
    "Compared by two", "pca-demand-locked", "pulse-high", "Interlock tripped: SpO2", "Release of the interlock.",
    "Second pump: Going on after the pause.", "Given by hand: ketamine 15 mg IM, left deltoid",
    "overdue-assessment", "It has been made good.", "Syringe changed: BD 50 mL with ketamine 2 mg/mL, 50 mL",
    "patient had been to imaging", "STOP.", "Discharged: Frau M. Keller.",
)  # fmt: skip
"""Of the shift's parts, as whoever reads the record finds them."""


@pytest.fixture
def shift(tmp_path: Path, seed: int) -> tuple[Path, dict[str, Any]]:
    """The folder of the record, and what was truly given."""
    folder = tmp_path / "shift"
    done = _run("-m", "tests.shift.run", "--out", str(folder), "--seed", str(seed))
    return folder, json.loads(done.splitlines()[-1])


def _run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "TZ": "UTC"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout[-4000:]}\n{done.stderr[-6000:]}"
    return done.stdout


def _record(verb: str, folder: Path, *options: str) -> str:
    return _run("-m", "assuage.cli", "record", verb, "--from", str(folder / RECORD), *options)


@req("REC-023", "REC-022", "ILK-006", "REC-026")
@pytest.mark.timeout(3600)
def test_a_shift_from_admission_to_discharge_is_in_its_record_and_its_report(
    shift: tuple[Path, dict[str, Any]], measure: Measure, evidence: Collector
) -> None:
    """Loading, maintenance, an opioid on demand, assessments, one of them overdue, a racing heart, a desaturation that
    stops both pumps, a dose by hand, another syringe, the end."""
    folder, truly = shift
    told = _record("show", folder)
    missing = [said for said in MUST_SAY if said not in told]
    assert not missing, f"{missing}\n{told}"
    assert "is as it was written" in _record("verify", folder)
    entries = [json.loads(line) for line in _record("export", folder, "--format", "json").splitlines()]
    for drug in truly["truly_ml"]:
        kept = _pumped(entries, drug)
        off = abs(kept - truly["truly_ml"][drug]) / truly["truly_ml"][drug]
        measure("REC-023", "volume in the record off what the patient got", 100 * off, where=drug)
    html = folder / "shift.html"
    span = ("--since", "2026-11-16 07:00", "--until", "2026-11-16 10:00")
    _record("export", folder, "--format", "html", *span, "--out", str(html))
    page = html.read_text(encoding="utf-8")
    for said in ("Frau M. Keller", "ketamine", "fentanyl", "deltoid", "<svg"):
        assert said in page, said
    evidence.note(
        f"A shift of {truly['minutes']:.0f} minutes at {truly['ratio']:.1f} times real time. The report is what "
        "`assuage record export --format html` makes of the record."
    )
    evidence.file("shift.html", page)
    evidence.file("record.txt", told)
    rows = [(drug, round(_pumped(entries, drug), 3), round(truly["truly_ml"][drug], 3)) for drug in truly["truly_ml"]]
    evidence.table("Given by the pumps", ("drug", "in the record (mL)", "truly, by the plant (mL)"), rows)


def _pumped(entries: list[dict[str, Any]], drug: str) -> float:
    """mL of a drug that the pumps gave, as any reader of the record adds it up."""
    programmes = {e["body"]["programme"] for e in entries if e["kind"] == "checked" and e["body"]["substance"] == drug}
    most: dict[int, int] = {}
    for e in entries:
        if e["kind"] in ("pump", "chart") and e["body"].get("programme") in programmes:
            number = e["body"]["programme"]
            most[number] = max(most.get(number, 0), e["body"].get("delivered_nl", 0))
    return sum(most.values()) / 1e6
