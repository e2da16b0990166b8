"""A bed with two real boards that both pump into one patient: one set of vital signs, one interlock, one STOP.

In real time, on a machine that may hold a board up for longer than a permission lasts: the second pump then stands for
that reason, rightly, and is released like after any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from assuage_rig.requirements import req
from tests.chain.chain import PATIENCE, Chain, Observer, running, wait_for

pytestmark = pytest.mark.timeout(400)

GUARDS = {"set": "adult", "rows": ["spo2-below"], "limits": {"spo2-below": "92"}}
FENTANYL = {
    "drug": "Fentanyl 50 mcg/mL", "rate_ml_h": "20", "vtbi_ml": "10", "syringe": "BD 20 mL", "on_loss": "stop",
    "guards": GUARDS,
}  # fmt: skip
RIGS = ("rig", "rig-second")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """A demo of two pumps."""
    with running(tmp_path_factory.mktemp("two"), "--two-pumps") as chain:
        yield chain


def second(chain: Chain) -> dict[str, Any]:
    (told,) = chain.snapshot()["beside"]
    return dict(told)


def steps(chain: Chain) -> list[int]:
    """That each drive has made, by its rig."""
    return [int(chain.ask_rig(rig, "state")["drive"]["consumed"]) for rig in RIGS]


def states(chain: Chain) -> tuple[str, str]:
    told = chain.snapshot()
    return told["pump"]["state"], told["beside"][0]["pump"]["state"]


def given(chain: Chain) -> set[str]:
    """The drugs that the patient has had, by the rig that has the patient."""
    return {drug for drug, told in chain.rig("state")["drugs"].items() if told["given_ug"] > 0}


def flows(chain: Chain) -> None:
    before = steps(chain)
    wait_for(lambda: all(now > then for now, then in zip(steps(chain), before, strict=True)), PATIENCE, "the flow")


def go_on(chain: Chain, programmes: dict[str, int]) -> None:
    """Until both infuse: whatever stands is released and resumed, as a human does it, by the numbers that are shown.
    programmes: by the path of the pump's orders."""

    def infuse() -> bool:
        for base, programme in programmes.items():
            told = second(chain) if base else chain.snapshot()
            interlock = told["interlock"] or {"release": False}
            if interlock["release"]:
                chain.post(f"api/{base}interlock/release", interlock["read"])
            elif told["pump"]["state"] == "paused":
                chain.post(f"api/{base}pump/resume", {"programme": programme})
        return states(chain) == ("infusing", "infusing")

    wait_for(infuse, PATIENCE, "both infusing", step=0.3)


def infuse_second(chain: Chain) -> int:
    status, answer = chain.post("api/second/pump/programme", FENTANYL)
    assert status == 200, answer
    back = answer["readback"]
    wait_for(lambda: not (second(chain)["drive"] or {"untested": [1]})["untested"], PATIENCE, "the second being ready")
    status, answer = chain.post("api/second/pump/confirm", {"programme": back["programme"], "token": back["token"]})
    assert status == 200, answer
    chain.do_when_permitted("api/second/pump/start", {"programme": back["programme"]})
    return int(back["programme"])


@req("ILK-006")
def test_two_pumps_at_one_patient_run_by_one_interlock_and_stop_by_one_stop(two: Chain) -> None:
    told = two.snapshot()
    assert told["board"]["uid"] != told["beside"][0]["board"]["uid"]
    wait_for(lambda: second(two)["interlock"], PATIENCE, "the second board's interlock")
    with Observer(two.mqtt_port) as observer:
        opioid = infuse_second(two)
        ketamine = two.infuse("30", guards=GUARDS)
        programmes = {"": ketamine, "second/": opioid}
        go_on(two, programmes)
        flows(two)
        wait_for(lambda: given(two) == {"ketamine", "fentanyl"}, PATIENCE, "both drugs in one patient")
        topics = {topic for _, topic, _ in observer.heard if topic.endswith("/pump")}
        assert len(topics) == 2, topics

        two.rig("patient", spo2=84)
        wait_for(lambda: states(two) == ("paused", "paused"), PATIENCE, "both pausing")
        before = steps(two)
        first, other = two.snapshot()["interlock"], second(two)["interlock"]
        assert first["cause"]["parameter"] == "spo2" and other["tripped"]
        for base, programme in programmes.items():
            status, answer = two.post(f"api/{base}pump/resume", {"programme": programme})
            assert (status, answer["status"]) == (409, "interlock"), answer
        assert steps(two) == before

        two.rig("patient", spo2=97)
        go_on(two, programmes)
        flows(two)

    status, answer = two.post("api/pump/stop", {})
    assert status == 200, answer
    assert [answer["state"], *(each["state"] for each in answer["beside"])] == ["stopped", "stopped"]
    assert states(two) == ("stopped", "stopped")
