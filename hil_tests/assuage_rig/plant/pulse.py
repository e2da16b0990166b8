"""The shape of one pulse of the photoplethysmogram, as a table over the beat.

Two Gaussians on the phase (-pi, pi), "excellent" quality: Q. Tang et al., "PPGSynth", 2020 (amplitude, centre, sd).
"""

from math import exp, pi

GAUSSIANS = ((1.0, -1.5161, 0.6303), (0.1999, 0.8186, 1.0225))
POINTS = 1024


def value(phase: float) -> float:
    """Height at a phase in (-pi, pi); the tails of the neighbouring beats are added, so that beats join."""
    return sum(
        a * exp(-((phase + turn - centre) ** 2) / (2 * sd * sd))
        for a, centre, sd in GAUSSIANS
        for turn in (-2 * pi, 0.0, 2 * pi)
    )


def table() -> list[float]:
    """POINTS + 1 heights over one beat (the last equals the first), peak to peak 1 and mean 0."""
    raw = [value(-pi + 2 * pi * i / POINTS) for i in range(POINTS)]
    span = max(raw) - min(raw)
    mean = sum(raw) / POINTS
    heights = [(v - mean) / span for v in raw]
    return [*heights, heights[0]]
