"""Alarm limits on the host: as the board holds them, as a person types them, named by the alarms that they raise."""

from __future__ import annotations

from typing import Any, cast

import pytest

from assuage.bedside import limits, sentences
from assuage.bedside.journal_words import sentence
from assuage.bedside.limits_at_first import AT_FIRST
from assuage.bedside.orders import Orders
from assuage.errors import BadInput, LinkDown, Refused
from assuage.link.messages import Alarm, AnyMessage, LimitBack, Limits, Reply
from assuage.store.board_journal import Entry
from assuage_wire import schema
from tests.host.beds import FakeBed, said

OFF = schema.NONE16
SPO2, PULSE, TEMPERATURE = (schema.PARAMETERS.index(name) for name in ("spo2", "pulse", "temperature"))


def told(patient: int = 0, **pairs: tuple[int, int]) -> Limits:
    """What a board says of these limits; delays of 10 s."""
    all_ = [pairs.get(name, (OFF, OFF)) for name in schema.PARAMETERS]
    delays = tuple(10 if name in pairs else 0 for name in schema.PARAMETERS)
    return Limits(1000, 0, tuple(low for low, _ in all_), tuple(high for _, high in all_), delays, patient)


LIMITS = told(spo2=(900, OFF), pulse=(500, 1400), temperature=(3500, 3950))


def _alarm(name: str, occurrence: int = 3) -> Alarm:
    return Alarm(1000, 0, schema.ALARMS.index(name), 3, schema.ALARM_STATES.index("active"), occurrence, 0, 0)


def _live(*messages: Any) -> FakeBed:
    bed = FakeBed()
    bed.live()
    for message in messages:
        bed.say(message)
    return bed


def test_limits_are_shown_in_the_units_of_the_numbers_and_only_where_there_are_any() -> None:
    shown = _live(LIMITS).bed.snapshot()["limits"]
    assert shown["patient"] == "adult"
    assert [(row["parameter"], row["low"], row["high"], row["delay_s"], row["digits"]) for row in shown["list"]] == [
        ("spo2", 90.0, None, 10, 1), ("pulse", 50.0, 140.0, 10, 1), ("temperature", 35.0, 39.5, 10, 2),
    ]  # fmt: skip


def test_what_was_set_is_told_apart_from_what_that_patient_begins_with() -> None:
    """By name; a delay counts, and so does a limit that was switched off."""

    def moved(patient: int = 0, **changed: tuple[int, int, int]) -> list[str]:
        rows = AT_FIRST[schema.PATIENTS[patient]] | changed
        all_ = [rows.get(name, (OFF, OFF, 0)) for name in schema.PARAMETERS]
        low, high, delays = (tuple(row[k] for row in all_) for k in range(3))
        shown = _live(Limits(1000, 0, low, high, delays, patient)).bed.snapshot()["limits"]
        return list(shown["moved"])

    assert moved() == moved(1) == []
    assert moved(spo2=(920, OFF, 10), resp=(100, 300, 5), diastolic=(OFF, OFF, 0)) == [
        "SpO2", "Respiration", "Diastolic pressure",
    ]  # fmt: skip
    assert moved(1, pulse=AT_FIRST["adult"]["pulse"]) == ["Pulse"]
    assert set(AT_FIRST["adult"]) == set(AT_FIRST["child"]) == set(limits.NAMES)


def test_limits_of_a_board_that_is_not_heard_or_has_started_anew_are_not_shown() -> None:
    assert _live().bed.snapshot()["limits"] is None
    bed = _live(LIMITS)
    bed.lose()
    assert bed.bed.snapshot()["limits"] is None
    bed.live()
    assert bed.bed.snapshot()["limits"] is None


def test_an_alarm_names_the_value_that_raised_it_and_its_limit_and_keeps_them() -> None:
    bed = _live(LIMITS, said(spo2=864), _alarm("spo2-low"))
    (shown,) = bed.bed.snapshot()["alarms"]["list"]
    assert shown["sentence"] == "SpO2 86.4 % is below 90 %; look at the patient, airway and oxygen first."
    bed.say(said(spo2=960))
    bed.say(_alarm("spo2-low"))
    assert bed.bed.snapshot()["alarms"]["list"][0]["sentence"].startswith("SpO2 86.4 % is below 90 %")
    bed.say(_alarm("spo2-low", 4))
    assert bed.bed.snapshot()["alarms"]["list"][0]["sentence"] == sentences.ALARMS["spo2-low"], "another occurrence"


@pytest.mark.parametrize(("name", "vitals", "seen"), [
    ("pulse-high", said(pulse=1512), "Pulse 151.2 /min is above 140 /min"),
    ("temperature-high", said(temperature=4012), "Temperature 40.12 °C is above 39.5 °C"),
    ("pulse-low", said(pulse=OFF), ""), ("pulse-low", said(pulse=700), ""), ("pulse-low", None, ""),
    ("spo2-high", said(spo2=1000), ""), ("battery-low", said(), ""), ("oximeter-missing", said(), ""),
])  # fmt: skip
def test_only_a_good_value_that_is_beyond_a_limit_is_named(name: str, vitals: Any, seen: str) -> None:
    assert limits.seen(name, vitals, LIMITS) == seen
    assert limits.seen(name, vitals, None) == ""


