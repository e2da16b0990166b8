"""A board whose chips, line, drive and clock are the rig's: MicroPython on a PC, behind one socket.

The rig's clock is the only one that the firmware's behaviour depends on. It is read when a wait ends and stands still
until the next, so that a run repeats exactly; how long a piece of code takes is measured with this machine's own clock
and is only ever reported.
"""

import os
import sys
import time
from array import array

from micropython import const

from assuage_wire.schema import S30
from boards.bedside import DATA as BEDSIDE
from boards.bedside import attach
from boards.bootcount import count_boot
from boards.fingerprint import fingerprint
from boards.reference import DATA
from boards.rigdevices import Adc, Bus, Contact, Inputs, Pin, Retained, StepGen, StopKey, Uart, Watchdog, get32, put32
from boards.rigdriver import DriverUart
from boards.rigflash import Flash
from boards.rigquiet import quiet
from boards.rigsocket import ANSWER, BODY, WAIT_BLOCK, RigSocket
from boards.unfitted import NoBus, NoSteps, without_pump

try:
    from boards.rigbytes_viper import seen
except (ImportError, SyntaxError, NameError):  # no native emitter here
    from boards.rigbytes import seen

_BOOT, _WAIT, _RESET = const(0x01), const(0x02), const(0xB8)
_DRIVER, _LINE = const(30), const(55)  # in the answer to a wait; what comes before is seen()'s
_MOST = const(192)  # foreseen
_PINS = ("led", "buzzer", "drive_enable")  # from the second on
_INPUTS = ("silence", "demand", "barrel", "plunger", "flange")
_LAMPS, _LAMP_PINS = const(13), ("led_red", "led_yellow")
_CHANNELS = ("supply", "barrel_pot", "air", "sounder")


class Board:
    """All of it. The rig is at the path that is the program's last argument; `quiet` among those before it makes it
    one for runs over days, see rigquiet.py; `untimed` one whose code takes no time, so that not even Health differs;
    `bedside` one with all of the patient's sensors, see bedside.py; `pumpless` one without a pump, see unfitted.py.

    ASSUAGE_TICKS in the environment, as BITS:FIRST, has ticks_ms() wrap at 2**BITS and show FIRST at boot.
    """

    name = "emulated"

    def __init__(self, path=None):
        rig = self._rig = RigSocket(path or sys.argv[-1])
        hello = bytearray(512)
        n = rig.ask(_BOOT, 0, 0, hello)
        self.uid = bytes(hello[:8])
        self.reset_cause = hello[8]
        self._nv_path = bytes(hello[17:n]).decode()
        self._boot_us = self._now_us = get32(hello, 9) | get32(hello, 13) << 32
        bits, first = (os.getenv("ASSUAGE_TICKS") or "30:0").split(":")
        self.ticks_mask = (1 << int(bits)) - 1
        self._first = self._ticks = int(first)
        self.uart = Uart(rig)
        self.driver_uart = DriverUart(rig)
        self.i2c0 = Bus(rig, 0)  # motion: encoder, bridge
        self.i2c1 = Bus(rig, 1)  # oximeter, fuel gauge
        self.stepgen = self._steps = StepGen(rig)
        self.watchdog = Watchdog(rig, self.ticks_ms, self.ticks_mask)
        self.retained = Retained(rig)
        self.flash = Flash(rig)
        self.pins = {}
        self.pins.update({name: Pin(rig, 1 + i) for i, name in enumerate(_PINS)})
        self.pins.update({name: Pin(rig, _LAMPS + i) for i, name in enumerate(_LAMP_PINS)})
        inputs = self._inputs = Inputs()
        self.pins["stop"] = StopKey(inputs)
        self.pins.update({name: Contact(inputs, i) for i, name in enumerate(_INPUTS)})
        self.adc = {name: Adc(inputs, i) for i, name in enumerate(_CHANNELS)}
        self._untimed = "untimed" in sys.argv[1:-1]
        self.data = quiet(DATA) if "quiet" in sys.argv[1:-1] else DATA
        if "bedside" in sys.argv[1:-1]:
            attach(self, rig)
            self.data = dict(DATA)
            self.data.update(BEDSIDE)
        if "pumpless" in sys.argv[1:-1]:
            self.stepgen = NoSteps()
            self.i2c0 = NoBus()
            self.data = without_pump(self.data)
        self.config = fingerprint(self.data)
        self._told = bytearray(WAIT_BLOCK)
        self._words = array("I", [0] * 13)  # of it, see rigbytes.seen
        self._told_more = bytearray(_LINE + _MOST + 256)
        self._ask(self._now_us)

    def ticks_ms(self):
        """Milliseconds since boot, as far as ticks_mask goes, as of the end of the last wait."""
        return self._ticks

    def ticks_us(self):
        """Microseconds, 30 bits, for measuring how long code takes."""
        return (self._now_us if self._untimed else time.ticks_us()) & S30  # type: ignore

    def wait(self, until_ms):
        """The only wait: returns when ticks_ms() has reached until_ms, a byte waits on the line or STOP was pressed."""
        if self.uart.any():
            return
        ahead = (until_ms - self._ticks) & self.ticks_mask
        past = ahead == 0 or ahead > self.ticks_mask >> 1
        until_us = self._now_us if past else self._boot_us + (self._elapsed_ms() + ahead) * 1000
        self._ask(until_us)
        self._ticks = (self._first + self._elapsed_ms()) & self.ticks_mask

    def boot_count(self):
        """How often this board has started, this time included. Kept in a file that a power cut cannot tear."""
        return count_boot(self._nv_path)

    def reset(self):
        """Starts the board anew."""
        self._rig.push(_RESET, 0, 0)
        while True:
            self.wait(self._ticks + 1000)

    def _ask(self, until_us):
        rig, at = self._rig, ANSWER
        put32(rig.out, BODY, until_us & 0xFFFFFFFF)
        put32(rig.out, BODY + 4, until_us >> 32)
        told, words = self._told, self._words
        rig.out[BODY + 8] = rig.taken
        end = ANSWER + rig.ask(_WAIT, self.driver_uart.room(), 9, self._told_more, told)
        if end > WAIT_BLOCK:
            told, at, end = self._told_more, 0, end - ANSWER
        seen(told, at, words)
        self._now_us = words[0] | words[1] << 32
        self._steps.seen(words)
        self._inputs.seen(words)
        self.driver_uart.arrived(told, at + _DRIVER, words[11])
        line = at + _LINE + words[12]
        rig.foresee(told, at + _LINE, line)
        self.uart.arrived(told, line, end)

    def _elapsed_ms(self):
        return (self._now_us - self._boot_us) // 1000
