"""The step drive on the PIO: a short queue of words in front of the program that makes the pulses, see pio_program.py.

Not exercised: this class, the rp2 module, and silicon.
"""

import rp2
from machine import mem32
from micropython import const

from assuage_wire.schema import S30
from boards.pio_program import CYCLES_PER_US, delay_of, steps, tally

_HARD = const(8)  # entries of the joined FIFO: four words
_SOFT = const(4)  # words that wait for it here
_FDEBUG = const(0x50200008)  # of PIO 0
_STALLED = const(1 << 24)  # state machine 0 had to wait for a word


class PioSteps:
    """The step drive on state machines 0 and 1. Its queue holds eight words, four of them out of Python's reach.

    step, direction, enable: pins of the stepper driver; enable is active low, and pulled up where the driver is.
    """

    def __init__(self, step, direction, enable):
        self._direction = direction
        self._enable = enable
        self._soft = [0] * (2 * _SOFT)
        self._waiting = 0  # words in _soft
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
        self.enable(False)
        self.forward(True)

    def push(self, count, period_us):
        """Queues `count` steps, one every period_us; 0 steps are a pause. Raises ValueError when the queue is full."""
        self._refill()
        if self._waiting == _SOFT:
            raise ValueError("the step queue is full")
        self._soft[2 * self._waiting] = count
        self._soft[2 * self._waiting + 1] = delay_of(period_us)
        self._waiting += 1
        self._pushed = (self._pushed + count) & S30
        self._refill()
        self._fed = True
        mem32[_FDEBUG] = _STALLED

    def room(self):
        """Words that the queue still takes."""
        self._refill()
        return _SOFT - self._waiting + (_HARD - self._steps.tx_fifo()) // 2

    def consumed(self):
        """Steps made since boot, forward ones less backward ones, 30 bits."""
        self._refill()
        return (self._before + self._sign * (self._made() - self._turned)) & S30

    def queued(self):
        """Steps still in the queue."""
        self._refill()
        return (self._pushed - self._made()) & S30

    def dry_runs(self):
        """How often the queue ran dry after a push."""
        self._refill()
        if self._fed and not self._waiting and mem32[_FDEBUG] & _STALLED:
            self._fed = False
            self._dry += 1
        return self._dry

    def abort(self):
        """Empties the queue at once; a pulse under way is cut, and counted."""
        self._steps.active(0)
        for _ in range(_HARD):
            self._steps.exec(self._drop)
        self._steps.exec(self._low)
        self._steps.restart()
        self._waiting = 0
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

    def _refill(self):
        soft = self._soft
        while self._waiting and self._steps.tx_fifo() <= _HARD - 2:
            self._steps.put(soft[0])
            self._steps.put(soft[1])
            self._waiting -= 1
            for i in range(2 * self._waiting):
                soft[i] = soft[i + 2]
