"""What was delivered in the last ten minutes, hour and four hours, in rings of slots, and whether more may follow.

The present slot is unfinished and comes on top of SLOTS whole ones, so a window is never shorter than its name says and
at most a twentieth longer: what it holds is never less than what was delivered in that time. The rings outlive a
programme; only time empties them.

    windows = Windows(limits)         # max_10min, max_hour, max_4h in nL; a missing one is 0: nothing may be delivered
    windows.pass_time(ms)
    windows.add(nl)                   # what was delivered since
    if windows.refuses(nl):           # so much more would be too much: index of the window + 1
"""

from assuage_wire.schema import S30

SLOTS = 20
NAMES = ("max_10min", "max_hour", "max_4h")

_SECONDS = (600, 3600, 14_400)


class Rolling:
    """One window of so many seconds. nl: delivered in it, and in what the present slot adds to it."""

    def __init__(self, seconds):
        self.nl = 0
        self._slots = [0] * (SLOTS + 1)  # the present one last; a list, for taking one away and adding one is in place
        self._slot_ms = seconds * 1000 // SLOTS
        self._ms = 0

    def pass_time(self, ms):
        """`ms` later."""
        self._ms += ms
        for _ in range(min(self._ms // self._slot_ms, len(self._slots))):
            self.nl -= self._slots.pop(0)
            self._slots.append(0)
        self._ms %= self._slot_ms

    def add(self, nl):
        """So much was delivered just now; held below 2**30."""
        nl = min(nl, S30 - self.nl)
        self._slots[-1] += nl
        self.nl += nl


class Windows:
    """The three windows and the board's limits of them. A programme may lower the limits: lower(), until lift()."""

    def __init__(self, limits):
        self.windows = tuple([Rolling(seconds) for seconds in _SECONDS])
        self._limits = [limits.get(name, 0) for name in NAMES]
        self._own = list(self._limits)

    def lower(self, number, nl):
        """The programme's own limit of window `number`, in nL; it can only be less than the board's."""
        self._own[number] = min(nl, self._limits[number])

    def lift(self):
        """No programme: the board's limits alone."""
        for i in range(len(NAMES)):
            self._own[i] = self._limits[i]

    def pass_time(self, ms):
        """`ms` later."""
        for window in self.windows:
            window.pass_time(ms)

    def add(self, nl):
        """So much was delivered just now."""
        for window in self.windows:
            window.add(nl)

    def refuses(self, nl):
        """0 when nl more may be delivered now, else 1 + the number of the window that would hold too much."""
        for i in range(len(NAMES)):
            if self.windows[i].nl + nl > self._own[i]:
                return i + 1
        return 0

    def left(self, number):
        """nL that window `number` still takes now."""
        return max(0, self._own[number] - self.windows[number].nl)

    def limit(self, number):
        """nL that window `number` may hold."""
        return self._own[number]
