"""A board that does what it is told in lines of text: the rig's tests run this instead of the firmware.

Runs on MicroPython. Each line of the serial line is a verb with numbers; every verb is answered by one line.
"""

import socket
import struct
import sys

sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
sock.connect(struct.pack("H", socket.AF_UNIX) + sys.argv[-1].encode() + b"\0")


def read(n):
    data = b""
    while len(data) < n:
        more = sock.recv(n - len(data))
        if not more:
            sys.exit(0)
        data += more
    return data


def tell(op, a=0, payload=b""):
    sock.send(struct.pack("<BBH", op, a, len(payload)) + payload)


def ask(op, a=0, payload=b""):
    tell(op, a, payload)
    block = read(64)
    status, n = struct.unpack("<BH", block[:3])
    return status, block[3 : 3 + n] if n <= 61 else read(n)


def say(*words):
    tell(0xB0, 0, (" ".join(str(word) for word in words) + "\n").encode())


def wait(until_us):
    answer = ask(0x02, 0, struct.pack("<Q", until_us))[1]
    return struct.unpack("<Q", answer[:8])[0], answer[54:], struct.unpack("<IIBHB", answer[8:20])


def obey(verb, n):
    global tick_us, fed, text
    if verb == "push":
        tell(0xA1, 0, struct.pack("<II", n[0], n[1]))
    elif verb == "enable":
        tell(0xA3, n[0])
    elif verb == "forward":
        tell(0xA4, n[0])
    elif verb == "abort":
        say(*struct.unpack("<IIBHB", ask(0x22)[1]))
        return
    elif verb == "state":
        _, arrived, state = wait(0)
        text += arrived
        say(*state)
        return
    elif verb == "now":
        say(struct.unpack("<Q", ask(0x03)[1])[0])
        return
    elif verb == "mem":  # bus, address, register, count
        status, data = ask(0x10, n[0], bytes(n[1:4]))
        say(status, *data)
        return
    elif verb == "write":  # bus, address, register, bytes ...
        say(ask(0x11, n[0], bytes(n[1:]))[0])
        return
    elif verb == "watchdog":
        tell(0xB1, 0, struct.pack("<I", n[0]))
    elif verb == "guarded":  # by a watchdog that it feeds at every turn
        tell(0xB1, 0, struct.pack("<I", n[0]))
        fed = True
        tick_us = 20_000
    elif verb == "feed":
        tell(0xB2)
    elif verb == "retain":
        tell(0xB4, n[0], struct.pack("<I", n[1]))
    elif verb == "retained":
        say(*struct.unpack("<7I", ask(0x33)[1]))
        return
    elif verb == "pin":
        say(ask(0x35, n[0])[1][0])
        return
    elif verb == "set":
        tell(0xB6, n[0], bytes(n[1:2]))
    elif verb == "reset":
        tell(0xB8)
        wait(1 << 60)
    elif verb == "tick":  # from now on a turn this long, in which both chips are read
        tick_us = n[0]
    elif verb == "unknown":
        say(ask(0x7F)[0])
        return
    elif verb == "keep":  # into the file that stands for flash
        with open(nv_path, "w") as f:
            f.write(str(n[0]))
    elif verb == "kept":
        with open(nv_path) as f:
            say(f.read())
        return
    elif verb == "hang":
        while True:
            pass
    elif verb == "restless":
        while True:
            ask(0x03)
    elif verb == "crash":
        raise RuntimeError("told to crash")
    say("ok")


hello = ask(0x01)[1]
uid, cause, now = struct.unpack("<8sBQ", hello[:17])
nv_path = hello[17:].decode()
tick_us = 0
fed = False
say("boot", cause, now)
text = b""
due = 1 << 60
while True:
    now, arrived, _ = wait(due)
    text += arrived
    while b"\n" in text:
        line, text = text.split(b"\n", 1)
        words = line.decode().split()
        obey(words[0], [int(word) for word in words[1:]])
        due = now + tick_us if tick_us else 1 << 60
    if now >= due:
        due += tick_us
        if fed:
            tell(0xB2)
            continue
        status, angle = ask(0x10, 0, bytes((0x36, 0x0C, 2)))
        status, fifo = ask(0x10, 1, bytes((0x57, 0x04, 3)))
        unread = (fifo[0] - fifo[2]) & 31
        if unread:
            status, data = ask(0x10, 1, bytes((0x57, 0x07, 6 * unread)))
            tell(0xB0, 0, data)
        tell(0xB0, 0, angle + bytes(fifo))
