"""Random orders of every mode reach the board as rational arithmetic says, which knows nothing of the pharmacy's code.

The oracle reads the same texts, with fractions and a table of its own. A volume may be 1 nL off, a rate 1 nL/min; what
is given in all may be 1 nL off its exact rate times its exact time.
"""

from __future__ import annotations

import os
import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from assuage.bedside.order import Order
from assuage.errors import BadInput, Refused
from assuage.pharmacy import programming
from assuage.pharmacy.prescription import Prescription
from assuage_rig.requirements import req
from tests.host.own_board import OwnBoard
from tests.host.prescribing import LIBRARY, Typed

SIZE = {
    "mg": Fraction(1), "mcg": Fraction(1, 1000), "ng": Fraction(1, 10**6), "g": Fraction(1000), "kg": Fraction(1),
    "lb": Fraction("0.45359237"), "mL": Fraction(1), "L": Fraction(1000), "min": Fraction(1), "h": Fraction(60),
    "s": Fraction(1, 60),
}  # fmt: skip
RATES = ("mg/kg/h", "mcg/kg/h", "mcg/kg/min", "mg/kg/min", "mg/h", "mcg/h", "mg/min", "mcg/min", "mL/h", "mL/min")
DOSES = ("mg/kg", "mcg/kg", "mg", "mcg", "mL")


def size(text: str) -> Fraction:
    """In mg, kg, mL and min."""
    number, unit = text.split()
    first, *rest = unit.split("/")
    made = Fraction(number) * SIZE[first]
    for part in rest:
        made /= SIZE[part]
    return made


class Oracle:
    """nL and nL/min of what was typed."""

    def __init__(self, data: Typed) -> None:
        self.data, self.kg, self.mg_ml = data, size(data["weight"]), size(data["concentration"])

    def nl(self, text: str) -> Fraction:
        """Of a dose or a rate, whatever its unit."""
        unit = text.split()[1]
        if unit.startswith(("mL", "L")):
            return size(text) * 10**6
        return size(text) * (self.kg if "/kg" in unit else 1) / self.mg_ml * 10**6

    def whole(self) -> tuple[dict[str, Fraction], list[tuple[Fraction, Fraction]]]:
        """The programme's numbers that follow, and rate and volume of each leg that has both."""
        data, mode = self.data, self.data["mode"]
        rate = self.nl(data["rate"]) if "rate" in data else Fraction(0)
        dose = self.nl(data["dose"]) if "dose" in data else Fraction(0)
        quick = dose / size(data["over"]) if dose else Fraction(0)
        time = size(data["duration"]) if "duration" in data else Fraction(0)
        if mode == "bolus":
            return {"rate": quick, "vtbi": dose}, []
        if mode == "loading":
            return {"rate": max(rate, quick), "vtbi": dose + rate * time}, [(quick, dose)]
        if mode == "ramp":
            up, down = (size(data[key]) if key in data else Fraction(0) for key in ("up", "down"))
            return {"rate": rate, "vtbi": rate * (time - up / 2 - down / 2)}, []
        if mode == "steps":
            legs = [(self.nl(step["rate"]), size(step["duration"])) for step in data["steps"]]
            gives = [(each, each * lasts) for each, lasts in legs]
            return {"rate": max(each for each, _ in legs), "vtbi": sum((v for _, v in gives), Fraction(0))}, gives
        if mode == "pca":
            hour, four = self.nl(data["hour"]), self.nl(data["four_hours"])
            return {
                "rate": rate, "vtbi": size(data["volume"]) * 10**6, "dose": dose, "dose_rate": quick,
                "limit_hour": hour, "limit_4h": four, "lockout": size(data["lockout"]) * 60,
            }, []  # fmt: skip
        return {"rate": rate, "vtbi": size(data["volume"]) * 10**6 if "volume" in data else rate * time}, []


def number(rng: random.Random) -> str:
    """As people type: a few digits that count, at most four after the point."""
    places = rng.choice((0, 0, 1, 1, 2, 3, 4))
    digits = rng.randint(1, 10 ** rng.choice((1, 2, 3, 4)) - 1)
    text = f"{digits:0{places + 1}d}"
    return f"{text[:-places]}.{text[-places:]}" if places else text


