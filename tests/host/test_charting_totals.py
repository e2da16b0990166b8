"""What all doses come to, against rational arithmetic of the test's own: after each one that is entered, in each
window, however it was typed, and told alike to whoever charts and to whoever prescribes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from assuage.bedside import judging
from assuage.bedside.admission import Admissions
from assuage.bedside.charting.had import had as all_of
from assuage.bedside.charting.lately import until_now
from assuage.bedside.prescribing import Prescribing
from assuage.bedside.supervision import Supervision
from assuage.pharmacy.quantities import Time
from assuage.pharmacy.substances import KETAMINE as SUBSTANCE
from assuage_rig.requirements import req
from tests.host.bedside import MemoryStore
from tests.host.eventually import until
from tests.host.prescribing import LIBRARY
from tests.host.ward import ADULT, KETAMINE, LongWard, long_ward

WINDOWS = {"hour": 3_600_000, "four-hours": 14_400_000, "day": 86_400_000}
WEIGHT = 70
MOST_NG = Fraction(1, 2)  # the record holds whole nanograms


def doses(rng: random.Random) -> Iterator[tuple[str, Fraction]]:
    """As somebody types it, of 50 mg/mL for 70 kg, and the same in ng."""
    while True:
        number = Fraction(rng.randrange(1, 400), rng.choice((1, 10, 100)))
        text = f"{float(number):g}"
        yield rng.choice(
            [
                (f"{text} mg", number * 10**6),
                (f"{text} mcg", number * 10**3),
                (f"{text} ug/kg", number * WEIGHT * 10**3),
                (f"{text} mg/kg", number * WEIGHT * 10**6),
                (f"{text} mL", number * 50 * 10**6),
            ]
        )


async def gives(w: LongWard, dose: str, at: int) -> dict[str, Any]:
    """Somebody enters it; at: Unix ms."""
    body = {
        "who": "Nurse A", "drug": "ketamine", "label_drug": "ketamine", "concentration": "50 mg/mL", "dose": dose,
        "route": "im", "at": datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds"),
    }  # fmt: skip
    _, told = await w.post("given", **body, check=True)
    reasons = [{"code": each["code"], "reason": "a test of sums"} for each in told["findings"]]
    status, told = await w.post("given", **body, overrides=reasons, second="Nurse B")
    assert status == 200, told
    return told


def had(given: list[tuple[int, Fraction]], end: int, window: int) -> Fraction:
    """ng in the window that ends then."""
    return sum((ng for at, ng in given if end - window < at <= end), Fraction(0))


def most(given: list[tuple[int, Fraction]], at: int, window: int) -> Fraction:
    """ng in the fullest window that holds this moment."""
    ends = [end for end, _ in given if at <= end < at + window]
    return max(had(given, end, window) for end in [at, *ends])


def ng(text: str) -> Fraction:
    """Of what the API says: a number and mg."""
    number, unit = text.split()
    assert unit == "mg"
    return Fraction(number) * 10**6


def prescribing(w: LongWard) -> Prescribing:
    """The other reader of the same record."""

    class Nobody:
        def permit(self, programme: int, lease_ms: int) -> None: ...
        def withdraw(self) -> None: ...
        def press_stop(self) -> None: ...

    supervision = Supervision(w.bed, Nobody(), MemoryStore(), w.bed.now)
    admissions = Admissions([(w.bed, supervision)], w.record, lambda: LIBRARY)
    return Prescribing(w.bed, w.bed.orders, admissions, w.record, lambda: LIBRARY, wall=lambda: w.bed.unix(w.bed.now()))


@req("PHA-005", "PHA-001")
async def test_totals_after_each_dose_are_the_rational_sum_for_whoever_asks(
    tmp_path: Path, seed: int, soak: bool
) -> None:
    rng = random.Random(seed)
    typed = doses(rng)
    given: list[tuple[int, Fraction]] = []
    async with long_ward(tmp_path) as w:
        other = w.bed.prescribing = prescribing(w)
        reading = asyncio.create_task(other.run())
        await until(lambda: "library" in w.bed.snapshot()["services"])
        await w.keep(ADULT)
        for _ in range(400 if soak else 25):
            w.now += rng.randrange(1, 3 * 3600)
            now = round(w.bed.unix(w.now) * 1000)
            late = rng.choice((0, 0, rng.randrange(1, 20 * 3_600_000)))
            dose, exact = next(typed)
            given.append((now - late, Fraction(round(exact))))
            assert abs(exact - round(exact)) <= MOST_NG
            told = await gives(w, dose, now - late)
            for name, window in WINDOWS.items():
                assert ng(told["together"][name]) == most(given, now - late, window), (name, dose)
            await w.charting.outlook.refresh(w.charting.history, at_once=True)
            await w.settle()
            _, checked = await w.post("check", prescription={})
            for name, window in WINDOWS.items():
                assert ng(w.chart["had"]["ketamine"][name]) == had(given, now, window), name
                theirs = checked["given"].get("ketamine", {}).get(name.replace("-", "_"), "0 mg")
                assert ng(theirs) == had(given, now, window), name
        reading.cancel()


@req("PHA-005")
async def test_whoever_prescribes_counts_no_less_of_what_the_pump_gives_than_was_given(
    tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    async with long_ward(tmp_path) as w:
        prescribing(w)
        await w.keep(ADULT, KETAMINE)
        for _ in range(12):
            await w.flows(rng.randrange(60, 2000), rate=rng.randrange(1_000, 500_000))
            mine = all_of(until_now(w.charting.history.told, w.bed, w.charting.steady))
            now = round(w.bed.unix(w.now) * 1000)
            for window in WINDOWS.values():
                exact = mine.within(SUBSTANCE, Time.of(window // 1000, "s"), now).amount
                bound = judging.given(w.record.state.intake, LIBRARY, now - window)[0]["ketamine"]
                assert exact <= bound
            assert exact.number("ng") == w.delivered * 2, "the whole day"
