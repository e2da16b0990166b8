"""The pump's states as one table: (state, event) -> (next state, action).

Commands that a state does not list are refused and change nothing. Happenings that a state does not list must not be
possible there, and lead to the one sink, fault. Stop is listed for every state and always ends standing. Only `run` and
`slow` make the shaft turn; every way out of a running state halts it.

uncover: a fault is cleared while a programme that a reset interrupted is still unread. session: the host has opened
another one, so that what was confirmed to its predecessor must be confirmed anew. expire: nobody has started.
"""

from assuage_wire.schema import STATES

EVENTS = ("offer", "confirm", "arm", "start", "clear", "uncover", "session", "stop")
EVENTS += ("done", "timeout", "lapse", "lapse-kvo", "expire", "break")
COMMANDS = ("offer", "confirm", "arm", "start", "clear", "uncover", "session")
RUNNING = ("infusing", "kvo")

# keep: only the state changes. refuse: change nothing and say no. load: take the programme, drive off.
# energise: drive on, no motion. release: drive off. run: deliver at the programme's rate. slow: empty the queue, go on
# at the KVO rate. halt: empty the queue, drive off. drop: drop the programme. forget: and what a reset interrupted.
ACTIONS = ("keep", "refuse", "load", "energise", "release", "run", "slow", "halt", "drop", "forget")

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
    ("infusing", "stop", "stopped", "halt"),
    ("infusing", "done", "complete", "halt"),
    ("infusing", "timeout", "stopped", "halt"),
    ("infusing", "lapse", "stopped", "halt"),
    ("infusing", "lapse-kvo", "kvo", "slow"),
    ("kvo", "stop", "stopped", "halt"),
    ("kvo", "done", "complete", "halt"),
    ("kvo", "timeout", "stopped", "halt"),
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
TIMEOUT = EVENTS.index("timeout")
LAPSE = EVENTS.index("lapse")
LAPSE_KVO = EVENTS.index("lapse-kvo")
EXPIRE = EVENTS.index("expire")
BREAK = EVENTS.index("break")

REFUSE = ACTIONS.index("refuse")
LOAD = ACTIONS.index("load")
ENERGISE = ACTIONS.index("energise")
RELEASE = ACTIONS.index("release")
RUN = ACTIONS.index("run")
SLOW = ACTIONS.index("slow")
HALT = ACTIONS.index("halt")
DROP = ACTIONS.index("drop")
FORGET = ACTIONS.index("forget")

_WIDTH = len(EVENTS)
_RUNNING = tuple(STATES.index(name) for name in RUNNING)


def _build():
    """The table spread out as two flat arrays, so that looking up allocates nothing."""
    after = bytearray(len(STATES) * _WIDTH)
    actions = bytearray(len(STATES) * _WIDTH)
    for state in range(len(STATES)):
        for event in range(_WIDTH):
            i = state * _WIDTH + event
            if EVENTS[event] in COMMANDS:
                after[i] = state
                actions[i] = REFUSE
            else:
                after[i] = STATES.index("fault")
                actions[i] = HALT
    for state, event, into, action in TABLE:
        i = STATES.index(state) * _WIDTH + EVENTS.index(event)
        after[i] = STATES.index(into)
        actions[i] = ACTIONS.index(action)
    return after, actions


_AFTER, _ACTION = _build()


def after(state, event):
    """The next state (index in schema.STATES) for an event (index in EVENTS)."""
    return _AFTER[state * _WIDTH + event]


def action(state, event):
    """What is done on the way (index in ACTIONS)."""
    return _ACTION[state * _WIDTH + event]


def running(state):
    """True in the states in which the shaft may turn."""
    return state in _RUNNING
