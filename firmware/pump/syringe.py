"""What a syringe on a lead screw displaces. Long integers, so for the time of programming only."""

# pi to ten digits is 1.3e-10 too large. Rounding to a whole nL costs at most 0.5 nL a turn: 6.4e-4 at 1 mm bore, 3e-5
# at the 4.7 mm of a 1 mL syringe, 9e-7 at the 26.7 mm of a 50 mL one. Barrels themselves vary by more (ISO 7886).
_PI_TOP = 3_141_592_654
_PI_BOTTOM = 1_000_000_000


def nl_per_rev(bore_um, lead_nm):
    """Volume in nL of one turn: pi/4 * bore^2 * lead, rounded to the nearest. 1 nL = 1e9 um^2 nm."""
    top = _PI_TOP * bore_um * bore_um * lead_nm
    bottom = 4 * _PI_BOTTOM * 1_000_000_000
    return (top + bottom // 2) // bottom


def steps_in(volume_nl, per_rev_nl, steps_per_rev):
    """Whole steps that displace at most this volume."""
    return volume_nl * steps_per_rev // per_rev_nl


def seconds_for(volume_nl, flow):
    """Seconds, rounded up, that a volume takes at a flow in nL/min."""
    return -(-volume_nl * 60 // flow)
