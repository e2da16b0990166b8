"""The interlock over the wire: rows, watchings and releases are answered, what another board asks is passed on."""

from assuage_wire import codec
from assuage_wire.schema import STATUSES
from interlock.guarding import Guarding
from interlock_ward import LOW_SPO2, NO_PULSE, PULSE, SPO2
from journal.logbook import Journal
from journal_fakes import Nor
from link import states
from link.dispatch import Dispatch
from link.port import Port
from link.records import Records
from link_fakes import Breaches, Host, Line
from pump import codes
from pump_fakes import Bed, fields
from vitals.readings import Readings


class Watch:
    """Notes what a human has read."""

    def __init__(self):
        self.heard = []

    def touched(self):
        self.heard.append("touched")

    def released(self):
        self.heard.append("released")


class Board:
    """A pump with its interlock, or without one, behind a line, in an open session."""

    def __init__(self, guarded=True):
        line = Line()
        self.host = Host(line)
        journal = Journal(Nor(), 1)
        self.guarding = Guarding((), Readings(0), journal, 1, 0) if guarded else None
        self.bed = Bed(guard=self.guarding)
        self.watch = Watch()
        self.port = Port(line)
        ends = (self.watch, lambda: None, Records(journal), Breaches(), self.guarding)
        self.dispatch = Dispatch(self.port, self.bed.pump, *ends)
        self.ask("Identify", 77)
        self._command = 0

    def ask(self, name, *values):
        self.host.say(name, *values)
        self.dispatch.now(1000, 0)
        while self.port.receive():
            pass
        return self.host.listen()

    def order(self, name, *values):
        """The answer of a command: its name and values by field, or the status of a Reply."""
        self._command += 1
        said = self.ask(name, 77, self._command, *values)
        assert len(said) == 1, said
        answer = dict(zip([f[0] for f in codec.BY_NAME[said[0][0]].fields], said[0][1]))
        assert (answer["session"], answer["command"]) == (77, self._command)
        return STATUSES[answer["status"]] if said[0][0] == "Reply" else (said[0][0], answer)


def test_the_rows_of_a_programme_are_read_back_and_the_last_brings_the_token():
    board = Board()
    name, back = board.order("Programme", *fields(guards=2))
    assert (name, back["token"], back["guards"]) == ("Readback", 0, 2)
    name, back = board.order("Guard", 7, 0, *LOW_SPO2)
    assert (name, back["lacking"], back["token"], back["watch"]) == ("GuardBack", 1, 0, 0)
    row = [back[f] for f in ("parameter", "kind", "threshold", "persistence", "hysteresis", "max_age", "missing")]
    assert (back["programme"], back["number"], tuple(row)) == (7, 0, LOW_SPO2)
    name, back = board.order("Guard", 7, 1, *NO_PULSE)
    assert (back["number"], back["lacking"], back["parameter"]) == (1, 0, PULSE)
    assert back["token"] == board.bed.pump.programme.token > 0
    assert board.order("Confirm", 7, back["token"]) == "ok"
    assert board.order("Guard", 7, 1, *NO_PULSE) == "bad-state"


def test_a_board_watches_for_another_and_the_last_row_brings_the_number():
    board = Board()
    name, back = board.order("Watch", 9, 4_711, 1)
    assert (name, back["watch"]) == ("WatchBack", 0)
    name, back = board.order("Guard", 9, 0, *LOW_SPO2)
    assert (name, back["lacking"], back["token"]) == ("GuardBack", 0, 0)
    watch = back["watch"]
    assert watch and (back["programme"], back["parameter"]) == (9, SPO2)
    name, back = board.order("Watch", 9, 4_711, 0)
    assert (name, back["watch"] != watch, back["watch"] > 0) == ("WatchBack", True, True)
    assert board.order("Unwatch", watch) == "bad-state"
    assert board.order("Unwatch", back["watch"]) == "ok"
    board.order("Programme", *fields())
    name, back = board.order("Watch", 9, 4_711, 1)
    assert (name, back["watch"]) == ("WatchBack", 0)
    assert board.order("Guard", 9, 0, *LOW_SPO2) == "bad-state", "the pump here has a programme, with other rows"


def test_an_ask_and_a_permit_are_for_the_open_session_and_are_not_answered():
    board = Board()
    _, back = board.order("Watch", 9, 4_711, 0)
    guarding = board.guarding
    for session, counts in ((76, False), (77, True)):
        assert board.ask("PassAsk", session, back["watch"], 5, 1) == []
        assert (guarding.answering.acting, guarding.stirred) == (counts, counts)
    guarding.asked.begin(77, 2_000, 0)
    guarding.asked.poll(500, False)
    ask = [0] * 3
    guarding.asked.fill(ask, 0)
    for session, counts in ((76, 0), (77, 2)):
        assert board.ask("PassPermit", session, 77, ask[1], 2, 255, 0, 0, 0, 0) == []
        assert guarding.asked.verdict == counts


def test_what_another_board_says_outside_the_table_is_nothing_and_is_not_answered():
    board = Board()
    message = codec.BY_NAME["PassAsk"]
    plan = message.plan
    try:
        message.plan = plan[:3] + (("B", 1, 1, 0, 255),)  # a host whose table lets it pass
        frame = board.host.frame("PassAsk", 77, 1, 5, 2)
    finally:
        message.plan = plan
    board.bed.pump.guard.stirred = False
    board.port._uart.arriving += frame
    assert board.ask("PassAsk", 76, 1, 5, 0) == []
    assert not board.guarding.stirred


def test_nothing_is_passed_to_a_board_before_a_session():
    board = Board()
    board.dispatch.session = 0
    board.dispatch.state = states.UNHEARD
    assert board.ask("PassAsk", 77, 1, 5, 1) == []
    assert not board.guarding.stirred


def test_a_release_reaches_the_interlock_and_acknowledges_its_alarm():
    board = Board()
    assert board.order("Release", 1) == "bad-state"
    assert "released" not in board.watch.heard
    board.guarding.trip.trip(SPO2, 0, 2, 871, 300)
    board.guarding.turn(10, codes.STANDBY)
    assert board.order("Release", 2) == "stale-clear"
    assert board.order("Release", 1) == "ok"
    assert board.watch.heard[-1] == "released" and board.guarding.why() == codes.WHY_NONE


def test_a_board_without_an_interlock_says_so():
    board = Board(guarded=False)
    assert board.ask("PassAsk", 77, 1, 5, 1) == board.ask("PassPermit", 77, 77, 1, 2, 255, 0, 0, 0, 0) == []
    assert board.order("Watch", 9, 1, 0) == board.order("Unwatch", 9) == board.order("Release", 1) == "unsupported"
    assert board.order("Guard", 9, 0, *LOW_SPO2) == "bad-state"
    assert board.order("Programme", *fields(guards=1)) == "unsupported"
