"""The oximeter as the app uses it: numbers that are right, and no number, with the reason, where one might be wrong."""

from assuage_wire.schema import NONE16, SIGNALS
from vitals.oximeter import Oximeter
from vitals_waves import CURVE, THREE, TWO, Finger, Noise, watch

FULL_SCALE = 0x3FFFF


def _signal(meter):
    return SIGNALS[meter.signal]


def _numbers(meter):
    return meter.spo2 != NONE16 or meter.pulse != NONE16


def _settled(finger, seconds=10):
    meter = Oximeter(CURVE)
    watch(meter, finger, seconds)
    assert _signal(meter) == "ok"
    return meter


def _hold(meter, red, ir, seconds):
    for _ in range(int(seconds * 100)):
        meter.sample(red, ir)


def test_saturation_within_1_and_pulse_within_1_over_the_required_range():
    for bpm, spo2, perfusion, levels in (
        (40, 70, 0.5, (20_000, 20_000)),
        (40, 100, 10, (200_000, 100_000)),
        (72, 97, 2, (80_000, 100_000)),
        (110, 85, 0.5, (200_000, 200_000)),
        (180, 70, 10, (20_000, 150_000)),
        (180, 92, 1, (60_000, 20_000)),
    ):
        for shape in (TWO, THREE):
            # 35 dB below the pulse's own size in infrared
            noise = levels[1] * perfusion / 100 * 0.3 * 0.018
            meter = _settled(Finger(bpm, spo2, perfusion, shape, levels, noise), 12)
            assert abs(meter.spo2 - 10 * spo2) <= 10, (bpm, spo2, meter.spo2)
            assert abs(meter.pulse - 10 * bpm) <= 10, (bpm, meter.pulse)
            assert abs(meter.perfusion - 100 * perfusion) <= 20 * perfusion, (perfusion, meter.perfusion)
            assert meter.quality >= 85


def test_the_first_numbers_come_within_eight_seconds_and_are_right():
    for bpm in (40, 60, 90, 180):
        for seed in range(4):
            meter, finger = Oximeter(CURVE), Finger(bpm, 93, seed=seed)
            seconds = 0
            while _signal(meter) != "ok":
                assert _signal(meter) == "settling" and not _numbers(meter)
                assert seconds < 8, bpm
                watch(meter, finger, 1)
                seconds += 1
            assert abs(meter.spo2 - 930) <= 10 and abs(meter.pulse - 10 * bpm) <= 15


def test_a_new_saturation_is_shown_within_six_seconds_without_values_in_between():
    finger = Finger(spo2=97)
    meter = _settled(finger)
    finger.spo2 = 80
    for _ in range(6):
        watch(meter, finger, 1)
        assert min(abs(meter.spo2 - 970), abs(meter.spo2 - 800)) <= 10
    assert abs(meter.spo2 - 800) <= 10


def test_a_new_pulse_is_shown_within_ten_seconds():
    for before, after in ((60, 150), (150, 60), (180, 40)):
        finger = Finger(before)
        meter = _settled(finger)
        finger.bpm = after
        watch(meter, finger, 10)
        assert abs(meter.pulse - 10 * after) <= 10, (before, after, meter.pulse)


def test_wander_of_a_tenth_of_the_light_does_not_disturb():
    meter = _settled(Finger(66, 82, 2, wander=5), 20)  # to each side
    assert abs(meter.spo2 - 820) <= 10 and abs(meter.pulse - 660) <= 10


def test_a_removed_probe_takes_the_numbers_away_at_once():
    for dark in (0, 60, 128):
        meter = _settled(Finger())
        _hold(meter, dark, dark, 0.12)
        assert _signal(meter) == "probe-off" and not _numbers(meter) and meter.perfusion == NONE16
        _hold(meter, dark, dark, 20)
        assert _signal(meter) == "probe-off" and not _numbers(meter)


def test_a_dark_red_channel_alone_is_no_finger():
    meter = _settled(Finger())
    _hold(meter, 50, 100_000, 0.12)
    assert _signal(meter) == "probe-off" and not _numbers(meter)


def test_a_probe_put_on_again_settles_first():
    meter = _settled(Finger())
    _hold(meter, 60, 60, 5)
    finger = Finger(50, 88, levels=(50_000, 90_000))
    watch(meter, finger, 0.2)
    assert _signal(meter) == "settling"
    for _ in range(8):
        watch(meter, finger, 1)
        assert not _numbers(meter) or (abs(meter.spo2 - 880) <= 10 and abs(meter.pulse - 500) <= 15)
    assert _signal(meter) == "ok"


