"""Buses with one chip each for tests of the drivers: registers, and a transfer that fails when it is told to.

Nothing in a transfer allocates, so that drivers can be tested on them with the heap locked.
"""


class Bus:
    """machine.I2C's two register transfers. fail_at: the transfer, counted down from now, that is not acknowledged.

    silent: none is acknowledged.
    """

    def __init__(self, address):
        self.address = address
        self.silent = False
        self.fail_at = -1
        self.transfers = 0

    def readfrom_mem_into(self, addr, reg, buf):
        self._begin(addr)
        self.read(reg, buf)

    def writeto_mem(self, addr, reg, buf):
        self._begin(addr)
        self.write(reg, buf)

    def _begin(self, addr):
        assert addr == self.address, "another chip's address"
        self.transfers += 1
        self.fail_at -= 1
        if self.silent or self.fail_at == -1:
            raise OSError(5)


class Encoder(Bus):
    """An AS5600. Registers that no driver may write are not writable here either."""

    def __init__(self):
        Bus.__init__(self, 0x36)
        self.conf = 0
        self.status = 0x67  # a magnet, and the undefined bits that good sensors show
        self.angle = 0
        self.writes = 0

    def read(self, reg, buf):
        if reg == 0x07:
            assert len(buf) == 2
            buf[0] = self.conf >> 8
            buf[1] = self.conf & 0xFF
        elif reg == 0x0B:
            assert len(buf) == 1
            buf[0] = self.status
        else:
            assert reg == 0x0C and len(buf) == 2, "an angle is read whole, in one transaction"
            buf[0] = 0xF0 | self.angle >> 8
            buf[1] = self.angle & 0xFF

    def write(self, reg, buf):
        assert reg == 0x07 and len(buf) == 2, "only CONF may be written, and only whole"
        self.conf = buf[0] << 8 | buf[1]
        self.writes += 1


class Oximeter(Bus):
    """A MAX30102 whose FIFO does not roll over. make(n): n samples; red is their number, infrared 100 000 more."""

    def __init__(self):
        Bus.__init__(self, 0x57)
        self.part = 0x15
        self.resets = 0
        self.reset_reads = 0  # how often MODE still shows RESET after one
        self.slow = False  # programmes another rate than it was asked for
        self.stuck = False
        self.bright = False  # more light from outside than it can take off
        self.power_on()

    def power_on(self):
        self.flags = 1
        self.number = 0
        self._reset()

    def _reset(self):
        self.regs = bytearray(256)
        self.slots = [0] * 32
        self.wr = self.rd = self.unread = self.dropped = 0
        self.resetting = 0

    def make(self, n):
        for _ in range(n):
            if self.stuck or self.regs[0x09] & 7 != 3:
                continue
            self.number += 1
            if self.unread == 32:
                self.dropped = min(self.dropped + 1, 31)
                continue
            self.slots[self.wr] = self.number
            self.wr = (self.wr + 1) & 31
            self.unread += 1
            if self.unread == 32 and self.regs[0x02] & 0x80:
                self.flags |= 0x80
            if self.bright and self.regs[0x02] & 0x20:
                self.flags |= 0x20

    def read(self, reg, buf):
        if reg == 0x07:
            assert len(buf) % 6 == 0, "only whole samples"
            for i in range(0, len(buf), 6):
                self._pop(buf, i)
            return
        for i in range(len(buf)):
            buf[i] = self._register(reg + i)

    def _pop(self, buf, at):
        assert self.unread, "read from an empty FIFO"
        red = self.slots[self.rd]
        ir = red + 100_000
        self.rd = (self.rd + 1) & 31
        self.unread -= 1
        self.dropped = 0
        buf[at] = 0xFC | red >> 16  # the upper bits are undefined
        buf[at + 1] = red >> 8 & 0xFF
        buf[at + 2] = red & 0xFF
        buf[at + 3] = 0xFC | ir >> 16
        buf[at + 4] = ir >> 8 & 0xFF
        buf[at + 5] = ir & 0xFF

    def _register(self, reg):
        if reg == 0x00:
            flags = self.flags
            self.flags = 0
            return flags
        if reg == 0x04:
            return self.wr
        if reg == 0x05:
            return self.dropped
        if reg == 0x06:
            return self.rd
        if reg == 0x09 and self.resetting:
            self.resetting -= 1
            return 0x40
        if reg == 0xFF:
            return self.part
        return self.regs[reg]

    def write(self, reg, buf):
        assert len(buf) == 1
        if reg == 0x09 and buf[0] & 0x40:
            self.resets += 1
            self._reset()
            self.resetting = self.reset_reads
        elif reg == 0x04:
            self.wr = buf[0]
        elif reg == 0x05:
            self.dropped = buf[0]
        elif reg == 0x06:
            self.rd = buf[0]
            self.unread = (self.wr - self.rd) & 31
        else:
            self.regs[reg] = 0x23 if reg == 0x0A and self.slow else buf[0]
