"""python -m tests.model: walks everything and tells what was reached and what was proved."""

from __future__ import annotations

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / folder) for folder in ("firmware", "protocol", "tests/shim")]

from tests.model import alarm_model, pump_model, session_model  # noqa: E402 - after the rooms' paths
from tests.model.pump_properties import PROPERTIES  # noqa: E402


def main() -> None:
    """Prints the report; a violation is raised, with the way to it."""
    for name, model in (("pump", pump_model), ("alarms", alarm_model), ("session", session_model)):
        began = time.process_time()
        found, taken = model.search()
        seconds = time.process_time() - began
        print(f"{name}: {len(found.keys)} states, {found.transitions} transitions, {seconds:.1f} s, no violation")
        for line in model.left_out(taken):
            print(f"  not reached: {line}")
        for event in model.EVENTS:
            if not found.happened[event]:
                print(f"  always refused: {event}")
    held = {p.number for p in PROPERTIES if p.moments or p.events} | set(alarm_model.PROPERTIES)
    print("hold:", ", ".join(sorted(held, key=lambda number: int(number[1:]))))
    for p in PROPERTIES:
        for test in p.elsewhere:
            print(f"  {p.number}: {test}")


if __name__ == "__main__":
    main()
