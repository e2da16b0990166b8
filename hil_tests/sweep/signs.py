"""What each single fault of the patient's side must come to on the bedside board: one row a fault.

A number that a fault spoils is withheld, with one of the row's signals, and comes back once the fault is mended. What
no sensor of the board can know stands under `lies`, each with its reason: such a number is plausible, and shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assuage_rig.faults import Value

LIGHT = ("spo2", "pulse", "resp-pleth")
GAS = ("resp", "etco2", "fico2")
SKIN = ("temperature",)
HEART = ("heart",)
CUFF = ("systolic", "map", "diastolic", "pulse-cuff")

TRUTH = {"spo2": 97.0, "pulse": 72.0, "resp": 14.0, "resp-pleth": 14.0, "etco2": 38.0, "fico2": 0.0,
         "temperature": 36.0, "heart": 72.0, "systolic": 120.0, "diastolic": 80.0, "pulse-cuff": 72.0}  # fmt: skip
"""Of the emulated body as it comes; MAP is told by the arm itself."""

BOUNDS = {"spo2": 2.0, "pulse": 2.0, "resp": 1.0, "resp-pleth": 2.0, "etco2": 2.0, "fico2": 2.0, "temperature": 0.1,
          "heart": 2.0, "systolic": 15.0, "map": 15.0, "diastolic": 15.0, "pulse-cuff": 3.0}  # fmt: skip
"""From the truth, for a number that is shown as good; of a single blood pressure what BHS counts at all, 15 mmHg."""


@dataclass(frozen=True)
class Row:
    """must: numbers that are not shown as good from `within_s` after the fault on, until it is mended, with one of
    `signals`. may: numbers that come and go with it. lies: numbers that are wrong and shown, and why nobody can know.
    back_s: by when they are shown again once it is mended."""

    must: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    within_s: float = 3.0
    may: tuple[str, ...] = ()
    lies: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Value] = field(default_factory=dict)
    back_s: float = 60.0
    why: str = ""


SILENCE = {LIGHT: "oximeter-missing", GAS: "capnograph-missing", SKIN: "temperature-missing", HEART: "heart-missing"}
"""The alarm of a part whose numbers are missing for long; a cuff has none, for its numbers come one by one."""


def silence(row: Row) -> set[str]:
    """Alarms that may be raised while the fault lasts: of what it withholds, and no other."""
    return {alarm for numbers, alarm in SILENCE.items() if set(numbers) & set(row.must)}


_SLOWLY = "the numbers' own window of some seconds still holds good beats"
_PLAUSIBLE = "it is plausible, and nothing else measures it"
_TOO_LITTLE = "too little to matter, or mended by the part's driver"
_WINDOW = 6.0


def _lost(numbers: tuple[str, ...], *signals: str, within_s: float = 3.0, why: str = "") -> Row:
    return Row(numbers, signals, within_s, why=why)


TABLE: dict[str, Row] = {
    # -- oximeter and finger -------------------------------------------------------------------------------------------
    "finger off": _lost(LIGHT, "probe-off"),
    "finger light": _lost(LIGHT, "ambient-light"),
    "finger movement": _lost(LIGHT, "motion", "irregular", within_s=_WINDOW, why=_SLOWLY),
    "finger shiver": _lost(LIGHT, "motion", "irregular", within_s=_WINDOW, why=_SLOWLY),
    "finger shaking": _lost(LIGHT, "motion", "irregular", within_s=_WINDOW, why=_SLOWLY),
    "finger jerks": Row(may=LIGHT, why="between two jerks there may be beats enough"),
    "finger loose": _lost(LIGHT, "motion", "irregular", within_s=_WINDOW, why=_SLOWLY),
    "finger cold": _lost(LIGHT, "low-perfusion", "no-pulse", within_s=8.0, why=_SLOWLY),
    "oximeter nack": _lost(LIGHT, "sensor-lost"),
    "oximeter near_zero": _lost(LIGHT, "probe-off"),
    "oximeter saturated": _lost(LIGHT, "saturated"),
    "oximeter ambient": _lost(LIGHT, "ambient-light"),
    "oximeter frozen": _lost(LIGHT, "flat"),
    "oximeter stuck_fifo": _lost(LIGHT, "sensor-lost", "flat"),
    "oximeter stuck": _lost(LIGHT, "low-perfusion", "no-pulse", within_s=8.0, why=_SLOWLY),
    "oximeter noisy": _lost(LIGHT, "motion", "irregular", within_s=_WINDOW, why=_SLOWLY),
    "oximeter offset": Row(may=LIGHT, why="a jump, and then a little more light that does not pulse"),
    "oximeter drifting": Row(may=LIGHT, why=_TOO_LITTLE),
    "oximeter late": Row(may=LIGHT, why="half a second that was there twice, and then all as it is, only later"),
    "oximeter brownout": Row(may=LIGHT, why="set up anew within a second; the numbers need some seconds of light"),
    "oximeter noise": Row(may=LIGHT, why=_TOO_LITTLE),
    "oximeter part_id": Row(why="read at power-on only"),
    "oximeter swapped": Row(
        may=LIGHT,
        lies={"spo2": "the two colours are exchanged where it is built, which no pulse tells; a finger does, at once"},
    ),
    "bus1 stuck": _lost((*LIGHT, *SKIN), "sensor-lost", within_s=4.0),
    # -- capnometer and airway -----------------------------------------------------------------------------------------
    "capnometer silent": _lost(GAS, "sensor-lost"),
    "capnometer frozen": _lost(GAS, "flat", within_s=8.0, why="5 s without a digit that changes"),
    "capnometer noise": _lost(GAS, "noise", "settling", within_s=_WINDOW),
    "capnometer stuck": _lost(GAS, "irregular", "blocked", "no-breath", within_s=10.0, why="until a breath is overdue"),
    "capnometer deaf": Row(why="it was set up, and is asked for nothing more"),
    "capnometer truncated": Row(may=GAS, why="a sample in ten"),
    "capnometer garbage": Row(may=GAS, why="a sample in ten; another digit is a spike among fifty a second"),
    "capnometer dropped": Row(may=GAS, why="a sample in ten"),
    "capnometer held_up": Row(may=GAS, why="a fifth of a second later"),
    "capnometer late": Row(may=GAS, why="half a second later"),
    "capnometer brownout": Row(may=GAS, why="a second of silence while it warms up"),
    "capnometer noisy": Row(may=GAS, why=_TOO_LITTLE),
    "capnometer drifting": Row(may=GAS, lies={"etco2": _PLAUSIBLE, "fico2": _PLAUSIBLE}),
    "capnometer offset": Row(may=GAS, lies={"etco2": _PLAUSIBLE, "fico2": _PLAUSIBLE}),
    "airway occluded": _lost(GAS, "irregular", "blocked", "no-breath", within_s=10.0, why="until a breath is overdue"),
    "airway disconnected": Row(
        ("etco2", "fico2"),
        ("irregular", "no-breath"),
        within_s=10.0,
        may=("resp",),
        lies={"resp": "no gas of a breath comes, which is told as an apnoea, 0, after 20 s: that is the safe side"},
        why="until a breath is overdue",
    ),
    "airway leaking": Row(may=GAS, lies={"etco2": "half of the gas is as of somebody who breathes twice as much"}),
    "airway coughing": Row(may=GAS, why="some breaths are whole"),
    # -- thermometer ---------------------------------------------------------------------------------------------------
    "temperature-probe off": Row(
        SKIN,
        ("settling", "probe-off"),
        within_s=4.0,
        back_s=240.0,
        why="it cools, and has to be warm again",
    ),
    "thermometer nack": _lost(SKIN, "sensor-lost"),
    "thermometer zeros": _lost(SKIN, "sensor-lost", "implausible"),
    "thermometer no_ready": _lost(SKIN, "sensor-lost", within_s=5.0),
    "thermometer frozen": _lost(SKIN, "flat", within_s=125.0, why="two minutes of one code: skin is steady too"),
    "thermometer nack_once": Row(may=SKIN, why="the transfer is made again"),
    "thermometer part": Row(may=SKIN, why="read at power-on only"),
    "thermometer stuck": Row(lies={"temperature": _PLAUSIBLE}),
    "thermometer noisy": Row(may=SKIN, why="what four conversions do not average out is unsteady"),
    "thermometer offset": Row(may=SKIN, lies={"temperature": _PLAUSIBLE}),
    "thermometer drifting": Row(may=SKIN, lies={"temperature": _PLAUSIBLE}),
    "thermometer late": Row(may=SKIN, why=_TOO_LITTLE),
    "thermometer brownout": Row(may=SKIN, why="set up anew; the mean needs half a minute"),
    # -- electrocardiogram ---------------------------------------------------------------------------------------------
    "ecg lead_off": _lost(HEART, "lead-off"),
    "ecg silent_lead": _lost(HEART, "saturated", "lead-off"),
    "ecg rail": _lost(HEART, "saturated"),
    "ecg frozen": _lost(HEART, "flat", "no-pulse", within_s=_WINDOW),
    "ecg stuck": _lost(HEART, "no-pulse", "flat", within_s=8.0, why=_SLOWLY),
    "ecg noisy": Row(may=HEART, why=_TOO_LITTLE),
    "ecg offset": Row(may=HEART, why="a jump, which the amplifier's own filter takes off"),
    "ecg drifting": Row(may=HEART, why="the amplifier's own filter takes it off"),
    "ecg late": Row(may=HEART, why="a beat that was there twice, and then all as it is, only later"),
    "electrodes mains": Row(may=HEART, why="withheld as noise where the R waves drown in it"),
    "electrodes muscle": _lost(HEART, "noise", "irregular", "settling", within_s=_WINDOW),
    "electrodes movement": Row(may=HEART, why="bouts, between which there may be beats enough"),
}

_ZERO = "the zero is taken before each determination, with the cuff empty"
_LIMITER = "what limits a cuff without the firmware; it is not needed as long as that works, and nothing reads it"

CUFF_TABLE: dict[str, Row] = {
    # within_s and back_s have no meaning here: a determination is watched to its end
    "cuff leak": Row(CUFF, ("leak",)),
    "cuff kink": Row(CUFF, ("kinked",)),
    "cuff off": Row(CUFF, ("leak",)),
    "cuff unwrapped": Row(CUFF, ("no-pulse", "leak")),
    "cuff dump-blocked": Row(CUFF, ("blocked", "implausible")),
    "cuff dump-open": Row(CUFF, ("leak",)),
    "cuff bleed-blocked": Row(CUFF, ("blocked",)),
    "cuff bleed-open": Row(CUFF, ("leak",)),
    "cuff pump-dead": Row(CUFF, ("leak",)),
    "cuff pump-on": Row(CUFF, ("blocked", "over-pressure", "motion", "kinked")),
    "cuff-limiter switch": Row(why=_LIMITER),
    "cuff-limiter hold": Row(why=_LIMITER),
    "cuff-limiter longest": Row(why=_LIMITER),
    "arm movement": Row(CUFF, ("motion", "irregular", "no-pulse", "implausible", "leak")),
    "arm shiver": Row(CUFF, ("motion", "irregular", "no-pulse", "implausible")),
    "arm pulseless": Row(CUFF, ("no-pulse",)),
    "cuff-sensor nack": Row(CUFF, ("sensor-lost",)),
    "cuff-sensor unpowered": Row(CUFF, ("sensor-lost",)),
    "cuff-sensor busy": Row(CUFF, ("sensor-lost",)),
    "cuff-sensor memory": Row(CUFF, ("sensor-lost",)),
    "cuff-sensor saturated": Row(CUFF, ("sensor-lost",)),
    "cuff-sensor stuck": Row(CUFF, ("kinked", "leak")),
    "cuff-sensor frozen": Row(CUFF, ("kinked", "leak", "sensor-lost")),
    "cuff-sensor offset": Row(CUFF, ("implausible",)),
    "cuff-sensor noisy": Row(CUFF, ("motion", "no-pulse", "irregular", "implausible")),
    "cuff-sensor drifting": Row(may=CUFF, why=_ZERO + "; within a minute it moves by 3 mmHg"),
    "cuff-sensor late": Row(may=CUFF, why="half a second later the cuff has 1.5 mmHg less"),
    "cuff-sensor slow": Row(may=CUFF, params={"ms": 15.0}, why="every other look brings a sample"),
    "cuff-sensor noise": Row(may=CUFF, why="0.6 mmHg rms"),
    "cuff-sensor nack_once": Row(may=CUFF, why="the next look brings a sample"),
    "cuff-sensor brownout": Row(may=CUFF, why="the next look brings a sample"),
}
