"""One sentence for every code that a board can send: what it means, and what a person at the bed can do about it.

The codes are those of the wire's table; a test holds the two together. Nothing else on the host words a state or a
reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from assuage.pharmacy.units import Ml, MlPerH
from assuage_wire import schema
from assuage_wire.codec import BY_ID, BY_NAME

STATES: Final[dict[str, str]] = {
    "standby": "The pump stands; no programme is set.",
    "programmed": "A programme has been read back and waits to be compared and confirmed.",
    "confirmed": "The programme is confirmed and can be started.",
    "armed": "The drive is energised and checked; the infusion has not started.",
    "infusing": "The infusion is running.",
    "kvo": "The pump runs at the keep-vein-open rate only.",
    "complete": "The infusion is complete.",
    "stopped": "The infusion has been stopped.",
    "fault": "The pump has stopped itself because of a fault; find the cause, then clear it.",
    "unconfirmed": "The board has restarted and the pump stands; check what was delivered, then clear.",
    "paused": "The infusion is paused and keeps its place; it goes on when somebody resumes it.",
    "bolus": "A bolus is being given; the infusion goes on after it.",
    "taking-up": "The pump moves up to the plunger; the infusion starts by itself once it has reached it.",
    "backing-off": "The line is closed and the pump goes back to relieve it; nothing is given.",
    "priming": "The line is being filled; it must not be connected to the patient.",
}

REASONS: Final[dict[str, str]] = {
    "none": "",
    "host-stop": "STOP was given, by a person at a monitor or by the host itself in doubt about the infusion.",
    "complete": "The whole volume has been given.",
    "lease-lapsed": "The host withdrew its permission, or failed, or lost the link; check both, then programme again.",
    "time-limit": "The time was used up, of the infusion or of an armed programme; check the line, programme the rest.",
    "volume-limit": "The volume limit was reached; review the order before giving more.",
    "encoder-disagrees": "The shaft did not turn as driven; look for an occlusion or a slipping coupling.",
    "encoder-lost": "The shaft encoder does not answer, so delivery cannot be checked. Take the pump out of use.",
    "reset": "The board restarted while a programme was running; compare the volume with the syringe.",
    "task-overrun": "The board could not keep up with its tasks. Take the pump out of use and keep its log.",
    "drive-fault": "The motor's driver reports a fault. Take the pump out of use.",
    "local-stop": "The stop key on the pump was pressed.",
    "refused": "The board refused to start; the checks before motion failed.",
    "internal": "The board found an inconsistency in itself. Take the pump out of use and keep its log.",
    "under-delivery": "The pump gave less than its rate asks for; compare it with the syringe, programme the rest.",
    "paused": "Somebody paused it.",
    "window-limit": "The most that may be given in ten minutes, one hour or four hours was given; review the order.",
    "kvo": "The whole volume has been given; the vein is kept open.",
    "journal-fault": "The pump cannot record what it gives. Compare the volume with the syringe, use another pump.",
    "occlusion": "The line is closed: look for a clamp, a kink or a blocked cannula before starting again.",
    "no-contact": "The pump found no plunger; check that the syringe is in and its plunger held, then programme again.",
    "line-disconnect": "The pressure fell as if the line had come off; check every connection.",
    "air-in-line": "There is air in the line; clamp it and remove the air before it goes on.",
    "syringe-unfitted": "Barrel, flange or plunger is not held; clamp the line, fit the syringe, programme the rest.",
    "syringe-mismatch": "The syringe fitted is not the one that was chosen; compare make and size.",
    "end-of-travel": "The syringe is empty; replace it and programme the rest.",
    "motor-stalled": "The motor is held fast; look for an occlusion or a jammed plunger.",
    "motor-slips": "The shaft lags behind the motor. Take the pump out of use.",
    "motor-reversed": "The shaft turned backwards. Take the pump out of use.",
    "stepper-driver-fault": "The motor's driver reports a fault or lost its supply. Take the pump out of use.",
    "force-sensor-fault": "The plunger's force cannot be measured, so no occlusion is seen. Take the pump out of use.",
    "supply-low": "The supply is too low to go on; connect the mains and programme the rest.",
    "interlock": "A vital sign was beyond its limit; look at the patient, then release the interlock.",
    "vitals-missing": "A vital sign could not be had; look at the patient and the sensor, then release the interlock.",
    "guardian-lost": "The board that watches the patient was not heard; look at both, then release the interlock.",
}

STATUSES: Final[dict[str, str]] = {
    "ok": "",
    "bad-state": "The pump cannot do that in its present state.",
    "rate-limit": "The rate is above the pump's limit.",
    "volume-limit": "The volume is above the pump's limit.",
    "time-limit": "The infusion and its spare time of up to an hour would last longer than the pump's limit.",
    "bad-token": "The confirmation does not belong to the read-back that the pump gave; programme again.",
    "wrong-programme": "The pump holds another programme than the one that was named; programme again.",
    "wrong-session": "The pump has restarted or was taken over since; wait for the link and try again.",
    "lease-too-long": "The permission asked for is longer than the pump allows.",
    "faulted": "The pump is in a fault; clear the fault first.",
    "bad-value": "The pump found a value in the order that makes no sense.",
    "unsupported": "This board cannot do that.",
    "syringe": "The syringe does not fit the order: its bore or its volume is impossible here.",
    "no-lease": "The pump had no valid permission to move when it was told to start; try again.",
    "encoder": "The check before motion failed: the shaft encoder does not answer or reads a weak magnet.",
    "stale-clear": "The fault has changed since it was shown; read the new one, then clear again.",
    "leg": "The pump cannot deliver one of the programme's legs, or they do not make up the volume.",
    "window-limit": "It is more than the pump may give in ten minutes, an hour or four hours.",
    "lockout": "The time between two doses is not over.",
    "journal": "The pump makes room for its record of this infusion; try again in a few seconds.",
    "connected": "A line is filled only when somebody says that it is not connected to the patient.",
    "pressure-level": "This syringe's friction hides so low a pressure; choose a higher occlusion pressure.",
    "unfitted": "The syringe is not in its place.",
    "mismatch": "The syringe fitted is not the one that was chosen; compare make and size.",
    "force-sensor": "The plunger's force cannot be measured.",
    "air": "There is air in the line; remove it first.",
    "supply-low": "The supply is too low to begin; connect the mains.",
    "stepper-driver": "The motor's driver is not ready or reports a fault.",
    "self-test-failed": "The pump has not passed its self-test.",
    "interlock": "The interlock has tripped; read why, look at the patient and release it first.",
    "guard": "Not all vital signs that guard it are normal.",
    "elsewhere": "The board that watches the patient does not permit it now; look at that board and at the patient.",
    "looser": "The board's own interlock asks for more than this order does.",
}

# What a refusal with "journal" may add in its detail; 1 is the sentence above.
JOURNAL: Final[dict[int, str]] = {
    2: "The pump waits for the host to fetch its record; keep them linked and try again in a minute.",
    3: "The pump cannot keep a record of this infusion. Use another pump.",
}

SOURCES: Final[dict[str, str]] = {
    "oximeter": "oximeter",
    "capnograph": "CO2 sensor",
    "cuff": "blood pressure cuff",
    "thermometer": "thermometer",
    "ecg": "ECG",
}
"""Who measures something of the patient, as the board's data name it and as people do."""

