"""One fault of the patient's side on a board that infuses: what is told of each number, and what the pump does then.

Only what the board says on the wire is judged, against the emulated body and the plant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assuage_rig.bench import Bench
from assuage_rig.vital import Vital, vitals_in
from assuage_wire import schema
from sweep.signs import BOUNDS, CUFF, TRUTH, Row
from sweep.wire import ML_H, Bed

RATE_ML_H = 25.0
_AFTER_S = 6.0  # watched beyond the row's time
_SHOWN = schema.ALARM_STATES.index("acknowledged")
Told = tuple[float, dict[str, Vital]]


@dataclass
class Outcome:
    """withheld_s: the last time at which a number of `must` was shown as good, s after the fault. signals: why they are
    withheld, then. wrong: numbers beyond their bounds that were shown as good, lies apart. lies: those. others: numbers
    of other sensors that were withheld. alarms: raised meanwhile. beside_nl: of the shaft, from what was ordered.
    back_s: until all is shown again."""

    withheld_s: float
    signals: set[str]
    wrong: list[str]
    lies: list[str]
    others: set[str]
    alarms: list[str]
    state: str
    beside_nl: float
    over_nl: float
    back_s: float = 0.0


def good(host: Bed, names: Iterable[str]) -> bool:
    """Whether all of these are shown as good now."""
    return all(host.vital(name).quality == "good" for name in names)


def wait_until_good(bench: Bench, host: Bed, names: Iterable[str], limit_s: float) -> float:
    """Seconds until all of these are shown as good, or more than the limit when they are not."""
    began = bench.now_us
    names = list(names)
    while not good(host, names) and bench.now_us - began <= limit_s * 1e6:
        host.run(0.5)
    return (bench.now_us - began) / 1e6


def told(host: Bed, since_s: float) -> list[Told]:
    """What the board has said of numbers since a rig time, with the seconds since then."""
    host.listen()
    return [(m.at - since_s, vitals_in(m.values)) for m in host.said if m.name == "Vitals" and m.at > since_s]


def errors(vitals: dict[str, Vital], row: Row, truth: dict[str, float], names: Iterable[str]) -> list[tuple[str, bool]]:
    """(what is wrong, whether it is a lie that the row speaks of) of all that is shown as good."""
    found = []
    for name in names:
        vital = vitals[name]
        if vital.quality == "good" and vital.value is not None and abs(vital.value - truth[name]) > BOUNDS[name]:
            found.append((f"{name} {vital.value:g}", name in row.lies))
    return found


def watch(bench: Bench, host: Bed, fault: str, row: Row, watched: Iterable[str]) -> Outcome:
    """Sets the fault in, watches, and mends it. watched: numbers that are shown as good before."""
    watched = list(watched)
    component, kind = fault.split(" ", 1)
    known = max((m.values["occurrence"] for m in host.said if m.name == "Alarm"), default=0)
    ledger = host.ledger
    ledger.mark()
    shaft, began = bench.plunger_nl, bench.now_us
    bench.fault(component, kind, **dict(row.params))
    host.run(row.within_s + _AFTER_S)
    said = told(host, began / 1e6)
    ordered = RATE_ML_H * ML_H * (bench.now_us - began) / 60e6
    alarms = {
        schema.ALARMS[m["alarm"]]
        for m in host.all("Alarm", began / 1e6)
        if m["occurrence"] > known and m["state"] >= _SHOWN
    }
    late = [vitals for at, vitals in said if at > row.within_s]
    wrong = [what for _, vitals in said for what in errors(vitals, row, TRUTH, watched)]
    spoilt = {*row.must, *row.may, *row.lies}
    out = Outcome(
        max((at for at, vitals in said for name in row.must if vitals[name].quality == "good"), default=0.0),
        {vitals[name].signal for vitals in late for name in row.must},
        [what for what, lie in wrong if not lie],
        [what for what, lie in wrong if lie],
        {name for _, vitals in said for name in watched if name not in spoilt and vitals[name].quality != "good"},
        sorted(alarms),
        host.state,
        bench.plunger_nl - shaft - ordered,
        ledger.over_nl,
    )
    bench.mend(component, kind)
    out.back_s = wait_until_good(bench, host, watched, row.back_s)
    return out


@dataclass
class CuffOutcome:
    """Of a determination with a fault. ended_s: until it ended, s after the fault, whichever way. signal: how. shown:
    which numbers are good then; wrong, lies: as in Outcome. most: mmHg round the arm; inflated_s: the longest time
    above the release level; left: mmHg at the end."""

    ended_s: float
    signal: str
    shown: set[str]
    wrong: list[str]
    lies: list[str]
    alarms: list[str]
    state: str
    most: float
    inflated_s: float
    left: float


RELEASE_MMHG = 15.0
_CYCLE_S = 150.0  # a minute's pause at most, inflation, bleed, and a second attempt
_EMPTY_S = 190.0
_STEP_S = 0.5


class Squeezed:
    """How long the arm has been squeezed at a stretch, looked at in steps."""

    def __init__(self, bench: Bench) -> None:
        assert bench.circuit.side is not None
        self.cuff = bench.circuit.side.cuff
        self.cuff.most = self.cuff.bladder()
        self.longest_s = self._since_s = 0.0

    def look(self) -> float:
        """The pressure now, mmHg."""
        pressure = self.cuff.bladder()
        self._since_s = self._since_s + _STEP_S if pressure > RELEASE_MMHG else 0.0
        self.longest_s = max(self.longest_s, self._since_s)
        return pressure


def watch_cuff(bench: Bench, host: Bed, fault: str, row: Row) -> CuffOutcome:
    """Sets the fault in while the arm rests, watches the next determination, and mends it once the arm is free."""
    assert bench.circuit.side is not None
    arm = Squeezed(bench)
    while arm.look() > 1.0:
        host.run(_STEP_S)
    arm = Squeezed(bench)
    component, kind = fault.split(" ", 1)
    known = max((m.values["occurrence"] for m in host.said if m.name == "Alarm"), default=0)
    began = bench.now_us
    bench.fault(component, kind, **dict(row.params))
    anew = good(host, ["map"])  # from the fault before nothing is shown until a determination begins
    while bench.now_us - began < _CYCLE_S * 1e6:
        host.run(_STEP_S)
        arm.look()
        newest = host.vital("map")
        if newest.quality == "good":
            if newest.age_s < (bench.now_us - began) / 1e6 - 2:
                break
        elif newest.signal == "measuring":
            anew = True
        elif anew:
            break
    ended_s = (bench.now_us - began) / 1e6
    truth = {**TRUTH, "map": bench.circuit.side.arm.mean(bench.now_us)}
    newest_of_all = {name: host.vital(name) for name in CUFF}
    wrong = errors(newest_of_all, row, truth, CUFF)
    shown = {name for name, vital in newest_of_all.items() if vital.quality == "good"}
    signal = newest_of_all["map"].signal
    emptied = bench.now_us
    while arm.look() > RELEASE_MMHG and bench.now_us - emptied < _EMPTY_S * 1e6:
        host.run(_STEP_S)
    alarms = {
        schema.ALARMS[m["alarm"]]
        for m in host.all("Alarm", began / 1e6)
        if m["occurrence"] > known and m["state"] >= _SHOWN
    }
    bench.mend(component, kind)
    return CuffOutcome(
        ended_s,
        signal,
        shown,
        [what for what, lie in wrong if not lie],
        [what for what, lie in wrong if lie],
        sorted(alarms),
        host.state,
        arm.cuff.most,
        arm.longest_s,
        arm.look(),
    )
