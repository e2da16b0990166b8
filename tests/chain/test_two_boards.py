"""A bed with two real boards: the one measures the patient, and by its word the other's pump runs or stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.chain.chain import PATIENCE, Chain, Observer, running, wait_for

pytestmark = pytest.mark.timeout(400)

GUARDS = {"set": "adult", "rows": ["spo2-below"], "limits": {"spo2-below": "92"}}


@pytest.fixture(scope="module")
def beds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """A demo of two boards."""
    with running(tmp_path_factory.mktemp("two"), "--two-boards") as chain:
        yield chain


def interlock(chain: Chain) -> dict[str, Any]:
    return dict(chain.snapshot()["interlock"] or {"tripped": None, "release": False, "trouble": ""})


def moved(chain: Chain) -> float:
    """How far the plunger has come, uL, by the rig."""
    return float(chain.rig("state")["delivered_ul"])


def release_and_resume(chain: Chain, programme: int) -> None:
    """As a human does it on the page: by the numbers that are shown, and then by an act of its own."""
    told = wait_for(lambda: (i := interlock(chain))["release"] and i, PATIENCE, "a release being possible")
    assert chain.post("api/pump/resume", {"programme": programme})[0] == 409
    status, answer = chain.post("api/interlock/release", told["read"])
    assert status == 200, answer
    assert chain.snapshot()["pump"]["state"] == "paused"
    wait_for(lambda: not interlock(chain)["tripped"], PATIENCE, "the release being told")
    status, answer = chain.post("api/pump/resume", {"programme": programme})
    assert status == 200, answer
    wait_for(lambda: chain.snapshot()["pump"]["state"] == "infusing", PATIENCE, "the infusion going on")


def test_by_the_word_of_the_one_board_the_pump_of_the_other_runs_or_stands(beds: Chain) -> None:
    chain = beds
    boards = chain.snapshot()
    assert boards["board"]["uid"] != boards["signs"]["board"]["uid"]
    with Observer(chain.mqtt_port) as observer:
        programme = chain.infuse("30", guards=GUARDS)
        wait_for(lambda: chain.snapshot()["pump"]["state"] == "infusing", PATIENCE, "the infusion")
        assert interlock(chain)["verdict"] == "begins"

        chain.ask_rig("rig-signs", "patient", spo2=84)
        wait_for(lambda: chain.snapshot()["pump"]["state"] == "paused", PATIENCE, "the pause")
        told = interlock(chain)
        assert set(told["read"]) == {"pump", "guardian"} and told["cause"]["parameter"] == "spo2"
        assert told["sentence"].startswith("SpO2 8") and "below 92 % for 15 s" in told["sentence"]
        before = moved(chain)
        wait_for(lambda: chain.snapshot()["vitals"]["spo2"], PATIENCE, "another number")
        assert moved(chain) == before
        observer.wait("/event", lambda p: p["what"] == "tripped" and p["part"] == "guardian", PATIENCE)
        status, answer = chain.post("api/interlock/release", told["read"])
        assert (status, answer["status"]) == (409, "guard"), answer

        chain.ask_rig("rig-signs", "patient", spo2=97)
        release_and_resume(chain, programme)
        observer.wait("/event", lambda p: p["what"] == "released" and p["part"] == "pump", PATIENCE)

    chain.ask_rig("rig-signs", "fault", verb="link cut")
    wait_for(lambda: chain.snapshot()["pump"]["state"] == "paused", PATIENCE, "the pause without a word")
    assert chain.snapshot()["pump"]["reason"] == "guardian-lost"
    wait_for(lambda: "cannot be reached" in interlock(chain)["trouble"], PATIENCE, "why")
    chain.ask_rig("rig-signs", "mend", verb="link cut")
    release_and_resume(chain, programme)
    assert chain.post("api/pump/stop", {})[0] == 200
    wait_for(lambda: interlock(chain).get("watch") is not None, PATIENCE, "the end")
