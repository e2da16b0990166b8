"""What goes in at the finger comes out, the same, of every door."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

from assuage_rig.requirements import req
from tests.chain.chain import PATIENCE, Chain, Observer, Registers, wait_for

pytestmark = pytest.mark.timeout(400)

MAP = (Path(__file__).resolve().parents[2] / "docs" / "modbus_map.md").read_text()


def _address(name: str) -> int:
    """A register's address, from the documented map."""
    row = re.search(rf"^\|\s*(\d+)[^|]*\|\s*`?{re.escape(name)}`?\s*\|", MAP, re.MULTILINE)
    assert row, f"docs/modbus_map.md has no register {name}"
    return int(row[1])


PATIENTS = [(100, 60), (97, 180), (92, 40), (88, 120), (82, 75), (76, 150), (70, 100)]


@req("VIT-001")
@pytest.mark.parametrize(("spo2", "pulse"), PATIENTS if os.environ.get("ASSUAGE_SOAK") == "1" else PATIENTS[::3])
def test_pulse_and_saturation_over_mqtt_are_the_patients(
    chain: Chain, observer: Observer, spo2: float, pulse: float
) -> None:
    def right(p: dict[str, Any]) -> bool:
        return bool(p["spo2"] and p["pulse"]) and abs(p["spo2"] - spo2) <= 2 and abs(p["pulse"] - pulse) <= 3

    def withheld(p: dict[str, Any]) -> bool:
        """A slow machine may stop the board for longer than the oximeter's FIFO reaches; the numbers go, with a reason,
        until the pulse is followed again. That they stay where no sample is missing is proven in virtual time."""
        return p["spo2"] is None and p["pulse"] is None and p["ppg"] != "ok"

    chain.rig("patient", spo2=spo2, pulse_bpm=pulse)
    time.sleep(12)  # the numbers rest on up to 7 s of light, the rate on as many of beats
    since = time.monotonic()
    wait_for(
        lambda: sum(map(right, observer.of("/numerics", since))) >= 3, PATIENCE, f"{spo2} % and {pulse} /min, thrice"
    )
    wrong = [p for p in observer.of("/numerics", since) if not right(p) and not withheld(p)]
    assert not wrong, json.dumps(wrong)


def test_every_sensor_sees_the_one_patient_and_what_is_given_to_him(chain: Chain, observer: Observer) -> None:
    """Held signs first; then an opioid by hand, which ends the breathing and lowers the saturation."""
    held = {"pulse_bpm": 100, "resp_rate": 20}
    bounds = {"pulse": (100, 3), "heart": (100, 3), "resp": (20, 2)}

    def like(p: dict[str, Any]) -> bool:
        return all(p[key] is not None and abs(p[key] - true) <= by for key, (true, by) in bounds.items())

    chain.rig("admit")
    try:
        chain.rig("patient", **held)
        observer.wait("/numerics", like, PATIENCE, time.monotonic())
        chain.rig("patient", **dict.fromkeys(held))
        chain.rig("give", drug="remifentanil", ug=1000, over_s=1)
        since = time.monotonic()
        observer.wait("/numerics", lambda p: p["resp"] == 0, PATIENCE, since)
        observer.wait("/numerics", lambda p: p["spo2"] is not None and p["spo2"] < 94, 2 * PATIENCE, since)
    finally:
        chain.rig("admit")


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


@req("SYS-012")
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
