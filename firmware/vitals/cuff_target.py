"""How far a cuff is inflated: a first pressure, a little above the last systolic one, and higher when that was less."""

from micropython import const

from vitals.cuff_kinds import FIRST, HIGHEST, LOWEST

_ABOVE = const(30)  # mmHg above the last systolic pressure
_STEP = const(50)  # mmHg more when that was too little
_TIMES = const(2)


class Target:
    """mmhg: the pressure. known: the last systolic one of this patient, mmHg, or 0."""

    def __init__(self):
        self.mmhg = self.known = self._raised = 0

    def start(self, row):
        """For a first inflation of a kind of patient (in cuff_kinds.KINDS)."""
        target = row[FIRST]
        if self.known:
            target = self.known + _ABOVE
            target = row[LOWEST] if target < row[LOWEST] else row[HIGHEST] if target > row[HIGHEST] else target
        self.mmhg = target
        self._raised = 0

    def higher(self, row):
        """The systolic pressure was above it: True when there is a higher one to be tried."""
        highest = row[HIGHEST]
        target = self.mmhg
        if self._raised == _TIMES or target == highest:
            return False
        self._raised += 1
        self.mmhg = target + _STEP if target + _STEP < highest else highest
        return True
