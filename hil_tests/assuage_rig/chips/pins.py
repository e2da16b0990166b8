"""Plain pins and analogue inputs of the board.

Keys and switches are pulled up and close to ground: 1 is a released key, a syringe that is not fitted, and a broken
wire.
"""

from collections.abc import Callable
from functools import partial

from assuage_rig.chips.contacts import Contacts
from assuage_rig.clock import Clock
from assuage_rig.faults import Faults, Kind, Value
from assuage_rig.measured import Measured, kinds

STOP, LED, BUZZER, DRIVE_ENABLE = range(4)
NAMES = ("stop", "led", "buzzer", "drive_enable")
SILENCE, DEMAND, BARREL, PLUNGER, FLANGE, LED_RED, LED_YELLOW = range(8, 15)
PANEL = ("silence", "demand", "barrel", "plunger", "flange", "led_red", "led_yellow")
PANEL_INPUTS = PANEL[:5]
INPUTS = {"stop": STOP, **{name: SILENCE + i for i, name in enumerate(PANEL_INPUTS)}}

SUPPLY, BARREL_POT, AIR, SOUNDER = range(4)
CHANNELS = ("supply", "barrel_pot", "air", "sounder")

FLOATING = 25_000.0
"""What an input reads that is connected to nothing: an assumption, for nobody can say."""


class Pins:
    """Levels by index: `levels` of the first four, `panel` of the keys, switches and lamps from SILENCE on.

    Keys are released and the three switches of a fitted syringe closed until somebody sets them. The stop key's falling
    edge is latched, as a board's interrupt does it: a press that is over by now still reads 0 once, but not one that
    was over before the board ran. `held`: what the plant does to an input, by name; 1 wins, as in wires in series.
    """

    def __init__(self, clock: Clock | None = None, seed: int = 0) -> None:
        self.contacts = Contacts(INPUTS, clock or Clock(), seed)
        self.levels = [1, 0, 0, 0]
        self.panel = [1, 1, 0, 0, 0, 0, 0]
        self.held: dict[str, Callable[[], int]] = {}
        self._pressed = False
        self.tap: Callable[[str, int], None] | None = None
        """For a recorder: told the name and the level of a pin that has been set."""

    def _place(self, index: int) -> tuple[list[int], int]:
        if 0 <= index < len(NAMES):
            return self.levels, index
        if 0 <= index - SILENCE < len(PANEL):
            return self.panel, index - SILENCE
        raise ValueError(f"there is no pin {index}")

    def get(self, index: int) -> int:
        """The board reads a pin. Raises ValueError for one that does not exist."""
        levels, at = self._place(index)
        if index == STOP:
            return 0 if self.take_press() else self.stop()
        held = self.held.get(PANEL[at]) if levels is self.panel else None
        level = levels[at] or (held() if held else 0)
        if self.contacts.broken and levels is self.panel and PANEL[at] in INPUTS:
            return self.contacts.level(PANEL[at], level)
        return level

    def inputs(self) -> int:
        """Levels of the panel's inputs as bits, the first one lowest."""
        levels = 0
        for i, name in enumerate(PANEL_INPUTS):
            held = self.held.get(name)
            level = self.panel[i] or (held() if held else 0)
            if self.contacts.broken:
                level = self.contacts.level(name, level)
            levels |= level << i
        return levels

    def stop(self) -> int:
        """The stop key's level."""
        level = self.levels[STOP]
        return self.contacts.level("stop", level) if self.contacts.broken else level

    @property
    def pressed(self) -> bool:
        """Whether a press of the stop key is latched."""
        return self._pressed and "open" not in self.contacts.faults["stop"].active

    def take_press(self) -> bool:
        """Whether the stop key was pressed since somebody last read it."""
        pressed, self._pressed = self.pressed, False
        return pressed

    def set(self, index: int, level: int) -> None:
        """The board drives an output. Raises ValueError for an input or a pin that does not exist."""
        levels, at = self._place(index)
        if index in INPUTS.values():
            raise ValueError(f"pin {index} is no output")
        levels[at] = 1 if level else 0
        if self.tap is not None:
            self.tap((NAMES if levels is self.levels else PANEL)[at], levels[at])

    def put(self, name: str, level: int) -> None:
        """The world sets an input: 0 pressed or closed, 1 released or open. Raises ValueError with the names."""
        if name not in INPUTS:
            raise ValueError(f"there is no input {name!r}; there are {', '.join(INPUTS)}")
        levels, at = self._place(INPUTS[name])
        levels[at] = 1 if level else 0
        self._pressed = self._pressed or (name == "stop" and not level)
        if self.tap is not None:
            self.tap(name, levels[at])

    def press_stop(self, down: bool) -> None:
        """A finger on the stop key."""
        self.put("stop", 0 if down else 1)

    @property
    def named(self) -> dict[str, int]:
        """Levels of all pins by name."""
        panel = {name: self.get(SILENCE + i) for i, name in enumerate(PANEL)}
        return {**dict(zip(NAMES, self.levels, strict=True)), **panel}

    def reset(self) -> None:
        """Outputs let go of what they drive, and nobody has seen a press: only a key that is held still counts."""
        self._pressed = False
        for index in (LED, BUZZER, DRIVE_ENABLE, LED_RED, LED_YELLOW):
            self.set(index, 0)


