"""The host's session as a table: (state, event) -> (next state, action), written as the pump's is.

What is asked in a session is refused where a state does not list it, and changes nothing. Happenings that a state does
not list must not be possible there, and lead to the one sink, fault: the pump is told, commands are refused, Identify
and Stop are still answered, and only a restart ends it.

identify: another session than the one that is open. again: the same one. command, grant: in the session that is open.
stranger: a command in any other. hush: a second in which the host has been quiet for long, or has never been heard.
"""

from pump.spread import spread

# unheard: no host since the start. silent: its session is open, but nothing has come from it for QUIET_MS.
STATES = ("unheard", "open", "silent", "fault")
EVENTS = ("identify", "again", "command", "grant", "stranger", "hush")
COMMANDS = ("command", "grant", "stranger")
TOLD = ("hush",)

# open: forget the last session's answers, tell the pump, say Hello. greet: say Hello. serve: carry it out.
ACTIONS = ("keep", "refuse", "open", "greet", "serve", "fail")

TABLE = (
    ("unheard", "identify", "open", "open"),
    ("unheard", "hush", "unheard", "greet"),
    ("open", "identify", "open", "open"),
    ("open", "again", "open", "greet"),
    ("open", "command", "open", "serve"),
    ("open", "grant", "open", "serve"),
    ("open", "hush", "silent", "greet"),
    ("silent", "identify", "open", "open"),
    ("silent", "again", "open", "greet"),
    ("silent", "command", "open", "serve"),
    ("silent", "grant", "open", "serve"),
    ("silent", "hush", "silent", "greet"),
    ("fault", "identify", "fault", "greet"),
    ("fault", "again", "fault", "greet"),
    ("fault", "hush", "fault", "greet"),
)

UNHEARD = STATES.index("unheard")
OPEN = STATES.index("open")

IDENTIFY = EVENTS.index("identify")
AGAIN = EVENTS.index("again")
COMMAND = EVENTS.index("command")
GRANT = EVENTS.index("grant")
STRANGER = EVENTS.index("stranger")
HUSH = EVENTS.index("hush")

TO_OPEN = ACTIONS.index("open")
GREET = ACTIONS.index("greet")
SERVE = ACTIONS.index("serve")
FAIL = ACTIONS.index("fail")

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
