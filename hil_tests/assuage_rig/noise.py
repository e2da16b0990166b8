"""Noise as a pure function of (key, n): what a chip reads at a time does not depend on how often it was read before."""

_MASK = (1 << 64) - 1


def mix(key: int, n: int) -> int:
    """64 well-mixed bits for the n-th draw of a key (SplitMix64, Steele et al. 2014)."""
    z = (key + (n + 1) * 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


_SCALE = 3**0.5 / 65536  # four uniform 16-bit draws have a variance of 65536**2 / 3


def gauss(key: int, n: int) -> float:
    """Mean 0, variance 1, within +-3.47: the sum of four uniform draws, which is near enough to normal for noise."""
    z = (key + (n + 1) * 0x9E3779B97F4A7C15) & _MASK  # mix(), without a call
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    z ^= z >> 31
    return ((z & 0xFFFF) + (z >> 16 & 0xFFFF) + (z >> 32 & 0xFFFF) + (z >> 48) - 131070) * _SCALE


def key(seed: int, name: str) -> int:
    """Own stream of noise for each named part of a rig with this seed."""
    value = seed & _MASK
    for byte in name.encode():
        value = mix(value, byte)
    return value
