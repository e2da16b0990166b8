"""What becomes of a drug in the body: compartment models as data, stepped exactly.

A model is a central volume that exchanges with two others and eliminates, and behind the plasma an effect site without
volume. For a dose that is spread evenly over a step, the result of the step is a matrix times the state; the matrix is
the exponential of the rates, so a step is exact whatever its length, and so is a jump over many.
Amounts in ug, volumes in L, rates per minute; a concentration in ug/L is one in ng/mL.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log

from assuage_rig.plant.person import Person


@dataclass(frozen=True)
class Rates:
    """Of one person. ke0: of the effect site."""

    v1: float
    k10: float
    k12: float
    k21: float
    k13: float
    k31: float
    ke0: float


def _cleared(v: tuple[float, float, float], q: tuple[float, float, float], ke0: float) -> Rates:
    """From volumes in L and clearances in L/min."""
    return Rates(v[0], q[0] / v[0], q[1] / v[0], q[1] / v[1], q[2] / v[0], q[2] / v[2], ke0)


@dataclass(frozen=True)
class Model:
    """A published set of parameters. verified: read in a second source than memory; ke0_verified: its ke0 likewise."""

    drug: str
    rates: Callable[[Person], Rates]
    source: str
    verified: bool = True
    ke0_verified: bool = True


_NAVARRETE_KE0 = 0.238


def _domino(p: Person) -> Rates:
    return Rates(0.063 * p.weight_kg, 0.438, 0.592, 0.247, 0.590, 0.0146, _NAVARRETE_KE0)


def _kamp(p: Person) -> Rates:
    size = p.weight_kg / 70
    flow = size**0.75 / 60
    ke0 = 0.1876 * log(p.weight_kg) + 0.5932
    return _cleared((25 * size, 56 * size, 157 * size), (84 * flow, 161 * flow, 79 * flow), ke0)


def _clements(p: Person) -> Rates:
    return Rates(1.7522 * p.weight_kg, 0.0109, 0.0186, 0.0137, 0.0, 0.0, _NAVARRETE_KE0)


def _hijazi(p: Person) -> Rates:
    return Rates(1.08 * p.weight_kg, 0.0333, 0.0088, 0.0030, 0.0, 0.0, _NAVARRETE_KE0)


def _minto(p: Person) -> Rates:
    age, lean = p.age - 40, p.lean_kg - 55
    volumes = (5.1 - 0.0201 * age + 0.072 * lean, 9.82 - 0.0811 * age + 0.108 * lean, 5.42)
    flows = (2.6 - 0.0162 * age + 0.0191 * lean, 2.05 - 0.0301 * age, 0.076 - 0.00113 * age)
    return _cleared(volumes, flows, 0.595 - 0.007 * age)


def _scott(p: Person) -> Rates:
    size = p.weight_kg / 70
    flow = size**0.75
    return _cleared((12.1 * size, 35.7 * size, 224 * size), (0.632 * flow, 2.8 * flow, 1.55 * flow), 0.145)


def _papathanasiou(p: Person) -> Rates:
    kg = p.weight_kg
    return _cleared((0.408 * kg, 0.636 * kg, 1.637 * kg), (0.049 * kg, 0.046 * kg, 0.026 * kg), 0.5)


MODELS: Mapping[str, Model] = {
    "domino": Model(
        "ketamine", _domino, "Domino 1984, Clin Pharmacol Ther 36:645, as stanpumpR codes it; ke0: Navarrete 2025"
    ),
    "kamp": Model("ketamine", _kamp, "Kamp 2020, Anesthesiology 133:1192, and its ke0 as SimTIVA codes them"),
    "clements": Model(
        "ketamine", _clements, "Clements 1981, Br J Anaesth 53:27, 250 ug/kg; no ke0 of its own", ke0_verified=False
    ),
    "hijazi": Model(
        "ketamine", _hijazi, "Hijazi 2003, Br J Anaesth 90:155, adults in intensive care; no ke0 of its own",
        ke0_verified=False,
    ),
    "minto": Model(
        "remifentanil", _minto, "Minto 1997, Anesthesiology 86:10, as PyTCI and stanpumpR code it; ke0 from memory",
        ke0_verified=False,
    ),
    "scott": Model(
        "fentanyl", _scott, "Scott and Stanski 1987, J Pharmacol Exp Ther 240:159, as stanpumpR codes it; ke0: BioGears"
    ),
    "papathanasiou": Model(
        "naloxone", _papathanasiou, "Papathanasiou 2019, Br J Anaesth 123:e204, as stanpumpR codes it; ke0 assumed",
        ke0_verified=False,
    ),
}  # fmt: skip
"""Racemic ketamine, two opioids and their antagonist. Where ke0 is not verified it is ours to choose."""

USUAL: Mapping[str, str] = {
    "ketamine": "domino", "remifentanil": "minto", "fentanyl": "scott", "naloxone": "papathanasiou"
}  # fmt: skip
"""The model that a drug is reckoned with unless another one is named."""

_A1, _A2, _A3, _CE, _GONE, _DOSE = range(6)
Matrix = list[list[float]]


def _times(a: Matrix, b: Matrix) -> Matrix:
    return [[sum(x * row[j] for x, row in zip(line, b, strict=True)) for j in range(len(b[0]))] for line in a]


def exponential(m: Matrix) -> Matrix:
    """exp(m) by scaling, Taylor's series and squaring: twelve terms of what is under 1/16 leave less than 1e-23."""
    size = range(len(m))
    norm = max(sum(abs(x) for x in row) for row in m)
    halvings = 0
    while norm > 1 / 16:
        norm, halvings = norm / 2, halvings + 1
    small = [[x / 2.0**halvings for x in row] for row in m]
    total: Matrix = [[float(i == j) for j in size] for i in size]
    term = total
    for n in range(1, 13):
        term = [[x / n for x in row] for row in _times(term, small)]
        total = [[x + y for x, y in zip(p, q, strict=True)] for p, q in zip(total, term, strict=True)]
    for _ in range(halvings):
        total = _times(total, total)
    return total


