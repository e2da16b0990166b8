"""A conversation and a made-up board joined in memory, in made-up time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assuage.link import messages
from assuage.link.conversation import Conversation
from assuage.link.events import Event, Link, LinkChanged
from assuage.link.wire_fast import Splitter
from tests.host.fake_board import FakeBoard

PROGRAMME: dict[str, int] = {
    "programme": 77, "mode": 1, "rate": 166_667, "vtbi": 50_000_000, "duration": 20_000, "bore": 26_700,
    "capacity": 50_000_000, "limit_rate": 166_667, "limit_volume": 50_000_000, "on_loss": 0, "kvo": 0, "lease": 2000,
    "legs": 0, "loop": 255, "dose": 0, "dose_rate": 0, "lockout": 0, "bolus": 0, "limit_hour": 50_000_000,
    "limit_4h": 50_000_000, "on_end": 0,
    "level": 300, "outer": 0, "alike": 0, "contents": 50_000_000, "near_empty": 900,
    "guards": 0, "watch": 0, "bound": 0,
}  # fmt: skip


class Wire:
    """A conversation and a board joined in memory, in made-up time. `lose` says which host frames (by name) never
    arrive."""

    def __init__(self, board: FakeBoard | None = None, start: float = 100.0) -> None:
        self.now = start
        self.board = board or FakeBoard(start)
        self.host = Conversation(iter(range(500, 600)).__next__)
        self.events: list[Event] = []
        self.sent: list[tuple[float, messages.AnyMessage, bool]] = []
        self.lose: Callable[[str], bool] = lambda name: False
        self.cut = False  # host to board
        self._spy = Splitter(">")

    def open(self) -> None:
        self.host.opened(self.now)

    def step(self) -> None:
        for frame in self.host.take_frames():
            [(message, _)] = self._spy.feed(frame.data)
            self.sent.append((self.now, message, frame.first))
            if not self.cut and not self.lose(type(message).__name__):
                self.board.feed(frame.data, self.now)
        self.board.tick(self.now)
        if data := self.board.take():
            self.host.received(data, self.now)
        due = self.host.next_due()
        if due is not None and self.now >= due:
            self.host.tick(self.now)
        self.events += self.host.take_events()

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.step()
            self.now += 0.005
        self.step()

    def until(self, condition: Callable[[], bool], limit: float = 20.0) -> None:
        end = self.now + limit
        while not condition():
            assert self.now < end, "it did not come about"
            self.run(0.005)

    def live(self) -> Wire:
        self.open()
        self.until(lambda: self.host.state is Link.LIVE)
        return self

    def ask(self, name: str, **fields: int) -> list[Any]:
        """Sends a command; its outcome appears in the list."""
        outcome: list[Any] = []
        self.host.command(name, fields, self.now, outcome.append)
        return outcome

    def done(self, name: str, **fields: int) -> Any:
        outcome = self.ask(name, **fields)
        self.until(lambda: bool(outcome))
        assert len(outcome) == 1
        return outcome[0]

    def infuse(self) -> None:
        back = self.done("Programme", **PROGRAMME)
        assert self.done("Confirm", programme=77, token=back.token).status == 0
        assert self.done("Arm", programme=77).status == 0
        assert self.done("Start", programme=77, lease=2000).status == 0
        assert self.board.state == "infusing"

    def sent_since(self, at: float, kind: type) -> list[Any]:
        return [m for t, m, _ in self.sent if t >= at and isinstance(m, kind)]

    def links(self) -> list[Link]:
        return [e.state for e in self.events if isinstance(e, LinkChanged)]
