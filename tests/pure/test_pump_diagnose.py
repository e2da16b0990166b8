"""The whole truth table of why shaft and steps disagree, and how it is reached from look to look."""

import micropython

from pump.diagnose import DEAD, DISAGREE, NONE, REVERSED, SLIP, STALL, STUCK, Diagnosis, verdict

STEPS, COUNTS = 3200, 4096
ALLOWED = 114  # 0.02 mL in a 50 mL syringe


def test_the_truth_table():
    # share in %, and what each evidence makes of it: (jitter, trend, driver_ok)
    for share in range(-200, 201):
        for jitter in (False, True):
            for trend in (-1, 0, 1):
                for driver_ok in (False, True):
                    if share < -150:
                        expected = SLIP
                    elif share <= -50:
                        expected = REVERSED
                    elif share < -10 or share > 100:
                        expected = DISAGREE
                    elif share > 10:
                        expected = SLIP
                    elif not driver_ok:
                        expected = STALL
                    elif trend == 1:
                        expected = STUCK
                    elif trend == -1 or jitter:
                        expected = STALL
                    else:
                        expected = DISAGREE
                    case = (share, jitter, trend, driver_ok)
                    assert verdict(100, share, jitter, trend, driver_ok) == expected, case
    for moved in (-5, 0, 5):
        assert verdict(0, moved, True, 0, True) == DISAGREE


class Shaft:
    """Feeds a Diagnosis with `share` per cent of the steps; counts are whole."""

    def __init__(self, forward=1):
        self.d = Diagnosis(COUNTS, STEPS, forward)
        self.d.begin(ALLOWED)
        self.forward = forward
        self.made = 0
        self.turned = 0  # in 1/100 step
        self.counts = 0

    def run(self, looks, steps=8, share=100, jitter=0, trend=0, ok=True, field=True, driver=True):
        """The first verdict that is not NONE, and the steps made until then."""
        before = self.made
        for i in range(looks):
            self.made += steps
            self.turned += steps * share
            now = self.turned * COUNTS // (STEPS * 100) + (jitter if i % 2 else 0)
            counts = (now - self.counts) * self.forward
            if ok and field:
                self.counts = now
            else:
                counts = 0
            why = self.d.look(steps, counts, ok, field, trend, driver)
            if why:
                return why, self.made - before
        return NONE, self.made - before


def test_a_healthy_shaft_is_never_accused():
    for forward in (1, -1):
        for steps in (0, 1, 7, 100, 800):
            shaft = Shaft(forward)
            assert shaft.run(2000, steps, jitter=2)[0] == NONE
            assert shaft.run(500, -steps)[0] == NONE  # a back-off


def test_each_failure_has_its_class_and_is_told_in_time():
    for steps in (1, 8, 40):
        for evidence, expected in (
            ({"share": 0, "jitter": 1}, STALL),
            ({"share": 0, "trend": -1}, STALL),
            ({"share": 0, "driver": False}, STALL),
            ({"share": 0, "trend": 1}, STUCK),
            ({"share": 0}, DISAGREE),
            ({"share": -100}, REVERSED),
            ({"share": 50}, SLIP),
            ({"share": 90}, SLIP),
            ({"share": 150}, DISAGREE),
        ):
            shaft = Shaft()
            assert shaft.run(300, steps)[0] == NONE
            why, made = shaft.run(4000, steps, **evidence)
            assert why == expected, (steps, evidence)
            off = abs(100 - evidence["share"])
            assert made * off <= (ALLOWED + 3) * 100 + 2 * steps * off, (steps, evidence, made)


def test_a_back_off_that_stalls_is_a_stall_too():
    shaft = Shaft()
    shaft.run(100)
    assert shaft.run(400, -8, share=0, jitter=1)[0] == STALL
    shaft = Shaft()
    assert shaft.run(400, -8, share=-100)[0] == REVERSED


