"""Patient-controlled analgesia: what becomes of a press of the demand button.

A dose is given whole or not at all: not while another one runs, not before the lockout since the last one's beginning
is over, and not when it would pass what is left of the volume or of a window. Presses in vain are counted: how often a
patient asks is what tells that the dose does not suffice.

    demand.begin(dose_nl, lockout_s)
    demand.pass_time(ms)
    answer = demand.press(left_nl, windows)     # GIVEN: begin the bolus now; else why not
"""

GIVEN, NOT_NOW, LOCKED, TOO_MUCH = range(4)  # NOT_NOW: no programme with doses, or one is being given

_MOST = 65_535


class Demand:
    """given, denied: presses of this programme. left_ms: until the lockout is over. giving: a dose is under way."""

    def __init__(self):
        self.begin(0, 0)

    def begin(self, dose_nl, lockout_s):
        """A programme with doses of so many nL; 0 for one without."""
        self.dose = dose_nl
        self.given = self.denied = 0
        self.left_ms = 0
        self.giving = False
        self._lockout_ms = lockout_s * 1000

    def pass_time(self, ms):
        """`ms` later, also while nothing is infused: a lockout is a time for the patient, not for the pump."""
        self.left_ms = max(0, self.left_ms - ms)

    def press(self, left_nl, windows, running=True):
        """The button was pressed: GIVEN, or why not. left_nl: of the volume to be infused. Counts it either way."""
        if self.dose == 0 or self.giving or not running:
            answer = NOT_NOW
        elif self.left_ms:
            answer = LOCKED
        elif self.dose > left_nl or windows.refuses(self.dose):
            answer = TOO_MUCH
        else:
            answer = GIVEN
        if answer == GIVEN:
            self.giving = True
            self.left_ms = self._lockout_ms
            self.given = min(self.given + 1, _MOST)
        else:
            self.denied = min(self.denied + 1, _MOST)
        return answer

    def over(self):
        """The dose was given, or what was left of it was dropped. It counts as given; the lockout stands."""
        self.giving = False
