"""A shift at the bed: what the patient goes through, and what the nurses and the doctor do about it, minute by minute.

It is written for the bench, to go through every part of the chain once; nobody's doses or times are advice.
"""

from __future__ import annotations

from typing import Any, Final

from tests.shift.ward import Ward

PATIENT: Final = {
    "patient": "Frau M. Keller", "weight": "70 kg", "age": "46 years", "sex": "female", "area": "acute",
    "note": "rib fractures, day 2",
}  # fmt: skip
KETAMINE: Final = {
    "drug": "ketamine", "label_drug": "ketamine", "mode": "loading", "concentration": "2 mg/mL",
    "label_concentration": "2 mg/mL", "dose": "0.3 mg/kg", "over": "10 min", "rate": "0.2 mg/kg/h", "duration": "4 h",
}  # fmt: skip
REST: Final = {
    "drug": "ketamine", "label_drug": "ketamine", "mode": "continuous", "concentration": "2 mg/mL",
    "label_concentration": "2 mg/mL", "rate": "0.2 mg/kg/h", "duration": "2 h",
}  # fmt: skip
FENTANYL: Final = {
    "drug": "fentanyl", "label_drug": "fentanyl", "mode": "pca", "concentration": "10 mcg/mL",
    "label_concentration": "10 mcg/mL", "dose": "20 mcg", "over": "1 min", "lockout": "8 min", "hour": "100 mcg",
    "four_hours": "300 mcg", "volume": "18 mL", "duration": "4 h",
}  # fmt: skip
MUSCLE: Final = {
    "drug": "ketamine", "label_drug": "ketamine", "concentration": "50 mg/mL", "dose": "15 mg", "route": "im",
    "site": "left deltoid",
}  # fmt: skip
END_MIN: Final = 112


async def shift(w: Ward) -> None:
    """From the handover in to the handover out."""
    await w.good("admit", who="Dr. Haas", **PATIENT)
    await w.good("limits/patient", who="Nurse Adler", kind="adult")
    await w.at(3)
    await w.assess(nrs="8", poss="1", rass="0", ponv="0", dissociation="0")
    ketamine = await w.order("", KETAMINE, "BD 50 mL")
    await w.at(6)
    opioid = await w.order("second/", FENTANYL, "BD 20 mL")

    await w.at(15)
    await w.assess(nrs="5", poss="1", rass="0", ponv="0", dissociation="1", effects=["dizziness"])
    await w.at(20)
    w.press_for_a_dose()
    await w.at(24)
    w.press_for_a_dose()  # within the lockout
    await w.at(30)
    await w.assess(nrs="4", poss="1", rass="0", ponv="1", dissociation="1")
    await w.at(40)
    w.press_for_a_dose()
    await w.at(45)
    await w.assess(nrs="3", poss="2", rass="-1", ponv="1", dissociation="1")

    await tachycardia(w)
    await w.at(60)
    await hourly(w, "3", "2")
    await desaturation(w, ketamine, opioid)
    await w.at(80)
    await by_hand(w)
    await overdue(w)
    await w.at(94)
    await new_syringe(w, ketamine)
    await w.at(END_MIN - 6)
    await hourly(w, "2", "2")
    await w.at(END_MIN - 4)
    await w.good("pump/stop", who="Nurse Adler")
    await w.assess(nrs="2", poss="1", rass="0", ponv="0", dissociation="0", note="handed over to the night shift")
    await w.at(END_MIN - 1)
    await w.good("discharge", who="Dr. Haas", note="to the ward, infusions ended")


async def hourly(w: Ward, pain: str, sedation: str) -> None:
    """Pain, sedation, and a look at line, rate and volume."""
    await w.assess(
        nrs=pain, poss=sedation, rass="-1", ponv="0", dissociation="1", line="good", rate="as ordered",
        volume="agrees",
    )  # fmt: skip


async def tachycardia(w: Ward) -> None:
    """The heart races for some minutes; somebody comes and looks."""
    await w.at(50)
    w.patient.hold(pulse_bpm=152.0)
    await w.until(lambda: "pulse-high" in sounding(w), "the alarm of a racing heart")
    await w.acknowledge()
    await w.at(54)
    w.patient.hold(pulse_bpm=None)
    await w.until(lambda: "pulse-high" not in sounding(w), "the end of that alarm")


async def desaturation(w: Ward, ketamine: int, opioid: int) -> None:
    """The saturation falls: both pumps stand until a human has released and resumed each of them."""
    await w.at(66)
    w.patient.hold(spo2=84.0)
    await w.until(lambda: w.states() == ("paused", "paused"), "both pumps standing")
    await w.acknowledge()
    for base, programme in (("", ketamine), ("second/", opioid)):
        await w.bad(f"{base}pump/resume", who="Nurse Adler", programme=programme)
    await w.at(68)
    w.patient.hold(spo2=None)
    await w.until(lambda: w.pump()["interlock"]["release"], "normal signs")
    await w.release_and_resume("", ketamine)
    await w.at(71)
    await w.release_and_resume("second/", opioid)


async def by_hand(w: Ward) -> None:
    """A dose into the muscle, which somebody has a reason for; the body gets it, and the chart."""
    checked = await w.good("given", who="Nurse Adler", check=True, **MUSCLE)
    reasons = [{"code": each["code"], "reason": "pain when moved, as Dr. Haas asked"} for each in checked["findings"]]
    w.patient.body.bolus("ketamine", 15_000, 300)
    await w.good("given", who="Nurse Adler", second="Nurse Brandt", overrides=reasons, **MUSCLE)


async def overdue(w: Ward) -> None:
    """Nobody comes at minute 75; ten minutes later the host says so, once, until somebody has."""
    await w.until(lambda: late(w), "an assessment being overdue", limit_s=40 * 60)
    assert 84.5 < w.world.now / 60 < 85.5, w.world.now / 60
    await w.at(88)
    await w.assess(nrs="3", poss="2", rass="-1", ponv="0", dissociation="0", note="patient had been to imaging")
    await w.until(lambda: not late(w), "that being made good")


async def new_syringe(w: Ward, ketamine: int) -> None:
    """The ketamine's syringe is changed: its programme ends with the old one, and the rest is ordered anew."""
    await w.good("pump/pause", who="Nurse Adler", programme=ketamine)
    await w.until(lambda: w.states()[0] == "paused", "the pause")
    w.pumps[0].take_out()
    await w.until(lambda: w.states()[0] == "stopped", "the end of the programme")
    await w.at(96)
    w.pumps[0].fit("BD 50")
    await w.acknowledge()
    await w.good("pump/clear", who="Nurse Adler", reason="syringe-unfitted")
    await w.until(lambda: "syringe-unfitted" not in sounding(w) and w.ready(False), "the syringe being held")
    await w.good(
        "syringe", who="Nurse Adler", syringe="BD 50 mL", drug="ketamine", concentration="2 mg/mL", holds="50 mL",
        wasted="20 mL",
    )  # fmt: skip
    await w.at(98)
    await w.order("", REST, "BD 50 mL")


def sounding(w: Ward) -> list[str]:
    """Names of the first board's alarms."""
    return [alarm["alarm"] for alarm in (w.page["alarms"] or {"list": []})["list"]]


def late(w: Ward) -> list[Any]:
    """What is overdue, as the page says it."""
    return list(w.page["charting"]["alarms"])
