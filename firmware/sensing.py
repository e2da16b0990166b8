"""The drive's other chips and contacts: reads what the board's data list and hands it to the pump, task by task."""

from micropython import const

from drivers.max17048 import MAX17048
from drivers.nau7802 import NAU7802
from drivers.tmc2209 import STOPS, TMC2209
from pump.drive_status import changes
from pump.force import GOOD
from pump.limits import since
from pump.states import running
from pump.supply import (
    FAULTY,
    LOST,
    SETTING_UP,
    SILENT,
    TEST_BRIDGE,
    TEST_DRIVER,
    TEST_ENCODER,
    TEST_GAUGE,
    TEST_KEYS,
    TEST_SUPPLY,
    WORKS,
)

_TARE_MS, _BRIDGE_MS = const(25), const(50)  # until there is a force, and for pressure, which looks ten times a second
_PANEL_MS = const(50)
_DRIVER_MS, _CALM_MS = const(25), const(50)  # while it is told its settings, and once it works
_GAUGE_MS = const(500)  # two readings are believed: an empty cell is told within 2 s


class Sensing:
    """One task for each chip that there is; begin(add) adds them to a supervisor.Supervisor. now: ticks at boot."""

    def __init__(self, board, pump, now):
        data = board.data
        self._pump = pump
        self._marks = 0
        pump.tests.add(TEST_ENCODER)
        self._parts = []
        panel_ms = (data.get("periods") or {}).get("panel", _PANEL_MS)
        self._parts.append(("panel", _Panel(board, pump, now), panel_ms))
        if data.get("bridge"):
            self._parts.append(("bridge", _Bridge(board, pump, now), _BRIDGE_MS))
        if data.get("driver"):
            self._parts.append(("driver", _Driver(board, pump, now), _DRIVER_MS))
        if data.get("gauge"):
            self._parts.append(("gauge", _Gauge(board, pump, now), _GAUGE_MS))

    def begin(self, add):
        """add(name, run, period): as the supervisor has it; each part knows its task, whose period it may change."""
        for name, part, period in self._parts:
            part.task = add(name, part.run, period)

    def errors(self):
        """Failed transfers of all chips."""
        total = 0
        for _, part, _ in self._parts:
            if part._chip:
                total += part._chip.errors
        return total

    def changed(self):
        """Whether there is something that a person should see at once."""
        now = changes(self._pump)
        differs = now != self._marks
        self._marks = now
        return differs


class _Panel:
    """Contacts, keys and analogue inputs. Closed is 0: a broken wire is an open contact."""

    def __init__(self, board, pump, now):
        pins = board.pins
        data = board.data
        self._chip = None
        self._pump = pump
        self._barrel = pins["barrel"]
        self._plunger = pins["plunger"]
        self._flange = pins["flange"]
        self._keys = (pins["silence"], pins["demand"])
        self._pot = board.adc["barrel_pot"]
        self._air = board.adc["air"]
        self._supply = board.adc["supply"]
        self._measures = bool(data.get("supply"))
        self._seen = now
        pump.tests.add(TEST_KEYS)
        if self._measures:
            pump.tests.add(TEST_SUPPLY)

    def run(self, now):
        """One look at all of them."""
        pump = self._pump
        ms = since(now, self._seen)
        self._seen = now
        pump.senses.poll(
            ms,
            not self._barrel.value(),
            not self._plunger.value(),
            not self._flange.value(),
            self._pot.read_u16(),
            self._air.read_u16(),
            running(pump.state),
        )
        supply = pump.supply
        if self._measures:
            supply.read(ms, self._supply.read_u16())
        tests = pump.tests
        tests.pass_time(ms)
        tests.set(TEST_SUPPLY, not supply.low())
        tests.set(TEST_KEYS, self._keys[0].value() and self._keys[1].value())


class _Bridge:
    """The plunger's force."""

    def __init__(self, board, pump, now):
        self._senses = pump.senses
        self._tests = pump.tests
        self._chip = NAU7802(board.i2c0)
        self._seen = now
        pump.tests.add(TEST_BRIDGE)

    def run(self, now):
        """Every poll tells the time, and a fresh code if there is one."""
        chip = self._chip
        force = self._senses.force
        force.wait(since(now, self._seen))
        self._seen = now
        self.task.period = _BRIDGE_MS if force.quality == GOOD else _TARE_MS  # type: ignore
        if chip.poll(now):
            self._senses.read(chip.code, chip.calibrations)
            self._tests.set(TEST_BRIDGE, chip.ok)


class _Driver:
    """The motor's driver. What it lost is forgotten while nothing turns and all is written again."""

    def __init__(self, board, pump, now):
        self._pump = pump
        self._chip = TMC2209(board.driver_uart, **board.data["driver"])
        self._known = False  # it has had its settings before
        pump.tests.add(TEST_DRIVER)

    def run(self, now):
        """One datagram."""
        chip = self._chip
        supply = self._pump.supply
        chip.poll(now)
        if chip.ok and not running(self._pump.state):
            chip.lost = False
        if supply.cleared:
            supply.cleared = False
            if chip.faults & STOPS:
                chip.renew()
        if chip.lost:
            state = LOST
        elif chip.faults & STOPS:
            state = FAULTY
        elif chip.ok:
            state = WORKS
        else:
            state = SILENT if self._known or chip.trouble else SETTING_UP
        self._known = self._known or chip.ok
        self.task.period = _CALM_MS if state == WORKS else _DRIVER_MS  # type: ignore
        supply.driver = state
        supply.faults = chip.faults
        self._pump.tests.set(TEST_DRIVER, state == WORKS)


class _Gauge:
    """The battery's fuel gauge."""

    def __init__(self, board, pump, now):
        self._pump = pump
        self._chip = MAX17048(board.i2c1, **board.data["gauge"])
        self._seen = now
        pump.tests.add(TEST_GAUGE)

    def run(self, now):
        """Every poll tells the time, and a fresh reading if there is one."""
        chip = self._chip
        pump = self._pump
        if chip.poll(now):
            pump.supply.take(chip.charge, chip.rate, chip.mv, pump.delivery.flow, running(pump.state))
        pump.supply.pass_time(since(now, self._seen))
        self._seen = now
        pump.tests.set(TEST_GAUGE, chip.ok)
