"""A drive, retained words, a flash, a shaft and a clock for tests of the pump, exact to the microsecond, on both
interpreters.

Nothing here allocates once it is made, so the pump can be tested on it with the heap locked.
"""

from array import array

from assuage_wire.codec import BY_NAME
from assuage_wire.schema import S30
from journal.logbook import Journal
from journal.volume import Volume, records_for
from pump.control import Pump
from pump.delivery import stand
from pump.force import GOOD

STEPS = 3200
LEAD_NM = 1_000_000
COUNTS = 4096
BD50 = 26_700  # bore of a 50 mL syringe, um
LIMITS = {"max_rate": 20_000_000, "max_volume": 100_000_000, "max_duration": 2_592_000, "max_lease": 10_000}
LIMITS.update({"max_start_hz": 8_000, "max_hz": 32_000, "acceleration": 100_000})
LIMITS["max_prime"] = 5_000_000
LIMITS["max_syringe"] = 100_000_000
LIMITS.update({"max_10min": 200_000_000, "max_hour": 1_000_000_000, "max_4h": 1_000_000_000})
FIELDS = tuple(f[0] for f in BY_NAME["Programme"].fields[2:])
DEPTH = 8
PAGES = 128
BLANK = b"\xff" * 256


class Drive:
    """The board's step generator. Words run in the time that pass_time() lets pass.

    speed: percent of the right speed. stuck: words are not executed. energised: enable. ahead: forward. pushed: words
    ever pushed. late_us: time that passes between the last look at the drive and an abort.
    """

    def __init__(self):
        self.speed = 100
        self.stuck = False
        self.energised = False
        self.ahead = False
        self.late_us = 0
        self.pushed = 0
        self.made = 0
        self._counts = array("l", [0] * DEPTH)
        self._periods = array("l", [0] * DEPTH)
        self._first = 0
        self._words = 0
        self._spent = 0  # us of the first word
        self._done = 0  # steps of it
        self._dry = 0

    def step(self, steps):
        self.made += steps if self.ahead else -steps

    def push(self, count, period_us):
        assert 0 <= count <= S30 and 1 <= period_us <= S30
        assert self._words < DEPTH, "pushed into a full queue"
        assert self.energised, "pushed into a drive without current"
        at = (self._first + self._words) % DEPTH
        self._counts[at] = count
        self._periods[at] = period_us
        self._words += 1
        self.pushed += 1

    def room(self):
        return DEPTH - self._words

    def consumed(self):
        return self.made & S30

    def queued(self):
        n = -self._done
        for i in range(self._words):
            n += self._counts[(self._first + i) % DEPTH]
        return n

    def dry_runs(self):
        return self._dry

    def abort(self):
        self.pass_time(self.late_us)
        self._words = self._spent = self._done = 0

    def enable(self, on):
        self.energised = on

    def forward(self, on):
        assert self._words == 0, "turned with steps in the queue"
        self.ahead = on

    def queued_us(self):
        us = -self._spent
        for i in range(self._words):
            at = (self._first + i) % DEPTH
            us += max(1, self._counts[at]) * self._periods[at]
        return us

    def pass_time(self, us):
        if self.stuck:
            return
        us = us * self.speed // 100
        while self._words:
            count = self._counts[self._first]
            period = self._periods[self._first]
            span = max(1, count) * period
            if self._spent + us < span:
                self._spent += us
                done = self._spent // period if count else 0
                self.step(done - self._done)
                self._done = done
                return
            us -= span - self._spent
            self.step(count - self._done)
            self._spent = self._done = 0
            self._first = (self._first + 1) % DEPTH
            self._words -= 1
            if self._words == 0:
                self._dry += 1


