"""The supply fails at every operation of the flash, before it, in it or after it: what a start then says is true.

A delivery is played once on the production classes, and every program and erase is kept with what was true at that
moment. Each is then cut short on a copy of the flash as it was, and a board starts on what is left; it may be cut short
in its own recovery, too, several times over. What it says must hold the truth, and hold it closely; what a human has
read of, or what was counted to its end, never comes back.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from assuage_rig.bus import Nack
from assuage_rig.chips.norflash import AFTER, BEFORE, TORN, NorFlash, PowerCut
from assuage_rig.requirements import req
from assuage_wire.schema import NONE32
from journal import kinds
from journal.logbook import Journal
from journal.record import KIND, Record
from journal.ring import READY
from journal.volume import Volume, records_for
from pump import codes
from tests.pure.journal_fakes import Words

QUEUE_NL = 20_000
WORD_NL = 2_500
Op = tuple[str, int, bytes]


class Chip:
    """The flash as a board sees it. told: called with every program and erase before it is done."""

    def __init__(self, nor: NorFlash, told: Callable[[Op], None] = lambda op: None) -> None:
        self.nor, self.size, self.told = nor, nor.size, told

    def read(self, at: int, buf: bytearray) -> None:
        try:
            buf[:] = self.nor.read(at, len(buf))
        except Nack:
            raise OSError(5) from None

    def program(self, at: int, buf: bytearray) -> None:
        self.told(("program", at, bytes(buf)))
        apply(self.nor, ("program", at, bytes(buf)))

    def erase(self, at: int) -> None:
        self.told(("erase", at, b""))
        apply(self.nor, ("erase", at, b""))


def apply(nor: NorFlash, op: Op) -> None:
    what, at, data = op
    try:
        if what == "erase":
            nor.erase(at)
        else:
            nor.program(at, data)
    except Nack:
        raise OSError(5) from None


@dataclass
class Truth:
    """What a start may say. none: that nothing was running. programme: 0, or that this one was. counted, pushed: the
    least and most that it has delivered by now, nL. latches: reasons that may be latched."""

    none: bool = True
    programme: int = 0
    counted: int = 0
    pushed: int = 0
    latches: frozenset[int] = frozenset({codes.WHY_NONE})
    doubt: tuple[int, int] | None = None  # bounds by the encoder, once it disagreed


@dataclass
class Life:
    """One board on one flash, and a drive that follows. log: every operation with its truth and the retained words."""

    nor: NorFlash
    chance: random.Random
    truth: Truth = field(default_factory=Truth)
    log: list[tuple[Op, Truth, list[int]]] = field(default_factory=list)
    words: Words = field(default_factory=Words)
    boots: int = 0
    programme: int = 0

    def start(self) -> None:
        self.boots += 1
        self.journal = Journal(Chip(self.nor, self.keep), self.boots)
        self.volume = Volume(self.journal, self.words)
        self.journal.boot(1, (0, 1, 0), 77)

    def keep(self, op: Op) -> None:
        t = self.truth
        if self.journal_moves:
            assert op[0] != "erase", "erased while moving"
        self.log.append(
            (op, Truth(t.none, t.programme, t.counted, t.pushed, t.latches, t.doubt), list(self.words.words))
        )

    journal_moves = False

    def note(self, state: int, reason: int, *, ends: bool = False) -> None:
        """The pump goes to a state; `ends` when that settles the programme."""
        t = self.truth
        unseen = t.programme and reason in (codes.WHY_LEASE_LAPSED, codes.WHY_TIME_LIMIT)
        latch = reason if state == codes.FAULT or (unseen and not ends) else codes.WHY_NONE
        t.latches |= {latch}
        t.none |= ends
        self.volume.note(state, reason)
        if ends:
            t.programme = 0
            t.doubt = None
        t.latches = frozenset({latch})

    def configure(self) -> None:
        self.journal.configured(self.chance.getrandbits(32))
        self.journal.note(kinds.CLEARED + 200, 1, 2, 3, 4, 5, 6)  # of a firmware to come
        self.idle()

    def idle(self) -> None:
        while self.volume.work():
            pass
        # a host that fetches and acknowledges, now and then
        if self.chance.random() < 0.7:
            self.journal.acknowledge(self.journal.ring.newest)

    def infuse(self, vtbi: int, upto: int, alarms: float = 0.1) -> None:
        """Programme, start and delivery of `upto` nL."""
        t, volume = self.truth, self.volume
        self.programme += 1
        self.note(codes.PROGRAMMED, codes.WHY_NONE)
        self.note(codes.CONFIRMED, codes.WHY_NONE)
        while (ready := self.journal.prepare(records_for(vtbi), True)) != READY:
            if ready != 1:
                self.journal.acknowledge(self.journal.ring.newest)
        self.note(codes.ARMED, codes.WHY_NONE)
        t.programme, t.counted, t.pushed = self.programme, 0, 0
        assert volume.begin(self.programme, vtbi, codes.INFUSING, 559_902)
        t.none = False
        self.note(codes.INFUSING, codes.WHY_NONE)
        self.journal_moves = True
        made = planned = 0
        while made < upto:
            while True:
                word = min(self.chance.randint(1, WORD_NL), vtbi - planned)
                if not word or planned - t.counted > QUEUE_NL:
                    break
                if not volume.before(planned + word):
                    break
                planned += word
                t.pushed = planned
            made = self.chance.randint(made, planned) if self.chance.random() < 0.8 else planned
            t.counted = made
            volume.counted(made)
            if self.chance.random() < alarms:
                self.journal.note(kinds.RAISED, 3, 2, 0, made, 0, 0)
            volume.work()
        self.journal_moves = False
        t.pushed = t.counted = made  # the drive is halted, and then counted

    def end(self, how: int) -> None:
        """Ends the delivery in one of the ways there are."""
        t = self.truth
        if how == 0:
            self.note(codes.COMPLETE, codes.WHY_COMPLETE, ends=True)
        elif how == 1:
            self.note(codes.STOPPED, codes.WHY_HOST_STOP, ends=True)
        elif how == 2:
            self.note(codes.STOPPED, codes.WHY_LEASE_LAPSED)
        elif how == 3:
            self.note(codes.KVO, codes.WHY_LEASE_LAPSED)
            self.note(codes.STOPPED, codes.WHY_LOCAL_STOP, ends=True)
        elif how == 4:
            self.note(codes.FAULT, codes.WHY_DRIVE_FAULT)
        else:
            # a shaft that turned otherwise than the steps say, either way
            true = max(0, t.counted + self.chance.randint(-30_000, 40_000))
            t.doubt = (max(0, true - 300), true + 300)
            self.volume.doubt(*t.doubt)
            t.counted = min(t.counted, t.doubt[0])
            t.pushed = max(t.pushed, t.doubt[1])
            self.note(codes.FAULT, codes.WHY_ENCODER_DISAGREES)
        self.idle()
        self.note(codes.STANDBY, codes.WHY_NONE, ends=bool(t.programme))
        self.idle()


def closest(truth: Truth) -> int:
    """The highest upper bound that is close enough; where the encoder contradicts the steps, close to either."""
    at = max(truth.doubt[1], truth.pushed) if truth.doubt else truth.counted
    return at + max(at // 100, 50_000)


def check(was: tuple[int, int, int] | None, latch: int, truth: Truth, near: bool) -> None:
    """What a start has said against what is true. near: that it must be close, too."""
    assert latch in truth.latches, f"latched {latch}, may be {truth.latches}"
    if was is None:
        assert truth.none, "a programme that was running is forgotten"
        return
    programme, low, high = was
    assert truth.programme, "a programme that had ended came back"
    if near:
        assert programme == truth.programme and low != NONE32
    if low == NONE32:
        return
    assert programme == truth.programme
    pushed = truth.pushed
    assert low <= truth.counted and pushed <= high, f"{low} <= {truth.counted} .. {pushed} <= {high}"
    if near:
        assert high <= closest(truth), f"{high} is not close to {truth.counted}"


class Again:
    """Starts a board on what a cut has left, with further cuts in its own recovery."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.cuts = 0

    def start(self, nor: NorFlash, truth: Truth, words: list[int] | None, cuts: int) -> None:
        kept = Words()
        if words:
            kept.words[:] = words
        while True:
            again = cuts > 0
            cuts -= 1
            if again:
                nor.cut(self.chance.randrange(3), self.chance.choice((BEFORE, TORN, TORN, AFTER)))
            try:
                journal = Journal(Chip(nor), 9)
                volume = Volume(journal, kept)
                journal.boot(1, (0, 1, 0), 77)
                check(volume.recover(), volume.latched(), truth, near=True)
                if again:
                    nor.cut(1 << 30)
                    continue
                break
            except PowerCut:
                self.cuts += 1
                kept = Words()
        if self.chance.random() < 0.3:
            self.after(nor, journal, volume)

    def after(self, nor: NorFlash, journal: Journal, volume: Volume) -> None:
        """What was said stands from now on, and a human who has read it has settled it."""
        was, latch = volume.recover(), volume.latched()
        next_one = Volume(Journal(Chip(nor)), Words())
        assert (next_one.recover(), next_one.latched()) == (was, latch)
        numbers = [seq for seq, _ in fetched(journal)]
        assert numbers == sorted(set(numbers))
        while journal.prepare(0, True) != READY:
            journal.acknowledge(journal.ring.newest)
        if was or latch:
            volume.note(codes.STANDBY, codes.WHY_NONE)
            assert not volume.unsaid
            settled = Volume(Journal(Chip(nor)), Words())
            assert (settled.recover(), settled.latched()) == (None, codes.WHY_NONE)


