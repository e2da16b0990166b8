"""The wire between board and host: one package, the same files on MicroPython and CPython."""
