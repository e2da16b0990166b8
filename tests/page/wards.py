"""The page on a bed that really prescribes (ward_daemon.py), and what a person does there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).resolve().parents[2]
ANN = {"patient": "Ann Example", "weight": "70 kg", "age": "40 years", "area": "acute"}


class Served:
    """`ward_daemon.py` as a child."""

    def __init__(self) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "tests.page.ward_daemon"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.port = self._read()["port"]

    def ask(self, **command: Any) -> Any:
        """One command of ward_daemon.py."""
        assert self.child.stdin
        self.child.stdin.write(json.dumps(command) + "\n")
        self.child.stdin.flush()
        return self._read()

    def post(self, path: str, **body: Any) -> Any:
        """As another screen posts it."""
        told = self.ask(do=path, body=body)
        assert told["status"] == 200, told
        return told

    def get(self, name: str) -> Any:
        return self.ask(get=name)["value"]

    def _read(self) -> Any:
        assert self.child.stdout
        line = self.child.stdout.readline()
        assert line, "the ward's daemon has died; its traceback is above"
        return json.loads(line)


@pytest.fixture(scope="session")
def one_ward() -> Iterator[Served]:
    """The process; tests take `bed`."""
    served = Served()
    yield served
    served.child.kill()
    served.child.wait()


class Bed:
    """`page` is the bed view; nobody is admitted until `admit`."""

    def __init__(self, page: Page, served: Served) -> None:
        self.page, self.served = page, served

    def admit(self, **changes: str) -> None:
        """Somebody else has admitted the patient."""
        self.served.post("admit", **{**ANN, **changes})
        expect(self.page.locator("#patient-open")).to_contain_text(changes.get("patient", ANN["patient"]))

    def choose(self, form: str = "#order", **values: str) -> None:
        for name, value in values.items():
            self.page.select_option(f"{form} [name={name}]", value)

    def fill(self, form: str = "#order", **values: str) -> None:
        for name, value in values.items():
            self.page.fill(f"{form} [name={name}]", value)

    def order(self, rate: str = "0.2", length: str = "2", strength: str = "2 mg/mL") -> None:
        """Opens the form and types a continuous infusion of ketamine."""
        self.page.click("#programme-open")
        self.choose(drug="ketamine", mode="continuous", concentration=strength, label_drug="ketamine")
        self.choose(label_concentration=strength, syringe="BD 50 mL")
        self.fill(rate=rate, length=length)

    def signed(self, name: str = "Dr B", form: str = "#order") -> None:
        self.page.fill(f"{form} .who-name", name)

    def compared(self) -> None:
        """The order has been sent and read back."""
        self.page.click("#order-send")
        expect(self.page.locator("#order-confirm")).to_be_enabled()

    def run(self, **typed: str) -> None:
        """An infusion within what is usual, confirmed and started."""
        self.order(**typed)
        self.signed()
        self.compared()
        self.page.click("#order-confirm")
        self.page.click("#order-start")
        expect(self.page.locator("#pump-state")).to_have_attribute("data-state", "infusing")

    def line(self, name: str) -> Any:
        """A line of the comparison."""
        return self.page.locator("#order .compare tbody tr").filter(
            has=self.page.get_by_role("rowheader", name=name, exact=True)
        )


@pytest.fixture
def pumps() -> int:
    """How many there are at the bed; parametrise to have two."""
    return 1


@pytest.fixture
def bed(browser: Browser, one_ward: Served, size: tuple[int, int], pumps: int) -> Iterator[Bed]:
    """A bed in which nobody is, its page live. The page must raise no error and ask nothing of other machines."""
    one_ward.ask(do="anew", pumps=pumps)
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    errors: list[str] = []
    elsewhere: list[str] = []
    origin = f"http://127.0.0.1:{one_ward.port}/"
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith(origin) else elsewhere.append(r.url))
    page.clock.install()
    page.goto(origin)
    expect(page.locator("#link-state")).to_have_attribute("data-state", "live")
    expect(page.locator("#patient-open")).to_be_visible()
    yield Bed(page, one_ward)
    context.close()
    assert errors == [] and elsewhere == []
