"""Boards on the bench for the tests of the whole firmware."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assuage_rig.bench import Bench
from assuage_rig.targets.linux import LinuxTarget
from assuage_rig.wirehost import WireHost

ENTRIES = Path(__file__).parent / "entries"


@pytest.fixture
def bench(seed: int) -> Iterator[Bench]:
    """The shipped firmware on a healthy rig, just booted."""
    with Bench(seed=seed) as bench:
        yield bench


@pytest.fixture
def host(bench: Bench) -> WireHost:
    """A host on that board's line."""
    return WireHost(bench)


def target(log: Path, entry: str, *arguments: str) -> LinuxTarget:
    """A board that runs one of the programs in entries/ instead of the shipped one."""
    return LinuxTarget(entry=ENTRIES / f"{entry}.py", arguments=arguments, output=log)
