"""The monitor's web application.

GET  /               the page; its files under /static/
GET  /api/snapshot   the bed now (shape: assuage.bedside.snapshot.compose)
WS   /live           see live.py
POST /api/pump/...   see orders.py
/api/assess, given, prediction, record, ...   see charting.py
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import hashlib
import os
import socket
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from assuage.bedside import guarding
from assuage.bedside.bed import Bed
from assuage.config import Config
from assuage.monitor.charting import charting_routes
from assuage.monitor.live import Live
from assuage.monitor.orders import BASE, Asked, order_routes
from assuage.monitor.security import Guard
from assuage.pharmacy.syringes import Syringe, alike

STATIC: Final = Path(__file__).parent / "static"


def build(bed: Bed, config: Config) -> Starlette:
    """The application for one bed. Its lifespan must be run (uvicorn does), or nothing is sent on /live."""
    asked, beside = Asked(), Asked()
    live = Live(bed, _hello(config), lambda programme: asked.of(programme) or beside.of(programme))
    seconds = [route for other in bed.beside for route in order_routes(other, beside, f"{BASE}/second")]

    async def page(_: Request) -> FileResponse:
        return FileResponse(STATIC / "index.html", media_type="text/html")

    async def snapshot(_: Request) -> JSONResponse:
        return JSONResponse(live.snapshot())

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        fan_out = asyncio.create_task(live.run(), name="monitor live stream")
        try:
            yield
        finally:
            fan_out.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await fan_out

    return Starlette(
        routes=[
            Route("/", page),
            Route("/api/snapshot", snapshot),
            *order_routes(bed, asked),
            *seconds,
            *charting_routes(bed),
            WebSocketRoute("/live", live.serve),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(Guard, names=_names(config.monitor.host))],
        lifespan=lifespan,
    )


def _hello(config: Config) -> dict[str, Any]:
    """What a page is told once. `page` changes when the page's files do, so that an open page knows that it is old."""
    return {
        "pid": os.getpid(),
        "started": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "page": page_id(),
        "site": config.site.name,
        "patient": config.site.patient,
        "syringes": _syringes(config.syringes.table()),
        "on_loss": config.programme.on_loss,
        "guards": {"usual": config.programme.guards, "sets": _guards()},
    }


def _syringes(table: Mapping[str, Syringe]) -> list[dict[str, Any]]:
    """What a person is told of each before it is chosen. alike: those that the board's clamp takes for the same."""
    return [
        {
            "name": name,
            "bore_mm": float(one.bore_mm),
            "outer_mm": None if one.outer_mm is None else float(one.outer_mm),
            "source": one.source,
            "measured": one.measured,
            "alike": alike(one, table.values()),
        }
        for name, one in table.items()
    ]


def _guards() -> dict[str, list[dict[str, str]]]:
    """Of each set what a person is told of its rows. key: the number that each looks at, as a snapshot names it."""
    return {
        name: [
            {
                "name": row.name,
                "key": row.parameter.replace("-", "_"),
                "label": row.label,
                "limit": row.limit,
                "unit": row.unit,
                "sentence": row.sentence(),
                "source": row.source,
            }
            for row in chosen
        ]
        for name, chosen in guarding.SETS.items()
    }


def page_id(folder: Path = STATIC) -> str:
    """A digest over the page's files."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _names(host: str) -> list[str]:
    """Names under which this machine may be asked, beside its addresses: what is configured, and its own."""
    own = socket.gethostname()
    return [host, own, f"{own}.local"]
