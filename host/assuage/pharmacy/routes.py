"""How a dose is given: the one table of what the library, the record, its report and the page call it."""

from __future__ import annotations

from typing import Final

ROUTES: Final = {"iv": "intravenous", "im": "intramuscular", "in": "intranasal", "sc": "subcutaneous"}
"""Those for which a library may have limits, in full."""

ABBREVIATED: Final = {"iv": "IV", "im": "IM", "in": "IN", "sc": "SC"}

BY_HAND: Final = {**ROUTES, "mesotherapy": "mesotherapy", "oral": "by mouth"}
"""Those by which somebody may give a dose by hand, in full."""


def short(key: str) -> str:
    """As it is written beside a dose; one that is not known here as it stands."""
    return ABBREVIATED.get(key) or BY_HAND.get(key, key)


def offered() -> dict[str, str]:
    """What a form offers for a dose by hand, by key: as it is written, and in full where that is short."""
    return {key: f"{ABBREVIATED[key]} ({full})" if key in ABBREVIATED else full for key, full in BY_HAND.items()}
