"""Orders about the patient's alarm limits. They hold at once, whatever the pump does; nothing of them moves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assuage.bedside import limits
from assuage.bedside.ordering import Ordering
from assuage.bedside.vitals import NUMBERS
from assuage.errors import BadInput, Refused
from assuage.link.messages import LimitBack, Reply
from assuage.record.events import plain
from assuage_wire import schema
from assuage_wire.codec import BY_NAME

_BAD_VALUE: Final = schema.STATUSES.index("bad-value")
_FIELDS: Final = tuple(field[0] for field in BY_NAME["SetLimit"].fields)
DIFFERS: Final = "The board holds other limits than those that were asked for; look at them and set them again."


class Limiting(Ordering):
    """What a person may ask about the limits of a bed."""

    async def set_limit(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Sets the limits of one value (limits.KEYS); returns {"parameter", "least", "most"}: how far they may go.

        Raises BadInput, Refused, LinkDown, NoAnswer or Stopped.
        """
        async with self._order():
            sent = limits.parse(data)
            async with self._act("limit", asked=plain(data)):
                answer = await self._at_the_patient("SetLimit", **sent)
                if isinstance(answer, Reply) and answer.status == _BAD_VALUE:
                    raise Refused("bad-value", limits.refusal(sent, answer.detail, _FIELDS))
                if not isinstance(answer, LimitBack):
                    raise self._refused(answer)
                if any(getattr(answer, name) != value for name, value in sent.items()):
                    raise Refused("readback-differs", DIFFERS, by="host")
            number = NUMBERS[answer.parameter]
            return {"parameter": number.key, "least": answer.least / number.per, "most": answer.most / number.per}

    async def new_patient(self, kind: object) -> None:
        """All limits begin anew, as for an adult or a child. Raises BadInput, Refused, LinkDown, NoAnswer, Stopped."""
        async with self._order():
            if kind not in schema.PATIENTS:
                raise BadInput("kind", f"Say whether the patient is {' or '.join(schema.PATIENTS)}.")
            async with self._act("patient", kind=str(kind)):
                self._ok(await self._at_the_patient("Patient", kind=schema.PATIENTS.index(str(kind))))
