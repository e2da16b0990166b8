"""A board's alarms with light and sound, and time, for tests on both interpreters; and what was seen and heard."""

from alarm import states
from alarm.conditions import TABLE, UNIT
from alarm.latch import Alarms
from alarm.signals import Signals
from assuage_wire.schema import ALARMS, S30
from pump.spread import packed

STATE = states.STATES.index
code = ALARMS.index


class Ward:
    """ms: since it was made; the board's clock may begin anywhere. tones: [begin, end) of each pulse, in ms. reds,
    yellows: the same of the lamps; an end of None is still to come."""

    def __init__(self, ticks=0, table=TABLE):
        self.alarms = Alarms(packed(table, UNIT))
        self.signals = Signals()
        self.ms = 0
        self.tones = []
        self.reds = []
        self.yellows = []
        self._ticks = ticks

    def now(self):
        return (self._ticks + self.ms) & S30

    def turn(self, ms=25):
        """Lets ms pass and has one turn of the loop."""
        self.ms += ms
        self.alarms.poll(self.now())
        self.signals.poll(self.alarms, self.now())
        self._note(self.tones, self.signals.buzzer)
        self._note(self.reds, self.signals.red)
        self._note(self.yellows, self.signals.yellow)

    def run(self, ms, step=25):
        for _ in range(ms // step):
            self.turn(step)

    def _note(self, spans, on):
        open_ = len(spans) > 0 and spans[-1][1] is None
        if on and not open_:
            spans.append([self.ms, None])
        elif open_ and not on:
            spans[-1][1] = self.ms

    def cause(self, name, present=True):
        self.alarms.cause(code(name), present, self.now())

    def state(self, name):
        return states.STATES[self.alarms.state[code(name)]]

    def number(self, name):
        return self.alarms.occurrence[code(name)]

    def acknowledge(self, name):
        return self.alarms.acknowledge(self.number(name))

    def pause(self):
        return self.alarms.pause_audio(self.now())

    def told(self, name):
        """The message about it: ticks, wraps, code, priority, state, occurrence, seconds, pause."""
        out = [0] * 8
        self.alarms.fill(code(name), out, self.now(), 3)
        return out

    def sounding(self):
        self.alarms.survey()
        return self.alarms.sound

    def shown(self):
        self.alarms.survey()
        return self.alarms.shown

    def forget(self):
        """From here on, tones and lights are noted anew; for a moment at which all is dark and silent."""
        self.tones.clear()
        self.reds.clear()
        self.yellows.clear()