def test_every_sentence_of_a_limit_can_take_its_value_in_place_of_its_beginning() -> None:
    for name, text in sentences.ALARMS.items():
        if limits.NAMES.get(name.rpartition("-")[0]):
            assert "; " in text, name
            assert sentences.alarm(name, "X is below Y") == "X is below Y; " + text.split("; ")[1]


@pytest.mark.parametrize(("typed", "sent"), [
    ({"parameter": "spo2", "low": "92", "high": "", "delay_s": "5"}, (SPO2, 920, OFF, 5)),
    ({"parameter": "pulse", "low": 45, "high": 150.5, "delay_s": 0}, (PULSE, 450, 1505, 0)),
    ({"parameter": "temperature", "low": None, "high": "38.55", "delay_s": 30}, (TEMPERATURE, OFF, 3855, 30)),
])  # fmt: skip
def test_what_is_typed_is_sent_exactly(typed: dict[str, Any], sent: tuple[int, ...]) -> None:
    assert tuple(limits.parse(typed).values()) == sent


@pytest.mark.parametrize(("change", "field"), [
    ({"parameter": "perfusion"}, "parameter"), ({"parameter": 3}, "parameter"), ({"low": "9o"}, "low limit of SpO2"),
    ({"low": "90.25"}, "low limit of SpO2"), ({"high": -1}, "high limit of SpO2"), ({"delay_s": 31}, "delay of SpO2"),
    ({"delay_s": ""}, "delay of SpO2"), ({"more": 1}, "more"), ({"high": "7000"}, "high limit of SpO2"),
])  # fmt: skip
def test_what_cannot_be_used_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as error:
        limits.parse({"parameter": "spo2", "low": "90", "high": "", "delay_s": "10", **change})
    assert error.value.field == field


class Client:
    """Answers each command with what a test says, and keeps what was asked."""

    def __init__(self, answer: AnyMessage) -> None:
        self.answer = answer
        self.asked: list[tuple[str, dict[str, int]]] = []

    async def command(self, name: str, **fields: int) -> AnyMessage:
        self.asked.append((name, fields))
        return self.answer


def _reply(status: str, detail: int = 0) -> Reply:
    return Reply(5, 1, schema.STATUSES.index(status), detail, 0, 0, 0, 0x28)


def _orders(answer: AnyMessage, bed: FakeBed | None = None) -> tuple[Orders, Client]:
    client = Client(answer)
    return Orders((bed or _live()).bed, cast(Any, client), cast(Any, None)), client


TYPED = {"parameter": "spo2", "low": "92", "high": "", "delay_s": 5}


async def test_a_limit_is_set_and_how_far_it_may_go_is_told() -> None:
    orders, client = _orders(LimitBack(5, 1, SPO2, 920, OFF, 850, 1000, 1, 5))
    assert await orders.set_limit(TYPED) == {"parameter": "spo2", "least": 85.0, "most": 100.0}
    assert client.asked == [("SetLimit", {"parameter": SPO2, "low": 920, "high": OFF, "delay": 5})]


@pytest.mark.parametrize(("answer", "typed", "words"), [
    (_reply("bad-value", 850), {"low": "80"}, "SpO2: 85 % is as far as a limit may go."),
    (_reply("bad-value", 3), {"low": ""}, "SpO2: the low limit cannot be switched off."),
    (_reply("bad-value", 4), {"high": "91"}, "SpO2: the high limit must lie well above the low one."),
    (_reply("bad-value", 2), {}, "SpO2: the board has no such limit."),
    (_reply("unsupported"), {}, sentences.STATUSES["unsupported"]),
    (LimitBack(5, 1, SPO2, 900, OFF, 850, 1000, 1, 5), {}, "The board holds other limits than those that were asked"),
])  # fmt: skip
async def test_why_limits_are_refused_is_said_by_name(answer: AnyMessage, typed: dict[str, Any], words: str) -> None:
    bed = _live()
    orders, _ = _orders(answer, bed)
    with pytest.raises(Refused) as refused:
        await orders.set_limit(TYPED | typed)
    assert refused.value.sentence.startswith(words)
    assert bed.bed.snapshot()["refusal"]["sentence"] == refused.value.sentence


async def test_another_patient_is_an_adult_or_a_child() -> None:
    orders, client = _orders(_reply("ok"))
    await orders.new_patient("child")
    assert client.asked == [("Patient", {"kind": 1})]
    for kind in ("horse", None, 1):
        with pytest.raises(BadInput):
            await orders.new_patient(kind)


async def test_without_a_link_nothing_is_asked() -> None:
    bed = FakeBed()
    orders, client = _orders(_reply("ok"), bed)
    with pytest.raises(LinkDown):
        await orders.set_limit(TYPED)
    assert client.asked == []


def test_the_journal_says_which_limits_were_set() -> None:
    kind = schema.RECORDS.index("limit")

    def entry(*numbers: int) -> Entry:
        return Entry("ab", 1, 7, kind, *numbers, 0, 1, 0, 0, 0, None, 0.0)

    assert sentence(entry(PULSE, 10, 0, 450, 1505)).startswith(
        "Somebody set the alarm limits of pulse: below 45 or above 150.5 /min, after 10 s."
    )
    assert sentence(entry(SPO2, 5, 0, 900, OFF)).endswith("spo2: below 90 %, after 5 s.")
    assert sentence(entry(255, 0, 1, 0, 0)) == "All alarm limits began anew, as for a child."
