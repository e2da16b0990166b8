"""THE table: every message on the wire, its fields, their formats, units and ranges.

Nothing else in the project names a field's position or range; codec, construct Structs, PROTOCOL.md, the Modbus map
and the golden vectors are derived from here. Plain tuples and no imports, so that both interpreters read the same
file.

A message is  (id, name, direction, frozen, since, doc, fields)
a field is    (name, format, unit, lo, hi, doc)

format: one struct letter (B H I h i), or a count and a letter for an array (10h), or a count and s for bytes (8s).
lo, hi: inclusive range of the integer (of each item, for an array); both None for bytes.
direction: ">" host to board, "<" board to host.
frozen: such a message is never changed and its CRC is not seeded, so a board of any age can be identified and stopped.

Units are chosen so that a value fits 30 bits, MicroPython's small integer on a 32-bit board: nL and nL/min for
volume and flow (1073 mL and 64 L/h at most), ms, us and s for time. Board time is `ticks` (ms, wraps at 2**30) with
`wraps`.
"""

WIRE = 1  # version of the framing itself, told in Hello

MAX_PAYLOAD = 104  # bytes; the longest payload the table may have, so both ends hold fixed buffers

S30 = (1 << 30) - 1  # largest small integer, also the mask of the board's millisecond clock
NONE16 = 0xFFFF  # "no value" in an unsigned 16-bit field
NONE32 = S30  # "no value" in a volume or time field
NO_LOOP = 255  # legs that are followed by none

# Enumerations: a code's index is what travels. A code is never renumbered or reused.
RESETS = ("unknown", "power-on", "watchdog", "commanded", "brown-out", "fault")
STATES = (
    "standby",
    "programmed",
    "confirmed",
    "armed",
    "infusing",
    "kvo",
    "complete",
    "stopped",
    "fault",
    "unconfirmed",
    "paused",
    "bolus",
    "taking-up",
    "backing-off",
    "priming",
)
REASONS = (
    "none",
    "host-stop",
    "complete",
    "lease-lapsed",
    "time-limit",
    "volume-limit",
    "encoder-disagrees",
    "encoder-lost",
    "reset",
    "task-overrun",
    "drive-fault",
    "local-stop",
    "refused",
    "internal",
    "under-delivery",
    "paused",
    "window-limit",
    "kvo",
    "journal-fault",
    "occlusion",
    "no-contact",
    "line-disconnect",
    "air-in-line",
    "syringe-unfitted",
    "syringe-mismatch",
    "end-of-travel",
    "motor-stalled",
    "motor-slips",
    "motor-reversed",
    "stepper-driver-fault",
    "force-sensor-fault",
    "supply-low",
    "interlock",
    "vitals-missing",
    "guardian-lost",
)
STATUSES = (
    "ok",
    "bad-state",
    "rate-limit",
    "volume-limit",
    "time-limit",
    "bad-token",
    "wrong-programme",
    "wrong-session",
    "lease-too-long",
    "faulted",
    "bad-value",
    "unsupported",
    "syringe",
    "no-lease",
    "encoder",
    "stale-clear",
    "leg",
    "window-limit",
    "lockout",
    "journal",
    "connected",
    "pressure-level",
    "unfitted",
    "mismatch",
    "force-sensor",
    "air",
    "supply-low",
    "stepper-driver",
    "self-test-failed",
    "interlock",
    "guard",
    "elsewhere",
    "looser",
)
MODES = ("none", "continuous", "profile", "demand")
ON_END = ("stop", "kvo")
CHANGES = ("rate", "bolus")
ON_LOSS = ("stop", "continue", "kvo")
RECORDS = (
    "none",
    "sector",
    "boot",
    "fetched",
    "bolus",
    "begun",
    "delivered",
    "cleared",
    "found",
    "ahead",
    "state",
    "raised",
    "ended",
    "acknowledged",
    "configured",
    "supply",
    "fault",
    "ordered",
    "changed",
    "denied",
    "silenced",
    "tripped",
    "released",
    "limit",
)
PARAMETERS = (
    "spo2",
    "pulse",
    "perfusion",
    "resp",
    "resp-pleth",
    "etco2",
    "fico2",
    "systolic",
    "diastolic",
    "map",
    "pulse-cuff",
    "temperature",
    "heart",
)
"""What is measured of the patient, each by one source. In 0.1 %: spo2; in 0.1 /min: pulse (oximeter), resp
(capnograph), resp-pleth, pulse-cuff, heart (ECG); in 0.01 %: perfusion; in 0.1 mmHg: etco2, fico2, systolic, diastolic,
map (cuff); in 0.01 degrees C: temperature."""
QUALITIES = ("none", "doubtful", "good")
SIGNALS = (
    "ok",
    "settling",
    "probe-off",
    "saturated",
    "low-perfusion",
    "motion",
    "sensor-lost",
    "ambient-light",
    "no-pulse",
    "no-breath",
    "flat",
    "implausible",
    "irregular",
    "noise",
    "lead-off",
    "blocked",
    "warming-up",
    "measuring",
    "leak",
    "kinked",
    "over-pressure",
    "over-time",
    "ended",
    "never",
)
"""Why a number of the patient is there, or is not."""
GUARDS = ("below", "above", "missing", "apnoea")
"""What a row of the interlock forbids of a parameter: a value under the threshold, one over it, none that is good, or
more ms than the threshold without a breath."""
VERDICTS = ("denied", "runs", "begins")
"""What the board that watches the patient says of another's pump: it stands; it may go on; it may also begin."""
PATIENTS = ("adult", "child")
MEASURES = ("start", "stop", "every")
CUFF_STATES = ("idle", "zeroing", "inflating", "bleeding", "venting", "stuck", "resting")
ALARMS = (
    "occlusion",
    "line-disconnect",
    "air-in-line",
    "syringe-unfitted",
    "syringe-mismatch",
    "end-of-travel",
    "near-empty",
    "infusion-complete",
    "kvo-running",
    "volume-limit",
    "rate-limit",
    "encoder-disagrees",
    "encoder-lost",
    "motor-stalled",
    "motor-slips",
    "motor-reversed",
    "under-delivery",
    "drive-fault",
    "stepper-driver-fault",
    "force-sensor-fault",
    "link-lost",
    "time-limit",
    "reset-interrupted",
    "internal",
    "self-test-failed",
    "sounder-fault",
    "battery-low",
    "battery-empty",
    "supply-low",
    "journal-fault",
    "clock-doubtful",
    "idle-reminder",
    "pca-demand-locked",
    "pca-limit",
    "key-stuck",
    "battery-unknown",
    "link-silent",
    "interlock",
    "vitals-missing",
    "guardian-lost",
    "spo2-low",
    "pulse-low",
    "resp-low",
    "etco2-high",
    "systolic-low",
    "map-low",
    "heart-low",
    "pulse-high",
    "resp-high",
    "etco2-low",
    "fico2-high",
    "systolic-high",
    "diastolic-low",
    "diastolic-high",
    "map-high",
    "temperature-low",
    "temperature-high",
    "heart-high",
    "oximeter-missing",
    "capnograph-missing",
    "temperature-missing",
    "heart-missing",
)
PRIORITIES = ("none", "low", "medium", "high")
ALARM_STATES = ("idle", "pending", "acknowledged", "leaving", "active", "fading", "latched", "returning", "fault")
FORCES = ("good", "no-reading", "rail", "stuck", "beyond", "untared", "none")
FITTINGS = ("fitted", "barrel-open", "plunger-open", "flange-open", "none")
BARRELS = ("matches", "mismatch", "ambiguous", "implausible", "unasked", "none")
WATCHES = ("standing", "learning", "occlusion", "disconnection", "none")
DRIVERS = ("works", "setting-up", "silent", "faulty", "lost", "none")
DIAGNOSES = ("none", "stall", "slip", "reversed", "dead", "stuck", "disagree")
BATTERIES = ("fine", "low", "very-low", "empty", "unknown", "none")
AIRS = ("clear", "air", "none")
TESTS = ("encoder", "bridge", "driver", "sounder", "keys", "supply", "gauge")

