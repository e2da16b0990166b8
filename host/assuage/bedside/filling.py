"""Filling the line of a pump that stands, while it is not connected to the patient. Nothing of it is delivered.

Two steps, as a start: the board reads back what it would do; then a human, who has compared that and looked at the
line, says that it is not connected. The permission is given by this process only: a daemon that starts again does not
go on with it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

from assuage.bedside.active import RUNNING, Active
from assuage.bedside.ordering import PROGRAMMES, Ordering
from assuage.bedside.picture import Filling as Filled
from assuage.bedside.readback import compare_priming, shown_priming
from assuage.errors import BadInput, Refused
from assuage.link.messages import PrimeBack
from assuage.pharmacy.syringes import syringe
from assuage.pharmacy.units import Ml, MlPerH

KEYS: Final = frozenset({"syringe", "rate_ml_h", "ml"})
LABEL: Final = "Filling the line"
CONNECTED: Final = "The line is filled only when somebody says that it is not connected to the patient."
STANDS: Final = "A line is filled while no programme is on the pump; end or acknowledge the one that is there first."
NO_OFFER: Final = "This read-back no longer waits; order the filling of the line again."


class Filling(Ordering):
    """The orders of a bed that fill a line."""

    _offer: dict[str, Any] | None = None  # the read-back that waits

    async def prime(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Offers to fill the line and returns what the board read back (readback.shown_priming).

        data: KEYS. Raises BadInput, Refused, LinkDown, NoAnswer or Stopped.
        """
        async with self._order():
            self._offer = None
            unknown = sorted(set(data) - KEYS)
            if unknown:
                raise BadInput(unknown[0], f"Filling a line has no {unknown[0][:40]!r}.")
            rate, volume = MlPerH.parse(data.get("rate_ml_h", ""), "rate"), Ml.parse(data.get("ml", ""), "volume")
            chosen = syringe(data.get("syringe"), self._syringes)
            self._within_wire(rate)
            sent = {
                "programme": secrets.randbelow(PROGRAMMES) + 1,
                "bore": chosen.bore_um,
                "rate": rate.nl_per_min,
                "volume": volume.nl,
            }
            answer = await self._client.command("Prime", **sent)
            if not isinstance(answer, PrimeBack):
                refused = self._refused(answer, rate=sent["rate"])
                raise Refused("bad-state", STANDS) if refused.status == "bad-state" else refused
            compare_priming(sent, answer)
            self._offer = shown_priming(chosen.name, answer)
            return self._offer

    async def purge(self, programme: int, token: int, disconnected: bool) -> None:
        """A human has compared the read-back and says that the line is not connected. Fills it.

        Raises Refused, LinkDown, NoAnswer or Stopped.
        """
        async with self._order() as turn:
            offer = self._offer
            if offer is None or (offer["programme"], offer["token"]) != (programme, token):
                raise Refused("bad-token", NO_OFFER, by="host")
            if disconnected is not True:
                raise Refused("connected", CONNECTED, by="host")
            self._offer = None
            board, boot = self._board()
            async with self._act("purge", turn, programme, volume_nl=offer["volume_nl"]):
                self._supervision.fill(
                    Active(programme, board, boot, RUNNING, LABEL, offer["syringe"], self._lease_ms),
                    Filled(programme, offer["volume_nl"]),
                )
                answer = await self._set_off(
                    "Purge", turn, programme=programme, token=token, disconnected=1, lease=self._lease_ms
                )
                try:
                    self._ok(answer)
                except Refused:
                    self._supervision.end()
                    raise
