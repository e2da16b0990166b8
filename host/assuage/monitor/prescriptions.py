"""Patients and prescriptions over HTTP: who is in the bed, what an order would be told, and the order itself.

    POST /api/admit       {"who", "patient", "weight", "age", "area", "sex", "height", "note"}    200 {"patient"}
    POST /api/weigh       {"who", "weight", "note"}         another weight from now on            200 {"patient"}
    POST /api/discharge   {"who", "note"}                   the pump stands                       200 {}
    POST /api/check       {"prescription"}                  as one types; nothing is refused      200 {"findings", ...}
    POST /api/prescribe   {"who", "prescription", "pump", "overrides"}      200 {"readback", "asked"}
    POST /api/convert     {"who", "drug", "to", "dose", "reason"}           200 {"given", "taken_as", ...}

A prescription's keys are those of assuage.pharmacy.prescription; each number is a text with its unit. `pump` holds the
syringe and what else concerns the pump (bedside.prescribing.PUMP). An override names a finding as /api/check has named
it. What follows is as for any order: /api/pump/confirm, with "second" where the read-back's clinical part has alerts.

/api/check of mode tci takes the keys of a target (bedside.target), and tells which models there are for this patient
and, once a syringe is typed, what would be aimed at; the order itself goes to /api/target/programme (see orders.py).
"""

from __future__ import annotations

from typing import Any

from assuage.bedside.bed import Bed

Body = dict[str, Any]


def handlers(bed: Bed) -> dict[str, Any]:
    """By path."""

    async def admit(body: Body) -> Body:
        return await bed.prescribing.admissions.admit(body)

    async def weigh(body: Body) -> Body:
        return await bed.prescribing.admissions.weigh(body)

    async def discharge(body: Body) -> Body:
        return await bed.prescribing.admissions.discharge(body)

    async def check(body: Body) -> Body:
        return bed.prescribing.check(body)

    async def convert(body: Body) -> Body:
        return await bed.prescribing.convert(body)

    return {f"/api/{each.__name__}": each for each in (admit, weigh, discharge, check, convert)}
