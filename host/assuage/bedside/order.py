"""An order as a person gives it, the programme that it becomes, and the comparison of both with what the board read
back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from assuage.bedside import sentences
from assuage.bedside.snapshot import ml, ml_h
from assuage.errors import BadInput, Reason, Refused
from assuage.link.messages import Programme, Readback
from assuage.pharmacy.syringes import SYRINGES, Syringe, alike, syringe
from assuage.pharmacy.units import Ml, MlPerH
from assuage_wire import schema
from assuage_wire.codec import BY_NAME

KVO: Final = MlPerH.parse("1", "keep-vein-open rate")  # usual in adults; never above the order's own rate
DRUG_MAX: Final = 60  # characters
SPARE_MAX_S: Final = 3600
KEYS: Final = frozenset({"drug", "rate_ml_h", "vtbi_ml", "syringe", "on_loss", "occlusion_mmhg", "contents_ml"})
OCCLUSION_MMHG: Final = (50, 100, 150, 200, 300, 400, 500, 600, 750, 900)  # as the board has them
USUAL_MMHG: Final = 300
NEAR_EMPTY_S: Final = 900

_RANGES: Final = {f[0]: (f[3], f[4]) for f in BY_NAME["Programme"].fields}
_SHARED: Final = tuple(f for f in Programme._fields if f not in ("session", "command"))


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be given, how fast, from which syringe, and what happens when the link is lost."""

    drug: str
    rate: MlPerH
    vtbi: Ml
    syringe: Syringe
    on_loss: str
    occlusion_mmhg: int = USUAL_MMHG
    contents: Ml | None = None  # what is in the syringe; None: it is full

    @classmethod
    def from_input(cls, data: Mapping[str, Any], on_loss: str = "stop") -> Self:
        """Checks what a form or a file says: keys drug, rate_ml_h, vtbi_ml, syringe and on_loss (by default the
        argument); perhaps occlusion_mmhg and contents_ml.

        Raises BadInput for the first thing that cannot be used.
        """
        for key in data:
            if key not in KEYS:
                raise BadInput(str(key), f"An order has no {str(key)[:40]!r}.")
        order = cls(
            drug=_drug(data.get("drug")),
            rate=MlPerH.parse(data.get("rate_ml_h", ""), "rate"),
            vtbi=Ml.parse(data.get("vtbi_ml", ""), "VTBI"),
            syringe=syringe(data.get("syringe")),
            on_loss=_on_loss(data.get("on_loss", on_loss)),
            occlusion_mmhg=_occlusion(data.get("occlusion_mmhg", USUAL_MMHG)),
            contents=Ml.parse(data["contents_ml"], "contents") if data.get("contents_ml") else None,
        )
        if order.vtbi > order.syringe.capacity:
            raise BadInput("VTBI", f"VTBI {order.vtbi} is more than the syringe holds ({order.syringe.capacity}).")
        if order.contents is not None:
            if order.contents > order.syringe.capacity:
                raise BadInput("contents", f"The syringe cannot hold {order.contents}, only {order.syringe.capacity}.")
            if order.vtbi > order.contents:
                raise BadInput("VTBI", f"VTBI {order.vtbi} is more than is in the syringe ({order.contents}).")
        return order

    def programme(self, number: int, lease_ms: int) -> dict[str, int]:
        """The fields of the wire's Programme. Raises Refused when the wire cannot even carry them.

        The programme's own limits are the order itself, so that nothing more can come of it.
        """
        rate, vtbi = self.rate.nl_per_min, self.vtbi.nl
        highest = _RANGES["rate"][1]
        if rate > highest:
            limit = f"{MlPerH.highest(highest).value:.2f} mL/h"
            raise Refused(
                "rate-limit",
                f"The rate is above anything a pump is asked for, which is {limit}.",
                limit=limit,
                by="host",
            )
        # The end by time is a safeguard, not the plan. The board times its steps and its seconds by one crystal, so a
        # long infusion needs no more spare time than an hour.
        takes = -(-vtbi * 60 // rate)
        duration = takes + min(-(-takes // 20) + 60, SPARE_MAX_S)
        longest = _RANGES["duration"][1]
        if duration > longest:
            limit = f"{longest // 86400} days"
            raise Refused(
                "time-limit",
                f"The infusion and its spare time of up to an hour would last longer than {limit}; give less.",
                limit=limit,
                by="host",
            )
        return {
            "programme": number,
            "mode": schema.MODES.index("continuous"),
            "rate": rate,
            "vtbi": vtbi,
            "duration": duration,
            "bore": self.syringe.bore_um,
            "capacity": self.syringe.capacity.nl,
            "limit_rate": rate,
            "limit_volume": vtbi,
            "on_loss": schema.ON_LOSS.index(self.on_loss),
            "kvo": min(rate, KVO.nl_per_min) if self.on_loss == "kvo" else 0,
            "lease": lease_ms,
            "legs": 0,
            "loop": schema.NO_LOOP,
            "dose": 0,
            "dose_rate": 0,
            "lockout": 0,
            "bolus": 0,
            "limit_hour": schema.S30,  # the board's: what was given before this order counts in it too
            "limit_4h": schema.S30,
            "on_end": schema.ON_END.index("stop"),
            "level": self.occlusion_mmhg,
            "outer": self.syringe.outer_um,
            "alike": 1 if alike(self.syringe, SYRINGES.values()) else 0,
            "contents": (self.contents or self.syringe.capacity).nl,
            "near_empty": NEAR_EMPTY_S,
        }


def _drug(text: object) -> str:
    if not isinstance(text, str) or not text.strip():
        raise BadInput("drug", "The drug's label is missing; write what is in the syringe, with its concentration.")
    text = " ".join(text.split())
    if len(text) > DRUG_MAX or not text.isprintable():
        raise BadInput("drug", f"The drug's label must be plain text of at most {DRUG_MAX} characters.")
    return text


def _occlusion(mmhg: object) -> int:
    if isinstance(mmhg, str) and mmhg.isascii() and mmhg.isdigit():
        mmhg = int(mmhg)
    if isinstance(mmhg, bool) or mmhg not in OCCLUSION_MMHG:
        levels = ", ".join(str(level) for level in OCCLUSION_MMHG[:-1])
        raise BadInput("occlusion_mmhg", f"The occlusion pressure can be {levels} or {OCCLUSION_MMHG[-1]} mmHg.")
    return int(str(mmhg))


def _on_loss(text: object) -> str:
    if text not in schema.ON_LOSS:
        raise BadInput("on_loss", f"On loss of the link the pump can {', '.join(schema.ON_LOSS[:-1])} or go to kvo.")
    return str(text)


def compare(sent: Mapping[str, int], back: Readback) -> None:
    """Raises Refused when the board understood anything but what was sent, field by field.

    What the board reckoned itself is checked as far as it follows from the order: the time that the volume takes at
    this rate.
    """
    for name in _SHARED:
        if getattr(back, name) != sent[name]:
            raise _differs(name, sent[name], getattr(back, name))
    takes = sent["vtbi"] * 60 // sent["rate"]
    if abs(back.finish - takes) > 2 + takes // 100:
        raise _differs("finish", takes, back.finish)


def _differs(name: str, sent: int, back: int) -> Refused:
    return Refused(
        "readback-differs",
        f"The board read back {name} {back} where {sent} was ordered. Do not use this pump; STOP and report it.",
        by="host",
        reason=Reason.READBACK_DIFFERS,
    )


def shown(order: Order, back: Readback) -> dict[str, Any]:
    """The read-back for a person to compare: numbers as the board gave them back, in a person's units;
    rate and VTBI also as they are, for nothing rounded is to be compared."""
    on_loss = sentences.code(schema.ON_LOSS, back.on_loss)
    return {
        "programme": back.programme,
        "token": back.token,
        "drug": order.drug,
        "syringe": order.syringe.name,
        "rate_ml_h": ml_h(back.rate),
        "vtbi_ml": ml(back.vtbi),
        "rate_nl_min": back.rate,
        "vtbi_nl": back.vtbi,
        "duration_s": back.duration,
        "finish_s": back.finish,
        "bore_mm": back.bore / 1000,
        "capacity_ml": ml(back.capacity),
        "limit_rate_ml_h": ml_h(back.limit_rate),
        "limit_volume_ml": ml(back.limit_volume),
        "on_loss": on_loss,
        "on_loss_sentence": sentences.ON_LOSS.get(on_loss, ""),
        "kvo_ml_h": ml_h(back.kvo),
        "lease_ms": back.lease,
        "occlusion_mmhg": back.level,
        "contents_ml": ml(back.contents),
        "nl_per_rev": back.nl_per_rev,
        "steps": back.steps,
    }
