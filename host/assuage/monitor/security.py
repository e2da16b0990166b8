"""What every request must pass and every answer carries. Pure ASGI, so that it covers pages and WebSocket alike.

The monitor has no passwords of its own; it is bound to loopback unless configured otherwise. What remains to be kept
out is another web page in the same browser. Three checks do that: the Host header must name this machine (a foreign
name that was made to resolve here, DNS rebinding, is refused), whatever changes something or opens the live stream
must come from our own page (Origin), and an order must be JSON, which a foreign form cannot send.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
POLICY_REFUSED: Final = 1008  # WebSocket close code (RFC 6455, 7.4.1)

_FIXED: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def content_security_policy(host: str) -> str:
    """All from here, nothing from elsewhere. The WebSocket is named: older browsers do not count it as 'self'."""
    return (
        f"default-src 'self'; connect-src 'self' ws://{host} wss://{host}; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


class Guard:
    """Middleware. names: host names besides localhost and plain addresses under which the monitor may be reached."""

    def __init__(self, app: ASGIApp, names: Iterable[str] = ()) -> None:
        self._app = app
        self._names = frozenset({"localhost", *(name.lower() for name in names)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses what must not pass, and adds the headers to what does."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        refusal = self._refusal(scope, headers, host)
        if scope["type"] == "websocket":
            if refusal:
                await receive()  # websocket.connect; closing before accepting answers the handshake with 403
                await send({"type": "websocket.close", "code": POLICY_REFUSED, "reason": refusal[1]})
            else:
                await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                for name, value in _FIXED.items():
                    out[name] = value
                out["Content-Security-Policy"] = content_security_policy(host if not refusal else "localhost")
            await send(message)

        if refusal:
            await _refuse(guarded, *refusal)
        else:
            await self._app(scope, receive, guarded)

    def _refusal(self, scope: Scope, headers: Headers, host: str) -> tuple[int, str, str] | None:
        """HTTP status, sentence and reason, or None when the request may pass."""
        if not self._ours(host):
            return 421, "The monitor is not served under this name; use its address.", "host"
        if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
            return None
        if not same_origin(headers.get("origin"), host):
            return 403, "Only the monitor's own page may do this.", "origin"
        if scope["type"] == "http" and headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return 415, "An order must be sent as JSON.", "content-type"
        return None

    def _ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        if not name or any(c in host for c in " ;,'\"/@?#\\"):
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name in self._names
        return True  # an address is no name that a foreign site could have made to point here


def same_origin(origin: str | None, host: str) -> bool:
    """Whether an Origin header names the host that was asked. A missing one does not: browsers always send it here."""
    if not origin:
        return False
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


async def _refuse(send: Send, status: int, sentence: str, reason: str) -> None:
    body = json.dumps({"error": sentence, "status": reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
