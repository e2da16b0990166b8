"""The cuff over the wire: asked for, stopped, repeated; and what it tells of itself."""

from assuage_wire.codec import BY_NAME
from assuage_wire.schema import CUFF_STATES, MEASURES, NONE16, SIGNALS, STATUSES
from cuff_toy import Toy, run
from link.measuring import fill, order
from vitals.cuff import Cuff
from vitals.cuff_cycle import BLEEDING, IDLE, INFLATING, RESTING, STATES, VENTING, ZEROING


def ask(cuff, what, minutes=0):
    return STATUSES[order(cuff, MEASURES.index(what), minutes)]


def told(cuff):
    """The message as a dict, what is an enumeration by its name."""
    message = BY_NAME["Cuff"]
    out = [None] * message.width
    fill(cuff, out, 7, 8)
    values = {field[0]: out[i] for i, field in enumerate(message.fields)}
    assert (values["ticks"], values["wraps"]) == (7, 8)
    return CUFF_STATES[values["state"]], values["pressure"], values["every"], values["next"], SIGNALS[values["last"]]


def test_the_wires_names_of_the_states_are_the_cycles():
    assert CUFF_STATES == STATES


def test_a_start_begins_one_and_is_refused_while_one_goes_on():
    cuff, toy = Cuff(), Toy()
    assert ask(cuff, "start") == "ok" and cuff.state == ZEROING
    for state in (ZEROING, INFLATING, BLEEDING, VENTING):
        run(cuff, toy, 200, state)
        assert ask(cuff, "start") == "bad-state" and cuff.state == state
    run(cuff, toy, 10, RESTING)
    assert ask(cuff, "start") == "bad-state", "the last one is still worked on"
    run(cuff, toy, 5)
    assert ask(cuff, "start") == "ok" and told(cuff)[3] <= 27
    run(cuff, toy, 30, ZEROING)


def test_a_stop_opens_the_valve_at_once_and_is_refused_when_there_is_nothing_to_stop():
    cuff, toy = Cuff(), Toy()
    assert ask(cuff, "stop") == "bad-state" and cuff.state == IDLE
    for state in (ZEROING, INFLATING, BLEEDING, VENTING):
        ask(cuff, "start")
        run(cuff, toy, 200, state)
        assert ask(cuff, "stop") == "ok"
        assert (cuff.pump, cuff.closed, cuff.bleed) == (0, 0, 100)
        assert told(cuff)[4] == "ended"
        run(cuff, toy, 100, IDLE)


def test_a_stop_while_the_arm_rests_takes_back_what_was_to_come():
    cuff, toy = Cuff(), Toy()
    toy.pulse = False
    ask(cuff, "start")
    run(cuff, toy, 200, RESTING)
    run(cuff, toy, 5)
    assert told(cuff)[3] == 25, "it is tried once more"
    assert ask(cuff, "stop") == "ok" and told(cuff)[3] == NONE16
    run(cuff, toy, 60)
    assert cuff.state == IDLE


def test_of_each_whole_number_of_minutes_the_next_one_begins_then():
    for minutes in (1, 2, 7, 60):
        cuff, toy = Cuff(), Toy()
        assert ask(cuff, "every", minutes) == "ok"
        run(cuff, toy, 1)
        assert told(cuff)[2:4] == (minutes, minutes * 60), "the first sample begins the count"
        assert run(cuff, toy, minutes * 60, ZEROING) == minutes * 60 - 1


def test_never_ends_automatic_ones_and_an_ordered_one_still_works():
    cuff, toy = Cuff(0, 1), Toy()
    assert ask(cuff, "every", 0) == "ok"
    run(cuff, toy, 200)
    assert told(cuff)[2:] == (0, NONE16, "never") and cuff.state == IDLE
    assert ask(cuff, "start") == "ok"


def test_another_number_of_minutes_counts_from_the_order_and_the_same_again_holds_nothing_up():
    cuff, toy = Cuff(0, 10), Toy()
    run(cuff, toy, 300)
    ask(cuff, "every", 3)
    assert told(cuff)[3] == 180, "and does not begin at once"
    for _ in range(17):
        run(cuff, toy, 10)
        ask(cuff, "every", 3)
    assert run(cuff, toy, 30, ZEROING) in (9, 10)


def test_who_stops_one_has_the_whole_interval_before_the_next():
    cuff, toy = Cuff(0, 1), Toy()
    run(cuff, toy, 90, BLEEDING)
    ask(cuff, "stop")
    assert told(cuff)[3] == 60
    assert run(cuff, toy, 70, ZEROING) in (59, 60)


def test_what_is_told_follows_a_cycle_from_its_beginning_to_its_end():
    cuff, toy = Cuff(0, 5), Toy()
    assert told(cuff) == ("idle", NONE16, 5, 300, "never"), "before the first sample"
    run(cuff, toy, 60)
    assert told(cuff) == ("idle", 0, 5, 241, "never")
    ask(cuff, "start")
    run(cuff, toy, 20, BLEEDING)
    state, pressure, every, following, last = told(cuff)
    assert (state, every, last) == ("bleeding", 5, "measuring") and 285 <= following <= 300
    assert 1550 <= pressure <= 1700 and abs(pressure * 10 - toy.p // 10) <= 400
    run(cuff, toy, 200, RESTING)
    run(cuff, toy, 5)
    assert told(cuff)[0] == "resting" and told(cuff)[4] == "ok"
    for n in range(20):
        cuff.nothing(toy.ticks + 20 * n)
    assert told(cuff)[1] == NONE16, "the sensor says nothing"


def test_while_an_arm_rests_the_next_one_is_no_sooner_than_its_rest_is_over():
    cuff, toy = Cuff(0, 1), Toy()
    run(cuff, toy, 90, BLEEDING)
    run(cuff, toy, 60, RESTING)
    assert told(cuff)[3] >= 29
    left = told(cuff)[3]
    assert run(cuff, toy, 60, ZEROING) in (left - 1, left)
