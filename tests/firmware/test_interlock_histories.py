"""Drawn lives of a patient: the interlock against a reckoner that keeps all that was seen, and looks back through it.

The reckoner knows no timers. A row is due when a breach lies back by its persistence and nothing normal has been seen
since, or when nothing good has been seen for `missing`.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from assuage_rig.requirements import req
from assuage_wire.schema import NONE16, S30
from interlock.gate import LATCHED, NOT_NORMAL, NOTHING, RELEASED, ROW
from interlock.guards import ABOVE, BELOW, BREACH, DOUBT, MISSING, NORMAL
from tests.pure.interlock_ward import DOUBTFUL, ETCO2, GOOD, NONE, PULSE, SPO2, Ward

LOOK_MS = 125
ROWS = (
    (SPO2, BELOW, 900, 2_000, 20, 1_500, 3_000),
    (ETCO2, ABOVE, 500, 4_000, 50, 4_000, 2_000),
    (PULSE, MISSING, 0, 0, 0, 1_500, 2_500),
)
VALUES = {
    SPO2: ((970, NORMAL), (920, NORMAL), (919, None), (900, None), (899, BREACH), (700, BREACH)),
    ETCO2: ((380, NORMAL), (450, NORMAL), (451, None), (500, None), (501, BREACH), (800, BREACH)),
    PULSE: ((720, NORMAL), (0, NORMAL)),
}


class Reckoner:
    """One row. seen: (ms, what the reading was to it), all of them, newest last."""

    def __init__(self, row: tuple[int, ...]) -> None:
        self.row = row
        self.seen: list[tuple[int, int | None]] = []
        self.judged: int | None = DOUBT
        self.at = -S30  # when the value was determined

    def look(self, ms: int) -> None:
        self.seen.append((ms, DOUBT if ms - self.at > self.row[5] else self.judged))
        if self.seen[-1][1] == NORMAL:
            del self.seen[:-1]

    def breached(self) -> int | None:
        """Since when."""
        return next((ms for ms, judged in self.seen if judged == BREACH), None)

    def doubtful(self) -> int | None:
        """Since when."""
        last = None
        for ms, judged in reversed(self.seen):
            if judged != DOUBT:
                break
            last = ms
        return last

    def normal(self) -> bool:
        return self.breached() is None and self.doubtful() is None

    def due(self) -> int | None:
        """The kind by which it has run out."""
        now = self.seen[-1][0]
        breached, doubtful = self.breached(), self.doubtful()
        if breached is not None and now - breached >= self.row[3]:
            return self.row[1]
        if doubtful is not None and now - doubtful >= self.row[6]:
            return MISSING
        return None


@req("ILK-001")
@pytest.mark.timeout(900)
def test_whatever_is_seen_the_interlock_does_what_looking_back_would(seed: int, soak: bool) -> None:
    dice = random.Random(seed)
    reached: Counter[str] = Counter()
    for _ in range(5_000 if soak else 250):
        ward = Ward(ROWS, dice.choice((0, S30 - 5_000)))
        reckoners = [Reckoner(row) for row in ROWS]
        ms, acting, tripped = 0, True, False
        moods = dict.fromkeys(VALUES, "well")
        for _ in range(200):
            step = dice.choice((LOOK_MS, LOOK_MS, 25, 700))
            ward.later(step)
            ms += step
            for row, reckoner in zip(ROWS, reckoners, strict=True):
                if dice.random() < 0.03:
                    moods[row[0]] = dice.choice(("well", "well", "well", "ill", "doubtful", "stuck"))
                mood = moods[row[0]]
                if mood != "stuck" and dice.random() < 0.7:
                    value, judged = (
                        dice.choice(VALUES[row[0]][4:] or VALUES[row[0]]) if mood == "ill" else VALUES[row[0]][0]
                    )
                    if dice.random() < 0.1:
                        value, judged = dice.choice(VALUES[row[0]])
                    quality = dice.choice((NONE, DOUBTFUL)) if mood == "doubtful" or dice.random() < 0.05 else GOOD
                    if mood != "well" and dice.random() < 0.05:
                        value = NONE16
                    reckoner.judged = judged if quality == GOOD and value != NONE16 else DOUBT
                    reckoner.at = ms
                    ward.show(row[0], value, quality)
                reckoner.look(ms)
            acting = acting if dice.random() < 0.95 else not acting
            flows = ward.turn(0, acting)
            dues = [(row[0], reckoner.due()) for row, reckoner in zip(ROWS, reckoners, strict=True)]
            first = next(((p, kind) for p, kind in dues if kind is not None), None)
            if acting and first and not tripped:
                tripped = True
                reached["tripped"] += 1
                reached[f"by kind {first[1]}"] += 1
                assert (ward.trip.parameter, ward.trip.kind) == first
            assert flows == (not tripped)
            well = all(reckoner.normal() for reckoner in reckoners)
            assert ward.gate.lacks(ward.now) == (LATCHED if tripped else NOTHING if well else ROW)
            if tripped and dice.random() < 0.3:
                released = ward.gate.release(ward.trip.number, ward.now)
                assert released == (RELEASED if well else NOT_NORMAL)
                tripped = not well
                reached["released" if well else "not released"] += 1
    for what in ("tripped", "by kind 0", "by kind 1", "by kind 2", "released", "not released"):
        assert reached[what] > 25, reached


@req("ILK-001")
def test_from_a_value_below_its_limit_to_the_trip_it_takes_the_persistence_and_two_looks_at_every_phase() -> None:
    worst = 0
    for phase in range(0, 1_000, 25):
        ward = Ward(ROWS[:1])
        fell = 0
        for ms in range(0, 12_000, 5):
            ward.later(5)
            if (ms + phase) % 1_000 == 0:  # the oximeter tells once a second
                low = ms >= 5_000
                ward.show(SPO2, 880 if low else 970)
                fell = fell or (ms if low else 0)
            if ms % LOOK_MS == 0 and not ward.turn(0, ms >= 2_000):
                worst = max(worst, ms - fell)
                break
        assert ward.trip.tripped
    assert 2_000 <= worst <= 2_000 + 2 * LOOK_MS, worst
