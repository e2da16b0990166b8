"""What a cuff's cycle may do, by kind of patient: data, and where each number is from.

Pressures in mmHg. first: target of the first inflation; lowest, highest: bounds of all later ones. limit: above it
the cuff is let off; most: what no cycle may reach whatever happens (the limiter's switch, hardware). seconds: how
long a cycle may hold the cuff above `release`; with the few seconds in which it empties this stays below the 180 s
of adults and the 90 s of neonates. bleed: 0.01 mmHg/s. rise: mmHg/s that only a cuff that is cut off reaches.
systolic, diastolic: height of the envelope there, in % of its maximum.

Sources: 300 mmHg and 180 s adult, 15 mmHg: two modules' and monitors' manuals; first inflation 160 to 180: usual in
these; bleed 2 to 3 mmHg/s: American Heart Association. Ratios 57 and 70 %: the default of a public oscillometric
project; published ones reach from 44 to 74 and from 51 to 85, and each arm has its own. Not verified against a standard
are the figures of children and neonates, their ratios too.
"""

from micropython import const

NAMES = ("adult", "paediatric", "neonatal")
ADULT, PAEDIATRIC, NEONATAL = const(0), const(1), const(2)

FIRST, LOWEST, HIGHEST, LIMIT, RELEASE, SECONDS, BLEED_RATE, RISE, SYSTOLIC, DIASTOLIC = range(10)

KINDS = (
    # first, lowest, highest, limit, release, seconds, bleed, rise, systolic, diastolic
    (160, 120, 250, 280, 15, 165, 250, 100, 57, 70),
    (120, 90, 180, 200, 15, 120, 250, 150, 57, 70),
    (90, 70, 120, 140, 5, 80, 250, 200, 57, 70),
)
