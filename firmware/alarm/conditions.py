"""THE table of alarm conditions, in the order of the wire's ALARMS: a condition's code is its place in both.

A row is (priority, flags, delay, hold). Priorities are the wire's too. delay: ms for which the cause must be there
before the alarm is raised, on top of what its detector takes; battery-empty has one so that supply-low, why the pump
stops, is told before it. hold: ms for which it must be gone before the alarm ends. What each row tells a person, and
where its choice comes from, is in docs/alarm_words.py, which never travels to a board; docs/alarms.md shows both
together.

Latching: shown until the cause is gone *and* a person has acknowledged it. What a detector sees only for a moment
latches; what lasts until a person ends it (a complete infusion, an unread reset) need not.
"""

from micropython import const

from pump.spread import packed

LOW = const(1)
MEDIUM = const(2)
HIGH = const(3)

LATCHING = const(1)
STOPS = const(2)  # the pump stands, or does not start; told here, done by the pump itself
PHYSIOLOGICAL = const(4)  # of the patient; else technical, of the equipment
LASTS = const(8)  # comes back after a reset, as what latches does, until somebody acknowledges it

TABLE = (
    (HIGH, LATCHING | STOPS, 0, 1000),  # occlusion
    (HIGH, LATCHING | STOPS, 0, 1000),  # line-disconnect
    (HIGH, LATCHING | STOPS, 0, 1000),  # air-in-line
    (HIGH, LATCHING | STOPS, 0, 1000),  # syringe-unfitted
    (HIGH, LATCHING | STOPS, 0, 1000),  # syringe-mismatch
    (HIGH, LATCHING | STOPS, 0, 1000),  # end-of-travel
    (MEDIUM, 0, 2000, 10_000),  # near-empty
    (HIGH, STOPS | LASTS, 0, 0),  # infusion-complete
    (MEDIUM, 0, 0, 1000),  # kvo-running
    (HIGH, LATCHING | STOPS, 0, 0),  # volume-limit
    (HIGH, LATCHING | STOPS, 0, 0),  # rate-limit
    (HIGH, LATCHING | STOPS, 0, 0),  # encoder-disagrees
    (HIGH, LATCHING | STOPS, 0, 0),  # encoder-lost
    (HIGH, LATCHING | STOPS, 0, 0),  # motor-stalled
    (HIGH, LATCHING | STOPS, 0, 0),  # motor-slips
    (HIGH, LATCHING | STOPS, 0, 0),  # motor-reversed
    (HIGH, LATCHING | STOPS, 0, 0),  # under-delivery
    (HIGH, LATCHING | STOPS, 0, 0),  # drive-fault
    (HIGH, LATCHING | STOPS, 0, 0),  # stepper-driver-fault
    (HIGH, LATCHING | STOPS, 0, 0),  # force-sensor-fault
    (HIGH, LATCHING | STOPS, 0, 1000),  # link-lost
    (HIGH, STOPS | LASTS, 0, 0),  # time-limit
    (HIGH, STOPS | LASTS, 0, 0),  # reset-interrupted
    (HIGH, LATCHING | STOPS, 0, 0),  # internal
    (HIGH, LATCHING | STOPS, 0, 0),  # self-test-failed
    (HIGH, LATCHING, 0, 5000),  # sounder-fault
    (MEDIUM, LASTS, 5000, 60_000),  # battery-low
    (HIGH, LASTS, 250, 60_000),  # battery-empty
    (HIGH, LATCHING | STOPS, 0, 1000),  # supply-low
    (HIGH, LATCHING | STOPS, 0, 0),  # journal-fault
    (LOW, 0, 5000, 5000),  # clock-doubtful
    (MEDIUM, 0, 120_000, 0),  # idle-reminder
    (LOW, 0, 0, 0),  # pca-demand-locked
    (MEDIUM, 0, 0, 1000),  # pca-limit
    (LOW, 0, 0, 1000),  # key-stuck
    (MEDIUM, 0, 5000, 5000),  # battery-unknown
    (MEDIUM, 0, 0, 1000),  # link-silent
    (HIGH, LATCHING | STOPS | PHYSIOLOGICAL, 0, 0),  # interlock
    (HIGH, LATCHING | STOPS, 0, 0),  # vitals-missing
    (HIGH, LATCHING | STOPS, 0, 0),  # guardian-lost
)

UNIT = 25  # ms; the loop has no shorter turn
WIDTH = 6  # of a row of ROWS: priority, flags, delay and hold in units, low byte first
ROWS = packed(TABLE, UNIT)
