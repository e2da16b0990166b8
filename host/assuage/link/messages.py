"""One NamedTuple per message of the wire. Generated from protocol/assuage_wire/schema.py by `make gen`: do
not edit."""

from __future__ import annotations

from typing import NamedTuple


class Hello(NamedTuple):
    """Who the board is; sent at boot, every second until identified, and in answer to Identify."""

    # version of the framing
    wire: int
    # CRC-32 of this table; telemetry and commands need it equal on both ends
    schema: int
    # unique id of the board
    board: bytes
    # firmware version, major
    fw_major: int
    # firmware version, minor
    fw_minor: int
    # firmware version, patch
    fw_patch: int
    # CRC-32 of the board's own data: limits, mechanics, calibration
    config: int
    # how often this board has started
    boot: int
    # why it last started [RESETS]
    reset: int
    # session asked for in Identify; 0 when nobody asked
    session: int
    # board time, wraps at 2**30 ms [ms]
    ticks: int
    # how often ticks has wrapped
    wraps: int


class Identify(NamedTuple):
    """Asks for Hello and opens a session: an older one's answers are forgotten and its commands and grants refused.
    """

    # new session, chosen at random by the host
    session: int


class Stop(NamedTuple):
    """Stops all motion in any state, with or without a session. Answered by Stopped, every time."""

    # echoed in Stopped
    token: int


class Stopped(NamedTuple):
    """The shaft is commanded to stand: the drive's queue has been emptied."""

    # of the Stop that is answered
    token: int
    # state after stopping [STATES]
    state: int
    # delivered by this programme [nL]
    delivered: int


class Programme(NamedTuple):
    """Offers a programme; answered by Readback, or by Reply with the reason for refusing."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of the programme, chosen by the host
    programme: int
    # one flow; legs that follow in Leg; or a flow, 0 too, and doses on demand [MODES]
    mode: int
    # flow asked for, of legs the highest; 20 000 000 is 1200 mL/h [nL/min]
    rate: int
    # volume to be infused [nL]
    vtbi: int
    # the infusion ends here at the latest [s]
    duration: int
    # inner diameter of the syringe barrel [um]
    bore: int
    # volume that the syringe holds [nL]
    capacity: int
    # programme's own rate limit; only ever lowers the board's [nL/min]
    limit_rate: int
    # programme's own volume limit; only ever lowers the board's [nL]
    limit_volume: int
    # what happens when the lease lapses, fixed at start [ON_LOSS]
    on_loss: int
    # keep-vein-open rate; never above rate, used by on_loss = kvo [nL/min]
    kvo: int
    # longest permission that a grant may give [ms]
    lease: int
    # how many legs follow; 0 except in a profile
    legs: int
    # number from 0 of the leg that follows the last one, until vtbi; 255 for none
    loop: int
    # what the patient gets on demand [nL]
    dose: int
    # and at what flow [nL/min]
    dose_rate: int
    # least time from the beginning of one dose to that of the next [s]
    lockout: int
    # largest bolus that may be ordered while it runs; 0 for none [nL]
    bolus: int
    # programme's own limit of any hour; only ever lowers the board's [nL]
    limit_hour: int
    # the same of any four hours [nL]
    limit_4h: int
    # what follows the whole volume: nothing, or the KVO rate [ON_END]
    on_end: int
    # pressure that is an occlusion: 50 100 150 200 300 400 500 600 750 or 900 [mmHg]
    level: int
    # outer diameter of the barrel, to tell another syringe by; 0 when unknown [um]
    outer: int
    # 1: another syringe that may be chosen has this outer diameter and another bore
    alike: int
    # volume that is in the syringe [nL]
    contents: int
    # so long before the syringe is empty a warning is given; 0 for none [s]
    near_empty: int
    # how many rows of the interlock follow in Guard, beside those of the board itself
    guards: int
    # number of the watching, from WatchBack, of the board that permits it; 0 for none
    watch: int
    # so long lasts a permission of that board, from the ask; 1000 at least; 0 for none [ms]
    bound: int


class Confirm(NamedTuple):
    """A human has compared the read-back with the order."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of the programme
    programme: int
    # of the Readback that was compared
    token: int


class Arm(NamedTuple):
    """Energises the drive and checks encoder and drive; no motion yet."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of the programme
    programme: int


class Start(NamedTuple):
    """Begins delivery under a first grant."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of the programme
    programme: int
    # first grant: board time at which it ends [ms]
    until_ticks: int
    # wraps of until_ticks
    until_wraps: int


