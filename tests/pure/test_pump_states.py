"""The whole product of states and events, and the promises that no path may break."""

from assuage_wire.schema import STATES
from pump import states

ALL = range(len(STATES))
EVENTS = range(len(states.EVENTS))
MOVING = tuple(STATES.index(name) for name in states.RUNNING)
GIVING = tuple(STATES.index(name) for name in states.DELIVERING)
FAULT = STATES.index("fault")
UNCONFIRMED = STATES.index("unconfirmed")


def test_every_row_names_known_things_and_no_pair_is_listed_twice():
    seen = []
    for state, event, into, action in states.TABLE:
        assert state in STATES and into in STATES
        assert event in states.EVENTS and action in states.ACTIONS
        assert (state, event) not in seen
        seen.append((state, event))


def test_the_names_of_events_and_actions_are_those_of_the_table():
    for name in states.EVENTS:
        assert states.EVENTS[getattr(states, name.upper().replace("-", "_"))] == name
    for name in states.ACTIONS:
        assert states.ACTIONS[getattr(states, name.upper().replace("-", "_"))] == name
    assert [s for s in ALL if states.running(s)] == sorted(MOVING)
    assert [s for s in ALL if states.delivering(s)] == sorted(GIVING)


def test_lookup_is_the_table_and_its_defaults_over_the_whole_product():
    listed = {}
    for state, event, into, action in states.TABLE:
        listed[(STATES.index(state), states.EVENTS.index(event))] = (STATES.index(into), states.ACTIONS.index(action))
    for state in ALL:
        for event in EVENTS:
            if states.EVENTS[event] in states.COMMANDS:
                default = (state, states.REFUSE)
            else:
                default = (FAULT, states.HALT)
            expected = listed.get((state, event), default)
            assert (states.after(state, event), states.action(state, event)) == expected


def test_stop_is_listed_for_every_state_halts_and_ends_standing_in_one_step():
    stops = [row[0] for row in states.TABLE if row[1] == "stop"]
    assert sorted(stops) == sorted(STATES)
    for state in ALL:
        assert states.action(state, states.STOP) == states.HALT
        assert not states.running(states.after(state, states.STOP))


def test_only_start_and_resume_lead_from_standing_to_running_and_priming_from_standby():
    for state in ALL:
        for event in EVENTS:
            if not states.running(state) and states.running(states.after(state, event)):
                way = (STATES[state], states.EVENTS[event], states.action(state, event))
                assert way in (
                    ("armed", "start", states.RUN),
                    ("armed", "take-up", states.SEEK),
                    ("paused", "resume", states.GO_ON),
                    ("standby", "prime", states.PUSH),
                )


def test_nothing_is_delivered_but_by_start_resume_or_contact():
    for state in ALL:
        for event in EVENTS:
            if not states.delivering(state) and states.delivering(states.after(state, event)):
                assert states.EVENTS[event] in ("start", "resume", "contact")
                assert STATES[state] in ("armed", "paused", "taking-up")


def test_a_back_off_ends_stopped_and_a_priming_in_standby_whatever_comes_but_a_fault():
    for name, ends in (("backing-off", "stopped"), ("priming", "standby")):
        state = STATES.index(name)
        for event in EVENTS:
            assert STATES[states.after(state, event)] in (name, ends, "fault")


def test_a_priming_begins_where_there_is_no_programme_so_that_nothing_is_resumed_after_it():
    for state in ALL:
        assert (states.action(state, states.PRIME) == states.PUSH) == (STATES[state] == "standby")
    for event in EVENTS:
        for state in (STATES.index("priming"), STATES.index("standby")):
            assert STATES[states.after(state, event)] in ("priming", "standby", "programmed", "fault")


def test_whatever_ends_running_halts_or_holds_and_what_keeps_it_lets_the_drive_go_on():
    for state in MOVING:
        for event in EVENTS:
            action = states.action(state, event)
            if states.running(states.after(state, event)):
                allowed = (states.REFUSE, states.KEEP, states.SLOW, states.STAY_OPEN)
                if event == states.CONTACT:
                    allowed = (states.DELIVER,)
                if event == states.OCCLUDE:
                    allowed = (states.DRAW_BACK,)
                assert action in allowed
            elif STATES[states.after(state, event)] == "paused":
                assert action == states.HOLD
            else:
                assert action == states.HALT


