"""As somebody types: whatever stands in a form, /api/check answers, and nothing that is refused reaches the board."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from assuage_rig.requirements import req
from tests.host.ward import PUMP, BoardWard, typed, ward

AIM = {"mode": "tci", "model": "domino", "site": "plasma", "target": "100 ng/mL", "rate": "0.4 mg/kg/h",
       "volume": "50 mL", "duration": "12 h", **PUMP}  # fmt: skip
FORMS = {
    "continuous": typed(highest="0.4 mg/kg/h", extra="5 mg"),
    "pca": typed(mode="pca", dose="2 mg", over="2 min", lockout="10 min", hour="10 mg", four_hours="30 mg",
                 volume="40 mL", duration="24 h", rate="0.1 mg/kg/h"),
    "steps": typed(mode="steps", rate=None, duration=None, steps=[{"rate": "0.2 mg/kg/h", "duration": "30 min"}]),
    "tci": {**typed(duration=None), **AIM},
}  # fmt: skip
WRONG: tuple[Any, ...] = (
    None, "", " ", 0, -1, 7, 1e308, float("1e-300"), True, [], {}, [[]], {"": ""}, "NaN mg/kg/h", "1e999 mg/h", "١ mg",
    "0 mg/h", "-3 mg/h", "1/0 mg", "9" * 400 + " mg", "mg", "1 mg/kg/h/h", "1\x00mg", "\ud800", "1 kg", "٣", "½ mg",
    [None], [{"rate": 1}], [{"rate": "1 mg/h", "duration": "1 h"}] * 40,
)  # fmt: skip


async def answered(w: BoardWard, form: dict[str, Any]) -> dict[str, Any]:
    """What is told of it: always the same shape, and a plain sentence where nothing can be checked."""
    status, told = await w.post("check", prescription=form)
    assert status == 200, (form, told)
    assert {"findings", "possible", "alerts", "error", "field"} <= set(told), form
    assert told["error"] == "" or (told["error"][-1] in ".?" and "\n" not in told["error"] and "Traceback" not in told)
    assert not (told["possible"] and told["error"]), form
    return dict(told)


@req("PHA-010")
@pytest.mark.parametrize("mode", FORMS)
async def test_every_beginning_of_what_is_typed_is_answered(tmp_path: Path, mode: str) -> None:
    async with ward(tmp_path / "x.record.sqlite") as w:
        form = FORMS[mode]
        assert (await answered(w, form))["possible"], "typed to its end, it can be ordered"
        for key, value in form.items():
            if isinstance(value, str):
                for end in range(len(value)):
                    await answered(w, {**form, key: value[:end]})
            await answered(w, {name: form[name] for name in form if name != key})
        assert w.b.board.carried_out == [] and w.b.refused == [], "to look is not to order"


@req("PHA-010")
@pytest.mark.parametrize("mode", ["continuous", "tci"])
async def test_more_than_the_chosen_syringe_holds_is_said_before_it_is_sent(tmp_path: Path, mode: str) -> None:
    async with ward(tmp_path / "x.record.sqlite") as w:
        for syringe, possible in (("", True), ("BD 50 mL", True), ("BD 3 mL", False), ("BD 51 mL", False), (3, False)):
            _, told = await w.post("check", prescription=FORMS[mode], syringe=syringe)
            assert told["possible"] == possible, syringe
            assert (told["error"] == "") == possible
            assert told["limits"] and told["gauges"] is not None, "the limits stand there all the same"
        for wrong in WRONG:
            assert (await w.post("check", prescription=FORMS[mode], syringe=wrong))[0] == 200, wrong
        _, told = await w.post("check", prescription=FORMS[mode], syringe="BD 3 mL")
        assert "more than the syringe holds (3 mL)" in told["error"]


@req("PHA-010")
async def test_anything_at_all_may_be_sent_and_nothing_of_it_is_sent_on(tmp_path: Path, seed: int, soak: bool) -> None:
    rng = random.Random(seed)
    async with ward(tmp_path / "x.record.sqlite") as w:
        ordered = 0
        for _ in range(6000 if soak else 300):
            form: Any = dict(rng.choice(list(FORMS.values())))
            for _ in range(rng.randint(1, 3)):
                form[rng.choice([*form, "weight", "age", "area", "height", "colour", ""])] = rng.choice(WRONG)
            told = await answered(w, form)
            if rng.random() < 0.3:
                form = rng.choice((form, rng.choice(WRONG)))
            pump, reasons = rng.choice((PUMP, *[PUMP] * len(WRONG), *WRONG)), rng.choice(([], *WRONG))
            asked = {"prescription": form, "pump": pump, "overrides": reasons}
            status, said = await w.post("prescribe", who="Dr B", **asked)
            assert status in (200, 400, 409), (asked, said)
            assert status != 200 or told["possible"]
            ordered += status == 200
            if isinstance(form, dict) and form.pop("mode", None) == "tci":
                status, said = await w.post("target/programme", **{"who": "Dr B", **form, "overrides": reasons})
                assert status in (200, 400, 409), (asked, said)
                assert status != 200 or told["possible"]
                ordered += status == 200
        assert w.b.board.carried_out.count("Programme") == ordered
        status, _ = await w.post("check", prescription=json.loads("[1]"))
        assert status == 200
