"""A small record of a bed, as a test needs one, and what its bytes are."""

from __future__ import annotations

from pathlib import Path

from assuage.record import events
from assuage.record.file import heads
from assuage.record.recorder import Recorder

SHIFT = (
    events.Admission(patient="M. Curie, 1867", weight="70 kg", area="acute pain", by="Nurse A"),
    events.Clinical(
        substance="ketamine racemic", ng_per_ml=10_000_000, dose="0.1 mg/kg/h", library="ab12cd34", by="Dr B",
        findings=({"limit": "bolus 0.35 mg/kg", "asked": "0.4 mg/kg", "source": "an example"},), reason="rib fractures",
    ),
    events.Intent(act="a1", what="start", board="0102", boot=1, programme=7),
    events.Outcome(act="a1", what="start", result="done", programme=7),
    events.Pump(state="infusing", programme=7, rate_nl_min=11_667),
    events.Chart(values={"spo2": 97, "pulse": 72}, state="infusing", programme=7, rate_nl_min=11_667, delivered_nl=50),
    events.Assessment(values={"nrs": 6, "poss": "2", "rass": -1}, effects=("dizziness",), by="Nurse A", note="µ ≥ 3"),
    events.BoardRecords(
        board="0102030405060708", epoch=1,
        records=tuple((n, 1_767_225_600_000 + n, "state", f"State infusing in programme {n}.") for n in range(70)),
    ),
    events.Given(substance="ketamine racemic", mass_ng=20_000_000, route="IM", site="left deltoid", by="Nurse A"),
)  # fmt: skip


async def small(path: Path) -> Path:
    """A record of one daemon's life, closed in order."""
    async with await Recorder.open(path, "Bed 1") as record:
        for event in SHIFT:
            await record.keep(event)
    return path


class Kept:
    """The bytes of a record and of its heads, so that each damage begins with the sound ones."""

    def __init__(self, path: Path) -> None:
        self.path, self.heads = path, heads(path)
        self.bytes, self.lines = path.read_bytes(), self.heads.read_bytes()

    def restore(self) -> None:
        self.path.write_bytes(self.bytes)
        self.heads.write_bytes(self.lines)
