"""Writes every generated file, or with --check says which are stale. `make gen` and `make gen-check` call this.

usage: python protocol/gen.py [--check]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / p) for p in ("protocol", "host", "hil_tests", "docs", "firmware", "tests/shim")]


def vectors() -> str:
    """protocol/vectors.json"""
    import vectors as v

    made = v.make()
    rows = {k: "[\n" + ",\n".join(json.dumps(r) for r in made[k]) + "\n]" for k in ("streams", "refused_values")}
    head = f'"schema": {made["schema"]}, "wire": {made["wire"]}'
    return "{" + head + ",\n" + ",\n".join(f'"{k}": {text}' for k, text in rows.items()) + "}\n"


def protocol_md() -> str:
    """protocol/PROTOCOL.md"""
    import reference

    return reference.markdown()


def messages_py() -> str:
    """host/assuage/link/messages.py"""
    import host_messages

    return host_messages.source()


def limits_py() -> str:
    """host/assuage/bedside/limits_at_first.py"""
    import host_limits

    return host_limits.source()


def modbus_md() -> str:
    """docs/modbus_map.md"""
    from assuage.publish import modbus_doc

    return modbus_doc.markdown()


def alarms_md() -> str:
    """docs/alarms.md"""
    import alarms_doc

    return alarms_doc.markdown()


def states_md() -> str:
    """docs/states.md"""
    import states_doc

    return states_doc.markdown()


def faults_md() -> str:
    """docs/faults.md"""
    from assuage_rig import verbs_doc

    return verbs_doc.markdown()


def trace_md() -> str:
    """docs/trace.md, if every hazard and every requirement is answered"""
    from assuage_rig import requirements, trace

    book = requirements.load()
    proofs = trace.find(ROOT, book)
    gaps = trace.gaps(book, proofs, ROOT)
    if gaps:
        raise SystemExit("the trace has gaps:\n" + "\n".join(gaps))
    return trace.markdown(book, proofs)


def readme() -> str:
    """README.md, whose topic table stands between two marks."""
    from assuage.publish import topics

    return between(ROOT / "README.md", "topics", topics.topic_table())


def between(path: Path, mark: str, text: str) -> str:
    """The file's text with everything between <!-- mark --> and <!-- /mark --> replaced."""
    old = path.read_text()
    start, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    head, _, rest = old.partition(start)
    _, found, tail = rest.partition(end)
    if not found:
        raise SystemExit(f"{path.name} has no {start} … {end}")
    return f"{head}{start}\n{text.strip()}\n{end}{tail}"


MADE: dict[str, Callable[[], str]] = {
    "protocol/vectors.json": vectors,
    "protocol/PROTOCOL.md": protocol_md,
    "host/assuage/link/messages.py": messages_py,
    "host/assuage/bedside/limits_at_first.py": limits_py,
    "docs/modbus_map.md": modbus_md,
    "docs/alarms.md": alarms_md,
    "docs/states.md": states_md,
    "docs/faults.md": faults_md,
    "docs/trace.md": trace_md,
    "README.md": readme,
}


def main(argv: list[str]) -> int:
    if argv not in ([], ["--check"]):
        print(__doc__)
        return 2
    stale = []
    for name, make in MADE.items():
        path, text = ROOT / name, make()
        if path.exists() and path.read_text() == text:
            continue
        if argv:
            stale.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print("wrote", name)
    for name in stale:
        print(f"{name} is stale: run `make gen` and commit it", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
