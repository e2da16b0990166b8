"""What a record of the journal can say: its kind, three small numbers a b c, three of 30 bits x y z.

The kinds count from 1, in this order:

    kind          a          b         c         x           y              z
    sector        -          -         -         block       block before+1 -            a sector was erased for use
    boot          cause      major     minor     patch       boots          config       the board has started
    fetched       -          -         -         sequence    -              -            the host has all up to here
    bolus         state      reason    -         programme   volume nL      flow nL/min  a bolus has ended
    begun         state      -         -         programme   vtbi nL        nL per turn  nothing delivered yet
    delivered     state      reason    -         programme   volume nL      same nL      ended, counted and settled
    cleared       state      reason    cleared   programme   least nL       most nL      a human has read of it
    found         state      reason    -         programme   least nL       most nL      restated after a reset
    ahead         -          -         doubted   programme   least nL       most nL      may deliver up to `most`
    state         state      reason    -         programme   least nL       most nL      the pump's state changed
    raised        condition  priority  -         occurrence  -              -            an alarm
    ended         condition  priority  over      occurrence  -              -            its cause is gone; over: 1 when
                                                                                         nobody need acknowledge it
    acknowledged  condition  priority  over      occurrence  -              -            a human has seen it; over: 1
                                                                                         when its cause was gone before
    configured    -          -         -         config      -              -            low 30 bits of its CRC-32
    supply        state      reason    percent   programme   millivolt      -            too low; 255, 0: not known
    fault         reason     task      -         detail      -              -            the firmware's own trouble
    ordered       mode       on_loss   on_end    programme   rate nL/min    seconds      what is about to be started
    changed       state      reason    change    programme   rate nL/min    -            another flow (0), reason (255)
    denied        answer     -         -         programme   in vain so far -            a demand that brought no dose
    silenced      -          -         -         occurrence  -              -            what sounded up to it is paused
    tripped       parameter  kind      quality   trip        value          age ms       the interlock stops the drug
    released      parameter  kind      quality   trip        value          age ms       a human has read of that trip

state, reason, cause, mode, on_loss, on_end, change: indices of the wire's STATES, REASONS, RESETS, MODES, ON_LOSS,
ON_END, CHANGES; so are parameter, kind and quality of PARAMETERS, GUARDS and QUALITIES, and the kinds of records of
its RECORDS. answer: as in pump.demand. task: in the loop's order, from 1. cleared: the reason that was read. Programme
0 with volume NONE32 is a programme of which nothing is known; with any other volume it is none. New kinds are added at
the end; a kind that a firmware does not know is kept, fetched and acknowledged like any other.
"""

SECTOR, BOOT, FETCHED, BOLUS, BEGUN, DELIVERED, CLEARED, FOUND, AHEAD, STATE = range(1, 11)
RAISED, ENDED, ACKNOWLEDGED, CONFIGURED, SUPPLY, FAULT, ORDERED, CHANGED, DENIED, SILENCED = range(11, 21)
TRIPPED, RELEASED = range(21, 23)


def statement(kind):
    """True for a record that says all there is to say about the programme: the newest one alone counts."""
    return BEGUN <= kind <= STATE


def precious(kind):
    """True for a record of volume that is never erased before the host has acknowledged it.

    `ahead` and `state` are not among them: what they said of a programme, `delivered`, `found` or `cleared` says again.
    """
    return BOLUS <= kind <= FOUND
