"""A board that has no pump says so to every order to one, whatever else would be wrong with it; all else it does."""

from assuage_wire.codec import BY_NAME
from order_fakes import COMMANDS, SESSION, Ordered, refusal, status

# What a board at a bed can be asked without a pump: its journal, alarms, limits, sensors, and the watching for another.
ALL_THE_SAME = ("Probe", "Fetch", "Stored", "Acknowledge", "Silence", "Watch", "Unwatch", "SetLimit", "Patient")
ALL_THE_SAME += ("Measure", "Release", "Clear")
TO_A_PUMP = [m for m in COMMANDS if m.name not in ALL_THE_SAME]
STATES = ("standby", "fault")


def without(state="standby", ready=""):
    return Ordered(state, ready, False)


def test_every_order_to_a_pump_is_unsupported_and_changes_nothing():
    assert len(TO_A_PUMP) == 12
    for state in STATES:
        for message in TO_A_PUMP:
            board = without(state)
            before = board.stands()
            said = board.send(message, board.values(message))
            assert refusal(said) == (SESSION, board.command, "unsupported", 0, message.name)
            assert board.stands() == before, message.name


def test_whatever_it_says_as_long_as_the_table_lets_it_through():
    for message in TO_A_PUMP:
        for end in (3, 4):  # the least and the most of each field
            board = without()
            values = [SESSION, 9] + [plan[end] for plan in message.plan[2:]]
            assert refusal(board.send(message, values))[2:4] == ("unsupported", 0), message.name


def test_the_same_order_again_brings_the_same_answer():
    board = without()
    arm = BY_NAME["Arm"]
    first = board.send(arm, [SESSION, 9, 7])
    assert board.send(arm, [SESSION, 9, 7]) == first
    assert status(first) == "unsupported"


def test_what_needs_no_pump_is_done_all_the_same():
    for name in ALL_THE_SAME:
        board = without("fault" if name == "Clear" else "standby", name if name in ("Unwatch", "Release") else "")
        assert status(board.send(BY_NAME[name], board.values(BY_NAME[name]))) == "ok", name


def test_a_row_of_a_watching_is_taken_and_one_of_a_programme_is_not():
    board = without()
    guard = board.good("Guard")
    assert board.status("Guard", *guard) == "unsupported"
    assert board.status("Watch", *[guard[0], board.good("Watch")[1], 1]) == "ok"
    assert board.status("Guard", *guard) == "ok"


def test_stop_is_answered_and_a_lease_finds_nothing_that_it_could_be_for():
    board = without()
    (name, _) = board.send(BY_NAME["Stop"], [5])[0]
    assert name == "Stopped"
    assert status(board.send(BY_NAME["Lease"], board.values(BY_NAME["Lease"]))) == "no-lease"
    assert not board.bed.pump.lease.held
