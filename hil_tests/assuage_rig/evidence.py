"""The fixture `evidence`: what a test gives the reader of the report to see, besides its figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assuage_rig.recorder import Recorder
from assuage_rig.runrecord import Evidence
from assuage_rig.targets.dut import CannotError

FILES = "artefacts"

DRAWN = 10
"""A recording with more rows of the plant is drawn."""


class Collector:
    """items: in the order in which they were given. folder: of the run; name: of the test's own folder in it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.items: list[Evidence] = []
        self._folder = folder
        self._name = name
        self._recorders: list[tuple[str, Recorder]] = []

    def plot(
        self,
        title: str,
        *,
        x: str,
        y: str,
        series: Mapping[str, tuple[Iterable[float], Iterable[float]]],
        lines: Mapping[str, float] | None = None,
        log_x: bool = False,
        marks: Mapping[str, float] | None = None,
        scatter: bool = False,
    ) -> None:
        """Curves by name over x, or points that no line joins; `lines` are levels by name, `marks` moments. Units stand
        in the axes' names: "time (min)"."""
        curves = {}
        for name, (xs, ys) in series.items():
            curves[name] = [_numbers(xs), _numbers(ys)]
            if len(curves[name][0]) != len(curves[name][1]):
                raise ValueError(f"{title}: {name} has {len(curves[name][0])} x and {len(curves[name][1])} y")
        levels, moments = dict(lines or {}), dict(marks or {})
        self.items.append(Evidence("plot", title, x, y, curves, levels, log_x, marks=moments, scatter=scatter))

    def table(self, title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Cells that are no numbers are shown as text."""
        cells = [[_cell(value) for value in row] for row in rows]
        for row in cells:
            if len(row) != len(head):
                raise ValueError(f"{title}: a row of {len(row)} cells under a head of {len(head)}")
        self.items.append(Evidence("table", title, head=list(head), rows=cells))

    def file(self, name: str, content: str | bytes) -> None:
        """An artefact, kept beside the report."""
        path = Path(FILES) / self._name / name
        if name != Path(name).name:
            raise ValueError(f"{name!r} is no plain file name")
        whole = self._folder / path
        whole.parent.mkdir(parents=True, exist_ok=True)
        whole.write_bytes(content.encode() if isinstance(content, str) else content)
        self.items.append(Evidence("file", name, path=path.as_posix()))

    def record(self, board: Any, name: str = "") -> Recorder:
        """Records an emulated board from now on: its line decoded, step words, pulses and pins, and rows of the plant
        when asked (`.every(0.5)`), which are drawn as well. The files are written when the test ends; name: goes before
        theirs, when a test has two boards.

        Raises CannotError for a board whose inside cannot be seen.
        """
        if not hasattr(board, "circuit"):
            raise CannotError("only an emulated board can be recorded")
        recorder = Recorder(board)
        self._recorders.append((name, recorder))
        return recorder

    def finish(self) -> None:
        """The test is over: writes what was recorded."""
        for name, recorder in self._recorders:
            for file, text in recorder.files(name).items():
                self.file(file, text)
            if len(recorder.samples) > DRAWN:
                self._draw(name, recorder)
        self._recorders.clear()

    def _draw(self, name: str, recorder: Recorder) -> None:
        of, marks = f", {name}" if name else "", recorder.happened()
        volumes = recorder.ledger()
        self.plot(f"Volume ledger{of}", x="time (s)", y="volume (µL)", series=volumes, marks=marks)
        xs = volumes["patient"][0]
        kpa = {"in the syringe": (xs, [row.pressure_pa / 1000 for row in recorder.samples])}
        self.plot(f"Pressure{of}", x="time (s)", y="pressure (kPa)", series=kpa, marks=marks)

    def note(self, text: str) -> None:
        """A sentence or a few."""
        self.items.append(Evidence("note", text=text))


def _numbers(values: Iterable[float]) -> list[float | None]:
    return [float(v) if math.isfinite(v) else None for v in values]


def _cell(value: object) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return str(value)
    return value
