"""A shift as numbers and rows: what was given of each substance, by which route, and what was found at the bedside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from assuage.pharmacy import routes
from assuage.record import words
from assuage.record.account import Account
from assuage.record.events import (
    Admission,
    AlarmChanged,
    Assessment,
    Chart,
    Clinical,
    Discharge,
    Entry,
    Event,
    Given,
    Opened,
    Ordered,
    Predicted,
    Pump,
    Struck,
    Weighed,
)
from assuage.record.reading import Line, lines
from assuage.record.strikes import Strike, strikes

Point = tuple[int, float]  # Unix ms, value
QUIET: Final = frozenset({"chart", "intent", "predicted", "begun", "titrated"})  # in no timeline that a person reads
TOLD_ELSEWHERE: Final = frozenset({"board ahead", "board sector", "board fetched", "board ordered", "board state",
                                    "board changed"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Total:
    """What was given. ng: None where the concentration was never stated. nl: of what the pump gave, else None."""

    substance: str
    route: str
    ng: int | None
    nl: int | None
    doses: int

    @property
    def amount(self) -> str:
        """In words."""
        return "not known: no concentration was stated" if self.ng is None else words.mass(self.ng)

    @property
    def volume(self) -> str:
        """In words, "" for what was given by hand."""
        return "" if self.nl is None else words.volume(self.nl)


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One occurrence. Times are Unix ms, None where it stood at the end, or nobody acknowledged it."""

    raised: int
    acknowledged: int | None
    over: int | None
    alarm: str
    priority: str
    sentence: str


@dataclass(slots=True)
class Shift:
    """Of one patient. start, end: Unix ms. others: who left the bed before in this shift, and when; nothing of it is in
    it. series: by name, of points; band: lowest and highest of each time, ng/mL. rates: of each pump, mL/h by the names
    of what it gave. until: when the last entry was made."""

    start: int
    end: int
    bed: str = ""
    patient: Mapping[str, Any] = field(default_factory=dict)
    others: list[tuple[int, str]] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    orders: list[tuple[int, str, str]] = field(default_factory=list)
    overrides: list[tuple[int, str, str, str, Strike | None]] = field(default_factory=list)
    assessments: list[tuple[int, Assessment, Strike | None]] = field(default_factory=list)
    alarms: list[AlarmRow] = field(default_factory=list)
    timeline: list[Line] = field(default_factory=list)
    libraries: list[str] = field(default_factory=list)
    series: dict[str, list[Point]] = field(default_factory=dict)
    band: list[tuple[int, float, float]] = field(default_factory=list)
    rates: dict[str, list[Point]] = field(default_factory=dict)
    until: int = 0
    first: int = 0
    last: int = 0


def shift(entries: Sequence[Entry], start: int, end: int) -> Shift:
    """The shift from start to end, Unix ms, of whoever was in the bed last; end is not in it."""
    others = _others(entries, start, end)
    start = max([start, *(left + 1 for left, _ in others)])
    s = Shift(start, end, others=others)
    within = [e for e in entries if start <= e.when < end]
    for entry in entries:
        if entry.when < end:
            _who(s, entry)
    s.first, s.last = (within[0].number, within[-1].number) if within else (0, 0)
    s.until = within[-1].when if within else start
    s.rates = _rates(entries, within)
    struck = strikes(entries)
    s.totals = _totals(_account(entries), start, end)
    s.alarms = _alarms([e for e in entries if e.when < end], start)
    s.timeline = [
        line for line in lines(entries)
        if start <= line.when < end and line.kind not in QUIET and line.kind not in TOLD_ELSEWHERE
    ]  # fmt: skip
    for entry in within:
        _take(s, entry, struck.get(entry.number))
    for points in [*s.series.values(), *s.rates.values()]:
        points.sort()
    s.band.sort()
    return s


def _others(entries: Sequence[Entry], start: int, end: int) -> list[tuple[int, str]]:
    """Who left in this shift before somebody else came: the report of one patient must not count another's doses."""
    left: list[tuple[int, str]] = []
    gone: list[tuple[int, str]] = []
    for entry in entries:
        discharged = entry.event(Discharge)
        if start <= entry.when < end and discharged is not None:
            left.append((entry.when, discharged.patient))
        elif start <= entry.when < end and entry.event(Admission) is not None:
            gone = list(left)
    return gone


def _who(s: Shift, entry: Entry) -> None:
    opened, admitted, weighed = entry.event(Opened), entry.event(Admission), entry.event(Weighed)
    if opened is not None:
        s.bed = opened.bed
    if admitted is not None:
        s.patient = admitted.body()
    if weighed is not None:
        s.patient = {**s.patient, "weight": weighed.weight}


