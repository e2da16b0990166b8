"""Orders from the page: JSON in, the board's answer or one sentence out.

    POST /api/pump/programme   {"mode", "drug", "syringe", "on_loss", ...}         200 {"readback", "asked"}
    POST /api/pump/confirm     {"programme", "token", "second"}                    200 {}
    POST /api/pump/start       {"programme"}     arms, then starts                 200 {}
    POST /api/pump/stop        {}                200 {"state", "delivered_ml", "took_ms"}
    POST /api/pump/pause       {"programme"}     stands until resumed              200 {}
    POST /api/pump/resume      {"programme"}                                       200 {}
    POST /api/pump/change      {"programme", "rate_ml_h", "reason"} or {..., "ml", "ml_h", "reason"}    200 {"readback"}
    POST /api/pump/apply       {"programme", "token", "second"}  of that read-back  200 {}
    POST /api/pump/prime       {"syringe", "rate_ml_h", "ml"}                      200 {"readback"}
    POST /api/pump/purge       {"programme", "token", "disconnected": true}        200 {}
    POST /api/pump/clear       {"reason"}        the one that was on the screen    200 {}
    POST /api/interlock/release {"pump", "guardian"}   numbers of the trips that were on the screen   200 {}
    POST /api/alarm/acknowledge {"occurrence", "board"}   the one that was on the screen   200 {}
    POST /api/alarm/silence    {}                pauses the sound for two minutes  200 {}
    POST /api/target/programme {"drug", "model", "target", ...}   see assuage.bedside.target; then confirm, start
    POST /api/target           {"programme", "target"}    of what runs              200 {"readback"}
    POST /api/target/confirm   {"programme", "token", "second"}     of that read-back         200 {}
    POST /api/limits/set       {"parameter", "low", "high", "delay_s"}             200 {"parameter", "least", "most"}
    POST /api/limits/patient   {"kind"}          adult or child: all begin anew    200 {}
    POST /api/cuff/measure     {}                measures the blood pressure       200 {}
    POST /api/cuff/stop        {}                lets the cuff off at once         200 {}
    POST /api/cuff/every       {"minutes"}       0: only when somebody asks        200 {}

The keys of an order are those of assuage.bedside.order, and of its mode in assuage.bedside.courses. Any of them may
have "who": the name of whoever gives it, for the record. Patients and prescriptions: see prescriptions.py.

Otherwise {"error": sentence, "status": reason, ...}: 400 bad input (with "field"), 409 refused (with "limit" and
"by"), 503 no link to the board, 504 the board did not answer in time. 200 to a stop means that the board itself has
answered it.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from assuage.bedside.acting import WHO
from assuage.bedside.bed import Bed
from assuage.bedside.names import another, person
from assuage.bedside.targeting import Targeting
from assuage.errors import AssuageError, BadInput, LinkDown, NoAnswer, Refused, Stopped
from assuage.monitor import prescriptions

LARGEST: Final = 4096  # bytes of an order
STOPPING: Final = frozenset({"stop", "assess"})  # names of handlers: what is found at the bedside may stop the pump
STOP_LIMIT: Final = 1.2  # s; the page asks again and again, so an attempt need not last

Body = dict[str, Any]
Handler = Callable[[Body], Awaitable[Body]]


class Asked:
    """The last order that a board has read back, as it was asked for, so that any screen can show both side by side."""

    def __init__(self) -> None:
        self._programme = 0
        self._order: Body = {}

    def keep(self, programme: int, order: Body) -> None:
        """Takes the order that this programme came of."""
        self._programme, self._order = programme, order

    def of(self, programme: int) -> Body | None:
        """The order, or None when this programme came of another one or of one that this process never saw."""
        return self._order if programme == self._programme else None


def order_routes(bed: Bed, asked: Asked) -> list[Route]:
    """One route for each order."""

    async def programme(body: Body) -> Body:
        readback = await bed.orders.programme(body)
        asked.keep(readback["programme"], body)
        return {"readback": readback, "asked": body}

    async def prescribe(body: Body) -> Body:
        told = await bed.prescribing.prescribe(body)
        asked.keep(told["readback"]["programme"], told["asked"])
        return told

    async def confirm(body: Body) -> Body:
        await bed.orders.confirm(_whole(body, "programme"), _whole(body, "token"), **_second(body))
        return {}

    async def start(body: Body) -> Body:
        await bed.orders.start(_whole(body, "programme"))
        return {}

    async def pause(body: Body) -> Body:
        await bed.orders.pause(_whole(body, "programme"))
        return {}

    async def resume(body: Body) -> Body:
        await bed.orders.resume(_whole(body, "programme"))
        return {}

    async def change(body: Body) -> Body:
        _whole(body, "programme")
        return {"readback": await bed.orders.change(body)}

    async def apply(body: Body) -> Body:
        await bed.orders.apply(_whole(body, "programme"), _whole(body, "token"), **_second(body))
        return {}

    async def prime(body: Body) -> Body:
        return {"readback": await bed.orders.prime(body)}

    async def purge(body: Body) -> Body:
        disconnected = body.get("disconnected") is True
        await bed.orders.purge(_whole(body, "programme"), _whole(body, "token"), disconnected)
        return {}

    async def stop(_: Body) -> Body:
        return await bed.orders.stop(STOP_LIMIT)

    async def clear(body: Body) -> Body:
        reason = body.get("reason")
        if not isinstance(reason, str):
            raise BadInput("reason", "Say which reason is being cleared.")
        await bed.orders.clear(reason)
        return {}

    async def acknowledge(body: Body) -> Body:
        await bed.orders.acknowledge(_whole(body, "occurrence"), str(body.get("board", "pump")))
        return {}

    async def release(body: Body) -> Body:
        await bed.orders.release({board: _whole(body, board) for board in ("pump", "guardian") if board in body})
        return {}

    async def silence(_: Body) -> Body:
        await bed.orders.silence()
        return {}

    def targets() -> Targeting:
        if bed.targeting is None:
            raise Refused("unsupported", "This host follows no targets; order by the rate.", by="host")
        return bed.targeting

    async def target_programme(body: Body) -> Body:
        readback = await targets().programme(body)
        asked.keep(readback["programme"], body)
        return {"readback": readback, "asked": body}

    async def target(body: Body) -> Body:
        return {"readback": await targets().offer(_whole(body, "programme"), body.get("target"))}

    async def target_confirm(body: Body) -> Body:
        await targets().confirm(_whole(body, "programme"), _whole(body, "token"), **_second(body))
        return {}

    async def set_limit(body: Body) -> Body:
        return await bed.orders.set_limit(body)

    async def new_patient(body: Body) -> Body:
        await bed.orders.new_patient(body.get("kind"))
        return {}

    async def measure(_: Body) -> Body:
        await bed.orders.measure()
        return {}

    async def deflate(_: Body) -> Body:
        await bed.orders.deflate()
        return {}

    async def every(body: Body) -> Body:
        await bed.orders.repeat(body.get("minutes"))
        return {}

    pump = (programme, confirm, start, stop, pause, resume, change, apply, prime, purge, clear)
    paths = {f"/api/pump/{handler.__name__}": handler for handler in pump}
    paths |= {"/api/alarm/acknowledge": acknowledge, "/api/alarm/silence": silence}
    paths |= {"/api/target/programme": target_programme, "/api/target": target}
    paths |= {"/api/target/confirm": target_confirm}
    paths |= {"/api/limits/set": set_limit, "/api/limits/patient": new_patient}
    paths |= {"/api/cuff/measure": measure, "/api/cuff/stop": deflate, "/api/cuff/every": every}
    paths |= {"/api/interlock/release": release}
    paths |= {"/api/prescribe": prescribe, **prescriptions.handlers(bed)}
    return [Route(path, endpoint(handler), methods=["POST"]) for path, handler in paths.items()]


def endpoint(handler: Handler) -> Callable[[Request], Awaitable[JSONResponse]]:
    """The route of an order: JSON in, and the answer or what went wrong out."""

    async def answer(request: Request) -> JSONResponse:
        try:
            body = await _body(request)
            named = WHO.set(_who(body, handler.__name__))
            try:
                return JSONResponse(await handler(body))
            finally:
                WHO.reset(named)
        except AssuageError as error:
            return JSONResponse(*refusal(error))

    return answer


def refusal(error: AssuageError) -> tuple[Body, int]:
    """What the page is told of an error, and the HTTP status."""
    said: Body = {"error": error.sentence, "status": error.reason.value}
    match error:
        case BadInput():
            return {**said, "field": error.field}, 400
        case Refused():
            return {**said, "status": error.status, "limit": error.limit, "by": error.by}, 409
        case Stopped():
            return said, 409
        case LinkDown():
            return said, 503
        case NoAnswer():
            return said, 504
        case _:
            return said, 500


async def _body(request: Request) -> Body:
    """The order as JSON. Raises BadInput."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST:
            raise BadInput("order", "The order is too long.")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadInput("order", "The order is not valid JSON.") from None
    if not isinstance(body, dict):
        raise BadInput("order", "The order must be a JSON object.")
    return body


def _who(body: Body, order: str) -> str:
    """Takes the name out of an order; "" where there is none. A name that cannot be used stops any order but STOP, and
    what may hold one."""
    name = body.pop("who", None)
    try:
        return "" if name is None else person(name)
    except BadInput:
        if order in STOPPING:
            return ""
        raise


def _second(body: Body) -> dict[str, str]:
    return {"second": another(body)} if body.get("second") else {}


def _whole(body: Body, field: str) -> int:
    value = body.get(field)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 1 << 30:
        raise BadInput(field, f"{field.capitalize()} must be a whole number.")
    return value
