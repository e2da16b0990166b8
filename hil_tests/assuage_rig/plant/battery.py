"""The cell and the mains: how much charge is truly left, the voltage that a gauge sees, and when the supply gives in.

The charge is the integral of the load, which depends on whether the motor has current; it is computed when asked for.
Times that are asked about are the present or shortly before it: both quantities are slow.
"""

from assuage_rig.chips.stepdrive import StepDrive
from assuage_rig.clock import NEVER, Clock
from assuage_rig.faults import Faults, Kind
from assuage_rig.plant.supply import Supply

# Open-circuit voltage of a lithium-ion cell (Panasonic NCR18650BF) from empty to full in steps of a tenth, as Zephyr's
# dt-bindings/battery/battery.h has read it from the data sheet.
OPEN_CIRCUIT_V = (2.502, 3.146, 3.372, 3.449, 3.532, 3.602, 3.680, 3.764, 3.842, 3.936, 4.032)

_MS_PER_H = 3_600_000
_CHECK_US = 1_000_000


def open_circuit_v(charge: float) -> float:
    """Voltage of a rested cell, V, over its charge, 0 .. 1."""
    x = min(max(charge, 0.0), 1.0) * (len(OPEN_CIRCUIT_V) - 1)
    i = min(int(x), len(OPEN_CIRCUIT_V) - 2)
    return OPEN_CIRCUIT_V[i] + (OPEN_CIRCUIT_V[i + 1] - OPEN_CIRCUIT_V[i]) * (x - i)


class Mains:
    """The plug in the wall."""

    def __init__(self, battery: "Battery") -> None:
        self.faults = Faults("mains", {"off": Kind("there is no mains: the board lives on its cell")}, battery.settle)


class Battery:
    """One cell with its charger. All currents in mA; those of board, motor and charger are assumptions.

    check_us: when alive() is to be asked at the latest; after a fault that is at once.
    """

    MAINS_V = 5.0
    CUT_OFF_V = 3.0  # below it the board's regulator gives in; an assumption
    RECOVERED_V = 3.3  # without mains it comes back only from here on, so that a cell relieved of its load is no news

    def __init__(
        self,
        clock: Clock,
        drive: StepDrive,
        *,
        capacity_mah: float = 2000.0,
        ohm: float = 0.1,
        board_ma: float = 60.0,
        motor_ma: float = 300.0,
        charger_ma: float = 500.0,
    ) -> None:
        self._clock = clock
        self._drive = drive
        self.capacity_mah = capacity_mah
        self.ohm = ohm
        self.board_ma = board_ma
        self.motor_ma = motor_ma
        self.charger_ma = charger_ma
        self._charge = 1.0
        self._seen_us = clock.now_us
        self._energised_us = drive.energised_us
        self._board_on = True
        self._given_in = False
        self.check_us = NEVER
        low = Kind("the cell has only so much charge left", {"percent": (10.0, 0.0, 100.0)}, act=self._set_percent)
        dead = Kind("the cell is open: it gives nothing")
        self.faults = Faults("battery", {"low": low, "dead": dead}, self.settle)
        self.mains = Mains(self)
        self.supply = Supply(clock, self.CUT_OFF_V, self._fed_v, self.settle)

    @property
    def on_mains(self) -> bool:
        """Whether the mains feeds the board, and the cell if it is not full."""
        return "off" not in self.mains.faults.active

    @property
    def load_ma(self) -> float:
        """What flows out of the cell now, mA; negative into it."""
        if self.on_mains:
            return -self.charger_ma if self._charge < 1 and "dead" not in self.faults.active else 0.0
        if not self._board_on:
            return 0.0
        return self.board_ma + (self.motor_ma if self._drive.enabled else 0.0)

    def charge(self, t_us: int | None = None) -> float:
        """Charge that is truly left, 0 .. 1."""
        self._live()
        return self._charge

    def charge_percent(self, t_us: int | None = None) -> float:
        """The same in percent."""
        return self.charge(t_us) * 100

    def voltage(self, t_us: int | None = None) -> float:
        """Voltage at the cell's terminals, V."""
        self._live()
        if "dead" in self.faults.active:
            return 0.0
        return open_circuit_v(self._charge) - self.load_ma / 1000 * self.ohm

    def cell_mv(self, t_us: int | None = None) -> float:
        """The same in mV."""
        return self.voltage(t_us) * 1000

    def supply_v(self, t_us: int | None = None) -> float:
        """Voltage that the board is fed with, V."""
        return self.supply.volts(self._fed_v())

    def _fed_v(self) -> float:
        return self.MAINS_V if self.on_mains else self.voltage()

    def supply_counts(self, t_us: int | None = None) -> int:
        """What a 16-bit reading of a third of it against 3.3 V gives."""
        return min(65535, round(self.supply_v() / 3 / 3.3 * 65535))

    def alive(self) -> bool:
        """Whether the supply carries the board; says by check_us when to ask again."""
        self._live()
        least = self.RECOVERED_V if self._given_in else self.CUT_OFF_V
        self._given_in = not self.on_mains and self.voltage() < least
        if self.on_mains or self._given_in:
            self.check_us = NEVER
        else:
            worst = self.board_ma + self.motor_ma
            spare = self._charge - _charge_at(self.CUT_OFF_V + worst / 1000 * self.ohm)
            hours = max(0.0, spare) * self.capacity_mah / worst
            self.check_us = self._clock.now_us + max(_CHECK_US, int(hours * 3.6e9))
        carried = self.supply.carries()
        self.check_us = min(self.check_us, self.supply.next_us())
        return carried and not self._given_in

    def board_on(self, on: bool) -> None:
        """The board draws current, or not."""
        self.settle()
        self._board_on = on

    def settle(self) -> None:
        """Lives through the time up to now, because something is about to change."""
        self._live()
        self.check_us = self._clock.now_us

    def _live(self) -> None:
        us = self._clock.now_us - self._seen_us
        energised_us = self._drive.energised_us
        motor_us = energised_us - self._energised_us
        if not us and not motor_us:
            return
        self._seen_us = self._clock.now_us
        self._energised_us = energised_us
        if "dead" in self.faults.active:
            return
        if self.on_mains:
            gained = self.charger_ma * us
        else:
            gained = -(self.board_ma * us + self.motor_ma * motor_us) if self._board_on else 0.0
        self._charge = min(1.0, max(0.0, self._charge + gained / 1000 / _MS_PER_H / self.capacity_mah))

    def _set_percent(self, percent: float) -> None:
        self._charge = percent / 100


def _charge_at(volts: float) -> float:
    """The charge of a rested cell with that voltage, 0 .. 1."""
    last = len(OPEN_CIRCUIT_V) - 1
    for i in range(last):
        low, high = OPEN_CIRCUIT_V[i], OPEN_CIRCUIT_V[i + 1]
        if volts <= high:
            return (i + max(0.0, (volts - low) / (high - low))) / last
    return 1.0
