"""Where the limits of firmware/alarm/patients.py come from: for each parameter (adults', children's).

"memory" is memory of patient monitors' manuals that nobody here has checked: whoever uses such a number looks at it
first. "own" is our choice.
"""

from __future__ import annotations

_CHILD = "memory"
_PRESSURE = "the Mindray TM80's defaults"

SOURCES: dict[str, tuple[str, str]] = {
    "spo2": ("the Mindray TM80's default; published PCA criteria have ≤ 90 %", "the Mindray TM80's default"),
    "pulse": ("< 50: published PCA criteria and LIFEPAK 15; > 140: OpenICE's warning", _CHILD),
    "resp": ("< 10: OpenICE's warning, Overdyk 2007; > 30: LIFEPAK 15", _CHILD),
    "etco2": ("LIFEPAK 15; published PCA criteria have ≥ 50 mmHg for 15 s", "as adults: own"),
    "fico2": ("LIFEPAK 15 and Spacelabs: 8 mmHg", "as adults: own"),
    "systolic": (_PRESSURE, _CHILD),
    "diastolic": (_PRESSURE, _CHILD),
    "map": (_PRESSURE, _CHILD),
    "temperature": ("LIFEPAK 15", "as adults: own"),
    "heart": ("as pulse", _CHILD),
}

UNITS: dict[str, tuple[str, int]] = {
    "spo2": ("%", 10),
    "pulse": ("/min", 10),
    "resp": ("/min", 10),
    "etco2": ("mmHg", 10),
    "fico2": ("mmHg", 10),
    "systolic": ("mmHg", 10),
    "diastolic": ("mmHg", 10),
    "map": ("mmHg", 10),
    "temperature": ("°C", 100),
    "heart": ("/min", 10),
}
"""What a person reads, and how many of the wire's units one of it is."""

SPREAD = """\
What may be set, the delays, the hysteresis and the times of silence are our own. The SpO2 delay lies within the 0 to
30 s of a maker's oximeters; the 15 s of breathing are those of the published PCA criteria (EtCO2 ≥ 50 mmHg for 15 s,
apnoea of 15 s).
"""
