"""The bench's fault verbs on the whole chain: the same words, and what host and board make of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from assuage_rig import verbs
from assuage_rig.faults import UnknownFault
from tests.chain.chain import PATIENCE, Chain, Observer, running, wait_for

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """One for this file: every test leaves it mended and live."""
    with running(tmp_path_factory.mktemp("faults")) as chain:
        yield chain


def live(chain: Chain) -> None:
    wait_for(lambda: chain.snapshot()["link"]["state"] == "live", PATIENCE, "the link being live")


def test_a_cut_and_a_stalled_link_are_told_and_come_back(chain: Chain) -> None:
    for verb, ends in (("link cut", False), ("link stall", True)):
        live(chain)
        verbs.make(chain, verb, **({"s": 6.0} if ends else {}))
        wait_for(lambda: chain.snapshot()["link"]["state"] != "live", PATIENCE, f"{verb} being told")
        if not ends:
            verbs.mend(chain, verb)
        live(chain)
    assert [(one["verb"], one["ended_us"] is not None) for one in chain.rig("made")["made"][-2:]] == [
        ("link cut", True),
        ("link stall", True),
    ]


def test_a_leap_of_the_hosts_wall_clock_moves_the_labels_and_nothing_else(chain: Chain) -> None:
    live(chain)
    chain.infuse("30")
    with Observer(chain.mqtt_port) as observer:
        wait_for(lambda: chain.snapshot()["pump"]["state"] == "infusing", PATIENCE, "infusing")
        before = observer.wait("/numerics", lambda p: True, PATIENCE)
        starts = chain.rig("state")["board_starts"]
        since = time.monotonic()
        verbs.make(chain, "host clock-jump", s=86_400.0)
        moved = observer.wait("/numerics", lambda p: _unix(p) - _unix(before) > 40_000, PATIENCE, since)
        assert _unix(moved) - _unix(before) == pytest.approx(86_400, abs=PATIENCE)
        assert moved["boot"] == before["boot"]
        time.sleep(4.0)  # longer than the lease: a host that reckoned with its wall clock would have let it lapse
        pump = chain.snapshot()["pump"]
        assert (pump["state"], chain.rig("state")["drive"]["moving"]) == ("infusing", True), pump
        verbs.mend(chain, "host clock-jump")
        observer.wait("/numerics", lambda p: abs(_unix(p) - time.time()) < PATIENCE, PATIENCE, time.monotonic())
        assert chain.snapshot()["pump"]["state"] == "infusing"
        assert chain.rig("state")["board_starts"] == starts


def test_a_daemon_that_hangs_lets_the_lease_lapse_and_the_board_stop_by_itself(chain: Chain) -> None:
    if not chain.rig("state")["drive"]["moving"]:
        chain.infuse("30")
    verbs.make(chain, "daemon hung")
    wait_for(lambda: not chain.rig("state")["drive"]["moving"], PATIENCE, "the board stopping")
    verbs.mend(chain, "daemon hung")
    live(chain)
    wait_for(lambda: chain.snapshot()["pump"]["reason"] == "lease-lapsed", PATIENCE, "the reason")


def test_what_is_killed_of_the_host_comes_back_by_itself(chain: Chain) -> None:
    for verb, process in (("broker down", "broker"), ("daemon killed", "daemon")):
        pid = chain.pids()[process]
        verbs.make(chain, verb)
        wait_for(lambda p=process, was=pid: chain.pids().get(p, was) != was, PATIENCE, f"a new {process}")
    live(chain)


def test_a_hung_broker_is_said_on_the_page_and_goes_on_when_mended(chain: Chain) -> None:
    def connected() -> bool:
        return bool(chain.snapshot()["services"]["mqtt"]["state"] == "up")

    wait_for(connected, PATIENCE, "MQTT being up")
    verbs.make(chain, "broker hung")
    wait_for(lambda: not connected(), PATIENCE, "MQTT being down")
    verbs.mend(chain, "broker hung")
    wait_for(connected, PATIENCE, "MQTT being up again")


def test_what_is_wrong_is_refused_with_what_there_is(chain: Chain) -> None:
    with pytest.raises(UnknownFault, match="there are daemon killed, daemon hung"):
        verbs.make(chain, "daemon lazy")
    with pytest.raises(UnknownFault, match="s must be"):
        verbs.make(chain, "host clock-jump", s=1e9)
    with pytest.raises(AssertionError, match="every must be"):  # by the rig
        verbs.make(chain, "link drop", every=0)


def _unix(payload: dict[str, object]) -> float:
    return datetime.fromisoformat(str(payload["t"])).timestamp()
