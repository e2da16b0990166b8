"""The same seed is the same run, byte for byte: what any other figure of the bench rests on.

A board tells in Health what its code costs on the machine that runs it, and nothing depends on that; here it costs
nothing, so that all bytes can be compared.
"""

from __future__ import annotations

import hashlib
from typing import Any

from assuage_rig.evidence import Collector
from assuage_rig.recorder import Recorder
from assuage_rig.requirements import req
from assuage_rig.targets.linux import UNTIMED, LinuxTarget
from assuage_rig.wirehost import WireHost
from assuage_wire import schema


def life(board: Any) -> dict[str, bytes]:
    """Half a life in a minute: a delivery over a bad line, a noisy sensor, a cut of the supply in the midst of a bolus'
    worth of steps, a second delivery into a closed line. All that could be seen from outside, by name."""
    record = Recorder(board)
    record.every(0.5)
    host = WireHost(board)
    board.run(2.0)
    host.infuse(ml_h=60.0, on_loss="kvo", kvo_ml_h=1.0)
    host.run(5)
    board.fault("link", "corrupt", every=400)
    board.fault("link", "delay", ms=40, jitter_ms=30)
    board.fault("oximeter", "noisy")
    host.run(15)
    board.mend("link")
    board.power_cycle(1.0)
    board.take()
    host = WireHost(board, session=78)
    host.run(1.0)
    host.identify()
    host.run(0.5)
    host.order("Clear", schema.REASONS.index("reset"))
    host.start(ml_h=120.0)
    board.fault("line", "occlusion")
    host.run(30)
    seen = {name: content.encode() if isinstance(content, str) else content for name, content in record.files().items()}
    seen |= {f"line at the {end}, {way}": stream.whole for (end, way), stream in record.streams.items()}
    return seen | {
        "step words": repr(list(record.words)).encode(),
        "steps": repr(list(record.steps)).encode(),
        "journal": bytes(board.circuit.flash.cells),
    }


@req("SYS-001")
def test_two_runs_of_a_seed_are_equal_in_every_byte_of_line_steps_and_journal(
    dut: Any, evidence: Collector, seed: int
) -> None:
    first = life(dut(seed=seed, target=LinuxTarget(arguments=UNTIMED)))
    again = life(dut(seed=seed, target=LinuxTarget(arguments=UNTIMED)))
    other = life(dut(seed=seed + 1, target=LinuxTarget(arguments=UNTIMED)))
    rows = [(name, len(data), hashlib.sha256(data).hexdigest()[:16]) for name, data in first.items()]
    evidence.table("What two runs have in common", ("seen", "bytes", "SHA-256 begins"), rows)
    assert all(size > 0 for _, size, _ in rows)
    assert [name for name in first if first[name] != again[name]] == []
    same = [name for name in first if first[name] == other[name]]
    assert not {"line at the host, <", "steps"} & set(same), "another seed is another life"
