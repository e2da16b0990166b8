"""What the board tells of its alarms: each change once, the newest first, and for how long each has stood."""

from alarm import states
from alarm.conditions import TABLE, code
from alarm_ward import Ward
from assuage_wire.schema import S30


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
        w.told(TABLE[i][0])
        order.append(TABLE[i][0])
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
    assert w.told("kvo-running")[4:7] == [state("idle"), 1, 65]


def test_an_alarm_that_stands_for_weeks_counts_its_seconds_across_the_clocks_wraps():
    w = Ward(S30 - 5000)
    w.cause("occlusion")
    days = 40
    for _ in range(days):
        w.run(86_400_000, 3_600_000)
    assert w.told("occlusion")[6] == days * 86_400
    assert w.state("occlusion") == "active"
    w.run(1000)
    assert w.told("occlusion")[6] == days * 86_400 + 1
    w.cause("occlusion", False)
    w.run(1000)
    assert w.state("occlusion") == "latched"


def test_the_seconds_stand_at_what_the_wire_can_tell():
    w = Ward()
    w.cause("occlusion")
    w.alarms._seconds[0] = S30 - 1
    w.run(3000)
    assert w.told("occlusion")[6] == S30
