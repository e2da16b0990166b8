"""A balance under the cannula: what the patient would have got, weighed every half minute as IEC 60601-2-24 has it."""

from array import array
from collections.abc import Sequence

from assuage_rig.noise import gauss, key
from assuage_rig.plant.infusion import Infusion

SAMPLE_S = 30
"""Sample interval of IEC 60601-2-24."""


class Balance:
    """Weighs from its making on, whoever looks and whenever.

    noise_nl: rms of what it adds to each reading, nL (1 nL of water weighs 1 ug). `volumes`: nL at every sample, the
    first at once.
    """

    def __init__(self, infusion: Infusion, seed: int = 0, noise_nl: float = 0.0, every_s: int = SAMPLE_S) -> None:
        self._infusion = infusion
        self._noise = key(seed, "balance")
        self._volumes = array("d")
        self.noise_nl = noise_nl
        self.every_s = every_s
        self._weigh(infusion.patient_nl)
        infusion.sample(every_s * 1_000_000, self._weigh)

    @property
    def volumes(self) -> Sequence[float]:
        """Cumulative volume at each sample so far, nL."""
        self._infusion.settle()
        return self._volumes

    def _weigh(self, volume_nl: float) -> None:
        if self.noise_nl:
            volume_nl += self.noise_nl * gauss(self._noise, len(self._volumes))
        self._volumes.append(volume_nl)


def flows(volumes: Sequence[float], every_s: float = SAMPLE_S) -> list[float]:
    """Mean flow from each sample to the next, nL/min."""
    return [(volumes[i + 1] - volumes[i]) * 60 / every_s for i in range(len(volumes) - 1)]


def trumpet(
    volumes: Sequence[float], rate_nl_min: float, window_min: float, every_s: float = SAMPLE_S
) -> tuple[float, float]:
    """Least and greatest error of the mean flow over all windows of that length, %: one point of a trumpet curve.

    Raises ValueError when there are not enough samples for one window.
    """
    span = round(window_min * 60 / every_s)
    if span < 1 or len(volumes) <= span:
        raise ValueError(f"{len(volumes)} samples hold no window of {window_min:g} min")
    due = rate_nl_min * window_min
    errors = [100 * (volumes[i + span] - volumes[i] - due) / due for i in range(len(volumes) - span)]
    return min(errors), max(errors)
