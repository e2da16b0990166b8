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
FINE: Final = Fraction(1, 10)  # mg below which it is told in micrograms

Amount = dict[str, str]


def dosed(told: Mapping[str, Any], rate_nl_min: int, set_nl_min: int, delivered_nl: int) -> dict[str, Any]:
    """told: the clinical part of a programme's terms. rate, set: value and unit, per weight where it was ordered so;
    delivered: the drug's mass so far."""
    number, unit = str(told["weight"]).split()
    weight = Fraction(number) * KG[unit]
    asked = [str(each["asked"]) for each in told["numbers"]]
    per_weight = any("/kg" in text for text in asked)
    fine = any(text.split()[-1].startswith("mcg") for text in asked if text)
    ng_per_ml = int(told["ng_per_ml"])

    def rate(nl_min: int) -> Amount:
        mg_h = Fraction(nl_min * 60 * ng_per_ml, NL_PER_ML * NG_PER_MG)
        return _amount(mg_h / weight, "/kg/h", fine) if per_weight else _amount(mg_h, "/h", fine)

    given = Fraction(delivered_nl * ng_per_ml, NL_PER_ML * NG_PER_MG)
    return {"rate": rate(rate_nl_min), "set": rate(set_nl_min), "delivered": _amount(given, "", fine)}


def _amount(mg: Fraction, per: str, fine: bool) -> Amount:
    """To four digits, in the unit's size in which it was ordered; whole smaller ones where that would be too little."""
    if fine or 0 < mg < FINE:
        return {"value": _four(mg * 1000), "unit": f"mcg{per}"}
    return {"value": _four(mg), "unit": f"mg{per}"}


def _four(number: Fraction) -> str:
    return plain(Decimal(f"{Decimal(number.numerator) / number.denominator:.3e}"))
