"""What the board does with its host's messages, whatever the line does to them."""

from assuage_wire import codec
from assuage_wire.schema import REASONS, S30, STATUSES
from journal.logbook import Journal
from journal_fakes import Nor
from link import states
from link.dispatch import QUIET_MS, Dispatch
from link.port import Port
from link.records import Records
from link_fakes import Host, Line, Pump, Watch

PROGRAMME = (5, 1, 166_667, 5_000_000, 36_000, 26_700, 50_000_000, 20_000_000, 50_000_000, 0, 0, 2000)
PROGRAMME += (0, 255, 0, 0, 0, 0, 1_000_000_000, 1_000_000_000, 0)
PROGRAMME += (300, 0, 0, 50_000_000, 0, 0, 0, 0)
HOST_STOP = REASONS.index("host-stop")


class Board:
    """A dispatch on a line, with a pump that takes notes; hellos counts how often it said who it is."""

    def __init__(self):
        self.line = Line()
        self.host = Host(self.line)
        self.pump = Pump()
        self.watch = Watch()
        self.hellos = 0
        port = Port(self.line)
        self.journal = Journal(Nor(3), 4)
        self.dispatch = Dispatch(port, self.pump, self.watch, self._hello, Records(self.journal))
        self._port = port

    def _hello(self):
        self.hellos += 1

    def hear(self, ticks=1000, wraps=0):
        """Takes what has arrived; returns what the board said to it."""
        self.dispatch.now(ticks, wraps)
        while self._port.receive():
            pass
        return self.host.listen()

    def ask(self, name, *values):
        self.host.say(name, *values)
        return self.hear()


def _in_session(session=77):
    board = Board()
    board.ask("Identify", session)
    board.pump.calls.clear()
    return board


def _status(said):
    assert len(said) == 1 and said[0][0] == "Reply", said
    return STATUSES[said[0][1][2]]


def test_stop_stops_before_any_session_and_is_answered_every_time():
    board = Board()
    board.pump.state = 7
    board.pump.nl = 1234
    for token in (9, 9, 0, 65535):
        assert board.ask("Stop", token) == [("Stopped", [token, 7, 1234])]
    assert board.pump.calls == [("stop", HOST_STOP)] * 4


def test_identify_and_stop_work_for_a_host_with_another_table_and_nothing_else_does():
    board = Board()
    strange = [m for m in codec.MESSAGES if m.direction == ">" and not m.frozen]
    seeds = [m.seed for m in strange]
    host = board.host
    try:
        for m in strange:
            m.seed ^= 1
        lease = host.frame("Lease", 77, 1, 5, 1500, 0)
        orders = host.frame("Arm", 77, 1, 5) + host.frame("Start", 77, 2, 5, 1500, 0)
    finally:
        for m, seed in zip(strange, seeds):
            m.seed = seed
    board.line.arriving += host.frame("Identify", 77) + orders + lease + host.frame("Stop", 3)
    said = board.hear()
    assert board.hellos == 1
    assert said == [("Stopped", [3, 0, 0])]
    assert board.pump.calls == [("new session",), ("stop", HOST_STOP)]


def test_every_command_reaches_the_pump_with_its_values_and_the_time():
    board = _in_session()
    board.host.say("Programme", 77, 1, *PROGRAMME)
    board.host.say("Confirm", 77, 2, 5, 4711)
    board.host.say("Arm", 77, 3, 5)
    board.host.say("Start", 77, 4, 5, 2500, 1)
    board.host.say("Clear", 77, 5, 8)
    board.host.say("Lease", 77, 1, 5, 2600, 1)
    board.host.say("Probe", 77, 6)
    board.host.say("Leg", 77, 7, 5, 0, 1000, 2000, 0, 60)
    board.host.say("Pause", 77, 8, 5)
    board.host.say("Resume", 77, 9, 5, 2700, 1)
    board.host.say("Change", 77, 10, 5, 1, 1000, 2000)
    board.host.say("Apply", 77, 11, 5, 4712)
    said = board.hear(2000, 1)
    assert board.pump.calls == [
        ("offer", list(PROGRAMME)),
        ("confirm", 5, 4711),
        ("arm", 5),
        ("start", 5, 2500, 1, 2000, 1),
        ("clear", 8),
        ("grant", 5, 1, 2600, 1, 2000, 1),
        ("leg", 5, 0, 1000, 2000, 0, 60),
        ("pause", 5),
        ("resume", 5, 2700, 1, 2000, 1),
        ("change", 5, 1, 1000, 2000),
        ("apply", 5, 4712),
    ]
    backs = {1: "Readback", 7: "LegBack", 10: "ChangeBack"}
    assert [name for name, _ in said] == [backs.get(n, "Reply") for n in range(1, 12)]
    assert [values[:2] for _, values in said] == [[77, n] for n in range(1, 12)]
    assert said[1][1][2:] == [0, 0, 0, 2000, 1, codec.BY_NAME["Confirm"].id]