SIGNALS: Final[dict[str, str]] = {
    "ok": "",
    "settling": "The {0} is settling; numbers follow in a few seconds.",
    "probe-off": "The {0}'s probe is off.",
    "saturated": "The {0} gets more than it can measure; reposition its probe.",
    "low-perfusion": "The pulse is too weak for the {0}; warm the hand or move the probe.",
    "motion": "The patient is moving; the {0} waits for a still moment.",
    "sensor-lost": "The {0} does not answer; check its cable.",
    "ambient-light": "Light of the room reaches the {0}; shade its probe.",
    "no-pulse": "The {0} finds no pulse; look at the patient.",
    "no-breath": "The {0} finds no breath; look at the patient.",
    "flat": "The {0} always says the same; check its probe and cable.",
    "implausible": "What the {0} measures cannot be; check where it is placed.",
    "irregular": "The rhythm is irregular, so the {0}'s number is only a mean.",
    "noise": "The {0}'s signal is disturbed; check its cable and what is near it.",
    "lead-off": "An electrode of the {0} is off.",
    "blocked": "The {0}'s sample line is blocked or off; check it.",
    "warming-up": "The {0} is warming up.",
    "measuring": "The {0} is measuring.",
    "leak": "The {0} leaks; check cuff and hose.",
    "kinked": "The hose of the {0} is kinked or closed; check it.",
    "over-pressure": "The {0} was let out because its pressure was too high.",
    "over-time": "The {0} was let out because it took too long; try again.",
    "ended": "The last measurement of the {0} was ended before it was complete.",
    "never": "The {0} has not measured yet.",
}
"""Of each of the wire's SIGNALS; {0} is the source's name."""

