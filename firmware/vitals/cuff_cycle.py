"""The cuff's cycle as one table: (state, event) -> (next state, action).

Only in `inflating` and `bleeding` is the dump valve closed; every way out of them opens it. An event that a state does
not list must not be possible there, and empties the cuff. Stop is listed for every state and never closes a valve.

zeroing: the valve is open and what the sensor says is its zero. venting: until the cuff is empty. stuck: it does not
become so; whoever sees this must take it off the arm. resting: blood comes back; what was measured is worked out.
fail: this attempt comes to nothing. higher: the systolic pressure was not below the target.
"""

from pump.spread import spread

STATES = ("idle", "zeroing", "inflating", "bleeding", "venting", "stuck", "resting")
EVENTS = ("start", "stop", "zeroed", "reached", "higher", "done", "fail", "vented", "late", "rested", "again")
COMMANDS = ("start",)

# keep: only the state changes. refuse: change nothing and say no. zero: gather the zero. inflate: close, pump on.
# bleed: pump off, hold the rate. vent: open everything. rest: open, as before.
ACTIONS = ("keep", "refuse", "zero", "inflate", "bleed", "vent", "rest")

TABLE = (
    ("idle", "start", "zeroing", "zero"),
    ("idle", "stop", "idle", "vent"),
    ("zeroing", "zeroed", "inflating", "inflate"),
    ("zeroing", "fail", "venting", "vent"),
    ("zeroing", "stop", "venting", "vent"),
    ("inflating", "reached", "bleeding", "bleed"),
    ("inflating", "fail", "venting", "vent"),
    ("inflating", "stop", "venting", "vent"),
    ("bleeding", "higher", "inflating", "inflate"),
    ("bleeding", "done", "venting", "vent"),
    ("bleeding", "fail", "venting", "vent"),
    ("bleeding", "stop", "venting", "vent"),
    ("venting", "vented", "resting", "rest"),
    ("venting", "late", "stuck", "vent"),
    ("venting", "stop", "venting", "vent"),
    ("stuck", "vented", "resting", "rest"),
    ("stuck", "stop", "stuck", "vent"),
    ("resting", "rested", "idle", "keep"),
    ("resting", "again", "zeroing", "zero"),
    ("resting", "stop", "resting", "vent"),
)

IDLE = STATES.index("idle")
ZEROING = STATES.index("zeroing")
INFLATING = STATES.index("inflating")
BLEEDING = STATES.index("bleeding")
VENTING = STATES.index("venting")
STUCK = STATES.index("stuck")
RESTING = STATES.index("resting")

START = EVENTS.index("start")
STOP = EVENTS.index("stop")
ZEROED = EVENTS.index("zeroed")
REACHED = EVENTS.index("reached")
HIGHER = EVENTS.index("higher")
DONE = EVENTS.index("done")
FAIL = EVENTS.index("fail")
VENTED = EVENTS.index("vented")
LATE = EVENTS.index("late")
RESTED = EVENTS.index("rested")
AGAIN = EVENTS.index("again")

KEEP = ACTIONS.index("keep")
REFUSE = ACTIONS.index("refuse")
ZERO = ACTIONS.index("zero")
INFLATE = ACTIONS.index("inflate")
BLEED = ACTIONS.index("bleed")
VENT = ACTIONS.index("vent")
REST = ACTIONS.index("rest")

_CLOSED = (INFLATING, BLEEDING)
_WIDTH = len(EVENTS)
_SPREAD = spread(TABLE, STATES, EVENTS, ACTIONS, COMMANDS, (), ("venting", "vent"))
_AFTER = _SPREAD[0]
_ACTION = _SPREAD[1]


def after(state, event):
    """The next state (index in STATES) for an event (index in EVENTS)."""
    return _AFTER[state * _WIDTH + event]


def action(state, event):
    """What is done on the way (index in ACTIONS)."""
    return _ACTION[state * _WIDTH + event]


def closed(state):
    """True in the states in which the dump valve is held closed."""
    return state in _CLOSED
