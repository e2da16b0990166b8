"""Health and time as the board tells them: extremes of the second, and a clock that goes on across its wrap."""

from assuage_wire.codec import BY_NAME, SCHEMA_ID
from assuage_wire.schema import NONE16, S30, WIRE
from link.health import Health
from link.port import Port
from link.telemetry import Identity, Telemetry
from link_fakes import Host, Line


def _telemetry():
    line = Line()
    identity = Identity(b"8 bytes!", (1, 2, 3), 0xDEADBEEF, 4, 2)
    return Host(line), Telemetry(Port(line), identity)


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
