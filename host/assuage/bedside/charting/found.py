"""What has been found at the bedside, as far as a screen shows it all the time: looked through once a change, for a
long stay has hundreds of assessments and the event loop looks every second."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from assuage.bedside.assessments.scales import Book
from assuage.bedside.charting import assessing
from assuage.bedside.charting.history import History, Told
from assuage.bedside.charting.steady import Steady
from assuage.bedside.snapshot import iso
from assuage.record.events import Assessment

STRUCK: Final = "{} Charted in error since; the pump stays stopped."


class Stopping(NamedTuple):
    """An assessment that stopped the pump. when: steady Unix ms."""

    sentence: str
    by: str
    when: int


class Found:
    """Of one bed."""

    def __init__(self, book: Book, history: History, steady: Steady) -> None:
        self._book, self._history, self._steady = book, history, steady
        self._of = -1
        self._latest: dict[str, tuple[int, Any, str]] = {}
        self._stopping: Stopping | None = None

    def stopped(self, stands: bool) -> dict[str, Any] | None:
        """The assessment that stopped the pump, until it flows again. stands: the pump is heard, and does."""
        self._look()
        if self._stopping is None:
            return None
        sentence, by, when = self._stopping
        return {"sentence": sentence, "by": by, "time": self._label(when), "confirmed": stands}

    def latest(self) -> dict[str, Any]:
        """The newest value of each scale."""
        self._look()
        return {
            name: {"value": value, "time": self._label(when), "by": by}
            for name, (when, value, by) in self._latest.items()
        }

    def _look(self) -> None:
        if self._of != self._history.revision:
            self._of = self._history.revision
            self._latest, self._stopping = _newest(self._history.told), _stopping(self._history.told, self._book)

    def _label(self, when: int) -> str:
        return iso(self._steady.wall(when) / 1000)


def _newest(told: Told) -> dict[str, tuple[int, Any, str]]:
    """When, what and by whom, by the scales' names."""
    found: dict[str, tuple[int, Any, str]] = {}
    for entry in told.assessments:
        for name, value in entry.body.get("values", {}).items():
            if name not in found or found[name][0] <= entry.when:
                found[name] = entry.when, value, str(entry.body.get("by", ""))
    return found


def _stopping(told: Told, book: Book) -> Stopping | None:
    """What was charted in error has stopped it all the same."""
    for entry in sorted([*told.assessments, *told.withdrawn], key=lambda entry: entry.number, reverse=True):
        if entry.number < told.set_off:
            return None
        found = entry.event(Assessment)
        heeded = () if found is None else assessing.heeded(book, found)
        if heeded:
            why = " ".join(each.sentence for each in heeded)
            said = STRUCK.format(why) if entry in told.withdrawn else why
            return Stopping(said, str(entry.body.get("by", "")), entry.when)
    return None
