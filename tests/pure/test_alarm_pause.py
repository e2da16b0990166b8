"""The audio is paused for two minutes at most, and only of what somebody has heard."""

from alarm.conditions import HIGH, LOW, MEDIUM
from alarm.latch import BAD_STATE, OK
from alarm_ward import Ward, code
from assuage_wire.schema import S30


def test_a_pause_counts_down_120_s_and_then_it_sounds_again():
    for ticks in (0, S30 - 1000, S30 - 119_999):
        w = Ward(ticks)
        w.cause("occlusion")
        w.run(1000)
        assert w.alarms.pause_left(w.now()) == 0
        assert w.pause() == OK
        assert w.alarms.pause_left(w.now()) == 120
        w.turn()
        assert w.sounding() == 0 and w.shown() == HIGH and w.alarms.pause_left(w.now()) == 120
        w.turn(974)
        assert w.alarms.pause_left(w.now()) == 120
        w.turn(1)
        assert w.alarms.pause_left(w.now()) == 119
        w.run(118_975, 4759)
        assert w.sounding() == 0 and w.alarms.pause_left(w.now()) == 1
        w.turn(24)
        assert w.sounding() == 0 and w.alarms.pause_left(w.now()) == 1
        w.ms += 1
        assert w.alarms.pause_left(w.now()) == 0
        w.ms += 5000
        assert w.alarms.pause_left(w.now()) == 0
        w.turn()
        assert w.sounding() == HIGH and w.alarms.pause_left(w.now()) == 0
        assert w.state("occlusion") == "active"


def test_a_pause_is_never_longer_than_120_s_from_when_it_was_first_asked_for():
    w = Ward()
    w.cause("occlusion")
    w.run(1000)
    w.pause()
    for _ in range(23):
        w.run(5000, 250)
        assert w.pause() == OK
    assert w.alarms.pause_left(w.now()) == 5
    w.run(4975, 199)
    assert w.sounding() == 0
    w.turn()
    assert w.sounding() == HIGH


def test_after_a_pause_something_is_heard_before_the_next():
    w = Ward()
    w.cause("occlusion")
    w.run(10_000)
    w.pause()
    w.run(119_000, 500)
    w.forget()
    w.run(1000)
    refused = 0
    while w.pause() == BAD_STATE:
        w.turn()
        refused += 1
        assert refused < 100
    assert refused > 0
    assert len(w.tones) == 5, "half a burst, and then it may be paused"
    w.turn()
    assert w.sounding() == 0


def test_a_pause_with_nothing_to_silence_is_refused_and_silences_nothing_later():
    w = Ward()
    assert w.pause() == BAD_STATE
    w.cause("occlusion")
    w.run(100)
    assert w.sounding() == HIGH
    w.acknowledge("occlusion")
    assert w.pause() == BAD_STATE
    assert w.alarms.pause_left(w.now()) == 0


def test_what_comes_in_a_pause_sounds_at_once_whatever_its_priority():
    for name, priority in (("encoder-lost", HIGH), ("kvo-running", MEDIUM), ("key-stuck", LOW)):
        w = Ward()
        w.cause("occlusion")
        w.run(1000)
        w.pause()
        w.run(5000)
        assert w.sounding() == 0
        w.cause(name)
        assert w.sounding() == priority and w.shown() == HIGH
        w.run(1000)
        assert w.pause() == OK  # the pause covers it too, and ends when it would have
        assert w.sounding() == 0
        assert w.alarms.pause_left(w.now()) == 114
        w.run(114_000, 500)
        assert w.sounding() == HIGH


def test_a_recurrence_in_a_pause_sounds():
    w = Ward()
    w.cause("infusion-complete")
    w.run(1000)
    w.pause()
    w.cause("infusion-complete", False)
    w.run(1000)
    assert w.shown() == 0
    w.cause("infusion-complete")
    assert w.sounding() == HIGH and w.alarms.pause_left(w.now()) == 119
    w.run(20_000)  # and goes on sounding, not only until it was heard once
    assert w.sounding() == HIGH and w.alarms.pause_left(w.now()) == 99


def test_a_pause_that_outlives_what_it_covered_owes_nothing():
    w = Ward()
    w.cause("infusion-complete")
    w.run(1000)
    w.pause()
    w.cause("infusion-complete", False)
    w.run(119_000, 500)
    w.cause("occlusion")  # not covered, and so never silent
    w.turn(1000)
    assert w.alarms.pause_left(w.now()) == 0
    assert w.pause() == OK


def test_a_pause_changes_nothing_that_is_to_be_told():
    w = Ward()
    w.cause("occlusion")
    changes = w.alarms.changes
    w.told("occlusion")
    assert w.pause() == OK
    assert w.alarms.untold() == -1 and w.alarms.changes == changes
    w.cause("encoder-lost")
    assert w.pause() == OK
    assert w.alarms.untold() == code("encoder-lost")
