"""Alarm limits that a patient begins with: low, high and delay by parameter, in the wire's units; the delay in s.
Generated from firmware/alarm/patients.py by `make gen`: do not edit."""

from typing import Final

AT_FIRST: Final[dict[str, dict[str, tuple[int, int, int]]]] = {
    "adult": {
        "spo2": (900, 65535, 10),
        "pulse": (500, 1400, 10),
        "resp": (100, 300, 15),
        "etco2": (150, 500, 15),
        "fico2": (65535, 80, 15),
        "systolic": (900, 1600, 0),
        "diastolic": (500, 900, 0),
        "map": (600, 1100, 0),
        "temperature": (3500, 3900, 30),
        "heart": (500, 1400, 10),
    },
    "child": {
        "spo2": (900, 65535, 10),
        "pulse": (750, 1600, 10),
        "resp": (120, 400, 15),
        "etco2": (150, 500, 15),
        "fico2": (65535, 80, 15),
        "systolic": (700, 1200, 0),
        "diastolic": (400, 700, 0),
        "map": (500, 900, 0),
        "temperature": (3500, 3900, 30),
        "heart": (750, 1600, 10),
    },
}
