"""A patient at the whole chain: prescribed for, assessed, given a dose by hand, and stopped for what was found, with a
daemon that is killed in between."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from assuage.record.reading import read
from assuage.record.verify import verify
from assuage_rig.requirements import req
from tests.chain.chain import PATIENCE, Chain, running, wait_for

pytestmark = pytest.mark.timeout(300)

WHO = {"who": "Nurse A"}
PRESCRIPTION = {
    "drug": "ketamine", "mode": "continuous", "concentration": "2 mg/mL", "label_drug": "ketamine",
    "label_concentration": "2 mg/mL", "rate": "0.2 mg/kg/h", "duration": "4 h",
}  # fmt: skip
BY_HAND = {
    **WHO, "drug": "ketamine", "label_drug": "ketamine", "concentration": "50 mg/mL", "dose": "10 mg", "route": "iv",
    "second": "Nurse B",
}  # fmt: skip


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running(tmp_path) as chain:
        yield chain


def good(chain: Chain, path: str, **body: Any) -> dict[str, Any]:
    """The answer to what must not be refused."""
    status, told = chain.post(f"api/{path}", WHO | body)
    assert status == 200, told
    return told


def get(chain: Chain, path: str, **query: str) -> Any:
    """As the page asks."""
    text = "&".join(f"{key}={quote(value)}" for key, value in query.items())
    with urllib.request.urlopen(f"{chain.page}api/{path}?{text}", timeout=PATIENCE) as answer:
        return json.load(answer)


def chart(chain: Chain) -> dict[str, Any]:
    """What the snapshot says of charting, as soon as it does."""
    return dict(wait_for(lambda: chain.snapshot()["charting"], PATIENCE, "charting"))


def infuse(chain: Chain) -> None:
    """From the admission to drug that flows."""
    good(chain, "admit", patient="Ann Example", weight="70 kg", age="40 years", area="acute")
    wait_for(lambda: "library" in chain.snapshot()["services"], PATIENCE, "the library")
    pump = {"syringe": "BD 50 mL", "on_loss": "continue"}  # a daemon may be gone for longer than a lease lasts
    back = good(chain, "prescribe", prescription=PRESCRIPTION, pump=pump)["readback"]
    chain.make_ready()
    good(chain, "pump/confirm", programme=back["programme"], token=back["token"])
    chain.do_when_permitted("api/pump/start", {"programme": back["programme"]})
    wait_for(lambda: chain.snapshot()["pump"]["state"] == "infusing", PATIENCE, "drug that flows")


@req("REC-025", "REC-026", "KIN-011")
def test_a_patient_is_charted_over_a_killed_daemon_and_the_plunger_stands_for_what_must_stop(chain: Chain) -> None:
    infuse(chain)
    names = {"assessment", "observations", "infusion check", "hourly pain"}
    wait_for(lambda: {each["name"] for each in chart(chain)["due"]} == names, PATIENCE, "what is due")

    told = good(chain, "assess", values={"nrs": 4, "poss": "3"})
    assert told["stop"] is None
    assert "From the present rate that is 3.5 mL/h to 5.25 mL/h." in told["advice"][0]["sentence"]
    status, found = chain.post("api/given", BY_HAND | {"check": True})
    assert status == 200 and not found["entered"]
    reasons = [{"code": each["code"], "reason": "before a dressing"} for each in found["findings"]]
    assert good(chain, "given", **{k: v for k, v in BY_HAND.items() if k != "who"}, overrides=reasons)["entered"]

    predicted = get(chain, "prediction", stop="1")["substances"][0]
    assert predicted["high"] >= predicted["low"] >= 0 and not predicted["missing"] and predicted["stop"]["wake"]
    infusions = chart(chain)["infusions"]

    chain.kill("daemon")
    wait_for(lambda: chain.snapshot()["pump"]["state"] == "infusing", PATIENCE, "the next daemon at the infusion")
    after = dict(wait_for(lambda: (c := chart(chain))["infusions"] and c["had"] and c, PATIENCE, "what was charted"))
    assert after["infusions"] == infusions
    assert after["latest"]["nrs"]["value"] == "4" and after["alarms"] == []
    had = float(after["had"]["ketamine"]["hour"].removeprefix("about ").removesuffix(" mg"))
    assert 10 < had < 12  # the dose by hand, and what has flowed of 14 mg/h

    moved = chain.rig("state")["plunger_nl"]
    wait_for(lambda: chain.rig("state")["plunger_nl"] > moved, PATIENCE, "a plunger that moves")
    told = good(chain, "assess", effects=["seizure"])
    assert told["stop"]["state"] == "stopped"
    stands = chain.rig("state")["plunger_nl"]
    wait_for(lambda: (chart(chain)["stopped"] or {}).get("confirmed"), PATIENCE, "the pump that is told to stand")
    assert chain.rig("state")["plunger_nl"] - stands < 1000, "the plunger went on"
    wait_for(lambda: not chart(chain)["due"], PATIENCE, "nothing that is due any more")

    lines = get(chain, "record", last="1000")["lines"]
    told_of = " ".join(line["sentence"] for line in lines)
    for said in ("sedation (POSS) 3", "Side effects: seizure", "10 mg"):
        assert said.casefold() in told_of.casefold(), said
    assert chain.end() == 0
    path = chain.state / "store.record.sqlite"
    assert not verify(path).findings
    assert [e.body["by"] for e in read(path) if e.kind in ("assessment", "given")] == ["Nurse A"] * 3
