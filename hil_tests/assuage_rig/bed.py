"""The bed at a served board: who lies in it, what is given to them and done to them, and which signs somebody holds.

What leaves the line's end goes into a body, and every sensor that there is sees what becomes of it; see inbed.py.
"""

from __future__ import annotations

from dataclasses import asdict

from assuage_rig.circuit import Circuit
from assuage_rig.farsyringe import FarSyringe
from assuage_rig.inbed import lie
from assuage_rig.plant.bedside import SHOWN, At
from assuage_rig.plant.feed import Feed, Source
from assuage_rig.plant.gases import AIR
from assuage_rig.plant.patient import RANGES as OF_THE_FINGER
from assuage_rig.plant.patient import Patient

LONGEST_BOLUS_S, MOST_UG = 3600, 1e8
MOST_MG_ML = 1000.0
LONGEST_ROUSED_S = 3600

NAMES = (*SHOWN, *(name for name in OF_THE_FINGER if name not in SHOWN), "probe_on")
"""What `set` takes: the body's signs, then what spoils the oximeter's light."""


class Bed:
    """Somebody lies there at rest from the rig's present on. at: see lie(). source: the syringe at their vein; beside:
    that of another pump, which says itself what is in it.

    Raises ValueError as set() does, and for a drug that there is not.
    """

    def __init__(
        self,
        circuit: Circuit,
        at: At,
        source: Source | None = None,
        drug: str = "ketamine",
        mg_per_ml: float = 10.0,
        held: dict[str, float] | None = None,
        beside: FarSyringe | None = None,
    ) -> None:
        self._circuit = circuit
        self._beside = beside
        self._feeds: list[Feed] = []  # of other pumps
        self._at = at
        self._source = source or circuit.infusion
        _in_range("mg_per_ml", mg_per_ml, MOST_MG_ML)
        self.bedside, self._feed = lie(circuit, at, self._source, drug=drug, mg_per_ml=mg_per_ml)
        self._follow_beside()
        self.set(**held or {})

    def admit(self) -> None:
        """Another one lies there, at rest, who has been given nothing; no sign is held, and the syringe stays."""
        feed = self._feed
        for each in (feed, *self._feeds):
            each.end()
        self.bedside.leave()
        self.bedside, self._feed = lie(self._circuit, self._at, self._source, None, feed.drug, feed.mg_per_ml)
        self._follow_beside()

    def _follow_beside(self) -> None:
        """What another pump's syringe gives comes into the body that lies there now."""
        if self._beside is None:
            return
        feed = self.bedside.body.feed(self._beside, self._feed.drug, 0.0)

        def filled(drug: str, mg_per_ml: float) -> None:
            feed.drug, feed.mg_per_ml = drug, mg_per_ml

        self._beside.filled = filled
        self._feeds = [feed]

    def set(self, **signs: float | bool | None) -> None:
        """Holds signs of the body at what all sensors then show, None letting one go, and sets what spoils the
        oximeter's light. Raises ValueError with a sentence, and then changes nothing."""
        for name, value in signs.items():
            if name not in NAMES:
                raise ValueError(f"a patient has no {name!r}; it has {', '.join(NAMES)}")
            if value is None and name not in SHOWN:
                raise ValueError(f"{name} must be a number, for nobody but who sets it has one")
        light = {name: value for name, value in signs.items() if name not in SHOWN and value is not None}
        Patient(**light)  # type: ignore[arg-type]  # says what is out of range before anything is changed
        self.bedside.hold(**{name: value for name, value in signs.items() if name in SHOWN})
        if light:
            self._circuit.patient.set(**light)

    def give(self, drug: str, ug: float, over_s: int = 30) -> None:
        """By hand, evenly over so many seconds. Raises ValueError."""
        _in_range("ug", ug, MOST_UG)
        _in_range("over_s", over_s, LONGEST_BOLUS_S, 1)
        self.bedside.body.bolus(drug, ug, over_s)

    def fill(self, drug: str, mg_per_ml: float) -> None:
        """From now on what leaves the line's end is this. Raises ValueError for a drug that there is not."""
        _in_range("mg_per_ml", mg_per_ml, MOST_MG_ML)
        self.bedside.body.receive(drug, 0.0, self._circuit.clock.now_us)  # says now what there is not
        self._feed.drug, self._feed.mg_per_ml = drug, mg_per_ml

    def breathe(self, fio2: float = AIR, fico2: float = 0.0) -> None:
        """What is inspired, see Body.breathe_gas. Raises ValueError."""
        _in_range("fico2", fico2, SHOWN["fico2"][1])
        self.bedside.body.breathe_gas(fio2, fico2)

    def obstruct(self, share: float) -> None:
        """Shuts so much of the airway. Raises ValueError."""
        self.bedside.body.obstruct(share)

    def hold_breath(self, on: bool) -> None:
        """No breath is drawn while it is on."""
        self.bedside.body.hold_breath(on)

    def rouse(self, seconds: int) -> None:
        """Somebody speaks to and touches the patient for so long. Raises ValueError."""
        _in_range("roused_s", seconds, LONGEST_ROUSED_S)
        self.bedside.body.stimulate(seconds)

    def told(self) -> dict[str, object]:
        """signs: as the sensors see them. held: which of them somebody holds. drugs: ng/mL in plasma and at the effect
        site, and ug given. syringe: what is in it."""
        body, feed = self.bedside.body, self._feed
        return {
            "signs": {name: round(value, 3) for name, value in asdict(self.bedside.present()).items()},
            "held": dict(self.bedside.held),
            "drugs": {
                drug: {
                    "plasma": round(body.plasma(drug), 3),
                    "effect": round(body.effect(drug), 3),
                    "given_ug": round(body.ledger(drug)[0], 3),
                }
                for drug in body.drugs
            },
            "syringe": {"drug": feed.drug, "mg_per_ml": feed.mg_per_ml},
        }


def _in_range(name: str, value: float, most: float, least: float = 0.0) -> None:
    if not least <= value <= most:
        raise ValueError(f"{name} must be {least:g} .. {most:g}, not {value:g}")
