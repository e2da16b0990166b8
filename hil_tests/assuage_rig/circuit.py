"""What is soldered to what: the chips of the emulated board, the patient at its probe and the syringe in its drive."""

import hashlib
from collections.abc import Callable
from functools import partial

from assuage_rig import faults
from assuage_rig.bus import Bus
from assuage_rig.chips import as5600, max17048, max30102, nau7802
from assuage_rig.chips.norflash import NorFlash
from assuage_rig.chips.pins import AIR, BARREL_POT, DRIVE_ENABLE, SOUNDER, SUPPLY, Analogue, Pins, Sounder
from assuage_rig.chips.retained import Retained
from assuage_rig.chips.singlewire import SingleWire
from assuage_rig.chips.stepdrive import StepDrive
from assuage_rig.chips.tmc2209 import TMC2209
from assuage_rig.chips.uart import Uart
from assuage_rig.chips.watchdog import Watchdog
from assuage_rig.clock import NEVER, Clock
from assuage_rig.made import record
from assuage_rig.plant.balance import Balance
from assuage_rig.plant.battery import Battery
from assuage_rig.plant.infusion import Infusion
from assuage_rig.plant.mechanics import REALISTIC, Mechanism
from assuage_rig.plant.patient import Patient
from assuage_rig.plant.syringe import SYRINGES, Shaft, Syringe

BARREL_POT_UM = 40_000
"""Diameter at which the potentiometer of the barrel clamp reads its most."""

WETTED, DRY = 52_000, 4_000
"""Readings of the air sensor's receiver with liquid between the transducers, and with air."""

BRIDGE_NV_PER_MN = 60
"""A load cell of 2 mV/V for 100 N, fed with 3 V."""

PUT_IN_US = 1_500_000
"""How long after the rig has begun somebody puts the syringe in: a pump tares its force without one."""

BOARD_KINDS = {"freeze": faults.Kind("the firmware hangs: it asks for nothing more until the watchdog resets it")}


def syringe_named(name: str) -> Syringe:
    """Raises ValueError with the names there are."""
    if name not in SYRINGES:
        raise ValueError(f"there is no syringe {name!r}; there are {', '.join(SYRINGES)}")
    return SYRINGES[name]