def test_commands_to_the_alarms_reach_them_and_bring_their_answer():
    board = _in_session()
    board.host.say("Acknowledge", 77, 1, 4711)
    board.host.say("Silence", 77, 2)
    said = board.hear(2000, 1)
    touched = ("touched",)
    assert board.watch.calls == [touched, ("acknowledge", 4711), touched, ("pause audio", 2000)]
    orders = [codec.BY_NAME[name].id for name in ("Acknowledge", "Silence")]
    assert said == [("Reply", [77, n + 1, 0, 0, 0, 2000, 1, orders[n]]) for n in (0, 1)]
    board.watch.answer = STATUSES.index("stale-clear")
    assert _status(board.ask("Acknowledge", 77, 3, 4711)) == "stale-clear"
    assert _status(board.ask("Silence", 77, 4)) == "stale-clear"
    assert board.pump.calls == []


def test_a_clear_that_the_pump_takes_acknowledges_and_one_that_it_refuses_does_not():
    board = _in_session()
    board.ask("Clear", 77, 1, 8)
    assert ("cleared",) in board.watch.calls
    board.watch.calls.clear()
    board.ask("Clear", 77, 1, 8)
    assert board.watch.calls == [], "the same command again is not carried out again"
    board.pump.answer = (STATUSES.index("stale-clear"), 0)
    board.ask("Clear", 77, 2, 8)
    assert board.watch.calls == [("touched",)]


def test_what_a_host_does_by_itself_is_nobodys_doing():
    board = _in_session()
    board.ask("Probe", 77, 1)
    board.ask("Lease", 77, 1, 5, 1500, 0)
    board.ask("Identify", 78)
    assert board.watch.calls == []
    board.ask("Arm", 78, 1, 5)
    assert board.watch.calls == [("touched",)]


def test_no_command_is_carried_out_before_a_session_or_in_another():
    board = Board()
    orders = (
        ("Programme", PROGRAMME),
        ("Confirm", (5, 1)),
        ("Arm", (5,)),
        ("Start", (5, 1500, 0)),
        ("Clear", (1,)),
        ("Probe", ()),
        ("Acknowledge", (1,)),
        ("Silence", ()),
    )
    for _ in range(2):
        for n, (name, values) in enumerate(orders):
            for session in (1, 76, 78, 65535):
                assert _status(board.ask(name, session, n + 1, *values)) == "wrong-session"
        board.ask("Lease", 76, 1, 5, 1500, 0)
        assert [call for call in board.pump.calls if call != ("new session",)] == []
        assert board.watch.calls == []
        board.ask("Identify", 77)


def test_a_repeated_command_is_answered_the_same_and_carried_out_once():
    board = _in_session()
    first = board.ask("Programme", 77, 1, *PROGRAMME)
    board.pump.answer = (2, 600)
    second = board.ask("Arm", 77, 2, 5)
    assert STATUSES[second[0][1][2]] == "rate-limit" and second[0][1][3] == 600
    calls = list(board.pump.calls)
    board.pump.answer = (0, 0)
    board.pump.state = 3
    assert board.ask("Arm", 77, 2, 5) == second, "a refusal is kept too"
    assert board.ask("Programme", 77, 1, *PROGRAMME) == first
    assert board.pump.calls == calls


def test_a_command_so_old_that_its_answer_is_forgotten_is_refused():
    board = _in_session()
    for n in range(1, 21):
        assert _status(board.ask("Arm", 77, n, 5)) == "ok"
    board.pump.calls.clear()
    for n in range(1, 13):
        assert _status(board.ask("Arm", 77, n, 5)) == "bad-value"
    assert board.pump.calls == []
    assert _status(board.ask("Arm", 77, 21, 5)) == "ok"


def test_another_command_under_an_id_that_was_used_is_refused_and_not_carried_out():
    board = _in_session()
    first = board.ask("Arm", 77, 1, 5)
    board.pump.calls.clear()
    for name, values in (("Clear", (5,)), ("Arm", (6,)), ("Probe", ()), ("Programme", PROGRAMME)):
        assert _status(board.ask(name, 77, 1, *values)) == "bad-value"
    assert board.pump.calls == []
    assert board.ask("Arm", 77, 1, 5) == first


