"""The emulated board that stands at a bed with all of the patient's sensors: what it has beside the reference design.

No real board has so many pins; two share them, see the vital signs' own board.
"""

from boards.rigsigns import (
    CUFF_BLEED,
    CUFF_CLOSED,
    CUFF_FEED,
    CUFF_PUMP,
    ECG_RESTORE,
    ECG_SHUTDOWN,
    Block,
    Output,
    Port,
)

DATA = {
    "gas": {"hz": 50, "smooth": 4, "hpa": 1013},
    "thermometer": True,
    "cuff": {"kind": 0, "every": 5},
    "ecg": {"hz": 250, "electrodes": 3},
}


def attach(board, rig):
    """Gives a board the sensors' ports and pins."""
    board.gas_uart = Port(rig, 0)
    board.ecg = Block(rig)
    board.pins["lod_plus"], board.pins["lod_minus"] = board.ecg.levels
    for name, index in (
        ("cuff_pump", CUFF_PUMP),
        ("cuff_bleed", CUFF_BLEED),
        ("cuff_closed", CUFF_CLOSED),
        ("cuff_feed", CUFF_FEED),
        ("ecg_shutdown", ECG_SHUTDOWN),
        ("ecg_restore", ECG_RESTORE),
    ):
        board.pins[name] = Output(rig, index)
