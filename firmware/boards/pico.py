"""A Raspberry Pi Pico (RP2040): its pins, its chips, and machine's classes behind the names that the firmware uses.

Checked against the stubs only; nothing in this file has run on silicon yet.
"""

import os
import time

import machine
from machine import ADC, I2C, UART, WDT, Pin, mem32
from micropython import const, kbd_intr

from assuage_wire.schema import RESETS, S30
from boards.bootcount import count_boot
from boards.fingerprint import fingerprint
from boards.pio_steps import PioSteps
from boards.reference import DATA
from boards.rp2flash import Rp2Flash

_BAUD = const(115_200)
_I2C_HZ = const(400_000)
_I2C_US = const(20_000)  # a whole FIFO takes 4.4 ms; a stuck bus must not take the loop's time
_BOOT_FILE = "boot.count"
_SIGNS_FILE = "vital-signs.board"

# RP2040 datasheet 4.7.6; scratch 4 belongs to the boot ROM and the SDK.
_REASON = const(0x40058008)
_TIMER, _FORCED = const(1), const(2)
_SCRATCH = const(0x4005800C)
# Beyond 30 bits, so each is an object on the heap: made once and never reckoned anew.
_WORDS = tuple([_SCRATCH + offset for offset in (0, 4, 8, 12, 20, 24, 28)])

_HALF = const(1 << 29)


class Watchdog:
    """machine.WDT, and what is left of it."""

    def __init__(self):
        self._wdt = None
        self._timeout = 0
        self._fed = 0

    def start(self, timeout_ms):
        """Starts it for good, or gives it another timeout; 8388 ms at most."""
        self._timeout = timeout_ms
        self._wdt = WDT(timeout=timeout_ms)
        self._fed = time.ticks_ms()

    def feed(self):
        """Grants another timeout."""
        if self._wdt is not None:
            self._wdt.feed()
            self._fed = time.ticks_ms()

    def margin(self):
        """Milliseconds until it would bite."""
        return max(0, self._timeout - time.ticks_diff(time.ticks_ms(), self._fed))


class Retained:
    """Seven words below 2**30 in the watchdog's scratch registers: they outlive a reset but not the power."""

    def get(self, i):
        """Word i."""
        return mem32[_WORDS[i]] & S30

    def set(self, i, value):
        """Keeps word i."""
        mem32[_WORDS[i]] = value


class StopKey:
    """The stop key, active low, whose value() is 0 while it is held and once after a press that is over by then.

    pressed: it was pressed since value() was last asked; that ends a wait.
    """

    def __init__(self, pin):
        self._pin = pin
        self.pressed = False
        pin.irq(self._fell, Pin.IRQ_FALLING, hard=True)

    def value(self):
        """0 when it is pressed, or was since the last look."""
        if self.pressed:
            self.pressed = False
            return 0
        return self._pin.value()

    def _fell(self, _pin):
        # between two bytecodes of anything: it may neither allocate nor raise, or the port switches the interrupt off
        try:
            self.pressed = True
        except Exception:
            pass


def reset_cause():
    """Why this start, index in RESETS."""
    reason = mem32[_REASON]
    if reason & _TIMER:
        return RESETS.index("watchdog")
    if reason & _FORCED:
        return RESETS.index("commanded")
    return RESETS.index("power-on")


def is_of_signs():
    """Whether this Pico is the board of vital signs: an empty file says so, and not a pin, for a wire that breaks must
    not drive one board's pins as the other's."""
    try:
        os.stat(_SIGNS_FILE)
    except OSError:
        return False
    return True


class Chip:
    """The processor: what all boards have that are built round an RP2040. pins["stop"] ends a wait."""

    ticks_mask = S30

    def __init__(self):
        kbd_intr(-1)  # a byte 0x03 on USB would otherwise end the firmware
        self.uid = machine.unique_id()
        self.reset_cause = reset_cause()
        self.uart = UART(0, _BAUD, tx=Pin(0), rx=Pin(1), rxbuf=1024, txbuf=1024)
        self.watchdog = Watchdog()
        self.retained = Retained()
        self.flash = Rp2Flash()
        self.pins = {}

    def ticks_ms(self):
        """Milliseconds since boot, as far as ticks_mask goes."""
        return time.ticks_ms()

    def ticks_us(self):
        """Microseconds, 30 bits."""
        return time.ticks_us()

    def wait(self, until_ms):
        """The only wait: returns when ticks_ms() has reached until_ms, a byte waits on the line or STOP was pressed."""
        uart = self.uart
        stop = self.pins["stop"]
        while not uart.any() and not stop.pressed and ((until_ms - time.ticks_ms() + _HALF) & S30) > _HALF:
            machine.idle()

    def boot_count(self):
        """How often this board has started, this time included."""
        return count_boot(_BOOT_FILE)

    def reset(self):
        """Starts the board anew."""
        machine.reset()


class Board(Chip):
    """All of it: UART 0 to the host, UART 1 and PIO 0 to the stepper driver, I2C 0 to encoder and bridge, I2C 1 to
    oximeter and fuel gauge, which has the encoder's address.

    GP12 is the driver's enable, active low, and wants a resistor of 10 kOhm to 3.3 V beside the driver. In reset and
    without firmware the pin floats but for the chip's own pull-down of 50 to 80 kOhm (datasheet, IO characteristics),
    which then leaves 2.7 V: high for a driver that asks for 0.7 of its 3.3 V, and the motor has no current.

    Keys and switches close to ground, so that a broken wire reads as a key that is not pressed and as a syringe that is
    not fitted. GP2, GP3 and GP22 are free.
    """

    name = "pico"

    def __init__(self):
        super().__init__()
        # The driver's one wire: RX on it, TX through 1 kOhm. A reply and the echo before it are 16 bytes at most.
        self.driver_uart = UART(1, _BAUD, tx=Pin(8), rx=Pin(9), rxbuf=64, txbuf=64)
        self.i2c0 = I2C(0, sda=Pin(4), scl=Pin(5), freq=_I2C_HZ, timeout=_I2C_US)  # motion
        self.i2c1 = I2C(1, sda=Pin(6), scl=Pin(7), freq=_I2C_HZ, timeout=_I2C_US)  # vitals
        self.pins = {
            "stop": StopKey(Pin(14, Pin.IN, Pin.PULL_UP)),
            "led": Pin(25, Pin.OUT, value=0),
            "buzzer": Pin(15, Pin.OUT, value=0),
            "drive_enable": Pin(12, Pin.OUT, value=1),
            "silence": Pin(13, Pin.IN, Pin.PULL_UP),
            "demand": Pin(16, Pin.IN, Pin.PULL_UP),
            "barrel": Pin(17, Pin.IN, Pin.PULL_UP),
            "plunger": Pin(18, Pin.IN, Pin.PULL_UP),
            "flange": Pin(19, Pin.IN, Pin.PULL_UP),
            "led_red": Pin(20, Pin.OUT, value=0),
            "led_yellow": Pin(21, Pin.OUT, value=0),
        }
        self.stepgen = PioSteps(Pin(10, Pin.OUT, value=0), Pin(11, Pin.OUT, value=1), self.pins["drive_enable"])
        self.adc = {"supply": ADC(29), "barrel_pot": ADC(26), "sounder": ADC(27), "air": ADC(28)}  # supply: VSYS / 3
        self.data = DATA
        self.config = fingerprint(DATA)
