"""The board's algorithms on recordings of people: figures as they are. What is promised is the heart rate alone."""

from __future__ import annotations

import tomllib

from assuage_rig.evidence import Collector
from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from tests.firmware.ecg_signal import Seen
from tests.firmware.recordings import FOLDER, load
from tests.firmware.test_recordings import heart, pulse

HEARTS = {"mitdb_100": "MLII", "mitdb_208": "MLII", "challenge_a103l": "II", "challenge_v102s": "II"}
PULSES = ("challenge_a103l", "challenge_v102s", "heartpy_data")
BOUND = 2.0  # /min


@req("VIT-015")
def test_recorded_hearts_and_pulses(measure: Measure, evidence: Collector) -> None:
    """Five excerpts of public recordings: they say how the algorithms behave there, and nothing of anybody else."""
    rows: list[list[object]] = []
    for name, channel in HEARTS.items():
        seen = heart(load(name), channel)
        assert seen.good, name
        measure("VIT-015", "good heart rates within 2 /min", seen.within(BOUND), where=name)
        rows.append([name, "heart rate, ECG", *_figures(seen)])
    rows += [[name, "pulse, pleth", *_figures(pulse(load(name)))] for name in PULSES]
    head = ["recording", "what", "good numbers", "within 2 /min (%)", "worst (/min)", "time good (%)", "time withheld"]
    evidence.table("Recordings of people: numbers shown as good", head, rows)
    credits_ = []
    for path in sorted(FOLDER.glob("*.toml")):
        about = tomllib.loads(path.read_text(encoding="utf-8"))
        credits_.append([path.stem, about["source"], about["licence"], about["beats_by"], about["credit"]])
    evidence.table("Their sources", ["recording", "source", "licence", "reference beats by", "credit"], credits_)
    evidence.note(
        "Used to see how the algorithms behave on what no simulator of ours made; not to fit them. A pleth that was "
        "recorded alone has no colours: it is shown to the oximeter as light of one saturation, so saturation is not "
        "judged, and the pulse only where the references by ECG and by pleth agree. Of the pulse no share is promised."
    )


def _figures(seen: Seen) -> list[object]:
    total = seen.signals.total()
    withheld = ", ".join(
        f"{signal} {100 * n / total:.0f} %" for signal, n in seen.signals.most_common() if signal != "ok"
    )
    within: object = seen.within(BOUND) if seen.good else "none shown"
    return [len(seen.good), within, max(seen.good, default="none shown"), seen.shown, withheld]
