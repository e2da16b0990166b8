"""What the record tells that a patient has had, for whoever follows a target: by the pump and by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assuage.bedside.charting.history import History, Told
from assuage.bedside.charting.steady import Steady

if TYPE_CHECKING:  # the models are slow to import
    from assuage.pharmacy.kinetics.programme import Programme
    from assuage.pharmacy.substances import Substance

UNREAD: Final = "What this patient had before is not known: {}"
NOT_YET: Final = "the record has not been read yet."


class Past:
    """Of one bed."""

    def __init__(self, history: History, steady: Steady) -> None:
        self._history, self._steady = history, steady

    @property
    def doubt(self) -> str:
        """What is not known of it, a sentence; "" where nothing is wrong."""
        if self._history.fault or not self._history.begun:
            return UNREAD.format(self._history.fault or NOT_YET)
        return ""

    @property
    def hands(self) -> int:
        """Doses by hand of this patient."""
        return len(self._history.told.account.hands)

    @property
    def struck(self) -> int:
        """Doses by hand of this patient that were charted in error."""
        return self._history.told.account.struck

    def before(self, substance: Substance, without: int) -> Programme:
        """All of it until now, which is its zero, but what that programme of the pump gave."""
        told = self._history.told.copy()
        told.account.samples = [sample for sample in told.account.samples if sample.programme != without]
        return self._programme(substance, told)

    def by_hand(self, substance: Substance, after: int) -> Programme:
        """Doses by hand alone, but the first so many; now is their zero."""
        told = self._history.told.copy()
        told.account.samples, told.account.hands = [], told.account.hands[after:]
        return self._programme(substance, told)

    def _programme(self, substance: Substance, told: Told) -> Programme:
        from assuage.bedside.charting import forecast
        from assuage.bedside.charting.had import had
        from assuage.pharmacy.kinetics.programme import Programme

        return Programme(substance, forecast.parts(had(told).of(substance), self._steady.now()))
