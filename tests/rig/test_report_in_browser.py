"""The report's page as Chromium sees it: without network, without complaint, with and without its script."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from assuage_rig.report.page import write
from assuage_rig.runrecord import Run

from .report_runs import book, case, curve, fault, row, run
from .test_report import hostile_run


def good_run() -> Run:
    figures = [row(where=f"case {i}", value=i / 100) for i in range(60)]
    wave = [i * 0.1 for i in range(300)]
    plots = [
        curve(lines={"limit": 0.3}, marks={"cut": 2.0}),
        curve(log_x=True),
        curve(series={"wave": [wave, wave]}),
    ]
    sweep = case(
        "test_sweep", requirements=["FLT-001"], measurements=[row("FLT-001", 0.01)], faults=[fault("line cut")]
    )
    return run(case(measurements=figures, evidence=plots), sweep)


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("record", [good_run, hostile_run])
def test_it_opens_without_network_and_without_complaint(
    browser: Browser, record: object, scheme: str, script: bool, tmp_path: Path
) -> None:
    path = write(record(), book(), tmp_path)  # type: ignore[operator]
    context = browser.new_context(offline=True, java_script_enabled=script, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert page.locator("h2").count() == 8
    assert page.locator("text=Simulation is not hardware").is_visible()
    assert said == []
    assert asked == [path.as_uri()]
    context.close()


def test_nothing_is_wider_than_the_page_on_screen_and_on_paper(browser: Browser, tmp_path: Path) -> None:
    path = write(good_run(), book(), tmp_path)
    for width, media in ((1400, "screen"), (1000, "screen"), (700, "print")):
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.emulate_media(media=media)  # type: ignore[arg-type]
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, media)
        page.close()


def test_the_curves_are_drawn_and_the_bars_stand_in_their_rows(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(write(good_run(), book(), tmp_path).as_uri())
    for selector in ("#plots svg.plot polyline.curve", "#measurements svg.bar circle.value", "#plots text.tick"):
        box = page.locator(selector).first.bounding_box()
        assert box and box["width"] > 1 and box["height"] > 1, selector
    page.close()


def test_a_link_into_a_folded_part_opens_it_and_the_filter_leaves_what_fits(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(write(good_run(), book(), tmp_path).as_uri() + "#tests")
    assert page.locator("#tests table").is_visible()
    page.fill("nav input", "case 59")
    rows = page.locator("#measurements tbody tr:visible")
    assert rows.count() == 1
    assert "case 59" in rows.first.inner_text()
    page.fill("nav input", "")
    assert rows.count() > 9
    page.close()