def test_a_flat_line_never_gives_a_number_and_ends_as_flat_or_as_no_probe():
    noise = Noise(5)
    for level, deviation in ((20_000, 0), (100_000, 0), (100_000, 3), (200_000, 6), (5_100, 1)):
        meter = Oximeter(CURVE)
        for _ in range(15):
            for _ in range(100):
                meter.sample(int(level + deviation * noise.next()), int(level + deviation * noise.next()))
            assert not _numbers(meter)
        assert _signal(meter) in ("probe-off", "flat", "no-pulse")


def test_noise_that_the_channels_do_not_share_never_gives_a_number():
    for seed in range(6):
        noise, meter = Noise(seed), Oximeter(CURVE)
        for _ in range(30):
            for _ in range(100):
                meter.sample(int(100_000 + 400 * noise.next()), int(100_000 + 400 * noise.next()))
            assert not _numbers(meter)


def test_a_pulse_that_stops_takes_the_rate_away_within_four_seconds():
    finger = Finger(72, 97, 2, noise=3)
    meter = _settled(finger)
    finger.perfusion = 0
    watch(meter, finger, 4.5)
    assert _signal(meter) == "low-perfusion" and not _numbers(meter)
    watch(meter, finger, 5)
    assert _signal(meter) == "no-pulse"
    finger.perfusion = 2
    watch(meter, finger, 12)
    assert _signal(meter) == "ok" and abs(meter.pulse - 720) <= 10


def test_low_perfusion_is_told_with_its_index_and_without_numbers():
    finger = Finger(72, 97, 0.15, noise=1)
    meter = Oximeter(CURVE)
    watch(meter, finger, 15)
    assert _signal(meter) == "low-perfusion" and not _numbers(meter)
    assert 10 <= meter.perfusion <= 20
    finger.perfusion = 0.5
    watch(meter, finger, 10)
    assert _signal(meter) == "ok"


def test_one_saturated_sample_takes_the_numbers_away_and_they_return():
    for red, ir in ((FULL_SCALE, 100_000), (80_000, FULL_SCALE), (80_000, 0x3FFF8)):
        finger = Finger()
        meter = _settled(finger)
        meter.sample(red, ir)
        assert _signal(meter) == "saturated" and not _numbers(meter)
        watch(meter, finger, 1.9)
        assert _signal(meter) == "saturated"
        watch(meter, finger, 9)
        assert _signal(meter) == "ok" and abs(meter.spo2 - 970) <= 10


def test_permanent_saturation_stays_saturated():
    meter = Oximeter(CURVE)
    _hold(meter, FULL_SCALE, FULL_SCALE, 10)
    assert _signal(meter) == "saturated" and not _numbers(meter)


def test_one_spoilt_sample_is_bridged():
    for red, ir in ((0, 0), (250_000, 250_000), (0, 250_000)):
        finger = Finger(75, 90)
        meter = _settled(finger)
        meter.sample(red, ir)
        for _ in range(8):
            watch(meter, finger, 1)
            assert _signal(meter) == "ok"
            assert abs(meter.spo2 - 900) <= 10 and abs(meter.pulse - 750) <= 10


def test_a_jump_of_the_light_is_motion_until_it_has_settled():
    finger = Finger(75, 90)
    meter = _settled(finger)
    finger.levels = (60_000, 140_000)
    watch(meter, finger, 0.2)
    assert _signal(meter) == "motion" and not _numbers(meter)
    watch(meter, finger, 8)
    assert _signal(meter) == "ok" and abs(meter.spo2 - 900) <= 10


def test_shaking_is_motion_and_no_number():
    noise = Noise(9)
    finger = Finger(75, 90, 1)
    meter = _settled(finger)
    drift = 0
    for n in range(800):
        finger.next()
        drift = drift * 0.9 + 3_000 * noise.next()
        meter.sample(max(0, int(finger.red + drift)), max(0, int(finger.ir + 1.3 * drift)))
        if n > 500:
            assert not _numbers(meter)
    assert _signal(meter) == "motion"
    watch(meter, finger, 10)
    assert _signal(meter) == "ok" and abs(meter.spo2 - 900) <= 10 and abs(meter.pulse - 750) <= 10


