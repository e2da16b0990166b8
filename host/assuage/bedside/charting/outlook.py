"""Totals and prediction of one bed, reckoned off the event loop, once a minute and after every dose by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from assuage.bedside.admission import admitted
from assuage.bedside.bed import Bed
from assuage.bedside.charting.history import History, Told
from assuage.bedside.charting.lately import until_now
from assuage.bedside.charting.steady import Steady
from assuage.bedside.sentences import code
from assuage.bedside.snapshot import MOVING, iso
from assuage.errors import BadInput
from assuage.link.events import Link
from assuage.pharmacy.prescription import Patient
from assuage.record.events import Predicted
from assuage.record.recorder import Recording
from assuage_wire import schema

if TYPE_CHECKING:
    from assuage.bedside.charting.forecast import Flow, Forecast
    from assuage.pharmacy.substances import Substance

EVERY_MS: Final = 60_000
AGAIN_MS: Final = 10_000
KEEP_MS: Final = 15 * 60_000  # between two predictions in the record
KEEP_STEP_MIN, KEEP_AHEAD_MIN = 5, 60
LONGEST_H: Final = 24
WITHOUT_END_H: Final = 24  # an infusion that says no end is drawn this far


class Outlook:
    """totals: had in the hour, four hours and day by substance, as text; uncounted: what is in none of them; sparing:
    see sparing.py. groups: of substances, as the library says."""

    def __init__(self, bed: Bed, record: Recording, steady: Steady) -> None:
        self._bed, self._record, self._steady = bed, record, steady
        self._made: list[Forecast] = []
        self._of: tuple[Any, ...] = ()
        self._flows: tuple[Flow, ...] = ()
        self._at = 0
        self._kept = 0
        self._said: list[dict[str, Any]] = []
        self._one_at_a_time = asyncio.Lock()
        self.totals: dict[str, dict[str, str]] = {}
        self.uncounted: tuple[str, ...] = ()
        self.sparing: list[dict[str, Any]] = []
        self.groups: Mapping[str, str] = {}

    def stale(self) -> None:
        """A dose has been entered, or struck."""
        self._of = ()

    def summary(self) -> list[dict[str, Any]]:
        """The newest, for a snapshot; with the time it is for."""
        return self._said

    async def refresh(self, history: History, *, at_once: bool = False) -> None:
        """Reckons anew where that is due: once a minute, after a dose by hand, and when the rate has changed: then at
        most every ten seconds, unless somebody asks."""
        here = admitted(self._record)
        if here is None or here.patient is None:
            self._made, self._said, self.totals, self.uncounted, self._of = [], [], {}, (), ()
            self.sparing = []
            return
        async with self._one_at_a_time:
            now, flows = self._steady.now(), flows_now(self._bed, history.told)
            account = history.told.account
            of, same = (here.patient, len(account.hands), account.struck), flows == self._flows
            if of == self._of and now - self._at < (EVERY_MS if same else 0 if at_once else AGAIN_MS):
                return
            told = until_now(history.told, self._bed, self._steady)
            made = await asyncio.to_thread(_reckoned, told, here.patient, flows, now, self.groups)
            self._made, self._said, self.totals, self.uncounted, self.sparing, points = made
            self._of, self._flows, self._at = of, flows, now
            for each in self._said:
                each["time"] = iso(self._steady.wall(now) / 1000)
            if now - self._kept >= KEEP_MS:
                self._kept = now
                for substance, models, rows in points:
                    shifted = tuple((self._steady.wall(at), low, high) for at, low, high in rows)
                    self._record.note(Predicted(substance=substance, models=models, points=shifted))

    async def answer(self, history: History, patient: Patient, query: Mapping[str, str]) -> dict[str, Any]:
        """Curves, wake-up ranges, and what if: stop=1, rate=0.1 mg/kg/h. hours: how far ahead. Raises BadInput."""
        hours = _hours(query.get("hours", "4"))
        await self.refresh(history, at_once=True)
        made, at = list(self._made), self._at
        asked = query.get("substance", "")
        if asked and asked not in [each.substance.key for each in made]:
            raise BadInput("substance", f"Nothing of {asked[:40]!r} is in this patient's record.")
        strengths = _strengths(history.told)
        return await asyncio.to_thread(
            _answered, [each for each in made if asked in ("", each.substance.key)], iso(self._steady.wall(at) / 1000),
            patient, strengths, hours, query,
        )  # fmt: skip

    async def joins(self, substance: Substance, route: str, patient: Patient) -> dict[str, Any]:
        """Whether such a dose is in the prediction."""

        def told() -> dict[str, Any]:
            from assuage.bedside.charting import forecast

            return forecast.joins(substance, route, patient)

        return await asyncio.to_thread(told)


def flows_now(bed: Bed, told: Told) -> tuple[Flow, ...]:
    """What flows from each pump, where the record says what it is."""
    found = (_flow(each, told) for each in (bed, *bed.beside))
    return tuple(each for each in found if each is not None)


def _flow(bed: Bed, told: Told) -> Flow | None:
    p = bed.picture
    if p.link is not Link.LIVE or p.pump is None:
        return None
    m = p.pump.message
    meant = told.account.checked.get(m.programme)
    if meant is None or not m.rate or code(schema.STATES, m.state) not in MOVING:
        return None
    from assuage.bedside.charting.forecast import Flow
    from assuage.pharmacy.kinetics.tci import NONE
    from assuage.pharmacy.quantities import DoseRate, Time

    aims = None if bed.targeting is None else bed.targeting.ahead(m.programme)
    if aims is not None:  # its rate changes all the time, and is not what flows in an hour
        target, planned = aims
        return Flow(meant.substance, NONE, Time.of(WITHOUT_END_H, "h"), target, planned)
    rate = DoseRate.of(Fraction(m.rate * meant.ng_per_ml, 10**9), "mcg/min")
    lasts = Time.of(WITHOUT_END_H, "h") if m.left == schema.NONE32 else Time.of(max(1, -(-m.left // 60)), "min")
    return Flow(meant.substance, rate, lasts)


# -- in another thread: numpy and the units are loaded there, and nothing waits for them -------------------------------

Points = list[tuple[str, tuple[str, ...], list[tuple[int, int, int]]]]


def _reckoned(
    told: Told, patient: Patient, flows: Sequence[Flow], now: int, groups: Mapping[str, str]
) -> tuple[
    list[Forecast], list[dict[str, Any]], dict[str, dict[str, str]], tuple[str, ...], list[dict[str, Any]], Points
]:  # fmt: skip
    from assuage.bedside.charting import forecast
    from assuage.bedside.charting.had import had
    from assuage.bedside.charting.sparing import sparing

    all_of_it = had(told)
    made = forecast.forecast(all_of_it, patient, flows, now)
    totals = {}
    for each in made:
        before = all_of_it.before(each.substance, now)
        totals[each.substance.key] = {
            "hour": str(before.hour.amount), "four-hours": str(before.four_hours.amount), "day": str(before.day.amount),
        }  # fmt: skip
    said = []
    points: Points = []
    for each in made:
        line = forecast.summary(each)
        if each.prediction is not None:
            line["stop_now"] = forecast.waking(forecast.stopped(each.prediction))
            points.append((each.substance.key, tuple(line["models"]), _points(each, now)))
        said.append(line)
    return made, said, totals, all_of_it.unknown, sparing(all_of_it, groups, told.since, now), points


def _points(each: Forecast, now: int) -> list[tuple[int, int, int]]:
    """[steady Unix ms, lowest, highest in pg/mL]."""
    from assuage.pharmacy.kinetics.programme import NOW
    from assuage.pharmacy.quantities import Time

    assert each.prediction is not None
    ahead, step = Time.of(KEEP_AHEAD_MIN, "min"), Time.of(KEEP_STEP_MIN, "min")
    table = each.prediction.table(NOW - Time.of(KEEP_MS // 60_000, "min"), ahead, step)
    return [
        (now + round(minute * 60_000), round(low * 1000), round(high * 1000))
        for minute, low, high in zip(table.minutes, table.low, table.high, strict=True)
    ]


def _answered(
    made: Sequence[Forecast], at: str, patient: Patient, strengths: Mapping[str, int],
    hours: int, query: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    from assuage.bedside.charting import forecast
    from assuage.pharmacy.kinetics.predict import Prediction
    from assuage.pharmacy.quantities import Time

    back, ahead, step = Time.of(4, "h"), Time.of(hours, "h"), Time.of(5, "min")

    def drawn(prediction: Prediction, waking: bool) -> dict[str, Any]:
        told = {"curves": forecast.curves(prediction, back, ahead, step)}
        return {**told, "wake": forecast.waking(prediction)} if waking else told

    told = []
    for each in made:
        line = forecast.summary(each)
        if each.prediction is not None:
            line |= drawn(each.prediction, False) | forecast.about(each.prediction) | forecast.marks(each.prediction)
            if query.get("stop") == "1":
                line["stop"] = drawn(forecast.stopped(each.prediction), True)
            if query.get("rate"):
                rate = _rate(query["rate"], patient, each.substance.key, strengths)
                line["what_if"] = {"rate": str(rate), **drawn(forecast.at_rate(each.prediction, rate, ahead), False)}
        told.append(line)
    return {"time": at, "hours": hours, "substances": told}


def _rate(text: str, patient: Patient, substance: str, strengths: Mapping[str, int]) -> Any:
    from assuage.pharmacy import prescription
    from assuage.pharmacy.quantities import Concentration, DoseRate, DoseRatePerWeight, Flow

    asked = prescription.rate({"rate": text}, "rate")
    if isinstance(asked, DoseRatePerWeight):
        return asked * patient.weight
    if isinstance(asked, Flow):
        if substance not in strengths:
            raise BadInput("rate", "What is in the syringe is not known; give the rate in mg/h or mg/kg/h.")
        return asked * Concentration.of(strengths[substance], "ng/mL")
    assert isinstance(asked, DoseRate)
    return asked


def _strengths(told: Told) -> dict[str, int]:
    """ng/mL of the infusions that go on, by their substances."""
    checked = told.account.checked
    known = [checked[each.programme] for each in told.infusions.values() if each.programme in checked]
    return {meant.substance: meant.ng_per_ml for meant in known}


def _hours(text: str) -> int:
    if not text.isdecimal() or len(text) > 2 or not 1 <= int(text) <= LONGEST_H:
        raise BadInput("hours", f"Look 1 to {LONGEST_H} hours ahead.")
    return int(text)
