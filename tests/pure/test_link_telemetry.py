"""Health and time as the board tells them: extremes of the second, and a clock that goes on across its wrap."""

from alarm.breaches import ROUND_MS as LIMITS_MS
from alarm.breaches import Breaches
from alarm.latch import Alarms
from alarm_ward import Ward
from assuage_wire.codec import BY_NAME, SCHEMA_ID
from assuage_wire.schema import ALARM_STATES, ALARMS, NONE16, S30, WIRE
from interlock.guarding import Guarding
from journal.logbook import Journal
from journal_fakes import Nor
from link.health import Health
from link.port import Port
from link.records import Records
from link.telemetry import ROUND_MS, Identity, Telemetry
from link_fakes import Host, Line, Watch
from pump_fakes import Bed
from vitals.capnogram import Capnogram
from vitals.cuff import Cuff
from vitals.oximeter import Oximeter
from vitals.readings import Readings


def _telemetry():
    line = Line()
    identity = Identity(b"8 bytes!", (1, 2, 3), 0xDEADBEEF, 4, 2)
    return Host(line), Telemetry(Port(line), identity)


def _breaches():
    return Breaches(Readings(1), Watch(), Journal(Nor(1), 4))


def test_hello_says_who_the_board_is():
    host, telemetry = _telemetry()
    telemetry.hello(77, S30, 5)
    assert host.listen() == [("Hello", [WIRE, SCHEMA_ID, b"8 bytes!", 1, 2, 3, 0xDEADBEEF, 4, 2, 77, S30, 5])]


def test_health_tells_the_extremes_of_its_own_second_only():
    host, telemetry = _telemetry()
    health = Health()
    for us in (300, 900, 20):
        health.turn(us)
    for ms in (1500, 700, 1200):
        health.lease(ms)
    for ms in (1800, 1790, 1795):
        health.watchdog(ms)
    health.collect_us, health.heap_free, health.overruns, health.rx_errors, health.bus_errors = 5, 6, 7, 8, 9
    telemetry.health(health, 10, 0)
    telemetry.health(health, 20, 0)
    assert host.listen() == [
        ("Health", [10, 0, 7, 900, 5, 6, 8, 9, 700, 1790]),
        ("Health", [20, 0, 7, 0, 5, 6, 8, 9, NONE16, 65535]),
    ]


def test_counters_that_have_run_full_stay_full():
    host, telemetry = _telemetry()
    health = Health()
    health.overruns = health.rx_errors = health.bus_errors = 70_000
    telemetry.health(health, 0, 0)
    assert [host.listen()[0][1][i] for i in (2,)] == [65535]


def test_every_field_of_health_is_filled():
    assert BY_NAME["Health"].width == 10


def test_each_message_fills_in_all_of_its_own_since_all_of_them_share_a_list():
    host, telemetry = _telemetry()
    meter = Oximeter((110_000, -25_000, 0))
    for i in range(100):
        meter.sample(80_000 + i, 150_000 - i)
    gas = Capnogram()
    for _ in range(25):
        gas.sample(50_000)
    pump = Bed().pump
    journal = Journal(Nor(1), 4)
    guarding = Guarding((), Readings(1), journal, 1, 1)
    sent = (
        ("PumpStatus", lambda: telemetry.status(pump, 1, 2)),
        ("Drive", lambda: telemetry.drive(pump, 1, 2)),
        ("Vitals", lambda: telemetry.vitals(Readings(1), 1, 2)),
        ("Pleth", lambda: telemetry.pleth(meter, 1, 2)),
        ("Capnogram", lambda: telemetry.capnogram(gas, 1, 2)),
        ("Cuff", lambda: telemetry.cuff(Cuff(), 1, 2)),
        ("Health", lambda: telemetry.health(Health(), 1, 2)),
        ("Journal", lambda: telemetry.journal(Records(journal), 1, 2)),
        ("Interlock", lambda: telemetry.interlock(guarding, 1, 2)),
        ("Limits", lambda: telemetry.limits(_breaches(), 1, 2)),
        ("Alarm", lambda: telemetry._tell(Alarms(), 0, 1, 2)),
    )
    for name, send in sent:
        for i in range(len(telemetry._values)):
            telemetry._values[i] = None  # which no message can hold
        send()
        assert host.listen()[-1][0] == name
        assert telemetry._values[BY_NAME[name].width :] == [None] * (len(telemetry._values) - BY_NAME[name].width)


