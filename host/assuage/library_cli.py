"""`assuage library`: whether a drug library can be used, what it says, and what a new one changes at the bedside."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from assuage.errors import BadInput
from assuage.pharmacy import library_diff, library_rules, library_words
from assuage.pharmacy.library import OWN, Library, load
from assuage.pharmacy.library_schema import AREAS


def run(arguments: argparse.Namespace) -> None:
    """Prints. Raises LibraryError with every mistake, or BadInput for a drug or an area that is not there."""
    if arguments.verb == "check":
        for path in arguments.paths or [OWN]:
            _check(path, load(path))
    elif arguments.verb == "diff":
        _diff(load(arguments.old), load(arguments.new), arguments.json)
    else:
        _show(load(arguments.source or OWN), arguments)


def _check(path: Path, library: Library) -> None:
    for note in library_rules.notes(library.content):
        print(f"note: {note}")
    limits, unverified, examples = library_rules.tally(library.content)
    print(
        f"{path} is good: {library_words.head(library)}; {len(library.content.drug)} drugs, {limits} limits, of which "
        f"{unverified} are unverified, {examples} of those examples to be set by the hospital."
    )


def _show(library: Library, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print(json.dumps(_plain(library)))
        return
    drugs = [arguments.drug] if arguments.drug else list(library.content.drug)
    areas = [arguments.area] if arguments.area else list(AREAS)
    if arguments.area and not any(arguments.area in library.drug(drug).areas for drug in drugs):
        raise BadInput("area", f"Nothing of that is in the library for {AREAS[arguments.area]}.")
    print(library_words.head(library))
    print("Nothing here is advice. Unverified numbers were not read at their source; set examples before use.")
    lines = [line for drug in drugs for line in ("", *library_words.drug(library, drug, areas))]
    print("\n".join([*lines, "", "Sources", *library_words.sources(library, lines)]))


def _plain(library: Library) -> dict[str, object]:
    """For programs: each limit a row."""
    return {
        "version": library.content.version,
        "title": library.content.title,
        "hash": library.digest,
        "limits": [
            {
                "drug": drug, "area": area, "route": route, "what": limit.what, "bound": limit.bound,
                **limit.value.as_json(), "source": library.source(limit), "verified": limit.verified,
                "note": limit.note,
            }
            for drug, area, route, limit in library.limits()
        ],
    }  # fmt: skip


def _diff(old: Library, new: Library, as_json: bool) -> None:
    changes = library_diff.changes(old, new)
    if as_json:
        print(json.dumps({"old": old.digest, "new": new.digest, "changes": [each._asdict() for each in changes]}))
        return
    print(f"old: {library_words.head(old)}")
    print(f"new: {library_words.head(new)}")
    for turn, title in (
        ("looser", "Passes now, or more easily:"),
        ("tighter", "Stopped now, or sooner:"),
        ("other", "Also changed:"),
    ):
        chosen = [each for each in changes if each.turn == turn]
        if chosen:
            print(f"\n{title}")
        for each in chosen:
            print(f"  {each.where}: {each.what}")
    if old.digest == new.digest:
        print("The two are the same.")
    elif not changes:
        print("No order is judged otherwise; titles or notes have changed.")
