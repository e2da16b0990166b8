"""What the emulated board does with single bytes of the rig's socket, in plain code; see rigbytes_viper.py."""


def copy(into, to, buf, at, n):
    """into[to : to + n] = buf[at : at + n], without anything in between."""
    for i in range(n):
        into[to + i] = buf[at + i]


def put32(buf, at, value):
    """Puts the low 32 bits there, little-endian."""
    buf[at] = value & 0xFF
    buf[at + 1] = value >> 8 & 0xFF
    buf[at + 2] = value >> 16 & 0xFF
    buf[at + 3] = value >> 24 & 0xFF


def get32(buf, at):
    """The 32 bits that are there, unsigned."""
    return buf[at] | buf[at + 1] << 8 | buf[at + 2] << 16 | buf[at + 3] << 24


def request(queue, at, op, a, body, begin, n):
    """Puts a request with body[begin : begin + n] into the queue; returns the place after it."""
    queue[at] = op
    queue[at + 1] = a
    queue[at + 2] = n & 0xFF
    queue[at + 3] = n >> 8
    copy(queue, at + 4, body, begin, n)
    return at + 4 + n


def foreseen(told, at, bus, address, register, buf, n):
    """Fills buf[:n] if what was foreseen at that place is this read; returns the place after it, else 0."""
    if told[at + 1] != address or told[at + 2] != register or told[at + 3] != n or told[at] != bus:
        return 0
    copy(buf, 0, told, at + 4, n)
    return at + 4 + n


def seen(told, at, words):
    """Takes the answer to a wait apart, into 32 bits each: time (low, high), steps, queued, room, dry runs, levels,
    four readings, bytes of the driver, bytes foreseen."""
    for i in range(4):
        words[i] = get32(told, at + 4 * i)
    words[4] = told[at + 16]
    words[5] = told[at + 17] | told[at + 18] << 8
    words[6] = told[at + 20]
    for i in range(4):
        words[7 + i] = told[at + 21 + 2 * i] | told[at + 22 + 2 * i] << 8
    words[11] = told[at + 29]
    words[12] = told[at + 54]
