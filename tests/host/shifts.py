"""A night shift of twelve hours as a record has it: loading, maintenance, an alarm, a trip, a dose by hand."""

from __future__ import annotations

from collections.abc import Iterator

from assuage.record import events
from assuage.record.events import Entry, Event, entry_of, text_of
from assuage.record.file import ZERO, link

START = 1_767_222_000_000  # Unix ms
HOUR, MINUTE = 3_600_000, 60_000
END = START + 12 * HOUR
ASKED = {"drug": "Ketamine racemic 10 mg/mL", "rate_ml_h": "0.7"}
READBACK = {
    "drug": "Ketamine racemic 10 mg/mL", "mode": "continuous", "rate_nl_min": 11_667, "vtbi_nl": 50_000_000,
    "syringe": "BD 50 mL", "on_loss": "stop",
}  # fmt: skip
SOFT = {"limit": "first dose 0.35 mg/kg", "asked": "0.4 mg/kg", "source": "an example, to be set by the hospital"}


def delivered(at: int) -> int:
    """nL of programme 7, which begins a quarter of an hour into the shift."""
    return max(0, (at - START - 15 * MINUTE) * 11_667 // MINUTE)


def happenings() -> Iterator[tuple[int, Event]]:
    """(Unix ms, event), not in order."""
    yield START - HOUR, events.Opened(bed="Bed 3", version="0.1.0", sqlite=3_040_001)
    yield (
        START - HOUR,
        events.Admission(patient="Frau <b>Lovelace</b>", weight="70 kg", age="36 a", area="acute pain", by="Nurse A"),
    )
    yield START + 5 * MINUTE, events.Clinical(
        substance="ketamine racemic", ng_per_ml=10_000_000, dose="0.1 mg/kg/h", library="ab12cd34", findings=(SOFT,),
        reason="rib fractures, pain 8", by="Dr B", programme=7,
    )  # fmt: skip
    yield START + 6 * MINUTE, events.Ordered(programme=7, asked=ASKED, readback=READBACK, by="Dr B")
    yield START + 8 * MINUTE, events.Confirmed(programme=7, by="Nurse A", second="Nurse C")
    yield START + 15 * MINUTE, events.Intent(act="s", what="start", programme=7, by="Nurse A")
    yield START + 15 * MINUTE, events.Outcome(act="s", what="start", result="done", programme=7, by="Nurse A")
    yield START + 15 * MINUTE, events.Pump(state="infusing", programme=7, rate_nl_min=11_667)
    for minute in range(16, 720):
        at = START + minute * MINUTE
        spo2 = 86 if 300 <= minute < 303 else 97
        yield at, events.Chart(
            values={"spo2": spo2, "pulse": 72 + minute % 5, "resp": 14}, state="infusing", programme=7,
            rate_nl_min=11_667, delivered_nl=delivered(at),
        )  # fmt: skip
    yield (
        START + 300 * MINUTE,
        events.AlarmChanged(
            board="pump", alarm="spo2-low", priority="high", occurrence=4, state="raised", sentence="SpO2 86 below 90."
        ),
    )
    yield START + 301 * MINUTE, events.Interlocked(what="tripped", board="pump", number=1, sentence="SpO2 was 86 %.")
    yield (
        START + 302 * MINUTE,
        events.AlarmChanged(board="pump", alarm="spo2-low", priority="high", occurrence=4, state="acknowledged"),
    )
    yield (
        START + 304 * MINUTE,
        events.AlarmChanged(board="pump", alarm="spo2-low", priority="high", occurrence=4, state="over"),
    )
    for hour in range(1, 12):
        yield START + hour * HOUR, events.Assessment(
            values={"nrs": max(2, 8 - hour), "poss": "S" if hour == 5 else 2, "rass": -1}, by="Nurse A",
            effects=("dizziness",) if hour == 2 else (), note="sleeps" if hour == 5 else "",
        )  # fmt: skip
    yield (
        START + 6 * HOUR,
        events.Given(substance="ketamine racemic", mass_ng=20_500_000, route="IM", site="left deltoid", by="Nurse A"),
    )
    yield START + 7 * HOUR, events.Given(substance="morphine", mass_ng=500_000, route="IV", by="Nurse A")
    yield START + 6 * HOUR, events.Predicted(
        substance="ketamine racemic", models=("Domino", "Kamp"),
        points=tuple((START + n * 10 * MINUTE, 40_000 + n * 100, 70_000 + n * 300) for n in range(72)),
    )  # fmt: skip
    yield (
        START + 8 * HOUR,
        events.BoardRecords(
            board="0102030405060708", epoch=1, records=((9, START + 8 * HOUR, "state", "State infusing."),) * 2
        ),
    )
    yield END + MINUTE, events.Given(substance="morphine", mass_ng=900_000, route="IV", by="Nurse D")


def entries(*more: tuple[int, Event]) -> list[Entry]:
    """All of it and more, chained."""
    found, before = [], ZERO
    for number, (at, event) in enumerate(sorted((*happenings(), *more), key=lambda each: each[0]), 1):
        text = text_of(number, at, event)
        before = link(before, text)
        found.append(entry_of(text, before))
    return found