def _take(s: Shift, entry: Entry, strike: Strike | None) -> None:
    at = entry.when
    ordered, clinical, given = entry.event(Ordered), entry.event(Clinical), entry.event(Given)
    if ordered is not None:
        s.orders.append((at, words.order(ordered.asked, ordered.readback), ordered.by))
    for checked in (clinical, given):
        if checked is not None:
            if checked.library and checked.library not in s.libraries:
                s.libraries.append(checked.library)
            if checked.findings:
                of = strike if checked is given else None
                s.overrides.append((at, words.findings(entry.body), checked.reason, checked.by, of))
    assessment = entry.event(Assessment)
    if assessment is not None:
        s.assessments.append((at, assessment, strike))
        for name, value in assessment.values.items() if strike is None else ():
            known = {"S": 0.0}.get(str(value), value)
            if isinstance(known, int | float) or str(known).lstrip("+-").isdecimal():
                s.series.setdefault(name, []).append((at, float(known)))
    chart = entry.event(Chart)
    if chart is not None:
        for name, value in chart.values.items():
            if isinstance(value, int | float):
                s.series.setdefault(name, []).append((at, float(value)))
    predicted = entry.event(Predicted)
    if predicted is not None:
        since = min((point[0] for point in predicted.points), default=at)
        s.band = [point for point in s.band if point[0] < since]  # a newer prediction stands for an older one
        s.band += [(t, low / 1000, high / 1000) for t, low, high in predicted.points if s.start <= t < s.end]


def _rates(entries: Sequence[Entry], within: Sequence[Entry]) -> dict[str, list[Point]]:
    drugs = {c.programme: c.substance for e in entries if (c := e.event(Clinical)) is not None}
    of: dict[str, list[Point]] = {}
    named: dict[str, list[str]] = {}  # by pump, what it gave, in order
    for entry in within:
        for said in (entry.event(Chart), entry.event(Pump)):
            if said is None:
                continue
            of.setdefault(said.pump, []).append((entry.when, said.rate_nl_min * 60 / 1_000_000))
            drug, names = drugs.get(said.programme, ""), named.setdefault(said.pump, [])
            if drug and drug not in names:
                names.append(drug)
    rates: dict[str, list[Point]] = {}
    for pump, points in of.items():
        label = ", ".join(named[pump])
        if len(of) > 1 and (not label or label in rates):
            label = f"{label} ({pump or 'first'} pump)".strip()
        rates[label] = points
    return rates


def _totals(account: Account, start: int, end: int) -> list[Total]:
    by_hand: dict[tuple[str, str], tuple[int, int]] = {}
    for given in account.by_hand(start, end):
        way = routes.short(given.route)
        ng, doses = by_hand.get((given.substance, way), (0, 0))
        by_hand[given.substance, way] = (ng + given.mass_ng, doses + 1)
    pumped: dict[tuple[str, int], int] = {}  # by what is in the syringe, and ng/mL, 0: not stated
    for programme, nl in account.pumped(start, end).items():
        check, label = account.checked.get(programme), account.labels.get(programme) or "drug not named"
        drug = (label, 0) if check is None else (check.substance, check.ng_per_ml)
        pumped[drug] = pumped.get(drug, 0) + nl
    found = [
        Total(name, f"{routes.short('iv')}, pump", nl * per_ml // 1_000_000 if per_ml else None, nl, 0)
        for (name, per_ml), nl in pumped.items()
    ]
    found += [Total(name, way, ng, None, doses) for (name, way), (ng, doses) in by_hand.items()]
    return sorted(found, key=lambda total: (total.substance, total.route))


def _account(entries: Sequence[Entry]) -> Account:
    """Of all patients of the bed."""
    account = Account()
    for entry in entries:
        for kind in (Clinical, Ordered, Given, Struck, Pump, Chart):
            event: Event | None = entry.event(kind)
            if event is not None:
                account.take(event, entry.when, entry.number)
    return account


def _alarms(entries: Sequence[Entry], start: int) -> list[AlarmRow]:
    rows: dict[tuple[str, str, int], AlarmRow] = {}
    for entry in entries:
        said = entry.event(AlarmChanged)
        if said is None:
            continue
        key = (said.board, said.alarm, said.occurrence)
        row = rows.get(key, AlarmRow(entry.when, None, None, said.alarm, said.priority, said.sentence))
        seen = entry.when if said.state == "acknowledged" and row.acknowledged is None else row.acknowledged
        over = entry.when if said.state == "over" else None
        rows[key] = AlarmRow(row.raised, seen, over, row.alarm, row.priority, row.sentence)
    return sorted((r for r in rows.values() if r.over is None or r.over >= start), key=lambda row: row.raised)
