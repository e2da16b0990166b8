"""The heart rate: within 2 a minute when it is good, and a reason when it is not there."""

from array import array

import micropython

from assuage_wire.schema import NONE16, SIGNALS
from heart_waves import MV, Chest, watch
from vitals.heart import Heart


def _names(seen):
    """Signals in the order of their coming."""
    names = []
    for signal, number in seen:
        name = SIGNALS[signal]
        assert (number != NONE16) == (name in ("ok", "irregular")), name
        if not names or names[-1] != name:
            names.append(name)
    return names


def _errors(seen, bpm):
    return [abs(number / 10 - bpm) for signal, number in seen if SIGNALS[signal] == "ok"]


def _shown(bpm=72):
    meter, chest = Heart(), Chest(bpm)
    assert _names(watch(meter, chest, 12))[-1] == "ok"
    return meter, chest


def test_nothing_is_known_before_the_first_sample():
    meter = Heart()
    assert meter.heart == NONE16 and SIGNALS[meter.signal] == "sensor-lost" and meter.count == 0


def test_every_rate_from_30_to_220_is_read_within_one():
    for bpm in (30, 45, 60, 72, 100, 140, 180, 220):
        seen = watch(Heart(), Chest(bpm), 14)
        errors = _errors(seen, bpm)
        assert len(errors) >= 4 and max(errors) <= 1, bpm
        assert _names(seen) == ["settling", "ok"]


def test_small_tall_and_inverted_complexes_are_read():
    for mv in (0.5, -1.0, 1.4):
        errors = _errors(watch(Heart(), Chest(72, mv), 12), 72)
        assert errors and max(errors) <= 1


def test_wide_complexes_are_read():
    errors = _errors(watch(Heart(), Chest(80, width=2.5), 12), 80)
    assert errors and max(errors) <= 1


def test_tall_t_waves_are_no_beats():
    for t in (0.8, -0.8, 1.2):
        for bpm in (50, 72, 100):
            errors = _errors(watch(Heart(), Chest(bpm, t=t), 20), bpm)
            assert errors and max(errors) <= 1, (t, bpm)


def test_hum_of_either_mains_is_nothing():
    for hz in (50, 60):
        chest = Chest(72)
        chest.hum = MV // 2
        chest.hum_hz = hz
        errors = _errors(watch(Heart(), chest, 12), 72)
        assert errors and max(errors) <= 1


def test_a_pacemakers_spikes_are_not_counted():
    chest = Chest(70)
    chest.spike = 1.4
    errors = _errors(watch(Heart(), chest, 14), 70)
    assert errors and max(errors) <= 1


def test_spikes_without_a_heart_are_no_pulse():
    chest = Chest(70, mv=0.001)
    chest.spike = 1.3
    names = _names(watch(Heart(), chest, 12))
    assert names == ["settling", "no-pulse"]


def test_asystole_is_told_within_five_seconds_and_is_not_a_lead_that_is_off():
    meter, chest = _shown()
    chest.bpm = 0
    names = _names(watch(meter, chest, 6))
    assert names[-1] == "no-pulse" and "lead-off" not in names
    chest.bpm = 72
    names = _names(watch(meter, chest, 12))
    assert names[-1] == "ok"


def test_a_lead_that_is_off_is_told_at_once_and_settles_anew():
    meter, chest = _shown()
    meter.leads(True)
    assert meter.heart == NONE16 and SIGNALS[meter.signal] == "lead-off"
    assert _names(watch(meter, chest, 3)) == ["lead-off"], "whatever comes"
    meter.leads(False)
    assert _names(watch(meter, chest, 12)) == ["settling", "ok"]
    meter.leads(False)
    assert SIGNALS[meter.signal] == "ok"


def test_no_samples_are_told_by_who_knows():
    meter, chest = _shown()
    meter.lost()
    assert meter.heart == NONE16 and SIGNALS[meter.signal] == "sensor-lost"
    assert _names(watch(meter, chest, 12)) == ["settling", "ok"]


def test_an_amplifier_at_its_rail_is_told():
    for rail in (0, 4095):
        meter, _chest = _shown()
        stuck = array("H", [rail] * 25)
        for _ in range(3):
            meter.take(stuck, 25)
        assert SIGNALS[meter.signal] == "saturated" and meter.heart == NONE16


