"""Real Chromium on the real page, served by a daemon process with a make-believe bed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.page.wards import bed, one_ward, pumps  # noqa: F401 - fixtures

ROOT = Path(__file__).resolve().parents[2]
WIDE, SMALL, PHONE = (1920, 1080), (1366, 768), (390, 844)
LOW = [(1366, 650), (1280, 720), (1600, 900), (1920, 940)]  # what a browser's own bars leave of usual screens
LOWEST = LOW if os.environ.get("ASSUAGE_SOAK") == "1" else LOW[:2]  # of those, where each size costs a page of its own

expect.set_options(timeout=20_000)  # for a busy machine; no test waits for it to pass


class Daemon:
    """`fake_daemon.py` as a child that can be told what goes wrong, held, killed and started again on the same port."""

    def __init__(self) -> None:
        self.port = 0
        self.start()

    def start(self) -> None:
        """Starts it, on the port it had."""
        self.child = subprocess.Popen(
            [sys.executable, "-m", "tests.page.fake_daemon", "--port", str(self.port)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.port = self._read()["port"]

    def set(self, **attributes: Any) -> None:
        """Sets attributes of the FakeBed."""
        self._ask(set=attributes)

    def call(self, name: str, **args: Any) -> None:
        """Calls a method of the FakeBed."""
        self._ask(call=name, args=args)

    def get(self, name: str) -> Any:
        """An attribute of the FakeBed."""
        return self._ask(get=name)["value"]

    def signal(self, number: signal.Signals) -> None:
        """SIGSTOP holds it, SIGCONT lets it go on."""
        self.child.send_signal(number)

    def kill(self) -> None:
        """kill -9."""
        self.child.kill()
        self.child.wait()
        for pipe in (self.child.stdin, self.child.stdout):
            if pipe:
                pipe.close()

    def _ask(self, **command: Any) -> Any:
        assert self.child.stdin
        self.child.stdin.write(json.dumps(command) + "\n")
        self.child.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self.child.stdout
        line = self.child.stdout.readline()
        assert line, "the fake daemon has died; its traceback is above"
        return json.loads(line)


class Watched:
    """What a page must not do: ask elsewhere, or fail."""

    def __init__(self, page: Page, origin: str) -> None:
        self.console: list[str] = []
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda r: None if r.url.startswith(origin) else self.elsewhere.append(r.url))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.console.append(message.text)


@pytest.fixture(scope="session")
def one_daemon() -> Iterator[Daemon]:
    """The process; tests take `daemon`."""
    daemon = Daemon()
    yield daemon
    daemon.kill()


@pytest.fixture
def daemon(one_daemon: Daemon) -> Daemon:
    """A daemon with which all is well."""
    if one_daemon.child.poll() is not None:
        one_daemon.start()
    one_daemon.signal(signal.SIGCONT)
    one_daemon.call("reset_all")
    return one_daemon


@pytest.fixture(scope="module")
def js(browser: Browser, one_daemon: Daemon) -> Iterator[Page]:
    """A page for the modules' pure functions; nothing is expected to be live on it."""
    if one_daemon.child.poll() is not None:
        one_daemon.start()
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{one_daemon.port}/")
    yield page
    page.close()


@pytest.fixture
def size() -> tuple[int, int]:
    """Width and height of the screen; parametrise to have another."""
    return WIDE


@pytest.fixture
def page(browser: Browser, daemon: Daemon, size: tuple[int, int]) -> Iterator[Page]:
    """The page, live. Whatever a test does, the page must raise no error and ask nothing of other machines."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    watched = Watched(page, f"http://127.0.0.1:{daemon.port}/")
    page.clock.install()  # runs as the real one does until a test moves it
    page.goto(f"http://127.0.0.1:{daemon.port}/")
    page.watched = watched  # type: ignore[attr-defined]
    is_live(page)
    yield page
    context.close()
    assert watched.errors == []
    assert watched.elsewhere == []


def is_live(page: Page) -> None:
    """Waits until numbers and wave are there."""
    expect(page.locator("#spo2")).to_have_text("97")
    expect(page.locator("#waves")).to_have_attribute("data-live", "yes")
    expect(page.locator("#link-state")).to_have_attribute("data-state", "live")


def until(page: Page, so: Callable[[], bool]) -> None:
    """Waits until something outside the page is so; a test that waits in vain is ended by the suite's own limit."""
    while not so():
        page.wait_for_timeout(50)


def fill(page: Page, rate: str = "10", vtbi: str = "20") -> None:
    """Opens the programme dialogue and writes an order."""
    page.click("#programme-open")
    form = page.locator("#programme-form")
    form.locator("[name=drug]").fill("Ketamine racemic 10 mg/mL")
    form.locator("[name=rate_ml_h]").fill(rate)
    form.locator("[name=vtbi_ml]").fill(vtbi)
    form.locator("[name=syringe]").select_option("BD 50 mL")


def module(page: Page, name: str, body: str) -> Any:
    """Runs JavaScript with `m` as one of the page's own modules, and returns what it returns."""
    return page.evaluate(f"async () => {{ const m = await import('/static/{name}.js'); {body} }}")
