"""What each alarm condition tells a person, and where its priority and times come from.

Keys are the wire's ALARMS, in their order; tests hold the two together. The words stay here,
because a board needs none of them. "memory" is memory of the product standard for infusion pumps (IEC 60601-2-24),
which nobody here has checked; "own" is our choice.
"""

from __future__ import annotations

_PEER_STOPS = "KSU Open PCA stops"
_OWN_STOPS = "own: it stops the pump"

# name: (sentence, source)
WORDS: dict[str, tuple[str, str]] = {
    "occlusion": (
        "The line is blocked; look for a closed clamp or a kink before you start again.",
        _PEER_STOPS,
    ),
    "line-disconnect": (
        "The pressure has dropped as if the line had come off; check every connection.",
        _OWN_STOPS,
    ),
    "air-in-line": ("There is air in the line; clamp it, remove the air, then start again.", _PEER_STOPS),
    "syringe-unfitted": (
        "Barrel, flange or plunger is not held; clamp the line and fit the syringe again.",
        _OWN_STOPS,
    ),
    "syringe-mismatch": (
        "The syringe fitted is not the one that was selected; compare make and size.",
        _OWN_STOPS,
    ),
    "end-of-travel": ("The plunger is at its end; replace the syringe.", _PEER_STOPS + " (empty)"),
    "near-empty": (
        "The syringe will be empty soon; have the next one ready.",
        "medium: own, for minutes are left; memory has low",
    ),
    "infusion-complete": (
        "The whole volume has been given; decide what comes next.",
        "high: memory; the Alaris recall of 2020 was of this alarm's priority and delay",
    ),
    "kvo-running": ("Only the keep-vein-open rate is running; programme what comes next.", "own"),
    "volume-limit": (
        "A volume limit was reached; review the order before giving more.",
        "KSU Open PCA goes to KVO; own: high",
    ),
    "rate-limit": (
        "More was about to be given in a time window than its limit; review the order.",
        "memory: over-infusion is high",
    ),
    "encoder-disagrees": (
        "The shaft did not turn as driven; compare the volume with the syringe.",
        _OWN_STOPS,
    ),
    "encoder-lost": (
        "The shaft's encoder does not answer, so delivery cannot be checked; use another pump.",
        _OWN_STOPS,
    ),
    "motor-stalled": ("The motor is held fast; look for an occlusion or a jammed plunger.", _OWN_STOPS),
    "motor-slips": ("The shaft lags behind the motor; check the coupling, use another pump.", _OWN_STOPS),
    "motor-reversed": (
        "The shaft turned backwards; use another pump, its motor is wired wrongly.",
        _OWN_STOPS,
    ),
    "under-delivery": (
        "Less was given than the rate asks for; compare the volume with the syringe.",
        "KSU Open PCA only warns; ours stops, so high",
    ),
    "drive-fault": (
        "The drive moved otherwise than commanded; use another pump and keep this one's log.",
        "memory: over-infusion is high and stops",
    ),
    "stepper-driver-fault": ("The motor's driver reports a fault; use another pump.", _OWN_STOPS),
    "force-sensor-fault": (
        "The plunger's force cannot be measured, so no occlusion would be seen; use another pump.",
        _OWN_STOPS,
    ),
    "link-lost": (
        "The host's permission has lapsed, and the programme's choice (stop, KVO or go on) was taken; check the host.",
        "own; oref0 users found silent stops of more than 2 h",
    ),
    "time-limit": (
        "The time was used up before the volume was given; check the line, programme the rest.",
        _OWN_STOPS,
    ),
    "reset-interrupted": (
        "The board restarted while it was infusing; compare the volume with the syringe, then clear.",
        "own; the pump stands until a person has read it",
    ),
    "internal": (
        "The board found an inconsistency in itself; use another pump and keep this one's log.",
        _OWN_STOPS,
    ),
    "self-test-failed": ("A test before use failed; use another pump.", _OWN_STOPS),
    "sounder-fault": (
        "No alarm of this pump can be heard; watch its light and the monitor until it is replaced.",
        "own: high, for no other alarm sounds; battery alarms were lost in the Medfusion recall of 2019",
    ),
    "battery-low": (
        "Half an hour is left on the battery; connect the mains.",
        "Clepsydre: 30 min; memory too",
    ),
    "battery-empty": ("Five minutes are left on the battery; connect the mains now.", "Clepsydre: 5 min"),
    "supply-low": ("The supply is too low to go on; connect the mains and programme the rest.", _OWN_STOPS),
    "journal-fault": ("What is delivered can no longer be recorded, so the pump stands; use another one.", "own"),
    "clock-doubtful": (
        "The board doubts its clock; times in its record may be wrong.",
        "own; Medfusion recall of 2022",
    ),
    "idle-reminder": (
        "The pump has waited for two minutes, programmed or paused; start or clear it.",
        "Clepsydre: 2 min, medium",
    ),
    "pca-demand-locked": ("The button was pressed while the next dose was still locked.", "own: information"),
    "pca-limit": (
        "The dose limit of the last hours was reached; assess the patient.",
        "KSU Open PCA goes to KVO; own: medium",
    ),
    "key-stuck": (
        "A key has been held for ten seconds; free it or change the pump.",
        "own; keypad recall of 2021",
    ),
    "battery-unknown": (
        "Nobody can tell how long the battery will last; connect the mains.",
        "own; battery alarms were lost in the Medfusion recall of 2019",
    ),
    "link-silent": (
        "The host has been silent for more than a second, and what it permits runs out; check the host and its line.",
        "own: told before the permission is used up; a silence that ends is no more than that, so medium",
    ),
    "interlock": (
        "A vital sign is beyond its limit, so the pump stands; look at the patient.",
        "own: the drug is taken away and stays away until a person has looked at the patient",
    ),
    "vitals-missing": (
        "A vital sign cannot be had, so the pump stands; look at the patient and at the sensor.",
        "own: what is missing is not normal",
    ),
    "guardian-lost": (
        "Nothing is heard from the board that watches the patient, so the pump stands; look at the patient and at it.",
        "own: permission from another board ends by itself",
    ),
}

# Bounds of IEC 60601-1-8 as second-hand sources tell them: (what, high, medium, low, how sure we are)
BOUNDS = (
    ("light", "red 1.4–2.8 Hz", "yellow 0.4–0.8 Hz", "yellow or cyan, steady", "one maker's manual"),
    ("light on", "20–60 %", "20–60 %", "100 %", "2 second-hand sources"),
    ("pulses in a burst", "10 (3+2, twice)", "3", "1–2", "3 second-hand sources"),
    ("pulse", "75–200 ms", "125–250 ms", "125–250 ms", "3 second-hand sources"),
    ("spacing", "50–125 ms (x)", "125–250 ms", "125–250 ms", "2 second-hand sources"),
    ("spacing 3→4, 8→9", "2x + pulse", "", "", "1 second-hand source"),
    ("spacing 5→6", "0.35–1.30 s", "", "", "2 second-hand sources"),
    ("between bursts", "2.5–15 s", "2.5–30 s", "> 15 s or none", "3 second-hand sources"),
)
