"""`assuage prime` at a daemon: nothing moves before a human has typed that the line is disconnected."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from assuage.cli import main
from tests.host.eventually import until
from tests.host.monitor_server import Monitor

pytestmark = pytest.mark.asyncio(loop_scope="module")
ORDER = ["prime", "--syringe", "BD 50 mL", "--ml", "2", "--rate", "600"]


@pytest.fixture
def site(server: Monitor) -> Monitor:
    """A monitor whose board is live and whose pump stands."""
    server.fake.reset_all()
    server.fake.step(time.monotonic())
    return server


def says(monkeypatch: pytest.MonkeyPatch, answer: Callable[[], str]) -> list[str]:
    """What a human types; returns the questions that were asked."""
    asked: list[str] = []
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or answer())
    return asked


async def test_a_line_is_filled_after_the_question_and_its_progress_told(
    site: Monitor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = says(monkeypatch, lambda: "disconnected")
    filling = asyncio.create_task(asyncio.to_thread(main, [*ORDER, "--at", site.origin]))
    await until(lambda: site.fake.state == "priming" and site.fake.filled > 0.05e6)
    site.fake.stand("standby", "none")
    assert await filling == 0
    out = capsys.readouterr().out
    assert "2 mL at 600 mL/h from BD 50 mL (bore 26.70 mm), which takes 12 s" in out
    assert "none of it counts as delivered" in out
    assert "Is it disconnected from the patient?" in asked[0]
    assert site.fake.calls == ["prime", "purge True"]


@pytest.mark.parametrize("answer", ["", "y", "yes", "no", "not disconnected"])
async def test_any_other_word_moves_nothing(site: Monitor, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    says(monkeypatch, lambda: answer)
    assert await asyncio.to_thread(main, [*ORDER, "--at", site.origin]) == 1
    assert site.fake.calls == ["prime"]


async def test_nobody_at_the_terminal_moves_nothing(site: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> str:
        raise EOFError

    says(monkeypatch, gone)
    assert await asyncio.to_thread(main, [*ORDER, "--at", site.origin]) == 1
    assert site.fake.calls == ["prime"]


async def test_a_refusal_is_told_as_the_daemon_says_it(
    site: Monitor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = says(monkeypatch, lambda: "disconnected")
    site.fake.infuse()
    assert await asyncio.to_thread(main, [*ORDER, "--at", site.origin]) == 1
    assert "cannot do that in its present state" in capsys.readouterr().err
    assert asked == []


async def test_without_a_daemon_it_says_how_to_name_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert await asyncio.to_thread(main, [*ORDER, "--at", "http://127.0.0.1:9/"]) == 1
    assert "--at" in capsys.readouterr().err
