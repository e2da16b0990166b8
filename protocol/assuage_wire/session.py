"""What outlives a frame: board time, permissions and kept answers. Sans I/O; the time is handed in.

Board time is (ticks, wraps): milliseconds that wrap at 2**30, and how often they have.
"""

from assuage_wire.schema import S30

TYPE_CHECKING = False  # a name that type checkers take for true; a board has no typing module
if TYPE_CHECKING:
    from typing import Any

    from assuage_wire.codec import Message

KEPT = 8  # answers that a board keeps; a host has fewer commands than this under way


def elapsed(ticks: int, wraps: int, since_ticks: int, since_wraps: int) -> int:
    """Milliseconds from `since` to now, negative when `since` lies ahead, held within +-(2**30 - 1)."""
    turns = (wraps - since_wraps) & 0xFFFF
    if turns == 0:
        return ticks - since_ticks
    if turns == 1:
        return S30 if ticks >= since_ticks else ticks - since_ticks + S30 + 1
    if turns == 0xFFFF:
        return -S30 if ticks <= since_ticks else ticks - since_ticks - S30 - 1
    return S30 if turns < 0x8000 else -S30


def later(ticks: int, wraps: int, ms: int) -> tuple[int, int]:
    """Board time `ms` (0 to 2**30 - 1) after (ticks, wraps), as a new pair. Allocates: for hosts and tests."""
    ticks += ms
    return ticks & S30, (wraps + (ticks >> 30)) & 0xFFFF


class Lease:
    """A host's permission to move, which ends at a board time that the host named.

    A grant carries an absolute end, reckoned by the host from board time that it has heard: losing, repeating,
    delaying or reordering grants can only make permission end sooner. A grant ends at most `max_ms` from now, its
    counter rises strictly, and a lease that has lapsed stays lapsed until it is opened again. until_ticks: of its end.
    """

    def __init__(self, max_ms: int = 0) -> None:
        self.max_ms = max_ms
        self.held = False
        self.grant = 0
        self.until_ticks = 0
        self._wraps = 0

    def open(self, ticks: int, wraps: int, until_ticks: int, until_wraps: int, grant: int = 0) -> bool:
        """Begins a lease; False, and nothing held, when the end has passed or is too far ahead, or the counter is not
        newer."""
        self.held = False
        if grant and grant <= self.grant:
            return False
        if not self._within(ticks, wraps, until_ticks, until_wraps):
            return False
        self.held = True
        self._take(until_ticks, until_wraps, grant)
        return True

    def renew(self, ticks: int, wraps: int, until_ticks: int, until_wraps: int, grant: int) -> bool:
        """Moves the end of a lease that is held; False when it is not held, has lapsed, or the grant is old, past or
        too long."""
        if grant <= self.grant or self.margin(ticks, wraps) == 0:
            return False
        if not self._within(ticks, wraps, until_ticks, until_wraps):
            return False
        self._take(until_ticks, until_wraps, grant)
        return True

    def margin(self, ticks: int, wraps: int) -> int:
        """Milliseconds left, 0 when there is no permission. Noticing the lapse ends the lease for good."""
        if not self.held:
            return 0
        left = elapsed(self.until_ticks, self._wraps, ticks, wraps)
        if left <= 0 or left > self.max_ms:
            self.held = False
            return 0
        return left

    def close(self) -> None:
        """Ends the permission."""
        self.held = False

    def new_session(self) -> None:
        """Grants count from 1 again. The end that was granted stays as it is, so that a host that has restarted can
        take up what it had begun, within the permission that its predecessor left: a session alone neither ends nor
        lengthens it.
        """
        self.grant = 0

    def _within(self, ticks: int, wraps: int, until_ticks: int, until_wraps: int) -> bool:
        return 0 < elapsed(until_ticks, until_wraps, ticks, wraps) <= self.max_ms

    def _take(self, until_ticks: int, until_wraps: int, grant: int) -> None:
        self.until_ticks = until_ticks
        self._wraps = until_wraps
        if grant:
            self.grant = grant


NEW, REPEAT, STALE = range(3)


def _mark(message: "Message", values: "list[Any]") -> int:
    """A number of 30 bits that differs between commands which differ in one value. Values are below 2**30, as those of
    all commands are; each is mixed in after a turn by 7 bits, so that not even a swap of two goes unseen. Nor, for each
    is folded first by its place, where one of the two is all ones and the other all zeros, which no turn changes."""
    mark = message.id
    for i in range(message.width):
        mark = ((mark & 0x7FFFFF) << 7 | mark >> 23) ^ values[i] ^ values[i] >> (i | 1)
    return mark


class Answers:
    """A board's memory of the commands it has answered, so that a repeated command is never carried out twice.

    Ids of a session rise by one from 1. `look` says NEW (carry it out, then `keep`), REPEAT (send `message` and
    `values` again) or STALE (so old that its answer may be forgotten, or another command under an id that was used:
    refuse). An id's place is its remainder by KEPT, so within the newest KEPT ids nothing that was carried out is ever
    overwritten, in whatever order they came. width: values of the longest answer. Allocates nothing once made.
    """

    def __init__(self, width: int) -> None:
        self.message: Message | None = None
        self.values: list[Any] | None = None
        self._ids = [0] * KEPT
        self._messages: list[Message | None] = [None] * KEPT
        self._values: list[list[Any]] = [[0] * width for _ in range(KEPT)]
        self._asked = [0] * KEPT
        self._marks = [0] * KEPT

    def forget(self) -> None:
        """For a new session."""
        for i in range(KEPT):
            self._ids[i] = 0

    def look(self, command: int, asked: "Message", request: "list[Any]") -> int:
        """NEW, REPEAT (then .message and .values hold the answer) or STALE. asked, request: the command's own message
        and values."""
        i = command % KEPT
        if self._ids[i] == command:
            if self._asked[i] != asked.id or self._marks[i] != _mark(asked, request):
                return STALE
            self.message = self._messages[i]
            self.values = self._values[i]
            return REPEAT
        return NEW if command > max(self._ids) - KEPT else STALE

    def keep(
        self, command: int, asked: "Message", request: "list[Any]", message: "Message", values: "list[Any]"
    ) -> None:
        """Remembers the answer to what was asked: a message and its values, which are copied."""
        i = command % KEPT
        self._ids[i] = command
        self._asked[i] = asked.id
        self._marks[i] = _mark(asked, request)
        self._messages[i] = message
        kept = self._values[i]
        for k in range(message.width):
            kept[k] = values[k]
