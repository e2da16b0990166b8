"""SpO2 from the AC and DC of both channels: the curve, the ratio, and which seconds are believed."""

import math

from vitals.saturation import Saturation, check_curve, ratio_of_ratios, spo2_of
from vitals_waves import CURVE, Noise


def _second(saturation, ratio, red_noise=0.0, noise=None, clean=True, size=20_000):
    """One second of a wave at DC 300 000 (red) and 400 000 (infrared) with R = ratio."""
    for n in range(25):
        wave = math.sin(n * 0.36) * size
        red = 0.75 * (ratio * wave + (red_noise * size * noise.next() if noise else 0))
        saturation.step(int(red), int(wave), 300_000, 400_000)
    saturation.close(clean)


def test_the_curve_is_that_of_its_coefficients():
    for r in (400, 500, 600, 800, 1000, 1200, 1600):
        assert spo2_of(CURVE, r) == 1100 - r // 4
    reference = (94_845, 30_354, -45_060)  # -45.060 R^2 + 30.354 R + 94.845
    for r, spo2 in ((400, 998), (500, 988), (600, 968), (800, 903), (1000, 801), (1200, 664)):
        assert abs(spo2_of(reference, r) - spo2) <= 1


def test_the_curve_is_held_within_0_and_100_and_refuses_the_implausible():
    assert spo2_of(CURVE, 390) == 1000
    assert spo2_of(CURVE, 4000) == 100
    assert spo2_of((94_845, 30_354, -45_060), 4000) == 0
    assert spo2_of(CURVE, 200) == -1


def test_a_curve_that_30_bits_cannot_hold_is_refused():
    for bad in ((110_000, -25_000), (110_000, -250_001, 0), (600_000, 0, 0), (0, 50_001, 50_000), (1, 2, 3, 4)):
        try:
            check_curve(bad)
        except ValueError:
            continue
        raise AssertionError(bad)
    assert check_curve([110_000, -25_000, 0]) == CURVE


def test_the_ratio_is_within_a_thousandth_over_its_whole_range():
    noise = Noise(7)
    for _ in range(500):
        red_dc = int(10 ** (5.3 + abs(noise.next())))
        ir_dc = int(10 ** (5.3 + abs(noise.next())))
        ir_ac = int(ir_dc * 0.02)
        want = 0.3 + 1.7 * (abs(noise.next()) % 1)
        red_ac = int(red_dc * 0.02 * want)
        true = red_ac * ir_dc / (red_dc * ir_ac)
        assert abs(ratio_of_ratios(red_ac, red_dc, ir_ac, ir_dc) - 1000 * true) <= 1 + true


def test_the_ratio_ends_at_4_and_never_divides_by_nothing():
    assert ratio_of_ratios(100_000, 300_000, 0, 400_000) == 4000
    assert ratio_of_ratios(0, 300_000, 0, 400_000) == 4000
    assert ratio_of_ratios(0, 300_000, 10_000, 400_000) == 0
    assert ratio_of_ratios((1 << 30) - 1, 16_000, 16_000, (1 << 30) - 1) == 4000
    assert ratio_of_ratios(16_000, (1 << 30) - 1, (1 << 30) - 1, 16_000) == 0


def test_four_clean_seconds_make_a_number():
    saturation = Saturation(CURVE)
    _second(saturation, 0.5, clean=False)
    for _ in range(3):
        _second(saturation, 0.5)
        saturation.estimate()
        assert not saturation.known and not saturation.agreed and saturation.spo2 == 0
    _second(saturation, 0.5)
    saturation.estimate()
    assert saturation.known and saturation.agreed
    assert abs(saturation.r - 500) <= 1 and abs(saturation.spo2 - 975) <= 1
    assert saturation.error == 0 and saturation.dc == 400_000 and saturation.steady == 4


def test_seconds_of_motion_are_left_out():
    saturation = Saturation(CURVE)
    for ratio in (0.5, 0.5, 1.0, 0.5, 1.0, 1.1, 0.5):
        _second(saturation, ratio, size=60_000 if ratio >= 1 else 20_000)
    saturation.estimate()
    assert saturation.agreed and abs(saturation.spo2 - 975) <= 1
    _second(saturation, 1.3)
    _second(saturation, 0.8)
    saturation.estimate()
    assert not saturation.agreed, "three seconds that are not the newest are not enough"


