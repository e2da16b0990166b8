"""What a person at the pump sees, hears and presses: the alarms' lamps and sounder, the silence key, stuck keys.

Everything goes on without a host. The sounder is listened to by the current that it draws: it chirps at power-on and
when a programme is armed, so that a dead one is found before it is needed.
"""

from alarm.latch import Alarms
from alarm.selfcheck import Key, Sounder
from alarm.signals import Signals
from alarm.watch import Watch
from assuage_wire.schema import ALARMS
from pump.codes import ARMED, PAUSED
from pump.states import running
from pump.supply import TEST_SOUNDER

_SOUNDER_FAULT = ALARMS.index("sounder-fault")
_KEY_STUCK = ALARMS.index("key-stuck")


class Panel:
    """pins: silence (0 is pressed), led_red, led_yellow, buzzer. current: the ADC at the sounder. limits: (quiet, loud)
    of its readings. pump: a pump.control.Pump.

    watch, alarms: what is wrong, and what has become of it. stop, demand: the other two keys, polled by whoever reads
    their pins.
    """

    def __init__(self, pins, current, limits, pump):
        self.alarms = Alarms()
        self.watch = Watch(self.alarms, pump)
        self.stop = Key()
        self.demand = Key()
        self._silence = Key()
        self._sounder = Sounder(limits[0], limits[1])
        self._signals = Signals()
        self._pump = pump
        self._key = pins["silence"]
        self._red = pins["led_red"]
        self._yellow = pins["led_yellow"]
        self._buzzer = pins["buzzer"]
        self._current = current
        self._armed = False
        self._shown = 0
        self._sounder.chirp()
        pump.tests.add(TEST_SOUNDER)

    def poll(self, now):
        """One turn, every 25 ms while an alarm or the sounder is on, else every 50.

        False when the alarms' own bookkeeping is broken: then alarm() is all that is left.
        """
        watch = self.watch
        alarms = self.alarms
        sounder = self._sounder
        silence = self._silence
        silence.poll(not self._key.value(), now)
        if silence.pressed:
            watch.touched()
            alarms.pause_audio(now)
        state = self._pump.state
        if sounder.passed():
            self._pump.tests.set(TEST_SOUNDER, True)
        elif sounder.fault() and state != PAUSED and not running(state):
            self._pump.tests.passed &= ~(1 << TEST_SOUNDER)  # nothing is begun; what is under way goes on
        armed = state == ARMED
        if armed and not self._armed:
            sounder.chirp()
        self._armed = armed
        watch.says(_KEY_STUCK, silence.stuck or self.stop.stuck or self.demand.stuck, now)
        watch.says(_SOUNDER_FAULT, sounder.fault(), now)
        watch.battery = self._pump.supply.battery
        watch.poll(now)
        alarms.poll(now)
        if alarms.broken:
            return False
        signals = self._signals
        signals.poll(alarms, now)
        sounder.poll(signals.buzzer, self._current.read_u16(), now)
        self._show(signals.red | signals.yellow << 1 | sounder.on << 2)
        return True

    def sounds(self):
        """Whether the sounder is on, or about to be."""
        return self._sounder.busy()

    def alarm(self):
        """Red and a steady tone, by the shortest way: whatever should have driven them is broken."""
        self._shown = -1
        self._red.value(1)
        self._buzzer.value(1)

    def _show(self, shown):
        changed = shown ^ self._shown
        self._shown = shown
        if changed & 1:
            self._red.value(shown & 1)
        if changed & 2:
            self._yellow.value(shown >> 1 & 1)
        if changed & 4:
            self._buzzer.value(shown >> 2)
