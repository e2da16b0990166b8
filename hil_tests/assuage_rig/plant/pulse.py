"""The shape of one pulse of the photoplethysmogram, as a table over the beat.

Three Gaussians over the beat (amplitude, centre, sd, as parts of it): the systolic wave, its late shoulder, and the
diastolic wave behind the dicrotic notch. A shape in public use for a resting pulse of 70 /min, there given in seconds
(peak 0.16 s sd 0.055; 0.35 at +0.09 s sd 0.045; 0.45 at +0.24 s sd 0.09); it is no model of a person.
"""

from math import exp

BEAT_S = 60 / 70
GAUSSIANS = tuple(
    (a, centre / BEAT_S, sd / BEAT_S) for a, centre, sd in ((1.0, 0.16, 0.055), (0.35, 0.25, 0.045), (0.45, 0.40, 0.09))
)
POINTS = 1024


def value(part: float) -> float:
    """Height at a part of the beat, 0 to 1; the tails of the neighbouring beats are added, so that beats join."""
    return sum(
        a * exp(-((part + beat - centre) ** 2) / (2 * sd * sd)) for a, centre, sd in GAUSSIANS for beat in (-1, 0, 1)
    )


def table() -> list[float]:
    """POINTS + 1 heights over one beat (the last equals the first), peak to peak 1 and mean 0."""
    raw = [value(i / POINTS) for i in range(POINTS)]
    span = max(raw) - min(raw)
    mean = sum(raw) / POINTS
    heights = [(v - mean) / span for v in raw]
    return [*heights, heights[0]]