def drawn(rng: random.Random) -> Typed:
    """An order of any kind, sensible or not: limits are not the question here."""
    mode = rng.choice(("continuous", "loading", "bolus", "ramp", "steps", "pca"))

    def amount(units: tuple[str, ...]) -> str:
        return f"{number(rng)} {rng.choice(units)}"

    def time() -> str:
        return rng.choice((f"{rng.randint(1, 240)} min", f"{rng.randint(1, 48)} h", f"{rng.randint(1, 99) / 10} h"))

    drug = rng.choice(sorted(LIBRARY.content.drug))
    strength = f"{number(rng)} {rng.choice(('mg/mL', 'mcg/mL'))}"
    data: Typed = {
        "drug": drug, "area": "acute", "mode": mode, "age": "40 years", "concentration": strength, "label_drug": drug,
        "label_concentration": strength, "weight": f"{rng.randint(30, 1500) / 10} {rng.choice(('kg', 'lb'))}",
    }  # fmt: skip
    if mode == "steps":
        steps = range(rng.randint(1, 8))
        return {**data, "steps": [{"rate": amount(RATES), "duration": time()} for _ in steps]}
    if mode in ("loading", "bolus", "pca"):
        data |= {"dose": amount(DOSES), "over": time()}
    if mode in ("continuous", "loading", "ramp") or (mode == "pca" and rng.random() < 0.5):
        data["rate"] = amount(RATES)
    if mode == "continuous" and rng.random() < 0.5:
        return {**data, "volume": f"{rng.randint(1, 5000) / 100} mL"}
    if mode == "ramp":
        data |= {key: f"{rng.randint(1, 30)} min" for key in ("up", "down") if rng.random() < 0.7}
    if mode == "pca":
        figure, unit = data["dose"].split()
        hour = Decimal(figure) * rng.randint(1, 12)
        data |= {"lockout": f"{rng.randint(1, 30)} min", "volume": f"{rng.randint(1, 60)} mL"}
        data |= {"hour": f"{hour:f} {unit}", "four_hours": f"{hour * rng.randint(1, 4):f} {unit}"}
    if mode != "bolus":
        data["duration"] = time()
    return data


def compare(data: Typed, board: OwnBoard) -> bool | None:
    """Whether the board took it, and read back what was reckoned; None where it can be no order at all."""
    try:
        prescription = Prescription.from_input(data, LIBRARY)
        made, rounded = programming.programme(prescription)
        order = Order.from_input({**made, "syringe": "BD 50 mL"})
        programme = order.programme(1, 3000)
    except (BadInput, Refused):
        return None
    wanted, legs = Oracle(data).whole()
    for name, exact in wanted.items():
        assert abs(programme[name] - exact) <= 1, (name, programme[name], exact, data)
    sent = order.legs(1)
    for leg, (rate, volume) in zip(sent, legs, strict=False):
        assert abs(leg["begin"] - rate) <= 1 and abs(leg["volume"] - volume) <= 1, (leg, rate, volume, data)
    assert not legs or len(sent) >= len(legs)
    assert all(abs(each.off) <= (1 if each.name.startswith("volume of step") else Fraction(1, 2)) for each in rounded)
    return board.reads_back(programme, sent)


PARTS, EACH = (20, 50_000) if os.environ.get("ASSUAGE_SOAK") == "1" else (1, 2_000)


@req("PHA-002")
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_random_orders_reach_the_board_as_rational_arithmetic_says_and_it_reads_them_back(seed: int, part: int) -> None:
    rng = random.Random(f"{seed} {part}")
    board = OwnBoard()
    made = tried = taken = 0
    modes: dict[Any, int] = {}
    while made < EACH:
        data = drawn(rng)
        tried += 1
        answer = compare(data, board)
        if answer is not None:
            made += 1
            taken += answer
            modes[data["mode"]] = modes.get(data["mode"], 0) + answer
        assert tried < 100 * EACH, "hardly any order that is drawn makes sense"
    assert len(modes) == 6 and min(modes.values()) * 200 > EACH, modes
    assert taken * 3 > EACH, f"the board took {taken} of {EACH}: too few have been read back"