_OF_SOURCE: Final[dict[tuple[str, str], str]] = {
    ("oximeter", "probe-off"): "The oximeter's probe is off the finger.",
    ("oximeter", "saturated"): "Too much light reaches the oximeter; shade or reposition the probe.",
    ("oximeter", "motion"): "The finger is moving; the oximeter waits for a still pulse.",
    ("cuff", "motion"): "The arm was moved, or the pulse was uneven; keep it still and measure again.",
}


def signal(source: str, name: str) -> str:
    """What one of the wire's SIGNALS means of a source, a name in SOURCES; "" for ok."""
    words = _OF_SOURCE.get((source, name)) or SIGNALS.get(name, "The {0} reports " + name + ".")
    return words.format(SOURCES[source])


ALARMS: Final[dict[str, str]] = {
    "occlusion": "The line is blocked; look for a closed clamp or a kink before you start again.",
    "line-disconnect": "The pressure has dropped as if the line had come off; check every connection.",
    "air-in-line": "There is air in the line; clamp it, remove the air, then start again.",
    "syringe-unfitted": "Barrel, flange or plunger is not held; clamp the line and fit the syringe again.",
    "syringe-mismatch": "The syringe fitted is not the one that was selected; compare make and size.",
    "end-of-travel": "The plunger is at its end; replace the syringe.",
    "near-empty": "The syringe will be empty soon; have the next one ready.",
    "infusion-complete": "The whole volume has been given; decide what comes next.",
    "kvo-running": "Only the keep-vein-open rate is running; programme what comes next.",
    "volume-limit": "A volume limit was reached; review the order before giving more.",
    "rate-limit": "More was about to be given in a time window than its limit; review the order.",
    "encoder-disagrees": "The shaft did not turn as driven; compare the volume with the syringe.",
    "encoder-lost": "The shaft's encoder does not answer, so delivery cannot be checked; use another pump.",
    "motor-stalled": "The motor is held fast; look for an occlusion or a jammed plunger.",
    "motor-slips": "The shaft lags behind the motor; check the coupling, use another pump.",
    "motor-reversed": "The shaft turned backwards; use another pump, its motor is wired wrongly.",
    "under-delivery": "Less was given than the rate asks for; compare the volume with the syringe.",
    "drive-fault": "The drive moved otherwise than commanded; use another pump and keep this one's log.",
    "stepper-driver-fault": "The motor's driver reports a fault; use another pump.",
    "force-sensor-fault": "The plunger's force cannot be measured, so no occlusion would be seen; use another pump.",
    "link-lost": (
        "The host's permission has lapsed, and the programme's choice (stop, KVO or go on) was taken; check the host."
    ),
    "time-limit": "The time was used up before the volume was given; check the line, programme the rest.",
    "reset-interrupted": "The board restarted while it was infusing; compare the volume with the syringe, then clear.",
    "internal": "The board found an inconsistency in itself; use another pump and keep this one's log.",
    "self-test-failed": "A test before use failed; use another pump.",
    "sounder-fault": "No alarm of this pump can be heard; watch its light and the monitor until it is replaced.",
    "battery-low": "Half an hour is left on the battery; connect the mains.",
    "battery-empty": "Five minutes are left on the battery; connect the mains now.",
    "supply-low": "The supply is too low to go on; connect the mains and programme the rest.",
    "journal-fault": "What is delivered can no longer be recorded, so the pump stands; use another one.",
    "clock-doubtful": "The board doubts its clock; times in its record may be wrong.",
    "idle-reminder": "The pump has waited for two minutes, programmed or paused; start or clear it.",
    "pca-demand-locked": "The button was pressed while the next dose was still locked.",
    "pca-limit": "The dose limit of the last hours was reached; assess the patient.",
    "key-stuck": "A key has been held for ten seconds; free it or change the pump.",
    "battery-unknown": "Nobody can tell how long the battery will last; connect the mains.",
    "link-silent": (
        "The host has been silent for more than a second, and what it permits runs out; check the host and its line."
    ),
    "interlock": "A vital sign is beyond its limit, so the pump stands; look at the patient.",
    "vitals-missing": "A vital sign cannot be had, so the pump stands; look at the patient and at the sensor.",
    "guardian-lost": (
        "Nothing is heard from the board that watches the patient, so the pump stands; look at the patient and at it."
    ),
    "spo2-low": "The saturation is below its limit; look at the patient, airway and oxygen first.",
    "pulse-low": "The pulse is below its limit, or has ceased; look at the patient, then at the probe.",
    "resp-low": "The patient breathes too slowly or not at all; rouse the patient and open the airway.",
    "etco2-high": "The CO2 at the end of a breath is above its limit; the patient breathes too little.",
    "systolic-low": "The systolic pressure is below its limit; look at the patient and measure again.",
    "map-low": "The mean arterial pressure is below its limit; look at the patient and measure again.",
    "heart-low": "The heart rate is below its limit, or the heart stands still; look at the patient.",
    "pulse-high": "The pulse is above its limit; look at the patient.",
    "resp-high": "The patient breathes faster than the limit; look at the patient.",
    "etco2-low": "The CO2 at the end of a breath is below its limit; look at the patient and the sample line.",
    "fico2-high": "The patient breathes in more CO2 than the limit; check the mask and the sample line.",
    "systolic-high": "The systolic pressure is above its limit; look at the patient.",
    "diastolic-low": "The diastolic pressure is below its limit; look at the patient.",
    "diastolic-high": "The diastolic pressure is above its limit; look at the patient.",
    "map-high": "The mean arterial pressure is above its limit; look at the patient.",
    "temperature-low": "The temperature is below its limit; look at the patient and the probe.",
    "temperature-high": "The temperature is above its limit; look at the patient.",
    "heart-high": "The heart rate is above its limit; look at the patient.",
    "oximeter-missing": "No saturation or pulse can be had any more; check the probe, and watch the patient meanwhile.",
    "capnograph-missing": "No breathing can be seen any more; check the sample line, and watch the patient meanwhile.",
    "temperature-missing": "No temperature can be had any more; check the probe.",
    "heart-missing": "No heart rate can be had any more; check electrodes and cable, and watch the patient meanwhile.",
}


