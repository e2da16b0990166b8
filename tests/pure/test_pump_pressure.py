"""Pressure from force, and every alarm of it, on syringes that are ideal springs; tests/firmware has the real ones."""

import micropython

from assuage_wire.schema import NONE32
from pump.pressure import CLEAR, DROP, DROP_PA, LEVEL, LEVELS, SIZES, SLOPE, Pressure, mmhg_of, pa_of, size_of

BD50 = 26_700
AREA = 559.902  # mm2 of it: pi/4 * 26.7^2
FLOW = 16_667  # nL/min: 1 mL/h


def made(bore=BD50, level=300):
    p = Pressure()
    assert p.prepare(bore, level)
    p.begin()
    return p


class Line:
    """A syringe whose pressure, Pa, is set from outside; friction in mN."""

    def __init__(self, level=300, friction=6000, flow=FLOW):
        self.p = made(BD50, level)
        self.friction = friction
        self.flow = flow
        self.pa = 0
        self.volume = 0  # nL * 60

    def mn(self):
        return self.friction + round(self.pa * AREA / 1000)

    def second(self):
        before = self.volume // 60
        self.volume += self.flow
        return self.p.look(1000, self.mn(), self.volume // 60 - before, self.flow)

    def run(self, seconds):
        for _ in range(seconds):
            why = self.second()
            if why:
                return why
        return CLEAR

    def occluded(self, c_nl_kpa, seconds):
        """Seconds until it says something, and what; the pressure rises with each nL."""
        start = self.pa
        begin = self.volume
        for i in range(seconds):
            self.pa = start + (self.volume - begin) * 1000 // 60 // c_nl_kpa
            why = self.second()
            if why:
                return i, why
        return seconds, CLEAR


def running(level=300, flow=FLOW):
    line = Line(level, flow=flow)
    assert line.run(60 * FLOW // flow * 5 + 10) == CLEAR
    assert line.p.learned
    return line


def test_mmhg_are_pa():
    # 1 mmHg is 133.322 Pa
    for mmhg, pa in ((0, 0), (1, 133), (50, 6_666), (300, 39_997), (760, 101_325), (900, 119_990)):
        assert pa_of(mmhg) == pa
        assert mmhg_of(pa) == mmhg
    assert mmhg_of(-39_997) == -300


def test_force_over_area_is_pressure_within_its_stated_error():
    for bore, area in ((4_670, 17.1287), (14_500, 165.1300), (BD50, AREA), (29_700, 692.7919)):
        p = made(bore, 900)
        p._base = 0
        p.learned = True
        for mn in (100, 1_000, 20_000):
            p.look(1000, mn, 0, 0)
            if mn * 1000 / area < 1 << 20:
                assert abs(p.pa - mn * 1000 / area) <= 0.0004 * mn * 1000 / area + 1, (bore, mn)


def test_friction_is_no_pressure_while_it_is_learned_nor_afterwards():
    for friction in (2_000, 6_000, 10_000):
        line = Line(friction=friction)
        for _ in range(400):
            assert line.second() == CLEAR
            assert line.p.pa == 0 or line.p.learned
        assert line.p.learned and abs(line.p.pa) <= 10
        line.pa = 10_000
        line.second()
        assert abs(line.p.pa - 10_000) <= 20


def test_more_friction_than_any_such_syringe_has_is_pressure():
    line = Line(level=100, friction=10_500 + round(14_000 * AREA / 1000))
    assert line.second() == LEVEL
    assert abs(line.p.pa - 14_000) <= 20


def test_the_level_is_told_at_once_at_each_level():
    for mmhg in LEVELS:
        line = running(level=mmhg)
        line.pa = pa_of(mmhg) - 60
        assert line.second() == CLEAR
        line.pa = pa_of(mmhg) + 60
        assert line.second() == LEVEL


def test_levels_are_those_of_the_list_and_beyond_what_friction_hides():
    p = Pressure()
    for mmhg in (0, 49, 51, 299, 901, 1000):
        assert not p.prepare(BD50, mmhg)
    assert p.prepare(BD50, 50) and p.prepare(14_500, 100) and p.prepare(4_780, 900)
    # four times 0.3 N on 165 mm2 are 55 mmHg, four times 0.1 N on 17.9 mm2 are 167 mmHg
    assert not p.prepare(14_500, 50)
    assert not p.prepare(4_780, 150) and p.prepare(4_780, 200)


def test_sizes_are_found_by_bore():
    # makes differ: 50 mL have 26.64 to 29.7 mm, 30 mL 21.7 to 23.67, 20 mL 19.13 to 20.12, 10 mL 14.5 to 15.9
    for row, bores in enumerate(
        ((4_670, 4_780), (8_660, 9_650), (12_060, 13_000), (14_500, 15_900), (19_130, 20_120), (21_700, 23_670))
    ):
        for bore in bores:
            assert size_of(bore) is SIZES[row]
    assert size_of(26_640) is size_of(29_700) is SIZES[-1]
    assert SIZES[-1][1:3] == (9_000, 21_000)  # nL/kPa, Snijder 2015
    assert size_of(2_000_000) is SIZES[-1]


def test_a_total_occlusion_is_told_by_its_slope_long_before_its_level():
    for c, by_level in ((9_000, 1296), (15_000, 2160), (21_000, 3024)):  # 300 mmHg * C / Q, in s
        seconds, why = running().occluded(c, 3600)
        assert why == SLOPE
        assert seconds < 600 and seconds < by_level * 2 // 5


def test_volume_is_the_axis_so_the_delay_goes_with_one_over_flow():
    delays = [running(flow=flow).occluded(21_000, 20_000)[0] * flow for flow in (FLOW // 2, FLOW, FLOW * 5)]
    assert max(delays) * 100 < min(delays) * 110  # the slots' phase


def test_changes_of_flow_do_not_hide_an_occlusion():
    line = running()
    begin = line.volume
    for i in range(1200):
        line.flow = FLOW + FLOW // 10 * (i // 10 % 5)
        line.pa = (line.volume - begin) * 1000 // 60 // 21_000
        if line.second() == SLOPE:
            break
    assert (line.volume - begin) // 60 < 190_000  # each rise of flow has its allowance


def test_steps_of_half_a_metre_drift_and_ripple_are_no_occlusion():
    line = running()
    for hour in range(24):
        line.pa = (0, 4_933, 0, -4_933)[hour % 4]
        for minute in range(60):
            line.friction = 6_000 + 200 * (minute % 3) + 10 * hour  # 0.4 N of stick-slip, 10 mN an hour
            assert line.run(60) == CLEAR, hour


def test_a_slow_rise_and_its_return_never_add_up():
    line = running(level=900)
    for minute in range(60 * 12):
        up = minute % 120
        line.pa = 100 * min(up, 120 - up)  # an eighth of the slope of the softest syringe is 100 Pa a minute
        assert line.run(60) == CLEAR


def test_the_time_to_the_alarm_is_foreseen():
    line = running()
    assert line.p.seconds_left(FLOW) == NONE32
    begin = line.volume
    told = []
    for i in range(3600):
        line.pa = (line.volume - begin) * 1000 // 60 // 21_000
        told.append((i, line.p.seconds_left(FLOW)))
        if line.second():
            break
    for at, left in told[-200:]:
        assert abs(at + left - i) <= 60, (at, left, i)
    assert line.p.seconds_left(0) == NONE32


def test_the_level_may_be_the_nearer_one():
    line = running(level=50)
    for _ in range(4):
        line.pa += 1_200  # slower than a step, too quick for the slope's sum
        line.run(30)
    assert line.p.seconds_left(FLOW) < 120


def test_a_rise_of_flow_in_a_narrow_line_is_no_occlusion():
    line = running(level=900)
    for flow, pa in ((25 * FLOW, 6_400), (FLOW, 256), (100 * FLOW, 26_000), (FLOW, 256)):
        line.flow = flow
        start = line.pa
        for i in range(120):
            line.pa = start + (pa - start) * min(i, 20) // 20
            assert line.second() == CLEAR, (flow, i)


def test_what_has_risen_is_known_for_the_back_off():
    line = running()
    assert line.p.rose_nl() == 0
    begin = line.volume
    line.occluded(21_000, 3600)
    pumped = (line.volume - begin) // 60
    assert pumped * 9 // 10 <= line.p.rose_nl() <= pumped + 8_000
    line = running()
    line.pa = 45_000
    assert line.second() == LEVEL
    assert 0 < line.p.rose_nl() <= 8_000


def test_a_line_that_comes_off_is_told_where_there_was_pressure():
    line = running(level=900)
    assert not line.p.identifiable
    for pa in range(0, 15_000, 100):
        line.pa = pa
        assert line.run(60) == CLEAR
    line.run(120)
    assert line.p.identifiable
    line.pa = 0
    assert line.run(2) == DROP


def test_at_low_pressure_a_line_that_comes_off_is_not_identifiable_and_not_invented():
    line = running(level=900)
    for pa in range(0, DROP_PA, 100):
        line.pa = pa
        assert line.run(60) == CLEAR
    assert not line.p.identifiable
    line.pa = 0
    assert line.run(60) == CLEAR


def test_a_slow_fall_and_a_fall_of_flow_are_no_disconnection():
    line = running(level=900)
    for pa in list(range(0, 20_000, 100)) + list(range(20_000, -10_000, -100)):
        line.pa = pa
        assert line.run(60) == CLEAR
    line = running(level=900, flow=100 * FLOW)
    for pa in range(0, 26_000, 100):
        line.pa = pa
        assert line.run(3) == CLEAR
    line.flow = FLOW
    line.pa = 0
    assert line.run(200) == CLEAR


def test_after_a_pause_the_force_may_climb_back():
    line = running()
    line.p.resume()
    friction = line.friction
    for mn in range(3_000, friction, 20):  # the seal has crept: 5 Pa a nL, as if occluded
        line.friction = mn
        assert line.run(1) == CLEAR
    line.friction = friction
    assert line.run(300) == CLEAR
    assert line.occluded(21_000, 3600)[0] < 600  # and from then on it watches as before


def test_a_line_that_is_still_occluded_after_a_back_off_is_told_again():
    line = running()
    first, _ = line.occluded(21_000, 3600)
    for left in (5_000, 0, -3_000):
        line.pa = left  # the back-off has taken the rest
        line.p.resume()
        seconds, why = line.occluded(21_000, 3600)
        assert why == SLOPE
        assert seconds < first + 120 + max(0, -left) // 12  # 0.8 kPa a minute


def test_a_line_that_is_occluded_from_the_first_moment_is_told_too():
    line = Line(friction=0)
    line.pa = 0
    seconds, why = line.occluded(21_000, 4000)
    assert why == SLOPE and seconds < 40 * 60


def test_another_syringe_has_another_friction():
    line = running()
    line.friction = 9_000
    line.p.begin()
    assert not line.p.learned
    assert line.run(400) == CLEAR
    assert line.p.learned and abs(line.p.pa) <= 10


def test_one_sudden_step_is_no_occlusion_however_high():
    line = running(level=300)
    line.pa = 20_000
    assert line.run(1200) == CLEAR


def test_two_raises_with_rest_between_never_add_up():
    line = running()
    for _ in range(2):
        before = line.pa
        for second in range(360):  # as fast as an occlusion of 21 uL/kPa
            line.pa = before + 4_933 * second // 360
            assert line.second() == CLEAR
        assert line.run(600) == CLEAR


def test_nothing_is_said_of_a_pump_that_stands():
    line = running()
    for i in range(5000):
        assert line.p.look(1000, line.mn() + i % 7, 0, 0) == CLEAR


def test_nothing_is_allocated():
    line = running()
    p = line.p
    mn = line.mn()
    i = 0
    micropython.heap_lock()
    try:
        while i < 3000:
            p.look(1000, mn + i % 500, 278, FLOW + i // 100)
            p.seconds_left(FLOW)
            p.rose_nl()
            mmhg_of(p.pa)
            i += 1
        p.resume()
        p.begin()
    finally:
        micropython.heap_unlock()
