"""The real firmware on the bench: the same seed gives the same life, and the emulated plant is what it measures."""

from __future__ import annotations

import pytest

from assuage_rig.bench import Bench
from assuage_rig.plant.patient import Patient
from assuage_rig.requirements import req
from assuage_rig.wirehost import Said, WireHost


def life(seed: int) -> tuple[list[Said], float]:
    """Half a minute with an infusion, a patient who changes, a lost finger and a killed board.

    Health is left out: how long code takes is measured on the machine that runs the test, and is not what may repeat.
    """
    with Bench(seed=seed) as bench:
        host = WireHost(bench)
        host.infuse(ml_h=100, ml=20)
        host.run(9)
        bench.patient.set(pulse_bpm=110, spo2=86)
        host.run(10)
        bench.patient.probe_on = False
        host.run(3)
        bench.kill_board()
        host.hush()
        host.run(7)
        return without(host.said, "Health"), bench.plunger_nl


def without(heard: list[Said], dropped: str) -> list[Said]:
    return [said for said in heard if said.name != dropped]


@req("SYS-001")
def test_the_same_seed_gives_the_same_life() -> None:
    first, volume = life(3)
    again, volume_again = life(3)
    other, _ = life(4)
    assert volume == volume_again > 0
    assert first == again
    # Hello names the board, whose uid comes from the seed; what else is told must differ too.
    assert without(first, "Hello") != without(other, "Hello")


@pytest.mark.parametrize(("bpm", "spo2"), [(48, 98), (75, 84), (150, 92)])
def test_what_the_patient_is_given_is_what_the_board_tells(bpm: float, spo2: float) -> None:
    with Bench(patient=Patient(pulse_bpm=bpm, spo2=spo2)) as bench:
        host = WireHost(bench)
        host.run(30)
        assert host.vital("pulse").value == pytest.approx(bpm, abs=3)
        assert host.vital("spo2").value == pytest.approx(spo2, abs=2)
