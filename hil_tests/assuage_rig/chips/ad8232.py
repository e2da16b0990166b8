"""AD8232 heart rate front end as a common breakout has it, in front of a 12-bit converter: codes and comparators.

Source: Analog Devices AD8232 datasheet and the evaluation board's guide for pins and behaviour. Gain, band and recovery
are a breakout's and the tests' choice, not read in a datasheet, and so attributes: total gain 1100, 0.5 to 40 Hz
(two poles), output at half the supply without a signal. The comparators are high when an electrode is off (DC mode,
each input by itself); the amplifier then stands at its upper rail and recovers when the electrode is back, quicker with
fast restore. Samples are taken in order of time; `paced` spikes need the filter and are so seen smeared as on a board.
"""

from collections.abc import Callable
from math import exp, pi

from assuage_rig.clock import Clock
from assuage_rig.faults import Faults, Kind
from assuage_rig.measured import Measured, kinds
from assuage_rig.noise import gauss, key

TOP = 4095
_MIDDLE = 2048
_SUPPLY_MV = 3300.0
_FINE = 4  # steps of the filter between two samples at 250 /s
_LONGEST_US = 40_000  # a look after a longer pause begins the filter anew

_KINDS = {
    "lead_off": Kind("an electrode is off: 1 the positive, 2 the negative, 3 both", {"which": (1, 1, 3)}),
    "silent_lead": Kind("an electrode is off and no comparator tells"),
    "rail": Kind("the output is pinned at an end", {"high": (1, 0, 1)}),
    "frozen": Kind("the converter repeats its code"),
}


class AD8232:
    """heart: mV between the electrodes at a rig time in us. Pins: lod_plus, lod_minus, shutdown() and restore()."""

    def __init__(self, clock: Clock, heart: Callable[[int], float], seed: int = 0) -> None:
        self._clock = clock
        self.heart = heart
        self.gain = 1100.0
        self.low_hz = 40.0
        self.high_hz = 0.5
        self.recovers_s = 0.3  # time constant back from a rail with fast restore
        self.lags_s = 1.5  # without
        self.noise_codes = 1.0  # rms of converter and amplifier
        self._noise = key(seed, "ad8232")
        self._on = True
        self._fast = True
        self.faults = Faults("ecg", {**_KINDS, **kinds("mV at the electrodes", 1.0, 1000.0)})
        self._sensed = Measured(self.faults, clock, lambda t_us: self.heart(t_us), seed, "ad8232 fault")
        self._t_us = clock.now_us
        self._fresh = True
        self._one = self._two = self._base = 0.0  # of the filter, mV at the electrodes
        self._railed = 0.0  # what is left of a rail, mV at the output
        self._held = _MIDDLE

    # -- pins --------------------------------------------------------------------------------------------------------
    @property
    def lod_plus(self) -> bool:
        """The comparator of the positive electrode: high when it is off."""
        return self._on and bool(self._off() & 1)

    @property
    def lod_minus(self) -> bool:
        """The same of the negative one."""
        return self._on and bool(self._off() & 2)

    def shutdown(self, on: bool) -> None:
        """The SDN pin: low, False, switches the amplifier off; it starts from its rail."""
        if on and not self._on:
            self._railed = _SUPPLY_MV / 2
            self._fresh = True
        self._on = on

    def restore(self, on: bool) -> None:
        """The FR pin: fast restore."""
        self._fast = on

    def _off(self) -> int:
        return self.faults.integer("lead_off", "which") if "lead_off" in self.faults.active else 0

    # -- output ------------------------------------------------------------------------------------------------------
    def code(self, t_us: int) -> int:
        """What the converter brings at a time, 0 to 4095; times do not go back."""
        active = self.faults.active
        if not self._on:
            return max(0, round(2 + self.noise_codes * gauss(self._noise, t_us)))
        if "frozen" in active:
            return self._held
        if "rail" in active:
            return TOP if active["rail"]["high"] else 0
        passed = t_us - self._t_us
        if "lead_off" in active or "silent_lead" in active:
            self._railed = _SUPPLY_MV / 2
            self._fresh = True
            self._t_us = t_us
            self._held = TOP
            return TOP
        mv = self._filtered(t_us, passed) * self.gain + self._railed
        self._railed *= exp(-passed * 1e-6 / (self.recovers_s if self._fast else self.lags_s))
        self._t_us = t_us
        code = _MIDDLE + mv * 4096 / _SUPPLY_MV + self.noise_codes * gauss(self._noise, t_us)
        self._held = min(max(round(code), 0), TOP)
        return self._held

    def _filtered(self, t_us: int, passed: int) -> float:
        """Two poles at low_hz and one at high_hz, in steps of a millisecond or so."""
        active = self.faults.active
        see = self._sensed.at if active else self.heart
        if self._fresh or passed > _LONGEST_US:
            self._fresh = False
            self._one = self._two = self._base = see(t_us)
            return 0.0
        dt = passed * 1e-6 / _FINE
        near, far = 1 - exp(-2 * pi * self.low_hz * dt), 1 - exp(-2 * pi * self.high_hz * dt)
        for i in range(1, _FINE + 1):
            self._one += (see(t_us - passed + passed * i // _FINE) - self._one) * near
            self._two += (self._one - self._two) * near
            self._base += (self._two - self._base) * far
        return self._two - self._base
