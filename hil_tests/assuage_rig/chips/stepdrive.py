"""The step drive: a short queue of words (count, period) executed in rig time, to the microsecond.

It stands for DMA feeding a PIO state machine: once pushed, a word is executed whatever the firmware does, and an empty
queue is the end of all motion; a reset of the processor takes the drive along. Nothing here runs per step; a position
is computed when it is asked for.
"""

from collections import deque
from collections.abc import Callable

from assuage_rig.clock import Clock


class StepDrive:
    """`count` steps, one every `period_us`; count 0 is a pause of period_us.

    The first step of a word comes period_us after the last step of the word before, or after the push when the queue
    was dry. A word keeps its place in the queue until its last step.
    """

    DEPTH = 8

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._words: deque[tuple[int, int]] = deque()
        self._began_us = 0  # when the first word in the queue began
        self._done = 0  # steps of it made so far
        self._consumed = 0
        self._turned = 0
        self._dry_runs = 0
        self._last_step_us = 0
        self._energised_us = 0
        self._energised_from_us = 0
        self.enabled = False
        self.forward = True
        self.moved: Callable[[int, int, int], None] | None = None
        """Told of the steps that the energised motor made: how many (backward ones negative), when the first, us
        between them."""
        self.tap: Callable[[str, int, int, int], None] | None = None
        """For a recorder: "word" (now, count, period) as it is pushed, "steps" (first, us between them, how many) as
        they are made, with current or without, "forward" and "enabled" (now, level, 0)."""

    def push(self, count: int, period_us: int) -> None:
        """Queues one word. Raises ValueError when it is no word or the queue is full."""
        if count < 0 or period_us < 1:
            raise ValueError(f"no such word: {count} steps, one every {period_us} us")
        self.advance()
        if len(self._words) >= self.DEPTH:
            raise ValueError("the step queue is full")
        if not self._words:
            self._began_us = self._clock.now_us
        self._words.append((count, period_us))
        if self.tap is not None:
            self.tap("word", self._clock.now_us, count, period_us)

    def abort(self) -> None:
        """Empties the queue at once; not counted as running dry."""
        self.advance()
        self._words.clear()
        self._done = 0

    def hold(self, us: int) -> None:
        """The clock of the drive stops for so long: what was under way goes on that much later."""
        self.advance()
        self._began_us += us

    def enable(self, on: bool) -> None:
        """Energises the motor. Without current the words are still executed, but the shaft stands."""
        self.advance()
        self._energised_us = self.energised_us
        self._energised_from_us = self._clock.now_us
        self.enabled = on
        if self.tap is not None:
            self.tap("enabled", self._clock.now_us, int(on), 0)

    def set_forward(self, forward: bool) -> None:
        """Direction of the steps from now on."""
        self.advance()
        self.forward = forward
        if self.tap is not None:
            self.tap("forward", self._clock.now_us, int(forward), 0)

    @property
    def consumed(self) -> int:
        """Steps made since the last reset, those backward counted off."""
        self.advance()
        return self._consumed

    @property
    def turned(self) -> int:
        """Steps that the motor was energised for since the rig began, whatever was reset meanwhile."""
        self.advance()
        return self._turned

    @property
    def queued(self) -> int:
        """Steps still to be made."""
        self.advance()
        return sum(count for count, _ in self._words) - self._done

    @property
    def room(self) -> int:
        """Words that the queue can still take."""
        self.advance()
        return self.DEPTH - len(self._words)

    @property
    def dry_runs(self) -> int:
        """How often the last word in the queue was executed to its end."""
        self.advance()
        return self._dry_runs

    def state(self) -> tuple[int, int, int, int]:
        """consumed, queued, room and dry_runs at once."""
        self.advance()
        words = self._words
        queued = sum([count for count, _ in words]) - self._done
        return self._consumed, queued, self.DEPTH - len(words), self._dry_runs

    @property
    def last_step_us(self) -> int:
        """When the shaft last made a step, us; 0 when it never has."""
        self.advance()
        return self._last_step_us

    @property
    def energised_us(self) -> int:
        """How long the motor has had current since the rig began, us."""
        return self._energised_us + (self._clock.now_us - self._energised_from_us if self.enabled else 0)

    @property
    def moving(self) -> bool:
        """Whether words are being executed."""
        self.advance()
        return bool(self._words)

    def reset(self) -> None:
        """Queue, current and counters are gone with the processor's; what the shaft has turned is not."""
        self.abort()
        self.enable(False)
        self.set_forward(True)
        self._consumed = 0
        self._dry_runs = 0

    def advance(self) -> None:
        """Lives through the time up to now, word by word."""
        words = self._words
        while words:
            count, period = words[0]
            elapsed = self._clock.now_us - self._began_us
            span = count * period if count else period
            if elapsed < span:
                made = max(elapsed // period, self._done) if count else 0
                self._emit(made - self._done, self._began_us + (self._done + 1) * period, period)
                self._done = made
                return
            self._emit(count - self._done, self._began_us + (self._done + 1) * period, period)
            self._done = 0
            self._began_us += span
            words.popleft()
            if not words:
                self._dry_runs += 1

    def _emit(self, steps: int, first_us: int, period_us: int) -> None:
        if not steps:
            return
        signed = steps if self.forward else -steps
        self._consumed += signed
        if self.tap is not None:
            self.tap("steps", first_us, period_us, steps)
        if self.enabled:
            self._turned += signed
            self._last_step_us = first_us + (steps - 1) * period_us
            if self.moved is not None:
                self.moved(signed, first_us, period_us)
