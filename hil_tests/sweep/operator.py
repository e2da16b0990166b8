"""A nurse who does anything in any order, a host that falls silent, parts that fail: drawn by a seed, judged by an
oracle that knows the orders and the plant and never asks the board how much it has given.

What the orders permit is counted from what the board has accepted: a start or a resume opens the flow that was ordered,
a bolus or a dose adds its volume, a pause, a stop or the end of the permission closes it again. The patient may get
that much, and TOLERANCE_NL.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from assuage_rig.bench import Bench
from assuage_wire import schema
from sweep import states
from sweep.expected import ELSEWHERE, TABLE
from sweep.linkcut import QUEUE_NL
from sweep.wire import ML_H, Bed

TOLERANCE_NL = 100_000
RATES = (0.1, 1.0, 5.0, 25.0, 100.0, 400.0, 1200.0)
POLICIES = ("stop", "continue", "kvo")
UNTRIED = {"flash wipe", "flash bit_flip", "syringe wrong"}
"""Of the faults those after which the plant's own account is another: a record that is lost, another bore."""

RUNNING = ("infusing", "bolus", "kvo", "taking-up", "priming", "backing-off")
_SHOWN = schema.ALARM_STATES.index("acknowledged")


@dataclass
class Story:
    """What happened, and what was wrong with it."""

    lines: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    accepted: int = 0
    refused: int = 0
    over_nl: float = -1e12
    after_stop_nl: float = 0.0
    unalarmed_s: float = 0.0


