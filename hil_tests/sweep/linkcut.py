"""The line to the host is cut, at a moment that is known to the byte: what then moves, and until when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assuage_rig.bench import Bench
from assuage_rig.chips.pins import LED_RED
from sweep.wire import Bed

QUEUE_NL = 20_000
"""What may be queued ahead of the shaft: 0.02 mL (firmware/pump/steps.py)."""

KVO_SHARE = 0.2  # of the rate, in programmes that keep the vein open
AFTER_S = 1.6


@dataclass(frozen=True)
class Cut:
    """What came of it. Volumes in nL of the shaft from the cut on; times in s from the end of the last permission.

    beyond: more than the policy allows, by the last look. stood_s: when the motor lost its current, None if it has it.
    told_s: when the red lamp came on, None if it never did.
    """

    permitted_s: float
    beyond_nl: float
    patient_over_nl: float
    stood_s: float | None
    told_s: float | None


class Moments:
    """When the motor lost its current and when the red lamp came on, to the microsecond."""

    def __init__(self, bench: Bench) -> None:
        self.stood_us: int | None = None
        self.red_us: int | None = None
        drive, pins = bench.drive, bench.circuit.pins
        enable, set_ = drive.enable, pins.set

        def enabled(on: bool) -> None:
            if drive.enabled and not on:
                self.stood_us = bench.now_us
            elif on:
                self.stood_us = None
            enable(on)

        def put(index: int, level: int) -> None:
            if index == LED_RED and level and self.red_us is None:
                self.red_us = bench.now_us
            set_(index, level)

        drive.enable = enabled  # type: ignore[method-assign]
        pins.set = put  # type: ignore[method-assign]


def cut(
    bench: Bench, host: Bed, moments: Moments, policy: str, kvo: float, moves: bool, cut_it: Callable[[], None]
) -> Cut:
    """Cuts the line by `cut_it` and watches until AFTER_S after the last permission; mends it. kvo: nL/min."""
    ledger = host.ledger
    moments.red_us = None
    flow = ledger.flow
    began = bench.now_us
    ledger.mark()
    shaft = bench.plunger_nl
    cut_it()
    permitted = max(0.0, (host.ends_us - began) / 1e6) if moves else 0.0
    host.hush()
    end = began + round((permitted + AFTER_S) * 1e6)
    beyond = 0.0
    lapsed = False
    while bench.now_us < end:
        bench.run(min(0.05, (end - bench.now_us) / 1e6))
        seconds = (bench.now_us - began) / 1e6
        if seconds > permitted and not lapsed:
            lapsed = True
            if policy == "stop":
                ledger.entitled_us = began + round(permitted * 1e6)
            elif policy == "kvo":
                ledger.allow(kvo)
        ledger.look()
        allowed = flow * min(seconds, permitted)
        after = max(0.0, seconds - permitted)
        if policy == "continue":
            allowed += flow * after
        elif policy == "kvo":
            allowed += kvo * after
        beyond = max(beyond, bench.plunger_nl - shaft - allowed / 60)
    lapse_us = began + round(permitted * 1e6)
    stood = moments.stood_us
    lamp = moments.red_us
    bench.mend("uart")
    bench.send(b"\0")  # or the next order would be the end of the frame that was cut
    return Cut(
        permitted,
        beyond,
        ledger.over_nl,
        None if stood is None or stood < began else (stood - lapse_us) / 1e6,
        None if lamp is None else (lamp - lapse_us) / 1e6,
    )


def after_bytes(bench: Bench, host: Bed, count: int) -> Callable[[], None]:
    """The host sends a permission, and the line is cut once so many bytes of it have passed."""

    def act() -> None:
        host._grant += 1
        before = host.ends_us
        frame = host.frame("Lease", host.session, host._grant, host.programme, *host.until())
        if count < len(frame):
            host.ends_us = before
        bench.send(frame[:count])
        bench.fault("uart", "cut")
        bench.run(0)

    return act


def after_board_bytes(bench: Bench, count: int) -> Callable[[], None]:
    """The line is cut, both ways, once so many bytes of what the board says next have passed."""

    def act() -> None:
        uart = bench.circuit.uart
        tx = uart.tx
        left = count

        def part(data: bytes) -> None:
            nonlocal left
            if left <= 0 and data:
                return
            tx(data[:left])
            left -= len(data)
            if left <= 0:
                bench.fault("uart", "cut")

        uart.tx = part
        bench.run_until(lambda: left <= 0, 0.5, 0.001)
        uart.tx = tx

    return act
