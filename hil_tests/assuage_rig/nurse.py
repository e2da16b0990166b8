"""A host for hours of an infusion: any syringe by its name, leases long enough to be renewed now and then."""

from assuage_rig.bench import Bench
from assuage_rig.plant.balance import SAMPLE_S
from assuage_rig.plant.syringe import SYRINGES
from assuage_rig.wirehost import WireHost

LEASE_S = 10.0
_WHILE = ("taking-up", "infusing", "bolus", "kvo")  # a permission means something


class Nurse:
    """host: what has been said, the newest of each name only."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.host = WireHost(bench, keep=False)
        self.host.GRANT_MS = round(LEASE_S * 900)

    def come(self) -> None:
        """Waits until the board has booted and the syringe is in; opens a session."""
        self.wait(4)
        self.host.identify()

    def infuse(self, name: str, ml_h: float, ml: float, wait: bool = True, **others: int) -> None:
        """Starts an infusion from that syringe; `others` are raw fields of the programme."""
        syringe = SYRINGES[name]
        fields = {"bore": syringe.bore_um, "capacity": syringe.capacity_nl, "lease": round(LEASE_S * 1000)}
        self.host.start(wait, ml_h=ml_h, ml=ml, **{"duration": 604_800, **fields, **others})

    def wait(self, seconds: float) -> None:
        """Lets time pass, to the microsecond."""
        end_us = self.bench.now_us + round(seconds * 1e6)
        while self.bench.now_us < end_us:
            self.bench.run(min(LEASE_S / 2, (end_us - self.bench.now_us) / 1e6))
            self.host.listen()
            if self.host.programme and self.host.state in _WHILE:
                self.host.grant()

    def take_up(self, name: str) -> None:
        """Play and seal, and somewhat more, at 60 mL/h: for a board without a force sensor."""
        ml = 0.7 * SYRINGES[name].area_mm2 / 1000
        self.infuse(name, 60, ml)
        self.wait(ml * 60 + 10)
        assert self.host.state == "complete"

    def watch(self, minutes: float) -> list[float]:
        """Volume of the shaft, nL, now and at each half minute from now on."""
        volumes = [self.bench.plunger_nl]
        for _ in range(round(minutes * 60 / SAMPLE_S)):
            self.wait(SAMPLE_S)
            volumes.append(self.bench.plunger_nl)
        return volumes
