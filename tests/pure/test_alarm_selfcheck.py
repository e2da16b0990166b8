"""A sounder that says it is broken, and keys that are believed only when a person could have pressed them."""

from alarm.selfcheck import Key, Sounder
from alarm_ward import Ward
from assuage_wire.schema import S30

QUIET, LOUD = 200, 2000
NOISE = 60


class Buzzer:
    """A sounder and its current. broken: None, "open" (never any), "short" (always)."""

    def __init__(self, ticks=0):
        self.sounder = Sounder(QUIET, LOUD)
        self.broken = None
        self.ticks = ticks
        self.on_ms = 0

    def turn(self, wanted=False, ms=25):
        self.ticks = (self.ticks + ms) & S30
        draws = self.broken == "short" or (self.sounder.on and self.broken is None)
        self.sounder.poll(wanted, 3000 if draws else NOISE, self.ticks)
        self.on_ms += ms * self.sounder.on

    def run(self, turns, wanted=False):
        for _ in range(turns):
            self.turn(wanted)


def chirped(broken=None, ticks=0):
    b = Buzzer(ticks)
    b.broken = broken
    b.run(4)
    b.sounder.chirp()
    b.run(20)
    return b


def test_a_sound_sounder_passes_its_chirp_and_is_silent_after_it():
    for ticks in (0, S30 - 200, S30 - 110):
        b = chirped(None, ticks)
        assert b.sounder.passed() and not b.sounder.fault() and not b.sounder.on
        assert b.on_ms == 150


def test_a_chirp_that_was_asked_for_long_before_the_first_turn_or_in_slow_ones_still_sounds_and_passes():
    for first, each in ((25, 25), (5000, 25), (5000, 400)):
        b = Buzzer()
        b.sounder.chirp()
        b.turn(False, first)
        for _ in range(20):
            b.turn(False, each)
        assert b.sounder.passed() and not b.sounder.on


def test_a_sounder_that_draws_no_current_is_found_by_the_chirp():
    b = chirped("open")
    assert b.sounder.silent and not b.sounder.stuck
    assert b.sounder.fault() and not b.sounder.passed()


def test_a_sounder_that_never_stops_is_found_without_one():
    b = Buzzer()
    b.broken = "short"
    b.run(1)
    assert not b.sounder.fault()
    b.run(3)
    assert b.sounder.stuck and not b.sounder.silent and b.sounder.fault()
    b.sounder.chirp()
    b.run(20)
    assert not b.sounder.passed() and not b.sounder.silent


def test_without_a_chirp_nothing_has_passed():
    b = Buzzer()
    b.run(20)
    assert not b.sounder.passed() and not b.sounder.fault()
    b.sounder.chirp()
    b.run(3)
    assert not b.sounder.passed(), "it has not been silent again yet"


def test_a_chirp_is_a_new_test():
    b = chirped()
    b.broken = "open"
    b.sounder.chirp()
    assert not b.sounder.passed()
    b.run(20)
    assert b.sounder.fault() and not b.sounder.passed()


def test_one_pulse_of_any_alarm_is_enough_to_find_it():
    for name in ("occlusion", "kvo-running", "key-stuck"):
        w = Ward()
        b = Buzzer()
        b.broken = "open"
        w.cause(name)
        pulses = 0
        while not b.sounder.fault():
            w.turn()
            pulses = len(w.tones)
            b.turn(w.signals.buzzer)
            assert pulses <= 2, name
        assert b.sounder.silent and pulses == 1


def test_readings_count_only_when_they_have_settled_and_three_in_a_row():
    b = Buzzer()
    b.turn(True)
    for ms, reading in ((25, NOISE), (24, NOISE), (1, NOISE), (25, NOISE)):
        b.ticks += ms
        b.sounder.poll(True, reading, b.ticks)
        assert not b.sounder.fault()
    b.sounder.poll(True, 3000, b.ticks + 25)
    for n in range(3):
        assert not b.sounder.fault()
        b.sounder.poll(True, NOISE, b.ticks + 50 + 25 * n)
    assert b.sounder.silent


def test_a_current_that_rises_late_is_no_fault_and_counts_begin_anew_with_the_pin():
    b = Buzzer()
    b.run(20)
    b.turn(True)
    for reading in (NOISE, NOISE, NOISE, 3000, 3000, NOISE):  # of 25 to 150 ms; the first is too early to tell
        b.ticks += 25
        b.sounder.poll(True, reading, b.ticks)
        assert not b.sounder.fault()
    b.ticks += 25
    b.sounder.poll(False, NOISE, b.ticks)
    for reading in (3000, 3000, 3000, NOISE):
        b.ticks += 25
        b.sounder.poll(False, reading, b.ticks)
        assert not b.sounder.fault()


