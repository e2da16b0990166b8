"""The board's algorithms on recordings of people: what is shown as good is judged, all else is only reported.

The promise is that 99 % of the good numbers are within 2 a minute of the reference; that a number is shown at all is
none. `pytest -rP` prints the figures. An electrocardiogram goes through the emulated front end with its band and rails.
A pleth recorded alone has no colours: it is shown to the oximeter as light of 2 % perfusion at one saturation.
"""

from __future__ import annotations

import gzip

import pytest

from assuage_rig.chips.ad8232 import AD8232
from assuage_rig.clock import Clock
from assuage_wire.schema import NONE16, SIGNALS
from tests.firmware.ecg_signal import Seen, read, truth
from tests.firmware.recordings import FOLDER, Recording, load
from vitals.oximeter import Oximeter

_TRANSIT_S = 0.3  # from the R wave until the pulse is in the finger, about
_PULSE_WINDOW_S = 6.4  # what the oximeter's pulse rests on
_AGREED = 3.0  # /min
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))


def report(name: str, what: str, seen: Seen) -> None:
    """One line for whoever wants to know."""
    shares = ", ".join(f"{signal} {100 * n / seen.signals.total():.0f} %" for signal, n in seen.signals.most_common())
    good = f"{len(seen.good)} good, {seen.within(2):.1f} % within 2 /min, worst {max(seen.good, default=0):.1f}"
    doubtful = sum(error <= 2 for error in seen.irregular)
    print(f"{name} {what}: {good}; {doubtful} of {len(seen.irregular)} irregular within 2; {shares}")


def heart(recording: Recording, channel: str) -> Seen:
    """The rate by an electrocardiogram in mV."""
    clock = Clock()
    value = recording.at(channel)
    chip = AD8232(clock, lambda t_us: value(t_us / 1e6), 1)
    return read(chip.code, clock, lambda _: recording.beats, recording.seconds, recording.scored)


def pulse(recording: Recording) -> Seen:
    """The pulse by a pleth, each second, judged where the references by heart and by pleth agree."""
    samples = sorted(recording.channels["PLETH"])
    low, high = samples[len(samples) // 50], samples[-len(samples) // 50]
    value = recording.at("PLETH")
    meter, seen = Oximeter((110_000, -25_000, 0)), Seen()
    for n in range(int(recording.seconds * 100)):
        pleth = (value(n / 100) - low) / (high - low) - 0.5
        meter.sample(round(80_000 * (1 - 0.01 * pleth)), round(100_000 * (1 - 0.02 * pleth)))
        now = (n + 1) / 100
        if n % 100 != 99:
            continue
        seen.signals[SIGNALS[meter.signal]] += 1
        if meter.pulse == NONE16:
            continue
        rate = meter.pulse / 10
        heart = _rate(recording.beats, now - _TRANSIT_S, rate)
        true = _rate(recording.pulses or recording.beats, now, rate)
        if abs(heart - true) <= _AGREED:
            seen.good.append(abs(rate - true))
    return seen


def _rate(beats: list[float], now: float, found: float) -> float:
    """The reference's, or 999 where it has none."""
    rate = truth([beat for beat in beats if now - 12 < beat], now, found, _PULSE_WINDOW_S)
    return 999.0 if rate is None else rate


def test_every_excerpt_tells_its_source_its_licence_and_its_credit() -> None:
    assert len(NAMES) == 5
    for name in NAMES:
        text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
        assert all(f"\n{key} = " in "\n" + text for key in ("source", "licence", "credit", "beats_by"))
        assert name in (FOLDER / "README.md").read_text(encoding="utf-8")
        assert (FOLDER / f"{name}.gz").stat().st_size < 300_000
        assert len(gzip.decompress((FOLDER / f"{name}.gz").read_bytes())) % 2 == 0
        recording = load(name)
        assert recording.seconds > 20 and recording.beats[-1] < recording.seconds


@pytest.mark.parametrize(
    ("name", "channel", "shown"),
    [
        ("mitdb_100", "MLII", 80),
        ("mitdb_208", "MLII", 30),
        ("challenge_a103l", "II", 75),
        ("challenge_v102s", "II", 0),
    ],
)
def test_a_good_heart_rate_of_a_recording_is_within_two(name: str, channel: str, shown: float) -> None:
    seen = heart(load(name), channel)
    report(name, "heart", seen)
    assert seen.within(2) >= 99 and seen.shown >= shown


@pytest.mark.parametrize("name", ["challenge_a103l", "challenge_v102s", "heartpy_data"])
def test_the_pulse_of_a_recorded_pleth_is_reported(name: str) -> None:
    seen = pulse(load(name))
    report(name, "pulse", seen)
    assert seen.signals.total() > 10