class Felt:
    """Force and pressure of a plunger `gap` steps ahead, on a seal of `stiff` mN a step, which slides at `friction` mN.

    closed: nothing flows. out: steps that the plunger was pushed. It stands for both; quality may be set.
    """

    def __init__(self, drive, gap=300, stiff=10, friction=6_000):
        self.quality = GOOD
        self.closed = False
        self.out = 0
        self.pa = 0
        self.rose = 100_000_000
        self._drive = drive
        self._at = drive.made + gap
        self._stiff = stiff
        self._friction = friction

    @property
    def mn(self):
        over = (self._drive.made - self._at) - self._friction // self._stiff
        if over > 0 and not self.closed:
            self.out += over
            self._at += over
        return max(0, (self._drive.made - self._at) * self._stiff)

    def look(self, _ms, mn, _moved, _flow):
        """As pressure.Pressure has it, with 1786 Pa a N: a bore of 26.7 mm."""
        self.pa = (mn - self._friction) * 1786 // 1000
        return 0

    def press(self, mn):
        """The plunger has been pressed so much harder, by whatever."""
        self._at -= mn // self._stiff

    def rose_nl(self):
        return self.rose

    def begin(self):
        """A new syringe: it feels the same."""

    resume = begin

    def prepare(self, _bore, _level):
        return True


class PowerCut(Exception):
    """The board was reset in the middle of what it did."""


class Flash:
    """A NOR flash for the journal, whose erases are a failure while the drive moves.

    left: how many operations still succeed before the supply fails; None for all. failing: programs that do nothing.
    """

    def __init__(self, pages=None):
        self.size = PAGES * 256
        self.pages = [bytearray(page) for page in pages or [BLANK] * PAGES]
        self.drive = None
        self.left = None
        self.failing = 0
        self.erases = self.programs = 0

    def read(self, at, buf):
        page = self.pages[at >> 8]
        if len(buf) == 256:
            buf[:] = page
            return
        at &= 255
        for i in range(len(buf)):
            buf[i] = page[at + i]

    def program(self, at, buf):
        self._power()
        self.programs += 1
        if self.failing:
            self.failing -= 1
            return
        page = self.pages[at >> 8]
        at &= 255
        for i in range(len(buf)):
            page[at + i] &= buf[i]

    def erase(self, at):
        drive = self.drive
        assert drive is None or (drive.queued() == 0 and drive.room() == DEPTH), "an erase while the drive moves"
        self._power()
        self.erases += 1
        for page in range(at >> 8, (at >> 8) + 16):
            self.pages[page][:] = BLANK

    def _power(self):
        if self.left is not None:
            if self.left == 0:
                raise PowerCut()
            self.left -= 1


class Words:
    """What survives a reset: seven words, and the flash. left: how many stores still succeed before the board is reset;
    None for all."""

    def __init__(self, flash=None):
        self.words = array("l", [0] * 7)
        self.left = None
        self.flash = flash or Flash(_PREPARED)

    def power_cut(self):
        """What was retained is lost; the flash is not."""
        for i in range(7):
            self.words[i] = 0
        self.flash.left = None

    def get(self, i):
        return self.words[i]

    def set(self, i, v):
        assert 0 <= v <= S30, "a retained word holds 30 bits"
        if self.left is not None:
            if self.left == 0:
                raise PowerCut()
            self.left -= 1
        self.words[i] = v


def _prepared():
    """Pages of a flash as a board has it that stood for a while."""
    flash = Flash()
    journal = Journal(flash)
    while journal.prepare(records_for(LIMITS["max_volume"])):
        pass
    return flash.pages


_PREPARED = _prepared()


def fields(**changes):
    """A good programme's fields in wire order: 10 mL/h, 5 mL, in a full 50 mL syringe."""
    values = {
        "programme": 7,
        "mode": 1,
        "rate": 166_667,
        "vtbi": 5_000_000,
        "duration": 3600,
        "bore": BD50,
        "capacity": 50_000_000,
        "limit_rate": 20_000_000,
        "limit_volume": 100_000_000,
        "on_loss": 0,
        "kvo": 0,
        "lease": 3000,
        "legs": 0,
        "loop": 255,
        "dose": 0,
        "dose_rate": 0,
        "lockout": 0,
        "bolus": 0,
        "limit_hour": S30,
        "limit_4h": S30,
        "on_end": 0,
        "level": 300,
        "outer": 0,
        "alike": 0,
        "contents": 50_000_000,
        "near_empty": 0,
        "guards": 0,
        "watch": 0,
        "bound": 0,
    }
    assert all(name in values for name in changes)
    values.update(changes)
    values["contents"] = changes.get("contents", values["capacity"])
    return [values[name] for name in FIELDS]


