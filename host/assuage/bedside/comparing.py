"""Who has compared a read-back: somebody with a name, and for what is of high alert somebody else as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assuage.bedside.acting import WHO
from assuage.bedside.names import same
from assuage.errors import BadInput, Refused

NO_NAME: Final = "Say who compares and confirms this; give your name."
SECOND: Final = "A second person has to compare the read-back too; let that one give a name."


def compared(told: Mapping[str, Any] | None, second: str) -> None:
    """Raises Refused or BadInput where whoever has compared a read-back does not suffice. told: its clinical part, None
    for an order that was checked against no library. second: who has compared it as well."""
    if told is None:
        return
    if not WHO.get():
        raise BadInput("who", NO_NAME)
    alerts = " ".join(told["alerts"])
    if alerts and not second.strip():
        raise Refused("second-person", f"{alerts} {SECOND}", by="host")
    if alerts and same(second, WHO.get()):
        raise Refused("second-person", f"{WHO.get()} cannot be the second person as well. {SECOND}", by="host")
