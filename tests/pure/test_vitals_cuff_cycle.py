"""The whole product of the cuff's states and events, and the promises that no path may break."""

from vitals import cuff_cycle as cycle

ALL = range(len(cycle.STATES))
EVENTS = range(len(cycle.EVENTS))
CLOSED = (cycle.INFLATING, cycle.BLEEDING)


def test_every_row_names_known_things_and_no_pair_is_listed_twice():
    seen = []
    for state, event, into, action in cycle.TABLE:
        assert state in cycle.STATES and into in cycle.STATES
        assert event in cycle.EVENTS and action in cycle.ACTIONS
        assert (state, event) not in seen
        seen.append((state, event))


def test_lookup_is_the_table_and_its_defaults_over_the_whole_product():
    listed = {}
    for state, event, into, action in cycle.TABLE:
        pair = (cycle.STATES.index(state), cycle.EVENTS.index(event))
        listed[pair] = (cycle.STATES.index(into), cycle.ACTIONS.index(action))
    for state in ALL:
        for event in EVENTS:
            default = (state, cycle.REFUSE) if event == cycle.START else (cycle.VENTING, cycle.VENT)
            expected = listed.get((state, event), default)
            assert (cycle.after(state, event), cycle.action(state, event)) == expected


def test_the_valve_is_closed_in_two_states_alone():
    assert tuple(state for state in ALL if cycle.closed(state)) == CLOSED


def test_stop_opens_the_valve_in_one_step_from_every_state():
    for state in ALL:
        assert not cycle.closed(cycle.after(state, cycle.STOP))
        assert cycle.action(state, cycle.STOP) == cycle.VENT


def test_only_a_zero_that_was_just_taken_closes_the_valve():
    for state in ALL:
        for event in EVENTS:
            if state not in CLOSED and cycle.closed(cycle.after(state, event)):
                assert (state, event) == (cycle.ZEROING, cycle.ZEROED)


def test_whatever_ends_a_closed_state_empties_the_cuff():
    for state in CLOSED:
        for event in EVENTS:
            into = cycle.after(state, event)
            assert into in CLOSED or into == cycle.VENTING


def test_after_an_inflation_an_arm_rests_before_the_next():
    reached = {cycle.VENTING}
    for _ in ALL:
        for state in tuple(reached):
            if state != cycle.RESTING:
                for event in EVENTS:
                    reached.add(cycle.after(state, event))
    assert reached == {cycle.VENTING, cycle.STUCK, cycle.RESTING}


def test_a_cuff_that_does_not_empty_is_left_by_its_emptying_alone():
    for event in EVENTS:
        if event not in (cycle.VENTED, cycle.START, cycle.STOP):
            assert cycle.after(cycle.STUCK, event) == cycle.VENTING, "which looks again whether it empties"
    assert cycle.after(cycle.STUCK, cycle.START) == cycle.STUCK