def test_a_new_session_forgets_answers_and_grants_and_a_repeated_identify_does_not():
    board = _in_session()
    board.ask("Arm", 77, 1, 5)
    board.ask("Identify", 77)
    assert board.hellos == 2 and board.pump.calls == [("arm", 5)]
    board.ask("Arm", 77, 1, 5)
    assert board.pump.calls == [("arm", 5)], "still the kept answer"
    board.ask("Identify", 78)
    assert board.pump.calls[-1] == ("new session",)
    assert _status(board.ask("Arm", 77, 1, 5)) == "wrong-session"
    assert _status(board.ask("Arm", 78, 1, 5)) == "ok"
    assert board.pump.calls[-1] == ("arm", 5)


def test_a_refused_programme_is_answered_with_the_limit_that_it_breaks():
    board = _in_session()
    board.pump.answer = (STATUSES.index("rate-limit"), 10_000_000)
    said = board.ask("Programme", 77, 1, *PROGRAMME)
    assert said == [
        ("Reply", [77, 1, STATUSES.index("rate-limit"), 10_000_000, 0, 1000, 0, codec.BY_NAME["Programme"].id])
    ]


def test_commands_are_heard_between_garbage_and_broken_frames():
    board = _in_session()
    whole = board.host.frame("Arm", 77, 1, 5)
    board.line.arriving += b"\x00\x00noise\x00" + whole[:7] + b"\x00" + bytes(300) + b"x" * 500 + b"\x00" + whole
    assert _status(board.hear()) == "ok"
    assert board.pump.calls == [("arm", 5)]


def test_the_time_of_a_grant_may_be_anywhere_on_the_clock():
    board = _in_session()
    board.host.say("Lease", 77, 3, 5, 4, 1)
    board.hear(S30, 0)
    assert board.pump.calls == [("grant", 5, 3, 4, 1, S30, 0)]


def test_a_board_that_no_host_has_identified_says_each_second_who_it_is():
    board = Board()
    for second in range(3):
        board.dispatch.greet(second * 1000)
    assert board.hellos == 3


def test_a_board_whose_host_is_heard_keeps_still_and_greets_again_once_it_has_been_quiet_for_long():
    board = Board()
    board.host.say("Identify", 77)
    board.hear(1000)
    assert board.hellos == 1
    board.host.say("Probe", 77, 1)
    board.hear(5000)
    board.dispatch.greet(5000 + QUIET_MS - 1)
    assert board.hellos == 1
    board.dispatch.greet(5000 + QUIET_MS)
    board.dispatch.greet(5000 + QUIET_MS + 1000)
    assert board.hellos == 3


def test_a_host_that_comes_back_after_a_silence_goes_on_in_its_session():
    board = _in_session()
    board.dispatch.greet(1000 + QUIET_MS)
    assert board.hellos == 2
    assert _status(board.ask("Probe", 77, 1)) == "ok"
    board.dispatch.greet(1001)
    assert board.hellos == 2
    assert ("new session",) not in board.pump.calls


def test_what_comes_in_another_session_does_not_count_as_heard():
    board = _in_session()
    board.host.say("Probe", 78, 1)
    assert _status(board.hear(1000 + QUIET_MS - 1)) == "wrong-session"
    board.dispatch.greet(1000 + QUIET_MS)
    assert board.hellos == 2


def test_a_quiet_host_is_noticed_over_a_wrap_of_the_clock():
    board = Board()
    board.host.say("Identify", 77)
    board.hear(S30 - 500)
    board.dispatch.greet((S30 - 500 + QUIET_MS - 1) & S30)
    assert board.hellos == 1
    board.dispatch.greet((S30 - 500 + QUIET_MS) & S30)
    assert board.hellos == 2


def test_a_session_whose_bookkeeping_broke_is_a_fault_that_refuses_all_but_identify_and_stop():
    board = Board()
    board.ask("Identify", 77)
    board.dispatch.state = states.UNHEARD  # in which the same session again cannot be
    board.pump.calls.clear()
    board.ask("Identify", 77)
    assert board.pump.calls == [("fault", REASONS.index("internal"))]
    assert _status(board.ask("Probe", 77, 1)) == "faulted"
    assert _status(board.ask("Lease", board.dispatch.session, 1, 5, 1500, 0)) == "faulted"
    assert board.ask("Stop", 4)[0][0] == "Stopped"
    before = board.hellos
    board.ask("Identify", 78)
    assert board.hellos == before + 1 and board.dispatch.session == 77
