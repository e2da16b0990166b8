"""Beats and pulse rate from levels, 25 a second: the right rate, each beat once, and no rate where there is none."""

from vitals.beats import Beats
from vitals_waves import THREE, TWO, Noise, table

HEIGHT = 8_000  # of a pulse: 2 % of a level of 400 000


class Wave:
    """Feeds a Beats with a pulse of `bpm`, `shape` and height on a level that drifts by `slope` per second."""

    def __init__(self, bpm, shape=TWO, height=HEIGHT, noise=0, slope=0, phase=0.0, seed=1):
        self.beats = Beats()
        self.beats.floor = 200
        self.bpm = bpm
        self.height = height
        self._table = table(shape)
        self._noise = Noise(seed)
        self._deviation = noise
        self._slope = slope / 25
        self._phase = phase
        self._level = -400_000.0

    def run(self, seconds, height=None):
        """The rate in /min after `seconds`, 0 for none."""
        height = self.height if height is None else height
        for _ in range(int(seconds * 25)):
            wave = self._table[int(self._phase * len(self._table))] * height
            self.beats.step(int(self._level + wave + self._deviation * self._noise.next()))
            self._phase = (self._phase + self.bpm / 1500) % 1
            self._level += self._slope
        self.beats.estimate()
        return self.beats.pulse / 10


def test_the_rate_is_right_from_30_to_220():
    for bpm in (30, 36, 40, 55, 72, 101, 140, 180, 199, 220):
        for shape in (TWO, THREE):
            for phase in (0.0, 0.35, 0.7):
                wave = Wave(bpm, shape, noise=40, phase=phase)
                assert abs(wave.run(12) - bpm) <= 0.5, (bpm, wave.beats.pulse)
                assert wave.beats.regular == 100 and wave.beats.even == 100


def test_the_height_is_from_trough_to_peak_also_while_the_level_drifts():
    for slope in (0, 4_000, -4_000):
        wave = Wave(60, slope=slope)
        wave.run(10)
        assert abs(wave.beats.height - HEIGHT) <= HEIGHT // 10


def test_a_dicrotic_wave_is_no_beat_also_when_it_comes_first():
    for tenth in range(10):
        wave = Wave(45, ((1.0, 0.17, 0.06), (0.5, 0.45, 0.08)), phase=tenth / 10)
        assert abs(wave.run(12) - 45) <= 0.5


def test_noise_before_the_first_beat_is_forgotten():
    for bpm in (30, 50, 120):
        for seed in range(5):
            wave = Wave(bpm, THREE, noise=30, seed=seed)
            wave.beats.floor = 2
            wave.run(5, height=0)
            assert wave.beats._known > 3, "noise was meant to be taken for beats"
            assert abs(wave.run(10) - bpm) <= 0.5


def test_a_rate_needs_three_seconds_of_beats():
    wave = Wave(75)
    assert wave.run(2) == 0
    assert abs(wave.run(3) - 75) <= 1


def test_without_beats_the_rate_ends_after_three_seconds():
    wave = Wave(75)
    wave.run(10)
    wave.run(4.5, height=0)
    assert wave.beats.pulse == 0 and wave.beats.silent


def test_one_missing_beat_and_one_extra_do_not_move_the_rate():
    wave = Wave(75)
    wave.run(8)
    wave.run(0.8, height=0)
    assert abs(wave.run(1.6) - 75) <= 0.5
    assert wave.beats.regular < 100
    wave.run(8)
    for level in (-403_000, -395_000, -396_000, -404_000):  # a knock
        wave.beats.step(level)
    wave._phase = (wave._phase + 4 * wave.bpm / 1500) % 1
    assert abs(wave.run(2.4) - 75) <= 0.5


def test_a_gap_makes_no_interval():
    wave = Wave(75)
    wave.run(8)
    for _ in range(3):
        wave.beats.gap()
        wave._phase = (wave._phase + 0.4) % 1
        assert abs(wave.run(2.5) - 75) <= 0.5
        assert wave.beats.regular == 100


def test_the_rate_follows_within_eight_seconds():
    for before, after in ((60, 120), (180, 40), (40, 180), (120, 50)):
        for shape in (TWO, THREE):
            wave = Wave(before, shape)
            wave.run(12)
            wave.bpm = after
            assert abs(wave.run(8) - after) <= 1, (before, after, wave.beats.pulse)


def test_the_threshold_follows_a_pulse_that_shrinks_and_grows():
    wave = Wave(80)
    wave.run(8)
    wave.height = HEIGHT // 8
    assert abs(wave.run(10) - 80) <= 1
    wave.height = HEIGHT * 2
    assert abs(wave.run(8) - 80) <= 1


def test_a_flat_level_has_no_beats():
    beats = Beats()
    for _ in range(500):
        beats.step(-400_000)
    beats.estimate()
    assert (beats.pulse, beats.height, beats.regular, beats.even) == (0, 0, 0, 0)


def test_hours_of_silence_do_not_overflow_a_counter():
    beats = Beats()
    beats.step(-400_000)
    for name in ("_since", "_clock"):
        assert getattr(beats, name) >= 0
    for _ in range(1000):
        beats.step(-400_000)
    assert beats._since << 9 < 1 << 20
    beats._clock = 0x1FFFFFFF
    beats.step(-400_000)
    assert beats._clock == 0