class Analogue:
    """16-bit readings by channel: what somebody has set, else what is wired to it, else 0. faults: by channel."""

    def __init__(self, clock: Clock | None = None, seed: int = 0) -> None:
        clock = self._clock = clock or Clock()
        known = kinds("counts", 5_000.0, 65_535.0, opened=FLOATING, shorted=0.0)
        self.faults = [Faults(f"{name}_input", known) for name in CHANNELS]
        self._measured = [
            Measured(faults, clock, partial(self._true, i), seed, f"adc {CHANNELS[i]}")
            for i, faults in enumerate(self.faults)
        ]
        self._broken = False
        for faults in self.faults:
            faults.watchers.append(self._look)
        self.readings: dict[int, int] = {}
        self.sources: dict[int, Callable[[], float]] = {}

    def get(self, channel: int) -> int:
        """0 .. 65535."""
        if self._broken and self.faults[channel].active:
            return min(65535, max(0, round(self._measured[channel].at(self._clock.now_us))))
        if channel in self.readings:
            return self.readings[channel]
        source = self.sources.get(channel)
        return min(65535, max(0, round(source()))) if source else 0

    def _look(self, kind: str, params: dict[str, Value] | None) -> None:
        self._broken = any(faults.active for faults in self.faults)

    def _true(self, channel: int, t_us: int) -> float:
        source = self.sources.get(channel)
        return self.readings.get(channel, min(65535.0, max(0.0, source())) if source else 0.0)

    def put(self, name: str, value: int | None) -> None:
        """Sets a channel's reading; None leaves it to what is wired to it. Raises ValueError with the names."""
        if name not in CHANNELS:
            raise ValueError(f"there is no analogue input {name!r}; there are {', '.join(CHANNELS)}")
        if value is None:
            self.readings.pop(CHANNELS.index(name), None)
        elif isinstance(value, int) and 0 <= value <= 65535:
            self.readings[CHANNELS.index(name)] = value
        else:
            raise ValueError(f"{name} must be 0 .. 65535, not {value!r}")


class Sounder:
    """The buzzer and the current that it draws, which the board can measure. level: a reading while it sounds."""

    def __init__(self, pins: Pins, level: int = 20_000) -> None:
        self._pins = pins
        self.level = level
        self.faults = Faults(
            "sounder",
            {
                "dead": Kind("the buzzer draws no current and makes no sound"),
                "stuck": Kind("the buzzer sounds whatever the board does"),
            },
        )

    @property
    def sounds(self) -> bool:
        """Whether it can be heard."""
        active = self.faults.active
        return "stuck" in active or (bool(self._pins.levels[BUZZER]) and "dead" not in active)

    def current(self) -> float:
        """What the board's analogue input reads."""
        return self.level if self.sounds else 0