class Clear(NamedTuple):
    """Acknowledges a fault, or an interrupted programme after a reset, and returns to standby."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # the reason that the human saw; a different one is a stale clear [REASONS]
    reason: int


class Lease(NamedTuple):
    """Grants motion until a board time. PumpStatus.lease shows the margin; a Reply tells why one is refused."""

    # the session that Hello echoed
    session: int
    # counter of grants, strictly rising within a session
    grant: int
    # id of the programme
    programme: int
    # board time at which the permission ends [ms]
    until_ticks: int
    # wraps of until_ticks
    until_wraps: int


class Probe(NamedTuple):
    """Does nothing and is answered by Reply: round trip and clock."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int


class Leg(NamedTuple):
    """One leg of the programme offered last; answered by LegBack, or by Reply with the reason for refusing all."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of the programme
    programme: int
    # number of the leg, from 0, in order
    leg: int
    # flow at its beginning [nL/min]
    begin: int
    # flow at its end; a ramp where they differ, a pause where both are 0 [nL/min]
    end: int
    # of a steady leg; 0 in the last one for all that is left [nL]
    volume: int
    # of a ramp or a pause [s]
    seconds: int


class Pause(NamedTuple):
    """Stands until Resume or Stop; a bolus is over."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of the programme
    programme: int


class Resume(NamedTuple):
    """Goes on with a paused programme under a first grant."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of the programme
    programme: int
    # first grant: board time at which it ends [ms]
    until_ticks: int
    # wraps of until_ticks
    until_wraps: int


class Change(NamedTuple):
    """Offers a change to a programme that runs; answered by ChangeBack, or by Reply with the reason for refusing."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of the programme
    programme: int
    # another flow from now on, or a bolus [CHANGES]
    change: int
    # flow [nL/min]
    rate: int
    # of the bolus; 0 for another flow [nL]
    volume: int


class Apply(NamedTuple):
    """A human has compared the read-back of a change: it is made now."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of the programme
    programme: int
    # of the ChangeBack that was compared
    token: int


class Fetch(NamedTuple):
    """Asks for a record of the journal; answered by Record, or by Reply with bad-value when there is none from there.
    """

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # of the record; the first whole one from there on is sent
    number: int


class Stored(NamedTuple):
    """The host has stored every record up to this one, and is sure that it is of this journal: they may be erased.
    """

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # of the record
    number: int
    # of the same Record; another one is a bad value, and changes nothing
    check: int


class Acknowledge(NamedTuple):
    """A human has seen an alarm: its sound ends, and it is shown no longer than its cause lasts."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # of the Alarm that was seen; one that no longer stands is stale
    occurrence: int


class Silence(NamedTuple):
    """Pauses the sound of all that sounds now for 120 s at most; bad-state when nothing does."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int


class Prime(NamedTuple):
    """Offers to fill the line of a pump in standby; answered by PrimeBack, or by Reply with the reason for refusing.
    """

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of this priming, chosen by the host as for a programme; grants name it
    programme: int
    # inner diameter of the syringe barrel [um]
    bore: int
    # flow [nL/min]
    rate: int
    # to fill the line with; never counted as delivered [nL]
    volume: int


class Purge(NamedTuple):
    """A human has compared the read-back and has looked at the line: it is filled now, under a first grant."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of this priming
    programme: int
    # of the PrimeBack that was compared
    token: int
    # 1: the line is not connected to the patient
    disconnected: int
    # first grant: board time at which it ends [ms]
    until_ticks: int
    # wraps of until_ticks
    until_wraps: int


class Guard(NamedTuple):
    """One row of the interlock, of the programme or watching offered last; answered by GuardBack, or by Reply with
    the reason for refusing all. No row can be looser than the board's own of that parameter and kind.
    """

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of the programme, or of the watching's Watch
    programme: int
    # number of the row, from 0, in order
    number: int
    # what of the patient it asks for [PARAMETERS]
    parameter: int
    # what it forbids [GUARDS]
    kind: int
    # in the parameter's own unit; of an apnoea ms; 0 where a value is missing
    threshold: int
    # so long must a breach last [ms]
    persistence: int
    # in the threshold's unit: so far on the good side of it a breach ends
    hysteresis: int
    # a value that is older is none [ms]
    max_age: int
    # for so long there may be none that is good [ms]
    missing: int


