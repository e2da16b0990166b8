"""One account of what was given, whoever asks: orders that are checked, the chart, and the report of a shift; against
sums of the test's own, with doses that were charted in error among them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from assuage.bedside.charting.had import Had, had
from assuage.bedside.charting.history import Told
from assuage.pharmacy.quantities import Time
from assuage.pharmacy.substances import KETAMINE
from assuage.record.events import Chart, Clinical, Entry, Event, Given, Ordered, Pump, Struck
from assuage.record.intake import Intake
from assuage.record.shift import shift
from assuage_rig.requirements import req

START, HOUR = 1_767_225_600_000, 3_600_000
PER_ML = 2_000_000  # ng
MORE = {1: 5_000, 2: 90_000}  # nL at most from one word of the pump to the next, by programme; 3 was never checked


class Past(NamedTuple):
    """A day of a bed. given: ng by the number of the entry, those that were not struck; pumped: [at, nL]."""

    entries: list[Entry]
    given: dict[int, tuple[int, int]]
    pumped: list[tuple[int, int]]


def past(rng: random.Random, words: int) -> Past:
    entries: list[Entry] = []
    given: dict[int, tuple[int, int]] = {}
    pumped: list[tuple[int, int]] = []
    so_far = dict.fromkeys((1, 2, 3), 0)

    def says(at: int, event: Event) -> int:
        entries.append(Entry(len(entries) + 1, at, event.KIND, event.VERSION, event.body(), "00"))
        return len(entries)

    for programme in MORE:
        says(START, Clinical(programme=programme, substance="ketamine", ng_per_ml=PER_ML))
    says(START, Ordered(programme=3, asked={}, readback={"drug": "Saline"}))
    at = START
    for _ in range(words):
        at += rng.choice((500, 4_000, 60_000, 200_000))
        what, programme = rng.random(), rng.choice((1, 2, 3))
        if what < 0.7:
            more = rng.randrange(MORE.get(programme, 1000))
            so_far[programme] += more
            kind = rng.choice((Pump, Chart))
            says(at, kind(programme=programme, state="infusing", delivered_nl=so_far[programme]))
            if programme in MORE:
                pumped.append((at, more))
        elif what < 0.9 or not given:
            ng = rng.randrange(1, 10**8)
            given[says(at, Given(substance="ketamine", mass_ng=ng, route=rng.choice(("im", "iv"))))] = at, ng
        else:
            number = rng.choice(list(given))
            says(at, Struck(number=number, what="given", reason="other patient"))
            del given[number]
    return Past(entries, given, pumped)


def by_shift(of: Past, start: int, end: int) -> int:
    """ng of ketamine; the pump's as a sum of nL, for a report rounds each line."""
    totals = [t for t in shift(of.entries, start, end).totals if t.substance == "ketamine"]
    return sum(t.ng or 0 if t.nl is None else t.nl * PER_ML // 10**6 for t in totals)


def by_chart(of: Past) -> Had:
    told = Told()
    for event, entry in events(of):
        told.account.take(event, entry.when, entry.number)
    return had(told)


def by_orders(of: Past) -> Intake:
    """As a daemon that starts again has it."""
    intake = Intake()
    for entry in of.entries:
        intake.take_entry(entry)
    return intake


def events(of: Past) -> Iterator[tuple[Event, Entry]]:
    for entry in of.entries:
        for kind in (Clinical, Ordered, Given, Struck, Pump, Chart):
            event: Event | None = entry.event(kind)
            if event is not None:
                yield event, entry


def drug(intake: Intake, start: int) -> Fraction:
    return sum((each.ng for each in intake.since(start) if each.substance == "ketamine"), Fraction(0))


@req("PHA-005", "REC-023", "REC-027")
def test_orders_chart_and_report_tell_the_same_of_all_that_was_given_and_not_struck(seed: int, soak: bool) -> None:
    rng = random.Random(seed)
    for _ in range(200 if soak else 20):
        of = past(rng, 200)
        end = of.entries[-1].at
        exact = sum(ng for _, ng in of.given.values()) + sum(nl for _, nl in of.pumped) * PER_ML // 10**6
        chart = by_chart(of)
        assert by_shift(of, START, end + 1) == exact == drug(by_orders(of), START)
        assert chart.within(KETAMINE, Time.of(30 * 24, "h"), end).amount.number("ng") == exact
        assert "of Saline by the pump counts nowhere" in chart.unknown[0]


@req("PHA-005", "REC-027")
def test_what_orders_are_checked_against_is_never_less_than_the_chart_s_and_no_more_than_a_word_of_the_pump_beyond(
    seed: int, soak: bool
) -> None:
    rng = random.Random(seed)
    for _ in range(100 if soak else 10):
        of = past(rng, 200)
        end = of.entries[-1].at
        chart, orders = by_chart(of), by_orders(of)
        for _ in range(5):
            start = rng.randrange(START, end)
            hands = sum(ng for at, ng in of.given.values() if at >= start)
            window = Time.of(Fraction(end - start, 1000), "s")
            mine, bound = chart.within(KETAMINE, window, end).amount.number("ng"), drug(orders, start)
            assert hands <= mine <= bound
            later = sum(nl for at, nl in of.pumped if at >= start) * PER_ML // 10**6
            assert later + hands <= bound <= mine + 4 * sum(MORE.values()) * PER_ML // 10**6


@req("REC-023", "REC-027")
def test_parts_of_a_shift_come_to_the_whole_whatever_was_struck_in_another_part(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(10):
        of = past(rng, 150)
        end = of.entries[-1].at + 1
        cuts = [START, *sorted(rng.randrange(START, end) for _ in range(3)), end]
        parts = [by_shift(of, *cut) for cut in itertools.pairwise(cuts)]
        assert sum(parts) == by_shift(of, START, end)
