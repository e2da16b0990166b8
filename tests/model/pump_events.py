"""All that can happen to the pump of the model check, by name. An event raises Refused when it cannot be."""

from __future__ import annotations

from pump import codes
from tests.model import pump_commands as commands
from tests.model import pump_happenings as happenings
from tests.model.pump_commands import Event
from tests.model.pump_orders import LEASE_MS, LOADING, PROGRAMMES

TROUBLES = ("shaft stalls", "encoder lost", "drive stuck", "drive races", "flash fails")

# Those that let time pass; all others happen between two turns.
TIMELY: dict[str, Event] = {
    "beat": happenings.beat,
    "hours": happenings.hours,
    "slice, nothing felt": happenings.slice_of(lambda plunger: None),
    "slice, the seal gives": happenings.slice_of(happenings.gives),
    "slice, it slides": happenings.slice_of(happenings.slides),
    "nothing is there": happenings.nothing_there,
    "drive astray": happenings.drive_astray,
    "line closes": happenings.line_closes,
    "line comes off": happenings.line_comes_off,
    "force lost": happenings.force_lost,
    "syringe taken out": happenings.taken_out,
}
EVENTS: dict[str, Event] = {
    **{f"offer {name}": commands.offer(name) for name in PROGRAMMES},
    "leg": commands.leg,
    "wrong leg": commands.wrong_leg,
    "confirm": commands.confirm,
    "confirm the offer before": commands.confirm_stale,
    "arm": commands.arm,
    "start": commands.start(LEASE_MS),
    "start late": commands.start(-1),
    "start for too long": commands.start(LEASE_MS + 1),
    "prime": commands.prime,
    "purge": commands.purge,
    "purge a line that is connected": commands.purge_connected,
    "purge what was not read back": commands.purge_unread,
    "grant": commands.grant,
    "grant again": commands.old_grant,
    "pause": commands.pause,
    "resume": commands.resume,
    "change the flow": commands.flow,
    "ask for a bolus": commands.change(codes.TO_BOLUS, LOADING, 25_000),
    "ask for too large a bolus": commands.change(codes.TO_BOLUS, LOADING, 50_001),
    "apply": commands.apply,
    "apply what was not read back": commands.apply_again,
    "press": commands.press,
    "stop": commands.stop,
    "late": commands.late,
    "clear": commands.clear,
    "clear something else": commands.clear_stale,
    "session": commands.session,
    "reset": happenings.reset(True),
    "power cut": happenings.reset(False),
    "pressure falls": happenings.pressure_falls,
    **{what: happenings.trouble(what) for what in TROUBLES},
    **TIMELY,
}
