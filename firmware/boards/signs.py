"""The board of vital signs: what it has beside the reference design, and no pump. See docs/pico_signs.md."""

from boards.reference import DATA as REFERENCE
from boards.unfitted import without_pump

DATA = without_pump(REFERENCE)
DATA.update(
    {
        "gas": {"hz": 50, "smooth": 4, "hpa": 1013},
        "thermometer": True,
        "cuff": {"kind": 0, "every": 5},
        "ecg": {"hz": 250, "electrodes": 3},
    }
)
