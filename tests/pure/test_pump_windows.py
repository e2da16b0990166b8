"""Rolling windows never hold less than what was delivered in their time, and doses keep to them and to the lockout."""

from pump.demand import GIVEN, LOCKED, NOT_NOW, TOO_MUCH, Demand
from pump.windows import NAMES, SLOTS, Rolling, Windows

LIMITS = {"max_10min": 1_000_000, "max_hour": 3_000_000, "max_4h": 8_000_000}


def test_a_window_holds_all_of_its_time_and_at_most_a_twentieth_more():
    for seconds in (600, 3600):
        window = Rolling(seconds)
        past = []
        ms = seed = 0
        for _ in range(3000):
            seed = (seed * 1_103_515_245 + 12_345) % 2**31
            step = seed // 65_536 % (seconds * 4)
            ms += step
            window.pass_time(step)
            nl = seed // 1024 % 5000
            window.add(nl)
            past.append((ms, nl))
            past = [(at, of) for at, of in past if ms - at < seconds * 1200]
            least = sum([of for at, of in past if ms - at < seconds * 1000])
            most = sum([of for at, of in past if ms - at <= seconds * 1000 * (SLOTS + 1) // SLOTS])
            assert least <= window.nl <= most


def test_a_long_silence_empties_a_window_whatever_its_length():
    for ms in (600_000 * 21 // 20, 700_000, 10**9):
        window = Rolling(600)
        window.pass_time(17)
        window.add(5)
        window.pass_time(29_000)
        window.add(7)
        window.pass_time(ms)
        assert window.nl == 0
        window.add(3)
        assert window.nl == 3
        window.pass_time(600_000 - 1)
        assert window.nl == 3


def test_a_window_never_wraps():
    window = Rolling(14_400)
    window.add(2**30 - 10)
    window.add(100)
    assert window.nl == 2**30 - 1
    window.pass_time(14_400 * 1000 * 21 // 20)
    assert window.nl == 0


def test_a_limit_that_is_missing_lets_nothing_pass():
    assert Windows({}).refuses(1) == 1
    for i, name in enumerate(NAMES):
        assert Windows({k: v for k, v in LIMITS.items() if k != name}).refuses(1) == i + 1
    assert Windows(LIMITS).refuses(0) == 0


def test_the_tightest_window_refuses_and_says_which():
    windows = Windows(LIMITS)
    assert windows.refuses(1_000_000) == 0 and windows.refuses(1_000_001) == 1
    refusals = set()
    for _ in range(12):
        while windows.refuses(100_000) == 0:
            windows.add(100_000)
        refusals.add(windows.refuses(100_000))
        for window, name in zip(windows.windows, NAMES):
            assert window.nl <= LIMITS[name]
        windows.pass_time(650_000)
    assert refusals == {1, 2}
    for _ in range(20):
        while windows.refuses(100_000) == 0:
            windows.add(100_000)
        refusals.add(windows.refuses(100_000))
        windows.pass_time(650_000)
    assert refusals == {1, 2, 3}
    assert windows.left(2) == LIMITS["max_4h"] - windows.windows[2].nl


def test_a_programme_lowers_a_limit_and_never_raises_it():
    windows = Windows(LIMITS)
    windows.lower(1, 200_000)
    assert windows.refuses(200_001) == 2 and windows.limit(1) == 200_000
    windows.lower(1, 2**30 - 1)
    assert windows.refuses(1_000_000) == 0 and windows.limit(1) == LIMITS["max_hour"]
    windows.lower(0, 5)
    windows.lift()
    assert windows.refuses(1_000_000) == 0


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
