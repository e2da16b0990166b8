"""Whatever is sent to the chart is answered with a sentence, stops the pump exactly where it has to, and enters nothing
by halves."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from assuage.bedside.assessments.scales import own
from assuage.record import reading
from assuage.record.events import Assessment, Given, Struck
from assuage_rig.requirements import req
from tests.host.ward import ADULT, LongWard, long_ward

JUNK: list[Any] = [
    None, True, 0, -1, 3.5, 10**30, "", " ", "4", "x" * 400, "a\nb", "\0", "\u202e4", "NaN mg", "1e999 mg", "-5 mg",
    "0 mg", "٣ mg", "35 mg", "35 mg/kg", "35 kg", [], ["seizure"], [None], [[]], {}, {"poss": "4"}, {"nrs": [4]},
    {"code": "route"}, [{"code": "route", "reason": "because"}], "2026-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59",
]  # fmt: skip
ASSESS = ("who", "at", "late_reason", "note", "values", "effects", "done", "colour")
GIVEN = (
    "who", "second", "at", "late_reason", "note", "drug", "label_drug", "concentration", "dose", "route", "site",
    "overrides", "check", "colour",
)  # fmt: skip
STRIKE = ("who", "number", "hash", "reason", "colour")
GOOD = {
    "who": "Nurse A", "drug": "ketamine", "label_drug": "ketamine", "concentration": "50 mg/mL", "dose": "35 mg",
    "route": "im",
}  # fmt: skip


def spoilt(rng: random.Random, body: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """The same with one to three keys that hold anything."""
    return {**body, **{rng.choice(keys): rng.choice(JUNK) for _ in range(rng.randrange(1, 4))}}


async def told(w: LongWard, path: str, body: dict[str, Any]) -> int:
    """The status, once the answer has been looked at."""
    status, said = await w.post(path, **body)
    assert status in (200, 400, 409), (body, said)
    if status != 200:
        assert said["error"].strip().endswith((".", "?")) and "\n" not in said["error"], (body, said)
        assert "Traceback" not in said["error"] and len(said["error"]) < 600, (body, said)
    return status


def stops(body: dict[str, Any]) -> bool:
    """Whether it says what has to stop a pump: by the issue's own list, not by the code."""
    values, effects = body.get("values"), body.get("effects")
    by_scale = isinstance(values, dict) and str(values.get("poss", "")).strip() == "4"
    by_effect = isinstance(effects, list) and ("seizure" in effects or "chest pain" in effects)
    return by_scale or by_effect


@req("REC-025", "REC-024")
async def test_any_assessment_is_answered_and_stops_just_where_it_must(tmp_path: Path, seed: int, soak: bool) -> None:
    rng, book, entered = random.Random(seed), own(), 0
    async with long_ward(tmp_path) as w:
        await w.keep(ADULT)
        w.pump()
        for _ in range(4000 if soak else 300):
            scale = rng.choice(book.scale)
            body: dict[str, Any] = {"who": "Nurse A", "values": {scale.name: rng.choice((*scale.values, *JUNK))}}
            if rng.random() < 0.3:
                body["effects"] = [rng.choice(book.effects.names)]
            if rng.random() < 0.7:
                body = spoilt(rng, body, ASSESS)
            w.stops.given.clear()
            entered += await told(w, "assess", body) == 200
            assert bool(w.stops.given) == stops(body), body
        assert len(await w.entries(Assessment)) == entered > 0


@req("PHA-005")
async def test_any_dose_is_answered_and_entered_wholly_or_not_at_all(tmp_path: Path, seed: int, soak: bool) -> None:
    rng, entered = random.Random(seed), 0
    async with long_ward(tmp_path) as w:
        await w.keep(ADULT)
        for _ in range(2000 if soak else 150):
            w.now += 90
            body = dict(GOOD)
            if rng.random() < 0.5:
                _, checked = await w.post("given", **body, check=True)
                body["overrides"] = [{"code": each["code"], "reason": "drawn"} for each in checked["findings"]]
                body["second"] = "Nurse B"
            body = spoilt(rng, body, GIVEN) if rng.random() < 0.9 else body
            status = await told(w, "given", body)
            entered += status == 200 and body.get("check") is not True
        assert not w.stops.given
        found = await w.entries(Given)
        assert len(found) == entered > 0
        assert all(entry.body["mass_ng"] > 0 and entry.body["by"] for entry in found)


@req("REC-027")
async def test_any_strike_is_answered_and_strikes_what_was_meant_or_nothing(
    tmp_path: Path, seed: int, soak: bool
) -> None:
    rng, wanted = random.Random(seed), set()
    async with long_ward(tmp_path) as w:
        await w.keep(ADULT)
        for n in range(40):
            await w.keep(Given(substance="ketamine", mass_ng=n + 1, route="im"), Assessment(values={"nrs": "4"}))
        w.pump()
        await w.settle()
        entries = reading.read(w.record.path)
        for _ in range(2000 if soak else 200):
            entry = rng.choice(entries)
            body = {"who": "Nurse A", "number": entry.number, "hash": entry.hash, "reason": "drawn"}
            can = entry.kind in ("given", "assessment") and entry.number not in wanted
            if rng.random() < 0.7:
                body = spoilt(rng, body, STRIKE)
            status = await told(w, "strike", body)
            assert status != 200 or (can and body["number"] == entry.number and body["hash"] == entry.hash), body
            wanted |= {entry.number} if status == 200 else set()
        struck = await w.entries(Struck)
        assert {entry.body["number"] for entry in struck} == wanted and len(struck) == len(wanted) > 0
        doses = [entry for entry in entries if entry.kind == "given" and entry.number not in wanted]
        assert sum(had.ng for had in w.record.state.intake.since(0)) == sum(e.body["mass_ng"] for e in doses)
        assert not w.stops.given