class Operator:
    """One seed's story on one board."""

    def __init__(self, bench: Bench, seed: int, most_faults: int) -> None:
        self.bench = bench
        self.host = Bed(bench)
        self.story = Story()
        self._chance = random.Random(seed)
        self._faults_left = self._chance.randint(1, most_faults)
        self._allowed = 0.0
        self._flow = 0.0  # nL/min that the programme may bring now
        self._kvo = 0.0
        self._on_loss = "stop"
        self._left = 0.0  # nL of the programme that no flow has brought yet
        self._seen_us = bench.now_us
        self._patient = bench.patient_nl
        self._stop_shaft: float | None = None  # where the shaft stood when a stop or a pause was answered
        self._silent_since: float | None = None
        self._rate = 0.0
        self._fault_since: float | None = None

    # -- the oracle ------------------------------------------------------------------------------------------------
    def look(self) -> None:
        """Counts what may have flowed since the last look, and compares."""
        bench, story = self.bench, self.story
        now = bench.now_us
        seconds = (now - self._seen_us) / 1e6
        self._seen_us = now
        if self._flow and self.host.ends_us and now > self.host.ends_us and self._silent():
            if self._on_loss == "stop":
                self._flow = 0.0
            elif self._on_loss == "kvo":
                self._flow = min(self._flow, self._kvo)
        nl = min(self._flow * seconds / 60, self._left)
        self._left -= nl
        self._allowed += nl
        over = bench.patient_nl - self._patient - self._allowed
        story.over_nl = max(story.over_nl, over)
        if over > TOLERANCE_NL:
            self._note_wrong(f"the patient has {over / 1000:.1f} µL more than the orders permitted")
        if self._stop_shaft is not None:
            beyond = bench.plunger_nl - self._stop_shaft
            story.after_stop_nl = max(story.after_stop_nl, beyond)
            if beyond > 500:
                self._note_wrong(f"the shaft has gone on by {beyond / 1000:.1f} µL after a stop or a pause")
        self._look_at_alarms(seconds)

    def _look_at_alarms(self, seconds: float) -> None:
        """A pump that stands in fault has the alarm of its reason standing, as soon as anybody can have heard of it."""
        host, story = self.host, self.story
        if not host.heard("PumpStatus") or host.state != "fault" or self._link_faulty():
            self._fault_since = None
            return
        now = self.bench.now_us / 1e6
        if self._fault_since is None:
            self._fault_since = now
        newest = {m["alarm"]: m["state"] for m in host.all("Alarm", now - 4.5)}
        if any(state >= _SHOWN for state in newest.values()):
            self._fault_since = now
        story.unalarmed_s = max(story.unalarmed_s, now - self._fault_since)
        if now - self._fault_since > 4.5:
            self._note_wrong(f"the pump stands in fault ({host.reason}) and no alarm does")

    def _silent(self) -> bool:
        return not self.host._granting or self._link_faulty()

    def _link_faulty(self) -> bool:
        return bool(self.bench.circuit.faults["uart"].active)

    def _note_wrong(self, what: str) -> None:
        line = f"{self.bench.now_us / 1e6:.2f} s: {what}"
        if not self.story.wrong:
            self.story.wrong.append(line)
            self.story.lines.append("!! " + line)

    def _say(self, what: str) -> None:
        self.story.lines.append(f"{self.bench.now_us / 1e6:7.2f} s  {what}")

    # -- what is done ----------------------------------------------------------------------------------------------
    def live(self, seconds: float) -> Story:
        """From power-on for so long, an act every second or so."""
        host, chance, bench = self.host, self._chance, self.bench
        host.run(0.5)
        host.identify()
        host.make_ready()
        end = bench.now_us + round(seconds * 1e6)
        acts: list[tuple[int, Callable[[], None]]] = [
            (8, self._programme), (3, self._change), (3, self._bolus), (2, self._pause), (3, self._resume),
            (2, self._stop), (3, self._clear), (2, self._hush), (3, self._talk), (2, self._acknowledge),
            (2, self._press_demand), (1, self._press_stop), (2, self._wrong), (3, self._fail), (2, self._mend),
            (1, self._prime),
        ]  # fmt: skip
        while bench.now_us < end and not self.story.wrong:
            if bench.starts != host.starts:
                self._restarted()
            chance.choices([act for _, act in acts], [weight for weight, _ in acts])[0]()
            self._pass(chance.choice((0.1, 0.3, 1.0, 2.0, 4.0)))
        self._end()
        return self.story

    def _pass(self, seconds: float) -> None:
        left = seconds
        while left > 1e-9:
            step = min(left, 0.1)
            self.host.run(step)
            self.look()
            left -= step

    def _ask(self, name: str, *values: int) -> dict[str, int] | None:
        """An order whose answer may be a refusal, or none at all on a broken line."""
        if self._link_faulty() or not self.bench.board_runs:
            return None
        try:
            answer = self.host.ask(name, *values)
        except AssertionError:
            return None
        self.look()
        status = schema.STATUSES[answer.get("status", 0)]
        self._say(f"{name} {values}: {status}")
        if status == "ok":
            self.story.accepted += 1
            return answer
        self.story.refused += 1
        return None

    def _programme(self) -> None:
        """A programme of some mode, all the way, or left somewhere on the way."""
        host, chance = self.host, self._chance
        if host.state in RUNNING or host.state == "paused":
            return
        if host.state in ("complete", "stopped", "fault", "unconfirmed"):
            self._clear()
        if self._link_faulty():
            return
        rate = chance.choice(RATES)
        ml = chance.choice((0.01, 0.1, 1.0, 5.0))
        policy = chance.choice(POLICIES)
        kvo = rate * 0.3 if policy == "kvo" else 0.0
        mode = chance.choice(("continuous", "continuous", "profile", "demand"))
        flow = round(rate * ML_H)
        others: dict[str, int] = {"bolus": 500_000}
        try:
            if mode == "profile":
                top = max(flow, 2000)
                legs = ((top // 2, top, 0, 20), (0, 0, 0, 2), (top, top, max(top // 4, 2000), 0))
                ml = ((top // 2 + top) * 20 // 120 + max(top // 4, 2000)) / 1e6
                back = host.profile(*legs, ml_h=top / ML_H, ml=ml, on_loss=policy, kvo_ml_h=kvo, **others)
                flow = top
            else:
                if mode == "demand":
                    others.update(mode=states.DEMAND, dose=5000, dose_rate=round(min(rate * 4, 600) * ML_H), lockout=5)
                back = host.offer(ml_h=rate, ml=ml, on_loss=policy, kvo_ml_h=kvo, **others)
        except AssertionError:
            return
        self._say(f"programme {mode} {rate:g} mL/h, {ml:g} mL, {policy}: {'token' in back}")
        if "token" not in back:
            self.story.refused += 1
            return
        if chance.random() < 0.1:
            return
        programme = host.programme
        if self._ask("Confirm", programme, int(back["token"])) is None or chance.random() < 0.05:
            return
        host.make_ready()
        if self._ask("Arm", programme) is None or chance.random() < 0.05:
            return
        begins = self._ask("Start", programme, *host.until())
        if begins is not None:
            self._flow, self._left, self._rate = float(flow), ml * 1e6, float(flow)
            self._on_loss, self._kvo = policy, kvo * ML_H
            self._stop_shaft = None
            host.supervise(programme)

    def _change(self) -> None:
        flow = round(self._chance.choice(RATES) * ML_H)
        self._make(schema.CHANGES.index("rate"), flow, 0)

    def _bolus(self) -> None:
        flow = round(self._chance.choice((25.0, 100.0, 400.0)) * ML_H)
        self._make(schema.CHANGES.index("bolus"), flow, self._chance.choice((2000, 20_000, 200_000)))

    def _make(self, kind: int, flow: int, volume: int) -> None:
        if self.host.state not in ("infusing", "bolus"):
            return
        back = self._ask("Change", self.host.programme, kind, flow, volume)
        if back is None or self._chance.random() < 0.1:
            return
        if self._ask("Apply", self.host.programme, back["token"]) is None:
            return
        if volume:
            self._left = max(0.0, self._left - volume)
            self._allowed += volume
        else:
            self._flow = self._rate = float(flow)

    def _pause(self) -> None:
        if self._ask("Pause", max(1, self.host.programme)) is not None:
            self._stands()

    def _resume(self) -> None:
        if self.host.state != "paused":
            return
        if self._ask("Resume", self.host.programme, *self.host.until()) is not None:
            self._flow = self._rate
            self._stop_shaft = None
            self.host.supervise(self.host.programme)

    def _stop(self) -> None:
        if self._link_faulty() or not self.bench.board_runs:
            return
        self.host.stop()
        self._say("STOP")
        self._stood()

    def _press_stop(self) -> None:
        if not self.bench.board_runs or self.bench.circuit.faults["stop_contact"].active:
            return
        self._say("the stop key")
        self.bench.circuit.pins.press_stop(True)
        self.host.run(0.1)
        self.bench.circuit.pins.press_stop(False)
        if not self.bench.circuit.board_faults.active and not self.bench.circuit.faults["clock"].active:
            self._stood()

    def _stood(self) -> None:
        self._stands()
        self.host.hush()

    def _stands(self) -> None:
        self._flow = 0.0
        self._stop_shaft = self.bench.plunger_nl

    def _clear(self) -> None:
        if self.host.state in ("complete", "stopped", "fault", "unconfirmed"):
            self._ask("Clear", schema.REASONS.index(self.host.reason))

    def _hush(self) -> None:
        """The host falls silent."""
        self._say("the host is silent")
        self.host.hush()

    def _talk(self) -> None:
        """And speaks again."""
        if self.host.state in RUNNING and not self._link_faulty():
            self._say("the host grants again")
            self.host.supervise(self.host.programme)
            if self._on_loss == "continue":
                self._flow = self._rate if self._stop_shaft is None and self.host.state != "kvo" else self._flow

    def _acknowledge(self) -> None:
        for m in self.host.all("Alarm")[-1:]:
            self._ask("Acknowledge", m["occurrence"])
        self._ask("Silence")

    def _press_demand(self) -> None:
        """The patient's button: a dose at most for each press."""
        pins = self.bench.circuit.pins
        pins.put("demand", 0)
        self.host.run(0.1)
        pins.put("demand", 1)
        if self._flow:
            dose = min(5000.0, self._left)
            self._left -= dose
            self._allowed += dose

    def _wrong(self) -> None:
        """An order that makes no sense here."""
        chance, host = self._chance, self.host
        own = max(1, host.programme)
        name, *values = chance.choice((
            ("Confirm", own, chance.randint(1, 65535)), ("Arm", own + 7), ("Start", own + 3, *host.until()),
            ("Apply", own, chance.randint(1, 65535)), ("Clear", chance.randrange(len(schema.REASONS))),
            ("Pause", own + 1), ("Change", own, 0, 1, 0), ("Change", own, 1, 1000, 90_000_000),
        ))  # fmt: skip
        self._ask(name, *values)

    def _prime(self) -> None:
        """A line is filled: what goes through it is permitted."""
        if self.host.state != "standby" or self._link_faulty():
            return
        try:
            self.host.fill(26_700, round(25 * ML_H), 20_000)
        except AssertionError:
            return
        self._say("a line is filled")
        self._flow, self._left, self._on_loss, self._stop_shaft = 25 * ML_H, 20_000.0, "stop", None

    def _fail(self) -> None:
        """One of the faults that there are."""
        if not self._faults_left:
            return
        self._faults_left -= 1
        name = self._chance.choice(sorted(TABLE.keys() - ELSEWHERE.keys() - UNTRIED))
        component, kind = name.split()
        self._say(f"fault: {name}, while {self.host.state}")
        self.story.faults.append(name)
        self.bench.fault(component, kind, **TABLE[name].params)
        if name.startswith(("board", "supply c", "supply b", "clock")):
            self._allowed += QUEUE_NL  # what was queued when the processor went is delivered

    def _mend(self) -> None:
        for name, faults in self.bench.circuit.faults.items():
            if faults.active:
                self._say(f"mended: {name}")
                self.bench.mend(name)

    def _restarted(self) -> None:
        """The board has started anew: it stands, and a host opens a session."""
        self._say("the board has restarted")
        self.host.starts = self.bench.starts
        self._flow = 0.0
        self.host.hush()
        if not self._link_faulty():
            self._pass(1.0)
            self.host.identify()

    def _end(self) -> None:
        """Everything is mended and stopped; then nothing moves any more."""
        if self.story.wrong:
            return
        self._mend()
        self._pass(3.5)
        if self.bench.starts != self.host.starts:
            self._restarted()
        self._stop()
        self._pass(3.0)
