"""The files of a run: linked beside the page, and small ones in it, so that it can be filed alone."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from urllib.parse import quote

from assuage_rig.report.markup import Html, NumberHead, join, table, tag
from assuage_rig.runrecord import Run

EACH, WHOLE = 24_000, 1_500_000
"""Bytes: the largest file that stands in the page, and all of them together."""

ALWAYS = {
    "measurements.json": "every figure, for machines",
    "junit.xml": "every test, for machines",
    "run.json": "the whole record that this page is made of",
}


def artefacts(run: Run, folder: Path) -> Html:
    """All of them, with their size; what is missing is said."""
    rows = [_link(folder, name, what) for name, what in ALWAYS.items() if (folder / name).is_file()]
    embedded: list[Html] = []
    left = WHOLE
    for test in run.tests:
        for item in test.evidence:
            if item.kind != "file":
                continue
            rows.append(_link(folder, item.path, test.nodeid))
            content = _text(folder, item.path, min(EACH, left))
            if content:
                left -= len(content)
                title = tag("summary", tag("code", item.path))
                embedded.append(tag("details", title, tag("pre", content)))
    if not rows:
        return tag("p", "This run has left no files.", class_="none")
    more = join(tag("h3", "Small ones, whole"), embedded) if embedded else None
    return join(table(("File", NumberHead("Size"), "Of"), rows), more)


def _inside(folder: Path, path: str) -> Path | None:
    """The file, if it is one below the folder and no path that leads out of it."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts:
        return None
    whole = folder / pure
    return whole if whole.is_file() else None


def _link(folder: Path, path: str, what: str) -> Html:
    file = _inside(folder, path)
    size = f"{file.stat().st_size / 1000:.1f} kB" if file else "missing"
    name = tag("a", path, href=quote(path)) if file else tag("span", path)
    return tag("tr", tag("td", name), tag("td", size, class_="num"), tag("td", what, class_="doc"))


def _text(folder: Path, path: str, most: int) -> str:
    file = _inside(folder, path)
    if file is None or not 0 < file.stat().st_size <= most:
        return ""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
