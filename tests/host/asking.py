"""The page's own requests, without a server between."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette

HOST = b"127.0.0.1:8080"


async def post(app: Starlette, path: str, body: Mapping[str, Any]) -> tuple[int, Any]:
    """Status and JSON of an order."""
    return await _ask(app, "POST", path, json.dumps(dict(body)).encode())


async def get(app: Starlette, path: str, query: str = "") -> tuple[int, Any]:
    """Status and JSON of a question; text where it is no JSON."""
    return await _ask(app, "GET", path, b"", query)


async def _ask(app: Starlette, method: str, path: str, body: bytes, query: str = "") -> tuple[int, Any]:
    sent: list[Any] = []
    told = [{"type": "http.request", "body": body, "more_body": False}]
    headers = [(b"host", HOST), (b"origin", b"http://" + HOST), (b"content-type", b"application/json")]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": f"/api/{path}",
        "raw_path": f"/api/{path}".encode(), "query_string": query.encode(), "headers": headers, "scheme": "http",
        "server": ("127.0.0.1", 8080), "client": ("127.0.0.1", 1),
    }  # fmt: skip

    async def receive() -> Any:
        return told.pop() if told else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    text = b"".join(part.get("body", b"") for part in sent[1:]).decode()
    try:
        return sent[0]["status"], json.loads(text)
    except ValueError:
        return sent[0]["status"], text
