"""`make bench`: prints a table and writes build/bench.json, a list of {name, value, unit, peer, peer_value, ratio},
one row per peer."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path

from tests.bench import bedside, codec, kinetics, memory, round_trip, virtual_time

BUILD = Path(__file__).resolve().parents[2] / "build"


def main() -> int:
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; medians in turns"
    )
    rows = []
    for part in (memory, codec, kinetics, round_trip, virtual_time, bedside):
        print(f"… {part.__name__.rsplit('.', 1)[-1]}", flush=True)
        rows += part.measure()
    BUILD.mkdir(exist_ok=True)
    (BUILD / "bench.json").write_text(json.dumps(rows, indent=1) + "\n")
    head = ("name", "value", "unit", "peer", "peer value", "ratio")
    cells = [head] + [
        (r["name"], f"{r['value']:,.6g}", r["unit"], r["peer"], f"{r['peer_value']:,.6g}", f"{r['ratio']:.3g}")
        for r in rows
    ]
    widths = [max(len(str(row[i])) for row in cells) for i in range(len(head))]
    for row in cells:
        print(
            "  ".join(
                f"{c!s:>{w}}" if i in (1, 4, 5) else f"{c!s:<{w}}"
                for i, (c, w) in enumerate(zip(row, widths, strict=True))
            )
        )
    print(f"written to {BUILD / 'bench.json'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