def test_a_new_saturation_is_believed_after_four_seconds_and_never_mixed_with_the_old():
    for between in ((), (0.8,)):  # the change may fall on a second's end or not
        saturation = Saturation(CURVE)
        for _ in range(7):
            _second(saturation, 0.5)
        for ratio in between + (1.2,) * 5:
            _second(saturation, ratio)
            saturation.estimate()
            assert saturation.agreed
            assert min(abs(saturation.spo2 - 975), abs(saturation.spo2 - 800)) <= 1
        assert abs(saturation.spo2 - 800) <= 1


def test_a_steadily_falling_saturation_is_followed():
    saturation = Saturation(CURVE)
    for _ in range(7):
        _second(saturation, 0.5)
    for step in range(1, 20):  # 2 % per second
        _second(saturation, 0.5 + 0.08 * step)
        saturation.estimate()
        assert saturation.agreed and abs(saturation.spo2 - (975 - 20 * step)) <= 80


def test_noise_in_red_is_an_error_that_may_be_and_leaves_the_ratio():
    saturation = Saturation(CURVE)
    noise = Noise(3)
    for _ in range(7):
        _second(saturation, 0.6, red_noise=0.3, noise=noise)
    saturation.estimate()
    assert saturation.agreed and abs(saturation.r - 600) <= 40
    assert saturation.error > 5


def test_a_second_with_more_beside_the_pulse_than_this_finger_usually_has_is_not_quiet():
    saturation = Saturation(CURVE)
    for _ in range(7):
        _second(saturation, 0.6)
        saturation.estimate()
    saturation.learn()
    assert saturation.quiet == 7
    for quiet, noise in ((0, 0.15), (1, 0.0), (2, 0.0)):
        _second(saturation, 0.6, red_noise=noise, noise=Noise(3))
        saturation.estimate()
        assert saturation.quiet == quiet and saturation.agreed


def test_red_against_infrared_gives_no_number():
    saturation = Saturation(CURVE)
    for _ in range(7):
        _second(saturation, -0.5)
    saturation.estimate()
    assert saturation.known and not saturation.agreed and saturation.spo2 == 0


def test_what_moves_with_another_ratio_is_told_as_the_error_that_it_makes():
    """A pulse of R 0.6, and tissue of R 1 that is in no step with it: by how much is R off?"""
    for part in (0.3, 0.5, 0.8):
        saturation = Saturation(CURVE)
        for n in range(7 * 25):
            pulse = 20_000 * math.sin(2 * math.pi * 1.2 * n / 25)
            tissue = 20_000 * part * math.sin(2 * math.pi * 0.8 * n / 25)
            saturation.step(int(0.6 * pulse + tissue), int(pulse + tissue), 400_000, 400_000)
            if n % 25 == 24:
                saturation.close(True)
        saturation.estimate()
        assert saturation.agreed
        off = abs(saturation.spo2 - 950)
        assert off // 6 <= saturation.error <= 3 * off + 10, (part, off, saturation.error)


def test_the_newest_second_alone_is_enough_to_doubt():
    saturation = Saturation(CURVE)
    noise = Noise(3)
    for _ in range(6):
        _second(saturation, 0.6)
    saturation.estimate()
    assert saturation.error == 0
    _second(saturation, 0.6, red_noise=0.4, noise=noise)
    saturation.estimate()
    assert not saturation.steady or saturation.error > 10


def test_steady_counts_the_newest_seconds_of_one_ratio():
    saturation = Saturation(CURVE)
    for ratio in (0.5, 0.5, 0.9, 0.5, 0.5, 0.5):
        _second(saturation, ratio)
    saturation.estimate()
    assert saturation.agreed and saturation.steady == 3
    _second(saturation, 0.9)
    saturation.estimate()
    assert saturation.agreed and saturation.steady == 0 and abs(saturation.spo2 - 975) <= 1
