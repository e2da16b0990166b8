"""The one collection a second, and what makes calls cheap until the next.

A function with more than eleven words of locals and stack takes them from the heap at each call, and the search for
them begins at the heap's start after a collection: past every hole that is too small, at every call (a third of this
firmware's time, measured). Only an allocation of one block moves the beginning of that search, and whatever a call
gives back before it moves it there again. So single blocks are taken until they lie behind the first place with room
for a whole chain of calls, and while no call has taken anything: at the end of a turn, by a function of eleven words.
They are garbage at once: the next collection takes them back, and so does one that comes because there is no room.
"""

import gc

from micropython import const

_ROOM = const(256)  # words of a chain of calls; a place that is smaller is a hole
_MOST = const(4000)  # blocks; some 70 are taken


def tidy():
    """Collects. Returns the bytes that are free then."""
    gc.collect()
    return gc.mem_free()


def fill_holes():
    """See the module. Without such a place nothing is filled."""
    try:
        behind = id((None,) * _ROOM)
        for i in range(_MOST):
            if id((i,)) > behind:
                break
    except MemoryError:
        pass
