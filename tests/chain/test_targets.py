"""A target on a whole chain: the daemon that follows it is killed, and the pump does what was programmed for that."""

from __future__ import annotations

from pathlib import Path

import pytest

from assuage_rig.requirements import req
from tests.chain.chain import PATIENCE, running, wait_for
from tests.host.titrating import FAST, ORDER
from tests.host.ward import ANN, WHOLE

pytestmark = pytest.mark.timeout(300)


@req("KIN-008", "KIN-010")
def test_a_killed_daemon_leaves_its_target_to_the_board_and_its_successor_does_not_take_it_up(tmp_path: Path) -> None:
    with running(tmp_path) as chain:
        assert wait_for(lambda: chain.snapshot()["services"].get("library"), PATIENCE, "the library")
        status, told = chain.post("api/admit", {"who": "Dr B", **ANN})
        assert status == 200, told
        asked = {key: value for key, value in ORDER.items() if key not in WHOLE}
        chain.make_ready()
        status, told = chain.post("api/target/programme", {"who": "Dr B", **asked, **FAST, "volume": "40 mL"})
        assert status == 200, told
        back = told["readback"]
        named = {"who": "Dr B", "programme": back["programme"]}
        status, told = chain.post("api/pump/confirm", {**named, "token": back["token"], "second": "Nurse C"})
        assert status == 200, told
        chain.do_when_permitted("api/pump/start", named)
        wait_for(lambda: chain.snapshot()["pump"].get("set_rate_ml_h") == 35.0, PATIENCE, "the rate of the loading")
        wait_for(lambda: chain.snapshot()["target"]["predicted"]["plasma"] != "0.0 ng/mL", PATIENCE, "a prediction")
        chain.kill("daemon")
        before = chain.rig("state")["plunger_nl"]
        wait_for(lambda: chain.snapshot()["pump"]["state"] == "stopped", PATIENCE, "the fallback")
        told = chain.snapshot()
        assert told["pump"]["reason"] == "lease-lapsed" and told["target"] is None
        stands = chain.rig("state")["plunger_nl"]
        assert stands - before < 35e6 / 3600 * 3.5, "its permission was for three seconds"
        status, told = chain.post("api/target", {**named, "target": "120 ng/mL"})
        assert (status, told["error"]) == (409, "No target is followed; order one first.")
        assert chain.rig("state")["plunger_nl"] == stands
