"""The step drive on the PIO: a ring of words in RAM, which DMA moves to the program that makes the pulses.

The idea: two DMA channels and two rings. `feed` moves one word, a count and a delay, from the ring of words into the
state machine's FIFO as that takes them, and then wakes `leave`. `leave` moves the next entry of the ring of leaves into
the transfer count of `feed`, which starts it: a 2 is leave for one more word, a 0 starts nothing (a null trigger). So
push() puts down a word, a 0 eight places ahead and a 2 in the word's own place, and wakes `leave` if that has already
read a 0 there. Nothing that runs is ever stopped to be given more, no word is moved twice, and what a frozen firmware
leaves behind is the words that have leave: eight at most in RAM, in the FIFO and under way, and fewer where
pump/delivery.py has queued all the volume that may be. It needs neither interpreter nor interrupt nor flash.

abort() takes all leave back before it ends the transfers: what an aborted channel may still set off (RP2040-E13: its
last transfer counts as a completion) then finds only zeros. Reading how far `feed` is while it runs is inexact where
the ring turns (RP2040-E12), by a whole ring, which the mask takes away.

Sources: RP2040 datasheet 2.5 (DMA), 3.7 (PIO registers), appendix B (errata); rp2.DMA of MicroPython 1.29.
Exercised: this class and its programs on a model of the DMA channels, the FIFO and the state machine, which is an
emulator that others wrote (tests/firmware/rp2040.py). Not exercised: rp2 itself, silicon.
"""

from array import array

import rp2
from machine import mem32
from micropython import const
from uctypes import addressof

from assuage_wire.schema import S30
from boards.pio_program import CYCLES_PER_US, delay_of, steps, tally

_WORDS = const(8)  # pump/steps.QUEUE
_LEAVES = const(16)
_RING = const(64)  # bytes of either ring, which begins at a multiple of it
_BITS = const(6)
_FIFO = const(8)  # entries of the joined FIFO
_DREQ = const(0)  # PIO 0, state machine 0, transmit
_CHANNEL_0 = const(0x5000001C)  # transfer count and trigger of DMA channel 0; the others follow 64 bytes apart
_FDEBUG = const(0x50200008)  # of PIO 0
_STALLED = const(1 << 24)  # state machine 0 waits for a word, or has since this was cleared


class PioSteps:
    """The step drive on state machines 0 and 1. Its queue holds eight words, the one under way among them.

    step, direction, enable: pins of the stepper driver; enable is active low, and pulled up where the driver is.
    """

    def __init__(self, step, direction, enable):
        self._direction = direction
        self._enable = enable
        self._ram = array("I", bytes(3 * _RING))
        at = addressof(self._ram)
        self._base = (at + _RING - 1) & -_RING
        self._first = (self._base - at) // 4  # of the words in _ram
        self._leave_0 = self._first + _RING // 4
        self._put = 0  # words put down, modulo _LEAVES
        self._fed = False
        self._dry = 0
        self._pushed = 0  # steps, modulo 2**30
        self._turned = 0  # tally when the direction last changed
        self._before = 0  # forward less backward steps made until then
        self._sign = 1
        self._copy = rp2.asm_pio_encode("mov(isr, invert(x))", 0)
        self._send = rp2.asm_pio_encode("push(noblock)", 0)
        self._drop = rp2.asm_pio_encode("pull(noblock)", 0)
        self._low = rp2.asm_pio_encode("set(pins, 0)", 0)
        self._steps = rp2.StateMachine(0, steps, freq=CYCLES_PER_US * 1_000_000, set_base=step)
        self._tally = rp2.StateMachine(1, tally, in_base=step)
        self._tally.exec("mov(x, invert(null))")
        self._tally.active(1)
        self._steps.active(1)
        self._feed = feed = rp2.DMA()
        self._leave = leave = rp2.DMA()
        first, second = feed.channel, leave.channel  # type: ignore
        ctrl = feed.pack_ctrl(inc_write=False, ring_size=_BITS, treq_sel=_DREQ, chain_to=second)
        feed.config(read=self._base, write=self._steps, count=0, ctrl=ctrl)
        ctrl = leave.pack_ctrl(inc_write=False, ring_size=_BITS)
        leave.config(read=self._base + _RING, write=_CHANNEL_0 + 64 * first, count=1, ctrl=ctrl)
        self.enable(False)
        self.forward(True)

    def push(self, count, period_us):
        """Queues `count` steps, one every period_us; 0 steps are a pause. Raises ValueError when the queue is full."""
        if self.room() == 0:
            raise ValueError("the step queue is full")
        ram, put = self._ram, self._put
        at = 2 * (put % _WORDS)
        ram[self._first + at] = count
        ram[self._first + at + 1] = delay_of(period_us)
        ram[self._leave_0 + (put + _WORDS) % _LEAVES] = 0
        ram[self._leave_0 + put] = 2
        self._put = (put + 1) % _LEAVES
        self._pushed = (self._pushed + count) & S30
        self._fed = True
        # Moved up to this word, and idle, and still there: by now, many of the DMA's cycles later, it has found a 0.
        here = self._base + 4 * at
        if self._read() == here and not self._feed.active() and self._read() == here:
            self._leave.config(read=self._base + _RING + 4 * put, trigger=True)

    def room(self):
        """Words that the queue still takes."""
        waiting = ((self._base + 8 * self._put - self._read()) % _RING) // 4
        # In this order: what moves meanwhile is counted twice, not left out.
        words = (waiting + self._steps.tx_fifo() + 1) // 2
        return max(0, _WORDS - words - (0 if self._idle(words) else 1))

    def consumed(self):
        """Steps made since boot, forward ones less backward ones, 30 bits."""
        return (self._before + self._sign * (self._made() - self._turned)) & S30

    def queued(self):
        """Steps still in the queue."""
        return (self._pushed - self._made()) & S30

    def dry_runs(self):
        """How often the queue ran dry after a push."""
        self.room()
        return self._dry

    def abort(self):
        """Empties the queue at once; a pulse under way is cut, and counted."""
        self._steps.active(0)
        for i in range(_LEAVES):
            self._ram[self._leave_0 + i] = 0
        self._feed.active(0)
        self._leave.active(0)
        for _ in range(_FIFO):
            self._steps.exec(self._drop)
        self._steps.exec(self._low)
        self._steps.restart()
        self._feed.config(read=self._base)
        self._put = 0
        self._fed = False
        self._pushed = self._made()
        self._steps.active(1)

    def enable(self, on):
        """Energises the motor, or lets go."""
        self._enable.value(0 if on else 1)

    def forward(self, on):
        """Direction of the steps from now on. Raises ValueError while steps are queued: they would turn back."""
        if self.queued():
            raise ValueError("the step queue is not empty")
        self._before = self.consumed()
        self._turned = self._made()
        self._sign = 1 if on else -1
        self._direction.value(1 if on else 0)

    def _made(self):
        """Pulses since boot, 30 bits: asks the tally for its count while it goes on."""
        self._tally.exec(self._copy)
        self._tally.exec(self._send)
        return self._tally.get() & S30

    def _read(self):
        """Address of the entry that `feed` moves next."""
        return self._feed.read  # type: ignore

    def _idle(self, words):
        """Whether the state machine waits for a word at this moment; with none in the queue it has run dry."""
        mem32[_FDEBUG] = _STALLED  # which is set anew at once while it waits
        waits = bool(mem32[_FDEBUG] & _STALLED)
        if waits and self._fed and not words:
            self._fed = False
            self._dry += 1
        return waits
