"""What is due of the infusion that runs, and the host's own advisory alarm for what is overdue: each once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from assuage.bedside.assessments.cadence import Due, all_due, last_done
from assuage.bedside.assessments.of_library import holding
from assuage.bedside.assessments.scales import Book
from assuage.bedside.charting.history import HOST, Standing, Told
from assuage.bedside.charting.steady import Steady
from assuage.bedside.snapshot import iso
from assuage.pharmacy.library import Library
from assuage.record.events import AlarmChanged
from assuage.record.recorder import Recording

PRIORITY: Final = "low"
ENDED: Final = "It is no longer due: the infusion has ended."
MADE_GOOD: Final = "It has been made good."

OnChange = Callable[[AlarmChanged], None]


def due_now(book: Book, library: Library | None, told: Told, area: str, now: int) -> list[Due]:
    """Of the infusion that goes on, the most urgent first; nothing when none does. library: None where it cannot be
    read. now: steady Unix ms."""
    if told.infusion is None:
        return []
    cadences = holding(book, library, told.substance, area)
    return all_due(cadences, told.infusion.begun, told.assessments, now)


def shown(each: Due, told: Told, steady: Steady) -> dict[str, Any]:
    """For a screen. due, since: by the wall clock; since: when it was last done, or the infusion began. overdue_s: None
    while it is not."""
    now = steady.now()
    done = last_done(each.cadence, told.assessments)
    begun = now if told.infusion is None else told.infusion.begun
    since = begun if done is None else max(begun, done)
    return {
        "name": each.cadence.name,
        "title": each.cadence.title,
        "of": list(each.cadence.of),
        "state": each.state,
        "since": iso(steady.wall(since) / 1000),
        "due": iso(steady.wall(each.at) / 1000),
        "overdue_s": (now - each.at) // 1000 if each.state == "overdue" else None,
        "sentence": each.sentence,
        "source": each.cadence.source,
        "verified": each.cadence.verified,
    }


def alarm_name(due: Due) -> str:
    """As alarms are named."""
    return f"overdue-{due.cadence.name.replace(' ', '-')}"


def publish(happened: Callable[..., None], event: AlarmChanged) -> None:
    """Tells others of it, as an event: MqttService.happened."""
    happened(
        "host-alarm", event.sentence, alarm=event.alarm, priority=event.priority, state=event.state,
        occurrence=event.occurrence,
    )  # fmt: skip


class Overdue:
    """Enters in the record, once each, that something has become overdue and that it is no longer. standing: what
    stood when this daemon began."""

    def __init__(self, record: Recording, standing: Mapping[str, Standing], on_change: OnChange) -> None:
        self._record, self._on_change = record, on_change
        self._alarms = dict(standing)
        self._sentences: dict[str, str] = {}

    def look(self, dues: Sequence[Due], ended: bool, wall: int) -> None:
        """Compares what is overdue now with what stands. ended: nothing flows any more. wall: Unix ms."""
        late = {alarm_name(due): due for due in dues if due.state == "overdue"}
        for name, due in late.items():
            self._sentences[name] = due.sentence
            before = self._alarms.get(name, Standing(0, False))
            if not before.stands:
                self._enter(name, before.occurrence + 1, "raised", due.sentence, wall)
        for name, standing in self._alarms.items():
            if standing.stands and name not in late:
                self._enter(name, standing.occurrence, "over", ENDED if ended else MADE_GOOD, wall)

    def shown(self) -> list[dict[str, Any]]:
        """Those that stand, as a snapshot tells alarms."""
        return [
            {
                "alarm": name, "priority": PRIORITY, "board": HOST, "occurrence": each.occurrence,
                "sentence": self._sentences.get(name, ""),
            }
            for name, each in self._alarms.items()
            if each.stands
        ]  # fmt: skip

    def _enter(self, name: str, occurrence: int, state: str, sentence: str, wall: int) -> None:
        self._alarms[name] = Standing(occurrence, state == "raised")
        event = AlarmChanged(
            board=HOST, alarm=name, priority=PRIORITY, occurrence=occurrence, state=state, sentence=sentence, when=wall
        )
        self._record.note(event)
        self._on_change(event)
