"""What the last reset left for a human to read: a fault that stood, a programme that it interrupted, or both."""

from assuage_wire.schema import NONE32
from journal.volume import UNATTENDED
from pump.codes import FAULT, STANDBY, UNCONFIRMED, WHY_NONE, WHY_RESET


class Aftermath:
    """Read once, at boot, from a journal.volume.Volume.

    state, reason: those in which the pump begins. A fault comes first; clearing it uncovers the programme.
    unread: whether there is a programme that nobody has acknowledged yet. why: WHY_RESET, or why it had ended unseen.
    programme, low, high: the programme, and between which volumes in nL its delivery lies; 0 and NONE32 for unknown.
    """

    def __init__(self, volume):
        self.forget()
        kept = volume.latched()
        was = volume.recover()
        self.why = kept if kept in UNATTENDED else WHY_RESET
        self.state = STANDBY
        self.reason = WHY_NONE
        if was:
            self.unread = True
            self.programme, self.low, self.high = was
            self.state = UNCONFIRMED
            self.reason = self.why
        if kept != WHY_NONE and kept not in UNATTENDED:
            self.state = FAULT
            self.reason = kept

    def forget(self):
        """A human has acknowledged the programme."""
        self.unread = False
        self.programme = 0
        self.low = NONE32
        self.high = NONE32
