"""Steps and pins as a value change dump (IEEE 1364), which GTKWave and logic analysers open."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vcd import VCDWriter

if TYPE_CHECKING:
    from assuage_rig.recorder import Recorder

PULSE_US = 2
"""How long a pulse is high, as the board's step program makes it (firmware/boards/pio_program.py)."""

_LAST = 1 << 62


def text(recorder: Recorder) -> str:
    """The dump: time in us since the rig began; nothing when no step was made and no level changed.

    step: rises with each pulse, energised or not. forward, enabled: of the drive. The rest are the board's pins, as
    they are on its terminals: 0 is a pressed key.
    """
    if not recorder.steps and not recorder.levels:
        return ""
    changes = sorted(_changes(recorder), key=lambda change: change[0])
    out = io.StringIO()
    comment = f"assuage rig, from {recorder.began_us} us"
    if recorder.steps_dropped:
        comment += f"; only the newest pulses are kept, {recorder.steps_dropped} before them are not here"
    with VCDWriter(out, timescale="1 us", date="", comment=comment, init_timestamp=recorder.began_us) as writer:
        wires = {
            name: writer.register_var("board", name, "wire", size=1, init=level)
            for name, level in {"step": 0, **recorder.initial}.items()
        }
        for at_us, name, level in changes:
            if name in wires:
                writer.change(wires[name], max(at_us, recorder.began_us), level)
    return out.getvalue()


def _changes(recorder: Recorder) -> Iterator[tuple[int, str, int]]:
    """Steps come first: those that are due when a level changes are made before it does."""
    for first_us, period_us, count in recorder.steps:
        for i in range(count):
            at_us = first_us + i * period_us
            yield at_us, "step", 1
            yield at_us + PULSE_US, "step", 0
    yield from recorder.levels