def fetched(journal: Journal) -> Iterator[tuple[int, int]]:
    record = Record()
    seq = journal.fetch(0, record)
    while seq >= 0:
        yield seq, record.buf[KIND]
        seq = journal.fetch(seq + 1, record)


def sweep(life: Life, seed: int, budget: int, torn: int, sectors: int) -> int:
    """Cuts a played life at each of its operations, or at as many as the budget allows; returns how many cuts."""
    again = Again(seed)
    model = NorFlash(sectors, seed)
    step = max(1, len(life.log) * (2 + torn) // budget)
    cuts = 0
    for at, (op, truth, words) in enumerate(life.log):
        if (at + seed) % step == 0:
            for variant in range(2 + torn):
                nor = model.copy(seed * 1_000_003 + at * 31 + variant)
                nor.cut(0, (BEFORE, AFTER, TORN)[min(variant, 2)])
                with pytest.raises(PowerCut):
                    apply(nor, op)
                cuts += 1
                # a reset without a power cut leaves the words, and the flash to finish what it does
                survive = words if variant < 2 and again.chance.random() < 0.3 else None
                more = again.chance.choice((0, 0, 1, 2, 4)) if survive is None else 0
                try:
                    again.start(nor, truth, survive, more)
                except AssertionError as error:
                    raise AssertionError(f"seed {seed}, operation {at} of {len(life.log)} {op}, {truth}") from error
        apply(model, op)
    return cuts + again.cuts


def played(seed: int, sectors: int, ends: int, volume: Callable[[random.Random], int]) -> Life:
    chance = random.Random(seed)
    life = Life(NorFlash(sectors, seed), chance)
    life.start()
    for i in range(ends):
        life.configure()
        vtbi = volume(chance)
        how = chance.randrange(6) if i >= 6 else i
        life.infuse(vtbi, vtbi if how == 0 else chance.randint(0, vtbi))
        life.end(how)
    return life


@req("PWR-001")
def test_a_cut_at_any_operation_leaves_a_true_and_close_account_of_what_was_delivered(seed: int, soak: bool) -> None:
    cuts = 0
    for turn in range(22 if soak else 2):
        life = played(seed + turn, 4, 36, lambda chance: chance.choice((1, 60_000, 300_000, 900_000)))
        assert sum(op[0] == "erase" for op, _, _ in life.log) > 5, "the ring must have come round"
        cuts += sweep(life, seed + turn, 4_000 if soak else 500, 2 if soak else 1, 4)
    for turn in range(6 if soak else 1):
        life = played(seed + turn, 8, 2, lambda chance: 9_000_000)
        cuts += sweep(life, seed + turn, 4_000 if soak else 300, 2 if soak else 1, 8)
    assert cuts >= (100_000 if soak else 2_000)
