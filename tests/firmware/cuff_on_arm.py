"""A cuff with its pump, valves and limiter round an arm, driven by the firmware's cycle, 50 samples a second."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from math import exp

from assuage_rig.bus import Bus
from assuage_rig.chips.mprls import ADDRESS, MPRLS
from assuage_rig.clock import Clock
from assuage_rig.noise import gauss, key
from assuage_rig.plant.arm import Arm, Rhythm, Tissue
from assuage_rig.plant.cuff import ADULT, Size
from assuage_rig.plant.cuff import Cuff as Air
from assuage_wire.schema import SIGNALS
from drivers import mprls
from tests.rig.port import Port
from vitals.cuff import Cuff
from vitals.cuff_cycle import STATES

SAMPLE_US = 20_000
LONGEST_S = 400


@dataclass(frozen=True)
class Case:
    """One patient: pressures in mmHg, rate /min, the arm, and what disturbs. noise: of the sensor, mmHg rms."""

    systolic: float = 120.0
    diastolic: float = 80.0
    bpm: float = 70.0
    tissue: Tissue = field(default_factory=Tissue)
    noise: float = 0.03
    breathing: float = 2.0
    resp_rate: float = 14.0
    irregular: float = 0.0
    seed: int = 1


def drawn(rng: random.Random) -> Case:
    """A patient of the promised range: 70/40 to 200/120, 40 to 160 /min, and an arm of his own.

    a and b spread by a quarter (standard deviation) about the pair whose envelope has its maximum at 0.45 systolic +
    0.55 diastolic: so systole lies at 40 to 80 % of it, diastole at 50 to 85, as published. form gives mean pressures
    at 0.37 to 0.44 of the pulse pressure. What the firmware takes for its ratios plays no part in it.
    """
    while True:
        diastolic = rng.uniform(40, 120)
        systolic = diastolic + rng.uniform(25, 90)
        if 70 <= systolic <= 200:
            break

    def spread() -> float:
        return exp(0.25 * max(-2.0, min(2.0, rng.gauss(0, 1))))

    tissue = Tissue(0.055 * spread(), 0.045 * spread(), rng.uniform(0.015, 0.06), rng.uniform(0.52, 0.72))
    return Case(
        systolic,
        diastolic,
        rng.uniform(40, 160),
        tissue,
        noise=rng.uniform(0.01, 0.06),
        breathing=rng.uniform(1, 4),
        resp_rate=rng.uniform(8, 24),
        seed=rng.randrange(1 << 30),
    )


class OnArm:
    """air: the plant; arm; cuff: the firmware's. hung: the firmware asks for nothing and changes no pin.

    zero, drift: of the sensor, mmHg and mmHg a minute.
    """

    def __init__(self, case: Case | None = None, kind: int = 0, size: Size = ADULT, every: int = 0) -> None:
        self.case = case = case or Case()
        self.clock = Clock()
        rhythm = Rhythm(case.bpm, case.resp_rate, case.irregular, case.seed)
        pressures = case.systolic, case.diastolic
        self.arm = Arm(lambda t_us: pressures, rhythm, case.tissue, case.seed, case.breathing, case.resp_rate)
        self.air = Air(self.clock, self.arm.volume, size)
        self.cuff = Cuff(kind, every)
        self.hung = False
        self.zero, self.drift = -0.5, 0.0
        self._noise = key(case.seed, "sensor")

    @property
    def seconds(self) -> float:
        """Rig time."""
        return self.clock.now_us / 1e6

    @property
    def state(self) -> str:
        """Of the cycle."""
        return STATES[self.cuff.state]

    @property
    def signal(self) -> str:
        """Why there are numbers, or none."""
        return SIGNALS[self.cuff.signal]

    @property
    def fault(self) -> str:
        """What ended the last attempt."""
        return SIGNALS[self.cuff.fault]

    def look(self, ticks: int) -> None:
        """The firmware's turn: a sample."""
        mmhg = self.air.pressure(self.clock.now_us) + self.zero + self.drift * self.seconds / 60
        mmhg += self.case.noise * gauss(self._noise, ticks)
        self.cuff.sample(ticks, round(100 * mmhg))

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> OnArm:
        """Lives on, until then at the longest."""
        cuff, clock, air = self.cuff, self.clock, self.air
        end_us = clock.now_us + round(seconds * 1e6)
        while clock.now_us < end_us and not until():
            clock.now_us += SAMPLE_US
            if not self.hung:
                self.look(clock.now_us // 1000 & 0x3FFFFFFF)
                air.drive(cuff.pump, cuff.bleed, cuff.closed, cuff.feed)
        return self

    def reach(self, state: str) -> OnArm:
        """Until it is in that state."""
        self.run(LONGEST_S, lambda: self.state == state)
        assert self.state == state
        return self

    def measure(self) -> OnArm:
        """One attempt, without a second one."""
        assert self.cuff.start()
        self.run(LONGEST_S, lambda: self.fault != "measuring")
        return self

    def determine(self) -> OnArm:
        """One determination, with all its attempts."""
        assert self.cuff.start()
        return self.run(LONGEST_S, lambda: self.state == "idle")

    def errors(self) -> tuple[float, float, float]:
        """Measured less true, mmHg: systolic, mean, diastolic."""
        cuff, case = self.cuff, self.case
        return (
            cuff.systolic / 10 - case.systolic,
            cuff.map / 10 - self.arm.mean(0),
            cuff.diastolic / 10 - case.diastolic,
        )


class WithSensor(OnArm):
    """The same with the emulated sensor on its bus and the driver between."""

    def __init__(self, case: Case | None = None, kind: int = 0, size: Size = ADULT, every: int = 0) -> None:
        super().__init__(case, kind, size, every)
        self.chip = MPRLS(self.clock, self.air.pressure, self.case.seed)
        self.driver = mprls.MPRLS(Port(Bus("bus0", {ADDRESS: self.chip})))

    def look(self, ticks: int) -> None:
        if self.driver.poll(ticks):
            self.cuff.sample(ticks, self.driver.pressure)
        else:
            self.cuff.nothing(ticks)
