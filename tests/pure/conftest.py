"""Lets the plain tests import the helpers beside them on CPython too; MicroPython's path holds this folder anyway."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
