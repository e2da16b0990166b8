"""Runs plain tests under branch coverage, in a process of its own: what is imported before cannot be measured.

    python coverage_of.py report.json module ... -- test_file ...

A test that fails raises. The report is coverage's own.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import coverage

ROOT = Path(__file__).resolve().parents[2]


def main(report: str, *arguments: str) -> None:
    """See the module."""
    at = arguments.index("--")
    modules, tests = arguments[:at], arguments[at + 1 :]
    sys.path[:0] = [str(ROOT / room) for room in ("firmware", "protocol", "tests/shim", "tests/pure")]
    files = [f"*/{module.replace('.', '/')}.py" for module in modules]
    measured = coverage.Coverage(data_file=None, branch=True, include=files, config_file=False)
    measured.start()
    for test in tests:
        for name, value in list(vars(importlib.import_module(f"test_{test}")).items()):
            if name.startswith("test_"):
                value()
    measured.stop()
    measured.json_report(outfile=report)


if __name__ == "__main__":
    main(*sys.argv[1:])
