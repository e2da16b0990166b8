"""A serial line, a host at its other end, and a pump and alarms that only take notes, for tests of the link."""

from assuage_wire import codec
from assuage_wire.frame import Reader, Writer


class Line:
    """The board's UART. arriving: what the host has sent. takes: bytes that write() accepts before it says no more."""

    def __init__(self):
        self.arriving = bytearray()
        self.sent = bytearray()
        self.takes = 1 << 20

    def any(self):
        return len(self.arriving)

    def readinto(self, buf, n):
        n = min(n, len(self.arriving))
        if not n:
            return None
        buf[:n] = self.arriving[:n]
        self.arriving = self.arriving[n:]
        return n

    def write(self, buf, n):
        n = min(n, self.takes)
        self.takes -= n
        self.sent += bytes(buf[:n])
        return n or None


class Host:
    """Speaks the wire to a Line. heard: (name, values) of every frame from the board; errors: refused ones.

    numbers: the frames' own, of all that were ever heard.
    """

    def __init__(self, line):
        self.heard = []
        self.numbers = []
        self._line = line
        self._writer = Writer()
        self._reader = Reader("<", self._hear)

    def frame(self, name, *values):
        n = self._writer.frame(codec.BY_NAME[name], list(values))
        return bytes(self._writer.out[:n])

    def say(self, name, *values):
        self._line.arriving += self.frame(name, *values)

    def listen(self):
        """What the board has said since the last call."""
        self._reader.feed(self._line.sent, len(self._line.sent))
        self._line.sent = bytearray()
        heard = self.heard
        self.heard = []
        return heard

    def errors(self):
        return self._reader.errors()

    def _hear(self, message, seq, values):
        self.numbers.append(seq)
        self.heard.append((message.name, list(values[: message.width])))


class Pump:
    """Notes every call in `calls` and answers `answer`."""

    def __init__(self):
        self.calls = []
        self.answer = (0, 0)
        self.state = 0
        self.delivery = self
        self.delivered = self
        self.nl = 0

    def offer(self, values, at):
        self.calls.append(("offer", list(values[at : at + 29])))
        return self.answer

    def read_back(self, out, at):
        for i in range(33):
            out[at + i] = i + 1
        out[at + 1] = 1  # mode
        out[at + 2 + 3] = 20_000  # bore
        out[at + 6] = 50_000_000
        out[at + 9] = 0
        out[at + 11] = 2000
        out[at + 20] = 0  # on_end
        out[at + 21] = 300  # level
        out[at + 23] = 0  # alike
        out[at + 26] = 0  # guards
        return at + 33

    def leg(self, *leg):
        return self._note("leg", *leg)

    def read_leg_back(self, out, at):
        for i in range(10):
            out[at + i] = i + 1

    def pause(self, programme):
        return self._note("pause", programme)

    def resume(self, *grant):
        return self._note("resume", *grant)

    def change(self, programme, kind, rate, volume, out, at):
        for i in range(7):
            out[at + i] = i + 1
        out[at + 1] = kind
        return self._note("change", programme, kind, rate, volume)

    def apply(self, programme, token):
        return self._note("apply", programme, token)

    def confirm(self, programme, token):
        return self._note("confirm", programme, token)

    def arm(self, programme):
        return self._note("arm", programme)

    def start(self, *grant):
        return self._note("start", *grant)

    def clear(self, reason):
        return self._note("clear", reason)

    def fault(self, reason):
        self.calls.append(("fault", reason))

    def stop(self, reason):
        self._note("stop", reason)

    def grant(self, *grant):
        return self._note("grant", *grant)

    def new_session(self):
        self._note("new session")

    def _note(self, *call):
        self.calls.append(call)
        return self.answer


class Watch:
    """Notes every call in `calls`; its alarms answer `answer`."""

    def __init__(self):
        self.calls = []
        self.answer = 0
        self.alarms = self

    def touched(self):
        self.calls.append(("touched",))

    def cleared(self):
        self.calls.append(("cleared",))

    def acknowledge(self, occurrence):
        self.calls.append(("acknowledge", occurrence))
        return self.answer

    def pause_audio(self, now):
        self.calls.append(("pause audio", now))
        return self.answer
