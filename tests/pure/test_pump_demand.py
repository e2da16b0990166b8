"""Doses on demand: whole or not at all, never before the lockout is over, and never past a window."""

from pump.demand import GIVEN, LOCKED, NOT_NOW, TOO_MUCH, Demand
from pump.windows import NAMES, Windows

LIMITS = {"max_10min": 1_000_000, "max_hour": 3_000_000, "max_4h": 8_000_000}


def _asked(lockout_s=300, dose=100_000):
    demand = Demand()
    demand.begin(dose, lockout_s)
    return demand, Windows(LIMITS)


def test_a_dose_is_given_at_once_and_then_not_until_the_lockout_is_over():
    demand, windows = _asked()
    assert demand.press(10_000_000, windows) == GIVEN
    assert demand.press(10_000_000, windows) == NOT_NOW, "it is being given"
    demand.over()
    for ms in (0, 1000, 298_999):
        demand.pass_time(ms)
        assert demand.press(10_000_000, windows) == LOCKED
    assert demand.left_ms == 1
    demand.pass_time(1)
    assert demand.press(10_000_000, windows) == GIVEN
    assert (demand.given, demand.denied) == (2, 4)


def test_a_dose_that_does_not_fit_whole_is_not_given_and_starts_no_lockout():
    demand, windows = _asked()
    assert demand.press(99_999, windows) == TOO_MUCH
    windows.add(900_001)
    assert demand.press(10_000_000, windows) == TOO_MUCH
    windows.pass_time(650_000)
    assert demand.press(100_000, windows) == GIVEN


def test_no_dose_without_a_programme_that_has_doses_or_while_the_pump_stands():
    demand, windows = _asked(dose=0)
    assert demand.press(10_000_000, windows) == NOT_NOW
    demand, windows = _asked()
    assert demand.press(10_000_000, windows, False) == NOT_NOW
    assert demand.press(10_000_000, windows, True) == GIVEN
    demand.begin(100_000, 60)
    assert (demand.given, demand.denied, demand.left_ms, demand.giving) == (0, 0, 0, False)


def test_however_often_the_button_is_pressed_no_window_is_passed():
    demand, windows = _asked(lockout_s=60)
    total = 0
    for second in range(5 * 3600):
        windows.pass_time(1000)
        demand.pass_time(1000)
        if demand.press(1_000_000_000, windows) == GIVEN:
            windows.add(demand.dose)
            total += demand.dose
            demand.over()
        for window, name in zip(windows.windows, NAMES):
            assert window.nl <= LIMITS[name], second
    assert total == 8_000_000 + 3_000_000, "four hours' worth, and after them what the first hour had"
    assert demand.given == 110 and demand.given + demand.denied == 5 * 3600


def test_counts_stop_at_their_ends():
    demand, windows = _asked(dose=0)
    demand.denied = 65_534
    for _ in range(3):
        demand.press(1, windows)
    assert demand.denied == 65_535
