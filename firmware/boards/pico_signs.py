"""A Raspberry Pi Pico (RP2040) as the board of vital signs: all of the patient's sensors, keys and lamps, and no pump.

A processor in reset, without firmware or without supply leaves its outputs floating, which the chip's own pull-downs of
50 to 80 kOhm (datasheet, IO characteristics) and the resistors of docs/pico_signs.md make low: pump off, dump valve
open, amplifier shut down. What keeps the valve closed is changes of GP17 alone, see docs/decisions/013.

Checked against the stubs and with stand-ins only; nothing in this file has run on silicon yet.
"""

from array import array

from machine import ADC, I2C, PWM, UART, Pin, Timer
from micropython import const

from boards.fingerprint import fingerprint
from boards.pico import Board as PumpBoard
from boards.pico import Chip, StopKey, is_of_signs
from boards.signs import DATA
from boards.unfitted import Constant, NoBus, NoSteps

_GAS_BAUD = const(38_400)  # SprintIR-R; W and 6S have 9600
_I2C_HZ = const(400_000)
_I2C_US = const(20_000)
_ECG_HZ = const(250)
_KEPT = const(256)  # samples: a second, and a power of two
_BLEED_HZ = const(1000)  # of the bleed valve's current, whose coil makes the mean of it. ASSUMED, to be measured
_FULL = const(65_535)


class Sampler:
    """A converter that samples by itself: a timer reads both of its inputs, so that no second reader cuts in between.

    wave: of the ECG. other: of an input that changes slowly, whose newest reading is read_u16().
    Raises TypeError before MicroPython 1.26, whose rp2 port first had a hard timer (micropython pull request 17363).
    """

    def __init__(self, wave, other):
        self._read = wave.read_u16
        self._read_other = other.read_u16
        self._codes = array("H", [0] * _KEPT)
        self._put = 0  # samples, modulo _KEPT
        self._taken = 0
        self._other = 0
        self._timer = Timer(-1)
        self._timer.init(freq=_ECG_HZ, callback=self._sample, hard=True)

    def read(self, into):
        """Moves what was sampled since the last call into an array of "H", 12 bits each; returns how many.

        What does not fit stays for the next call, until it is a second old.
        """
        n = min((self._put - self._taken) % _KEPT, len(into))
        for i in range(n):
            into[i] = self._codes[(self._taken + i) % _KEPT]
        self._taken = (self._taken + n) % _KEPT
        return n

    def read_u16(self):
        """The other input, 0 to 65535."""
        return self._other

    def _sample(self, _timer):
        # between two bytecodes of anything: it may neither allocate nor raise, or the port stops the timer
        try:
            self._codes[self._put] = self._read() >> 4
            self._put = (self._put + 1) % _KEPT
            self._other = self._read_other()
        except Exception:
            pass


class Duty:
    """A valve's current in % of the time, by PWM."""

    def __init__(self, pin):
        self._set = PWM(pin, freq=_BLEED_HZ, duty_u16=0).duty_u16
        self._duty = 0

    def value(self, percent):
        """Sets it, 0 to 100."""
        if percent != self._duty:
            self._duty = percent
            self._set(_FULL * percent // 100)


class SignsBoard(Chip):
    """All of it: UART 0 to the host, UART 1 to the capnograph, I2C 1 to oximeter, cuff's pressure and thermometer."""

    name = "pico-signs"

    def __init__(self):
        super().__init__()
        closed = Pin(16, Pin.OUT, value=0)  # the dump valve first, and open
        self.gas_uart = UART(1, _GAS_BAUD, tx=Pin(8), rx=Pin(9), rxbuf=512, txbuf=64)
        self.i2c0 = NoBus()
        self.i2c1 = I2C(1, sda=Pin(6), scl=Pin(7), freq=_I2C_HZ, timeout=_I2C_US)
        self.driver_uart = None
        self.stepgen = NoSteps()
        absent = Constant(1)
        self.pins.update(
            {
                "stop": StopKey(Pin(14, Pin.IN, Pin.PULL_UP)),
                "led": Pin(25, Pin.OUT, value=0),
                "buzzer": Pin(15, Pin.OUT, value=0),
                "silence": Pin(13, Pin.IN, Pin.PULL_UP),
                "led_red": Pin(20, Pin.OUT, value=0),
                "led_yellow": Pin(21, Pin.OUT, value=0),
                "drive_enable": absent,
                "demand": absent,
                "barrel": absent,
                "plunger": absent,
                "flange": absent,
                "lod_plus": Pin(18, Pin.IN),
                "lod_minus": Pin(19, Pin.IN),
                "ecg_shutdown": Pin(22, Pin.OUT, value=0),
                "ecg_restore": Pin(2, Pin.OUT, value=0),
                "cuff_pump": Pin(10, Pin.OUT, value=0),
                "cuff_bleed": Duty(Pin(12)),
                "cuff_closed": closed,
                "cuff_feed": Pin(17, Pin.OUT, value=0),
            }
        )
        self.ecg = Sampler(ADC(26), ADC(27))
        nothing = Constant(0)
        self.adc = {"supply": nothing, "barrel_pot": nothing, "air": nothing, "sounder": self.ecg}
        self.data = DATA
        self.config = fingerprint(DATA)


def chosen():
    """The board that this Pico is."""
    return SignsBoard() if is_of_signs() else PumpBoard()
