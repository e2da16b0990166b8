"""A dose that somebody has given by hand, as it was typed: checked against the library, and its entry for the record.

It has been given, so nothing refuses it for good: what the library finds wants a reason, and what is beyond a hard
limit a second name besides, so that a slip of the pen is seen before it stands in the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from assuage.bedside.admission import Admitted
from assuage.bedside.charting import entries, had
from assuage.bedside.charting.entries import Input
from assuage.bedside.charting.had import Had
from assuage.bedside.names import another, same
from assuage.errors import BadInput, Refused
from assuage.pharmacy import dosing, findings, prescription
from assuage.pharmacy.findings import Finding, Part
from assuage.pharmacy.library import Library
from assuage.pharmacy.library_schema import Drug, Limit, Vial
from assuage.pharmacy.prescription import Patient
from assuage.pharmacy.quantities import Concentration, DosePerWeight, Volume
from assuage.pharmacy.routes import BY_HAND
from assuage.pharmacy.substances import Dose, Solution
from assuage.record.events import Given

NAMES: Final = {"hour": "one hour", "four-hours": "four hours", "day": "a day"}
SAME_MS: Final = 60_000  # two entries of the same dose within a minute are taken for one that was sent twice

_KEYS: Final = frozenset({
    "second", "at", "late_reason", "note", "drug", "label_drug", "concentration", "dose", "route", "site",
    "overrides", "check",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hand:
    """One dose. when: Unix ms by the wall clock. before: what was had without it, together:
    with it, by the names of windows."""

    by: str
    second: str
    when: int
    dose: Dose
    route: str
    site: str
    note: str
    findings: tuple[Finding, ...]
    before: dict[str, Dose]
    together: dict[str, Dose]
    library: str

    def entry(self, reasons: Mapping[str, str]) -> Given:
        """For the record. reasons: by the findings' codes."""
        told = [f"{code}: {reason}" for code, reason in reasons.items()]
        return Given(
            by=self.by,
            when=self.when,
            substance=self.dose.substance.key,
            mass_ng=had.whole_ng(self.dose.amount),
            route=self.route,
            site=self.site,
            library=self.library,
            findings=tuple(_plain(each) for each in self.findings),
            reason="; ".join([*told, f"also looked at by {self.second}"] if self.second else told),
            note=self.note,
        )


def read(
    data: Input, by: str, now: int, admitted: Admitted, patient: Patient, library: Library, before: Had, shift: int
) -> Hand:
    """The dose, and what the library finds. now: Unix ms by the wall clock; shift: what that is ahead of the times of
    `before`, ms. Raises BadInput."""
    entries.known(data, _KEYS)
    when = entries.moment(data, now)
    drug = library.substance(_name(data, "drug"))
    label = library.substance(_name(data, "label_drug"))
    if label != drug:
        said = f"The label says {label}, the entry {drug}: they are not the same; enter what has really been given."
        raise BadInput("label_drug", said)
    route = _name(data, "route")
    if route not in BY_HAND:
        raise BadInput("route", f"A dose is given {', '.join(f'{key} ({said})' for key, said in BY_HAND.items())}.")
    asked = prescription.dose(data, "dose")
    solution = _solution(data, drug, isinstance(asked, Volume))
    dose, found = dosing.by_hand(drug.key, admitted.area, route, asked, patient, solution, library)
    if had.whole_ng(dose.amount) <= 0:
        raise BadInput("dose", "That dose is less than a nanogram; look at its unit.")
    at = when - shift
    if any(
        piece.route == route and abs(piece.end - at) < SAME_MS and piece.mass == dose.amount
        for piece in before.of(drug)
    ):
        said = "The same dose by the same route is in the record for this minute; was it given twice, or entered twice?"
        found.append(Finding("twice", False, said))
    without = {what: before.most(drug, window, at) for what, window in dosing.WINDOWS.items()}
    together = {what: total + dose for what, total in without.items()}
    limits = _cumulative(library, drug.key, admitted.area, route)
    for what, total in together.items():
        found += _beyond(what, total, limits, patient, library)
    return Hand(
        by, another(data), when, dose, route, entries.text(data, "site"), entries.noted(data), tuple(found), without,
        together, library.digest,
    )  # fmt: skip


def judge(hand: Hand, data: Input) -> dict[str, str]:
    """The reason for each finding, by its code. Raises Refused for one without, and for a hard one without a second
    name; BadInput for what cannot be read."""
    typed = data.get("overrides", [])
    if not isinstance(typed, list) or not all(isinstance(each, Mapping) for each in typed):
        raise BadInput("overrides", "Overrides are a list, each with the code of a finding and a reason.")
    given = {str(each.get("code", "")): entries.text(each, "reason") for each in typed}
    for finding in hand.findings:
        if len(given.get(finding.code, "")) < entries.REASON_LEAST:
            said = f"{finding.sentence} Correct the entry, or give the reason."
            raise Refused("library-override", said, limit=_limit(finding) or None, by="host")
    hard = next((finding for finding in hand.findings if finding.hard), None)
    if hard is not None and (not hand.second or same(hand.second, hand.by)):
        said = f"{hard.sentence} If it has really been given, somebody else has to look at this entry, with a name."
        raise Refused("library-limit", said, limit=_limit(hard) or None, by="host")
    return {finding.code: given[finding.code] for finding in hand.findings}


def drugs(library: Library) -> list[dict[str, Any]]:
    """What a dose can be of, each with the strengths in which the library knows it."""
    return [
        {
            "key": key,
            "name": drug.name,
            "concentrations": list(dict.fromkeys(str(vial.concentration) for vial in _vials(drug))),
        }
        for key, drug in library.content.drug.items()
    ]


def _vials(drug: Drug) -> list[Vial]:
    ways = [way for area in drug.areas.values() for way in area.routes.values()]
    return [*drug.vials, *(vial for way in ways for vial in way.syringes)]


def _solution(data: Input, drug: Any, must: bool) -> Solution | None:
    if not must and data.get("concentration") in (None, ""):
        return None
    return Solution(drug, Concentration.parse(data.get("concentration", ""), "concentration"))


def _cumulative(library: Library, drug: str, area: str, route: str) -> list[Limit]:
    """What all together may come to: by the limits of this route, and of the vein, where there are such."""
    made: dict[tuple[str, str, str, str], Limit] = {}
    for way in dict.fromkeys((route, "iv")):
        try:
            rows = library.route(drug, area, way).limits
        except BadInput:
            continue
        made |= {(*row.key, str(row.value)): row for row in rows if row.what in dosing.WINDOWS}
    return list(made.values())


def _beyond(what: str, total: Dose, limits: list[Limit], patient: Patient, library: Library) -> list[Finding]:
    per: DosePerWeight = total.amount / patient.weight
    part = Part(what, f"total in {NAMES[what]}", total.amount, total.amount, (per.to("mg/kg"),))
    above = [limit for limit in limits if limit.bound != "soft-low"]
    return findings.check(part, above, patient.weight, library)


def _name(data: Input, key: str) -> str:
    found = data.get(key)
    if not isinstance(found, str) or not found:
        raise BadInput(key, f"{key.replace('_', ' ').capitalize()} is missing; choose it.")
    return found


def _limit(finding: Finding) -> str:
    return "" if finding.limit is None else str(finding.limit)


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "limit": _limit(finding) or finding.sentence,
        "asked": "" if finding.asked is None else str(finding.asked),
        "source": finding.source or "this host",
    }
