"""Alarm limits to begin with, for adults and for children, and how far a person may move them: data, nothing else.

Units are those of the wire's PARAMETERS. A row is (parameter, low, high, least, most, must, delay, inside, silence):

low, high: a value below low, or above high, is a breach; OFF for no limit on that side. least, most: no person may set
a limit below `least` or above `most`. must: which sides may not be switched off. delay: seconds for which a breach
lasts before it is told; a single reading, as of a cuff, has none. inside: by so much must a value be within its limit
to end what was told. silence: seconds without a good value until that is told, 0 where values come one by one. Where
each number comes from is in docs/patient_words.py, which never travels to a board.
"""

from micropython import const

from assuage_wire.schema import NONE16, PARAMETERS
from pump.spread import halves, numbered

OFF = NONE16
LOW, HIGH = const(1), const(2)

ADULT = (
    ("spo2", 900, OFF, 850, 1000, LOW, 10, 10, 10),
    ("pulse", 500, 1400, 300, 2000, LOW | HIGH, 10, 30, 10),
    ("resp", 100, 300, 40, 600, LOW | HIGH, 15, 10, 30),
    ("etco2", 150, 500, 100, 750, HIGH, 15, 20, 30),
    ("fico2", OFF, 80, 10, 150, HIGH, 15, 10, 30),
    ("systolic", 900, 1600, 600, 2200, LOW | HIGH, 0, 30, 0),
    ("diastolic", 500, 900, 300, 1400, 0, 0, 30, 0),
    ("map", 600, 1100, 400, 1600, LOW, 0, 30, 0),
    ("temperature", 3500, 3900, 3000, 4200, 0, 30, 20, 60),
    ("heart", 500, 1400, 300, 2000, LOW | HIGH, 10, 30, 10),
)

CHILD = (
    ("spo2", 900, OFF, 850, 1000, LOW, 10, 10, 10),
    ("pulse", 750, 1600, 500, 2200, LOW | HIGH, 10, 30, 10),
    ("resp", 120, 400, 80, 800, LOW | HIGH, 15, 10, 30),
    ("etco2", 150, 500, 100, 750, HIGH, 15, 20, 30),
    ("fico2", OFF, 80, 10, 150, HIGH, 15, 10, 30),
    ("systolic", 700, 1200, 500, 1600, LOW | HIGH, 0, 30, 0),
    ("diastolic", 400, 700, 200, 1000, 0, 0, 30, 0),
    ("map", 500, 900, 350, 1200, LOW, 0, 30, 0),
    ("temperature", 3500, 3900, 3000, 4200, 0, 30, 20, 60),
    ("heart", 750, 1600, 500, 2200, LOW | HIGH, 10, 30, 10),
)

WIDTH = const(8)  # numbers of a row, each of two bytes, low byte first
WHOSE = numbered(ADULT, PARAMETERS)  # the parameter of each row, the same for all patients
ADULT_ROWS = halves(ADULT)
CHILD_ROWS = halves(CHILD)
