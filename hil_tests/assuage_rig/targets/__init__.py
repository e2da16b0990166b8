"""How a board is run: MicroPython on this machine, an emulated RP2040, a serial port."""
