"""Plain pins and analogue inputs of the board."""

STOP, LED, BUZZER, DRIVE_ENABLE = range(4)
NAMES = ("stop", "led", "buzzer", "drive_enable")
INPUTS = (STOP,)


class Pins:
    """Levels by index. The stop key is an input, pulled up: 1 = released, 0 = pressed.

    Its falling edge is latched, as a board's interrupt does it: a press that is over by now still reads 0 once, but not
    one that was over before the board ran.
    """

    def __init__(self) -> None:
        self.levels = [0] * len(NAMES)
        self.levels[STOP] = 1
        self._pressed = False

    def get(self, index: int) -> int:
        """The board reads a pin. Raises ValueError for one that does not exist."""
        if not 0 <= index < len(NAMES):
            raise ValueError(f"there is no pin {index}")
        if index == STOP and self._pressed:
            self._pressed = False
            return 0
        return self.levels[index]

    def set(self, index: int, level: int) -> None:
        """The board drives an output. Raises ValueError for an input or a pin that does not exist."""
        if not 0 <= index < len(NAMES) or index in INPUTS:
            raise ValueError(f"pin {index} is no output")
        self.levels[index] = 1 if level else 0

    def press_stop(self, down: bool) -> None:
        """A finger on the stop key."""
        self.levels[STOP] = 0 if down else 1
        self._pressed = self._pressed or down

    def reset(self) -> None:
        """Outputs let go of what they drive, and nobody has seen a press: only a key that is held still counts."""
        self._pressed = False
        for index in range(len(NAMES)):
            if index not in INPUTS:
                self.levels[index] = 0


class Analogue:
    """16-bit readings by channel; a channel that nothing is wired to reads 0."""

    def __init__(self) -> None:
        self.readings: dict[int, int] = {}

    def get(self, channel: int) -> int:
        """0 .. 65535."""
        return self.readings.get(channel, 0)