def test_lost_samples_do_not_disturb_the_numbers():
    finger = Finger(75, 90)
    meter = _settled(finger)
    for lost in (1, 3, 31, 7, 2):
        for _ in range(lost):
            finger.next()
        meter.gap(lost)
        for _ in range(4):
            watch(meter, finger, 1)
            assert _signal(meter) == "ok"
            assert abs(meter.spo2 - 900) <= 10 and abs(meter.pulse - 750) <= 10


def test_a_lost_sensor_is_told_at_once_and_begins_anew():
    finger = Finger()
    meter = _settled(finger)
    meter.lost()
    assert _signal(meter) == "sensor-lost" and not _numbers(meter)
    meter.lost()
    assert _signal(meter) == "sensor-lost"
    watch(meter, finger, 0.1)
    assert _signal(meter) == "settling"
    watch(meter, finger, 8)
    assert _signal(meter) == "ok"


def test_a_curve_of_another_sensor_is_used():
    reference = (94_845, 30_354, -45_060)
    meter = Oximeter(reference)
    watch(meter, Finger(spo2=85), 10)  # R = 1
    assert abs(meter.spo2 - 801) <= 10


def test_an_implausible_ratio_gives_no_number():
    meter = Oximeter(CURVE)
    watch(meter, Finger(spo2=106), 15)  # R = 0.16, as from a red LED that hardly shines
    assert not _numbers(meter)


def test_another_sample_rate_or_a_bad_curve_is_refused():
    for arguments in ((CURVE, 50), ((1, 2), 100), ((110_000, -2_500_000, 0), 100)):
        try:
            Oximeter(*arguments)
        except ValueError:
            continue
        raise AssertionError(arguments)


def test_what_is_wrong_with_the_light_is_said_by_its_name():
    meter = _settled(Finger())
    assert _signal(meter) == "ok"
    _hold(meter, 80_000, 100_000, 1.2)
    assert _signal(meter) == "flat" and not _numbers(meter)
    meter.bright()
    assert _signal(meter) == "ambient-light" and not _numbers(meter)
    meter.sample(FULL_SCALE, FULL_SCALE)
    assert _signal(meter) == "ambient-light", "which is why it is saturated"
    _hold(meter, 50, 50, 3)
    assert _signal(meter) == "probe-off"
    meter.lost()
    assert _signal(meter) == "sensor-lost"


def test_too_much_light_takes_the_numbers_away_at_once_and_they_return():
    finger = Finger()
    meter = _settled(finger)
    meter.bright()
    assert not _numbers(meter)
    watch(meter, finger, 1.9)
    assert _signal(meter) == "ambient-light"
    watch(meter, finger, 9)
    assert _signal(meter) == "ok" and abs(meter.spo2 - 970) <= 10


def test_a_still_light_that_is_not_stuck_has_no_pulse():
    noise = Noise(5)
    meter = Oximeter(CURVE)
    for _ in range(1000):
        meter.sample(int(100_000 + 3 * noise.next()), int(100_000 + 3 * noise.next()))
    assert _signal(meter) == "no-pulse"


def test_a_saturation_that_no_sensor_is_calibrated_for_is_implausible():
    meter = Oximeter(CURVE)
    watch(meter, Finger(spo2=40), 12)
    assert _signal(meter) == "implausible" and not _numbers(meter)


def test_the_count_rises_by_one_a_second_while_there_are_numbers_and_stands_while_there_are_none():
    finger = Finger()
    meter = _settled(finger)
    before = meter.count
    watch(meter, finger, 5)
    assert meter.count == before + 5
    meter.lost()
    watch(meter, finger, 3)
    assert meter.count == before + 5
    meter.count = (1 << 30) - 1
    watch(meter, finger, 6)
    assert 0 <= meter.count < 10, "it wraps at 30 bits"


def test_a_pulse_of_another_strength_rate_and_ratio_is_not_believed_at_once():
    """As a hand that shakes regularly: much stronger than the pulse before, with a ratio of 1."""
    finger = Finger(72, 97, 1)
    meter = _settled(finger)
    finger.bpm, finger.spo2, finger.perfusion = 100, 85, 8
    for _ in range(30):
        watch(meter, finger, 1)
        assert not _numbers(meter) or abs(meter.spo2 - 970) <= 10
    watch(meter, finger, 45)
    assert _signal(meter) == "ok" and abs(meter.spo2 - 850) <= 10, "but in the end it is"