def test_limits_are_told_at_once_when_they_change_to_a_host_that_comes_and_every_ten_seconds():
    host, telemetry = _telemetry()
    breaches = _breaches()
    now = S30 - 3000
    told = []
    for second in range(40):
        if second == 13:
            breaches.choose(1)
        if second == 26:
            telemetry.hello(77, now, 0)
        telemetry.limits(breaches, now, 0)
        told += [(second, values[-1]) for name, values in host.listen() if name == "Limits"]
        now = (now + 1000) & S30
    assert LIMITS_MS == 10_000
    assert told == [(0, 0), (10, 0), (13, 1), (23, 1), (26, 1), (36, 1)]


# -- alarms ------------------------------------------------------------------------------------------------------------


def _told(w, host, telemetry, ms):
    """(ms, condition) of all alarms that are told while so much passes."""
    out = []
    for _ in range(ms // 25):
        w.turn()
        telemetry.alarms(w.alarms, w.now(), 0)
        heard = host.listen()
        assert len(heard) <= 2, "of one turn"
        for name, values in heard:
            assert name == "Alarm"
            out.append((w.ms, ALARMS[values[2]]))
    return out


def test_an_alarm_is_told_at_once_and_with_all_its_fields():
    host, telemetry = _telemetry()
    alarms = Alarms()
    alarms.cause(20, True, 1000)
    telemetry.alarms(alarms, 1500, 3)
    telemetry.alarms(alarms, 1525, 3)
    assert host.listen() == [("Alarm", [1500, 3, ALARMS.index("link-lost"), 3, ALARM_STATES.index("active"), 1, 0, 0])]


def test_nothing_is_told_of_an_alarm_that_nobody_sees():
    host, telemetry = _telemetry()
    w = Ward()
    w.cause("battery-low")  # pending
    assert _told(w, host, telemetry, 4000) == []


def test_all_that_are_shown_are_told_again_every_two_seconds():
    for ticks in (0, S30 - 3000):
        host, telemetry = _telemetry()
        w = Ward(ticks)
        names = ("occlusion", "key-stuck", "link-lost")
        for name in names:
            w.cause(name)
        w.acknowledge("key-stuck")
        w.cause("link-lost", False)  # latched
        _told(w, host, telemetry, 4000)
        told = _told(w, host, telemetry, 10_000)
        for name in names:
            times = [ms for ms, what in told if what == name]
            assert len(times) == 5, name
            assert max([times[i + 1] - times[i] for i in range(len(times) - 1)]) <= ROUND_MS, name


def test_of_all_alarms_at_once_each_is_told_within_a_second_of_changes_and_again_in_the_next_round():
    host, telemetry = _telemetry()
    w = Ward()
    for name in ALARMS:
        w.cause(name)
        w.alarms.recall(ALARMS.index(name), w.now())
    assert {what for _, what in _told(w, host, telemetry, 1000)} == set(ALARMS)
    _told(w, host, telemetry, 1500)
    assert {what for _, what in _told(w, host, telemetry, ROUND_MS)} == set(ALARMS)


def test_a_pause_is_told_in_the_next_turn():
    host, telemetry = _telemetry()
    w = Ward()
    w.cause("occlusion")
    _told(w, host, telemetry, 3000)
    w.pause()
    assert _told(w, host, telemetry, 25) == [(w.ms, "occlusion")]