def test_a_paused_pump_goes_on_or_stops_and_does_nothing_else():
    paused = STATES.index("paused")
    ways = {}
    for event in EVENTS:
        if states.after(paused, event) not in (paused, FAULT):
            ways[states.EVENTS[event]] = STATES[states.after(paused, event)]
    assert ways == {"resume": "infusing", "stop": "stopped"}, "a bolus is not resumed, and nothing is programmed"


def test_what_was_read_back_is_applied_only_where_a_rate_may_change():
    for state in ALL:
        assert (state in states.CHANGING) == (states.action(state, states.CHANGE) == states.KEEP)


def test_a_bolus_begins_while_infusing_alone():
    bolus = STATES.index("bolus")
    for state in ALL:
        for event in EVENTS:
            if state != bolus and states.after(state, event) == bolus:
                assert (STATES[state], states.EVENTS[event]) == ("infusing", "bolus")


def test_nothing_leads_from_kvo_back_to_infusing():
    for event in EVENTS:
        assert STATES[states.after(STATES.index("kvo"), event)] not in ("infusing", "bolus", "paused")


def test_fault_is_reached_from_everywhere_and_left_by_clear_alone():
    for state in ALL:
        assert states.after(state, states.BREAK) == FAULT
        assert states.action(state, states.BREAK) == states.HALT
    for locked in (FAULT, UNCONFIRMED):
        for event in EVENTS:
            if states.after(locked, event) not in (locked, FAULT):
                ways = {states.CLEAR: "standby"}
                if locked == FAULT:
                    ways[states.UNCOVER] = "unconfirmed"
                assert STATES[states.after(locked, event)] == ways[event]


def test_another_session_takes_back_what_was_confirmed_and_leaves_the_rest():
    for state in ALL:
        waits = STATES[state] in ("confirmed", "armed")
        assert states.action(state, states.SESSION) == (states.RELEASE if waits else states.REFUSE)
        assert STATES[states.after(state, states.SESSION)] == ("programmed" if waits else STATES[state])


def test_an_armed_programme_that_expires_ends_as_if_it_had_been_stopped():
    armed = STATES.index("armed")
    assert states.after(armed, states.EXPIRE) == states.after(armed, states.STOP)
    assert states.action(armed, states.EXPIRE) == states.HALT


def test_start_needs_offer_confirm_and_arm_since_the_last_stop():
    # the shortest way from each state into delivering, by search
    ways = {
        "standby": 4,
        "programmed": 3,
        "confirmed": 2,
        "armed": 1,
        "complete": 4,
        "stopped": 4,
        "fault": 5,
        "paused": 1,
    }
    for name, steps in ways.items():
        reached = {STATES.index(name)}
        n = 0
        while not any(s in GIVING for s in reached):
            n += 1
            reached = {states.after(s, e) for s in reached for e in EVENTS}
        assert n == steps, name


def test_an_unlisted_happening_is_a_fault_and_an_unlisted_command_changes_nothing():
    for state in ALL:
        for event in EVENTS:
            if states.action(state, event) == states.REFUSE:
                assert states.after(state, event) == state
                assert states.EVENTS[event] in states.COMMANDS
    assert states.after(STATES.index("standby"), states.DONE) == FAULT
    assert states.after(STATES.index("kvo"), states.LAPSE_KVO) == FAULT
    assert states.after(STATES.index("infusing"), states.GIVEN) == FAULT


def test_what_a_host_asks_for_is_refused_where_it_is_not_listed_and_never_a_fault():
    asked = "offer confirm arm start clear uncover session pause resume change bolus take-up prime"
    listed = [(state, event) for state, event, _, _ in states.TABLE]
    for state in ALL:
        for name in asked.split():
            if (STATES[state], name) not in listed:
                event = states.EVENTS.index(name)
                assert (states.after(state, event), states.action(state, event)) == (state, states.REFUSE)
