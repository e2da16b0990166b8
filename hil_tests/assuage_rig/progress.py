"""One line for each finished test while a run goes on: what came of it, how long it took, and its worst figure."""

from __future__ import annotations

from typing import Any

import pytest

WORST = "worst figure"
"""Under this name a test's report carries its figure nearest to a limit."""


class Progress:
    """A plugin of the process that controls a run."""

    def __init__(self, config: pytest.Config) -> None:
        self._plugins = config.pluginmanager
        self._session: pytest.Session | None = None
        self._seconds: dict[str, float] = {}
        self._done = 0

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """It knows how many tests there are, once they are collected."""
        self._session = session
        self._plugins.getplugin("terminalreporter").showfspath = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, str] | None:
        """Counts as usual, and is not shown as a dot."""
        if report.when != "call" and report.passed:
            return None
        category = "error" if report.failed and report.when != "call" else report.outcome
        return category, "", ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A phase of a test is over."""
        seconds = self._seconds[report.nodeid] = self._seconds.get(report.nodeid, 0.0) + report.duration
        if report.when == "call" or not report.passed:
            self._done += report.when == "call" or report.when == "setup"
            total = getattr(self._session, "testscollected", 0)
            outcome = "error" if report.failed and report.when != "call" else report.outcome
            name = report.nodeid.removeprefix("hil_tests/")
            terminal: Any = self._plugins.getplugin("terminalreporter")
            line = f"{self._done:5d}/{total}  {outcome:7s} {seconds:7.1f} s  {name}"
            worst = [str(value) for key, value in report.user_properties if key == WORST]
            color = {"passed": "green", "skipped": "yellow"}.get(outcome, "red")
            terminal.write_line("  | ".join([line, *worst]), **{color: True})
            if report.skipped and isinstance(report.longrepr, tuple):
                terminal.write_line(f"{'':26s}{report.longrepr[2]}")
