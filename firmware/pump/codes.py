"""Names for the codes of the wire's enumerations. Each is looked up once, at import; no number is written down twice.

States have bare names, reasons begin with WHY_, statuses have bare names, policies for a lapsed lease begin with LOSS_.
"""

from assuage_wire.schema import CHANGES, MODES, ON_END, ON_LOSS, REASONS, STATES, STATUSES

STANDBY = STATES.index("standby")
PROGRAMMED = STATES.index("programmed")
CONFIRMED = STATES.index("confirmed")
ARMED = STATES.index("armed")
INFUSING = STATES.index("infusing")
KVO = STATES.index("kvo")
COMPLETE = STATES.index("complete")
STOPPED = STATES.index("stopped")
FAULT = STATES.index("fault")
UNCONFIRMED = STATES.index("unconfirmed")
PAUSED = STATES.index("paused")
BOLUS = STATES.index("bolus")

WHY_NONE = REASONS.index("none")
WHY_HOST_STOP = REASONS.index("host-stop")
WHY_COMPLETE = REASONS.index("complete")
WHY_LEASE_LAPSED = REASONS.index("lease-lapsed")
WHY_TIME_LIMIT = REASONS.index("time-limit")
WHY_VOLUME_LIMIT = REASONS.index("volume-limit")
WHY_ENCODER_DISAGREES = REASONS.index("encoder-disagrees")
WHY_ENCODER_LOST = REASONS.index("encoder-lost")
WHY_RESET = REASONS.index("reset")
WHY_TASK_OVERRUN = REASONS.index("task-overrun")
WHY_DRIVE_FAULT = REASONS.index("drive-fault")
WHY_LOCAL_STOP = REASONS.index("local-stop")
WHY_INTERNAL = REASONS.index("internal")
WHY_UNDER_DELIVERY = REASONS.index("under-delivery")
WHY_PAUSED = REASONS.index("paused")
WHY_WINDOW_LIMIT = REASONS.index("window-limit")
WHY_KVO = REASONS.index("kvo")

OK = STATUSES.index("ok")
BAD_STATE = STATUSES.index("bad-state")
RATE_LIMIT = STATUSES.index("rate-limit")
VOLUME_LIMIT = STATUSES.index("volume-limit")
TIME_LIMIT = STATUSES.index("time-limit")
BAD_TOKEN = STATUSES.index("bad-token")
WRONG_PROGRAMME = STATUSES.index("wrong-programme")
LEASE_TOO_LONG = STATUSES.index("lease-too-long")
FAULTED = STATUSES.index("faulted")
BAD_VALUE = STATUSES.index("bad-value")
SYRINGE = STATUSES.index("syringe")
NO_LEASE = STATUSES.index("no-lease")
ENCODER = STATUSES.index("encoder")
STALE_CLEAR = STATUSES.index("stale-clear")
UNSUPPORTED = STATUSES.index("unsupported")
LEG = STATUSES.index("leg")
WINDOW_LIMIT = STATUSES.index("window-limit")
LOCKOUT = STATUSES.index("lockout")

LOSS_STOP = ON_LOSS.index("stop")
LOSS_CONTINUE = ON_LOSS.index("continue")
LOSS_KVO = ON_LOSS.index("kvo")

CONTINUOUS = MODES.index("continuous")
PROFILE = MODES.index("profile")
DEMAND = MODES.index("demand")

END_KVO = ON_END.index("kvo")

TO_RATE = CHANGES.index("rate")
TO_BOLUS = CHANGES.index("bolus")
