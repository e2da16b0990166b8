"""Plays the shift on the bench and leaves its record: `python -m tests.shift.run --out DIR [--seed N]`.

Prints one line of JSON: what was truly given, by the plants, beside what a reader of the record is told.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any

from assuage_rig.bench import Bench
from assuage_rig.inbed import lay
from tests.shift.story import shift
from tests.shift.virtual import World
from tests.shift.ward import ward

MG_ML = {"ketamine": 2.0, "fentanyl": 0.01}


def play(folder: Path, seed: int) -> dict[str, Any]:
    """The whole of it; the record is DIR/bed.record.sqlite."""
    ports = folder / "first", folder / "second"
    began = time.perf_counter()
    with Bench(seed, bedside=True) as first, Bench(seed + 1, syringe="BD 20") as second:
        patient = lay(first, mg_per_ml=MG_ML["ketamine"])
        second.patient.set(probe_on=False)
        patient.body.feed(second.infusion, "fentanyl", MG_ML["fentanyl"])
        world = World({ports[0]: first, ports[1]: second})
        world.take_over()

        async def story() -> None:
            async with ward(world, (first, second), patient, ports, folder) as w:
                await shift(w)
                await asyncio.sleep(5)

        try:
            world.run(story())
        finally:
            world.close()
        return {
            "minutes": world.now / 60,
            "ratio": world.now / (time.perf_counter() - began),
            "truly_ml": {"ketamine": first.patient_nl / 1e6, "fentanyl": second.patient_nl / 1e6},
            "truly_mg": {drug: patient.body.ledger(drug)[0] / 1000 for drug in MG_ML},
        }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder that takes record and stores; must be empty")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    print(json.dumps(play(arguments.out.absolute(), arguments.seed)))


if __name__ == "__main__":
    main()
