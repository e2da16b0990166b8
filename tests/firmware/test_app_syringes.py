"""Every syringe that the bench has, put in and started at a low rate: it flows, and nobody calls it occluded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assuage_rig.bench import Bench
from assuage_rig.plant.mechanics import REALISTIC, Mechanism
from assuage_rig.plant.syringe import SYRINGES
from assuage_rig.requirements import req
from assuage_rig.wirehost import WireHost


def _flows(name: str, mechanism: Mechanism) -> None:
    syringe = SYRINGES[name]
    ml = syringe.capacity_nl / 1e6
    with Bench(syringe=name, mechanism=mechanism) as bench:
        host = WireHost(bench)
        # a fiftieth of the syringe an hour: 1 mL/h in 50 mL
        host.infuse(ml_h=ml / 50, ml=ml / 2, bore=syringe.bore_um, capacity=syringe.capacity_nl, level=900)
        while host.state == "taking-up":
            host.run(0.5)
        assert (host.state, host.reason) == ("infusing", "none"), name
        given = bench.patient_nl
        host.run(30)
        assert (host.state, host.reason) == ("infusing", "none"), name
        assert bench.patient_nl > given, "the first flow"


@req("PMP-010")
@pytest.mark.parametrize("name", [name for name in SYRINGES if name.endswith((" 10", " 20", " 30", " 50"))])
def test_every_larger_syringe_starts_at_a_fiftieth_of_its_volume_an_hour_and_is_not_called_occluded(name: str) -> None:
    _flows(name, REALISTIC)


@req("PMP-010")
@pytest.mark.parametrize("name", ["Terumo 50", "BD 50", "BD 3"])
def test_a_plunger_with_a_tenth_more_friction_than_is_usual_starts_too(name: str) -> None:
    _flows(name, replace(REALISTIC, friction=1.1))
