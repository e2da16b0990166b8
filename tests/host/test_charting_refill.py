"""Another syringe in the pump is entered as what its label says, and only if that is what was ordered."""

from __future__ import annotations

from typing import Any

import pytest

from assuage.bedside.charting.refill import read
from assuage.errors import BadInput
from assuage.pharmacy.syringes import SYRINGES
from assuage_rig.requirements import req
from tests.host.prescribing import LIBRARY

ORDERED = {"drug": "ketamine", "ng_per_ml": 2_000_000}
TYPED = {
    "syringe": "BD 50 mL", "drug": "ketamine", "concentration": "2 mg/mL", "holds": "50 mL", "wasted": "3.5 mL",
    "note": "line looked at",
}  # fmt: skip


def enter(ordered: dict[str, Any] | None = ORDERED, **changes: Any) -> Any:
    return read({**TYPED, **changes}, ordered, SYRINGES, LIBRARY, "Nurse A")


@req("REC-022")
def test_what_is_in_it_and_what_was_left_of_the_last_is_entered_to_the_nanolitre() -> None:
    entry = enter()
    assert (entry.syringe, entry.substance, entry.ng_per_ml) == ("BD 50 mL", "ketamine", 2_000_000)
    assert (entry.holds_nl, entry.wasted_nl, entry.by, entry.note) == (
        50_000_000,
        3_500_000,
        "Nurse A",
        "line looked at",
    )
    assert enter(None, wasted="").wasted_nl == 0


@req("PHA-003")
@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"drug": "esketamine"}, "drug", "they are not the same"),
        ({"concentration": "10 mg/mL"}, "drug", "ketamine (racemic) 10 mg/mL, the order ketamine 2 mg/mL"),
        ({"drug": ""}, "drug", "which drug"),
        ({"drug": 7}, "drug", "which drug"),
        ({"syringe": "BD 55 mL"}, "syringe", "Choose the syringe"),
        ({"holds": "51 mL"}, "holds", "A syringe of 50 mL cannot hold 51 mL"),
        ({"holds": "50"}, "holds", "unit"),
        ({"wasted": "-1 mL"}, "wasted", ""),
        ({"holds": "50 mL", "extra": 1}, "extra", "There is no 'extra' here"),
    ],
)
def test_another_drug_strength_or_volume_than_can_be_is_refused(changes: dict[str, Any], field: str, said: str) -> None:
    with pytest.raises(BadInput) as told:
        enter(**changes)
    assert told.value.field == field and said in told.value.sentence, told.value.sentence


def test_where_nothing_is_ordered_any_drug_of_the_library_may_be_in_it() -> None:
    assert enter(None, drug="esketamine", concentration="5 mg/mL").substance == "esketamine"
