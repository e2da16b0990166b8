"""The host's copy of a board's alarms: what it shows, in which order, and when it no longer believes it."""

from __future__ import annotations

from typing import Any

from assuage.bedside import sentences
from assuage.bedside.alarms import FORGOTTEN_S
from assuage.link.events import Identified, Link, LinkChanged
from assuage.link.messages import Alarm
from assuage_wire import schema
from docs import alarm_words
from tests.host.test_bed_snapshot import HELLO, Ward

_ALARM, _STATE = schema.ALARMS.index, schema.ALARM_STATES.index
HIGH, MEDIUM, LOW = 3, 2, 1


def _alarm(name: str, priority: int, state: str, occurrence: int, seconds: int = 0, pause: int = 0) -> Alarm:
    return Alarm(5000, 0, _ALARM(name), priority, _STATE(state), occurrence, seconds, pause)


def _listed(ward: Ward) -> list[Any]:
    return [(a["alarm"], a["occurrence"]) for a in ward.shown["alarms"]["list"]]


def test_the_words_are_those_of_the_alarms_document() -> None:
    assert tuple(sentences.ALARMS) == schema.ALARMS
    assert {name: words[0] for name, words in alarm_words.WORDS.items()} == sentences.ALARMS


def test_the_most_urgent_comes_first_then_what_sounds_then_the_newest() -> None:
    ward = Ward().live()
    ward.tell(
        _alarm("key-stuck", LOW, "active", 9),
        _alarm("occlusion", HIGH, "acknowledged", 8),
        _alarm("link-lost", HIGH, "latched", 3),
        _alarm("encoder-lost", HIGH, "active", 4),
        _alarm("battery-low", MEDIUM, "active", 5),
    )
    assert _listed(ward) == [
        ("encoder-lost", 4), ("link-lost", 3), ("occlusion", 8), ("battery-low", 5), ("key-stuck", 9),
    ]  # fmt: skip
    by_name = {a["alarm"]: a for a in ward.shown["alarms"]["list"]}
    assert [by_name[n]["acknowledged"] for n in ("occlusion", "link-lost")] == [True, False]
    assert [by_name[n]["gone"] for n in ("occlusion", "link-lost")] == [False, True]
    assert by_name["battery-low"]["sentence"].startswith("Half an hour")


def test_one_that_is_over_goes_and_so_does_one_whose_end_was_not_heard() -> None:
    ward = Ward().live().tell(_alarm("occlusion", HIGH, "active", 1), _alarm("key-stuck", LOW, "active", 2))
    ward.tell(_alarm("occlusion", HIGH, "idle", 1))
    assert _listed(ward) == [("key-stuck", 2)]
    ward.now += FORGOTTEN_S
    assert _listed(ward) == [("key-stuck", 2)]
    ward.now += 0.1
    assert _listed(ward) == []


def test_seconds_go_on_between_two_messages() -> None:
    ward = Ward().live().tell(_alarm("occlusion", HIGH, "active", 1, seconds=10, pause=117))
    ward.now += 2.0
    shown = ward.shown["alarms"]
    assert (shown["list"][0]["since_s"], shown["pause_s"]) == (12, 115)


def test_nothing_is_known_without_a_link_or_of_an_earlier_start() -> None:
    ward = Ward().live().tell(_alarm("occlusion", HIGH, "active", 1))
    ward.bed.handle(LinkChanged(Link.LOST, "Nothing has been heard.", ward.now))
    assert ward.shown["alarms"] is None
    ward.bed.handle(Identified(HELLO, True, ward.now))
    ward.bed.handle(LinkChanged(Link.LIVE, "The board is connected.", ward.now))
    assert ward.shown["alarms"] == {"pause_s": 0, "list": []}