def test_one_misread_angle_is_not_believed():
    shaft = Shaft()
    shaft.run(100)
    assert shaft.d.look(0, 2000, True, True, 0, True) == NONE
    assert shaft.d.look(0, -2000, True, True, 0, True) == NONE
    assert shaft.run(500)[0] == NONE


def test_an_encoder_that_says_nothing_or_has_no_magnet_is_dead():
    for evidence in ({"ok": False}, {"field": False}):
        shaft = Shaft()
        shaft.run(100)
        assert shaft.run(4, **evidence)[0] == NONE
        assert shaft.run(3)[0] == NONE  # it came back, and what it had missed is no slip
        assert shaft.run(5, **evidence) == (DEAD, 40)


def test_a_shaft_that_moves_by_itself_disagrees():
    shaft = Shaft()
    why = NONE
    looks = 0
    while why == NONE:
        why = shaft.d.look(0, 10, True, True, 0, True)
        looks += 1
    assert why == DISAGREE
    assert looks * 10 * STEPS <= (ALLOWED + 20) * COUNTS


def test_a_rotor_that_is_pushed_back_by_electrical_turns_slips():
    for steps in (1, 8):
        shaft = Shaft()
        shaft.run(200)
        shaft.turned -= 128 * 100  # two electrical turns at once
        assert shaft.run(20, steps)[0] == SLIP


def test_the_allowed_difference_stays_silent():
    shaft = Shaft()
    shaft.run(100)
    shaft.turned -= (ALLOWED - 2) * 100
    assert shaft.run(2000)[0] == NONE


def test_the_evidence_is_of_the_last_steps_only():
    shaft = Shaft()
    assert shaft.run(300, trend=1, jitter=2)[0] == NONE  # a force that rose, and an angle that moved, long ago
    assert shaft.run(400, share=0)[0] == DISAGREE
    shaft = Shaft()
    assert shaft.run(300, trend=1)[0] == NONE
    assert shaft.run(400, share=0, trend=-1)[0] == STALL


def test_evidence_of_either_half_counts():
    # 114 steps are allowed, so a half is told after 29: the stall is told at 115
    for quiet, telling, expected in (
        (9, {"trend": 1}, STUCK),
        (9, {"trend": -1}, STALL),
        (9, {"driver": False}, STALL),
    ):
        shaft = Shaft()
        shaft.run(300)
        assert shaft.run(quiet, share=0)[0] == NONE
        assert shaft.run(3, share=0, **telling)[0] == NONE
        rest = {"driver": False} if "driver" in telling else {}
        assert shaft.run(20, share=0, **rest)[0] == expected
    shaft = Shaft()
    shaft.run(300)
    assert shaft.run(13, share=0)[0] == NONE
    assert shaft.run(20, share=0, trend=1)[0] == STUCK


def test_exactly_what_is_allowed_is_healthy():
    d = Diagnosis(COUNTS, STEPS)
    d.begin(100)
    for _ in range(3):
        assert d.look(0, 0, True, True, 0, True) == NONE
    d.look(100, 0, True, True, 0, True)
    assert d.look(0, 0, True, True, 0, True) == NONE
    d.look(1, 0, True, True, 0, True)
    assert d.look(0, 0, True, True, 0, True) != NONE
    assert d.off == -101 * 32


def test_a_new_delivery_begins_anew():
    shaft = Shaft()
    assert shaft.run(100, share=-100)[0] == REVERSED
    shaft.d.begin(ALLOWED)
    assert shaft.d.off == 0
    assert shaft.run(300)[0] == NONE


def test_nothing_is_allocated():
    shaft = Shaft(-1)
    d = shaft.d
    i = 0
    micropython.heap_lock()
    try:
        while i < 1000:
            d.look(8, -(i % 21), i % 50 > 3, True, i % 3 - 1, i % 2 == 0)
            i += 1
    finally:
        micropython.heap_unlock()
