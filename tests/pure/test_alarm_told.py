"""What the board tells of its alarms: each change once, the newest first, and for how long each has stood."""

from alarm import states
from alarm.conditions import TABLE
from alarm_ward import Ward, code
from assuage_wire.schema import ALARMS, S30


def test_the_newest_change_is_told_first_and_each_once():
    w = Ward()
    assert w.alarms.untold() == -1
    w.cause("key-stuck")
    w.cause("occlusion")
    w.cause("kvo-running")
    w.acknowledge("key-stuck")
    order = []
    while w.alarms.untold() >= 0:
        i = w.alarms.untold()
        w.told(ALARMS[i])
        order.append(ALARMS[i])
    assert order == ["key-stuck", "kvo-running", "occlusion"]
    w.run(1000)
    assert w.alarms.untold() == -1
    w.cause("occlusion", False)
    assert w.alarms.untold() == -1  # fading: what a person sees is as it was
    w.run(1000)
    assert w.alarms.untold() == code("occlusion")


def test_the_order_holds_where_the_count_of_changes_begins_anew():
    w = Ward()
    w.alarms.changes = S30 - 1
    for name in ("key-stuck", "occlusion", "kvo-running"):
        w.cause(name)
    assert w.alarms.changes == 2
    assert w.alarms.untold() == code("kvo-running")
    w.told("kvo-running")
    assert w.alarms.untold() == code("occlusion")


def test_a_message_tells_all_there_is():
    w = Ward()
    w.run(5000)
    w.cause("clock-doubtful")
    w.cause("kvo-running")
    w.run(61_000)
    w.pause()
    w.run(3500)
    state = states.STATES.index
    assert w.told("kvo-running") == [69_500, 3, 8, 2, state("active"), 1, 64, 117]
    assert w.told("clock-doubtful") == [69_500, 3, 30, 1, state("active"), 2, 59, 117]
    assert w.told("occlusion") == [69_500, 3, 0, 3, state("idle"), 0, 0, 117]
    w.cause("kvo-running", False)
    w.run(1000)
    over = w.told("kvo-running")
    assert over[4:6] == [state("idle"), 1]
    assert over[6] in (64, 65)
    w.run(10_000)
    assert w.told("kvo-running")[6] == over[6]
    w.cause("kvo-running")
    assert w.told("kvo-running")[5:7] == [3, 0]
    w.acknowledge("kvo-running")
    w.run(2000)
    assert w.told("kvo-running")[4:7] == [state("acknowledged"), 3, 2]


def test_an_alarm_that_stands_for_weeks_counts_its_seconds_across_the_clocks_wraps():
    for name, table in (("occlusion", TABLE), ("key-stuck", TABLE), ("line-disconnect", TABLE[:6])):
        w = Ward(S30 - 5000, table)
        w.cause(name)
        for _ in range(960):  # 40 days
            w.turn(3_600_700)
        assert w.told(name)[6] == 960 * 3_600_700 // 1000
        assert w.state(name) == "active"
        w.run(1000)
        assert w.told(name)[6] == 960 * 3_600_700 // 1000 + 1
        w.cause(name, False)
        w.run(1000)
        assert w.state(name) == ("idle" if name == "key-stuck" else "latched")


def test_the_seconds_stand_at_what_the_wire_can_tell():
    w = Ward()
    w.cause("occlusion")
    w.alarms._seconds[0] = S30 - 1
    w.run(3000)
    assert w.told("occlusion")[6] == S30


def test_what_stands_is_surveyed_once_all_is_told_and_heard_and_nothing_once_it_is_over():
    w = Ward()
    w.cause("key-stuck")
    w.run(100)
    w.alarms.begun(w.alarms.sound)
    w.told("key-stuck")
    w.alarms.sound = w.alarms.shown = 0
    w.alarms.survey()
    assert w.alarms.shown and w.alarms.sound
    w.acknowledge("key-stuck")
    w.cause("key-stuck", False)
    w.run(20_000)
    w.told("key-stuck")
    assert w.state("key-stuck") == "idle"
    w.alarms.sound = w.alarms.shown = 3
    w.alarms.survey()
    assert (w.alarms.sound, w.alarms.shown) == (0, 0)