_TIME = (
    ("ticks", "I", "ms", 0, S30, "board time, wraps at 2**30 ms"),
    ("wraps", "H", "", 0, 65535, "how often ticks has wrapped"),
)
_COMMAND = (
    ("session", "H", "", 1, 65535, "the session that Hello echoed"),
    ("command", "H", "", 1, 65535, "id of this command; the same id again returns the kept answer"),
)
_PROGRAMME = (
    ("programme", "I", "", 1, S30 - 1, "id of the programme, chosen by the host"),
    ("mode", "B", "MODES", 1, 3, "one flow; legs that follow in Leg; or a flow, 0 too, and doses on demand"),
    ("rate", "I", "nL/min", 0, 20_000_000, "flow asked for, of legs the highest; 20 000 000 is 1200 mL/h"),
    ("vtbi", "I", "nL", 1, 100_000_000, "volume to be infused"),
    ("duration", "I", "s", 1, 2_592_000, "the infusion ends here at the latest"),
    ("bore", "H", "um", 1_000, 60_000, "inner diameter of the syringe barrel"),
    ("capacity", "I", "nL", 100_000, 100_000_000, "volume that the syringe holds"),
    ("limit_rate", "I", "nL/min", 1, 20_000_000, "programme's own rate limit; only ever lowers the board's"),
    ("limit_volume", "I", "nL", 1, 100_000_000, "programme's own volume limit; only ever lowers the board's"),
    ("on_loss", "B", "ON_LOSS", 0, 2, "what happens when the lease lapses, fixed at start"),
    ("kvo", "I", "nL/min", 0, 20_000_000, "keep-vein-open rate; never above rate, used by on_loss = kvo"),
    ("lease", "H", "ms", 500, 10_000, "longest permission that a grant may give"),
    ("legs", "B", "", 0, 16, "how many legs follow; 0 except in a profile"),
    ("loop", "B", "", 0, 255, "number from 0 of the leg that follows the last one, until vtbi; 255 for none"),
    ("dose", "I", "nL", 0, 100_000_000, "what the patient gets on demand"),
    ("dose_rate", "I", "nL/min", 0, 20_000_000, "and at what flow"),
    ("lockout", "H", "s", 0, 65535, "least time from the beginning of one dose to that of the next"),
    ("bolus", "I", "nL", 0, 100_000_000, "largest bolus that may be ordered while it runs; 0 for none"),
    ("limit_hour", "I", "nL", 0, S30, "programme's own limit of any hour; only ever lowers the board's"),
    ("limit_4h", "I", "nL", 0, S30, "the same of any four hours"),
    ("on_end", "B", "ON_END", 0, 1, "what follows the whole volume: nothing, or the KVO rate"),
    ("level", "H", "mmHg", 50, 900, "pressure that is an occlusion: 50 100 150 200 300 400 500 600 750 or 900"),
    ("outer", "H", "um", 0, 60_000, "outer diameter of the barrel, to tell another syringe by; 0 when unknown"),
    ("alike", "B", "", 0, 1, "1: another syringe that may be chosen has this outer diameter and another bore"),
    ("contents", "I", "nL", 1, 100_000_000, "volume that is in the syringe"),
    ("near_empty", "H", "s", 0, 65535, "so long before the syringe is empty a warning is given; 0 for none"),
    ("guards", "B", "", 0, 16, "how many rows of the interlock follow in Guard, beside those of the board itself"),
    ("watch", "I", "", 0, S30, "number of the watching, from WatchBack, of the board that permits it; 0 for none"),
    ("bound", "H", "ms", 0, 4000, "so long lasts a permission of that board, from the ask; 1000 at least; 0 for none"),
)
_GUARD = (
    ("programme", "I", "", 1, S30 - 1, "id of the programme, or of the watching's Watch"),
    ("number", "B", "", 0, 15, "number of the row, from 0, in order"),
    ("parameter", "B", "PARAMETERS", 0, 12, "what of the patient it asks for"),
    ("kind", "B", "GUARDS", 0, 3, "what it forbids"),
    ("threshold", "H", "", 0, 65534, "in the parameter's own unit; of an apnoea ms; 0 where a value is missing"),
    ("persistence", "I", "ms", 0, 600_000, "so long must a breach last"),
    ("hysteresis", "H", "", 0, 65534, "in the threshold's unit: so far on the good side of it a breach ends"),
    ("max_age", "I", "ms", 0, 3_600_000, "a value that is older is none"),
    ("missing", "I", "ms", 0, 600_000, "for so long there may be none that is good"),
)
_SEEN = (
    ("parameter", "B", "PARAMETERS", 0, 255, "of the row; 255 where nothing was heard from the board that watches"),
    ("kind", "B", "GUARDS", 0, 255, "of the row; `missing` where it ran out for want of a good value"),
    ("quality", "B", "QUALITIES", 0, 255, "of the value then"),
    ("value", "H", "", 0, 65535, "then; NONE16 for none; of an apnoea the ms without a breath"),
    ("age", "I", "ms", 0, S30, "of the value then"),
)
_LEG = (
    ("programme", "I", "", 1, S30 - 1, "id of the programme"),
    ("leg", "B", "", 0, 15, "number of the leg, from 0, in order"),
    ("begin", "I", "nL/min", 0, 20_000_000, "flow at its beginning"),
    ("end", "I", "nL/min", 0, 20_000_000, "flow at its end; a ramp where they differ, a pause where both are 0"),
    ("volume", "I", "nL", 0, 100_000_000, "of a steady leg; 0 in the last one for all that is left"),
    ("seconds", "I", "s", 0, 1_000_000, "of a ramp or a pause"),
)
_CHANGE = (
    ("programme", "I", "", 1, S30 - 1, "id of the programme"),
    ("change", "B", "CHANGES", 0, 1, "another flow from now on, or a bolus"),
    ("rate", "I", "nL/min", 1, 20_000_000, "flow"),
    ("volume", "I", "nL", 0, 100_000_000, "of the bolus; 0 for another flow"),
)

