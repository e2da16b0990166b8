"""The filter that both channels pass on their way to numbers: shifts and sums of integers, alike on every machine."""


class Highpass:
    """Splits a level into its slow part, `base`, and the rest, at 25 levels a second: fourth order, corner at 0.5 Hz.

    Two equal second-order sections in state-variable form (Chamberlin, Musical Applications of Microprocessors, 1985,
    ch. 14), frequency coefficient 1/8, damping 11/16. Gain 1.2 above 2 Hz, 0.86 at 40 /min, 0.06 at 0.25 Hz, where
    breathing is, and 0.002 at 0.1 Hz.

    Bounds, whatever the levels do within a range of width X (by the sums of the impulse responses): both _low leave the
    range by 0.06 X at most, |band| <= 0.53 X, |result| <= 1.57 X. With X = 2**24, the sum of four 18-bit counts with 4
    bits of fraction, the largest product, 11 * band, is below 2**27.
    """

    def __init__(self):
        self.base = 0  # of the first section: the level less its quick part
        self._low = self._band = 0
        self._low_2 = self._band_2 = 0

    def start(self, level):
        """As if the level had always been this one: no transient from zero."""
        self.base = self._low = level
        self._band = self._low_2 = self._band_2 = 0

    def step(self, level):
        """The quick part of one more level, in its unit."""
        band = self._band
        self._low = low = self._low + ((band + 4) >> 3)
        self.base = low = low + (band * 11 >> 3)
        level -= low
        self._band = band + ((level + 4) >> 3)
        band = self._band_2
        self._low_2 = low = self._low_2 + ((band + 4) >> 3)
        level -= low + (band * 11 >> 3)
        self._band_2 = band + ((level + 4) >> 3)
        return level
