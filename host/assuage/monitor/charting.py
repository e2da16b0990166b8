"""Charting from the page, and the record as it reads it.

    GET  /api/charting     what can be entered: {"scales", "effects", "tasks", "cadences", "rules", "routes", "drugs"}
    POST /api/assess       {"who", "values", "effects", "done", "note", "at", "late_reason"}
                           200 {"when", "sentence", "advice", "stop"}
    POST /api/given        {"who", "drug", "label_drug", "dose", "concentration", "route", "site", "at", "late_reason",
                           "note", "overrides": [{"code", "reason"}], "second", "check"}
                           200 {"entered", "when", "substance", "dose", "findings", "before", "together", ...}
    POST /api/syringe      {"who", "pump", "syringe", "drug", "concentration", "holds", "wasted", "note"}
                           200 {"when", "sentence"}      another one is in the pump
    POST /api/strike       {"who", "number", "hash", "reason"}    a dose by hand or an assessment, charted in error
                           200 {"when", "sentence"}
    GET  /api/prediction   ?substance= &hours= &stop=1 &rate=0.1 mg/kg/h       200 {"time", "hours", "substances"}
    GET  /api/record       ?since=NUMBER &limit= &all=1, or ?last=COUNT        200 {"lines", "next", "more", ...}
    GET  /api/newest       ?before=NUMBER &after=NUMBER &limit= &kinds=given,assessment
                           200 {"lines", "first", "more", "last", ...}     newest first, as a person reads it
    GET  /api/verify       the record, from its first entry on         200 {"whole", "entries", "head", "found"}
    GET  /api/report       ?hours=12                                           the shift's report, one page

Times are ISO 8601 with a zone. Errors are as in orders.py; what of an assessment stops an infusion has stopped the pump
even when the rest of it was refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assuage.bedside.bed import Bed
from assuage.bedside.charting.chart import Charting
from assuage.errors import AssuageError, BadInput, Refused
from assuage.monitor.orders import Body, endpoint, refusal
from assuage.record import pages
from assuage.record.newest import LINES, LINES_MOST, Sought
from assuage.record.newest import newest as find
from assuage.record.recorder import Recorder

NOT_CHARTED: Final = "This bed keeps no record, so nothing can be charted here."

Answer = Callable[[Request], Awaitable[Response]]


def charting_routes(bed: Bed) -> list[Route]:
    """One route for each."""

    def chart() -> Charting:
        if bed.charting is None:
            raise Refused("unsupported", NOT_CHARTED, by="host")
        return bed.charting

    async def assess(body: Body) -> Body:
        return await chart().assess(body)

    async def given(body: Body) -> Body:
        return await chart().given(body)

    async def refilled(body: Body) -> Body:
        return await chart().refilled(body)

    async def struck(body: Body) -> Body:
        return await chart().struck(body)

    async def form(_: Request) -> Response:
        return JSONResponse(await chart().form())

    async def prediction(request: Request) -> Response:
        return JSONResponse(await chart().predicted(request.query_params))

    async def record(request: Request) -> Response:
        kept, query = chart().record, request.query_params
        wanted = pages.Wanted(
            since=_number(query.get("since"), "since", 0, pages.MOST_ENTRIES),
            limit=_number(query.get("limit"), "limit", pages.PAGE, pages.PAGE_MOST),
            last=_number(query.get("last"), "last", 0, pages.PAGE_MOST),
            every=query.get("all") == "1",
        )
        return told_of(kept, await asyncio.to_thread(pages.page, kept.path, wanted))

    async def newest(request: Request) -> Response:
        kept, query = chart().record, request.query_params
        sought = Sought(
            before=_number(query.get("before"), "before", pages.MOST_ENTRIES, pages.MOST_ENTRIES),
            after=_number(query.get("after"), "after", 0, pages.MOST_ENTRIES),
            limit=max(1, _number(query.get("limit"), "limit", LINES, LINES_MOST)),
            kinds=frozenset(kind for kind in query.get("kinds", "").split(",") if kind),
        )
        return told_of(kept, await asyncio.to_thread(find, kept.path, sought))

    def told_of(kept: Recorder, found: dict[str, Any]) -> Response:
        head = {"entries": kept.head.number, "head": kept.head.hash, "fault": kept.fault, "report": "/api/report"}
        return JSONResponse(found | head)

    async def report(request: Request) -> Response:
        hours = _number(request.query_params.get("hours"), "hours", 12, pages.HOURS_MOST)
        if hours == 0:
            raise BadInput("hours", "A shift has at least one hour.")
        page = await asyncio.to_thread(pages.report, chart().record.path, hours)
        return Response(page, media_type="text/html; charset=utf-8")

    async def whole(_: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(pages.whole, chart().record.path))

    gets: dict[str, Answer] = {
        "/api/charting": form, "/api/prediction": prediction, "/api/record": record, "/api/report": report,
        "/api/verify": whole, "/api/newest": newest,
    }  # fmt: skip
    posts = {"/api/assess": assess, "/api/given": given, "/api/strike": struck, "/api/syringe": refilled}
    return [
        *(Route(path, endpoint(handler), methods=["POST"]) for path, handler in posts.items()),
        *(Route(path, _told(answer), methods=["GET"]) for path, answer in gets.items()),
    ]


def _told(answer: Answer) -> Answer:
    async def get(request: Request) -> Response:
        try:
            return await answer(request)
        except AssuageError as error:
            return JSONResponse(*refusal(error))

    return get


def _number(text: str | None, field: str, default: int, most: int) -> int:
    if text in (None, ""):
        return default
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 12 or int(text) > most:
        raise BadInput(field, f"{field.capitalize()} is a whole number of at most {most}.")
    return int(text)
