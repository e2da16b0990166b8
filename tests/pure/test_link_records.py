"""The journal over the wire: one record a question, nothing acknowledged but what is surely this journal's."""

from assuage_wire.codec import BY_NAME
from assuage_wire.schema import NONE32, RECORDS, S30, STATUSES
from journal import kinds
from journal.logbook import Journal
from journal_fakes import Nor, ready
from link.port import Port
from link.records import Records
from link.telemetry import Identity, Telemetry
from link_fakes import Host, Line
from test_link_dispatch import Board

NAMES = [field[0] for field in BY_NAME["Record"].fields]


def _board(records=5):
    board = Board()
    board.ask("Identify", 77)
    journal = board.journal
    ready(journal, 20)
    journal.now(123_456, 2)
    for i in range(records):
        assert journal.says(kinds.RAISED, i, 1, 2, 1000 + i, S30, 3)
    return board, journal


def _fetch(board, command, number):
    ((name, values),) = board.ask("Fetch", 77, command, number)
    return dict(zip(NAMES, values)) if name == "Record" else STATUSES[values[2]]


def test_the_kinds_of_records_are_those_of_the_wire():
    for name in RECORDS[1:]:
        assert getattr(kinds, name.upper()) == RECORDS.index(name)


def test_a_record_travels_whole():
    board, journal = _board()
    first = journal.ring.newest - 4
    said = _fetch(board, 1, first)
    assert (said["number"], said["kind"], said["a"], said["b"], said["c"]) == (first, kinds.RAISED, 0, 1, 2)
    assert (said["x"], said["y"], said["z"]) == (1000, S30, 3)
    assert (said["boot"], said["ticks"], said["wraps"]) == (4, 123_456, 2)


def test_the_first_whole_record_from_there_on_is_sent_and_none_when_there_is_none():
    board, journal = _board()
    numbers = []
    number = command = 0
    while True:
        command += 1
        said = _fetch(board, command, number)
        if said == "bad-value":
            break
        numbers.append(said["number"])
        number = said["number"] + 1
    assert numbers[0] == 0 and RECORDS[kinds.SECTOR] == "sector", "the seal of the first sector"
    assert numbers[-5:] == [journal.ring.newest - i for i in range(4, -1, -1)]
    assert _fetch(board, command + 1, S30) == "bad-value"


def test_a_repeated_question_brings_the_same_record():
    board, journal = _board()
    first = _fetch(board, 1, 0)
    journal.says(kinds.RAISED, 9, 9, 9, 9, 9, 9)
    assert _fetch(board, 1, 0) == first


def test_what_is_stored_is_acknowledged_and_what_is_of_another_journal_is_not():
    board, journal = _board()
    said = _fetch(board, 1, journal.ring.newest - 1)
    number, check = said["number"], said["check"]
    for wrong in ((number, check ^ 1), (number + 1, check), (number + 9, check), (S30, check)):
        board.host.say("Stored", 77, 2 + wrong[0] % 1000, wrong[0], wrong[1])
        ((name, values),) = board.hear()
        assert name == "Reply" and STATUSES[values[2]] == "bad-value" and journal.ring.acked == 0
    ((name, values),) = board.ask("Stored", 77, 2000, number, check)
    assert name == "Reply" and STATUSES[values[2]] == "ok" and journal.ring.acked == number


def test_journal_tells_how_far_it_goes_and_what_is_missing():
    line = Line()
    host, telemetry = Host(line), Telemetry(Port(line), Identity(b"8 bytes!", (1, 2, 3), 5, 4, 2))
    journal = Journal(Nor(4), 4)
    records = Records(journal)
    telemetry.journal(records, 7, 8)
    ((name, values),) = host.listen()
    assert (name, values) == ("Journal", [7, 8, NONE32, S30, 0, 0, 0, 0])
    ready(journal, 20)
    for _ in range(3):
        journal.says(kinds.RAISED, 1, 1, 1, 1, 1, 1)
    journal.acknowledge(2)
    journal.ring.lost, journal.ring.bad = 5, 70_000
    telemetry.journal(records, 7, 8)
    ((name, values),) = host.listen()
    assert values == [7, 8, journal.ring.newest, 0, 2, 5, journal.ring.room(), 65_535]
