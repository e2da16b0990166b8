"""The two COBS loops for the native code emitter of MicroPython, about twenty times as fast on a Cortex-M0.

Import under `try ... except (ImportError, SyntaxError)`: a port without the emitter refuses this file. Same contracts
as in frame.py, and equality-tested against it on MicroPython.
"""

import micropython


@micropython.viper
def cobs_encode(raw: ptr8, n: int, out: ptr8) -> int:
    """As frame.cobs_encode."""
    code_at = 0
    w = 1
    i = 0
    while i < n:
        b = raw[i]
        if b:
            out[w] = b
        else:
            out[code_at] = w - code_at
            code_at = w
        w += 1
        i += 1
    out[code_at] = w - code_at
    return w


@micropython.viper
def cobs_decode(enc: ptr8, n: int, out: ptr8) -> int:
    """As frame.cobs_decode."""
    r = 0
    w = 0
    while r < n:
        end = r + int(enc[r])
        if end > n or end == r:
            return -1
        r += 1
        while r < end:
            out[w] = enc[r]
            w += 1
            r += 1
        if r < n:
            out[w] = 0
            w += 1
    return w
