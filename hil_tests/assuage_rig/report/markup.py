"""HTML as nested calls: what is no Html is escaped, so that no name, whoever chose it, becomes markup."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable

VOID = frozenset({"meta", "br", "hr", "wbr"})
"""Elements without an end tag."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


Child = str | int | float | None | Iterable["Child"]
"""What can stand in an element; None is nothing."""


def esc(value: object) -> Html:
    """Any value as text, in an element or in a quoted attribute. What no page may hold becomes U+FFFD."""
    return Html(html.escape(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(value)), quote=True))


def join(*children: Child) -> Html:
    """Children one after the other."""
    out: list[str] = []
    for child in children:
        if child is None:
            continue
        if isinstance(child, Html):
            out.append(child)
        elif isinstance(child, str):
            out.append(esc(child))
        elif isinstance(child, int | float):
            out.append(esc(number(child)))
        else:
            out.append(join(*child))
    return Html("".join(out))


def tag(name: str, /, *children: Child, **attributes: object) -> Html:
    """One element. A trailing _ is taken from attribute names, other _ become -; None and False leave one out."""
    said = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        said.append(key if value is True else f'{key}="{esc(value)}"')
    head = Html("<" + " ".join(said) + ">")
    return head if name in VOID else Html(f"{head}{join(*children)}</{name}>")


class NumberHead(str):
    """A table's head over numbers."""

    __slots__ = ()


def table(head: Iterable[Child], rows: Iterable[Html], **attributes: object) -> Html:
    """A table of ready rows in a box that scrolls when it is too wide."""
    cells = [tag("th", cell, scope="col", class_="num" if isinstance(cell, NumberHead) else None) for cell in head]
    body = tag("table", tag("thead", tag("tr", cells)), tag("tbody", list(rows)), **attributes)
    return tag("div", body, class_="wide", tabindex="0")


def nodeid(name: str) -> Html:
    """A test's name, that may break where its words and folders end."""
    return tag("code", Html(re.sub(r"(_|/|::)(?=\w)", r"\1<wbr>", esc(name))))


def anchor(*words: object) -> str:
    """An id for a place in the page, from any words; different words may share one only if they differ in signs."""
    return re.sub(r"[^a-z0-9]+", "-", " ".join(str(word) for word in words).lower()).strip("-") or "x"


def number(value: float | None) -> str:
    """Four digits that say something, with a true minus; an integer as it is."""
    if value is None:
        return "no number"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) or (value == round(value) and abs(value) < 1e7):
        said = f"{round(value):,}".replace(",", "\N{NARROW NO-BREAK SPACE}") if abs(value) >= 10_000 else f"{value:.0f}"
    elif not math.isfinite(value):
        said = str(value)
    else:
        said = f"{value:.4g}"
        mantissa, _, exponent = said.partition("e")
        if exponent:
            said = f"{mantissa}e{int(exponent)}"
    return said.replace("-", "\N{MINUS SIGN}")


def natural(words: str) -> list[tuple[bool, float, str]]:
    """A key that sorts 5 mL/h before 10 mL/h."""
    parts = re.split(r"(\d+(?:\.\d+)?)", words)
    return [(i % 2 == 0, float(part) if i % 2 else 0.0, "" if i % 2 else part) for i, part in enumerate(parts)]


def many(count: int, what: str) -> str:
    """ "1 test", "3 tests"."""
    return f"{number(count)} {what}" + ("" if count == 1 else "s")


def seconds(value: float) -> str:
    """A duration in the unit that reads best."""
    if value < 1:
        return f"{value * 1000:.0f} ms"
    for unit, size, most in (("s", 1, 120), ("min", 60, 7200), ("h", 3600, 172_800)):
        if value < most:
            return f"{value / size:.3g} {unit}"
    return f"{value / 86_400:.3g} d"
