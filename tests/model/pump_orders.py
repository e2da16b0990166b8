"""What is ordered of the pump in the model check: few programmes, small volumes, and a board with small limits.

A programme lasts a few beats of a quarter of a second, so that a handful of them meets every row of the table within a
small space.
"""

from __future__ import annotations

from assuage_wire.schema import NO_LOOP
from pump import codes
from tests.pure.pump_fakes import BD50
from tests.pure.pump_fakes import LIMITS as BOARD

V = 559_902  # nL a turn at BD50
LEASE_MS = 500  # the shortest that the table has: two beats
LIMITS = {**BOARD, "max_volume": 100_000, "max_10min": 100_000, "max_lease": 2000, "max_prime": 75_000}

RATE = 6_000_000  # nL/min: 25 uL in a beat
LOADING = 12_000_000
MAINTENANCE = 3_000_000
BASAL = 4_500_000
SLOW = 300_000  # slow enough for play and seal to be taken up first
SLOW_NL = 1_250  # in a beat
LOADING_NL = 25_000
PLAIN, ON_DEMAND, LOADED, UNATTENDED, SLOW_START = range(1, 6)

_COMMON = {"rate": RATE, "vtbi": 75_000, "capacity": 100_000, "limit_rate": LOADING, "limit_volume": 100_000}
_COMMON |= {"lease": LEASE_MS, "duration": 3600}
PROGRAMMES: dict[str, dict[str, int]] = {
    "plain": {**_COMMON, "programme": PLAIN, "bolus": 25_000},
    "on demand": {
        **_COMMON, "programme": ON_DEMAND, "mode": codes.DEMAND, "rate": BASAL, "duration": 1, "dose": 25_000,
        "dose_rate": RATE, "lockout": 1, "on_loss": codes.LOSS_KVO, "kvo": MAINTENANCE,
    },
    "loading": {
        **_COMMON, "programme": LOADED, "mode": codes.PROFILE, "rate": LOADING, "legs": 2, "loop": NO_LOOP,
        "on_end": codes.END_KVO, "kvo": MAINTENANCE, "bolus": 50_000,
    },
    "unattended": {
        **_COMMON, "programme": UNATTENDED, "on_loss": codes.LOSS_CONTINUE, "on_end": codes.END_KVO,
        "kvo": MAINTENANCE,
    },
    "slow start": {**_COMMON, "programme": SLOW_START, "rate": SLOW, "vtbi": 3 * SLOW_NL},
}  # fmt: skip
LEGS = ((LOADING, LOADING, LOADING_NL, 0), (MAINTENANCE, MAINTENANCE, 0, 0))
PRIMING = {"programme": 9, "bore": BD50, "rate": RATE, "volume": 75_000}  # longer than a permission