class Watch(NamedTuple):
    """Asks a board to watch its patient for the pump of another; answered by WatchBack, or by Reply."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of the programme that will be guarded, or any other number
    programme: int
    # whose: the low 30 bits of the CRC-32 of that board's unique id
    pump: int
    # how many rows follow in Guard; 0: by the rows that hold here already
    guards: int


class Unwatch(NamedTuple):
    """That watching is over: who still asks by it is refused."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # its number
    watch: int


class Release(NamedTuple):
    """A human has read why the interlock has tripped: drug may flow again, and flows when it is resumed."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # of the trip, from Interlock; another one is stale
    number: int


class PassAsk(NamedTuple):
    """An Ask of another board's pump, passed on as it is; answered by Permit alone."""

    # the session that Hello echoed
    session: int
    # number of the watching
    watch: int
    # number of the ask
    nonce: int
    # 1: drug flows, or is about to
    moving: int


class PassPermit(NamedTuple):
    """A Permit of the board that watches, passed on as it is; never answered."""

    # the session that Hello echoed
    session: int
    # number of the watching
    watch: int
    # of the ask that is answered
    nonce: int
    # what it permits [VERDICTS]
    verdict: int
    # of the row; 255 where nothing was heard from the board that watches [PARAMETERS]
    parameter: int
    # of the row; `missing` where it ran out for want of a good value [GUARDS]
    kind: int
    # of the value then [QUALITIES]
    quality: int
    # then; NONE16 for none; of an apnoea the ms without a breath
    value: int
    # of the value then [ms]
    age: int


class SetLimit(NamedTuple):
    """Other alarm limits of one of the patient's values, in any state; answered by LimitBack, or by Reply with bad-
    value and the number of the field, or the bound that no limit may pass.
    """

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # whose limits [PARAMETERS]
    parameter: int
    # a value below is told, in its own unit; NONE16 for no limit
    low: int
    # a value above is told, in its own unit; NONE16 for no limit
    high: int
    # so long must it be beyond before it is told [s]
    delay: int


class Patient(NamedTuple):
    """Another patient: all limits begin anew, and nothing of what was is told any more."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # whose limits to begin with [PATIENTS]
    kind: int


class Measure(NamedTuple):
    """Blood pressure: measures now, lets the cuff off at once, or sets how often it is measured by itself."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # bad-state: start while one is under way, stop while there is none [MEASURES]
    what: int
    # of every, from now on: 0 for never by itself; else not looked at [min]
    minutes: int


