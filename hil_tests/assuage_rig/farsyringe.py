"""The syringe of another served board at this one's patient: how much it has given is asked of that rig every second.

Nobody waits for the answer, which is taken up a second later; while there is none, nothing more has come. A rig that
has started anew counts from 0 again, and is gone on with from there.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from assuage_rig.plant.bedside import At
from assuage_rig.plant.feed import SECOND_US

_QUESTION = b'{"do": "given"}\n'
_LONGEST = 4096  # of an answer


class FarSyringe:
    """A feed.Source. control: socket of the rig that has the pump. at: of the rig that has the patient. filled: told
    what is in it, drug and mg/mL, before what it gave."""

    def __init__(self, control: Path, at: At) -> None:
        self.filled: Callable[[str, float], None] = lambda drug, mg_per_ml: None
        self._control = control
        self._at = at
        self._given_nl = 0.0
        self._seen_nl = 0.0  # as that rig counts
        self._rig = 0.0  # its process
        self._marks: list[Callable[[float], None]] = []
        self._socket: socket.socket | None = None
        self._heard = b""
        self._again()

    @property
    def patient_nl(self) -> float:
        """Volume given so far as far as it is known, nL."""
        return self._given_nl

    def sample(self, every_us: int, mark: Callable[[float], None]) -> None:
        """Has somebody told it every second. Raises ValueError for another interval."""
        if every_us != SECOND_US:
            raise ValueError(f"a far syringe is asked every second, not every {every_us} us")
        self._marks.append(mark)

    def close(self) -> None:
        """Asks no more."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    # -- inside ------------------------------------------------------------------------------------------------------
    def _again(self) -> None:
        self._at(SECOND_US / 1e6, self._second)

    def _second(self) -> None:
        try:
            self._talk()
        except (OSError, ValueError, KeyError, TypeError):
            self.close()
        for mark in self._marks:
            mark(self._given_nl)
        self._again()

    def _talk(self) -> None:
        """Takes the answer to the last question and asks the next. Raises OSError, and for an answer that is none."""
        if self._socket is None:
            self._heard = b""
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.setblocking(False)
            self._socket.connect(str(self._control))
        with suppress(BlockingIOError):
            while data := self._socket.recv(_LONGEST):
                self._heard += data
            raise OSError("the other rig has ended")
        *lines, self._heard = self._heard.split(b"\n")
        if lines:
            self._take(json.loads(lines[-1]))
        elif len(self._heard) > _LONGEST:
            raise ValueError("no answer ends")
        self._socket.send(_QUESTION)

    def _take(self, answer: dict[str, Any]) -> None:
        if answer["rig_pid"] != self._rig:
            self._rig, self._seen_nl = answer["rig_pid"], 0.0
        self.filled(str(answer["syringe"]["drug"]), float(answer["syringe"]["mg_per_ml"]))
        self._given_nl += answer["patient_nl"] - self._seen_nl
        self._seen_nl = answer["patient_nl"]
