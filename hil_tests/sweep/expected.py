"""What each single fault must come to in each state: one row a fault, from docs/alarms.md and what the part is for.

A cell says which condition is raised and where the pump then is: "encoder-lost -> fault"; "-> stopped" alone, that none
is raised. Several are told apart by "|". A "?" before it: this, or nothing at all, because the fault shows itself only
by and by (`why` says how). An empty cell: nothing is raised and the pump goes on as if nothing had happened; `why` says
why that is right.

The columns: `gives` while a dose flows (infusing, profile, bolus, dose, kvo), `seeks` while play is taken up before a
start, `fills` while a line is primed, `backs` while a closed line is relieved, `held` while a programme waits with its
syringe guarded (armed, paused), `stands` in every other state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from assuage_rig.faults import Value
from sweep.signs import CUFF_TABLE
from sweep.signs import TABLE as SIGNS
from sweep.states import NL_STEP

GROUP = {
    "infusing": "gives", "profile": "gives", "bolus": "gives", "dose": "gives", "kvo": "gives",
    "taking-up": "seeks", "priming": "fills", "backing-off": "backs", "armed": "held", "paused": "held",
    "standby": "stands", "programmed": "stands", "confirmed": "stands", "complete": "stands", "stopped": "stands",
    "fault": "stands", "unconfirmed": "stands",
}  # fmt: skip

ON = {
    "bolus": ("infusing",), "taking-up": ("infusing",), "backing-off": ("stopped",),
    "kvo": ("complete",),
}  # fmt: skip
"""Where a state leads by itself."""

HELD_APART_NL = (20_000 // NL_STEP + 1) * NL_STEP
"""The first whole step beyond what steps and shaft may differ by: 0.02 mL, our own; Clepsydre's supervision of the
plunger has 0.5 mL. A step takes 6 s at 0.1 mL/h."""

DEADLINE_S = 2.0


@dataclass(frozen=True)
class Row:
    """states: of single states, instead of their column's. within_s: by when it must be raised, where the document's
    own delays make it more than DEADLINE_S. stops_s: by when what moves has to stand, where that is later. by_nl: it
    can be known only once the shaft was commanded so much; the time counts from there. beside: what another part tells
    of it, whenever that is."""

    params: Mapping[str, Value] = field(default_factory=dict)
    gives: str = ""
    seeks: str = ""
    fills: str = ""
    backs: str = ""
    held: str = ""
    stands: str = ""
    states: Mapping[str, str] = field(default_factory=dict)
    within_s: float = DEADLINE_S
    stops_s: float = 0.0
    by_nl: float | None = None
    beside: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Expected:
    """For one state. conditions: any one of them, none for nothing. must: one of them has to be raised. stops: and what
    moves has to stand. then: where the pump may be afterwards."""

    conditions: tuple[str, ...]
    must: bool
    stops: bool
    then: tuple[str, ...]


def _moving(cell: str, **row: object) -> Row:
    """The same whatever turns the shaft."""
    return Row(**{**dict.fromkeys(("gives", "seeks", "fills", "backs"), cell), **row})  # type: ignore[arg-type]


def _always(cell: str, **row: object) -> Row:
    """The same in every state."""
    groups = ("gives", "seeks", "fills", "backs", "held", "stands")
    return Row(**{**dict.fromkeys(groups, cell), **row})  # type: ignore[arg-type]


_REFUSED = "while the shaft stands there is nothing to lose; the next start is refused by the part's name"
_TELLS = "a chip's own warning; readings still hold"
BLIND = ("oximeter-missing",)
_VITALS = "the oximeter's numbers are withheld and marked (VIT); what that means for a dose is the host's to say"
_SETUP = "only the chip's set-up meets it, at power-on and after it has lost its settings"
_SHORT = "one reading that is off counts for nothing: a median of three"
_BY_AND_BY = "what is measured is still plausible; it is found when it adds up to more than is allowed"
_DIAGNOSED = (
    "told from each other by share and force while a dose flows; else only that the shaft did not turn as driven"
)
_OCC = "found by pressure or slope, in the time that OCC allows"
_RECORD = "found when something is to be written: at each 0.03 mL, or when something happens; then within 2 s"
_QUIET = "the sounder is listened to when it sounds: at power-on, when arming, and in each alarm"

_ENCODER = _moving("encoder-lost -> fault", why=_REFUSED)
_DRIVER = _moving("stepper-driver-fault -> fault", why=_REFUSED)
_LINK = Row(
    gives="link-silent | link-lost -> stopped",
    seeks="link-silent | link-lost -> stopped",
    fills="link-silent | link-lost -> standby",
    stops_s=3.2,
    why="told at once, and the permission of at most 2 s is used up; what needs none goes on",
)
_MAYBE_LINK = Row(
    gives="? link-silent | link-lost -> stopped",
    seeks="? link-silent | link-lost -> stopped",
    fills="? link-silent | link-lost -> standby",
    stops_s=5.2,
    why="a frame that is damaged, lost or late is no permission: enough of them in a row, and it lapses",
)
_NO_FORCE = Row(
    gives="force-sensor-fault -> fault",
    seeks="force-sensor-fault -> fault",
    fills="force-sensor-fault -> fault",
    backs="-> stopped",
    why=_REFUSED + "; a back-off without force is over, and its cause, an occlusion, is told already",
)
_FORCE_LIES = Row(
    gives="? occlusion -> backing-off stopped | line-disconnect -> paused stopped | force-sensor-fault -> fault",
    seeks="? occlusion -> backing-off stopped | syringe-unfitted -> stopped | force-sensor-fault -> fault",
    fills="? occlusion -> standby | force-sensor-fault -> fault",
    backs="? -> stopped",
    why=_BY_AND_BY + "; a force that jumps looks like an occlusion or a line that came off",
)
_UNFITTED = Row(
    gives="syringe-unfitted -> stopped",
    seeks="syringe-unfitted -> stopped",
    fills="syringe-unfitted -> standby",
    backs="syringe-unfitted -> stopped",
    held="syringe-unfitted -> stopped",
    why="a syringe is changed while the pump stands",
)
_GAUGE = _always(
    "battery-unknown",
    within_s=15.5,
    why="10 s without a reading, then a delay of 5 s: a gauge that was reset needs some to be back, a cell loses 0.2 % "
    "by then, and a supply that fails is seen by its own voltage within 0.1 s, whatever the gauge",
)
_GAUGE_LIES = Row(why="on the mains the gauge tells no minutes")
_UNSEEN = "tried on the mains, which feed the pump whatever the cell has"

_INPUT = "a reading that is still plausible"
_KEYS = "a broken wire is a released key: nobody is there to tell, and the host's STOP works (docs/alarms.md)"
_STILL = "nobody touches it meanwhile"
_CLOSED = "it reads closed, as it is"
_MISMATCH = Row(
    gives="syringe-mismatch -> stopped",
    seeks="? syringe-mismatch -> stopped",
    why="compared when it is armed, and while a dose flows, for half a second",
)
_SOUNDER = _always("sounder-fault", why="three readings that contradict the pin")
_MAYBE_SOUNDER = _always("? sounder-fault", within_s=16.0, why=_QUIET)
_LOW = Row(
    gives="supply-low -> stopped",
    seeks="supply-low -> stopped",
    fills="supply-low -> standby",
    backs="supply-low -> stopped",
    why="while nothing runs a low supply only keeps the pump from starting",
)
_RESTART = Row(
    gives="reset-interrupted -> unconfirmed",
    seeks="reset-interrupted -> unconfirmed",
    fills="-> standby",
    backs="reset-interrupted -> unconfirmed",
    stands="-> standby",
    states={
        "armed": "-> standby",
        "paused": "reset-interrupted -> unconfirmed",
        "fault": "? stepper-driver-fault -> fault",
        "unconfirmed": "? reset-interrupted -> unconfirmed",
    },
    why="what was not begun is to be programmed anew, and what nobody has read yet is told again",
)
_LEAPS = "a board whose time has leapt has stood still, for all it knows (docs/alarms.md: task-overrun is internal)"

TABLE: dict[str, Row] = {
    # -- the shaft ---------------------------------------------------------------------------------------------------
    "encoder nack": _ENCODER,
    "encoder zeros": _ENCODER,
    "encoder no_magnet": _moving("encoder-lost -> fault", params={"stale": 1}, why=_REFUSED),
    "encoder frozen": Row(
        gives="encoder-lost -> fault | encoder-disagrees -> fault | motor-stalled -> fault",
        seeks="encoder-disagrees -> fault",
        fills="encoder-disagrees -> fault",
        backs="encoder-disagrees -> fault",
        by_nl=HELD_APART_NL,
        why=_DIAGNOSED,
    ),
    "encoder stuck": Row(
        gives="encoder-lost -> fault | encoder-disagrees -> fault | motor-stalled -> fault",
        seeks="encoder-disagrees -> fault",
        fills="encoder-disagrees -> fault",
        backs="encoder-disagrees -> fault",
        by_nl=HELD_APART_NL,
        why=_DIAGNOSED,
    ),
    "encoder weak": Row(why=_TELLS),
    "encoder strong": Row(why=_TELLS),
    "encoder outlier": Row(why=_SHORT),
    "encoder torn": Row(
        gives="? encoder-disagrees -> fault | motor-slips -> fault | motor-reversed -> fault | motor-stalled -> fault",
        why="off by 256 counts, 0.035 mL, where the high byte changes between two readings: often, when it turns fast",
    ),
    "encoder junk": Row(why="four bits that the datasheet leaves undefined"),
    "encoder slow": Row(
        gives="? encoder-disagrees -> fault | motor-slips -> fault | encoder-lost -> fault | motor-stalled -> fault",
        seeks="? encoder-disagrees -> fault",
        fills="? encoder-disagrees -> fault",
        backs="? encoder-disagrees -> fault",
        why="a reading 0.1 s old is off by what flows in 0.1 s: more than 0.02 mL beyond 720 mL/h",
    ),
    "encoder late": Row(
        gives="? encoder-disagrees -> fault | motor-slips -> fault | encoder-lost -> fault | motor-stalled -> fault",
        seeks="? encoder-disagrees -> fault",
        fills="? encoder-disagrees -> fault",
        backs="? encoder-disagrees -> fault",
        why="half a second old: off by more than 0.02 mL beyond 144 mL/h, and in a slice's 0.15 mm/s",
    ),
    "encoder offset": Row(why="100 counts are 0.014 mL in this syringe, less than is allowed; once, and for good"),
    "encoder drifting": Row(why=_BY_AND_BY + ": 20 counts a minute are 0.003 mL a minute"),
    "encoder noisy": Row(
        gives="? encoder-disagrees -> fault | motor-slips -> fault | motor-stalled -> fault | motor-reversed -> fault",
        seeks="? encoder-disagrees -> fault",
        fills="? encoder-disagrees -> fault",
        backs="? encoder-disagrees -> fault",
        why="20 counts rms are 0.003 mL: six times that are allowed",
    ),
    "encoder brownout": Row(why="it has no setting that the dose rests on, and gets them back in a turn"),
    "motor stall": Row(
        gives="motor-stalled -> fault | encoder-disagrees -> fault",
        seeks="encoder-disagrees -> fault",
        fills="encoder-disagrees -> fault",
        backs="encoder-disagrees -> fault",
        by_nl=HELD_APART_NL,
        why=_DIAGNOSED,
    ),
    "motor slip": Row(
        {"percent": 30.0},
        gives="motor-slips -> fault",
        seeks="encoder-disagrees -> fault",
        fills="encoder-disagrees -> fault",
        backs="encoder-disagrees -> fault",
        by_nl=HELD_APART_NL / 0.3,
        why=_DIAGNOSED,
    ),
    "motor reversed": Row(
        gives="motor-reversed -> fault",
        seeks="encoder-disagrees -> fault",
        fills="encoder-disagrees -> fault",
        backs="encoder-disagrees -> fault",
        by_nl=HELD_APART_NL / 2,
        why=_DIAGNOSED,
    ),
    "stepper silent": _DRIVER,
    "stepper address": _DRIVER,
    "stepper truncated": _DRIVER,
    "stepper crc": _DRIVER,
    "stepper uv_cp": _DRIVER,
    "stepper ot": _DRIVER,
    "stepper short_ground": _DRIVER,
    "stepper short_supply": _DRIVER,
    "stepper brownout": _moving(
        "stepper-driver-fault -> fault", why="what it lost while the shaft stood is written again before any start"
    ),
    "stepper shifted": Row(why="a byte of noise before an answer is left out"),
    "stepper deaf": Row(why="it has its settings, and is written to only when it has lost them"),
    "stepper otpw": Row(why=_TELLS),
    "stepper open_load": Row(why=_TELLS + "; set falsely at low speed, says the datasheet"),
    # -- syringe and line --------------------------------------------------------------------------------------------
    "syringe plunger": _UNFITTED,
    "syringe barrel": _UNFITTED,
    "syringe flange": _UNFITTED,
    "syringe wrong": _MISMATCH,
    "syringe friction": Row(
        gives="? occlusion -> backing-off stopped",
        seeks="? occlusion -> backing-off stopped",
        fills="? occlusion -> standby",
        backs="? -> stopped",
        why="a plunger three times as hard to move is like a line that closes: " + _OCC,
    ),
    "line occlusion": Row(
        gives="? occlusion -> backing-off stopped",
        seeks="? occlusion -> backing-off stopped",
        fills="? occlusion -> standby",
        backs="? -> stopped",
        why=_OCC,
    ),
    "line disconnection": Row(
        gives="? line-disconnect -> paused stopped",
        backs="? -> stopped",
        why="shows only where 100 mmHg or more stood in the line: at low rates it does not (firmware/pump/pressure.py)",
    ),
    "line leak": Row(
        gives="? line-disconnect -> paused stopped", why="like a disconnection, and slower"
    ),
    "line height": Row(
        gives="? line-disconnect -> paused stopped", why="half a metre is 37 mmHg, and no line comes off at 80"
    ),
    "line air": Row(
        {"ul": 100.0},
        gives="air-in-line -> paused stopped",
        held="",
        by_nl=50_000,
        why="50 uL must have passed; while it stands a start is refused, and a priming drives it out",
    ),
    # -- the force ---------------------------------------------------------------------------------------------------
    "bridge nack": _NO_FORCE,
    "bridge no_ready": _NO_FORCE,
    "bridge rail": _NO_FORCE,
    "bridge frozen": _NO_FORCE,
    "bridge brownout": _NO_FORCE,
    "bridge nack_once": Row(why="the transfer is made again"),
    "bridge no_power": Row(why=_SETUP),
    "bridge cal_stuck": Row(why=_SETUP),
    "bridge cal_err": Row(why=_SETUP),
    "bridge revision": Row(why=_SETUP),
    "bridge recalibrated": Row(
        gives=_FORCE_LIES.gives, seeks=_FORCE_LIES.seeks, backs="? -> stopped", why="0.7 N, 9 mmHg: too little to tell"
    ),
    "bridge short": _FORCE_LIES,
    "bridge noise": _FORCE_LIES,
    "bridge offset": _FORCE_LIES,
    "bridge drifting": _FORCE_LIES,
    "bridge noisy": _FORCE_LIES,
    "bridge late": _FORCE_LIES,
    "bridge stuck": _FORCE_LIES,
    # -- supply ------------------------------------------------------------------------------------------------------
    "battery low": Row(
        gives="supply-low -> stopped",
        seeks="supply-low -> stopped",
        fills="supply-low -> standby",
        backs="supply-low -> stopped",
        held="battery-empty",
        stands="battery-empty",
        why="a tenth of the charge is 3.15 V, below the least of 3.3 V: believed after two readings, 0.5 s apart",
    ),
    "battery dead": _GAUGE,
    "mains off": Row(why="the cell is full, and says for how long"),
    "gauge nack": _GAUGE,
    "gauge zeros": _GAUGE,
    "gauge part": Row(why=_SETUP),
    "gauge stale": Row(why="the chip answers with what it measured last; " + _UNSEEN),
    "gauge deaf": Row(why="it has its settings"),
    "gauge off": _GAUGE_LIES,
    "gauge offset": _GAUGE_LIES,
    "gauge drifting": _GAUGE_LIES,
    "gauge noisy": _GAUGE_LIES,
    "gauge late": _GAUGE_LIES,
    "gauge stuck": _GAUGE_LIES,
    "gauge reset": Row(why="it begins anew by itself"),
    # -- buses and the line to the host ------------------------------------------------------------------------------
    "bus0 stuck": _moving(
        "encoder-lost -> fault | force-sensor-fault -> fault", why="encoder and bridge are on it, and both last 0.5 s"
    ),
    "bus1 stuck": replace(_GAUGE, beside=BLIND),
    "uart cut": _LINK,
    "uart deaf": _LINK,
    "uart mute": _LINK,
    "uart stall": _LINK,
    "uart corrupt": _MAYBE_LINK,
    "uart drop": _MAYBE_LINK,
    "uart duplicate": _MAYBE_LINK,
    "uart reorder": _MAYBE_LINK,
    "uart delay": _MAYBE_LINK,
    # -- alarms, record, processor -------------------------------------------------------------------------------------
    "sounder dead": _always("? sounder-fault", within_s=16.0, why=_QUIET),
    "sounder stuck": _always("sounder-fault", why=""),
    "flash bit_flip": Row(why="read only after a reset, and found by its checksum"),
    "flash wipe": Row(why="the same"),
    "flash stuck": _always("? journal-fault -> fault", why=_RECORD),
    "flash program_fails": _always("? journal-fault -> fault", why=_RECORD),
    "flash erase_fails": _always("? journal-fault -> fault", why=_RECORD + "; and erased only while the pump stands"),
    "flash silent": _always("? journal-fault -> fault", gives="journal-fault -> fault", by_nl=60_000, why=_RECORD),
    "flash full": _always("? journal-fault -> fault", gives="journal-fault -> fault", by_nl=60_000, why=_RECORD),
    "board freeze": replace(
        _RESTART,
        why="nobody is there to tell it: the watchdog bites within 1 s, and half a second later the board starts",
    ),
    "board killed": _RESTART,
    "supply cut": replace(_RESTART, why="half a second without, and the start"),
    "supply brown_out": replace(_RESTART, why="the start"),
    "clock leap": Row(
        gives="internal -> fault | link-lost -> stopped",
        seeks="internal -> fault | link-lost -> stopped",
        fills="internal -> fault | link-lost -> standby",
        backs="internal -> fault",
        held="? battery-unknown",
        stands="? battery-unknown",
        states={"armed": "? battery-unknown -> stopped"},
        beside=BLIND,
        why=_LEAPS + "; a minute is what an armed programme waits for a start, and more than a gauge may be silent",
    ),
    "clock stop": Row(why="processor, timer and step drive stand together: no time has passed for any of them"),
    # -- inputs ------------------------------------------------------------------------------------------------------
    "air_input open": Row(gives="air-in-line -> paused stopped", by_nl=50_000, why="read as air: 50 uL must pass"),
    "air_input short": Row(gives="air-in-line -> paused stopped", by_nl=50_000, why="read as air: 50 uL must pass"),
    "barrel_pot_input open": _MISMATCH,
    "barrel_pot_input short": _MISMATCH,
    "barrel_pot_input offset": _MISMATCH,
    "barrel_pot_input noisy": Row(
        gives="? syringe-mismatch -> stopped", why="0.6 mm rms: one reading within the 3 % is enough to go on"
    ),
    "supply_input short": _LOW,
    "supply_input open": Row(why="25 000 counts are 3.8 V: enough"),
    "sounder_input open": _SOUNDER,
    "sounder_input offset": _SOUNDER,
    **{f"sounder_input {kind}": _MAYBE_SOUNDER for kind in ("short", "stuck", "drifting", "noisy", "late")},
    **{
        f"{part}_input {kind}": Row(why=_INPUT)
        for part, kinds in (
            ("air", ("stuck", "drifting", "noisy", "offset", "late")),
            ("barrel_pot", ("stuck", "drifting", "late")),
            ("supply", ("stuck", "drifting", "noisy", "offset", "late")),
        )
        for kind in kinds
    },
    "stop_contact short": Row(
        gives="-> stopped",
        seeks="-> stopped",
        fills="-> standby",
        backs="-> stopped",
        held="-> stopped",
        states={"programmed": "-> stopped", "confirmed": "-> stopped"},
        why="somebody may have wanted it; held for ten seconds it is `key-stuck`, low",
    ),
    "stop_contact open": Row(why=_KEYS),
    "silence_contact open": Row(why=_KEYS),
    "demand_contact open": Row(why=_KEYS),
    "silence_contact short": _always(
        "key-stuck",
        within_s=10.5,
        why="a finger that rests on it is no broken key: ten seconds, and then low; meanwhile it has done what one "
        "press does, and no key but STOP, which acts at once, touches a dose",
    ),
    "demand_contact short": Row(gives="? pca-demand-locked | key-stuck", why="looked at only where there are doses"),
    **{f"{part}_contact open": _UNFITTED for part in ("barrel", "plunger", "flange")},
    **{f"{part}_contact short": Row(why=_CLOSED) for part in ("barrel", "plunger", "flange")},
    **{
        f"{part}_contact bounce": Row(why=_STILL)
        for part in ("stop", "silence", "demand", "barrel", "plunger", "flange")
    },
    # -- the patient ---------------------------------------------------------------------------------------------------
    **{
        f"oximeter {kind}": Row(beside=BLIND, why=_VITALS)
        for kind in (
            "nack", "part_id", "saturated", "near_zero", "ambient", "swapped", "stuck_fifo", "frozen", "noise",
            "offset", "drifting", "noisy", "late", "stuck", "brownout",
        )
    },
}  # fmt: skip

ELSEWHERE = {
    "flash cut": "the supply fails at a write: tests/firmware/test_app_cuts.py, test_pump_cuts.py, and PWR",
    **{
        fault: "of the patient's side, while the bedside board infuses: test_sign_faults.py"
        for fault in (SIGNS.keys() | CUFF_TABLE.keys())
        if fault.split()[0] not in ("oximeter", "bus1")
    },
}
"""Faults that are no single fault of a running pump: where they are tried instead."""


def cell_of(fault: str, state: str) -> str:
    """As it stands in the table."""
    row = TABLE[fault]
    cell: str = getattr(row, GROUP[state])
    return row.states.get(state, cell)


def expected(fault: str, state: str, told: str) -> Expected:
    """What the table says. told: the state's name on the wire."""
    cell = cell_of(fault, state)
    must = not cell.startswith("?")
    conditions: list[str] = []
    then: list[str] = []
    for part in cell.removeprefix("?").split("|"):
        condition, _, states = part.partition("->")
        if condition.strip():
            conditions.append(condition.strip())
        then += states.split()
    stops = must and bool(then)
    must = must and bool(conditions)
    by_itself = (told, *ON.get(told, ()))
    if not stops:
        then += by_itself
    return Expected(tuple(conditions), must, stops, tuple(then))