_PRIME = (
    ("programme", "I", "", 1, S30 - 1, "id of this priming, chosen by the host as for a programme; grants name it"),
    ("bore", "H", "um", 1_000, 60_000, "inner diameter of the syringe barrel"),
    ("rate", "I", "nL/min", 1, 20_000_000, "flow"),
    ("volume", "I", "nL", 1, 100_000_000, "to fill the line with; never counted as delivered"),
)
_LIMITS = (
    ("parameter", "B", "PARAMETERS", 0, 12, "whose limits"),
    ("low", "H", "", 0, 65535, "a value below is told, in its own unit; NONE16 for no limit"),
    ("high", "H", "", 0, 65535, "a value above is told, in its own unit; NONE16 for no limit"),
)
_DELAY = ("delay", "B", "s", 0, 30, "so long must it be beyond before it is told")

MESSAGES = (
    # -- frozen for ever ---------------------------------------------------------------------------------------------
    (
        0x01,
        "Hello",
        "<",
        True,
        1,
        "Who the board is; sent at boot, every second until identified, and in answer to Identify.",
        (
            ("wire", "B", "", 0, 255, "version of the framing"),
            (
                "schema",
                "I",
                "",
                0,
                0xFFFFFFFF,
                "CRC-32 of this table; telemetry and commands need it equal on both ends",
            ),
            ("board", "8s", "", None, None, "unique id of the board"),
            ("fw_major", "B", "", 0, 255, "firmware version, major"),
            ("fw_minor", "B", "", 0, 255, "firmware version, minor"),
            ("fw_patch", "B", "", 0, 255, "firmware version, patch"),
            ("config", "I", "", 0, 0xFFFFFFFF, "CRC-32 of the board's own data: limits, mechanics, calibration"),
            ("boot", "I", "", 0, S30, "how often this board has started"),
            ("reset", "B", "RESETS", 0, 255, "why it last started"),
            ("session", "H", "", 0, 65535, "session asked for in Identify; 0 when nobody asked"),
        )
        + _TIME,
    ),
    (
        0x02,
        "Identify",
        ">",
        True,
        1,
        "Asks for Hello and opens a session: an older one's answers are forgotten and its commands and grants refused.",
        (("session", "H", "", 1, 65535, "new session, chosen at random by the host"),),
    ),
    (
        0x03,
        "Stop",
        ">",
        True,
        1,
        "Stops all motion in any state, with or without a session. Answered by Stopped, every time.",
        (("token", "H", "", 0, 65535, "echoed in Stopped"),),
    ),
    (
        0x04,
        "Stopped",
        "<",
        True,
        1,
        "The shaft is commanded to stand: the drive's queue has been emptied.",
        (
            ("token", "H", "", 0, 65535, "of the Stop that is answered"),
            ("state", "B", "STATES", 0, 255, "state after stopping"),
            ("delivered", "I", "nL", 0, S30, "delivered by this programme"),
        ),
    ),
    # -- commands ----------------------------------------------------------------------------------------------------
    (
        0x10,
        "Programme",
        ">",
        False,
        1,
        "Offers a programme; answered by Readback, or by Reply with the reason for refusing.",
        _COMMAND + _PROGRAMME,
    ),
    (
        0x11,
        "Confirm",
        ">",
        False,
        1,
        "A human has compared the read-back with the order.",
        _COMMAND
        + (
            ("programme", "I", "", 1, S30 - 1, "id of the programme"),
            ("token", "H", "", 1, 65535, "of the Readback that was compared"),
        ),
    ),
    (
        0x12,
        "Arm",
        ">",
        False,
        1,
        "Energises the drive and checks encoder and drive; no motion yet.",
        _COMMAND + (("programme", "I", "", 1, S30 - 1, "id of the programme"),),
    ),
    (
        0x13,
        "Start",
        ">",
        False,
        1,
        "Begins delivery under a first grant.",
        _COMMAND
        + (
            ("programme", "I", "", 1, S30 - 1, "id of the programme"),
            ("until_ticks", "I", "ms", 0, S30, "first grant: board time at which it ends"),
            ("until_wraps", "H", "", 0, 65535, "wraps of until_ticks"),
        ),
    ),
    (
        0x14,
        "Clear",
        ">",
        False,
        1,
        "Acknowledges a fault, or an interrupted programme after a reset, and returns to standby.",
        _COMMAND
        + (("reason", "B", "REASONS", 0, 255, "the reason that the human saw; a different one is a stale clear"),),
    ),
    (
        0x15,
        "Lease",
        ">",
        False,
        1,
        "Grants motion until a board time. PumpStatus.lease shows the margin; a Reply tells why one is refused.",
        (
            ("session", "H", "", 1, 65535, "the session that Hello echoed"),
            ("grant", "I", "", 1, S30, "counter of grants, strictly rising within a session"),
            ("programme", "I", "", 1, S30 - 1, "id of the programme"),
            ("until_ticks", "I", "ms", 0, S30, "board time at which the permission ends"),
            ("until_wraps", "H", "", 0, 65535, "wraps of until_ticks"),
        ),
    ),
    (0x16, "Probe", ">", False, 1,
     "Does nothing and is answered by Reply: round trip and clock.", _COMMAND),
    (0x17, "Leg", ">", False, 3,
     "One leg of the programme offered last; answered by LegBack, or by Reply with the reason for refusing all.",
     _COMMAND + _LEG),
    (0x18, "Pause", ">", False, 3,
     "Stands until Resume or Stop; a bolus is over.",
     _COMMAND + (("programme", "I", "", 1, S30 - 1, "id of the programme"),)),
    (
        0x19,
        "Resume",
        ">",
        False,
        3,
        "Goes on with a paused programme under a first grant.",
        _COMMAND
        + (
            ("programme", "I", "", 1, S30 - 1, "id of the programme"),
            ("until_ticks", "I", "ms", 0, S30, "first grant: board time at which it ends"),
            ("until_wraps", "H", "", 0, 65535, "wraps of until_ticks"),
        ),
    ),
    (0x1A, "Change", ">", False, 3,
     "Offers a change to a programme that runs; answered by ChangeBack, or by Reply with the reason for refusing.",
     _COMMAND + _CHANGE),
    (
        0x1B,
        "Apply",
        ">",
        False,
        3,
        "A human has compared the read-back of a change: it is made now.",
        _COMMAND
        + (
            ("programme", "I", "", 1, S30 - 1, "id of the programme"),
            ("token", "H", "", 1, 65535, "of the ChangeBack that was compared"),
        ),
    ),
    (0x1C, "Fetch", ">", False, 4,
     "Asks for a record of the journal; answered by Record, or by Reply with bad-value when there is none from there.",
     _COMMAND + (("number", "I", "", 0, S30, "of the record; the first whole one from there on is sent"),)),
    (
        0x1D,
        "Stored",
        ">",
        False,
        4,
        "The host has stored every record up to this one, and is sure that it is of this journal: they may be erased.",
        _COMMAND
        + (
            ("number", "I", "", 0, S30, "of the record"),
            ("check", "I", "", 0, S30, "of the same Record; another one is a bad value, and changes nothing"),
        ),
    ),
    (
        0x1E,
        "Acknowledge",
        ">",
        False,
        4,
        "A human has seen an alarm: its sound ends, and it is shown no longer than its cause lasts.",
        _COMMAND + (("occurrence", "I", "", 1, S30, "of the Alarm that was seen; one that no longer stands is stale"),),
    ),
    (0x1F, "Silence", ">", False, 4,
     "Pauses the sound of all that sounds now for 120 s at most; bad-state when nothing does.",
     _COMMAND),
    (0x20, "Prime", ">", False, 4,
     "Offers to fill the line of a pump in standby; answered by PrimeBack, or by Reply with the reason for refusing.",
     _COMMAND + _PRIME),
    (
        0x21,
        "Purge",
        ">",
        False,
        4,
        "A human has compared the read-back and has looked at the line: it is filled now, under a first grant.",
        _COMMAND
        + (
            ("programme", "I", "", 1, S30 - 1, "id of this priming"),
            ("token", "H", "", 1, 65535, "of the PrimeBack that was compared"),
            ("disconnected", "B", "", 0, 1, "1: the line is not connected to the patient"),
            ("until_ticks", "I", "ms", 0, S30, "first grant: board time at which it ends"),
            ("until_wraps", "H", "", 0, 65535, "wraps of until_ticks"),
        ),
    ),
    (
        0x22,
        "Guard",
        ">",
        False,
        5,
        "One row of the interlock, of the programme or watching offered last; answered by GuardBack, or by Reply with "
        "the reason for refusing all. No row can be looser than the board's own of that parameter and kind.",
        _COMMAND + _GUARD,
    ),
    (
        0x23,
        "Watch",
        ">",
        False,
        5,
        "Asks a board to watch its patient for the pump of another; answered by WatchBack, or by Reply.",
        _COMMAND
        + (
            ("programme", "I", "", 1, S30 - 1, "id of the programme that will be guarded, or any other number"),
            ("pump", "I", "", 0, S30, "whose: the low 30 bits of the CRC-32 of that board's unique id"),
            ("guards", "B", "", 0, 16, "how many rows follow in Guard; 0: by the rows that hold here already"),
        ),
    ),
    (0x24, "Unwatch", ">", False, 5,
     "That watching is over: who still asks by it is refused.",
     _COMMAND + (("watch", "I", "", 1, S30, "its number"),)),
    (0x25, "Release", ">", False, 5,
     "A human has read why the interlock has tripped: drug may flow again, and flows when it is resumed.",
     _COMMAND + (("number", "I", "", 1, S30, "of the trip, from Interlock; another one is stale"),)),
    (
        0x26,
        "PassAsk",
        ">",
        False,
        5,
        "An Ask of another board's pump, passed on as it is; answered by Permit alone.",
        (
            ("session", "H", "", 1, 65535, "the session that Hello echoed"),
            ("watch", "I", "", 0, S30, "number of the watching"),
            ("nonce", "I", "", 0, S30, "number of the ask"),
            ("moving", "B", "", 0, 1, "1: drug flows, or is about to"),
        ),
    ),
    (
        0x27,
        "PassPermit",
        ">",
        False,
        5,
        "A Permit of the board that watches, passed on as it is; never answered.",
        (
            ("session", "H", "", 1, 65535, "the session that Hello echoed"),
            ("watch", "I", "", 0, S30, "number of the watching"),
            ("nonce", "I", "", 0, S30, "of the ask that is answered"),
            ("verdict", "B", "VERDICTS", 0, 2, "what it permits"),
        )
        + _SEEN,
    ),
    (
        0x28,
        "SetLimit",
        ">",
        False,
        5,
        "Other alarm limits of one of the patient's values, in any state; answered by LimitBack, or by Reply with "
        "bad-value and the number of the field, or the bound that no limit may pass.",
        _COMMAND + _LIMITS + (_DELAY,),
    ),
    (0x29, "Patient", ">", False, 5,
     "Another patient: all limits begin anew, and nothing of what was is told any more.",
     _COMMAND + (("kind", "B", "PATIENTS", 0, 1, "whose limits to begin with"),)),
    (
        0x2A,
        "Measure",
        ">",
        False,
        5,
        "Blood pressure: measures now, lets the cuff off at once, or sets how often it is measured by itself.",
        _COMMAND
        + (
            ("what", "B", "MEASURES", 0, 2, "bad-state: start while one is under way, stop while there is none"),
            ("minutes", "H", "min", 0, 60, "of every, from now on: 0 for never by itself; else not looked at"),
        ),
    ),
    # -- answers -----------------------------------------------------------------------------------------------------
    (
        0x30,
        "Readback",
        "<",
        False,
        1,
        "What the board understood and will do, for a human to compare.",
        _COMMAND
        + _PROGRAMME
        + (
            ("nl_per_rev", "I", "nL", 1, S30, "volume of one turn of the lead screw in this syringe"),
            ("steps", "I", "", 1, S30, "microsteps that the whole volume takes"),
            ("finish", "I", "s", 0, S30, "time the volume takes at this rate"),
            ("token", "H", "", 0, 65535, "to be returned in Confirm; 0 while legs are missing"),
        ),
    ),
    (
        0x31,
        "Reply",
        "<",
        False,
        4,
        "Outcome of a command; also why a grant or an Identify is refused, which have no id.",
        (
            ("session", "H", "", 0, 65535, "of what is answered"),
            ("command", "H", "", 0, 65535, "its id; 0 for none"),
            ("status", "B", "STATUSES", 0, 255, "ok, or why not"),
            ("detail", "I", "", 0, S30, "the limit or field number that status speaks of, else 0"),
            ("state", "B", "STATES", 0, 255, "state of the pump after the command"),
        )
        + _TIME
        + (("order", "B", "", 0, 255, "id of the message that is answered"),),
    ),
    (
        0x32,
        "LegBack",
        "<",
        False,
        3,
        "What the board understood of a leg, for a human to compare.",
        _COMMAND
        + _LEG
        + (
            ("steps", "I", "", 0, S30, "whole microsteps that the leg takes, 0 for one without a volume"),
            ("missing", "B", "", 0, 16, "legs that are still missing"),
            ("finish", "I", "s", 0, S30, "time of all legs; none while some are missing, or in a loop"),
            ("token", "H", "", 0, 65535, "of the whole programme, to be returned in Confirm; 0 while legs are missing"),
        ),
    ),
    (
        0x33,
        "ChangeBack",
        "<",
        False,
        3,
        "What the board understood of a change, for a human to compare.",
        _COMMAND
        + _CHANGE
        + (
            ("steps", "I", "", 0, S30, "whole microsteps of the bolus, or of all that is left"),
            ("seconds", "I", "s", 0, S30, "time that they take at this flow"),
            ("token", "H", "", 1, 65535, "to be returned in Apply"),
        ),
    ),
    (
        0x34,
        "PrimeBack",
        "<",
        False,
        4,
        "What the board understood of a priming, for a human to compare.",
        _COMMAND
        + _PRIME
        + (
            ("steps", "I", "", 1, S30, "whole microsteps of the volume"),
            ("seconds", "I", "s", 0, S30, "time that they take"),
            ("token", "H", "", 1, 65535, "to be returned in Purge"),
        ),
    ),
    (
        0x35,
        "Record",
        "<",
        False,
        4,
        "One record of the journal in flash, see firmware/journal/kinds.py for what a b c x y z are.",
        _COMMAND
        + (
            ("number", "I", "", 0, S30, "its number; what is missing in between was never finished, or has gone"),
            ("kind", "B", "RECORDS", 0, 255, "what happened"),
            ("a", "B", "", 0, 255, "a number of that kind"),
            ("b", "B", "", 0, 255, "a second"),
            ("c", "B", "", 0, 255, "a third"),
            ("x", "I", "", 0, S30, "a fourth"),
            ("y", "I", "", 0, S30, "a fifth"),
            ("z", "I", "", 0, S30, "a sixth"),
            ("boot", "H", "", 0, 65535, "which start of the board it is from, the low 16 bits"),
        )
        + _TIME
        + (("check", "I", "", 0, S30, "to be returned in Stored"),),
    ),
    (
        0x36,
        "GuardBack",
        "<",
        False,
        5,
        "What the board understood of a row, and holds now, for a human to compare.",
        _COMMAND
        + _GUARD
        + (
            ("lacking", "B", "", 0, 16, "rows that are still to come"),
            ("token", "H", "", 0, 65535, "of the whole programme, to be returned in Confirm; 0 while any is lacking"),
            ("watch", "I", "", 0, S30, "of a watching: its number, when its last row has come"),
        ),
    ),
    (0x37, "WatchBack", "<", False, 5,
     "The board will watch.",
     _COMMAND + (("watch", "I", "", 0, S30, "number of this watching, for the Programme; 0 while rows are to come"),)),
    (
        0x3B,
        "LimitBack",
        "<",
        False,
        5,
        "The alarm limits of one of the patient's values as they hold now, and how far a person may move them.",
        _COMMAND
        + _LIMITS
        + (
            ("least", "H", "", 0, 65535, "no limit may be below"),
            ("most", "H", "", 0, 65535, "nor above"),
            ("must", "B", "", 0, 3, "bits: 1 the low limit cannot be switched off, 2 the high one"),
            _DELAY,
        ),
    ),
    # -- telemetry ---------------------------------------------------------------------------------------------------
    (
        0x40,
        "PumpStatus",
        "<",
        False,
        1,
        "State of the pump, 5 per second and at each change.",
        _TIME
        + (
            ("state", "B", "STATES", 0, 255, "state of the pump"),
            ("reason", "B", "REASONS", 0, 255, "why it is not infusing, or why it faulted"),
            ("programme", "I", "", 0, S30, "id of the programme, 0 for none"),
            ("rate", "I", "nL/min", 0, S30, "flow of the dose now; 0 when none flows"),
            ("set_rate", "I", "nL/min", 0, S30, "flow of the programme"),
            ("vtbi", "I", "nL", 0, S30, "volume to be infused"),
            ("delivered", "I", "nL", 0, S30, "delivered by this programme, from steps that the drive consumed"),
            ("measured", "i", "nL", -S30, S30, "the same from the shaft encoder"),
            ("left", "I", "s", 0, S30, "time to the end at this rate; none when standing"),
            ("lease", "H", "ms", 0, 65535, "margin of the current grant"),
            ("on_loss", "B", "ON_LOSS", 0, 255, "what happens when the lease lapses"),
            ("was_programme", "I", "", 0, S30, "programme that a reset interrupted, 0 for none"),
            ("was_low", "I", "nL", 0, S30, "it had delivered at least this; none when unknown"),
            ("was_high", "I", "nL", 0, S30, "it had delivered at most this; none when unknown"),
            ("bolus", "I", "nL", 0, S30, "given of the present bolus or dose, or of the last one"),
            ("doses", "H", "", 0, 65535, "doses given on demand, saturating"),
            ("denied", "H", "", 0, 65535, "presses of the demand button that brought none, saturating"),
            ("lockout", "H", "s", 0, 65535, "until the next dose can be given"),
            ("aside", "I", "nL", 0, S30, "moved by the last taking-up, backing-off or priming; of no dose"),
        ),
    ),
    (
        0x41,
        "Vitals",
        "<",
        False,
        1,
        "Numbers of the patient, once a second: of each of PARAMETERS value, quality, why, and age.",
        _TIME
        + (
            ("values", "13H", "", 0, 65535, "in the units told at PARAMETERS; NONE16 for no number"),
            ("qualities", "13B", "QUALITIES", 0, 255, "only a good one may be taken for the patient's"),
            ("signals", "13B", "SIGNALS", 0, 255, "why it is there, or is not"),
            ("ages", "13H", "0.1 s", 0, 65535, "age of the newest sample that it rests on; 65535: that, or more"),
            ("trust", "B", "%", 0, 100, "how far the pulse wave can be trusted"),
        ),
    ),
    (
        0x42,
        "Pleth",
        "<",
        False,
        1,
        "Ten samples of the pulse wave, 10 frames per second.",
        _TIME
        + (
            ("index", "I", "", 0, S30, "number of the first sample since boot; a gap is a loss"),
            ("hz", "B", "1/s", 1, 255, "sample rate"),
            ("signal", "B", "SIGNALS", 0, 255, "how the oximeter is"),
            ("samples", "10h", "1e-5", -32768, 32767, "infrared AC over DC, inverted so that a pulse points up"),
        ),
    ),
    (
        0x43,
        "Health",
        "<",
        False,
        1,
        "How the board itself is, once a second; 28 bytes.",
        _TIME
        + (
            ("overruns", "H", "", 0, 65535, "tasks that missed their period since boot, saturating"),
            ("loop_us", "I", "us", 0, S30, "longest turn of the loop in this second"),
            ("collect_us", "I", "us", 0, S30, "the heap collection of this second, the only one"),
            ("heap_free", "I", "B", 0, S30, "free heap after that collection"),
            ("rx_errors", "H", "", 0, 65535, "frames refused since boot, saturating"),
            ("bus_errors", "H", "", 0, 65535, "failed sensor transfers since boot, saturating"),
            ("lease", "H", "ms", 0, 65535, "smallest lease margin in this second; none when not leased"),
            ("watchdog", "H", "ms", 0, 65535, "smallest watchdog margin in this second"),
        ),
    ),
    (
        0x45,
        "Drive",
        "<",
        False,
        4,
        "What the pump's other sensors see, once a second and at changes.",
        _TIME
        + (
            ("pressure", "h", "mmHg", -32768, 32767, "in the line, above what it was when the plunger began to slide"),
            ("level", "H", "mmHg", 0, 65535, "the pressure that is an occlusion; 0 without a programme"),
            ("alarm_in", "I", "s", 0, S30, "until that alarm if it goes on rising as it does; none when it does not"),
            ("watch", "B", "WATCHES", 0, 255, "nothing yet; occlusions; and a line that comes off now"),
            ("force", "i", "mN", -S30, S30, "on the plunger, pushing is positive"),
            ("force_is", "B", "FORCES", 0, 255, "how far it can be trusted"),
            ("outer", "H", "um", 0, 65535, "outer diameter of the barrel; 0 when it cannot be measured"),
            ("barrel", "B", "BARRELS", 0, 255, "whether the programme's syringe has that"),
            ("fitted", "B", "FITTINGS", 0, 255, "whether it is in its place, or the first contact that is open"),
            ("air", "B", "AIRS", 0, 255, "at the detector"),
            ("contents", "I", "nL", 0, S30, "what may still leave the syringe"),
            ("empty_in", "I", "s", 0, S30, "until then at this flow; none when standing"),
            ("near_empty", "B", "", 0, 1, "1: less than the programme's time is left"),
            ("driver", "B", "DRIVERS", 0, 255, "of the motor"),
            ("faults", "B", "", 0, 255, "its bits: warm 1 hot 2 short 4 open 8 charge-pump 16 error 32 other-part 64"),
            ("diagnosis", "B", "DIAGNOSES", 0, 255, "why shaft and steps disagreed last"),
            ("battery", "B", "BATTERIES", 0, 255, "state of the cell"),
            ("charge", "H", "0.1 %", 0, 65535, "of the cell; none when unknown"),
            ("minutes", "H", "min", 0, 65535, "left at this load; none when unknown or on the mains"),
            ("supply", "H", "mV", 0, 65535, "of the board; 0 when it is not measured"),
            ("passed", "H", "", 0, 65535, "parts that have passed the self-test, bits in the order of TESTS"),
            ("missing", "H", "", 0, 65535, "parts that have not yet: nothing is armed before"),
            ("failed", "H", "", 0, 65535, "parts that have not in time"),
        ),
    ),
    (
        0x46,
        "Journal",
        "<",
        False,
        4,
        "What the journal in flash holds, once a second.",
        _TIME
        + (
            ("newest", "I", "", 0, S30, "number of the newest record; none when there is none yet"),
            ("oldest", "I", "", 0, S30, "records below this number are gone; none when there is none yet"),
            ("stored", "I", "", 0, S30, "the host has stored everything up to here, as far as the board knows"),
            ("lost", "I", "", 0, S30, "since boot: what was not written for lack of room, or erased unfetched"),
            ("room", "H", "", 0, 65535, "records that fit before something must be erased"),
            ("bad", "H", "", 0, 65535, "places and sectors that have failed since boot, saturating"),
        ),
    ),
    (
        0x44,
        "Alarm",
        "<",
        False,
        4,
        "One alarm condition: at each change, and every 2 s while it is shown.",
        _TIME
        + (
            ("alarm", "B", "ALARMS", 0, 255, "the condition"),
            ("priority", "B", "PRIORITIES", 0, 255, "how urgent it is"),
            ("state", "B", "ALARM_STATES", 0, 255, "shown from `acknowledged` on, to be heard from `active` on"),
            ("occurrence", "I", "", 0, S30, "number of this raise since the board's start; 0 for none yet"),
            ("seconds", "I", "s", 0, S30, "since it was raised; stands still when it is over"),
            ("pause", "B", "s", 0, 120, "until what somebody silenced sounds again"),
        ),
    ),
    (
        0x47,
        "Interlock",
        "<",
        False,
        5,
        "Whether the patient's vital signs let drug flow, once a second and at changes.",
        _TIME
        + (
            ("tripped", "B", "", 0, 1, "1: it has, and nobody has released it"),
            ("number", "I", "", 0, S30, "how many trips there were; names the one to be released"),
        )
        + _SEEN
        + (
            ("rows", "B", "", 0, 16, "rows in force; 0 where this board does not watch"),
            ("row", "B", "", 0, 255, "the first that is not normal; none when all are"),
            ("normal", "B", "", 0, 1, "1: drug may begin to flow, but for the trip; by the other board's word, too"),
            ("watch", "I", "", 0, S30, "number of the watching of another board by which the pump goes; 0 for none"),
            ("verdict", "B", "VERDICTS", 0, 2, "of that board, as it stands now"),
            ("permission", "H", "ms", 0, 65535, "that is left of it"),
            ("watching", "I", "", 0, S30, "number of this board's watching for another one's pump; 0 for none"),
            ("acting", "B", "", 0, 1, "1: that pump says that its drug flows"),
        ),
    ),
    (
        0x4C,
        "Ask",
        "<",
        False,
        5,
        "Asks the board that watches whether drug may flow: twice a second, and whenever its motion begins or ends.",
        (
            ("watch", "I", "", 0, S30, "number of the watching"),
            ("nonce", "I", "", 0, S30, "number of the ask, rising"),
            ("moving", "B", "", 0, 1, "1: drug flows, or is about to"),
        ),
    ),
    (
        0x4D,
        "Permit",
        "<",
        False,
        5,
        "The answer of the board that watches, by what it has looked at after the ask had come.",
        (
            ("watch", "I", "", 0, S30, "number of the watching that was asked"),
            ("nonce", "I", "", 0, S30, "of the ask that is answered"),
            ("verdict", "B", "VERDICTS", 0, 2, "what it permits"),
        )
        + _SEEN,
    ),
    (
        0x4B,
        "Limits",
        "<",
        False,
        5,
        "The alarm limits of all of the patient's values: within a second of a change, and every 10 s.",
        _TIME
        + (
            ("low", "13H", "", 0, 65535, "by place in PARAMETERS, in its unit; NONE16 for no limit"),
            ("high", "13H", "", 0, 65535, "by place in PARAMETERS, in its unit; NONE16 for no limit"),
            ("delays", "13B", "s", 0, 255, "so long must it be beyond before it is told"),
            ("patient", "B", "PATIENTS", 0, 255, "whose limits it began with"),
        ),
    ),
    (
        0x48,
        "Cuff",
        "<",
        False,
        5,
        "What the cuff does, 4 per second while it does anything, at each change, and every 5 s.",
        _TIME
        + (
            ("state", "B", "CUFF_STATES", 0, 255, "of its cycle; resting: the arm, before it is inflated again"),
            ("pressure", "H", "0.1 mmHg", 0, 65535, "in the cuff; none without a sample"),
            ("every", "H", "min", 0, 60, "how often it measures by itself; 0 for never"),
            ("next", "H", "s", 0, 65535, "until the next one that is decided on, by whomever; none when none is"),
            ("last", "B", "SIGNALS", 0, 255, "how the last one ended; never, or measuring while one goes on"),
        ),
    ),
    (
        0x49,
        "Capnogram",
        "<",
        False,
        5,
        "Ten samples of carbon dioxide in the airway, 2 to 3 frames per second.",
        _TIME
        + (
            ("index", "I", "", 0, S30, "number of the first sample since boot; a gap is a loss"),
            ("hz", "B", "1/s", 1, 255, "sample rate"),
            ("signal", "B", "SIGNALS", 0, 255, "how the capnograph is"),
            ("samples", "10H", "0.1 mmHg", 0, 65535, "partial pressure"),
        ),
    ),
)