class Readback(NamedTuple):
    """What the board understood and will do, for a human to compare."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of the programme, chosen by the host
    programme: int
    # one flow; legs that follow in Leg; or a flow, 0 too, and doses on demand [MODES]
    mode: int
    # flow asked for, of legs the highest; 20 000 000 is 1200 mL/h [nL/min]
    rate: int
    # volume to be infused [nL]
    vtbi: int
    # the infusion ends here at the latest [s]
    duration: int
    # inner diameter of the syringe barrel [um]
    bore: int
    # volume that the syringe holds [nL]
    capacity: int
    # programme's own rate limit; only ever lowers the board's [nL/min]
    limit_rate: int
    # programme's own volume limit; only ever lowers the board's [nL]
    limit_volume: int
    # what happens when the lease lapses, fixed at start [ON_LOSS]
    on_loss: int
    # keep-vein-open rate; never above rate, used by on_loss = kvo [nL/min]
    kvo: int
    # longest permission that a grant may give [ms]
    lease: int
    # how many legs follow; 0 except in a profile
    legs: int
    # number from 0 of the leg that follows the last one, until vtbi; 255 for none
    loop: int
    # what the patient gets on demand [nL]
    dose: int
    # and at what flow [nL/min]
    dose_rate: int
    # least time from the beginning of one dose to that of the next [s]
    lockout: int
    # largest bolus that may be ordered while it runs; 0 for none [nL]
    bolus: int
    # programme's own limit of any hour; only ever lowers the board's [nL]
    limit_hour: int
    # the same of any four hours [nL]
    limit_4h: int
    # what follows the whole volume: nothing, or the KVO rate [ON_END]
    on_end: int
    # pressure that is an occlusion: 50 100 150 200 300 400 500 600 750 or 900 [mmHg]
    level: int
    # outer diameter of the barrel, to tell another syringe by; 0 when unknown [um]
    outer: int
    # 1: another syringe that may be chosen has this outer diameter and another bore
    alike: int
    # volume that is in the syringe [nL]
    contents: int
    # so long before the syringe is empty a warning is given; 0 for none [s]
    near_empty: int
    # how many rows of the interlock follow in Guard, beside those of the board itself
    guards: int
    # number of the watching, from WatchBack, of the board that permits it; 0 for none
    watch: int
    # so long lasts a permission of that board, from the ask; 1000 at least; 0 for none [ms]
    bound: int
    # volume of one turn of the lead screw in this syringe [nL]
    nl_per_rev: int
    # microsteps that the whole volume takes
    steps: int
    # time the volume takes at this rate [s]
    finish: int
    # to be returned in Confirm; 0 while legs are missing
    token: int


class Reply(NamedTuple):
    """Outcome of a command; also why a grant or an Identify is refused, which have no id."""

    # of what is answered
    session: int
    # its id; 0 for none
    command: int
    # ok, or why not [STATUSES]
    status: int
    # the limit or field number that status speaks of, else 0
    detail: int
    # state of the pump after the command [STATES]
    state: int
    # board time, wraps at 2**30 ms [ms]
    ticks: int
    # how often ticks has wrapped
    wraps: int
    # id of the message that is answered
    order: int


class LegBack(NamedTuple):
    """What the board understood of a leg, for a human to compare."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of the programme
    programme: int
    # number of the leg, from 0, in order
    leg: int
    # flow at its beginning [nL/min]
    begin: int
    # flow at its end; a ramp where they differ, a pause where both are 0 [nL/min]
    end: int
    # of a steady leg; 0 in the last one for all that is left [nL]
    volume: int
    # of a ramp or a pause [s]
    seconds: int
    # whole microsteps that the leg takes, 0 for one without a volume
    steps: int
    # legs that are still missing
    missing: int
    # time of all legs; none while some are missing, or in a loop [s]
    finish: int
    # of the whole programme, to be returned in Confirm; 0 while legs are missing
    token: int


class ChangeBack(NamedTuple):
    """What the board understood of a change, for a human to compare."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of the programme
    programme: int
    # another flow from now on, or a bolus [CHANGES]
    change: int
    # flow [nL/min]
    rate: int
    # of the bolus; 0 for another flow [nL]
    volume: int
    # whole microsteps of the bolus, or of all that is left
    steps: int
    # time that they take at this flow [s]
    seconds: int
    # to be returned in Apply
    token: int


class PrimeBack(NamedTuple):
    """What the board understood of a priming, for a human to compare."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of this priming, chosen by the host as for a programme; grants name it
    programme: int
    # inner diameter of the syringe barrel [um]
    bore: int
    # flow [nL/min]
    rate: int
    # to fill the line with; never counted as delivered [nL]
    volume: int
    # whole microsteps of the volume
    steps: int
    # time that they take [s]
    seconds: int
    # to be returned in Purge
    token: int


class Record(NamedTuple):
    """One record of the journal in flash, see firmware/journal/kinds.py for what a b c x y z are."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # its number; what is missing in between was never finished, or has gone
    number: int
    # what happened [RECORDS]
    kind: int
    # a number of that kind
    a: int
    # a second
    b: int
    # a third
    c: int
    # a fourth
    x: int
    # a fifth
    y: int
    # a sixth
    z: int
    # which start of the board it is from, the low 16 bits
    boot: int
    # board time, wraps at 2**30 ms [ms]
    ticks: int
    # how often ticks has wrapped
    wraps: int
    # to be returned in Stored
    check: int


class GuardBack(NamedTuple):
    """What the board understood of a row, and holds now, for a human to compare."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # id of the programme, or of the watching's Watch
    programme: int
    # number of the row, from 0, in order
    number: int
    # what of the patient it asks for [PARAMETERS]
    parameter: int
    # what it forbids [GUARDS]
    kind: int
    # in the parameter's own unit; of an apnoea ms; 0 where a value is missing
    threshold: int
    # so long must a breach last [ms]
    persistence: int
    # in the threshold's unit: so far on the good side of it a breach ends
    hysteresis: int
    # a value that is older is none [ms]
    max_age: int
    # for so long there may be none that is good [ms]
    missing: int
    # rows that are still to come
    lacking: int
    # of the whole programme, to be returned in Confirm; 0 while any is lacking
    token: int
    # of a watching: its number, when its last row has come
    watch: int


