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
    "bridge": (42_950, 1, 110_000),  # counts for so many N, 2 mV/V at 100 N; most mN. A known mass beats it
    "switches": True,  # barrel, plunger and flange each close a contact
    "driver": {  # as drivers/tmc2209.py takes them; the address is that of pins which stand for 1/16 by themselves
        "address": 3,
        "irun": 16,
        "ihold": 14,
        "fine": True,
        "tcoolthrs": 0,
        "sgthrs": 0,
        "reverse": False,
    },
    "air": 28_000,  # of 16 bits: below it there is air between the detector's two ends
    "supply": (9_900, 3_200),  # mV at the most that a third of it can read, and the least mV that will do. ASSUMED
    "gauge": {"alert": 20, "low_mv": 3_300},
    "barrel_pot": (0, 0, 4095, 40_000),  # 12 bits and um of a thin barrel, and of a thick one
    "sounder": (2_000, 8_000),  # ADC readings: at most when it is off, at least when on. Assumed, to be measured
    "spo2_curve": (110_000, -25_000, 0),
    "limits": {  # nL/min, nL, s, ms; steps/s, steps/s2
        "max_rate": 20_000_000,
        "max_volume": 100_000_000,
        "max_prime": 5_000_000,  # in any hour, into a line that is not connected
        "max_syringe": 60_000_000,
        "max_duration": 604_800,
        "max_lease": 10_000,
        "max_10min": 100_000_000,
        "max_hour": 200_000_000,
        "max_4h": 400_000_000,
        # What a small stepper does with these 16 microsteps, to be measured with the motor and its load: 150 turns a
        # minute from rest, 225 on a ramp. Beyond that an encoder read every 50 ms is a quarter turn further.
        "max_start_hz": 8_000,
        "max_hz": 12_000,
        "acceleration": 100_000,
    },
}
