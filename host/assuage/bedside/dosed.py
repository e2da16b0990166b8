"""What the pump's flow and volume are of the drug, for the card of a pump that runs a prescription: reckoned from the
board's own numbers, the strength and the weight that it was ordered for. Without the units' machinery, which is slow to
import: a snapshot must never wait for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from assuage.pharmacy.units import plain

NG_PER_MG: Final = 1_000_000
NL_PER_ML: Final = 1_000_000
KG: Final = {"kg": Fraction(1), "lb": Fraction(45_359_237, 100_000_000)}  # the pound by the agreement of 1959
PLACES: Final = Decimal("0.01")  # of what is in: it grows, and its size must not jump

Amount = dict[str, str]


def dosed(told: Mapping[str, Any], rate_nl_min: int, set_nl_min: int, delivered_nl: int) -> dict[str, Any]:
    """told: the clinical part of a programme's terms. rate, set: value and unit, per weight where it was ordered so;
    delivered: the drug's mass so far."""
    kilograms, of = str(told["weight"]).split()
    weight = Fraction(kilograms) * KG[of]
    asked = [str(each["asked"]) for each in told["numbers"]]
    per_weight = any("/kg" in text for text in asked)
    fine = str(told["concentration"]).endswith("mcg/mL") or any(" mcg" in text for text in asked)
    ng_per_ml = int(told["ng_per_ml"])

    def rate(nl_min: int) -> Amount:
        mg_h = Fraction(nl_min * 60 * ng_per_ml, NL_PER_ML * NG_PER_MG)
        number, unit = _sized(mg_h / weight, fine) if per_weight else _sized(mg_h, fine)
        return {"value": plain(Decimal(f"{number:.3e}")), "unit": f"{unit}{'/kg' if per_weight else ''}/h"}

    number, unit = _sized(Fraction(delivered_nl * ng_per_ml, NL_PER_ML * NG_PER_MG), fine)
    given = {"value": plain(number.quantize(PLACES)), "unit": unit}
    return {"rate": rate(rate_nl_min), "set": rate(set_nl_min), "delivered": given}


def _sized(mg: Fraction, fine: bool) -> tuple[Decimal, str]:
    """In the size in which it was ordered, which stays the same while it runs: a unit that changes is misread."""
    number = mg * 1000 if fine else mg
    return Decimal(number.numerator) / number.denominator, "mcg" if fine else "mg"
