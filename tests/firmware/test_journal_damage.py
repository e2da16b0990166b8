"""Flash that rots or fails: any bit, any sector, any operation. A start may then know less, but never says what is not
true, and never that nothing was running when something was."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from assuage_rig.chips.norflash import AFTER, BEFORE, TORN, NorFlash, PowerCut
from assuage_rig.requirements import req
from assuage_wire import schema
from assuage_wire.schema import NONE32
from journal import kinds
from journal.logbook import Journal
from journal.record import KIND, Record, X
from journal.ring import FAILED, MORE, READY, WAITS
from journal.volume import Volume, mark_after, merged, records_for
from pump import codes
from tests.firmware.small_integers import Small
from tests.firmware.test_journal_cuts import Chip, Life, check
from tests.pure.journal_fakes import Words


def test_kinds_are_numbered_in_the_order_of_their_table() -> None:
    lines = (kinds.__doc__ or "").splitlines()
    rows = [line.split()[0] for line in lines if re.match(r"    \w", line) and not line.startswith("    kind ")]
    assert [getattr(kinds, name.upper()) for name in rows] == list(range(1, len(schema.RECORDS)))
    assert tuple(rows) == schema.RECORDS[1:]


def interrupted(sectors: int, seed: int, laps: int = 12) -> Life:
    """A board that has run for a while and is in the middle of a delivery, with notes after the newest mark."""
    life = Life(NorFlash(sectors, seed), random.Random(seed))
    life.start()
    for how in range(laps):
        life.infuse(300_000, 200_000)
        life.end(how % 6)
    life.infuse(2_000_000, 900_000)
    return life


def ended(sectors: int, seed: int) -> Life:
    life = interrupted(sectors, seed, 6)
    life.end(1)
    return life


def started(nor: NorFlash) -> Volume:
    journal = Journal(Chip(nor), 5)
    volume = Volume(journal, Words())
    journal.boot(1, (0, 1, 0), 77)
    return volume


def some(count: int, budget: int, seed: int) -> list[int]:
    return list(range(count)) if budget >= count else sorted(random.Random(seed).sample(range(count), budget))


@req("REC-001")
@pytest.mark.parametrize("make", [interrupted, ended])
@pytest.mark.timeout(3000)
def test_any_one_flipped_bit_changes_nothing_of_what_is_said(seed: int, soak: bool, make: type[Life]) -> None:
    life = make(4, seed)
    used = [i for i in range(life.nor.size * 8) if life.nor.cells[i >> 3] != 0xFF]
    newest = life.journal.ring.at(life.journal.ring.newest) * 8
    near = [bit for bit in range(newest - 60 * 256, newest + 3 * 256) if 0 <= bit < life.nor.size * 8]
    bits = range(life.nor.size * 8) if soak else some(len(used), 300, seed)
    said = started(life.nor.copy(1))
    for i in [*bits, *some(len(near), 200, seed)]:
        nor = life.nor.copy(1)
        nor.cells[i >> 3] ^= 1 << (i & 7)
        again = started(nor)
        assert (again.recover(), again.latched()) == (said.recover(), said.latched()), i
        check(again.recover(), again.latched(), life.truth, near=True)
        stays = started(nor)
        assert (stays.recover(), stays.latched()) == (said.recover(), said.latched()), i


@req("REC-001")
@pytest.mark.parametrize("value", [0x00, 0xFF, 0x5A])
@pytest.mark.parametrize("sectors", [4, 8, 32])
def test_any_sector_that_is_gone_leaves_a_true_account_or_none_but_never_nothing(
    seed: int, value: int, sectors: int
) -> None:
    unknown = 0
    for turn in range(6):
        life = interrupted(sectors, seed + turn, 3 + turn)
        for sector in range(sectors):
            nor = life.nor.copy(1)
            nor.faults.make("wipe", sector=sector, value=value)
            was = started(nor).recover()
            assert was is not None, "something was running"
            check(was, codes.WHY_NONE, life.truth, near=False)
            unknown += was[1] == NONE32
            again = started(nor).recover()
            assert again and (again == was or again[1] == NONE32), "never closer, and never nothing"
    assert 6 <= unknown <= 6 * 3, "only where the newest mark stood"


def test_a_sector_that_is_gone_is_made_up_for_by_the_words_after_a_mere_reset(seed: int) -> None:
    for turn in range(6):
        life = interrupted(4, seed + turn, 3 + turn)
        for sector in range(4):
            nor = life.nor.copy(1)
            nor.faults.make("wipe", sector=sector)
            kept = Words()
            kept.words[:] = life.words.words
            volume = Volume(Journal(Chip(nor), 5), kept)
            check(volume.recover(), volume.latched(), life.truth, near=True)


def test_a_region_that_is_wiped_whole_starts_anew() -> None:
    life = ended(4, 1)
    for value in (0, 0xFF):
        nor = life.nor.copy(1)
        for sector in range(4):
            nor.faults.make("wipe", sector=sector, value=value)
        journal = Journal(Chip(nor), 5)
        assert Volume(journal, Words()).recover() is None
        while (answer := journal.prepare(records_for(1_000), True)) == MORE:
            pass
        assert answer == READY


@req("REC-001")
@pytest.mark.parametrize("fault", ["program_fails", "erase_fails", "stuck", "silent"])
def test_flash_that_fails_never_makes_a_start_say_what_is_not_true(seed: int, soak: bool, fault: str) -> None:
    chance = random.Random(seed)
    gave_up = 0
    for _ in range(300 if soak else 25):
        life = interrupted(6, chance.randrange(1000), 1)
        life.end(1)
        params = {"sector": chance.randrange(6)} if fault == "stuck" else {}
        if fault.endswith("fails"):
            params = {"every": chance.choice((1, 2, 5, 20))}
        life.nor.faults.make(fault, **params)
        volume, journal = life.volume, life.journal
        journal.acknowledge(journal.ring.newest)
        for _ in range(20):
            answer = journal.prepare(records_for(900_000), True)
            if answer != MORE:
                break
        begun = answer == READY and volume.begin(99, 900_000, codes.INFUSING, 559_902)
        nl = 0
        while begun and nl < 400_000:
            if not volume.before(nl + 2_000) and not volume.before(nl + 2_000):
                break
            nl += 2_000
            volume.counted(max(0, nl - 20_000))
        gave_up += nl < 400_000
        life.nor.faults.mend()
        again = started(life.nor)
        was = again.recover()
        if begun:
            assert was, "it was running"
            assert was[1] == NONE32 or (was[0] == 99 and was[1] <= max(0, nl - 20_000) and nl <= was[2])
        else:
            assert was is None or was[0] == 99 or was[1] == NONE32
    assert (gave_up > 0) == (fault != "erase_fails") or fault in ("stuck", "erase_fails")


@req("REC-001")
def test_a_ring_that_is_full_of_what_nobody_has_fetched_still_starts_and_still_ends() -> None:
    life = Life(NorFlash(4, 1), random.Random(1))
    life.start()
    journal, volume = life.journal, life.volume
    while journal.prepare(100, True) != READY:
        pass
    while journal.ring.room() or journal.ring.prepare(1, False) != WAITS:
        journal.insist(kinds.DELIVERED, 0, 0, 0, 5, 6, 6)
    for _ in range(3):
        assert started(life.nor).recover() is None
    journal = Journal(Chip(life.nor))
    volume = Volume(journal, Words())
    assert not volume.begin(1, 1000, codes.INFUSING, 559_902)
    volume.note(codes.FAULT, codes.WHY_INTERNAL)
    assert volume.unsaid
    journal.acknowledge(journal.ring.newest)
    while journal.prepare(100, True) != READY:
        pass
    while volume.work():
        pass
    assert started(life.nor).latched() == codes.WHY_INTERNAL


class Modelled(RuleBasedStateMachine):
    """The ring against a plain list: what was written is there, in order, until it was erased as allowed."""

    @initialize(sectors=st.integers(2, 5), seed=st.integers(0, 1 << 20))
    def make(self, sectors: int, seed: int) -> None:
        self.nor = NorFlash(sectors, seed)
        self.written: list[tuple[int, int, int]] = []  # seq, kind, x
        self.maybe: tuple[int, int] | None = None  # kind and x of one that was cut
        self.fetched = 0
        self.counter = 0
        self.gone = 0  # below this, records may have been erased
        self.restart()

    def restart(self) -> None:
        self.journal = Journal(Chip(self.nor), 3)

    @rule(kind=st.sampled_from([kinds.RAISED, kinds.DELIVERED, kinds.AHEAD, kinds.STATE, 99]), n=st.integers(1, 60))
    def write(self, kind: int, n: int) -> None:
        for _ in range(n):
            self.counter += 1
            if self.journal.says(kind, 1, 2, 3, self.counter, 0, 0):
                self.written.append((self.journal.ring.newest, kind, self.counter))

    @rule(n=st.integers(0, 200), asked=st.booleans())
    def prepare(self, n: int, asked: bool) -> None:
        ring = self.journal.ring
        keep = ring.keep
        before = ring.oldest()
        answer = self.journal.prepare(n, asked)
        assert answer != READY or self.journal.ready(n)
        if ring.keep != keep:  # moved
            self.written.append((ring.keep, *self.entry(keep)))
        self.erased(before, asked)
        assert answer != FAILED or n + 16 > 127 or ring.newest < 0 or ring.next >> 7 != ring.newest >> 7

    def entry(self, seq: int) -> tuple[int, int]:
        return next((kind, x) for s, kind, x in self.written if s == seq)

    def erased(self, before: int, asked: bool) -> None:
        oldest = self.journal.oldest()
        for seq, kind, _ in self.written:
            if before <= seq < oldest:
                assert seq <= self.fetched or (asked and not kinds.precious(kind)), "erased, and nobody had it"
        self.gone = max(self.gone, oldest)

    @precondition(lambda self: self.written)
    @rule(share=st.floats(0, 1))
    def acknowledge(self, share: float) -> None:
        seq = self.written[int(share * (len(self.written) - 1))][0]
        self.journal.acknowledge(seq)
        self.fetched = max(self.fetched, seq)

    @rule()
    def start(self) -> None:
        self.restart()

    @rule(how=st.sampled_from([BEFORE, TORN, AFTER]), after=st.integers(0, 3), erase=st.booleans())
    def cut(self, how: int, after: int, erase: bool) -> None:
        keep, before, oldest = self.journal.ring.keep, self.journal.ring.newest, self.journal.oldest()
        self.nor.cut(after, how)
        try:
            for _ in range(6):
                if erase:
                    self.journal.prepare(200, False)
                self.counter += 1
                if self.journal.says(kinds.RAISED, 1, 2, 3, self.counter, 0, 0):
                    self.written.append((self.journal.ring.newest, kinds.RAISED, self.counter))
            self.nor.cut(1 << 30)
        except PowerCut:
            pass
        self.restart()
        # one record may have been whole, and the newest statement may have moved, as the power went
        known = {seq for seq, _, _ in self.written}
        for seq, kind, x in self.all():
            if seq > before and seq not in known and kind != kinds.SECTOR:
                moved = keep >= 0 and any(s == keep and (k, y) == (kind, x) for s, k, y in self.written)
                assert x == self.counter or moved
                self.written.append((seq, kind, x))
        self.written.sort()
        self.erased(oldest, False)

    def all(self) -> list[tuple[int, int, int]]:
        record, found = Record(), []
        seq = self.journal.fetch(0, record)
        while seq >= 0:
            found.append((seq, record.buf[KIND], record.word(X)))
            seq = self.journal.fetch(seq + 1, record)
        return found

    @invariant()
    def holds(self) -> None:
        if not hasattr(self, "journal"):
            return
        there = [entry for entry in self.all() if entry[1] not in (kinds.SECTOR, kinds.FETCHED)]
        assert there == [entry for entry in self.written if entry[0] >= self.journal.oldest()]
        statements = [seq for seq, kind, _ in self.written if kinds.statement(kind)]
        assert self.journal.ring.keep == (statements[-1] if statements else -1)
        if statements:
            assert statements[-1] >= self.journal.oldest(), "the newest statement is never erased"


TestModelled = Modelled.TestCase
TestModelled.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_the_ladder_and_the_merging_stay_within_small_integers() -> None:
    mark = Small(0)
    while mark < 100_000_000:
        mark = Small(mark_after(mark))
    big = Small(NONE32)
    for told in ((Small(7), big, big), (Small(7), Small(0), big), None):
        for kept in ((Small(7), big, big), (Small(8), Small(0), big), (), None):
            merged(told, kept)


def test_the_rooms_own_words_name_no_hardware() -> None:
    for path in Path("firmware/journal").glob("*.py"):
        assert "import machine" not in path.read_text() and "import rp2" not in path.read_text()
