"""The pseudo-terminal behaves like a serial line: raw, never blocking, and nobody at the other end is no error."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from pathlib import Path

import pytest

from assuage_rig.ptyline import PtyLine


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PtyLine]:
    made = PtyLine(tmp_path / "deep" / "port")
    yield made
    made.close()


def attach(line: PtyLine) -> int:
    return os.open(line.link, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)


def read_all(fd: int) -> bytes:
    data = b""
    while select.select([fd], [], [], 0.2)[0]:
        data += os.read(fd, 65536)
    return data


def test_every_byte_passes_unchanged_both_ways(line: PtyLine) -> None:
    fd = attach(line)
    every = bytes(range(256))
    os.write(fd, every)
    select.select([line], [], [], 5)
    assert line.read() == every
    line.write(every)
    assert read_all(fd) == every  # and no echo of what was written before
    os.close(fd)


def test_nothing_to_read_is_no_error_before_between_and_after_users(line: PtyLine) -> None:
    assert line.read() == b""
    os.close(attach(line))
    assert line.read() == b""
    fd = attach(line)
    os.write(fd, b"x")
    select.select([line], [], [], 5)
    assert line.read() == b"x"
    os.close(fd)


def test_with_nobody_reading_writing_never_blocks_and_the_newest_bytes_survive(line: PtyLine) -> None:
    for i in range(20_000):
        line.write(b"%063d\n" % i)
    fd = attach(line)
    late = read_all(fd)
    os.close(fd)
    assert line.dropped > 0
    assert late.endswith(b"%063d\n" % 19_999)
    rows = late.split(b"\n")[1:-1]
    assert [int(row) for row in rows] == list(range(20_000 - len(rows), 20_000))


def test_a_reader_that_keeps_up_loses_nothing(line: PtyLine) -> None:
    fd = attach(line)
    got = b""
    for i in range(2_000):
        line.write(b"%063d\n" % i)
        while select.select([fd], [], [], 0)[0]:
            got += os.read(fd, 65536)
    got += read_all(fd)
    os.close(fd)
    assert line.dropped == 0
    assert [int(row) for row in got.split()] == list(range(2_000))


def test_an_old_symlink_is_replaced_and_anything_else_is_not(tmp_path: Path) -> None:
    path = tmp_path / "port"
    path.symlink_to("/dev/pts/never")
    line = PtyLine(path)
    assert os.readlink(path) == line.device
    line.close()
    assert not path.is_symlink()
    path.write_text("a letter")
    with pytest.raises(FileExistsError, match="no symlink"):
        PtyLine(path)
    assert path.read_text() == "a letter"


def test_a_symlink_that_another_rig_has_taken_over_is_left_alone(tmp_path: Path) -> None:
    first = PtyLine(tmp_path / "port")
    second = PtyLine(tmp_path / "port")
    first.close()
    assert os.readlink(tmp_path / "port") == second.device
    second.close()
