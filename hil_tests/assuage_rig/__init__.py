"""The bench: emulated chips, syringe and patient around a real MicroPython board process."""
