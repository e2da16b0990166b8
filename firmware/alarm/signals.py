"""Light and sound of the alarm that is most urgent, after the pattern of IEC 60601-1-8.

One signal at a time. A pattern is a row of durations, every other one a pulse; all are whole multiples of the 25 ms at
which the loop looks while an alarm stands, so that a loop in time makes them exactly and one that is late makes them
longer, never shorter.
"""

from micropython import const

from alarm.conditions import HIGH
from assuage_wire.schema import S30

# Pulse, spacing, pulse, ... and the time between bursts. Low, medium, high. Every bound that these keep is second-hand
# [V2]: pulse and spacing 125-250 ms, high 75-200 and 50-125 with 3->4 = 8->9 = 2x+td, 5->6 0.35-1.30 s; between bursts
# 2.5-15 s (high), 2.5-30 s (medium), more than 15 s or none (low).
BURSTS = (
    (),
    (200, 200, 200, 30_000),
    (200, 200, 200, 200, 200, 10_000),
    (150, 100, 150, 100, 150, 350, 150, 100, 150, 700, 150, 100, 150, 100, 150, 350, 150, 100, 150, 5000),
)
PHRASE_MS = const(500)  # a silence so long ends a burst, or the half of a high one that counts as heard
# On and off. 1.4-2.8 Hz red (high), 0.4-0.8 Hz yellow (medium), steady yellow (low) [V]; on for 20-60 % [V2].
LIGHTS = ((0, 0), (1, 0), (1000, 1000), (250, 250))

BETWEEN_MS = const(200)  # at least, between a pulse of one signal and the first of another

_CUT = const(-2)  # place: the last pulse of a signal that has been overtaken
_WAIT = const(-1)  # place: silence, of _for ms at least


class Signals:
    """red, yellow, buzzer: whether they are on. poll() every 25 ms, after latch.Alarms.poll()."""

    def __init__(self):
        self.red = False
        self.yellow = False
        self.buzzer = False
        self._playing = 0  # priority of the burst
        self._place = _WAIT
        self._for = 0
        self._since = 0  # ticks at which this place began
        self._resting = True  # in a silence at which a burst may be left
        self._hushed = 0
        self._level = 0  # priority of the light
        self._lit = False
        self._turned = 0  # ticks at which the light was last turned on or off

    def poll(self, alarms, now):
        """Sets red, yellow and buzzer.

        A burst whose condition has ended by itself is finished (half of it, when high). What somebody silences is
        silent at once. A more urgent signal waits for the end of the pulse under way.
        """
        alarms.survey()
        want = alarms.sound
        if want > self._playing:
            self._turn_to(want)
        elif want < self._playing and (self._resting or alarms.hushed != self._hushed):
            if self.buzzer:
                self._wait(now)
            self._turn_to(want)
        self._hushed = alarms.hushed
        if (now - self._since) & S30 >= self._for:
            self._advance(alarms, now)
        self._light(max(alarms.shown, self._playing), now)

    def _turn_to(self, priority):
        self._playing = priority
        if self.buzzer:
            self._place = _CUT
        elif self._place != _WAIT:
            self._wait(self._since)

    def _wait(self, now):
        """Silence, which began at `now`."""
        self.buzzer = False
        self._place = _WAIT
        self._since = now
        self._for = BETWEEN_MS
        self._resting = True

    def _advance(self, alarms, now):
        if self._place == _CUT:
            self._wait(now)
        elif self._playing:
            burst = BURSTS[self._playing]
            place = (self._place + 1) % len(burst)
            if place == 0:
                alarms.begun(self._playing)
            self._resting = burst[place] >= PHRASE_MS
            if self._resting:
                alarms.heard()
            self._place = place
            self._since = now
            self._for = burst[place]
            self.buzzer = not place & 1

    def _light(self, level, now):
        on, off = LIGHTS[level]
        if level != self._level:
            self._level = level
            self._lit = level > 0
            self._turned = now
        elif off and (now - self._turned) & S30 >= (on if self._lit else off):
            self._lit = not self._lit
            self._turned = now
        self.red = self._lit and level == HIGH
        self.yellow = self._lit and level != HIGH
