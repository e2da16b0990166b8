"""The walls between the rooms hold: nothing imports across them."""

from __future__ import annotations

from pathlib import Path

import pytest

from assuage_rig.requirements import req
from tests import walls


@req("SYS-008")
@pytest.mark.parametrize("path", walls.guarded_files(), ids=str)
def test_file_keeps_to_its_room(path: Path) -> None:
    found = walls.crossings(path, (walls.ROOT / path).read_text(encoding="utf-8"))
    assert not found, "\n".join(found)


def test_every_room_is_looked_at() -> None:
    seen = {wall.room for path in walls.guarded_files() if (wall := walls.wall_of(path))}
    assert seen >= {
        "wire table",
        "wire",
        "pure firmware",
        "drivers",
        "boards",
        "main",
        "app",
        "host",
        "rig",
        "plain tests",
    }


def test_main_stays_under_20_lines() -> None:
    assert len((walls.ROOT / "firmware/main.py").read_text(encoding="utf-8").splitlines()) < 20


PLANTED = [
    ("protocol/assuage_wire/schema.py", "import struct", "wire table may not import struct"),
    ("protocol/assuage_wire/codec.py", "import json", "wire may not import json"),
    ("protocol/assuage_wire/codec.py", "from construct import Struct", "wire may not import construct"),
    ("firmware/pump/steps.py", "import time", "pure firmware may not import time"),
    ("firmware/pump/steps.py", "def f():\n    from machine import Pin", "pure firmware may not import machine"),
    ("firmware/link/port.py", "import boards.emulated", "pure firmware may not import boards"),
    (
        "firmware/vitals/ppg.py",
        "try:\n    import utime\nexcept ImportError:\n    pass",
        "pure firmware may not import utime",
    ),
    ("firmware/alarm/latch.py", "print('x')", "pure firmware may not call print()"),
    ("firmware/journal/ring.py", "__import__('os')", "pure firmware may not call __import__()"),
    ("firmware/journal/ring.py", "import _thread", "pure firmware may not import _thread"),
    ("firmware/pump/steps.py", "from ... import host", "a relative import leaves its package"),
    ("firmware/drivers/as5600.py", "import rp2", "drivers may not import rp2"),
    ("firmware/drivers/as5600.py", "from drivers import max30102", "drivers may not import drivers"),
    ("firmware/boards/emulated.py", "import _thread", "boards may not import _thread"),
    ("firmware/boards/emulated.py", "from pump import steps", "boards may not import pump"),
    ("firmware/app.py", "import socket", "app may not import socket"),
    ("firmware/app.py", "import _thread", "app may not import _thread"),
    ("firmware/main.py", "import machine", "main may not import machine"),
    ("host/assuage/bedside/bed.py", "from assuage_rig import bench", "host may not import assuage_rig"),
    ("host/assuage/cli.py", "import pump.steps", "host may not import pump"),
    ("hil_tests/assuage_rig/serve.py", "import assuage.keeper", "rig may not import assuage"),
    ("hil_tests/test_accuracy.py", "from assuage import link", "rig may not import assuage"),
    ("hil_tests/assuage_rig/plant/syringe.py", "import drivers.as5600", "rig may not import drivers"),
    ("tests/pure/test_x.py", "import pytest", "plain tests may not import pytest"),
    ("firmware/pump/steps.py", "if TYPE_CHECKING:\n    import time", "pure firmware may not import time"),
    ("firmware/pump/steps.py", "if TYPE_CHECKING:\n    pass\nelse:\n    import typing", "may not import typing"),
    ("firmware/pump/steps.py", "if x:\n    import typing", "pure firmware may not import typing"),
    ("host/assuage/cli.py", "if TYPE_CHECKING:\n    import assuage_rig", "host may not import assuage_rig"),
    ("firmware/newroom/x.py", "pass", "belongs to no room"),
]


@req("SYS-008")
@pytest.mark.parametrize(("path", "text", "sentence"), PLANTED)
def test_a_planted_crossing_is_caught(path: str, text: str, sentence: str) -> None:
    assert any(sentence in found for found in walls.crossings(Path(path), text))


ALLOWED = [
    (
        "firmware/pump/steps.py",
        "import struct\nfrom array import array\nfrom link import port\nfrom assuage_wire import codec",
    ),
    ("firmware/pump/steps.py", "if TYPE_CHECKING:\n    from typing import Any"),
    ("firmware/boards/pico.py", "import machine, rp2, time"),
    ("firmware/main.py", "import app\nfrom boards.emulated import Board"),
    (
        "host/assuage/bedside/bed.py",
        "from assuage_wire import schema\nfrom assuage.link import client\nfrom .. import errors",
    ),
    (
        "hil_tests/assuage_rig/chips/as5600.py",
        "import asyncio\nfrom assuage_wire import schema\nfrom assuage_rig import plant",
    ),
    ("protocol/assuage_wire/as_construct.py", "import construct"),
]


@pytest.mark.parametrize(("path", "text"), ALLOWED)
def test_what_a_room_may_do_is_let_through(path: str, text: str) -> None:
    assert walls.crossings(Path(path), text) == []
