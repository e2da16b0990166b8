"""THE table of alarm conditions. A row's index is the wire's code: rows are added at the end, never renumbered.

A row is (name, priority, flags, delay, hold). delay: ms for which the cause must be there before the alarm is raised,
on top of what its detector takes. hold: ms for which it must be gone before the alarm ends. Priorities are index
into PRIORITIES. What each row tells a person, and where its choice comes from, is in docs/alarm_words.py, which never
travels to a board; docs/alarms.md shows both together.

Latching: shown until the cause is gone *and* a person has acknowledged it. What a detector sees only for a moment
latches; what lasts until a person ends it (a complete infusion, an unread reset) need not.
"""

from micropython import const

PRIORITIES = ("none", "low", "medium", "high")
LOW = const(1)
MEDIUM = const(2)
HIGH = const(3)

LATCHING = const(1)
STOPS = const(2)  # the pump stands, or does not start; told here, done by the pump itself
PHYSIOLOGICAL = const(4)  # of the patient; else technical, of the equipment

TABLE = (
    ("occlusion", HIGH, LATCHING | STOPS, 0, 1000),
    ("line-disconnect", HIGH, LATCHING | STOPS, 0, 1000),
    ("air-in-line", HIGH, LATCHING | STOPS, 0, 1000),
    ("syringe-unfitted", HIGH, LATCHING | STOPS, 0, 1000),
    ("syringe-mismatch", HIGH, LATCHING | STOPS, 0, 1000),
    ("end-of-travel", HIGH, LATCHING | STOPS, 0, 1000),
    ("near-empty", MEDIUM, 0, 2000, 10_000),
    ("infusion-complete", HIGH, STOPS, 0, 0),
    ("kvo-running", MEDIUM, 0, 0, 1000),
    ("volume-limit", HIGH, LATCHING | STOPS, 0, 0),
    ("rate-limit", HIGH, LATCHING | STOPS, 0, 0),
    ("encoder-disagrees", HIGH, LATCHING | STOPS, 0, 0),
    ("encoder-lost", HIGH, LATCHING | STOPS, 0, 0),
    ("motor-stalled", HIGH, LATCHING | STOPS, 0, 0),
    ("motor-slips", HIGH, LATCHING | STOPS, 0, 0),
    ("motor-reversed", HIGH, LATCHING | STOPS, 0, 0),
    ("under-delivery", HIGH, LATCHING | STOPS, 0, 0),
    ("drive-fault", HIGH, LATCHING | STOPS, 0, 0),
    ("stepper-driver-fault", HIGH, LATCHING | STOPS, 0, 0),
    ("force-sensor-fault", HIGH, LATCHING | STOPS, 0, 0),
    ("link-lost", HIGH, LATCHING | STOPS, 0, 1000),
    ("time-limit", HIGH, STOPS, 0, 0),
    ("reset-interrupted", HIGH, STOPS, 0, 0),
    ("internal", HIGH, LATCHING | STOPS, 0, 0),
    ("self-test-failed", HIGH, LATCHING | STOPS, 0, 0),
    ("sounder-fault", HIGH, LATCHING, 0, 5000),
    ("battery-low", MEDIUM, 0, 5000, 60_000),
    ("battery-empty", HIGH, 0, 1000, 60_000),
    ("supply-low", HIGH, LATCHING | STOPS, 0, 1000),
    ("journal-fault", MEDIUM, LATCHING, 0, 0),
    ("clock-doubtful", LOW, 0, 5000, 5000),
    ("idle-reminder", MEDIUM, 0, 120_000, 0),
    ("pca-demand-locked", LOW, 0, 0, 0),
    ("pca-limit", MEDIUM, 0, 0, 1000),
    ("key-stuck", LOW, 0, 0, 1000),
)


def code(name):
    """The code of a condition, for those who look it up once when they are made; ValueError for one that is none."""
    for i in range(len(TABLE)):
        if TABLE[i][0] == name:
            return i
    raise ValueError(name)
