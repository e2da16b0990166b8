"""Rolling windows never hold less than what was delivered in their time, and let nothing past their limits."""

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


def test_the_windows_are_of_ten_minutes_one_hour_and_four_hours():
    for number, ms in enumerate((630_000, 3_780_000, 15_120_000)):
        windows = Windows(LIMITS)
        windows.add(7)
        windows.pass_time(ms - 1)
        assert windows.windows[number].nl == 7, "a twentieth longer than its name, when it came as a slot began"
        windows.pass_time(1)
        assert windows.windows[number].nl == 0


def test_what_is_left_is_nothing_where_there_is_too_much():
    windows = Windows(LIMITS)
    assert [windows.left(i) for i in range(3)] == [1_000_000, 3_000_000, 8_000_000]
    windows.add(1_000_001)
    assert [windows.left(i) for i in range(3)] == [0, 1_999_999, 6_999_999]


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
