"""What the boards have in common that are built to the reference design: its mechanics, its sensor, its limits.

A board that is built differently has its own table of the same names.
"""

DATA = {
    "lead_nm": 1_000_000,  # the plunger's way at one turn of the screw
    "steps_per_rev": 3200,  # 200 full steps of 16
    "encoder_counts": 4096,
    "encoder_forward": 1,
    "oximeter_led": 0x24,
    "oximeter_swapped": False,
    "bridge_counts_per_n": 42_950,  # 2 mV/V for 100 N at 3.0 V and gain 128; a known mass beats it
    "driver": {  # as drivers/tmc2209.py takes them; the address is that of pins which stand for 1/16 by themselves
        "address": 3,
        "irun": 16,
        "ihold": 14,
        "fine": True,
        "tcoolthrs": 0,
        "sgthrs": 0,
        "reverse": False,
    },
    "gauge": {"alert": 20, "low_mv": 3_300},
    "barrel_pot_um": 40_000,  # diameter at full scale of the potentiometer
    "spo2_curve": (110_000, -25_000, 0),
    "limits": {  # nL/min, nL, s, ms
        "max_rate": 10_000_000,
        "max_volume": 100_000_000,
        "max_duration": 604_800,
        "max_lease": 10_000,
    },
}
