"""The whole product of an alarm's states and events, and the promises that no path may break."""

from alarm import states

ALL = range(len(states.STATES))
EVENTS = range(len(states.EVENTS))
FAULT = states.STATES.index("fault")
# told apart here by their meaning, not by their place
UNSEEN = ("idle", "pending")
SEEN_ONLY = ("acknowledged", "leaving")
PRESENT = ("pending", "active", "acknowledged", "returning")  # in which the cause is held to be there
GONE = ("idle", "fading", "leaving", "latched")


def shown(state):
    return state >= states.SHOWN


def sounding(state):
    return state >= states.SOUNDING


def walk(*names):
    """From idle through these events; returns the state's name and the actions' names."""
    state = states.STATES.index("idle")
    done = []
    for name in names:
        event = states.EVENTS.index(name)
        done.append(states.ACTIONS[states.action(state, event)])
        state = states.after(state, event)
    return states.STATES[state], done


def test_every_row_names_known_things_and_no_pair_is_listed_twice():
    seen = []
    for state, event, into, action in states.TABLE:
        assert state in states.STATES and into in states.STATES
        assert event in states.EVENTS and action in states.ACTIONS
        assert action != "refuse" and action != "fail" and into != "fault"
        assert (state, event) not in seen
        seen.append((state, event))


def test_the_names_of_events_and_actions_are_those_of_the_table():
    for name in states.EVENTS:
        assert states.EVENTS[getattr(states, name.upper().replace("-", "_"))] == name
    for name in ("refuse", "time", "raise", "silence", "fail"):
        assert states.ACTIONS[getattr(states, name.upper())] == name
    for name in ("pending", "fading", "leaving", "returning"):
        assert states.STATES[getattr(states, name.upper())] == name


def test_lookup_is_the_table_and_its_defaults_over_the_whole_product():
    listed = {}
    for state, event, into, action in states.TABLE:
        key = (states.STATES.index(state), states.EVENTS.index(event))
        listed[key] = (states.STATES.index(into), states.ACTIONS.index(action))
    for state in ALL:
        for event in EVENTS:
            if states.EVENTS[event] == "acknowledge":
                default = (state, states.ACTIONS.index("refuse"))
            elif states.EVENTS[event] in ("cause", "gone", "recall"):
                default = (state, states.ACTIONS.index("keep"))
            else:
                default = (FAULT, states.ACTIONS.index("fail"))
            expected = listed.get((state, event), default)
            assert (states.after(state, event), states.action(state, event)) == expected


def test_what_is_seen_and_what_sounds():
    for state in ALL:
        name = states.STATES[state]
        assert shown(state) == (name not in UNSEEN)
        assert sounding(state) == (name not in UNSEEN and name not in SEEN_ONLY)


def test_exactly_those_in_which_a_delay_or_a_hold_runs_are_timed():
    for state in ALL:
        ends = [states.after(state, event) for event in (states.DUE, states.HELD, states.HELD_LATCHING)]
        runs = [into for into in ends if into != FAULT]
        assert bool(state & states.TIMED) == bool(runs), states.STATES[state]


def test_cause_and_gone_lead_to_a_state_that_knows_them_and_telling_them_again_changes_nothing():
    for state in ALL:
        for event, known in ((states.CAUSE, PRESENT), (states.GONE, GONE)):
            into = states.after(state, event)
            assert states.STATES[into] in known + ("fault",)
            assert states.after(into, event) == into
            assert states.ACTIONS[states.action(into, event)] == "keep"


def test_no_alarm_ends_while_its_cause_is_there():
    """P7: what is shown ends by the hold, or by an acknowledgement when the cause had already gone for good."""
    for state in ALL:
        for event in EVENTS:
            if shown(state) and not shown(states.after(state, event)):
                name = states.STATES[state]
                if states.EVENTS[event] == "acknowledge":
                    # returning: the one that stood is over; the cause that is back keeps its running delay
                    assert (name, states.STATES[states.after(state, event)]) in (
                        ("latched", "idle"),
                        ("returning", "pending"),
                    )
                else:
                    assert states.EVENTS[event] in ("held", "held-latching")
                    assert name in GONE
                assert states.ACTIONS[states.action(state, event)] == "end"


def test_only_an_acknowledgement_silences_and_only_what_is_new_sounds_again():
    """P10: from acknowledged no event leads back to sounding but through an end and another raise."""
    for state in ALL:
        for event in EVENTS:
            into = states.after(state, event)
            action = states.ACTIONS[states.action(state, event)]
            if sounding(state) and shown(into) and not sounding(into):
                assert states.EVENTS[event] == "acknowledge" and action == "silence"
            if sounding(into) and not sounding(state):
                assert action == ("fail" if into == FAULT else "raise")


def test_whatever_changes_what_a_person_sees_is_told():
    for state in ALL:
        for event in EVENTS:
            into = states.after(state, event)
            if states.ACTIONS[states.action(state, event)] in ("keep", "refuse", "time"):
                assert shown(state) == shown(into)
                assert sounding(state) == sounding(into)


def test_the_sink_is_reached_by_what_cannot_be_and_left_by_nothing():
    for event in EVENTS:
        assert states.after(FAULT, event) == FAULT
    assert states.action(FAULT, states.ACKNOWLEDGE) == states.REFUSE
    assert walk("due") == ("fault", ["fail"])
    assert walk("cause", "due", "held") == ("fault", ["time", "raise", "fail"])
    for state in ALL:
        for event in EVENTS:
            if states.after(state, event) == FAULT and state != FAULT:
                assert states.EVENTS[event] in ("due", "held", "held-latching")


def test_the_life_of_an_alarm():
    assert walk("cause", "gone") == ("idle", ["time", "keep"])
    assert walk("cause", "due", "gone", "held")[0] == "idle"
    assert walk("cause", "due", "gone", "cause")[0] == "active"
    assert walk("cause", "due", "gone", "held-latching")[0] == "latched"
    assert walk("cause", "due", "gone", "held-latching", "acknowledge") == (
        "idle",
        ["time", "raise", "time", "tell", "end"],
    )
    assert walk("cause", "due", "acknowledge", "gone", "held-latching")[0] == "idle"
    assert walk("cause", "due", "acknowledge", "gone", "cause")[0] == "acknowledged"
    back = walk("cause", "due", "gone", "held-latching", "cause", "due")
    assert back == ("active", ["time", "raise", "time", "tell", "time", "raise"])
    assert walk("recall") == ("latched", ["raise"])
    assert walk("cause", "recall") == ("returning", ["time", "raise"])
    assert walk("cause", "recall", "acknowledge", "due")[0] == "active"


def test_from_every_state_but_the_sink_an_alarm_can_end():
    for state in ALL:
        reached = {state}
        for _ in range(4):
            reached |= {states.after(s, e) for s in reached for e in EVENTS if states.after(s, e) != FAULT}
        assert (states.STATES.index("idle") in reached) == (state != FAULT)