def test_bounds_are_inclusive():
    b = Buzzer()
    b.run(4)
    for reading, stuck in ((QUIET, False), (QUIET + 1, True)):
        for _ in range(5):
            b.sounder.poll(False, reading, b.ticks)
        assert b.sounder.stuck == stuck
    b = Buzzer()
    b.run(6, True)
    for reading, silent in ((LOUD, False), (LOUD - 1, True)):
        for _ in range(5):
            b.sounder.poll(True, reading, b.ticks)
        assert b.sounder.silent == silent


def test_a_fault_stays_until_the_opposite_is_seen():
    b = chirped("open")
    b.broken = None
    b.run(1000)
    assert b.sounder.silent, "silence proves nothing about sound"
    b.sounder.chirp()
    b.run(20)
    assert not b.sounder.silent and b.sounder.passed()
    b.broken = "short"
    b.run(10)
    assert b.sounder.stuck
    b.run(10, True)
    assert b.sounder.stuck, "sound proves nothing about silence"
    b.broken = None
    b.run(10)
    assert not b.sounder.fault()


def test_an_alarm_in_a_chirp_goes_on_after_it():
    b = Buzzer()
    b.sounder.chirp()
    b.run(4)
    b.run(10, True)
    assert b.sounder.on
    b.turn()
    assert not b.sounder.on


def test_a_sounder_fault_is_an_alarm():
    w = Ward()
    b = chirped("open")
    w.cause("sounder-fault", b.sounder.fault())
    w.turn()
    assert w.signals.red and w.state("sounder-fault") == "active"


def test_days_of_silence_are_judged_as_well():
    b = chirped(None, S30 - 50_000)
    for _ in range(400):
        b.turn(False, 3_600_000)
    assert not b.sounder.fault()
    b.broken = "short"
    b.run(3)
    assert b.sounder.stuck


# -- keys --------------------------------------------------------------------------------------------------------------


class Finger:
    def __init__(self, ticks=0):
        self.key = Key()
        self.ticks = ticks
        self.presses = 0

    def hold(self, contact, ms, step=5):
        for _ in range(ms // step):
            self.ticks = (self.ticks + step) & S30
            self.key.poll(contact, self.ticks)
            self.presses += self.key.pressed


def test_a_press_counts_once_it_has_been_stable_for_20_ms():
    for ticks in (0, S30 - 10):
        f = Finger(ticks)
        f.hold(False, 100)
        f.hold(True, 20)
        assert not f.key.down and f.presses == 0
        f.hold(True, 5)
        assert f.key.down and f.key.pressed and f.presses == 1
        f.hold(True, 3000)
        assert f.presses == 1 and not f.key.pressed
        f.hold(False, 20)
        assert f.key.down
        f.hold(False, 5)
        assert not f.key.down and f.presses == 1


def test_a_contact_that_bounces_ten_times_is_one_press():
    """Alaris SE, 2006: bouncing keys entered a digit twice."""
    for step in (1, 5, 15):
        f = Finger()
        f.hold(False, 100)
        for _ in range(10):
            f.hold(True, step, step)
            f.hold(False, step, step)
        assert f.presses == 0
        f.hold(True, 100)
        for _ in range(10):
            f.hold(False, step, step)
            f.hold(True, step, step)
        f.hold(True, 100)
        f.hold(False, 100)
        assert f.presses == 1


def test_in_a_loop_of_25_ms_a_press_is_seen_in_its_second_turn():
    f = Finger()
    f.hold(False, 100, 25)
    f.hold(True, 25, 25)
    assert f.presses == 0
    f.hold(True, 25, 25)
    assert f.presses == 1


def test_a_spike_is_no_press():
    f = Finger()
    for _ in range(100):
        f.hold(True, 25, 25)
        f.hold(False, 50, 25)
    assert f.presses == 0


def test_a_key_that_is_held_for_10_s_is_stuck_until_it_is_let_go():
    for ticks in (0, S30 - 5000):
        f = Finger(ticks)
        f.hold(True, 25)
        assert f.key.down
        f.hold(True, 9995)
        assert not f.key.stuck
        f.hold(True, 5)
        assert f.key.stuck
        f.hold(False, 20)
        assert f.key.stuck
        f.hold(False, 5)
        assert not f.key.stuck and f.presses == 1
        f.hold(True, 100)
        assert not f.key.stuck and f.presses == 2


def test_a_stuck_key_that_chatters_is_still_stuck():
    f = Finger()
    f.hold(True, 25)
    for _ in range(100):
        f.hold(True, 95)
        f.hold(False, 5)
    assert f.key.stuck and f.presses == 1


def test_a_key_that_is_stuck_for_weeks_stays_so():
    f = Finger()
    f.hold(True, 100, 25)
    for _ in range(400):
        f.hold(True, 3_600_000, 3_600_000)
        assert f.key.stuck
