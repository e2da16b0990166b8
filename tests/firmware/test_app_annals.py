"""The board's alarms in its own journal on the bench, and back from it after a loss of power."""

from __future__ import annotations

from typing import Any

from assuage_rig.bench import Bench
from assuage_rig.requirements import req
from assuage_rig.wirehost import WireHost
from assuage_wire import schema

ALARMS = ("raised", "ended", "acknowledged", "silenced")


def journal(host: WireHost, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
    """All records of these kinds, as the board gives them to a host."""
    host.run(1.1)  # what waits is written, and the newest one told
    found = []
    number, newest = 0, host.last("Journal")["newest"]
    while number <= newest:
        record = host.order("Fetch", number)
        kind = schema.RECORDS[record["kind"]]
        if kind in kinds:
            found.append((kind, record))
        number = record["number"] + 1
    return found


def alarms(host: WireHost) -> list[tuple[str, str]]:
    """(kind, condition) of each record of an alarm."""
    return [(kind, "" if kind == "silenced" else schema.ALARMS[record["a"]]) for kind, record in journal(host, *ALARMS)]


def standing(host: WireHost) -> dict[str, dict[str, Any]]:
    """The newest word on each alarm since the board was last started, by condition, of what is shown."""
    newest = {schema.ALARMS[m["alarm"]]: m for m in host.all("Alarm")}
    shown = schema.ALARM_STATES.index("acknowledged")
    return {name: m for name, m in newest.items() if m["state"] >= shown}


def lose_encoder(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=30.0)
    host.run(1)
    bench.fault("encoder", "nack")
    assert bench.run_until(lambda: not bench.drive.moving, 1.0)
    bench.mend("encoder")
    host.run(0.5)


@req("REC-004")
def test_what_becomes_of_an_alarm_is_in_the_journal_with_its_number(bench: Bench, host: WireHost) -> None:
    lose_encoder(bench, host)
    occurrence = standing(host)["encoder-lost"]["occurrence"]
    bench.circuit.pins.put("silence", 0)
    bench.run(0.2)
    bench.circuit.pins.put("silence", 1)
    host.run(1)
    host.order("Acknowledge", occurrence)
    host.order("Clear", schema.REASONS.index("encoder-lost"))
    host.run(1)
    assert alarms(host) == [
        ("raised", "encoder-lost"), ("silenced", ""), ("acknowledged", "encoder-lost"), ("ended", "encoder-lost"),
    ]  # fmt: skip
    for kind, record in journal(host, *ALARMS):
        assert record["x"] == occurrence
        if kind != "silenced":
            assert schema.PRIORITIES[record["b"]] == "high"


@req("REC-004")
def test_an_alarm_that_nobody_has_acknowledged_sounds_again_after_a_loss_of_power_under_its_number(
    bench: Bench, host: WireHost
) -> None:
    host.run(2)
    host.identify()
    bench.fault("sounder", "dead")
    host.offer()
    host.make_ready()
    host.order("Confirm", host.programme, host.last("Readback")["token"])
    host.order("Arm", host.programme)
    host.run(1)
    occurrence = standing(host)["sounder-fault"]["occurrence"]
    host.run(0.5)
    bench.mend("sounder")
    host.said.clear()
    bench.power_cycle()
    bench.run(1.5)
    told = standing(host)["sounder-fault"]
    assert (told["occurrence"], schema.ALARM_STATES[told["state"]]) == (occurrence, "latched")
    host.identify()
    host.order("Acknowledge", occurrence)
    host.run(1)
    assert standing(host) == {}
    assert alarms(host)[-1] == ("acknowledged", "sounder-fault")
    host.said.clear()
    bench.power_cycle()
    bench.run(3)
    assert standing(host) == {}, "somebody has seen it"


@req("PWR-003")
def test_a_low_battery_alarm_is_not_lost_with_the_power(bench: Bench, host: WireHost) -> None:
    """Medfusion 3500 and 4000, firmware 1.7.0: recalled in 2019 for a low-battery alarm that was lost."""
    bench.fault("battery", "low", percent=10.0)
    host.run(10)
    assert schema.ALARM_STATES[standing(host)["battery-low"]["state"]] == "active"
    host.said.clear()
    bench.power_cycle()
    bench.run(0.5)  # long before the gauge could say so again
    assert schema.ALARM_STATES[standing(host)["battery-low"]["state"]] == "latched"
    bench.run(10)
    assert schema.ALARM_STATES[standing(host)["battery-low"]["state"]] == "active", "and it is still so"


@req("PMP-014")
def test_near_empty_comes_as_long_before_as_the_programme_says(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=600.0, ml=10.0, near_empty=25)  # a minute
    host.run(30)
    assert "near-empty" not in standing(host)
    host.run(10)
    told = standing(host)["near-empty"]
    assert schema.PRIORITIES[told["priority"]] == "medium"
    assert told["seconds"] <= 6
    host.run(25)
    assert host.state == "complete"
    assert alarms(host)[:2] == [("raised", "near-empty"), ("raised", "infusion-complete")]


@req("PWR-002")
def test_a_low_supply_stops_cleanly_and_is_in_the_journal(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=60.0)
    host.run(2)
    bench.circuit.analogue.put("supply", 20_000)  # 3.02 V
    host.run(0.3)
    bench.circuit.flash.cut(1 << 30)
    bench.power_cycle()  # and so it goes
    bench.circuit.analogue.put("supply", None)
    host.run(2)
    assert host.state == "standby", "it was settled"
    host.identify()
    ((_, record),) = journal(host, "supply")
    reason = schema.REASONS[record["b"]]
    assert (schema.STATES[record["a"]], reason, record["x"]) == ("stopped", "supply-low", host.programme)
    assert 2900 < record["y"] < 3100
    assert [kind for kind, _ in journal(host, "delivered", "supply", "raised")] == ["delivered", "supply", "raised"]
    assert "supply-low" in standing(host), "and nobody has read of it yet"


@req("REC-004")
def test_the_very_first_start_of_a_board_is_in_the_journal(bench: Bench, host: WireHost) -> None:
    host.run(1)
    host.identify()
    ((_, record),) = journal(host, "boot")
    assert (schema.RESETS[record["a"]], record["y"]) == ("power-on", host.FIRST_BOOT)
