"""The board's end of the line: whole frames out or none, and never stuck on what comes in."""

import micropython

from assuage_wire import codec
from assuage_wire.codec import BY_NAME
from link.port import Port
from link_fakes import Host, Line

STOPPED = BY_NAME["Stopped"]


def _port():
    line = Line()
    port = Port(line)
    heard = []
    port.listen(lambda message, _seq, values: heard.append((message.name, list(values[: message.width]))))
    return line, port, heard


def test_frames_come_in_however_the_bytes_are_cut():
    line, port, heard = _port()
    bytes_ = b"".join(Host(line).frame("Stop", n) for n in range(40))
    for cut in (1, 3, 11, 64, 1000):
        heard.clear()
        for at in range(0, len(bytes_), cut):
            line.arriving += bytes_[at : at + cut]
            while port.receive():
                pass
        assert heard == [("Stop", [n]) for n in range(40)]


def test_a_flood_is_taken_in_portions():
    line, port, _ = _port()
    line.arriving += bytes(10_000)
    turns = 0
    while port.receive():
        turns += 1
        assert turns < 100
    assert turns >= 10, "so that other tasks get their turns"
    assert not line.any()


def test_a_host_does_not_hear_itself():
    line, port, heard = _port()
    host = Host(line)
    line.arriving += host.frame("Stopped", 1, 0, 0)
    port.receive()
    assert heard == [] and port.reader.type == 1


def test_a_slow_line_gets_whole_frames_in_order_and_drops_are_counted():
    line, port, _ = _port()
    host = Host(line)
    sent, said = [], []
    for n in range(200):
        line.takes = n * 7 % 23
        port.flush()
        if port.send(STOPPED, [n, 0, 0]):
            sent.append(("Stopped", [n, 0, 0]))
        said += host.listen()
    line.takes = 1000
    assert port.flush()
    said += host.listen()
    assert said == sent
    assert host.errors() == 0
    assert len(sent) + port.dropped == 200 and port.dropped > 0


def test_a_frame_that_was_dropped_leaves_a_gap_in_the_numbers():
    line, port, _ = _port()
    host = Host(line)
    line.takes = 0
    assert port.send(STOPPED, [0, 0, 0]), "it waits for the line"
    assert not port.send(STOPPED, [0, 0, 0])
    line.takes = 1000
    port.flush()
    assert port.send(STOPPED, [0, 0, 0])
    host.listen()
    assert port.dropped == 1 and host.numbers == [0, 2]
    for _ in range(3 + 256):
        line.takes = 0
        port.send(STOPPED, [0, 0, 0])
    line.takes = 1000
    port.flush()
    port.send(STOPPED, [0, 0, 0])
    host.listen()
    assert host.numbers == [0, 2, 3, (4 + 258) & 0xFF]


def test_a_value_outside_the_table_is_not_sent():
    line, port, _ = _port()
    try:
        port.send(STOPPED, [70_000, 0, 0])
        raised = False
    except codec.WireError:
        raised = True
    assert raised and not line.sent
    assert port.send(STOPPED, [7, 0, 0])
    assert Host(line).listen() == [("Stopped", [7, 0, 0])]


class _Sink:
    """A line that allocates nothing."""

    def __init__(self, arriving):
        self.arriving = arriving
        self.at = 0
        self.written = 0

    def any(self):
        return len(self.arriving) - self.at

    def readinto(self, buf, n):
        n = min(n, self.any())
        for i in range(n):
            buf[i] = self.arriving[self.at + i]
        self.at += n
        return n

    def write(self, _buf, n):
        self.written += n
        return n


def test_receiving_and_sending_allocate_nothing():
    host = Host(Line())
    sink = _Sink(b"".join(host.frame("Lease", 77, n, 5, 1000 + n, 0) for n in range(1, 50)))
    port = Port(sink)
    seen = [0]

    def count(_message, _seq, values):
        seen[0] += values[1]

    port.listen(count)
    values = [7, 0, 123]
    micropython.heap_lock()
    try:
        while port.receive():
            port.send(STOPPED, values)
    finally:
        micropython.heap_unlock()
    assert seen[0] == sum(range(1, 50)) and sink.written
