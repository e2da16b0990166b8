"""Seven words that survive a reset but not the loss of power (on the RP2040: watchdog scratch)."""


class Retained:
    """Words of 30 bits, so that a 32-bit board holds each as a small integer."""

    WORDS = 7

    def __init__(self) -> None:
        self.words = [0] * self.WORDS

    def set(self, index: int, value: int) -> None:
        """Raises ValueError for a word that does not exist or a value of more than 30 bits."""
        if not 0 <= index < self.WORDS or not 0 <= value < 1 << 30:
            raise ValueError(f"retained word {index} cannot be {value}")
        self.words[index] = value

    def power_off(self) -> None:
        """Power is lost: all words read 0 afterwards."""
        self.words = [0] * self.WORDS
