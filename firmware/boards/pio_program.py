"""The PIO's programs: what makes the step pulses while Python does anything else, and what counts them.

Program `steps` takes a count and a delay from its FIFO and makes `count` pulses one period apart, the first one period
after the last of the word before; a count of 0 is a pause of one period. Every path through it takes the same number
of cycles, so that no edge depends on where a word ends: a period of P us is CYCLES_PER_US * P cycles, OVERHEAD of them
outside the delay loop. Program `tally` counts the pulses on the pin itself: what it says was really made.

Periods are whole microseconds. A flow whose steps are not so far apart gets words of two neighbouring periods, and an
integer that carries the rest (pump/course.py): no step is lost to rounding however long it lasts. The motor sees the
difference as a ripple of rate * 1 us, 1.2 % at 12 kHz, which is less than what it starts with from rest.

The state machine runs at 5 MHz: 125 and 200 MHz are whole multiples of it, so its divider has no fraction, and with
it no jitter. Exercised: both programs, cycle by cycle on an emulator of the PIO (tests/firmware/test_pio_program.py):
every edge of words back to back from 1 Hz to 200 kHz, pauses, and a dry queue. Not exercised: silicon.
"""

import rp2

try:
    from typing import TYPE_CHECKING
except ImportError:
    TYPE_CHECKING = False
if TYPE_CHECKING:
    from rp2.asm_pio import *

CYCLES_PER_US = 5
OVERHEAD = 19
SHORTEST_US = 4


@rp2.asm_pio(set_init=rp2.PIO.OUT_LOW, fifo_join=rp2.PIO.JOIN_TX)
def steps():
    wrap_target()
    label("word")
    pull(block)
    mov(x, osr)  # the count
    pull(block)  # the delay, which stays in OSR
    jmp(not_x, "pause")
    jmp(x_dec, "step")
    label("step")
    mov(y, osr)
    label("delay")
    jmp(y_dec, "delay")
    set(pins, 1)[9]  # 2 us
    set(pins, 0)
    jmp(x_dec, "again")
    wrap()
    label("again")
    jmp("step")[4]  # as long as fetching a word takes
    label("pause")
    mov(y, osr)
    label("idle")
    jmp(y_dec, "idle")
    jmp("word")[12]  # as long as a pulse takes


@rp2.asm_pio()
def tally():
    wrap_target()
    wait(1, pin, 0)
    jmp(x_dec, "counted")  # x falls from all ones
    label("counted")
    wait(0, pin, 0)
    wrap()


def delay_of(period_us):
    """What makes a period of so many microseconds; shorter ones than SHORTEST_US become that."""
    return CYCLES_PER_US * max(period_us, SHORTEST_US) - OVERHEAD
