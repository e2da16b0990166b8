"""A board without a pump stands at a bed for its sensors alone: it measures, and nothing on it can be started."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assuage_rig.bench import Bench
from assuage_rig.targets.linux import LinuxTarget
from assuage_rig.wirehost import ORDER, RefusedError, WireHost
from assuage_wire import schema


@pytest.fixture
def host() -> Iterator[WireHost]:
    """With all sensors, and a session."""
    target = LinuxTarget(arguments=("emulated", "bedside", "pumpless"))
    with Bench(target=target, bedside=True) as bench:
        host = WireHost(bench)
        host.run(0.5)
        host.identify()
        yield host


def test_it_tells_the_patients_numbers_without_an_alarm_or_an_error_of_its_missing_half(host: WireHost) -> None:
    host.run(10)
    began = host.last("Health")["bus_errors"]  # the capnograph is deaf for its first second
    host.run(35)
    for name in ("spo2", "pulse", "resp", "etco2", "temperature", "heart"):
        assert host.vital(name).quality == "good", name
    health = host.last("Health")
    assert (health["bus_errors"] - began, health["overruns"]) == (0, 0)
    assert host.state == "standby" and not host.heard("Alarm")


def test_every_order_to_a_pump_is_unsupported_and_nothing_comes_of_it(host: WireHost) -> None:
    host.run(10)
    until = host.until()
    orders = {
        "Programme": (*(ORDER | {"programme": 1, "rate": 166_667, "vtbi": 5_000_000}).values(),),
        "Leg": (1, 0, 1000, 1000, 1000, 0), "Confirm": (1, 1), "Arm": (1,),
        "Start": (1, *until), "Pause": (1,), "Resume": (1, *until), "Change": (1, 0, 1000, 0), "Apply": (1, 1),
        "Prime": (1, 26_700, 10_000_000, 500_000), "Purge": (1, 1, 1, *until),
        "Guard": (1, 0, schema.PARAMETERS.index("spo2"), schema.GUARDS.index("below"), 900, 15_000, 20, 5_000, 10_000),
    }  # fmt: skip
    for name, values in orders.items():
        with pytest.raises(RefusedError, match="unsupported"):
            host.order(name, *values)
    host.stop()
    host.run(5)
    assert host.state == "standby"
    assert host.last("PumpStatus")["delivered"] == 0
