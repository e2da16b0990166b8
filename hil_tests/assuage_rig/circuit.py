"""What is soldered to what: the chips of the emulated board, the patient at its probe and the syringe in its drive."""

import hashlib
from collections.abc import Callable
from functools import partial

from assuage_rig import faults, verbs
from assuage_rig.bus import Bus, Chip
from assuage_rig.chips import as5600, max17048, max30102, mprls, nau7802, tmp117
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
from assuage_rig.patientside import PatientSide
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

CLOCK_KINDS: dict[str, tuple[str, dict[str, tuple[faults.Value, faults.Value, faults.Value]]]] = {
    "leap": (
        "the timer's count leaps by so many seconds, back at most to the board's start; the crystal is as it was",
        {"s": (60.0, -1e6, 1e6)},
    ),
    "stop": (
        "the crystal stops for so long, and with it processor, timer, watchdog, step drive and serial ports",
        {"s": (2.0, 0.001, 3600.0)},
    ),
}


def syringe_named(name: str) -> Syringe:
    """Raises ValueError with the names there are."""
    if name not in SYRINGES:
        raise ValueError(f"there is no syringe {name!r}; there are {', '.join(SYRINGES)}")
    return SYRINGES[name]


class Circuit:
    """Everything but the processor. fitted_us: from then on there is a syringe in the drive.

    bedside: `side` holds what is plugged in on the patient's side, else the oximeter is all there is of it.

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
        bedside: bool = False,
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
        self.oximeter = max30102.MAX30102(clock, patient.light, seed, patient.ambient_light)
        self.fitted_us = clock.now_us
        self.bridge = nau7802.NAU7802(clock, self._bridge_uv, seed)
        self.battery = Battery(clock, self.drive)
        self.gauge = max17048.MAX17048(clock, self.battery.cell_mv, self.battery.charge_percent, seed)
        self.stepper = TMC2209(clock, self.drive, seed=seed)
        self.side = PatientSide(clock, seed) if bedside else None
        vitals: dict[int, Chip] = {max30102.ADDRESS: self.oximeter, max17048.ADDRESS: self.gauge}
        if self.side:
            vitals |= {tmp117.ADDRESS: self.side.thermometer, mprls.ADDRESS: self.side.pressure}
        self.buses = (
            Bus("bus0", {as5600.ADDRESS: self.encoder, nau7802.ADDRESS: self.bridge}),
            Bus("bus1", vitals),
        )
        self.uart = Uart(clock, seed)
        self.driver_line = SingleWire(clock, self.stepper)
        self.pins = Pins(clock, seed)
        for i, name in enumerate(("plunger", "barrel", "flange")):
            self.pins.held[name] = partial(self._open, i)
        self.sounder = Sounder(self.pins)
        self.barrel_um: Callable[[], float] = lambda: self.infusion.syringe.outer_um
        self.analogue = Analogue(clock, seed)
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
        self.processor_dies: Callable[[], None] = self.reset
        killed = faults.Kind("the processor dies at once and is started again", act=lambda: self.processor_dies())
        self.board_faults = faults.Faults("board", {**BOARD_KINDS, "killed": killed})
        self.leap_us = 0  # by how much the board's clock is ahead of the rig's
        self._booted_us = clock.now_us
        acts = {"leap": self._leap, "stop": self._stop_clock}
        self.clock_faults = faults.Faults("clock", {k: faults.Kind(*v, acts[k]) for k, v in CLOCK_KINDS.items()})
        self._right_syringe: Syringe | None = None
        self.infusion.faults.watchers.append(self._exchange)
        self.balance = Balance(self.infusion, seed)
        supply = (self.battery, self.battery.mains, self.battery.supply)
        plant = (self.shaft, self.infusion, self.infusion.line, *supply)
        more = (self.bridge, self.gauge, self.stepper, self.sounder)
        carriers = (self.encoder, self.oximeter, patient, *plant, *self.buses, self.uart, *more, self.flash)
        inputs = (*self.pins.contacts.faults.values(), *self.analogue.faults)
        board = (self.board_faults, self.clock_faults, *(self.side.faults if self.side else ()))
        self.faults = {f.component: f for f in (*(c.faults for c in carriers), *inputs, *board)}
        self.made = record(self.faults.values(), lambda: clock.now_us)

    @property
    def board_us(self) -> int:
        """The time that the board is told, us."""
        return max(self.clock.now_us + self.leap_us, self._booted_us)

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

    def fault(self, component: str, kind: str, **params: faults.Value) -> None:
        """Breaks something: a verb of verbs.py by its two words, or a kind of a component. Raises UnknownFault."""
        verb = verbs.resolve(component, kind)
        self.component(verb.component).make(verb.kind, **{**verb.fixed, **params})
        if f"{component} {kind}" in verbs.VERBS:
            self.made[-1].verb = f"{component} {kind}"

    def mend(self, component: str, kind: str | None = None) -> None:
        """Ends one fault of a component or a verb, or all of them. Raises UnknownFault."""
        if kind is not None:
            verb = verbs.resolve(component, kind)
            self.component(verb.component).mend(verb.kind)
            return
        of_it = verbs.of_part(component)
        for verb in of_it:
            self.component(verb.component).mend(verb.kind)
        if component in self.faults or not of_it:
            self.component(component).mend()

    def component(self, name: str) -> faults.Faults:
        """The faults of a component. Raises UnknownFault with the names there are."""
        if name == verbs.HOST:
            raise faults.UnknownFault(verbs.refusal("linux", verbs.HOST))
        if name in verbs.BEDSIDE and not self.side:
            raise faults.UnknownFault(
                f"this board has no {verbs.PARTS[name]}: it is on the bedside board, with all of the patient's sensors"
            )
        if name not in self.faults:
            parts = dict.fromkeys(verb.split()[0] for verb in verbs.VERBS)
            there = [*self.faults, *(part for part in parts if part not in self.faults)]
            raise faults.UnknownFault(f"there is no component {name!r}; there are {', '.join(there)}")
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
        if self.side:
            self.side.reset()
        self.board_faults.mend()
        self.leap_us = 0
        self._booted_us = self.clock.now_us

    def power_off(self) -> None:
        """The supply fails: all chips forget; screw, plunger, patient, file system and flash stay as they are."""
        self.reset()
        self.retained.power_off()
        for chip in (self.encoder, self.oximeter, self.bridge, self.gauge, self.stepper):
            chip.power_on()
        if self.side:
            self.side.power_off()

    # -- faults that concern more than one part ------------------------------------------------------------------------
    def _leap(self, s: float) -> None:
        self.leap_us = max(self.leap_us + round(s * 1e6), self._booted_us - self.clock.now_us)

    def _stop_clock(self, s: float) -> None:
        us = round(s * 1e6)
        self.leap_us -= us
        self.watchdog.postpone(us)
        self.drive.hold(us)
        self.uart.stop(us)

    def _exchange(self, kind: str, params: dict[str, faults.Value] | None) -> None:
        if kind != "wrong":
            return
        if params is None:
            if self._right_syringe is not None:
                self.shaft.fit(self._right_syringe)
            self._right_syringe = None
        else:
            self._right_syringe = self._right_syringe or self.shaft.syringe
            self.shaft.fit(Syringe(int(params["bore_um"]), int(params["ml"]) * 1_000_000))
