"""What a bed's record takes of all that its boards say: each change once, and the numbers of a minute."""

from __future__ import annotations

from typing import Any

import pytest

from assuage.bedside.recording import CHART_EVERY_S, Chronicle
from assuage.errors import BadInput, Refused
from assuage.link.events import Link, LinkChanged
from assuage.link.messages import Alarm
from assuage.record.events import AlarmChanged, BoardRecords, Chart, Event, Interlocked, Note, Pump, Refusal
from assuage.record.tail import State
from assuage.store.board_journal import Entry
from assuage_rig.requirements import req
from assuage_wire import schema
from tests.host.beds import INTERLOCK, LOW, PUMP, VITALS, FakeBed

STATES = schema.ALARM_STATES


class Heard:
    """A record that a test looks into."""

    def __init__(self) -> None:
        self.state = State()
        self.events: list[Any] = []

    def note(self, event: Event) -> None:
        self.events.append(event)

    async def keep(self, event: Event) -> None:
        self.events.append(event)

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


class Bedside(FakeBed):
    """A bed that is recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.record = Heard()
        self.chronicle = Chronicle(self.bed, self.record)
        self.listeners.append(self.chronicle.handle)
        self.live()


@pytest.fixture
def b() -> Bedside:
    return Bedside()


def alarm(state: str, occurrence: int = 4) -> Alarm:
    priority, condition = schema.PRIORITIES.index("high"), schema.ALARMS.index("occlusion")
    return Alarm(1000, 0, condition, priority, STATES.index(state), occurrence, 1, 0)


@req("REC-022")
def test_each_change_of_the_pump_is_entered_once(b: Bedside) -> None:
    stopped = PUMP._replace(state=schema.STATES.index("stopped"), rate=0, delivered=2_000_000)
    for status in (PUMP, PUMP, PUMP._replace(delivered=1_300_000), stopped, stopped):
        b.now += 0.2
        b.say(status)
    assert [(e.state, e.programme, e.delivered_nl) for e in b.record.of(Pump)] == [
        ("infusing", 77, 1_234_567), ("stopped", 77, 2_000_000),
    ]  # fmt: skip


@req("REC-022")
def test_the_numbers_of_a_minute_are_entered_once_a_minute_and_what_is_not_known_is_left_out(b: Bedside) -> None:
    for second in range(int(CHART_EVERY_S * 3)):
        b.now = 100.0 + second
        b.say(VITALS)
        b.say(PUMP)
    told = b.record.of(Chart)
    assert len(told) == 3
    assert told[1].values == {"spo2": 97.1, "pulse": 72.4, "perfusion": 2.15}
    assert (told[1].state, told[1].rate_nl_min) == ("infusing", 166_667)


@req("REC-022")
def test_an_alarm_is_entered_when_it_is_raised_acknowledged_and_over(b: Bedside) -> None:
    for state in ("pending", "active", "active", "acknowledged", "acknowledged", "leaving", "idle", "idle"):
        b.say(alarm(state))
    b.say(alarm("active", 5))
    told = [(e.state, e.occurrence) for e in b.record.of(AlarmChanged)]
    assert told == [("raised", 4), ("acknowledged", 4), ("over", 4), ("raised", 5)]
    assert "occlusion" in b.record.of(AlarmChanged)[0].alarm


@req("REC-022")
def test_a_trip_and_its_release_are_entered_with_what_was_seen(b: Bedside) -> None:
    for word in (INTERLOCK, LOW, LOW, LOW._replace(tripped=0)):
        b.say(word)
    told = b.record.of(Interlocked)
    assert [(e.what, e.number) for e in told] == [("tripped", 7), ("released", 7)]
    assert "86" in told[0].sentence


@req("REC-022")
def test_a_link_that_is_looked_for_all_day_is_told_once(b: Bedside) -> None:
    before = len(b.record.of(Note))
    for _ in range(100):
        b.tell(LinkChanged(Link.CONNECTING, "Looking.", b.now))
        b.tell(LinkChanged(Link.LOST, "The board is silent.", b.now))
    b.tell(LinkChanged(Link.LIVE, "It answers.", b.now))
    assert [e.sentence for e in b.record.of(Note)[before:]] == [
        "Link to the board (pump): The board is silent.", "Link to the board (pump): It answers.",
    ]  # fmt: skip


@req("REC-022")
def test_a_refusal_is_entered_with_its_limit(b: Bedside) -> None:
    b.chronicle.refused(Refused("rate-limit", "Too fast.", limit="10 mL/h"))
    b.chronicle.refused(BadInput("rate", "No number."))
    assert [(e.sentence, e.status, e.limit) for e in b.record.of(Refusal)] == [
        ("Too fast.", "rate-limit", "10 mL/h"), ("No number.", "bad-value", ""),
    ]  # fmt: skip


@req("REC-022")
async def test_what_was_fetched_of_a_boards_journal_is_entered_in_words(b: Bedside) -> None:
    kind = schema.RECORDS.index("begun")
    await b.chronicle.fetched([Entry("0102", 1, 9, kind, 0, 0, 0, 77, 5_000_000, 0, 1, 5, 0, 7, 12.5, 13.0)])
    (told,) = b.record.of(BoardRecords)
    assert told.records == ((9, 12_500, "begun", "Programme 77 began: at most 5.0000 mL."),)


def test_what_cannot_be_entered_disturbs_nobody(b: Bedside, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(event: Event) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(b.record, "note", broken)
    b.say(PUMP)
    assert b.bed.snapshot()["pump"]["state"] == "infusing"


def test_what_a_reset_has_cut_short_is_entered_as_given_with_the_most_that_it_can_have_been(b: Bedside) -> None:
    b.say(PUMP)
    cut = PUMP._replace(state=schema.STATES.index("unconfirmed"), programme=0, delivered=0, was_programme=77)
    b.say(cut._replace(was_low=1_234_567, was_high=1_250_000))
    told = b.record.of(Pump)[-1]
    assert (told.programme, told.delivered_nl) == (77, 1_250_000)
    assert "no more than this" in told.sentence
    b.say(cut._replace(state=0))
    assert b.record.of(Pump)[-1].delivered_nl == 0, "nothing is known of it any more"