class Kinetics:
    """One drug in one person, stepped in equal steps. step_s: their length."""

    def __init__(self, rates: Rates, step_s: float = 1.0) -> None:
        self.rates = rates
        dt = step_s / 60
        r = rates
        flow: Matrix = [[0.0] * 6 for _ in range(6)]
        flow[_A1][_A1] = -(r.k10 + r.k12 + r.k13)
        flow[_A1][_A2], flow[_A1][_A3] = r.k21, r.k31
        flow[_A2][_A1], flow[_A2][_A2] = r.k12, -r.k21
        flow[_A3][_A1], flow[_A3][_A3] = r.k13, -r.k31
        flow[_CE][_A1], flow[_CE][_CE] = r.ke0 / r.v1, -r.ke0
        flow[_GONE][_A1] = r.k10
        flow[_A1][_DOSE] = 1 / dt  # the dose arrives evenly over the step
        whole = exponential([[x * dt for x in row] for row in flow])
        self._input = [row[_DOSE] for row in whole[:_DOSE]]
        self._move = [row[:_DOSE] for row in whole[:_DOSE]]
        self._jumps: list[Matrix] = [self._move]  # over 1, 2, 4, ... steps
        self._state = [0.0] * _DOSE

    def step(self, dose_ug: float = 0.0) -> None:
        """A step passes in which so much arrives."""
        self._state = [
            sum(x * y for x, y in zip(row, self._state, strict=True)) + dose_ug * share
            for row, share in zip(self._move, self._input, strict=True)
        ]

    def skip(self, steps: int) -> None:
        """So many steps pass without a dose: the same as stepping, in few operations."""
        power = 0
        while steps:
            if power == len(self._jumps):
                self._jumps.append(_times(self._jumps[-1], self._jumps[-1]))
            if steps & 1:
                move = self._jumps[power]
                self._state = [sum(x * y for x, y in zip(row, self._state, strict=True)) for row in move]
            steps >>= 1
            power += 1

    @property
    def plasma(self) -> float:
        """ng/mL."""
        return self._state[_A1] / self.rates.v1

    @property
    def effect(self) -> float:
        """At the effect site, ng/mL."""
        return self._state[_CE]

    @property
    def inside_ug(self) -> float:
        """What is in the body."""
        return self._state[_A1] + self._state[_A2] + self._state[_A3]

    @property
    def gone_ug(self) -> float:
        """What has been eliminated."""
        return self._state[_GONE]


def kinetics(person: Person, drug: str, model: str | None = None, step_s: float = 1.0) -> Kinetics:
    """A person's, with their own clearance. Raises ValueError for a drug or a model that there is not."""
    if drug not in USUAL:
        raise ValueError(f"there is no drug {drug!r}; there are {', '.join(USUAL)}")
    name = model or USUAL[drug]
    if name not in MODELS or MODELS[name].drug != drug:
        fitting = ", ".join(name for name, m in MODELS.items() if m.drug == drug)
        raise ValueError(f"there is no model {name!r} of {drug}; there are {fitting}")
    r = MODELS[name].rates(person)
    return Kinetics(Rates(r.v1, r.k10 * person.clearance, r.k12, r.k21, r.k13, r.k31, r.ke0), step_s)
