"""What goes in at the finger comes out, the same, of every door."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.chain.chain import PATIENCE, Chain, Observer, Registers, wait_for

pytestmark = pytest.mark.timeout(400)

MAP = (Path(__file__).resolve().parents[2] / "docs" / "modbus_map.md").read_text()


def _address(name: str) -> int:
    """A register's address, from the documented map."""
    row = re.search(rf"^\|\s*(\d+)[^|]*\|\s*`?{re.escape(name)}`?\s*\|", MAP, re.MULTILINE)
    assert row, f"docs/modbus_map.md has no register {name}"
    return int(row[1])


@pytest.mark.parametrize(("spo2", "pulse"), [(100, 60), (97, 180), (92, 40), (88, 120), (82, 75), (76, 150), (70, 100)])
def test_pulse_and_saturation_over_mqtt_are_the_patients(
    chain: Chain, observer: Observer, spo2: float, pulse: float
) -> None:
    chain.rig("patient", spo2=spo2, pulse_bpm=pulse)
    # The oximeter rests on several seconds of light; it must have arrived after 20 s, and stay.
    settled = time.monotonic() + 20

    def right(p: dict[str, float | None]) -> bool:
        return bool(p.get("spo2") and p.get("pulse")) and abs(p["spo2"] - spo2) <= 2 and abs(p["pulse"] - pulse) <= 3

    observer.wait("/numerics", right, 20, since=time.monotonic())
    time.sleep(max(0.0, settled - time.monotonic() - 8))
    since = time.monotonic()
    wait_for(lambda: len(observer.of("/numerics", since)) >= 3, PATIENCE, "three more numerics")
    for payload in observer.of("/numerics", since):
        assert right(payload), payload


def test_modbus_carries_the_numbers_that_mqtt_carries(chain: Chain, observer: Observer) -> None:
    chain.rig("patient", spo2=96, pulse_bpm=80)
    registers = Registers(chain.modbus_port)
    programme = chain.infuse("60")
    try:
        observer.wait(
            "/numerics", lambda p: p.get("pulse") and abs(p["pulse"] - 80) <= 3, PATIENCE, since=time.monotonic()
        )

        def same() -> bool:
            """Both read at nearly one moment: one new record, then the registers, within its second."""
            since = time.monotonic()
            n = observer.wait("/numerics", lambda p: p.get("spo2"), PATIENCE, since)
            p = observer.wait("/pump", lambda p: p.get("programme") == programme, PATIENCE, since)
            return (
                registers.read(_address("Vitals.spo2"))[0] == round(n["spo2"] * 10)
                and registers.read(_address("Vitals.pulse"))[0] == round(n["pulse"] * 10)
                and abs(registers.u32(_address("PumpStatus.rate")) / 100 - p["rate_ml_h"]) <= 0.01
                and abs(registers.u32(_address("PumpStatus.delivered")) / 100 - p["delivered_ml"]) <= 0.05
            )

        wait_for(same, PATIENCE, "Modbus and MQTT showing the same numbers")
    finally:
        chain.post("api/pump/stop", {})
        registers.close()


def test_any_modbus_write_is_refused_with_exception_1_or_2(chain: Chain) -> None:
    registers = Registers(chain.modbus_port)
    try:
        c = registers.client
        for answer in (
            c.write_register(0, 1, device_id=1),
            c.write_registers(0, [1, 2], device_id=1),
            c.write_coil(0, True, device_id=1),
            c.write_coils(0, [True] * 3, device_id=1),
            c.mask_write_register(address=0, and_mask=0xFFFF, or_mask=0, device_id=1),
            c.readwrite_registers(read_address=0, read_count=1, write_address=0, values=[1], device_id=1),
        ):
            assert answer.isError() and answer.exception_code in (1, 2), answer
    finally:
        registers.close()
