"""A board that runs nothing but the drivers of its three newer chips, its keys and its lamps, and tells what they read.

Runs on MicroPython, on the emulated board's own buses and serial port. Every tenth of a second it says one line:
name=value words. A line that it hears sets an output: name and level.
"""

from boards.emulated import Board
from drivers.max17048 import MAX17048
from drivers.nau7802 import NAU7802
from drivers.tmc2209 import TMC2209

board = Board()
data = board.data
bridge = NAU7802(board.i2c0)
gauge = MAX17048(board.i2c1, **data["gauge"])
stepper = TMC2209(board.driver_uart, **data["driver"])
heard = bytearray(64)
line = b""
due = board.ticks_ms()
turn = 0

while True:
    board.wait(due)
    if board.uart.any():
        n = board.uart.readinto(heard, 64)
        line += bytes(heard[:n])
        while b"\n" in line:
            words, line = line.split(b"\n", 1)
            name, level = words.decode().split()
            board.pins[name].value(int(level))
        continue
    now = board.ticks_ms()
    due += 10
    turn += 1
    stepper.poll(now)
    if turn % 5 == 0:
        bridge.poll(now)
    if turn % 100 == 0:
        gauge.poll(now)
    if turn % 10 == 0:
        words = {
            "force": bridge.code, "force_ok": int(bridge.ok), "force_fault": bridge.fault,
            "mv": gauge.mv, "charge": gauge.charge, "gauge_ok": int(gauge.ok), "gauge_errors": gauge.errors,
            "stepper_ok": int(stepper.ok), "lost": int(stepper.lost), "faults": stepper.faults,
            "mscnt": stepper.mscnt, "errors": stepper.errors,
        }  # fmt: skip
        words.update({name: pin.value() for name, pin in board.pins.items()})
        words.update({"adc_" + name: adc.read_u16() for name, adc in board.adc.items()})
        text = (" ".join(f"{name}={value}" for name, value in words.items()) + "\n").encode()
        board.uart.write(text, len(text))
