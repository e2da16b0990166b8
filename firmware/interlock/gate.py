"""The interlock as the pump sees it: whether drug may go on flowing, whether it may begin, and its release.

On a board that watches the patient itself the rows decide, on one whose programme is guarded from elsewhere the other
board, and where both are, both. It acts while drug flows or is about to, at the KVO rate too; not while a line is
filled that is connected to nobody, and not while the plunger is drawn back from an occlusion.
"""

from pump.codes import TAKING_UP
from pump.states import delivering

NOTHING, LATCHED, ROW, ELSEWHERE = range(4)  # what the drug lacks to begin
RELEASED, NOT_TRIPPED, STALE, NOT_NORMAL = range(4)  # what becomes of a release


def acts(state):
    """Whether a row that runs out trips, in this state of the pump."""
    return delivering(state) or state == TAKING_UP


class Gate:
    """trip: trip.Trip. interlock: interlock.Interlock. asked: asked.Asked. All three share the one latch."""

    def __init__(self, trip, interlock, asked):
        self.trip = trip
        self.interlock = interlock
        self.asked = asked

    def turn(self, now, acting):
        """Looks, and says whether the drug may flow. Nothing flows again because this says so again."""
        self.interlock.look(now, acting)
        self.asked.poll(now, acting)
        return not self.trip.tripped

    def lacks(self, now):
        """NOTHING when the drug may begin to flow, now or after a pause; else why not."""
        if self.trip.tripped:
            return LATCHED
        return self._normal(now)

    def detail(self):
        """The first row that is not normal, for a refusal: its number from 1; 0 for none."""
        return self.interlock.row + 1

    def release(self, number, now):
        """A human has read of trip `number`. RELEASED when all is normal again; the drug flows when it is resumed."""
        if not self.trip.tripped:
            return NOT_TRIPPED
        if number != self.trip.number:
            return STALE
        if self._normal(now) != NOTHING:
            return NOT_NORMAL
        self.trip.release()
        return RELEASED

    def _normal(self, now):
        if not self.interlock.normal():
            return ROW
        return NOTHING if self.asked.normal(now) else ELSEWHERE
