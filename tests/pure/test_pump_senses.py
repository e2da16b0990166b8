"""What the pump knows of its syringe: a force that counts only once it was tared without one."""

from pump.fitting import BARREL, FITTED, PLUNGER
from pump.force import GOOD, NO_READING, UNTARED
from pump.pressure import CLEAR
from pump.senses import Senses

DATA = {"bridge": (42_950, 1, 110_000), "switches": True}
LIMITS = {"max_syringe": 60_000_000}
ZERO = 20_000  # where the converter has landed: half a newton


def look(senses, ms, barrel, plunger, flange, code, stands=True, calibrations=1):
    """So many ms of contacts and codes, 25 ms apart, with a little noise."""
    for i in range(ms // 25):
        senses.poll(25, barrel, plunger, flange, 0, 0, not stands)
        senses.force.wait(25)
        senses.read(code + i % 3, calibrations)


def test_a_force_is_tared_while_there_is_no_syringe_and_not_while_there_is_one():
    senses = Senses(DATA, LIMITS)
    look(senses, 2000, True, True, True, ZERO + 4 * 42_950)
    assert senses.fitted == FITTED
    assert senses.force.quality == UNTARED
    look(senses, 1000, False, False, False, ZERO)
    assert senses.fitted == BARREL
    assert senses.force.quality == GOOD
    assert abs(senses.force.mn) < 5
    look(senses, 1000, True, True, True, ZERO + 4 * 42_950)
    assert senses.force.quality == GOOD
    assert abs(senses.force.mn - 4000) < 5


def test_one_open_contact_or_a_turning_drive_is_no_reason_to_take_a_force_for_none():
    for contacts in ((False, True, True), (True, False, True), (True, True, False), (True, False, False)):
        senses = Senses(DATA, LIMITS)
        look(senses, 2000, *contacts, ZERO + 4 * 42_950)
        assert senses.force.quality == UNTARED, contacts
    senses = Senses(DATA, LIMITS)
    look(senses, 2000, False, False, False, ZERO, stands=False)
    assert senses.force.quality == UNTARED


def test_another_calibration_of_the_converter_takes_the_zero_away():
    senses = Senses(DATA, LIMITS)
    look(senses, 1000, False, False, False, ZERO)
    look(senses, 500, True, True, True, ZERO)
    assert senses.force.quality == GOOD
    look(senses, 500, True, True, True, ZERO + 9000, calibrations=2)
    assert senses.force.quality == UNTARED
    look(senses, 1000, False, False, False, ZERO + 9000, calibrations=2)
    assert senses.force.quality == GOOD


def test_a_bridge_that_is_listed_and_silent_has_no_reading():
    senses = Senses(DATA, LIMITS)
    look(senses, 1000, False, False, False, ZERO)
    for _ in range(40):
        senses.force.wait(25)
    assert senses.force.quality == NO_READING


def test_what_the_board_does_not_list_does_not_exist():
    senses = Senses({}, LIMITS)
    assert not senses.ready
    assert senses.force.quality == NO_READING
    assert not senses.held
    assert senses.fitted == FITTED
    assert Senses({"switches": True}, LIMITS).fitted == BARREL, "not in its place before it was seen there"


def test_which_contact_is_open_is_told():
    senses = Senses(DATA, LIMITS)
    look(senses, 200, True, False, True, ZERO)
    assert senses.fitted == PLUNGER


def test_an_air_detector_whose_wire_is_broken_sees_air():
    senses = Senses({"air": 30_000}, LIMITS)
    for reading, air in ((40_000, 0), (20_000, 1), (30_000, 0), (29_999, 1), (60_000, 0), (65_535, 1), (65_100, 1)):
        senses.poll(25, True, True, True, 0, reading, True)
        assert senses.sees_air == air, reading


class Told:
    """A pressure that notes what it is told."""

    def __init__(self):
        self.looks = []

    def look(self, *told):
        self.looks.append(told)
        return CLEAR


def test_the_pressure_is_told_all_that_was_displaced_and_all_the_time_since_it_looked_last():
    senses = Senses(DATA, LIMITS)
    look(senses, 1000, False, False, False, ZERO)
    look(senses, 500, True, True, True, ZERO)
    told = senses.pressure = Told()
    for moved in (1000, 2000, 3000, 4000, 50, 60, 70, 80, 90):
        senses.look(25, moved, 600_000)
    assert [(ms, nl, flow) for ms, _, nl, flow in told.looks] == [(100, 10_000, 600_000), (100, 260, 600_000)]


class _Force:
    def __init__(self):
        self.quality = GOOD
        self.mn = 0


def test_a_force_tells_of_an_angle_that_stands_by_what_it_does_from_then_on():
    senses = Senses(DATA, LIMITS)
    force = senses.force = _Force()
    for mn in range(0, 6_000, 100):  # as it climbs at 100 mL/h
        force.mn = mn
        assert senses.change(0) == 0
    for still in range(1, 5):  # the motor stalls, and the force's mean comes after
        force.mn += 40
        assert senses.change(still) == 0
    for still, rise, told in ((5, 0, 0), (6, 60, 0), (7, 61, 1), (8, 5_000, 1), (9, -61, -1)):
        force.mn = 6_060 + rise
        assert senses.change(still) == told, rise
    assert senses.change(0) == 0, "it turns again"
    force.quality = NO_READING
    force.mn = 90_000
    assert senses.change(9) == 0
