"""What is plugged in on the patient's side of a bedside board: airway, arm, heart and skin with their chips.

A board without it has an oximeter alone.
"""

from assuage_rig.chips import ad8232, mprls, sprintir, tmp117
from assuage_rig.clock import Clock
from assuage_rig.faults import Faults
from assuage_rig.plant.airway import Airway
from assuage_rig.plant.arm import Arm, Rhythm
from assuage_rig.plant.cuff import Cuff
from assuage_rig.plant.heart import Heart
from assuage_rig.plant.probe import Probe

CUFF_PUMP, CUFF_BLEED, CUFF_CLOSED, CUFF_FEED, ECG_SHUTDOWN, ECG_RESTORE = range(6)
_ECG_US = 4_000  # between two samples
_MOST = 96  # samples in one answer, of those that wait the newest
_LONGEST_US = 1_000_000  # what the converter's memory holds


class PatientSide:
    """Settings of `airway`, `heart` and `probe` are theirs; `pressures`: systolic and diastolic, mmHg."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self._clock = clock
        self.airway = Airway()
        self.airway.attach(clock, seed)
        self.heart = Heart()
        self.heart.attach(clock, seed)
        self.probe = Probe()
        self.probe.attach(clock)
        self.pressures = (120.0, 80.0)
        self.arm = Arm(lambda _t_us: self.pressures, Rhythm(72.0, seed=seed), seed=seed)
        self.cuff = Cuff(clock, self.arm.volume)
        self.gas = sprintir.SprintIR(clock, self.airway.ppm, seed)
        self.thermometer = tmp117.TMP117(clock, self.probe.celsius, seed)
        self.pressure = mprls.MPRLS(clock, self.cuff.pressure, seed)
        self.ecg = ad8232.AD8232(clock, self.heart.mv, seed)
        self._outputs = [0] * 6
        self._sampled_us = clock.now_us
        self.chips = (self.gas, self.thermometer, self.pressure, self.ecg)

    @property
    def faults(self) -> tuple[Faults, ...]:
        """Of all components."""
        things = (self.airway, self.heart, self.probe, self.arm, self.cuff, self.cuff.limiter, *self.chips)
        return tuple(thing.faults for thing in things)

    def output(self, index: int, level: int) -> None:
        """The board drives an output. Raises ValueError for one that there is not."""
        if not 0 <= index < len(self._outputs):
            raise ValueError(f"there is no output {index}")
        self._outputs[index] = level
        if index == ECG_SHUTDOWN:
            self.ecg.shutdown(bool(level))
        elif index == ECG_RESTORE:
            self.ecg.restore(bool(level))
        else:
            self._drive()

    def sampled(self) -> bytes:
        """Levels of the two comparators, and what the converter has sampled since the last time, u16 each."""
        now = self._clock.now_us
        first = max(self._sampled_us, now - _LONGEST_US) // _ECG_US + 1
        last = now // _ECG_US
        codes = [self.ecg.code(n * _ECG_US) for n in range(first, last + 1)][-_MOST:]
        self._sampled_us = now
        levels = int(self.ecg.lod_plus) | int(self.ecg.lod_minus) << 1
        return bytes((levels,)) + b"".join(code.to_bytes(2, "little") for code in codes)

    def reset(self) -> None:
        """The processor is reset: its pins float, which the valves and the amplifier take for 0 and for on."""
        self._outputs = [0] * 6
        self._drive()
        self.ecg.shutdown(True)
        self.gas.reset()
        self._sampled_us = self._clock.now_us

    def power_off(self) -> None:
        """The supply fails: the chips forget, and the dump valve opens."""
        for chip in (self.gas, self.thermometer, self.pressure):
            chip.power_on()

    def _drive(self) -> None:
        pump, bleed, closed, feed = self._outputs[:4]
        self.cuff.drive(pump, bleed, closed, feed)
