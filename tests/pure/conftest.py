"""Lets the plain tests import the helpers beside them on CPython as they do on MicroPython, whose path holds this folder."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
