"""A board without a pump stands at a bed for its sensors alone: it measures, and nothing on it can be started."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assuage_rig.bench import Bench
from assuage_rig.targets.linux import LinuxTarget
from assuage_rig.wirehost import RefusedError, WireHost


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


def test_no_programme_is_armed_and_no_line_is_primed_on_it(host: WireHost) -> None:
    host.run(10)
    token = host.offer(ml_h=10.0, ml=5.0)["token"]
    host.order("Confirm", host.programme, token)
    with pytest.raises(RefusedError, match="encoder"):
        host.order("Arm", host.programme)
    host.stop()
    host.run(1)
    number = host.programme + 1
    back = host.ask("Prime", number, 26_700, 10_000_000, 500_000)
    if "token" in back:
        with pytest.raises(RefusedError, match="encoder"):
            host.order("Purge", number, back["token"], 1, *host.until())
    host.run(5)
    assert host.state != "fault"
    assert host.last("PumpStatus")["delivered"] == 0
