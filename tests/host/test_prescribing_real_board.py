"""Prescriptions at the shipped firmware: what it reads back of every mode is what was prescribed; one of them runs."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from assuage_rig.requirements import req
from tests.host.eventually import until
from tests.host.prescribing import usual
from tests.host.test_link_real_board import RealBoard, _ready
from tests.host.ward import ANN, PUMP, BoardWard, ward


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[RealBoard]:
    found = RealBoard(tmp_path)
    await found.start()
    yield found
    await found.end()


def drawn(seed: int, each: int) -> list[dict[str, Any]]:
    """So many usual prescriptions of every mode, of an adult's areas."""
    orders = [typed for _, typed in usual() if typed["area"] != "paediatric"]
    random.Random(seed).shuffle(orders)
    modes = dict.fromkeys(typed["mode"] for typed in orders)
    return [typed for mode in modes for typed in [one for one in orders if one["mode"] == mode][:each]]


async def asked(w: BoardWard, typed: dict[str, Any]) -> Any:
    """What the board read back; None where the syringe is too small, or too full, for it."""
    said = await w.good("check", prescription=typed)
    reasons = [{"finding": found["finding"], "reason": "another weight, for this test"} for found in said["findings"]]
    status, told = await w.post("prescribe", who="Dr B", prescription=typed, pump=PUMP, overrides=reasons)
    assert status == 200 or told.get("by") != "host" or told["status"] != "readback-differs", told
    return told["readback"] if status == 200 else None


@req("PHA-010", "PHA-002")
async def test_what_the_shipped_firmware_reads_back_is_what_was_prescribed(
    rig: RealBoard, tmp_path: Path, seed: int, soak: bool
) -> None:
    async with ward(tmp_path / "x.record.sqlite", pty=rig) as w:  # type: ignore[arg-type]
        await _ready(w.b, rig)
        seen: dict[str, int] = {}
        for typed in drawn(seed, 300 if soak else 5):
            back = await asked(w, typed)
            if back is not None:
                seen[typed["mode"]] = seen.get(typed["mode"], 0) + 1
                numbers = back["clinical"]["numbers"]
                assert len(numbers) > 1 and all(each["board"] for each in numbers)
        assert set(seen) == {"continuous", "loading", "bolus", "ramp", "steps", "pca"}, seen
        back = await w.prescribe(rate="0.3 mg/kg/h", highest="0.4 mg/kg/h")
        await w.infuse(back, second="Nurse C")
        assert w.b.shown["set_rate_ml_h"] == 10.5 and w.b.shown["terms"]["clinical"]["patient"] == ANN["patient"]
        told = (await w.good("pump/change", programme=back["programme"], rate_ml_h="14"))["readback"]
        assert told["clinical"]["numbers"][0]["per_weight"] == "0.4 mg/kg/h"
        await w.good("pump/apply", programme=back["programme"], token=told["token"], second="Nurse C")
        await until(lambda: w.b.shown["set_rate_ml_h"] == 14)
        await w.good("pump/stop")
