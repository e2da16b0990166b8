"""What keeps another web page, in the same browser, away from the pump."""

from __future__ import annotations

import pytest
import websockets
from websockets.asyncio.client import connect

from assuage.monitor.security import same_origin
from tests.host.monitor_server import Monitor

PAGE = ["/", "/static/main.js", "/static/base.css", "/static/icon.svg", "/static/vendor/inter-latin-wght-normal.woff2"]
ANSWERS = [*PAGE, "/api/snapshot", "/nothing-here", "/static/nothing"]
OUTSIDE = ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd"]
FOREIGN = ["null", "http://evil.example", "http://127.0.0.1", "http://127.0.0.1:1", "https://localhost"]
NOT_OURS = [
    "evil.example",
    "evil.example:8080",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "",
    "a b",
    "[::1",
    "x'y",
]
JSON = {"Content-Type": "application/json"}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def site(server: Monitor) -> Monitor:
    """A monitor with whose bed all is well."""
    server.fake.reset_all()
    return server


@pytest.mark.parametrize("path", ANSWERS)
async def test_every_answer_carries_the_headers(site: Monitor, path: str) -> None:
    """Also the ones that say no."""
    answer = await site.ask("GET", path)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; ")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "*" not in policy


@pytest.mark.parametrize("path", PAGE)
async def test_the_page_comes_from_here(site: Monitor, path: str) -> None:
    """All of it."""
    assert (await site.ask("GET", path)).status == 200


@pytest.mark.parametrize("path", OUTSIDE)
async def test_nothing_but_the_page_s_files_is_served(site: Monitor, path: str) -> None:
    """However it is spelt."""
    assert (await site.ask("GET", path)).status == 404


@pytest.mark.parametrize("order", ["programme", "confirm", "start", "stop", "clear"])
@pytest.mark.parametrize("origin", [None, *FOREIGN])
async def test_orders_come_from_the_page_only(site: Monitor, order: str, origin: str | None) -> None:
    """A foreign or missing Origin is refused before anything is read."""
    answer = await site.ask("POST", f"/api/pump/{order}", b"{}", {**JSON, "Origin": origin})
    assert (answer.status, answer.json()["status"]) == (403, "origin")
    assert site.fake.calls == []


async def test_the_page_s_own_order_passes(site: Monitor) -> None:
    """The check is not simply always no."""
    assert (await site.order("stop", {})).status == 200
    assert site.fake.calls == ["stop"]


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_an_order_is_json(site: Monitor, kind: str | None) -> None:
    """What a form can send is no order."""
    answer = await site.ask("POST", "/api/pump/stop", b"{}", {"Origin": site.origin, "Content-Type": kind})
    assert answer.status == 415
    assert site.fake.calls == []


@pytest.mark.parametrize("host", NOT_OURS)
async def test_a_name_that_is_not_ours_is_refused(site: Monitor, host: str) -> None:
    """DNS rebinding: a foreign name that resolves to this machine; Origin and Host would then agree."""
    answer = await site.ask("GET", "/api/snapshot", headers={"Host": host})
    assert answer.status in (400, 421)  # 400: the server itself calls it malformed
    answer = await site.ask("POST", "/api/pump/stop", b"{}", {**JSON, "Host": host, "Origin": f"http://{host}"})
    assert answer.status in (400, 421)
    assert site.fake.calls == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "192.168.7.2", "LOCALHOST"])
async def test_this_machine_by_name_or_address(site: Monitor, host: str) -> None:
    """With or without a port."""
    assert (await site.ask("GET", "/api/snapshot", headers={"Host": host})).status == 200
    assert (await site.ask("GET", "/api/snapshot", headers={"Host": f"{host}:{site.port}"})).status == 200


@pytest.mark.parametrize("origin", [None, "http://evil.example", "http://127.0.0.1:1"])
async def test_the_live_stream_goes_to_the_page_only(site: Monitor, origin: str | None) -> None:
    """A WebSocket is not bound by the same-origin policy, so the daemon must look itself."""
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with connect(f"ws://{site.host}/live", origin=origin):  # type: ignore[arg-type]
            pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(("origin", "host", "same"), [
    ("http://127.0.0.1:8080", "127.0.0.1:8080", True), ("https://Pump.Local", "pump.local", True),
    ("http://[::1]:8080", "[::1]:8080", True), ("http://127.0.0.1:8080", "127.0.0.1:8081", False),
    ("ftp://127.0.0.1:8080", "127.0.0.1:8080", False), ("http://user@127.0.0.1:8080", "127.0.0.1:8080", False),
    ("null", "null", False), ("", "", False), (None, "", False), ("http://[", "[", False),
])  # fmt: skip
async def test_same_origin(origin: str | None, host: str, same: bool) -> None:
    """Scheme of the web, and host with port to the letter."""
    assert same_origin(origin, host) is same
