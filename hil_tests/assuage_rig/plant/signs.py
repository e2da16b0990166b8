"""What there is to measure of a body, as it truly is: the record that a second of it leaves."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Signs:
    """At one second. Rates in /min, saturations in %, pressures in mmHg, shares 0 .. 1.

    spo2: at the finger, behind sao2 by the blood's way. resp_rate: breaths that move air; effort_rate: those that the
    chest makes, which an obstructed airway lets none of through. etco2: what a breath would end with, also while none
    comes. ventilation_l_min: all air moved.
    """

    time_us: int
    pulse_bpm: float
    spo2: float
    sao2: float
    perfusion: float
    resp_rate: float
    effort_rate: float
    tidal_ml: float
    ventilation_l_min: float
    etco2: float
    fico2: float
    paco2: float
    pao2: float
    systolic: float
    diastolic: float
    temperature_c: float
    sedation: float
    dissociation: float
