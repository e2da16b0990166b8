"""The pulse wave that is shown: upright, in 1e-5 of DC, numbered so that every loss can be seen."""

from assuage_wire.codec import BY_NAME
from assuage_wire.schema import S30, SIGNALS
from vitals.oximeter import Oximeter
from vitals.pleth import FRAME, Pleth
from vitals_waves import CURVE, Finger, watch

NAMES = [field[0] for field in BY_NAME["Pleth"].fields]


def _frames(meter):
    """All waiting frames as (index, state, samples)."""
    frames = []
    out = [None] * BY_NAME["Pleth"].width
    while meter.pleth_ready():
        meter.fill_pleth(out, 77, 5)
        assert out[0] == 77 and out[1] == 5 and out[3] == 100
        frames.append((out[2], SIGNALS[out[4]], out[5:]))
    return frames


def _wave(meter, finger, seconds):
    """Samples of that time, and what the finger's infrared was meanwhile."""
    shown, counts = [], []
    for _ in range(int(seconds * 10)):
        for _ in range(FRAME):
            finger.next()
            meter.sample(finger.red, finger.ir)
            counts.append(finger.ir)
        for frame in _frames(meter):
            shown.extend(frame[2])
    return shown, counts


def test_a_frame_fills_the_message_in_the_order_of_the_table():
    assert NAMES == ["ticks", "wraps", "index", "hz", "signal", "samples"]
    assert BY_NAME["Pleth"].width == 5 + FRAME


def test_ten_frames_a_second_numbered_without_a_gap():
    meter, finger = Oximeter(CURVE), Finger()
    numbers = []
    for _ in range(30):
        watch(meter, finger, 0.1)
        frames = _frames(meter)
        assert len(frames) == 1
        numbers.append(frames[0][0])
    assert numbers == list(range(0, 300, 10))
    assert not meter.pleth_ready()


def test_the_wave_points_up_where_blood_rises_and_has_the_size_of_the_perfusion():
    for bpm in (45, 72, 120, 180):
        for perfusion in (0.5, 2, 10):
            meter, finger = Oximeter(CURVE), Finger(bpm, 97, perfusion, levels=(80_000, 150_000))
            watch(meter, finger, 5)
            _frames(meter)
            shown, counts = _wave(meter, finger, 8)
            size = max(shown) - min(shown)
            assert 0.75 * 1000 * perfusion <= size <= 1.15 * 1000 * perfusion, (bpm, perfusion, size)
            # least light, most blood; smoothing delays the top a little, the high-pass of a slow pulse advances it
            lowest = min(range(200, 600), key=lambda i: counts[i])
            highest = max(range(lowest - 20, lowest + 20), key=lambda i: shown[i])
            assert abs(highest - lowest) <= 6


def test_the_wave_begins_without_a_swing_when_the_probe_is_put_on():
    meter = Oximeter(CURVE)
    for _ in range(100):
        meter.sample(60, 60)
    _frames(meter)
    shown, _ = _wave(meter, Finger(72, 97, 2), 5)
    assert max(abs(value) for value in shown) < 3000


def test_without_a_finger_the_line_is_flat_and_says_why():
    meter = Oximeter(CURVE)
    for _ in range(50):
        meter.sample(60, 60)
    frames = _frames(meter)
    assert len(frames) == 5
    for frame in frames:
        assert frame[1:] == ("probe-off", [0] * FRAME)


def test_a_swing_of_the_light_is_clipped_to_the_field():
    meter, finger = Oximeter(CURVE), Finger()
    watch(meter, finger, 5)
    _frames(meter)
    level = 100_000
    seen = []
    for _ in range(200):
        level = min(int(level * 1.02), 250_000)  # slower than a jump, further than any pulse
        meter.sample(level, level)
        for frame in _frames(meter):
            seen.extend(frame[2])
    assert min(seen) == -32767 or min(seen) == -32768


def test_lost_samples_leave_a_gap_in_the_numbering_and_no_mixed_frame():
    meter, finger = Oximeter(CURVE), Finger()
    watch(meter, finger, 0.25)  # two frames and five samples
    meter.gap(7)
    watch(meter, finger, 0.2)
    assert [frame[0] for frame in _frames(meter)] == [0, 10, 32, 42]


def test_a_burst_from_a_full_fifo_fits_and_beyond_that_the_oldest_go():
    meter, finger = Oximeter(CURVE), Finger()
    watch(meter, finger, 0.09)
    watch(meter, finger, 0.32)
    assert [frame[0] for frame in _frames(meter)] == [0, 10, 20, 30]
    watch(meter, finger, 1)
    assert [frame[0] for frame in _frames(meter)] == [90, 100, 110, 120, 130]


def test_the_numbering_wraps_at_30_bits():
    pleth = Pleth()
    out = [0] * 11
    pleth.skip(S30 - 14)
    for expected in (S30 - 14, S30 - 4, 5, 15):
        for _ in range(FRAME):
            pleth.nothing(0)
        pleth.take(out, 0, 1)
        assert out[0] == expected
    pleth.skip(S30)
    assert pleth._index == 24


def test_taking_without_a_frame_writes_nothing():
    pleth = Pleth()
    out = [None] * 11
    pleth.take(out, 0, 1)
    assert out == [None] * 11
