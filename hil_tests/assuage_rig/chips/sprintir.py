"""GSS SprintIR carbon dioxide sensor on its serial line: ASCII commands and lines of the COZIR, SprintIR user's guide.

The gas flows through a line (a delay) into the measuring chamber (a mixing vessel: one pole); the module samples that,
filters it digitally and tells it, line by line, each byte in its own time. Samples are made when somebody looks, up to
the rig's present time. Where the guide is silent the behaviour is an attribute: `unknown_reply`, `keeps_mask`, and
`pole_of`, what the digital filter's setting means: the guide shows only that a larger one is slower.
"""

from collections import deque
from collections.abc import Callable
from math import exp

from assuage_rig.clock import Clock
from assuage_rig.faults import Faults, Kind
from assuage_rig.measured import Measured, kinds
from assuage_rig.noise import gauss, key, mix

SLEEP, STREAM, POLL = 0, 1, 2
FIELDS = ((16384, "E"), (4096, "H"), (64, "T"), (32, "o"), (16, "O"), (8, "v"), (4, "Z"), (2, "z"))  # as printed
CHAMBER_ML = 2.8  # of the measuring cell; from users' notes
NEUTRAL = 8192  # setting of the pressure correction at 1013 mbar
_BITS = 10  # start, eight, stop
_START_US = 1_000_000  # after power-on before it hears or tells anything; users wait as long
_REPLY_US, _BUSY_REPLY_US = 2_000, 10_000  # in streaming mode a reply may lag behind the lines
_LONGEST = 16  # bytes of a command
_RX_LIMIT = 256  # bytes that a board's receiver holds; it loses the newest, as with machine.UART's rxbuf

_KINDS = {
    "silent": Kind("nothing comes: its line or its supply is cut"),
    "deaf": Kind("hears no command, and goes on telling"),
    "frozen": Kind("every line brings the number of the one before"),
    "truncated": Kind("every n-th line loses its end", {"every": (10, 1, 1000)}),
    "garbage": Kind("every n-th line has a byte that is none of its own", {"every": (10, 1, 1000)}),
    "dropped": Kind("every n-th line is not sent", {"every": (10, 1, 1000)}),
    "held_up": Kind("lines come so much later", {"ms": (200, 1, 5000)}),
    "noise": Kind("so many times the usual noise", {"factor": (20.0, 0.0, 1000.0)}),
}


