"""Patients and prescriptions over HTTP: who is in the bed, what an order would be told, and the order itself.

    POST /api/admit       {"who", "patient", "weight", "age", "area", "sex", "height", "note"}    200 {"patient"}
    POST /api/weigh       {"who", "weight", "note"}         another weight from now on            200 {"patient"}
    POST /api/discharge   {"who", "note"}                   the pump stands                       200 {}
    POST /api/check       {"prescription", "syringe"}       as one types; nothing is refused      200 {"findings", ...}
    POST /api/check       {"change": {"programme", "rate"} or {..., "dose", "over"}}       likewise, of what runs
    POST /api/prescribe   {"who", "prescription", "pump", "overrides"}      200 {"readback", "asked"}
    POST /api/prescribe/change {"who", "programme", "rate", "overrides"} or {..., "dose", "over"}   200 {"readback"}
    GET  /api/formulary   what can be chosen                200 {"library", "areas", "drugs", "conversions", "units"}
    POST /api/convert     {"who", "drug", "to", "dose", "reason"}           200 {"given", "taken_as", ...}

A prescription's keys are those of assuage.pharmacy.prescription; each number is a text with its unit. `pump` holds the
syringe and what else concerns the pump (bedside.prescribing.PUMP). A weight that is not expected at this age or height
needs a "reason" too, and is asked for one by a 400 of that field. An override names a finding as /api/check has named
it. What follows is as for any order: /api/pump/confirm, with "second" where the read-back's clinical part has alerts.

/api/check of mode tci takes the keys of a target (bedside.target), and tells which models there are for this patient
and, once a syringe is typed, what would be aimed at; the order itself goes to /api/target/programme (see orders.py).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from assuage.bedside.bed import Bed
from assuage.errors import AssuageError

Body = dict[str, Any]


def patients(bed: Bed) -> dict[str, Any]:
    """Of whoever is in the bed, by path below the bed's."""

    async def admit(body: Body) -> Body:
        return await bed.prescribing.admissions.admit(body)

    async def weigh(body: Body) -> Body:
        return await bed.prescribing.admissions.weigh(body)

    async def discharge(body: Body) -> Body:
        return await bed.prescribing.admissions.discharge(body)

    return {each.__name__: each for each in (admit, weigh, discharge)}


def handlers(bed: Bed) -> dict[str, Any]:
    """Of what is prescribed for a pump of it, likewise."""

    async def check(body: Body) -> Body:
        return bed.prescribing.check(body)

    async def convert(body: Body) -> Body:
        return await bed.prescribing.convert(body)

    async def change(body: Body) -> Body:
        return {"readback": await bed.prescribing.change(body)}

    return {"check": check, "convert": convert, "prescribe/change": change}


def forms(bed: Bed, base: str) -> Route:
    """What a form of an order is made from."""

    async def formulary(_: Request) -> JSONResponse:
        try:
            return JSONResponse(bed.prescribing.formulary())
        except AssuageError as error:
            return JSONResponse({"error": error.sentence, "status": error.reason.value}, 409)

    return Route(f"{base}/formulary", formulary, methods=["GET"])
