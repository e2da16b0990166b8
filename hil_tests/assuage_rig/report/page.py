"""The report: one HTML file that needs nothing else, no network, and no script to be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from assuage_rig import requirements, runrecord, trace
from assuage_rig.report.artefacts import artefacts
from assuage_rig.report.evidences import curves
from assuage_rig.report.faulttable import faults
from assuage_rig.report.figures import measurements
from assuage_rig.report.markup import Html, join, tag
from assuage_rig.report.matrix import matrix
from assuage_rig.report.summary import caveats, summary, tested, verdict
from assuage_rig.report.vitals import vitals
from assuage_rig.requirements import Book
from assuage_rig.runrecord import Run

NAME = "report.html"
_HERE = Path(__file__).parent

BESIDE = {
    "figures": "Simulated devices and an assumed physics; limits after IEC 60601-2-24 and -1-8 are second hand.",
    "plots": "Curves of the simulated plant, whose parameters are assumed: they show the firmware, not a real drive.",
    "vitals": "Patients are simulated, from papers and textbooks, but where a recording is named; of people this says "
    "nothing. The saturation's curve is the emulated sensor's own, for no sensor's is the same as another's.",
    "faults": "Faults are made in emulated devices; volumes are those of the simulated syringe, line and patient.",
}


class RecordError(ValueError):
    """The record of a run cannot be read; the message says what to do."""


def render(run: Run, book: Book, folder: Path, proofs: trace.Proofs) -> str:
    """The page. folder: of the run, where its files lie. proofs: all tests that there are, by requirement."""
    kind, word, sentence = verdict(run, book)
    sections: list[tuple[str, str, Html]] = [
        ("tested", "What was tested", join(tested(run), caveats())),
        ("summary", "Summary", summary(run, book)),
        ("measurements", "Every figure against its limits", join(_beside("figures"), measurements(run, book))),
        ("plots", "Curves", join(_beside("plots"), curves(run))),
        ("vitals", "Vital signs", join(_beside("vitals"), vitals(run))),
        ("faults", "Faults and their outcome", join(_beside("faults"), faults(run))),
        ("trace", "Trace matrix", matrix(run, book, proofs)),
        ("artefacts", "Artefacts", artefacts(run, folder)),
    ]
    contents = tag("ol", [tag("li", tag("a", title, href="#" + id_)) for id_, title, _ in sections])
    f = run.facts
    subject = f"Firmware {f.firmware or 'unknown'} on target {f.target or 'unknown'}, seed {f.seed}, {f.date}".rstrip(
        ", "
    )
    banner = tag("div", tag("strong", word), tag("span", sentence), class_=f"verdict {kind}", role="status")
    head = tag("header", tag("p", "Assuage", class_="brand"), tag("h1", "Bench report"), tag("p", subject), banner)
    body = [tag("section", tag("h2", title), what, id=id_, class_="chapter") for id_, title, what in sections]
    foot = tag("footer", "Made by make hil from the record of this run. For the bench only: no clinical evidence.")
    script = Html((_HERE / "page.js").read_text(encoding="utf-8"))
    style = Html((_HERE / "page.css").read_text(encoding="utf-8"))
    return "<!doctype html>\n" + tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="color-scheme", content="light dark"),
            tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
            tag("title", f"{word}: Assuage bench report, {subject}"),
            tag("style", style),
        ),
        tag("body", head, tag("nav", contents, aria_label="Contents"), tag("main", body), foot, tag("script", script)),
        lang="en",
    )


POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
"""Even a name that became markup could ask nobody for anything."""


def write(run: Run, book: Book, folder: Path) -> Path:
    """Puts the page beside the run's record."""
    path = folder / NAME
    path.write_text(render(run, book, folder, trace.find(book=book)), encoding="utf-8")
    return path


def read(folder: Path) -> Run:
    """The record of the run in a folder. Raises RecordError, which says what is wrong with it."""
    path = folder / runrecord.RECORD
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        return runrecord.run_of(data)
    except FileNotFoundError:
        raise RecordError(f"{path} does not exist: run `make hil` first, or name the folder of a run") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{path} cannot be read ({error})") from None
    except json.JSONDecodeError as error:
        raise RecordError(
            f"{path} is torn or no JSON (line {error.lineno}, {error.msg}): run `make hil` again"
        ) from None
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise RecordError(f"{path} is no record of a run of this version ({error}): run `make hil` again") from None


def remake(folder: Path) -> Path:
    """Makes the page anew from a record. Raises RecordError."""
    return write(read(folder), trace.elsewhere(requirements.load()), folder)


def _beside(which: str) -> Html:
    return tag("p", BESIDE[which], class_="beside")