class SprintIR:
    """gas: ppm of carbon dioxide, dry, at the line's open end at a rig time, us.

    hz: samples a second, 50 of the R model and 20 of the W and 6S. multiplier: ppm of one count. flow_ml_s: of the
    sample pump; line_ml: what the line holds. mbar: pressure in the cell, which counts 0.14 % a mbar. rate_error: its
    clock is so much too quick, a part of 1. zero: counts that it is off. rx_limit: bytes that the
    board's receiver holds.
    """

    def __init__(
        self,
        clock: Clock,
        gas: Callable[[int], float] = lambda t_us: 400.0,
        seed: int = 0,
        hz: int = 50,
        baud: int = 38_400,
        multiplier: int = 10,
    ) -> None:
        self._clock = clock
        self.gas = gas
        self.hz = hz
        self.multiplier = multiplier
        self.full_scale_ppm = 20_000 * multiplier
        self.flow_ml_s = 1000 / 60
        self.line_ml = 2.0
        self.mbar = 1013.0
        self.rate_error = 0.0
        self.zero = 0
        self.noise_counts = 15.0  # rms before the filter, at no gas
        self.noise_part = 0.01  # and so much of the reading
        self.unknown_reply = b" ?\r\n"
        self.keeps_mask = True
        self.rx_limit = _RX_LIMIT
        self.pole_of: Callable[[int], float] = lambda n: 1 / max(n, 1) if n else 1 / 16
        self._byte_us = _BITS * 1e6 / baud
        self._noise = key(seed, "sprintir")
        self._kept_mode, self._mask, self._filter = STREAM, 6, 16
        self._pressure = NEUTRAL
        brownout = Kind("its supply dips: it starts anew", act=self.power_on)
        self.faults = Faults(
            "capnometer", {**_KINDS, **kinds("ppm", 5000.0, 500_000.0), "brownout": brownout}, settle=self.settle
        )
        self._sensed = Measured(self.faults, clock, lambda t_us: self._arriving(t_us), seed, "sprintir fault")
        self._spoken: deque[tuple[float, int]] = deque()  # by the board: when a byte ends, and the byte
        self._heard: deque[tuple[float, int]] = deque()  # by the board, likewise
        self._board_free_us = 0.0
        self._settling = False
        self.power_on()

    def power_on(self) -> None:
        """Comes up in the last of streaming and polling mode; the filter and the zero are kept."""
        now = self._clock.now_us
        self.mode = self._kept_mode
        if not self.keeps_mask:
            self._mask = 6
        self._command = b""
        self._ready_us = now + _START_US
        self._seen_us = float(self._ready_us)  # of the newest sample
        self._free_us = 0.0  # its transmitter has sent all that it was given
        self._cell = self._filtered = self._arriving(now)
        self._raw = self._shown = self._raw_shown = 0
        self._samples = self._lines = 0
        self._show(self._cell)

    # -- the board's side of the line --------------------------------------------------------------------------------
    def transmit(self, data: bytes) -> None:
        """The board sends."""
        self.settle()
        self._board_free_us = max(self._board_free_us, float(self._clock.now_us))
        for byte in data:
            self._board_free_us += self._byte_us
            self._spoken.append((self._board_free_us, byte))

    def waiting(self) -> int:
        """Bytes that have arrived at the board and were not taken."""
        self.settle()
        now = self._clock.now_us
        if self._heard and self._heard[-1][0] <= now:
            return len(self._heard)
        return sum(end <= now for end, _ in self._heard)

    def take(self, most: int) -> bytes:
        """The board reads up to so many bytes."""
        self.settle()
        heard, now = self._heard, self._clock.now_us
        taken = bytearray()
        while heard and len(taken) < most and heard[0][0] <= now:
            taken.append(heard.popleft()[1])
        return bytes(taken)

    def reset(self) -> None:
        """The processor's serial port forgets what it was sending and what it had heard."""
        self.settle()
        self._spoken.clear()
        self._heard.clear()
        self._board_free_us = 0.0

    def settle(self) -> None:
        """Lives up to the present: samples, lines and commands in the order of their times."""
        if self._settling:
            return
        self._settling = True
        try:
            self._live()
        finally:
            self._settling = False

    # -- inside ------------------------------------------------------------------------------------------------------
    def _live(self) -> None:
        now = self._clock.now_us
        period = 1e6 / (self.hz * (1 + self.rate_error))
        while True:
            sample_us = self._seen_us + period
            spoken_us = self._spoken[0][0] if self._spoken else now + 1
            if sample_us > now and spoken_us > now:
                return
            if spoken_us <= sample_us:
                self._listen(*self._spoken.popleft())
            else:
                self._seen_us = sample_us
                if self.mode != SLEEP:
                    self._sample(sample_us)

    def _arriving(self, t_us: float) -> float:
        """ppm at the cell's inlet."""
        return self.gas(max(0, round(t_us - self.line_ml / self.flow_ml_s * 1e6)))

    def _sample(self, t_us: float) -> None:
        active = self.faults.active
        gas = self._sensed.at(round(t_us)) if active else self._arriving(t_us)
        mixed = 1 - exp(-self.flow_ml_s / CHAMBER_ML / self.hz)
        self._cell += (gas - self._cell) * mixed
        self._samples += 1
        self._show(self._cell)
        if self.mode == STREAM:
            self._say(t_us, self._line())

    def _show(self, ppm: float) -> None:
        """Digits of what the cell holds: noise, pressure, zero and range; then the digital filter."""
        active = self.faults.active
        if "frozen" in active:
            return
        counts = ppm / self.multiplier * (1 + 0.0014 * (self.mbar - 1013)) * self._pressure / NEUTRAL
        factor = float(active["noise"]["factor"]) if "noise" in active else 1.0
        if self._samples:
            counts += factor * (self.noise_counts + self.noise_part * counts) * gauss(self._noise, self._samples)
        counts += self.zero
        self._filtered += (counts - self._filtered) * (self.pole_of(self._filter) if self._samples else 1)
        most = 1.1 * self.full_scale_ppm / self.multiplier
        self._raw_shown = round(min(max(counts, 0), most))
        self._shown = round(min(max(self._filtered, 0), most))

    def _field(self, letter: str) -> int:
        known = {"Z": self._shown, "z": self._raw_shown, "T": 1250, "H": 300}
        return known.get(letter, 0)

    def _line(self) -> bytes:
        fields = [f" {letter} {self._field(letter):05d}" for bit, letter in FIELDS if self._mask & bit]
        return "".join(fields).encode() + b"\r\n"

    def _say(self, t_us: float, line: bytes) -> None:
        active = self.faults.active
        self._lines += 1
        if "silent" in active:
            return
        if "dropped" in active and self._lines % self.faults.integer("dropped", "every") == 0:
            return
        if "truncated" in active and self._lines % self.faults.integer("truncated", "every") == 0:
            line = line[: mix(self._noise, self._lines) % (len(line) - 1)]
        if "garbage" in active and self._lines % self.faults.integer("garbage", "every") == 0:
            drawn = mix(self._noise, self._lines)
            wrong = bytearray(line)
            wrong[drawn % len(line)] = drawn >> 8 & 0xFF
            line = bytes(wrong)
        late = 1000.0 * self.faults.integer("held_up", "ms") if "held_up" in active else 0.0
        self._free_us = max(self._free_us, t_us + late)
        for byte in line:
            self._free_us += self._byte_us
            if len(self._heard) < self.rx_limit:
                self._heard.append((self._free_us, byte))

    def _listen(self, t_us: float, byte: int) -> None:
        if t_us < self._ready_us or "deaf" in self.faults.active or "silent" in self.faults.active:
            self._command = b""
            return
        if byte == 0x0A:
            command, self._command = self._command.rstrip(b"\r").strip(b" "), b""
            if command:
                self._say(t_us + (_BUSY_REPLY_US if self.mode == STREAM else _REPLY_US), self._obey(command))
        else:
            self._command = (self._command + bytes((byte,)))[-_LONGEST:]

    def _obey(self, command: bytes) -> bytes:
        words = command.decode("latin-1").split()
        letter = words[0]
        number = int(words[1]) if len(words) == 2 and words[1].isascii() and words[1].isdigit() else -1
        reply = self._set(letter, number) if number >= 0 else self._told(letter) if len(words) == 1 else -1
        if letter == "Q" and len(words) == 1:
            return self._line()
        if letter == "Y" and len(words) == 1:
            return b" Y,Jan 30 2013,10:45:03,AL17\r\n B 00233 00000\r\n"
        return self.unknown_reply if reply < 0 else f" {letter} {reply:05d}\r\n".encode()

    def _set(self, letter: str, number: int) -> int:
        """What a command with a number answers, -1 for one that is not known."""
        if letter == "K" and number <= POLL:
            self.mode = number
            if number != SLEEP:
                self._kept_mode = number
        elif letter == "M" and number <= 0xFFFF:
            self._mask = number
        elif letter == "A" and number <= 0xFFFF:
            self._filter = number
        elif letter == "S" and number <= 0xFFFF:
            self._pressure = number
        elif letter == "X":
            return self._calibrate(number)
        else:
            return -1
        return number

    def _told(self, letter: str) -> int:
        """What a command without a number answers, -1 for one that is not known."""
        if letter in "GU":
            return self._calibrate(400 // self.multiplier if letter == "G" else 0)
        known = {".": self.multiplier, "a": self._filter, "s": self._pressure}
        fields = {letter for _, letter in FIELDS}
        return known[letter] if letter in known else self._field(letter) if letter in fields else -1

    def _calibrate(self, counts: int) -> int:
        """Takes the present gas for one of so many counts. The answer is the new zero point."""
        off = round(self._filtered) - counts
        self.zero -= off
        self._filtered -= off
        return 32_768 + self.zero
