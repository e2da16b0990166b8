"""One alarm condition's states as a table: (state, event) -> (next state, action), written as the pump's is.

Acknowledge is the only command: a state that does not list it refuses, and nothing changes. What is merely told, as
often as somebody looks, changes nothing where it is not listed. Other happenings that a state does not list must not be
possible there, and lead to the one sink, fault, which is signalled like an active alarm and ends only with a restart.

due: the cause has been there for its delay. held: it has been gone for its hold. held-latching: the same, of a
condition that latches. recall: the journal says that it stood when the board was last reset.
"""

from assuage_wire.schema import ALARM_STATES as STATES
from pump.spread import spread

# pending: the cause is there, its delay runs. active: signalled. fading: signalled, the cause is gone, its hold runs.
# acknowledged, leaving: the same two, after somebody has acknowledged. latched: the cause is gone, nobody has
# acknowledged. returning: latched, and the cause is there again, its delay runs.
# In this order: what nobody sees, what is seen only, what is seen and sounds; with something timed in each odd one.
EVENTS = ("acknowledge", "cause", "gone", "due", "held", "held-latching", "recall")
COMMANDS = ("acknowledge",)
TOLD = ("cause", "gone", "recall")

# keep: nothing is told. refuse: change nothing and say no. time: the delay or the hold begins. raise: a new occurrence.
# silence: no more sound. tell: what is shown has changed. end: it is over. fail: the bookkeeping itself is broken.
ACTIONS = ("keep", "refuse", "time", "raise", "silence", "tell", "end", "fail")

TABLE = (
    ("idle", "cause", "pending", "time"),
    ("idle", "recall", "latched", "raise"),
    ("pending", "gone", "idle", "keep"),
    ("pending", "due", "active", "raise"),
    ("pending", "recall", "returning", "raise"),
    ("active", "gone", "fading", "time"),
    ("active", "acknowledge", "acknowledged", "silence"),
    ("fading", "cause", "active", "keep"),
    ("fading", "held", "idle", "end"),
    ("fading", "held-latching", "latched", "tell"),
    ("fading", "acknowledge", "leaving", "silence"),
    ("acknowledged", "gone", "leaving", "time"),
    ("acknowledged", "acknowledge", "acknowledged", "keep"),
    ("leaving", "cause", "acknowledged", "keep"),
    ("leaving", "held", "idle", "end"),
    ("leaving", "held-latching", "idle", "end"),
    ("leaving", "acknowledge", "leaving", "keep"),
    ("latched", "cause", "returning", "time"),
    ("latched", "acknowledge", "idle", "end"),
    ("returning", "gone", "latched", "keep"),
    ("returning", "due", "active", "raise"),
    ("returning", "acknowledge", "pending", "end"),
)

PENDING = STATES.index("pending")
FADING = STATES.index("fading")
LEAVING = STATES.index("leaving")
RETURNING = STATES.index("returning")

ACKNOWLEDGE = EVENTS.index("acknowledge")
CAUSE = EVENTS.index("cause")
GONE = EVENTS.index("gone")
DUE = EVENTS.index("due")
HELD = EVENTS.index("held")
HELD_LATCHING = EVENTS.index("held-latching")
RECALL = EVENTS.index("recall")

REFUSE = ACTIONS.index("refuse")
TIME = ACTIONS.index("time")
RAISE = ACTIONS.index("raise")
SILENCE = ACTIONS.index("silence")
FAIL = ACTIONS.index("fail")

SHOWN = STATES.index("acknowledged")  # the first that a person sees
SOUNDING = STATES.index("active")  # the first that nobody has acknowledged, and that therefore sounds unless paused
TIMED = 1  # bit of those in which a delay or a hold runs

_WIDTH = len(EVENTS)
_SPREAD = spread(TABLE, STATES, EVENTS, ACTIONS, COMMANDS, TOLD, ("fault", "fail"))
_AFTER = _SPREAD[0]
_ACTION = _SPREAD[1]


def after(state, event):
    """The next state (index in STATES) for an event (index in EVENTS)."""
    return _AFTER[state * _WIDTH + event]


def action(state, event):
    """What is done on the way (index in ACTIONS)."""
    return _ACTION[state * _WIDTH + event]
