"""The syringe of another rig: what it gives arrives, whatever becomes of that rig, and nothing twice."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from assuage_rig.farsyringe import FarSyringe

from .events import Rig
from .serving import until


class Other:
    """A rig that answers as it is told, when it is told."""

    def __init__(self, path: Path, pid: int) -> None:
        self.pid = pid
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._path = path
        self._connection: socket.socket | None = None

    def hear(self) -> str:
        """The next question."""
        if self._connection is None:
            self._connection, _ = self._listener.accept()
        return json.loads(self._connection.makefile().readline())["do"]  # type: ignore[no-any-return]

    def say(self, line: bytes) -> None:
        assert self._connection is not None
        self._connection.sendall(line)

    def tell(self, patient_nl: float) -> None:
        assert self.hear() == "given"
        syringe = {"drug": "fentanyl", "mg_per_ml": 0.05}
        told = {"ok": True, "patient_nl": patient_nl, "rig_pid": self.pid, "syringe": syringe}
        self.say(json.dumps(told).encode() + b"\n")

    def end(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._listener.close()
        self._path.unlink()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rig.sock"


@pytest.fixture
def here(path: Path) -> Iterator[tuple[Rig, FarSyringe, list[float]]]:
    """A rig with nobody at the other end yet, and the volumes that were told."""
    rig, marks = Rig(), list[float]()
    far = FarSyringe(path, rig.at)
    far.sample(1_000_000, marks.append)
    yield rig, far, marks
    far.close()


def test_what_has_been_given_there_is_told_every_second(here: tuple[Rig, FarSyringe, list[float]], path: Path) -> None:
    rig, far, marks = here
    told: list[tuple[str, float, float]] = []
    far.filled = lambda drug, mg_per_ml: told.append((drug, mg_per_ml, far.patient_nl))
    rig.run(2)
    assert marks == [0.0, 0.0], "nobody is there"
    other = Other(path, 1)
    rig.run(1)
    for volume in (100.0, 250.0, 240.0):
        other.tell(volume)
        rig.run(1)
        assert marks[-1] == far.patient_nl == volume
    rig.run(2)
    assert marks[-2:] == [240.0, 240.0], "who does not answer has given no more"
    assert len(marks) == 8
    assert told == [("fentanyl", 0.05, nl) for nl in (0.0, 100.0, 250.0)], "what is in it is known before what it gave"
    other.end()


def test_a_rig_that_starts_anew_counts_on_and_the_same_one_is_not_counted_twice(
    here: tuple[Rig, FarSyringe, list[float]], path: Path
) -> None:
    rig, far, _ = here
    first = Other(path, 1)
    rig.run(1)
    first.tell(500.0)
    rig.run(1)
    first.end()
    rig.run(2)
    again = Other(path, 1)
    rig.run(1)
    again.tell(600.0)
    rig.run(1)
    assert far.patient_nl == 600
    again.end()
    rig.run(2)
    anew = Other(path, 2)
    rig.run(1)
    anew.tell(50.0)
    rig.run(1)
    assert far.patient_nl == 650
    anew.end()


@pytest.mark.parametrize(
    "nonsense", [b"[]\n", b"{}\n", b"no\n", b'{"ok": true, "patient_nl": "x", "rig_pid": 1}\n', b"x" * 9000]
)
def test_nonsense_is_no_volume_and_is_got_over(
    here: tuple[Rig, FarSyringe, list[float]], path: Path, nonsense: bytes
) -> None:
    rig, far, marks = here
    other = Other(path, 1)
    rig.run(1)
    other.hear()
    other.say(nonsense)
    rig.run(2)
    assert far.patient_nl == 0
    other.end()
    other = Other(path, 1)
    rig.run(2)
    other.tell(70.0)
    until(lambda: rig.run(1) or far.patient_nl == 70, "the volume")
    assert marks[-1] == 70
    other.end()
