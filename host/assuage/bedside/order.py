"""An order as a person gives it, and the programme that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Self

from assuage.bedside import courses, guarding
from assuage.bedside.courses import Course
from assuage.bedside.guarding import Guard
from assuage.errors import BadInput, Refused
from assuage.pharmacy.syringes import SYRINGES, Syringe, alike, syringe
from assuage.pharmacy.units import Ml, MlPerH, parse_decimal
from assuage_wire import schema
from assuage_wire.codec import BY_NAME

KVO: Final = MlPerH.parse("1", "keep-vein-open rate")  # usual in adults; never above the order's own rate
DRUG_MAX: Final = 60  # characters
SPARE_MAX_S: Final = 3600
OCCLUSION_MMHG: Final = (50, 100, 150, 200, 300, 400, 500, 600, 750, 900)  # as the board has them
USUAL_MMHG: Final = 300
NEAR_EMPTY_S: Final = 900
OPEN_S: Final = 12 * 3600  # that a vein is kept open after the end, unless for_h says otherwise
HOURS: Final = Decimal(720)

# Keys of every order, beside those of its mode (courses.KEYS).
KEYS: Final = frozenset({
    "mode", "drug", "syringe", "on_loss", "occlusion_mmhg", "contents_ml", "near_empty_min", "on_end", "kvo_ml_h",
    "for_h", "highest_ml_h", "bolus_ml", "guards",
})  # fmt: skip

_RANGES: Final = {f[0]: (f[3], f[4]) for f in BY_NAME["Programme"].fields}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be given, how fast, from which syringe, and what happens when the link is lost.

    mode: a key of courses.KEYS. kvo: the rate that was typed. lasts: s at most, as typed. highest: flow in nL/min that
    may be reached by a change or a bolus, 0 for none above the order's own. bolus: the largest that may be given, nL.
    guards: which vital signs let it flow, beside what the boards themselves ask for.
    """

    drug: str
    mode: str
    course: Course
    syringe: Syringe
    on_loss: str
    occlusion_mmhg: int = USUAL_MMHG
    contents: Ml | None = None  # what is in the syringe; None: it is full
    near_empty: int = NEAR_EMPTY_S
    on_end: str = "stop"
    kvo: MlPerH | None = None
    lasts: int | None = None
    highest: int = 0
    bolus: int = 0
    guards: tuple[Guard, ...] = ()
    alike: bool = False  # another syringe that may be chosen looks the same to the board's clamp

    @classmethod
    def from_input(
        cls, data: Mapping[str, Any], on_loss: str = "stop", table: Mapping[str, Syringe] = SYRINGES
    ) -> Self:
        """Checks what a form or a file says: KEYS, and those of the mode (continuous unless it is given). on_loss is by
        default the argument; table: the syringes there are.

        Raises BadInput for the first thing that cannot be used.
        """
        mode = data.get("mode", "continuous")
        known = KEYS | courses.KEYS.get(str(mode), frozenset())
        for key in data:
            if key not in known and mode in courses.KEYS:
                raise BadInput(str(key), f"An order has no {str(key)[:40]!r}.")
        drug = _drug(data.get("drug"))
        course = courses.course(mode, data)
        chosen = syringe(data.get("syringe"), table)
        order = cls(
            drug=drug,
            mode=str(mode),
            course=course,
            syringe=chosen,
            on_loss=_one_of(data.get("on_loss", on_loss), "on_loss", schema.ON_LOSS, "On loss of the link the pump"),
            occlusion_mmhg=_occlusion(data.get("occlusion_mmhg") or USUAL_MMHG),
            contents=Ml.parse(data["contents_ml"], "contents") if data.get("contents_ml") else None,
            near_empty=_near_empty(data),
            on_end=_one_of(data.get("on_end") or "stop", "on_end", schema.ON_END, "After the whole volume the pump"),
            kvo=MlPerH.parse(data["kvo_ml_h"], "keep-vein-open rate") if data.get("kvo_ml_h") else None,
            lasts=_lasts(data),
            highest=_highest(data, course),
            bolus=Ml.parse(data["bolus_ml"], "largest bolus").nl if data.get("bolus_ml") else 0,
            guards=guarding.guards(data["guards"]) if data.get("guards") else (),
            alike=bool(alike(chosen, table.values())),
        )
        order._check()
        return order

    def _check(self) -> None:
        """What one field means for another. Raises BadInput."""
        holds, vtbi = self.syringe.capacity, Ml.from_nl(self.course.vtbi)
        if vtbi > holds:
            raise BadInput("VTBI", f"VTBI {vtbi} is more than the syringe holds ({holds}).")
        if self.contents is not None and self.contents > holds:
            raise BadInput("contents", f"The syringe cannot hold {self.contents}, only {holds}.")
        if self.contents is not None and vtbi > self.contents:
            raise BadInput("VTBI", f"VTBI {vtbi} is more than is in the syringe ({self.contents}).")
        if self._opens:
            slowest = MlPerH.highest(self.course.slowest)
            if not self.course.slowest:
                raise BadInput("on_loss", "Without a basal rate there is no keep-vein-open rate; let the pump stop.")
            if self.kvo is not None and self.kvo.nl_per_min > self.course.slowest:
                raise BadInput("kvo", f"The keep-vein-open rate cannot be above the slowest rate, {slowest}.")
        if self.mode == "pca" and self.lasts is None:
            raise BadInput("for_h", "Say for how many hours at most the patient may ask for doses.")
        if self.lasts is not None and self.course.takes is not None and self.lasts < self.course.takes:
            raise BadInput("for_h", f"The infusion takes {self.course.takes / 3600:.1f} h; it cannot end before that.")

    @property
    def most(self) -> int:
        """nL/min that the flow beside doses and boluses may be changed to; the board has one limit for all of them."""
        return max(self.course.rate, self.highest)

    @property
    def _opens(self) -> bool:
        """Whether a vein may be kept open."""
        return self.on_loss == "kvo" or self.on_end == "kvo"

    def programme(self, number: int, lease_ms: int, watch: int = 0, bound_ms: int = 0) -> dict[str, int]:
        """The fields of the wire's Programme. Raises Refused when the wire cannot even carry them.

        The programme's own limits are the order itself, so that nothing more can come of it. watch: the number that
        another board has given to its watching by this order's guards, whose permission lasts bound_ms.
        """
        course = self.course
        fastest = max(course.rate, course.dose_rate, self.highest)
        highest = _RANGES["rate"][1]
        if fastest > highest:
            limit = f"{MlPerH.highest(highest).value:.2f} mL/h"
            raise Refused(
                "rate-limit",
                f"The rate is above anything a pump is asked for, which is {limit}.",
                limit=limit,
                by="host",
            )
        contents = (self.contents or self.syringe.capacity).nl
        return {
            "programme": number,
            "mode": schema.MODES.index(course.mode),
            "rate": course.rate,
            "vtbi": course.vtbi,
            "duration": self._duration(),
            "bore": self.syringe.bore_um,
            "capacity": self.syringe.capacity.nl,
            "limit_rate": fastest,
            "limit_volume": contents if self.on_end == "kvo" else course.vtbi,
            "on_loss": schema.ON_LOSS.index(self.on_loss),
            "kvo": min(course.slowest, (self.kvo or KVO).nl_per_min) if self._opens else 0,
            "lease": lease_ms,
            "legs": len(course.legs),
            "loop": course.loop,
            "dose": course.dose,
            "dose_rate": course.dose_rate,
            "lockout": course.lockout,
            "bolus": self.bolus,
            "limit_hour": course.limit_hour,
            "limit_4h": course.limit_4h,
            "on_end": schema.ON_END.index(self.on_end),
            "level": self.occlusion_mmhg,
            "outer": self.syringe.outer_um,
            "alike": 1 if self.alike else 0,
            "contents": contents,
            "near_empty": self.near_empty,
            "guards": 0 if watch else len(self.guards),
            "watch": watch,
            "bound": bound_ms,
        }

    def legs(self, number: int) -> list[dict[str, int]]:
        """The fields of the wire's Leg that follow, in order; none where the programme is one flow."""
        return [{"programme": number, "leg": i, **leg._asdict()} for i, leg in enumerate(self.course.legs)]

    def _duration(self) -> int:
        """s. The end by time is a safeguard, not the plan. The board times its steps and its seconds by one crystal, so
        a long infusion needs no more spare time than an hour."""
        takes = self.course.takes or 0
        duration = self.lasts or takes + min(-(-takes // 20) + 60, SPARE_MAX_S) + (
            OPEN_S if self.on_end == "kvo" else 0
        )
        longest = _RANGES["duration"][1]
        if duration > longest:
            limit = f"{longest // 86400} days"
            raise Refused(
                "time-limit",
                f"The infusion and its spare time of up to an hour would last longer than {limit}; give less.",
                limit=limit,
                by="host",
            )
        return duration


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


def _near_empty(data: Mapping[str, Any]) -> int:
    if data.get("near_empty_min") in (None, ""):
        return NEAR_EMPTY_S
    return courses.minutes(data, "near_empty_min", "near-empty warning", Decimal(courses.LOCKOUT_MOST_MIN))


def _lasts(data: Mapping[str, Any]) -> int | None:
    if data.get("for_h") in (None, ""):
        return None
    lo = Decimal("0.1")
    return int(parse_decimal(data["for_h"], "for_h", "h", lo=lo, hi=HOURS, digits=1) * 3600)


def _highest(data: Mapping[str, Any], course: Course) -> int:
    if data.get("highest_ml_h") in (None, ""):
        return 0
    highest = MlPerH.parse(data["highest_ml_h"], "highest rate").nl_per_min
    if highest < course.rate:
        raise BadInput("highest rate", "The highest rate it may be changed to is below the rate of the order itself.")
    return highest


def _one_of(text: object, field: str, names: tuple[str, ...], what: str) -> str:
    if text not in names:
        raise BadInput(field, f"{what} can {', '.join(names[:-1])} or go to kvo.")
    return str(text)
