"""A bed with two real boards: the one measures the patient, and by its word the other's pump runs or stands.

In real time, on a machine that may hold a board up for longer than a permission lasts: the pump then stands for that
reason, rightly, and is released like after any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.chain.chain import PATIENCE, Chain, Observer, running, wait_for

pytestmark = pytest.mark.timeout(400)

GUARDS = {"set": "adult", "rows": ["spo2-below"], "limits": {"spo2-below": "92"}}


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """A demo of two boards."""
    with running(tmp_path_factory.mktemp("two"), "--two-boards") as chain:
        yield chain


def interlock(chain: Chain) -> dict[str, Any]:
    return dict(chain.snapshot()["interlock"] or {"tripped": None, "release": False, "read": {}, "trouble": ""})


def steps(chain: Chain) -> int:
    """That the drive of the pump's board has made, by the rig."""
    return int(chain.rig("state")["drive"]["consumed"])


def tripped_by(chain: Chain, parameter: str | None) -> bool:
    """Whether it stands, tripped by this of the patient; None: by nothing that was seen."""
    told = chain.snapshot()
    cause = (told["interlock"] or {}).get("cause")
    return told["pump"]["state"] == "paused" and cause is not None and cause["parameter"] == parameter


def go_on(chain: Chain, programme: int) -> None:
    """Release and resume, as a human does it on the page: by the numbers that are shown, then by an act of its own."""

    def released() -> bool:
        told = interlock(chain)
        if told["release"]:
            chain.post("api/interlock/release", told["read"])
        return told["tripped"] is False

    wait_for(released, PATIENCE, "the release", step=0.2)
    chain.do_when_permitted("api/pump/resume", {"programme": programme})
    wait_for(lambda: chain.snapshot()["pump"]["state"] == "infusing", PATIENCE, "the infusion going on")


def test_by_the_word_of_the_one_board_the_pump_of_the_other_runs_or_stands(two: Chain) -> None:
    boards = two.snapshot()
    assert boards["board"]["uid"] != boards["signs"]["board"]["uid"]
    with Observer(two.mqtt_port) as observer:
        programme = two.infuse("30", guards=GUARDS)
        before = steps(two)
        wait_for(lambda: steps(two) > before, PATIENCE, "the flow")

        two.ask_rig("rig-signs", "patient", spo2=84)
        wait_for(lambda: tripped_by(two, "spo2"), PATIENCE, "the pause")
        told = interlock(two)
        assert set(told["read"]) == {"pump", "guardian"}
        assert told["sentence"].startswith("SpO2 ") and "below 92 % for 15 s" in told["sentence"]
        observer.wait("/event", lambda p: p["what"] == "tripped" and p["part"] == "guardian", PATIENCE)
        before = steps(two)
        status, answer = two.post("api/interlock/release", told["read"])
        assert (status, answer["status"]) == (409, "guard"), answer
        status, answer = two.post("api/pump/resume", {"programme": programme})
        assert (status, answer["status"]) == (409, "interlock"), answer

        two.ask_rig("rig-signs", "patient", spo2=97)
        wait_for(lambda: interlock(two)["release"], PATIENCE, "normal signs")
        assert steps(two) == before, "normal signs alone let nothing flow"
        go_on(two, programme)
        wait_for(lambda: steps(two) > before, PATIENCE, "the flow after the release")
        observer.wait("/event", lambda p: p["what"] == "released" and p["part"] == "guardian", PATIENCE)

    two.ask_rig("rig-signs", "fault", verb="link cut")
    wait_for(lambda: tripped_by(two, None), PATIENCE, "the pause without a word")
    assert two.snapshot()["pump"]["reason"] == "guardian-lost"
    wait_for(lambda: "cannot be reached" in interlock(two)["trouble"], PATIENCE, "why")
    two.ask_rig("rig-signs", "mend", verb="link cut")
    go_on(two, programme)
    assert two.post("api/pump/stop", {})[0] == 200
    assert two.snapshot()["pump"]["state"] == "stopped"
