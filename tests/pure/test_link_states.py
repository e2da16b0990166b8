"""The whole product of a session's states and events, and what no path may do."""

from link import states

FAULT = states.STATES.index("fault")
ALL = range(len(states.STATES))
EVENTS = range(len(states.EVENTS))


def _named(state, event):
    return states.STATES[states.after(state, event)], states.ACTIONS[states.action(state, event)]


def test_every_row_names_known_things_and_no_pair_is_listed_twice():
    seen = []
    for state, event, into, action in states.TABLE:
        assert state in states.STATES and into in states.STATES
        assert event in states.EVENTS and action in states.ACTIONS
        assert action not in ("keep", "refuse", "fail") and (into != "fault" or state == "fault")
        assert (state, event) not in seen
        seen.append((state, event))


def test_lookup_is_the_table_and_its_defaults_over_the_whole_product():
    listed = {(state, event): (into, action) for state, event, into, action in states.TABLE}
    for state in ALL:
        for event in EVENTS:
            name, happens = states.STATES[state], states.EVENTS[event]
            if happens in ("command", "grant", "stranger"):
                expected = (name, "refuse")
            elif happens == "hush":
                expected = (name, "keep")
            else:
                expected = ("fault", "fail")
            assert _named(state, event) == listed.get((name, happens), expected)


def test_only_what_belongs_to_a_session_that_is_open_is_carried_out():
    for state in ALL:
        for event in EVENTS:
            if _named(state, event)[1] == "serve":
                assert states.STATES[state] in ("open", "silent")
                assert states.EVENTS[event] in ("command", "grant")


def test_a_strangers_command_is_refused_and_changes_nothing_in_every_state():
    for state in ALL:
        assert _named(state, states.STRANGER) == (states.STATES[state], "refuse")


def test_the_sink_is_never_left_and_whoever_asks_is_still_told_who_the_board_is():
    for event in EVENTS:
        assert states.after(FAULT, event) == FAULT
    for event in (states.IDENTIFY, states.AGAIN, states.HUSH):
        assert states.action(FAULT, event) == states.GREET


def test_identify_opens_a_session_in_every_other_state():
    for state in ALL:
        if state != FAULT:
            assert _named(state, states.IDENTIFY) == ("open", "open")
