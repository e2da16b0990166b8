"""The table of conditions: codes that never change, and rules that every row keeps."""

from alarm.conditions import HIGH, LASTS, LATCHING, PHYSIOLOGICAL, STOPS, TABLE
from assuage_wire.schema import ALARMS, PRIORITIES

# As first given out. A row may only be added at the end, here and there.
CODES = (
    "occlusion",
    "line-disconnect",
    "air-in-line",
    "syringe-unfitted",
    "syringe-mismatch",
    "end-of-travel",
    "near-empty",
    "infusion-complete",
    "kvo-running",
    "volume-limit",
    "rate-limit",
    "encoder-disagrees",
    "encoder-lost",
    "motor-stalled",
    "motor-slips",
    "motor-reversed",
    "under-delivery",
    "drive-fault",
    "stepper-driver-fault",
    "force-sensor-fault",
    "link-lost",
    "time-limit",
    "reset-interrupted",
    "internal",
    "self-test-failed",
    "sounder-fault",
    "battery-low",
    "battery-empty",
    "supply-low",
    "journal-fault",
    "clock-doubtful",
    "idle-reminder",
    "pca-demand-locked",
    "pca-limit",
    "key-stuck",
    "battery-unknown",
    "link-silent",
    "interlock",
    "vitals-missing",
    "guardian-lost",
)
ROWS = [(ALARMS[i],) + TABLE[i] for i in range(len(TABLE))]


def row(name):
    return ROWS[ALARMS.index(name)]


def test_codes_are_never_renumbered_and_every_one_has_a_row():
    assert ALARMS == CODES
    assert len(TABLE) == len(CODES) < 255


def test_every_row_has_a_priority_known_flags_and_times_of_whole_turns():
    for name, priority, flags, delay, hold in ROWS:
        assert PRIORITIES[priority] in ("low", "medium", "high"), name
        assert 0 <= flags <= LATCHING | STOPS | PHYSIOLOGICAL | LASTS, name
        for ms in (delay, hold):
            assert 0 <= ms <= 120_000 and ms % 25 == 0, name
    assert PRIORITIES[0] == "none" and len(PRIORITIES) == 4


def test_what_stops_the_pump_is_high_and_at_once():
    # an open peer asks for a high alarm within 1 s of a dangerous condition (Clepsydre)
    for name, priority, flags, delay, _hold in ROWS:
        if flags & STOPS:
            assert priority == HIGH and delay == 0, name
        if priority == HIGH:
            assert delay <= 1000, name


def test_what_a_detector_sees_only_for_a_moment_latches():
    lasting = ("infusion-complete", "time-limit", "reset-interrupted")  # until a person ends them
    for name, _priority, flags, _delay, _hold in ROWS:
        if flags & STOPS and name not in lasting:
            assert flags & LATCHING, name


def test_what_stops_the_pump_and_every_warning_of_the_battery_comes_back_after_a_reset():
    for name, _priority, flags, _delay, _hold in ROWS:
        if flags & STOPS or name in ("battery-low", "battery-empty"):
            assert flags & (LATCHING | LASTS), name


def test_figures_that_come_from_elsewhere():
    assert row("idle-reminder")[1:4] == (2, 0, 120_000)  # an open peer: idle for 2 min, a medium alarm
    assert row("battery-low")[1] == 2 and row("battery-empty")[1] == 3
    assert row("key-stuck")[1] == row("pca-demand-locked")[1] == 1


def test_what_is_missing_is_of_the_equipment_and_what_is_beyond_its_limit_of_the_patient():
    assert [r[0] for r in ROWS if r[2] & PHYSIOLOGICAL] == ["interlock"]