class WatchBack(NamedTuple):
    """The board will watch."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # number of this watching, for the Programme; 0 while rows are to come
    watch: int


class LimitBack(NamedTuple):
    """The alarm limits of one of the patient's values as they hold now, and how far a person may move them."""

    # the session that Hello echoed
    session: int
    # id of this command; the same id again returns the kept answer
    command: int
    # whose limits [PARAMETERS]
    parameter: int
    # a value below is told, in its own unit; NONE16 for no limit
    low: int
    # a value above is told, in its own unit; NONE16 for no limit
    high: int
    # no limit may be below
    least: int
    # nor above
    most: int
    # bits: 1 the low limit cannot be switched off, 2 the high one
    must: int
    # so long must it be beyond before it is told [s]
    delay: int


class PumpStatus(NamedTuple):
    """State of the pump, 5 per second and at each change."""

    # board time, wraps at 2**30 ms [ms]
    ticks: int
    # how often ticks has wrapped
    wraps: int
    # state of the pump [STATES]
    state: int
    # why it is not infusing, or why it faulted [REASONS]
    reason: int
    # id of the programme, 0 for none
    programme: int
    # flow of the dose now; 0 when none flows [nL/min]
    rate: int
    # flow of the programme [nL/min]
    set_rate: int
    # volume to be infused [nL]
    vtbi: int
    # delivered by this programme, from steps that the drive consumed [nL]
    delivered: int
    # the same from the shaft encoder [nL]
    measured: int
    # time to the end at this rate; none when standing [s]
    left: int
    # margin of the current grant [ms]
    lease: int
    # what happens when the lease lapses [ON_LOSS]
    on_loss: int
    # programme that a reset interrupted, 0 for none
    was_programme: int
    # it had delivered at least this; none when unknown [nL]
    was_low: int
    # it had delivered at most this; none when unknown [nL]
    was_high: int
    # given of the present bolus or dose, or of the last one [nL]
    bolus: int
    # doses given on demand, saturating
    doses: int
    # presses of the demand button that brought none, saturating
    denied: int
    # until the next dose can be given [s]
    lockout: int
    # moved by the last taking-up, backing-off or priming; of no dose [nL]
    aside: int


class Vitals(NamedTuple):
    """Numbers of the patient, once a second: of each of PARAMETERS value, quality, why, and age."""

    # board time, wraps at 2**30 ms [ms]
    ticks: int
    # how often ticks has wrapped
    wraps: int
    # in the units told at PARAMETERS; NONE16 for no number
    values: tuple[int, ...]
    # only a good one may be taken for the patient's [QUALITIES]
    qualities: tuple[int, ...]
    # why it is there, or is not [SIGNALS]
    signals: tuple[int, ...]
    # age of the newest sample that it rests on; 65535: that, or more [0.1 s]
    ages: tuple[int, ...]
    # how far the pulse wave can be trusted [%]
    trust: int


class Pleth(NamedTuple):
    """Ten samples of the pulse wave, 10 frames per second."""

    # board time, wraps at 2**30 ms [ms]
    ticks: int
    # how often ticks has wrapped
    wraps: int
    # number of the first sample since boot; a gap is a loss
    index: int  # type: ignore[assignment]  # hides tuple.index
    # sample rate [1/s]
    hz: int
    # how the oximeter is [SIGNALS]
    signal: int
    # infrared AC over DC, inverted so that a pulse points up [1e-5]
    samples: tuple[int, ...]


class Health(NamedTuple):
    """How the board itself is, once a second; 28 bytes."""

    # board time, wraps at 2**30 ms [ms]
    ticks: int
    # how often ticks has wrapped
    wraps: int
    # tasks that missed their period since boot, saturating
    overruns: int
    # longest turn of the loop in this second [us]
    loop_us: int
    # the heap collection of this second, the only one [us]
    collect_us: int
    # free heap after that collection [B]
    heap_free: int
    # frames refused since boot, saturating
    rx_errors: int
    # failed sensor transfers since boot, saturating
    bus_errors: int
    # smallest lease margin in this second; none when not leased [ms]
    lease: int
    # smallest watchdog margin in this second [ms]
    watchdog: int


