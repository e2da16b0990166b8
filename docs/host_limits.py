"""Makes the host's copy of the limits that a patient begins with from the alarms' own table.

The board tells what its limits are, and not what they were at first; without these nobody could say what has been set.
"""

from __future__ import annotations

from alarm.patients import ADULT, CHILD

HEAD = '''\
"""Alarm limits that a patient begins with: low, high and delay by parameter, in the wire's units; the delay in s.
Generated from firmware/alarm/patients.py by `make gen`: do not edit."""

from typing import Final

AT_FIRST: Final[dict[str, dict[str, tuple[int, int, int]]]] = {
'''


def source() -> str:
    """host/assuage/bedside/limits_at_first.py"""
    lines = []
    for patient, rows in (("adult", ADULT), ("child", CHILD)):
        lines.append(f'    "{patient}": {{')
        for parameter, low, high, _least, _most, _must, delay, *_ in rows:
            lines.append(f'        "{parameter}": ({low}, {high}, {delay}),')
        lines.append("    },")
    return HEAD + "\n".join(lines) + "\n}\n"