class Circuit:
    """Everything but the processor. fitted_us: from then on there is a syringe in the drive.

    i2c bus 0: AS5600, NAU7802; bus 1: MAX30102, MAX17048, which shares its address with the encoder; second serial
    port: TMC2209, strapped to 1/16 so that losing its settings does not change the dose. What chips measure can be
    replaced while running: `bridge.bridge`, `gauge.cell`, `gauge.charge`, `stepper.load`, `barrel_um`, and
    `analogue.sources`.
    """

    def __init__(
        self,
        clock: Clock,
        patient: Patient,
        syringe: str = "BD 50",
        seed: int = 1,
        mechanism: Mechanism = REALISTIC,
    ) -> None:
        self.clock = clock
        self.seed = seed
        self.uid = hashlib.sha256(f"assuage rig {seed}".encode()).digest()[:8]
        self.patient = patient
        patient.attach(clock, seed)
        self.drive = StepDrive(clock)
        self.shaft = Shaft(self.drive, syringe_named(syringe))
        self.infusion = Infusion(clock, self.shaft, mechanism)
        self.encoder = as5600.AS5600(clock, self.shaft.angle, seed)
        self.oximeter = max30102.MAX30102(clock, patient.light, seed)
        self.fitted_us = clock.now_us
        self.bridge = nau7802.NAU7802(clock, self._bridge_uv, seed)
        self.battery = Battery(clock, self.drive)
        self.gauge = max17048.MAX17048(clock, self.battery.cell_mv, self.battery.charge_percent, seed)
        self.stepper = TMC2209(clock, self.drive, seed=seed)
        self.buses = (
            Bus("bus0", {as5600.ADDRESS: self.encoder, nau7802.ADDRESS: self.bridge}),
            Bus("bus1", {max30102.ADDRESS: self.oximeter, max17048.ADDRESS: self.gauge}),
        )
        self.uart = Uart(clock, seed)
        self.driver_line = SingleWire(clock, self.stepper)
        self.pins = Pins()
        for i, name in enumerate(("plunger", "barrel", "flange")):
            self.pins.held[name] = partial(self._open, i)
        self.sounder = Sounder(self.pins)
        self.barrel_um: Callable[[], float] = lambda: self.infusion.syringe.outer_um
        self.analogue = Analogue()
        self.analogue.sources = {
            SUPPLY: self.battery.supply_counts,
            BARREL_POT: lambda: self.barrel_um() * 65535 / BARREL_POT_UM if self.fitted else 0,
            AIR: lambda: DRY if self.infusion.air else WETTED,
            SOUNDER: self.sounder.current,
        }
        self.retained = Retained()
        self.flash = NorFlash(seed=seed)
        self.power_fails: Callable[[], None] = self.power_off  # when an operation of the flash is cut short
        self.watchdog = Watchdog(clock)
        self.board_faults = faults.Faults("board", BOARD_KINDS)
        self.balance = Balance(self.infusion, seed)
        plant = (self.shaft, self.infusion, self.infusion.line, self.battery, self.battery.mains)
        more = (self.bridge, self.gauge, self.stepper, self.sounder)
        carriers = (self.encoder, self.oximeter, *plant, *self.buses, self.uart, *more, self.flash)
        self.faults = {f.component: f for f in (*(c.faults for c in carriers), self.board_faults)}
        self.made = record(self.faults.values(), lambda: clock.now_us)

    @property
    def fitted(self) -> bool:
        """Whether there is a syringe in the drive."""
        return self.clock.now_us >= self.fitted_us

    def fit(self, syringe: str) -> None:
        """Another full syringe is put in, by name."""
        self.shaft.fit(syringe_named(syringe))
        self.fitted_us = self.clock.now_us

    def take_out(self, for_s: float | None) -> None:
        """The syringe is taken out, for good or for some time; it is the same one, where it was, when it comes back."""
        self.fitted_us = NEVER if for_s is None else self.clock.now_us + round(for_s * 1e6)

    def _open(self, switch: int) -> int:
        return 0 if self.fitted and self.infusion.switches[switch] else 1

    def _bridge_uv(self, t_us: int) -> float:
        return self.infusion.force_mn(t_us) * BRIDGE_NV_PER_MN / 1000 if t_us >= self.fitted_us else 0.0

    def component(self, name: str) -> faults.Faults:
        """The faults of a component. Raises UnknownFault with the names there are."""
        if name not in self.faults:
            raise faults.UnknownFault(f"there is no component {name!r}; there are {', '.join(self.faults)}")
        return self.faults[name]

    def enable_drive(self, on: bool) -> None:
        """The motor driver's enable input, which is also an output pin of the board."""
        self.set_pin(DRIVE_ENABLE, int(on))

    def set_pin(self, index: int, level: int) -> None:
        """The board drives an output."""
        self.pins.set(index, level)
        if index == DRIVE_ENABLE:
            self.drive.enable(bool(level))

    def reset(self) -> None:
        """The processor is reset, and all that is part of it: watchdog, serial line, step drive and pins.

        On the RP2040 the watchdog's reset takes everything but the oscillators along (datasheet 2.13, PSM_WDSEL as the
        SDK sets it), so PIO, DMA and pins too: the pulled-up enable of the motor driver lets go of the motor. The chips
        on the buses and the retained words live on.
        """
        self.watchdog.reset()
        self.uart.reset()
        self.driver_line.reset()
        self.drive.reset()
        self.pins.reset()
        self.board_faults.mend()

    def power_off(self) -> None:
        """The supply fails: all chips forget; screw, plunger, patient, file system and flash stay as they are."""
        self.reset()
        self.retained.power_off()
        for chip in (self.encoder, self.oximeter, self.bridge, self.gauge, self.stepper):
            chip.power_on()
