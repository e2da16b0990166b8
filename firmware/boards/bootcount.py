"""Counts the board's starts in a file, so that a restart never passes unseen."""

import os

from assuage_wire.schema import S30


def count_boot(path):
    """Reads the count at `path`, adds one, writes it back and returns it; a missing or unreadable file counts as 0.

    The new count replaces the old in one rename, which a power cut cannot tear. A file system that cannot be written
    keeps no board from starting: its count then stands still.
    """
    try:
        with open(path) as f:
            count = int(f.read())
    except (OSError, ValueError):
        count = 0
    count = (count + 1) & S30
    try:
        with open(path + ".new", "w") as f:
            f.write(str(count))
        os.rename(path + ".new", path)
    except OSError:
        pass
    return count
