"""What becomes of each alarm is in the journal, once and in order; what stood at a reset stands again; a flapping
condition does not fill the ring."""

import micropython

from alarm import states
from alarm.annals import AGAIN_MS, MOST, Annals
from alarm.conditions import LASTS, LATCHING, TABLE
from alarm.latch import Alarms
from assuage_wire.schema import ALARMS, S30
from journal.kinds import ACKNOWLEDGED, AHEAD, BEGUN, ENDED, RAISED, SILENCED
from journal.logbook import RESERVE
from journal.record import KIND, A, B, C, Record, X, Y, Z
from journal.ring import READY
from journal_fakes import Nor, ready, started

code = ALARMS.index


class Board:
    """Alarms with their journal. again(): the same flash, after a reset. tell(): writes what waits."""

    def __init__(self, flash=None, room=200, ticks=S30 - 5000):
        self.flash = flash or Nor(6)
        self.journal, _ = started(self.flash)
        ready(self.journal, room)
        self.first = self.journal.ring.newest + 1
        self.now = ticks
        self.alarms = Alarms()
        self.annals = Annals(self.alarms, self.journal, self.now)

    def again(self, **options):
        return Board(self.flash, **options)

    def turn(self, ms=25):
        self.now = (self.now + ms) & S30
        self.alarms.poll(self.now)
        self.annals.poll(self.now)  # of this turn, so that tests can count; on a board it comes before the next
        self.journal.work()

    def run(self, ms, step=25):
        for _ in range(ms // step):
            self.turn(step)

    def cause(self, name, present=True):
        self.alarms.cause(code(name), present, self.now)

    def number(self, name):
        return self.alarms.occurrence[code(name)]

    def acknowledge(self, name):
        self.alarms.acknowledge(self.number(name))

    def state(self, name):
        return states.STATES[self.alarms.state[code(name)]]

    def noted(self, names=None):
        """(kind, condition, priority, over, occurrence) of each record of an alarm since this start."""
        while self.journal.work():
            pass
        record = Record()
        out = []
        seq = self.journal.fetch(self.first, record)
        while seq >= 0:
            kind = record.buf[KIND]
            if RAISED <= kind <= ACKNOWLEDGED:
                name = ALARMS[record.buf[A]]
                if names is None or name in names:
                    out.append((kind, name, record.buf[B], record.buf[C], record.word(X)))
            elif kind == SILENCED:
                out.append((kind, record.word(X)))
            seq = self.journal.fetch(seq + 1, record)
        return out


def test_an_alarm_that_latches_is_raised_ended_and_acknowledged_in_the_record():
    b = Board()
    b.turn()
    assert b.noted() == []
    b.cause("occlusion")
    b.turn()
    assert b.noted() == [(RAISED, "occlusion", 3, 0, 1)], "in the turn in which it was raised"
    b.run(5000)
    b.cause("occlusion", False)
    b.run(900)
    assert len(b.noted()) == 1, "its hold runs"
    b.run(200)
    assert b.noted()[1:] == [(ENDED, "occlusion", 3, 0, 1)], "gone, and nobody has seen it"
    b.acknowledge("occlusion")
    b.turn()
    assert b.noted()[2:] == [(ACKNOWLEDGED, "occlusion", 3, 1, 1)], "so it is over"
    b.run(60_000, 1000)
    assert len(b.noted()) == 3, "nothing is written twice"


def test_one_that_is_acknowledged_first_ends_for_good_when_its_cause_goes():
    b = Board()
    b.cause("occlusion")
    b.turn()
    b.acknowledge("occlusion")
    b.turn()
    b.cause("occlusion", False)
    b.run(2000)
    assert [(kind, over) for kind, _, _, over, _ in b.noted()] == [(RAISED, 0), (ACKNOWLEDGED, 0), (ENDED, 1)]


def test_one_that_lasts_a_single_turn_is_in_the_record():
    b = Board()
    b.turn()
    b.cause("pca-demand-locked")
    b.turn()
    b.cause("pca-demand-locked", False)
    b.turn()
    assert b.noted() == [(RAISED, "pca-demand-locked", 1, 0, 1), (ENDED, "pca-demand-locked", 1, 1, 1)]


def test_raised_and_acknowledged_between_two_looks_is_both_in_the_record():
    b = Board()
    b.cause("occlusion")
    b.acknowledge("occlusion")
    b.run(100)
    assert [kind for kind, _, _, _, _ in b.noted()] == [RAISED, ACKNOWLEDGED]


def test_whatever_comes_and_goes_between_two_looks_the_last_word_is_right():
    b = Board()
    b.cause("occlusion")
    b.turn()
    for _ in range(2):  # seen, over, and there again: nobody has looked
        b.acknowledge("occlusion")
        b.cause("occlusion", False)
        b.now = (b.now + 1000) & S30
        b.alarms.poll(b.now)
        assert b.state("occlusion") == "idle"
        b.cause("occlusion")
    b.turn()
    assert b.noted() == [(RAISED, "occlusion", 3, 0, 1), (RAISED, "occlusion", 3, 0, 3)]
    record = Record()
    b.journal.fetch(b.journal.ring.newest, record)
    assert record.word(Y) == record.word(Z) == 0
    assert b.again().number("occlusion") == 3


def test_a_pause_of_the_sound_is_in_the_record_with_what_it_covers():
    b = Board()
    b.cause("occlusion")
    b.turn()
    assert b.alarms.pause_audio(b.now) == 0
    b.run(1000)
    b.alarms.pause_audio(b.now)
    b.run(1000)
    assert [r for r in b.noted() if r[0] == SILENCED] == [(SILENCED, 1)], "asking again begins no other"
    b.run(120_000, 100)
    b.alarms.heard()
    b.cause("air-in-line")
    b.turn()
    assert b.alarms.pause_audio(b.now) == 0
    b.turn()
    assert [r for r in b.noted() if r[0] == SILENCED] == [(SILENCED, 1), (SILENCED, 2)]


def test_every_condition_at_once_is_in_the_record_though_fewer_notes_may_wait():
    b = Board()
    for name in ALARMS:
        b.cause(name)
    b.run(200_000, 100)
    raised = [(name, priority) for kind, name, priority, _, _ in b.noted() if kind == RAISED]
    assert sorted(raised) == sorted((name, TABLE[code(name)][0]) for name in ALARMS)
    assert b.journal.lost() == 0


# -- after a reset -----------------------------------------------------------------------------------------------------


def test_what_stood_at_a_reset_stands_again_under_its_number_and_sounds_until_it_is_acknowledged():
    b = Board()
    for name in ("sounder-fault", "occlusion", "battery-low", "kvo-running"):
        b.cause(name)
    b.run(6000)
    b.cause("occlusion", False)
    b.run(2000)
    numbers = {name: b.number(name) for name in ("occlusion", "battery-low")}
    c = b.again()
    for name, number in numbers.items():
        assert (c.state(name), c.number(name)) == ("latched", number)
    assert c.state("kvo-running") == "idle", "it does not run on"
    c.alarms.survey()
    assert c.alarms.sound == 3
    assert c.alarms.last == 4, "no number is given twice"
    c.run(5000)
    assert c.noted() == [], "the record has it already"
    c.acknowledge("battery-low")
    c.turn()
    assert c.noted() == [(ACKNOWLEDGED, "battery-low", 2, 1, numbers["battery-low"])]
    d = c.again()
    assert (d.state("battery-low"), d.state("occlusion")) == ("idle", "latched"), "and that is not forgotten"


def test_every_condition_that_latches_or_lasts_comes_back_from_every_state_in_which_it_stood():
    for name in ALARMS:
        flags = TABLE[code(name)][1]
        b = Board()
        b.cause(name)
        b.run(125_000, 1000)
        assert b.state(name) == "active"
        comes = "latched" if flags & (LATCHING | LASTS) else "idle"
        assert b.again().state(name) == comes, name
        b.cause(name, False)
        b.turn()
        if b.state(name) != "idle":  # else it has no hold, and is over
            assert b.again().state(name) == comes, name
        b.cause(name)
        b.turn()
        b.acknowledge(name)
        b.turn()
        assert b.again().state(name) == "idle", "somebody has seen it"


def test_battery_alarms_survive_a_reset():
    """A low-battery alarm that was lost: Medfusion 3500 and 4000, firmware 1.7.0, recalled in 2019."""
    for name in ("battery-low", "battery-empty", "supply-low"):
        assert TABLE[code(name)][1] & (LATCHING | LASTS), name


def test_what_comes_back_and_whose_cause_is_there_is_raised_anew_and_once_seen_it_is_in_the_record():
    b = Board()
    b.cause("encoder-lost")
    b.turn()
    c = b.again()
    for _ in range(3):
        c.cause("encoder-lost")
        c.run(1000)
    assert (c.state("encoder-lost"), c.number("encoder-lost")) == ("active", 2)
    assert c.noted() == []
    c.acknowledge("encoder-lost")
    c.turn()
    assert c.noted() == [(ACKNOWLEDGED, "encoder-lost", 3, 0, 2)]
    c.cause("encoder-lost", False)
    c.run(100)
    c.cause("encoder-lost")
    c.turn()
    assert [r[0] for r in c.noted()] == [ACKNOWLEDGED, ENDED, RAISED], "whoever was there may be told everything again"


def test_a_supply_that_comes_and_goes_writes_nothing_of_an_alarm_that_stands():
    b = Board()
    b.cause("supply-low")
    b.turn()
    newest = b.journal.ring.newest
    for _ in range(50):
        b = Board(b.flash, room=1)
        b.cause("supply-low")
        b.run(1000)
        assert b.state("supply-low") == "active"
    assert b.journal.ring.newest - newest <= 2, "the first start is in the record"


def test_what_stands_outlives_the_ring_that_turns_round_over_its_record():
    b = Board()
    b.cause("encoder-lost")
    b.turn()
    b.noted()
    for _ in range(6 * 128 * 3):
        b.journal.acknowledge(b.journal.ring.newest)
        if not b.journal.ready(100):
            b.journal.prepare(100, True)
        assert b.journal.says(AHEAD, 0, 0, 0, 7, 0, 1)
    c = b.again()
    assert (c.state("encoder-lost"), c.number("encoder-lost")) == ("latched", 1)


# -- what a condition that flaps may write -----------------------------------------------------------------------------


def flap(b, name, seconds):
    for _ in range(seconds):
        b.cause(name)
        b.run(500, 100)
        b.cause(name, False)
        b.run(500, 100)


def test_a_condition_that_flaps_is_raised_a_bounded_number_of_times_and_its_last_word_errs_towards_the_alarm():
    b = Board()
    flap(b, "pca-demand-locked", 60)
    noted = b.noted()
    assert [r[0] for r in noted] == [RAISED, ENDED] * (MOST - 1) + [RAISED]
    for _ in range(60):
        flap(b, "pca-demand-locked", 60)
    assert len(b.noted()) <= 2 * (2 * MOST)
    b.run(AGAIN_MS, 1000)
    assert b.noted()[-1][0] == ENDED, "in the end the record is right again"


def test_one_that_flaps_takes_nothing_from_the_others():
    b = Board()
    flap(b, "pca-demand-locked", 60)
    b.cause("occlusion")
    b.turn()
    assert b.noted(("occlusion",)) == [(RAISED, "occlusion", 3, 0, b.number("occlusion"))]


def test_with_a_person_who_acknowledges_each_is_in_the_record():
    b = Board()
    for _ in range(3 * MOST):
        b.cause("occlusion")
        b.turn()
        b.acknowledge("occlusion")
        b.turn()
        b.cause("occlusion", False)
        b.run(1200, 100)
    assert [r[0] for r in b.noted()] == [RAISED, ACKNOWLEDGED, ENDED] * (3 * MOST)


def test_without_room_nothing_is_written_lost_or_counted_and_with_room_it_is_made_up_for():
    b = Board(Nor(2), room=1)
    assert b.journal.insist(BEGUN, 4, 0, 0, 7, 1, 1)
    while b.journal.takes():
        b.journal.says(AHEAD, 0, 0, 0, 7, 0, 1)
    room = b.journal.ring.room()
    b.cause("occlusion")
    b.run(5000)
    assert b.noted() == [] and b.journal.lost() == 0 and b.journal.ring.room() == room >= RESERVE
    b.journal.acknowledge(b.journal.ring.newest)
    assert b.journal.ring.prepare(100, True) == READY
    b.run(100)
    assert [r[:2] for r in b.noted()] == [(RAISED, "occlusion")]


def test_it_allocates_nothing():
    b = Board(room=300)
    n = len(ALARMS)
    seed = 5
    turn = 0
    micropython.heap_lock()
    try:
        while turn < 3000:
            seed = seed * 1103 % 65521
            i = seed % n
            b.alarms.cause(i, seed & 1024 == 0, b.now)
            if turn % 17 == 0:
                b.alarms.acknowledge(b.alarms.occurrence[i])
            if turn % 400 == 0:
                b.alarms.pause_audio(b.now)
            b.now = (b.now + 25) & S30
            b.alarms.poll(b.now)
            b.annals.poll(b.now)
            turn += 1
            if turn % 10 == 0:
                b.journal._waiting = 0  # as if they had been written
    finally:
        micropython.heap_unlock()
    assert b.alarms.last > 100
