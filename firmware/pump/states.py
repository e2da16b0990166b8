"""The pump's states as one table: (state, event) -> (next state, action).

Commands that a state does not list are refused and change nothing. Happenings that a state does not list must not be
possible there, and lead to the one sink, fault. Stop is listed for every state and always ends standing. Only `run`,
`slow`, `stay-open`, `go-on`, `seek`, `deliver`, `draw-back` and `push` make the shaft turn; every way out of the
running states halts or holds it.

Three of these move the plunger for no dose. taking-up: before a start, until the plunger is about to move (contact), or
until nothing is found (no-contact). backing-off: after an occlusion, away from the patient, and to stopped whatever
comes. priming: from standby alone, where there is no programme, and back to it; so nothing is ever resumed after it.

uncover: a fault is cleared while a programme that a reset interrupted is still unread. session: the host has opened
another one, so that what was confirmed to its predecessor must be confirmed anew. expire: nobody has started.
"""

from assuage_wire.schema import STATES
from pump.spread import spread

EVENTS = ("offer", "confirm", "arm", "start", "clear", "uncover", "session", "stop")
EVENTS += ("pause", "resume", "change", "bolus", "given")
EVENTS += ("done", "done-kvo", "timeout", "window", "lapse", "lapse-kvo", "expire", "break")
EVENTS += ("take-up", "contact", "no-contact", "occlude", "relieved", "prime", "primed")
COMMANDS = ("offer", "confirm", "arm", "start", "clear", "uncover", "session", "pause", "resume", "change", "bolus")
COMMANDS += ("take-up", "prime")
DELIVERING = ("infusing", "bolus", "kvo")
RUNNING = DELIVERING + ("taking-up", "backing-off", "priming")

# keep: only the state changes. refuse: change nothing and say no. load: take the programme, drive off. energise: drive
# on, no motion. release: drive off. run: deliver from the beginning. slow: empty the queue, go on at the KVO rate.
# stay-open: the volume is delivered, more comes at the KVO rate. hold: empty the queue, drive off, keep the place.
# go-on: deliver from there. halt: empty the queue, drive off. drop: drop the programme. forget: and what a reset
# interrupted. seek: open the record, move up to the plunger. deliver: and from there on deliver from the beginning.
# draw-back: empty the queue, take the place from the delivery for good, relieve the line. push: fill the line.
ACTIONS = ("keep", "refuse", "load", "energise", "release", "run", "slow", "stay-open", "hold", "go-on", "halt")
ACTIONS += ("drop", "forget", "seek", "deliver", "draw-back", "push")

TABLE = (
    ("standby", "offer", "programmed", "load"),
    ("standby", "prime", "priming", "push"),
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
    ("armed", "take-up", "taking-up", "seek"),
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
    ("infusing", "occlude", "backing-off", "draw-back"),
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
    ("bolus", "occlude", "backing-off", "draw-back"),
    ("bolus", "lapse", "stopped", "halt"),
    ("bolus", "lapse-kvo", "kvo", "slow"),
    ("paused", "resume", "infusing", "go-on"),
    ("paused", "stop", "stopped", "halt"),
    ("kvo", "stop", "stopped", "halt"),
    ("kvo", "done", "complete", "halt"),
    ("kvo", "timeout", "stopped", "halt"),
    ("kvo", "window", "stopped", "halt"),
    ("kvo", "occlude", "backing-off", "draw-back"),
    ("kvo", "lapse", "stopped", "halt"),
    ("taking-up", "contact", "infusing", "deliver"),
    ("taking-up", "no-contact", "stopped", "halt"),
    ("taking-up", "occlude", "backing-off", "draw-back"),
    ("taking-up", "lapse", "stopped", "halt"),
    ("taking-up", "stop", "stopped", "halt"),
    ("backing-off", "relieved", "stopped", "halt"),
    ("backing-off", "stop", "stopped", "halt"),
    ("priming", "primed", "standby", "halt"),
    ("priming", "occlude", "standby", "halt"),
    ("priming", "lapse", "standby", "halt"),
    ("priming", "stop", "standby", "halt"),
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
TAKE_UP = EVENTS.index("take-up")
CONTACT = EVENTS.index("contact")
NO_CONTACT = EVENTS.index("no-contact")
OCCLUDE = EVENTS.index("occlude")
RELIEVED = EVENTS.index("relieved")
PRIME = EVENTS.index("prime")
PRIMED = EVENTS.index("primed")

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
SEEK = ACTIONS.index("seek")
DELIVER = ACTIONS.index("deliver")
DRAW_BACK = ACTIONS.index("draw-back")
PUSH = ACTIONS.index("push")

CHANGING = (STATES.index("infusing"), STATES.index("bolus"))  # where a change that was read back can be applied

_WIDTH = len(EVENTS)
_RUNNING = tuple(STATES.index(name) for name in RUNNING)
_SPREAD = spread(TABLE, STATES, EVENTS, ACTIONS, COMMANDS, (), ("fault", "halt"))
_AFTER = _SPREAD[0]
_ACTION = _SPREAD[1]
_DELIVERING = tuple(STATES.index(name) for name in DELIVERING)


def after(state, event):
    """The next state (index in schema.STATES) for an event (index in EVENTS)."""
    return _AFTER[state * _WIDTH + event]


def action(state, event):
    """What is done on the way (index in ACTIONS)."""
    return _ACTION[state * _WIDTH + event]


def running(state):
    """True in the states in which the shaft may turn."""
    return state in _RUNNING


def delivering(state):
    """True in those of them in which what it turns is delivered."""
    return state in _DELIVERING