class Drive(NamedTuple):
    """What the pump's other sensors see, once a second and at changes."""

    # board time, wraps at 2**30 ms [ms]
    ticks: int
    # how often ticks has wrapped
    wraps: int
    # in the line, above what it was when the plunger began to slide [mmHg]
    pressure: int
    # the pressure that is an occlusion; 0 without a programme [mmHg]
    level: int
    # until that alarm if it goes on rising as it does; none when it does not [s]
    alarm_in: int
    # nothing yet; occlusions; and a line that comes off now [WATCHES]
    watch: int
    # on the plunger, pushing is positive [mN]
    force: int
    # how far it can be trusted [FORCES]
    force_is: int
    # outer diameter of the barrel; 0 when it cannot be measured [um]
    outer: int
    # whether the programme's syringe has that [BARRELS]
    barrel: int
    # whether it is in its place, or the first contact that is open [FITTINGS]
    fitted: int
    # at the detector [AIRS]
    air: int
    # what may still leave the syringe [nL]
    contents: int
    # until then at this flow; none when standing [s]
    empty_in: int
    # 1: less than the programme's time is left
    near_empty: int
    # of the motor [DRIVERS]
    driver: int
    # its bits: warm 1 hot 2 short 4 open 8 charge-pump 16 error 32 other-part 64
    faults: int
    # why shaft and steps disagreed last [DIAGNOSES]
    diagnosis: int
    # state of the cell [BATTERIES]
    battery: int
    # of the cell; none when unknown [0.1 %]
    charge: int
    # left at this load; none when unknown or on the mains [min]
    minutes: int
    # of the board; 0 when it is not measured [mV]
    supply: int
    # parts that have passed the self-test, bits in the order of TESTS
    passed: int
    # parts that have not yet: nothing is armed before
    missing: int
    # parts that have not in time
    failed: int


class Journal(NamedTuple):
    """What the journal in flash holds, once a second."""

    # board time, wraps at 2**30 ms [ms]
    ticks: int
    # how often ticks has wrapped
    wraps: int
    # number of the newest record; none when there is none yet
    newest: int
    # records below this number are gone; none when there is none yet
    oldest: int
    # the host has stored everything up to here, as far as the board knows
    stored: int
    # since boot: what was not written for lack of room, or erased unfetched
    lost: int
    # records that fit before something must be erased
    room: int
    # places and sectors that have failed since boot, saturating
    bad: int


class Alarm(NamedTuple):
    """One alarm condition: at each change, and every 2 s while it is shown."""

    # board time, wraps at 2**30 ms [ms]
    ticks: int
    # how often ticks has wrapped
    wraps: int
    # the condition [ALARMS]
    alarm: int
    # how urgent it is [PRIORITIES]
    priority: int
    # shown from `acknowledged` on, to be heard from `active` on [ALARM_STATES]
    state: int
    # number of this raise since the board's start; 0 for none yet
    occurrence: int
    # since it was raised; stands still when it is over [s]
    seconds: int
    # until what somebody silenced sounds again [s]
    pause: int


class Interlock(NamedTuple):
    """Whether the patient's vital signs let drug flow, once a second and at changes."""

    # board time, wraps at 2**30 ms [ms]
    ticks: int
    # how often ticks has wrapped
    wraps: int
    # 1: it has, and nobody has released it
    tripped: int
    # how many trips there were; names the one to be released
    number: int
    # of the row; 255 where nothing was heard from the board that watches [PARAMETERS]
    parameter: int
    # of the row; `missing` where it ran out for want of a good value [GUARDS]
    kind: int
    # of the value then [QUALITIES]
    quality: int
    # then; NONE16 for none; of an apnoea the ms without a breath
    value: int
    # of the value then [ms]
    age: int
    # rows in force; 0 where this board does not watch
    rows: int
    # the first that is not normal; none when all are
    row: int
    # 1: drug may begin to flow, but for the trip; by the other board's word, too
    normal: int
    # number of the watching of another board by which the pump goes; 0 for none
    watch: int
    # of that board, as it stands now [VERDICTS]
    verdict: int
    # that is left of it [ms]
    permission: int
    # number of this board's watching for another one's pump; 0 for none
    watching: int
    # 1: that pump says that its drug flows
    acting: int


class Ask(NamedTuple):
    """Asks the board that watches whether drug may flow: twice a second, and whenever its motion begins or ends."""

    # number of the watching
    watch: int
    # number of the ask, rising
    nonce: int
    # 1: drug flows, or is about to
    moving: int