def alarm(name: str, seen: str = "") -> str:
    """What an alarm means. seen: the value that raised it and its limit, in place of that it is beyond one."""
    sentence = ALARMS.get(name, f"The board raises the alarm {name}, which this host does not know.")
    return f"{seen}; {sentence.partition('; ')[2]}" if seen else sentence


ON_LOSS: Final[dict[str, str]] = {
    "stop": "If the link is lost, the pump stops.",
    "continue": "If the link is lost, the pump carries on to the end of its programme.",
    "kvo": "If the link is lost, the pump falls back to the keep-vein-open rate.",
}

RESETS: Final[dict[str, str]] = {
    "unknown": "The board has started; it does not know why.",
    "power-on": "The board has been switched on.",
    "watchdog": "The board's watchdog restarted it because its programme hung.",
    "commanded": "The board restarted because it was told to.",
    "brown-out": "The board restarted because its supply voltage fell.",
    "fault": "The board restarted after its programme failed.",
}

LEGS_MOST: Final = next(f[4] for f in BY_NAME["Programme"].fields if f[0] == "legs")

_ROW: Final = tuple(field[0].replace("_", " ") for field in BY_NAME["Guard"].fields[4:])  # of the interlock

# States in which `reason` says something about the present.
_REASON_SPEAKS: Final = frozenset({"kvo", "stopped", "fault", "unconfirmed", "backing-off", "paused"})


def code(names: Sequence[str], index: int) -> str:
    """The name of a code; a code that this table does not have yet reads as "code 17"."""
    return names[index] if 0 <= index < len(names) else f"code {index}"


def pump(state: str, reason: str) -> str:
    """What the pump is doing and why, e.g. "The infusion has been stopped. The stop key on the pump was pressed.\""""
    first = STATES.get(state, f"The pump reports the state {state}, which this host does not know.")
    second = REASONS.get(reason, f"It gives the reason {reason}.") if state in _REASON_SPEAKS else ""
    return f"{first} {second}".rstrip()