class Bed:
    """A pump on its drive and encoder, and time.

    ms: since the bed was made. ticks, wraps: the board's clock. slip: steps that the shaft did not follow. stalled: it
    follows none. lost: the encoder does not answer. every: of so many turns, one reads the encoder. stray: counts
    that the next angle, and that one only, is wrong by.
    """

    def __init__(self, ticks=0, wraps=0, limits=None, drive=None, words=None, boot=1, guard=None):
        self.drive = drive or Drive()
        self.words = words or Words()
        stand(self.drive)
        self.flash = self.words.flash
        self.flash.drive = self.drive
        self.journal = Journal(self.flash, boot)
        volume = Volume(self.journal, self.words)
        self.journal.boot(1, (0, 1, 0), 0)
        limits = LIMITS if limits is None else limits
        self.pump = Pump(self.drive, volume, limits, STEPS, LEAD_NM, COUNTS, 1, boot, None, guard)
        self.ms = 0
        self.ticks = ticks
        self.wraps = wraps
        self.slip = 0
        self.stalled = False
        self.lost = False
        self.every = 1
        self._turns = 0
        self.stray = 0
        self.rows = [0] * BY_NAME["PumpStatus"].width

    def at(self, ms):
        """Board time `ms` from now, as a pair."""
        ticks = self.ticks + ms
        return ticks & S30, (self.wraps + (ticks >> 30)) & 0xFFFF

    def step(self, ms=20):
        """Lets `ms` pass and then has the pump's turn of the loop."""
        self.ms += ms
        made = self.drive.made
        self.drive.pass_time(ms * 1000)
        if self.stalled:
            self.slip += self.drive.made - made
        ticks = self.ticks + ms
        self.ticks = ticks & S30
        self.wraps = (self.wraps + (ticks >> 30)) & 0xFFFF
        self._turns += 1
        if not self.lost and self._turns % self.every == 0:
            counts = (self.drive.made - self.slip) * COUNTS // STEPS + self.stray
            self.stray = 0
            self.pump.shaft(counts & S30)
        self.pump.poll(self.ticks, self.wraps)
        self.journal.acknowledge(self.journal.ring.newest)  # a host fetches and stores as it comes

    def run(self, ms, step=20, lease_ms=0):
        """Turns of the loop; with lease_ms, a grant for so long before each."""
        for _ in range(ms // step):
            if lease_ms:
                self.grant(lease_ms)
            self.step(step)

    def grant(self, ms, grant=0):
        """A grant that ends `ms` from now, by default the next in order."""
        until = self.at(ms)
        p = self.pump
        return p.grant(p.moved_for(), grant or p.lease.grant + 1, until[0], until[1], self.ticks, self.wraps)

    def offer(self, **changes):
        return self.pump.offer(fields(**changes))

    def confirm(self):
        return self.pump.confirm(self.pump.programme.id, self.pump.programme.token)

    def arm(self):
        self.run(80)
        return self.pump.arm(self.pump.programme.id)

    def start(self, lease_ms=3000):
        until = self.at(lease_ms)
        return self.pump.start(self.pump.programme.id, until[0], until[1], self.ticks, self.wraps)

    def infuse(self, lease_ms=3000, **changes):
        """All the way to a running delivery."""
        for outcome in (self.offer(**changes), self.confirm(), self.arm(), self.start(lease_ms)):
            assert outcome == (0, 0), outcome

    def feel(self, **changes):
        """From here on there is a plunger, and what feels it."""
        senses = self.pump.senses
        felt = senses.force = senses.pressure = Felt(self.drive, **changes)
        return felt

    def prime(self, **changes):
        """Offers a priming: 1 mL at 300 mL/h; returns (status, detail). back: the read-back."""
        values = {"programme": 9, "bore": BD50, "rate": 5_000_000, "volume": 1_000_000}
        values.update(changes)
        self.back = [0] * 7
        order = [values[name] for name in ("programme", "bore", "rate", "volume")]
        return self.pump.prime(order, 0, self.back, 0)

    def purge(self, lease_ms=3000, token=None, disconnected=1):
        until = self.at(lease_ms)
        given = self.back[6] if token is None else token
        return self.pump.purge(self.back[0], given, disconnected, until[0], until[1], self.ticks, self.wraps)

    def delivered(self):
        return self.pump.delivery.delivered.nl

    def status(self, name):
        self.pump.fill_status(self.rows, self.ticks, self.wraps)
        return self.rows[BY_NAME["PumpStatus"].index(name)]