class Permit(NamedTuple):
    """The answer of the board that watches, by what it has looked at after the ask had come."""

    # number of the watching that was asked
    watch: int
    # of the ask that is answered
    nonce: int
    # what it permits [VERDICTS]
    verdict: int
    # of the row; 255 where nothing was heard from the board that watches [PARAMETERS]
    parameter: int
    # of the row; `missing` where it ran out for want of a good value [GUARDS]
    kind: int
    # of the value then [QUALITIES]
    quality: int
    # then; NONE16 for none; of an apnoea the ms without a breath
    value: int
    # of the value then [ms]
    age: int


class Limits(NamedTuple):
    """The alarm limits of all of the patient's values: within a second of a change, and every 10 s."""

    # board time, wraps at 2**30 ms [ms]
    ticks: int
    # how often ticks has wrapped
    wraps: int
    # by place in PARAMETERS, in its unit; NONE16 for no limit
    low: tuple[int, ...]
    # by place in PARAMETERS, in its unit; NONE16 for no limit
    high: tuple[int, ...]
    # so long must it be beyond before it is told [s]
    delays: tuple[int, ...]
    # whose limits it began with [PATIENTS]
    patient: int


class Cuff(NamedTuple):
    """What the cuff does, 4 per second while it does anything, at each change, and every 5 s."""

    # board time, wraps at 2**30 ms [ms]
    ticks: int
    # how often ticks has wrapped
    wraps: int
    # of its cycle; resting: the arm, before it is inflated again [CUFF_STATES]
    state: int
    # in the cuff; none without a sample [0.1 mmHg]
    pressure: int
    # how often it measures by itself; 0 for never [min]
    every: int
    # until the next one that is decided on, by whomever; none when none is [s]
    next: int
    # how the last one ended; never, or measuring while one goes on [SIGNALS]
    last: int


class Capnogram(NamedTuple):
    """Ten samples of carbon dioxide in the airway, 2 to 3 frames per second."""

    # board time, wraps at 2**30 ms [ms]
    ticks: int
    # how often ticks has wrapped
    wraps: int
    # number of the first sample since boot; a gap is a loss
    index: int  # type: ignore[assignment]  # hides tuple.index
    # sample rate [1/s]
    hz: int
    # how the capnograph is [SIGNALS]
    signal: int
    # partial pressure [0.1 mmHg]
    samples: tuple[int, ...]


AnyMessage = (
    Hello | Identify | Stop | Stopped | Programme | Confirm | Arm | Start | Clear | Lease | Probe | Leg | Pause
    | Resume | Change | Apply | Fetch | Stored | Acknowledge | Silence | Prime | Purge | Guard | Watch | Unwatch
    | Release | PassAsk | PassPermit | SetLimit | Patient | Measure | Readback | Reply | LegBack | ChangeBack |
    PrimeBack | Record | GuardBack | WatchBack | LimitBack | PumpStatus | Vitals | Pleth | Health | Drive |
    Journal | Alarm | Interlock | Ask | Permit | Limits | Cuff | Capnogram
)

BY_ID: dict[int, type[AnyMessage]] = {
    0x01: Hello,
    0x02: Identify,
    0x03: Stop,
    0x04: Stopped,
    0x10: Programme,
    0x11: Confirm,
    0x12: Arm,
    0x13: Start,
    0x14: Clear,
    0x15: Lease,
    0x16: Probe,
    0x17: Leg,
    0x18: Pause,
    0x19: Resume,
    0x1A: Change,
    0x1B: Apply,
    0x1C: Fetch,
    0x1D: Stored,
    0x1E: Acknowledge,
    0x1F: Silence,
    0x20: Prime,
    0x21: Purge,
    0x22: Guard,
    0x23: Watch,
    0x24: Unwatch,
    0x25: Release,
    0x26: PassAsk,
    0x27: PassPermit,
    0x28: SetLimit,
    0x29: Patient,
    0x2A: Measure,
    0x30: Readback,
    0x31: Reply,
    0x32: LegBack,
    0x33: ChangeBack,
    0x34: PrimeBack,
    0x35: Record,
    0x36: GuardBack,
    0x37: WatchBack,
    0x3B: LimitBack,
    0x40: PumpStatus,
    0x41: Vitals,
    0x42: Pleth,
    0x43: Health,
    0x45: Drive,
    0x46: Journal,
    0x44: Alarm,
    0x47: Interlock,
    0x4C: Ask,
    0x4D: Permit,
    0x4B: Limits,
    0x48: Cuff,
    0x49: Capnogram,
}