def refusal(status: str, detail: int, rate: int | None = None, order: int = 0) -> tuple[str, str | None]:
    """Why a board refused, and the limit with its unit or None.

    detail: what the board's Reply carried: nL/min, nL, s or ms by the kind of limit, or a field's number. rate: what
    was asked for in nL/min, if a rate was: a rate may also be too slow for a drive. order: id of the message that was
    refused, whose field a number means.
    """
    sentence = STATUSES.get(status, f"The pump refused with {status}, which this host does not know.")
    slow = status == "rate-limit" and rate is not None and rate < detail
    if slow:
        sentence = "The rate is below the slowest that this pump can deliver from this syringe."
    limit = _limit(status, detail, slow, order)
    if status == "syringe" and limit:
        sentence = _TOO_LITTLE[order == _RESUME]
    if status in _DETAILS and detail in _DETAILS[status]:
        sentence = _DETAILS[status][detail]
    elif status == "self-test-failed":
        parts = ", ".join(name for i, name in enumerate(schema.TESTS) if detail >> i & 1)
        sentence = f"{sentence.rstrip('.')}: {parts or 'no part is named'}."
    if status == "leg" and detail < LEGS_MOST:
        sentence = f"The pump cannot deliver step {detail + 1} of this course; change its rate, its volume or its time."
    if status == "guard" and detail:
        sentence = f"{sentence.rstrip('.')}; the first is row {detail} of the board's interlock."
    if status == "looser" and 0 < detail <= len(_ROW):
        sentence = f"{sentence.rstrip('.')}: by its {_ROW[detail - 1]}."
    if status == "journal":
        sentence = JOURNAL.get(detail, sentence)
    if limit is not None:
        sentence = f"{sentence.rstrip('.')}, which is {limit}."
        if status == "syringe":
            sentence = f"{sentence} {_FOR_SYRINGE[order == _RESUME]}"
    elif status == "bad-value":
        sentence = f"{sentence.rstrip('.')}: {_field(detail, order)}."
    return sentence, limit


_RESUME: Final = BY_NAME["Resume"].id
_MOVES: Final = frozenset(BY_NAME[name].id for name in ("Arm", "Start", "Resume"))  # these name no field
_TOO_LITTLE: Final = (
    "The order is more than the syringe can still give.",
    "What is left of this infusion is more than the syringe can still give.",
)
_FOR_SYRINGE: Final = (
    "Order no more than that, or change the syringe.",
    # a syringe that is taken out ends the programme
    "Press STOP, then order what is left anew: at most that from this syringe, or all of it once it is changed.",
)


_DETAILS: Final[dict[str, dict[int, str]]] = {
    "unfitted": {
        schema.FITTINGS.index("barrel-open"): "The barrel's clamp is open; fit the syringe.",
        schema.FITTINGS.index("plunger-open"): "The plunger is not held; fit the syringe.",
        schema.FITTINGS.index("flange-open"): "The flange is not in its slot; fit the syringe.",
    },
    "force-sensor": {
        schema.FORCES.index("untared"): (
            "The plunger's force has no zero since the pump was switched on; take the syringe out, then fit it again."
        ),
        schema.FORCES.index("no-reading"): "The plunger's force sensor does not answer; wait, or use another pump.",
    },
}


def _limit(status: str, detail: int, slow: bool, order: int) -> str | None:
    """Such that a person who types it is not refused again."""
    if status == "rate-limit":
        rate = MlPerH.lowest(detail) if slow else MlPerH.highest(detail)
        return f"{rate.value:.2f} mL/h"
    if status in ("volume-limit", "window-limit"):
        return f"{Ml.highest(detail).value:.3f}".removesuffix("0") + " mL"
    if status == "time-limit":
        return f"{Decimal(detail // 360) / 10:.1f} h"
    if status == "syringe" and (order in _MOVES or detail > len(BY_NAME["Programme"].fields)):
        return f"{Ml.highest(detail).value:.3f}".removesuffix("0") + " mL"
    if status == "pressure-level" and detail != schema.NONE32:
        return f"{detail} mmHg"
    if status == "lease-too-long":
        return f"{detail} ms"
    return None


def _field(number: int, order: int) -> str:
    fields = BY_ID[order].fields if order in BY_ID else ()
    if 0 <= number < len(fields):
        return f"{fields[number][0]} ({fields[number][5]})"
    return f"field {number}"


def ago(seconds: float) -> str:
    """How long ago, as one says it: "4 s", "3 min", "2 h"."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"
