"""The body: what a person's signs are at a time, from all that they were given and that happened to them.

Lived through lazily, second by second from the moment of its making; a second in which nothing moves is jumped over, so
that idle days cost nothing. What a second brings does not depend on who looks when: doses arrive by the second, and an
action holds from the next second on.
"""

from collections import deque

from assuage_rig.clock import Clock
from assuage_rig.plant import effects
from assuage_rig.plant.drug import Kinetics, kinetics
from assuage_rig.plant.feed import SECOND_US, Feed, Source
from assuage_rig.plant.gases import AIR, DRY_MMHG, END_TIDAL_GAP, Gases
from assuage_rig.plant.person import Person
from assuage_rig.plant.signs import Signs

_HALF_SECOND = 0.5 / 60  # min
_NOTHING_UG_L = 1e-4  # of no drug so much does anything that could be seen
_STILL = 1e-5  # mmHg or mL/L within a second; what would have become of it is a hundredth of a mmHg
_KEPT = 600  # seconds of arterial saturation on their way to the finger; without a pulse it stays where it is
_DEADSPACE_ML_KG = 2.2


class Body:
    """One person from now on. models: by drug, where not the usual one: {"ketamine": "kamp"}.

    All that is done to it holds from the next second of its own on. Raises ValueError for a drug that there is not and
    for what is out of range.
    """

    def __init__(self, clock: Clock, person: Person | None = None, models: dict[str, str] | None = None) -> None:
        self.person = person or Person()
        self._clock = clock
        self._models = dict(models or {})
        self._zero_us = clock.now_us
        self._second = 0
        self._feeds: list[Feed] = []
        self._drugs: dict[str, Kinetics] = {}
        self._due: dict[int, dict[str, float]] = {}  # second: ug by drug
        self._given: dict[str, float] = {}
        self.gases = Gases(self.person)
        self._central = self.person.paco2
        self._fio2, self._fico2 = AIR, 0.0
        self._obstructed = 0.0
        self._held = False
        self._roused_until = 0
        self._quiet = False  # opioids have stopped the breathing
        self._resting_tidal = (
            self.gases.ventilation_l_min * 1000 / self.person.resp_rate + _DEADSPACE_ML_KG * self.person.weight_kg
        )
        self._resting_l_min = self._resting_tidal * self.person.resp_rate / 1000
        self._sao2 = self.gases.sao2
        self._way = 0.0  # of the blood, in seconds at rest
        self._ways = deque([(self._way, self._sao2)], maxlen=_KEPT)  # the first has reached the finger
        self._breath = (self.person.resp_rate, self._resting_tidal)
        self._signs: Signs | None = None
        self._moves = True
        self._settle_down()

    # -- what is seen ------------------------------------------------------------------------------------------------
    def at(self, t_us: int | None = None) -> Signs:
        """The signs of the second that has begun by then; without a time, now. The past before the last look is not
        kept, and of the future nothing is known: both are answered as what is next to it."""
        now = self._clock.now_us
        self._live(((now if t_us is None else min(t_us, now)) - self._zero_us) // SECOND_US)
        if self._signs is None:
            self._signs = self._look()
        return self._signs

    @property
    def now_us(self) -> int:
        """The rig's time."""
        return self._clock.now_us

    @property
    def next_us(self) -> int:
        """When the next second begins."""
        return self._zero_us + ((self._clock.now_us - self._zero_us) // SECOND_US + 1) * SECOND_US

    def plasma(self, drug: str) -> float:
        """ng/mL, now."""
        self.at()
        return self._drugs[drug].plasma if drug in self._drugs else 0.0

    def effect(self, drug: str) -> float:
        """At the effect site, ng/mL, now."""
        self.at()
        return self._drugs[drug].effect if drug in self._drugs else 0.0

    @property
    def drugs(self) -> tuple[str, ...]:
        """All that were ever given, or are about to be."""
        return tuple(self._drugs)

    def ledger(self, drug: str) -> tuple[float, float, float]:
        """All of a drug that was given, is inside and has been eliminated, ug, now."""
        self.at()
        k = self._drugs.get(drug)
        return (self._given.get(drug, 0.0), k.inside_ug if k else 0.0, k.gone_ug if k else 0.0)

    # -- what is given -----------------------------------------------------------------------------------------------
    def feed(self, source: Source, drug: str, mg_per_ml: float) -> Feed:
        """From now on what a syringe gives is this drug at that strength."""
        if mg_per_ml < 0:
            raise ValueError(f"{mg_per_ml:g} mg/mL is no solution of {drug}")
        self._kinetics(drug)
        self.at()
        feed = Feed(self.receive, source, drug, mg_per_ml, self._clock.now_us)
        self._feeds.append(feed)
        return feed

    def receive(self, drug: str, ug: float, by_us: int) -> None:
        """So much has arrived within the second that ends at or after that time; if it is over, within the next."""
        self._kinetics(drug)
        due = self._due.setdefault(max(-((self._zero_us - by_us) // SECOND_US), self._second + 1), {})
        due[drug] = due.get(drug, 0.0) + ug

    def bolus(self, drug: str, ug: float, over_s: int = 30) -> None:
        """By hand, evenly over so many whole seconds from the next one on."""
        self._kinetics(drug)
        if ug < 0 or over_s < 1:
            raise ValueError(f"{ug:g} ug over {over_s} s is no bolus")
        self.at()
        for i in range(over_s):
            self.receive(drug, ug / over_s, self._zero_us + (self._second + 1 + i) * SECOND_US)

    def naloxone(self, mg: float = 0.4) -> None:
        """The opioids' antagonist, by hand over 15 s."""
        self.bolus("naloxone", mg * 1000, 15)

    # -- what happens ------------------------------------------------------------------------------------------------
    def breathe_gas(self, fio2: float = AIR, fico2: float = 0.0) -> None:
        """What is inspired: the share of oxygen, and carbon dioxide in mmHg, as under a sheet or from a spent
        absorber."""
        if not 0 <= fico2 <= 100 or not 0 <= fio2 <= 1 - fico2 / DRY_MMHG:
            raise ValueError(f"nobody breathes {fio2:g} of oxygen with {fico2:g} mmHg of carbon dioxide")
        self._begin()
        self._fio2, self._fico2 = fio2, fico2

    def obstruct(self, share: float = 1.0) -> None:
        """The airway lets so much less of each breath through; 0 opens it."""
        if not 0 <= share <= 1:
            raise ValueError(f"an airway is shut to 0 .. 1, not {share:g}")
        self._begin()
        self._obstructed = share

    def hold_breath(self, on: bool = True) -> None:
        """No breath is drawn, whatever asks for it; the airway is open."""
        self._begin()
        self._held = on

    def stimulate(self, seconds: int = 60) -> None:
        """Somebody speaks to and touches the patient for so long, who then breathes better, opioid or not."""
        self._begin()
        self._roused_until = self._second + seconds

    # -- inside ------------------------------------------------------------------------------------------------------
    def _begin(self) -> None:
        """Something changes with the next second."""
        self.at()
        self._moves = True

    def _kinetics(self, drug: str) -> Kinetics:
        if drug not in self._drugs:
            self._drugs[drug] = kinetics(self.person, drug, self._models.get(drug))
        return self._drugs[drug]

    def _settle_down(self) -> None:
        """Lives until all stores are at rest, so that a new body is no event."""
        for _ in range(3600):
            if not self._breathe_second():
                break
        self._ways.clear()
        self._ways.append((self._way, self._sao2))

    def _live(self, second: int) -> None:
        if second <= self._second:
            return
        for feed in self._feeds:
            feed.source.patient_nl  # noqa: B018  (it has all told that is due)
        while self._second < second:
            self._signs = None
            due = self._due.pop(self._second + 1, None)
            if due is None and self._at_rest():
                self._jump(second)
                continue
            self._second += 1
            for drug, k in self._drugs.items():
                ug = due.get(drug, 0.0) if due else 0.0
                self._given[drug] = self._given.get(drug, 0.0) + ug
                k.step(ug)
            self._moves = self._breathe_second()

    def _at_rest(self) -> bool:
        ways = self._ways
        return (
            not self._moves
            and self._second >= self._roused_until
            and all(k.effect < _NOTHING_UG_L and k.plasma < _NOTHING_UG_L for k in self._drugs.values())
            and abs(ways[-1][1] - ways[0][1]) < 1e-6
        )

    def _jump(self, second: int) -> None:
        to = min([second, *(due - 1 for due in self._due)])
        for k in self._drugs.values():
            k.skip(to - self._second)
        self._second = to

    def _breathe_second(self) -> bool:
        """A second of drive, breath and gases; whether anything still moves."""
        gases, person = self.gases, self.person
        before = (gases.paco2, gases.tissue_co2, gases.venous, gases.alveolar_o2, self._central)
        load = effects.opioid_load(person, {drug: k.effect for drug, k in self._drugs.items()})
        ketamine = self._drugs["ketamine"].effect if "ketamine" in self._drugs else 0.0
        self._breath = self._drive(load, ketamine)
        rate, tidal = self._breath
        pulse = effects.circulation(person, ketamine, load, self._sao2)[0]
        output = gases.output_l_min * pulse / person.pulse_bpm
        through = tidal * (1 - self._obstructed)
        alveolar = rate * max(0.0, through - _DEADSPACE_ML_KG * person.weight_kg) / 1000
        for _ in range(2):
            gases.pass_time(_HALF_SECOND, alveolar, self._fio2, self._obstructed < 1, output, self._fico2 / DRY_MMHG)
        self._central += (gases.paco2 - self._central) * effects.CO2_LAG_PER_MIN / 60
        self._sao2 = gases.sao2
        self._way += pulse / person.pulse_bpm
        ways = self._ways
        ways.append((self._way, self._sao2))
        while len(ways) > 1 and ways[1][0] <= self._way - person.finger_s:
            ways.popleft()
        after = (gases.paco2, gases.tissue_co2, gases.venous, gases.alveolar_o2, self._central)
        return any(abs(a - b) > _STILL for a, b in zip(after, before, strict=True))

    def _drive(self, load: float, ketamine: float) -> tuple[float, float]:
        """Breaths a minute that the chest makes, and their size if the airway is open, mL."""
        person = self.person
        left = effects.breathing_left(load) * effects.slowed(person, ketamine)
        asked = effects.chemical_drive(self._central, person.paco2, self._sao2)
        share = left * asked
        self._quiet = left * asked**effects.RESTARTING < (effects.BEGINS if self._quiet else effects.STOPS)
        if self._second < self._roused_until:
            left = min(1.0, left + effects.ROUSED)
            share += effects.ROUSED
        elif self._quiet:
            return 0.0, 0.0
        if self._held:
            return 0.0, 0.0
        rate = person.resp_rate * left**effects.RATE_OF_DEPRESSION * asked**effects.RATE_OF_DRIVE
        tidal = min(self._resting_l_min * share * 1000 / rate, 25 * person.weight_kg)
        return rate, tidal

    def _look(self) -> Signs:
        person, gases = self.person, self.gases
        effect = {drug: k.effect for drug, k in self._drugs.items()}
        load, ketamine = effects.opioid_load(person, effect), effect.get("ketamine", 0.0)
        pulse, systolic, diastolic = effects.circulation(person, ketamine, load, self._sao2)
        effort, size = self._breath
        tidal = size * (1 - self._obstructed)
        rate = effort if self._obstructed < 1 else 0.0
        dead = _DEADSPACE_ML_KG * person.weight_kg
        # A breath that hardly exceeds the dead space ends with gas from there; how fast that sets in is an assumption.
        reached = min(1.0, max(0.0, tidal / dead - 1)) if rate else 1.0
        return Signs(
            time_us=self._zero_us + self._second * SECOND_US,
            pulse_bpm=pulse,
            spo2=100 * self._ways[0][1],
            sao2=100 * self._sao2,
            perfusion=person.perfusion * effects.anoxic(self._sao2),
            resp_rate=rate,
            effort_rate=effort,
            tidal_ml=tidal,
            ventilation_l_min=rate * tidal / 1000,
            etco2=max(0.0, gases.paco2 - END_TIDAL_GAP) * reached,
            fico2=self._fico2,
            paco2=gases.paco2,
            pao2=gases.pao2,
            systolic=systolic,
            diastolic=diastolic,
            temperature_c=person.temperature_c,
            sedation=effects.sedation(person, ketamine, load),
            dissociation=effects.dissociation(person, ketamine),
        )