def test_a_signal_that_does_not_move_is_no_asystole():
    meter, _chest = _shown()
    stuck = array("H", [2050] * 25)
    for _ in range(35):
        meter.take(stuck, 25)
    assert SIGNALS[meter.signal] == "flat"


def test_muscle_noise_is_no_heart():
    meter = Heart()
    chest = Chest(0, noise=400)
    assert "ok" not in _names(watch(meter, chest, 30))


def test_an_irregular_rhythm_is_marked_and_its_mean_is_told():
    chest = Chest(90)
    chest.intervals = (0.7, 1.3, 0.9, 1.4, 0.6, 1.1)
    seen = watch(Heart(), chest, 20)
    assert _names(seen)[-1] == "irregular"
    for _, number in seen[12:]:
        assert abs(number / 10 - 90) <= 10


def test_an_early_beat_makes_no_wrong_number():
    chest = Chest(75)
    chest.intervals = (1.0,) * 12 + (0.6, 1.4)
    errors = _errors(watch(Heart(), chest, 40), 75)
    assert max(errors) <= 2


def test_a_new_rate_is_followed_and_none_in_between_is_good():
    meter, chest = _shown(60)
    chest.bpm = 120
    seen = watch(meter, chest, 14)
    for number in (number / 10 for signal, number in seen if SIGNALS[signal] == "ok"):
        assert abs(number - 60) <= 2 or abs(number - 120) <= 2
    assert abs(seen[-1][1] / 10 - 120) <= 1


def test_the_count_tells_determinations_from_fresh_beats_only():
    meter, chest = _shown(60)
    before = meter.count
    watch(meter, chest, 10)
    assert before + 9 <= meter.count <= before + 10
    chest.bpm = 0
    watch(meter, chest, 1)
    held = meter.count
    watch(meter, chest, 8)
    assert held <= meter.count <= held + 1
    meter.count = (1 << 30) - 1
    chest.bpm = 60
    watch(meter, chest, 12)
    assert meter.count < 15, "it stays a small integer"


def test_lost_samples_make_no_interval():
    meter, chest = _shown()
    for _ in range(110):
        chest.next()
    meter.gap()
    errors = _errors(watch(meter, chest, 10), 72)
    assert max(errors) <= 1


def test_blocks_of_any_size_bring_the_same():
    numbers = []
    for size in (1, 7, 25, 64):
        meter, chest = Heart(), Chest(72)
        buffer = array("H", [0] * size)
        for _ in range(3000 // size):
            for i in range(size):
                buffer[i] = chest.next()
            meter.take(buffer, size)
        numbers.append(meter.heart)
    assert min(numbers) == max(numbers) != NONE16


def test_a_sample_allocates_nothing():
    chest = Chest(75, noise=10)
    record = array("H", [0] * 1000)  # 4 s, five beats: it can be repeated without a seam
    for i in range(1000):
        record[i] = chest.next()
    noise = array("H", [0] * 100)
    shaking = Chest(0, noise=500)
    for i in range(100):
        noise[i] = shaking.next()
    rail = array("H", [4095] * 100)
    flat = array("H", [2000] * 100)
    meter = Heart()
    seen = bytearray(len(SIGNALS))
    micropython.heap_lock()
    try:
        for n in range(40):
            if n == 10:
                meter.leads(True)
            elif n == 11:
                seen[meter.signal] = 1
                meter.leads(False)
            elif n == 20:
                meter.gap()
            elif n == 39:
                meter.lost()
                seen[meter.signal] = 1
                break
            if n in (13, 14, 15):
                for _ in range(10):
                    meter.take(noise, 100)
            elif n in (23, 24):
                meter.take(rail, 100)
                seen[meter.signal] = 1
            elif 28 <= n < 32:
                for _ in range(10):
                    meter.take(flat, 100)
            else:
                meter.take(record, 1000)
            seen[meter.signal] = 1
    finally:
        micropython.heap_unlock()
    for name in ("ok", "settling", "noise", "saturated", "flat", "lead-off", "sensor-lost"):
        assert seen[SIGNALS.index(name)], "never was " + name


def test_after_a_pause_of_more_than_three_seconds_the_rate_is_found_anew():
    meter, chest = _shown(60)
    chest.bpm = 0
    watch(meter, chest, 2)
    chest.bpm = 60
    seen = watch(meter, chest, 14)
    withheld = [n for n in range(14) if seen[n][1] == NONE16]
    assert len(withheld) >= 3 and seen[-1][1] != NONE16
