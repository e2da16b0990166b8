"""The pump's states as one table: (state, event) -> (next state, action).

Commands that a state does not list are refused and change nothing. Happenings that a state does not list must not be
possible there, and lead to the one sink, fault. Stop is listed for every state and always ends standing. Only `run`,
`slow`, `stay-open` and `go-on` make the shaft turn; every way out of the running states halts or holds it.

uncover: a fault is cleared while a programme that a reset interrupted is still unread. session: the host has opened
another one, so that what was confirmed to its predecessor must be confirmed anew. expire: nobody has started.
"""

from assuage_wire.schema import STATES
from pump.spread import spread

EVENTS = ("offer", "confirm", "arm", "start", "clear", "uncover", "session", "stop")
EVENTS += ("pause", "resume", "change", "bolus", "given")
EVENTS += ("done", "done-kvo", "timeout", "window", "lapse", "lapse-kvo", "expire", "break")
COMMANDS = ("offer", "confirm", "arm", "start", "clear", "uncover", "session", "pause", "resume", "change", "bolus")
RUNNING = ("infusing", "bolus", "kvo")

# keep: only the state changes. refuse: change nothing and say no. load: take the programme, drive off. energise: drive
# on, no motion. release: drive off. run: deliver from the beginning. slow: empty the queue, go on at the KVO rate.
# stay-open: the volume is delivered, more comes at the KVO rate. hold: empty the queue, drive off, keep the place.
# go-on: deliver from there. halt: empty the queue, drive off. drop: drop the programme. forget: and what a reset
# interrupted.
ACTIONS = ("keep", "refuse", "load", "energise", "release", "run", "slow", "stay-open", "hold", "go-on", "halt")
ACTIONS += ("drop", "forget")

TABLE = (
    ("standby", "offer", "programmed", "load"),
    ("standby", "stop", "standby", "halt"),
    ("programmed", "offer", "programmed", "load"),
    ("programmed", "confirm", "confirmed", "keep"),
    ("programmed", "stop", "stopped", "halt"),
    ("confirmed", "offer", "programmed", "load"),
    ("confirmed", "arm", "armed", "energise"),
    ("confirmed", "session", "programmed", "release"),
    ("confirmed", "stop", "stopped", "halt"),
    ("armed", "offer", "programmed", "load"),
    ("armed", "start", "infusing", "run"),
    ("armed", "session", "programmed", "release"),
    ("armed", "expire", "stopped", "halt"),
    ("armed", "stop", "stopped", "halt"),
    ("infusing", "pause", "paused", "hold"),
    ("infusing", "change", "infusing", "keep"),
    ("infusing", "bolus", "bolus", "keep"),
    ("infusing", "stop", "stopped", "halt"),
    ("infusing", "done", "complete", "halt"),
    ("infusing", "done-kvo", "kvo", "stay-open"),
    ("infusing", "timeout", "stopped", "halt"),
    ("infusing", "window", "stopped", "halt"),
    ("infusing", "lapse", "stopped", "halt"),
    ("infusing", "lapse-kvo", "kvo", "slow"),
    ("bolus", "pause", "paused", "hold"),
    ("bolus", "change", "bolus", "keep"),
    ("bolus", "given", "infusing", "keep"),
    ("bolus", "stop", "stopped", "halt"),
    ("bolus", "done", "complete", "halt"),
    ("bolus", "done-kvo", "kvo", "stay-open"),
    ("bolus", "timeout", "stopped", "halt"),
    ("bolus", "window", "stopped", "halt"),
    ("bolus", "lapse", "stopped", "halt"),
    ("bolus", "lapse-kvo", "kvo", "slow"),
    ("paused", "resume", "infusing", "go-on"),
    ("paused", "stop", "stopped", "halt"),
    ("kvo", "stop", "stopped", "halt"),
    ("kvo", "done", "complete", "halt"),
    ("kvo", "timeout", "stopped", "halt"),
    ("kvo", "window", "stopped", "halt"),
    ("kvo", "lapse", "stopped", "halt"),
    ("complete", "offer", "programmed", "load"),
    ("complete", "clear", "standby", "forget"),
    ("complete", "stop", "complete", "halt"),
    ("stopped", "offer", "programmed", "load"),
    ("stopped", "clear", "standby", "forget"),
    ("stopped", "stop", "stopped", "halt"),
    ("fault", "clear", "standby", "forget"),
    ("fault", "uncover", "unconfirmed", "drop"),
    ("fault", "stop", "fault", "halt"),
    ("unconfirmed", "clear", "standby", "forget"),
    ("unconfirmed", "stop", "unconfirmed", "halt"),
)

OFFER = EVENTS.index("offer")
CONFIRM = EVENTS.index("confirm")
ARM = EVENTS.index("arm")
START = EVENTS.index("start")
CLEAR = EVENTS.index("clear")
UNCOVER = EVENTS.index("uncover")
SESSION = EVENTS.index("session")
STOP = EVENTS.index("stop")
DONE = EVENTS.index("done")
DONE_KVO = EVENTS.index("done-kvo")
PAUSE = EVENTS.index("pause")
RESUME = EVENTS.index("resume")
CHANGE = EVENTS.index("change")
BOLUS = EVENTS.index("bolus")
GIVEN = EVENTS.index("given")
TIMEOUT = EVENTS.index("timeout")
WINDOW = EVENTS.index("window")
LAPSE = EVENTS.index("lapse")
LAPSE_KVO = EVENTS.index("lapse-kvo")
EXPIRE = EVENTS.index("expire")
BREAK = EVENTS.index("break")

KEEP = ACTIONS.index("keep")
REFUSE = ACTIONS.index("refuse")
LOAD = ACTIONS.index("load")
ENERGISE = ACTIONS.index("energise")
RELEASE = ACTIONS.index("release")
RUN = ACTIONS.index("run")
SLOW = ACTIONS.index("slow")
STAY_OPEN = ACTIONS.index("stay-open")
HOLD = ACTIONS.index("hold")
GO_ON = ACTIONS.index("go-on")
HALT = ACTIONS.index("halt")
DROP = ACTIONS.index("drop")
FORGET = ACTIONS.index("forget")

CHANGING = (STATES.index("infusing"), STATES.index("bolus"))  # where a change that was read back can be applied

_WIDTH = len(EVENTS)
_RUNNING = tuple(STATES.index(name) for name in RUNNING)
_SPREAD = spread(TABLE, STATES, EVENTS, ACTIONS, COMMANDS, (), ("fault", "halt"))
_AFTER = _SPREAD[0]
_ACTION = _SPREAD[1]


def after(state, event):
    """The next state (index in schema.STATES) for an event (index in EVENTS)."""
    return _AFTER[state * _WIDTH + event]


def action(state, event):
    """What is done on the way (index in ACTIONS)."""
    return _ACTION[state * _WIDTH + event]


def running(state):
    """True in the states in which the shaft may turn."""
    return state in _RUNNING
