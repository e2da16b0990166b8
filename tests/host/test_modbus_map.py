"""The register map: no two rows overlap, units come from the wire's table, and what is unknown reads as no value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assuage.bedside.vitals import NUMBERS
from assuage.link.messages import Alarm
from assuage.publish import modbus_map
from assuage.publish.modbus_doc import markdown
from assuage.publish.modbus_map import BLOCKS, KINDS, ROWS, SIZE, registers, words
from assuage_rig.requirements import req
from assuage_wire import schema
from tests.host.beds import HELLO, INTERLOCK, LOW, PUMP, VITALS, FakeBed, said

OWN = {"heartbeat": 3, "uptime": 70_000, "sequence": 9}
BY_NAME = {row.name: row for row in ROWS}


def read(image: list[int], name: str) -> int | None:
    """What an integrator reads: the number of a row, None for no value."""
    row = BY_NAME[name]
    kind = KINDS[row.kind]
    number = 0
    for word in image[row.address : row.last + 1]:
        number = number << 16 | word
    if number == kind.none & (1 << 16 * kind.words) - 1:
        return None
    return number - (1 << 16 * kind.words) if kind.lo < 0 and number >> 16 * kind.words - 1 else number


def image(bed: FakeBed) -> list[int]:
    return registers(bed.bed.snapshot(), OWN)


def speaking() -> FakeBed:
    bed = FakeBed()
    bed.live()
    bed.say(PUMP)
    bed.say(VITALS)
    return bed


# -- the table ---------------------------------------------------------------------------------------------------------


def test_no_two_rows_overlap_all_lie_in_a_block_and_everything_fits_one_request() -> None:
    taken: set[int] = set()
    for row in ROWS:
        addresses = set(range(row.address, row.last + 1))
        assert not taken & addresses, row
        taken |= addresses
        assert any(block.first <= row.address and row.last <= block.last for block in BLOCKS), row
    assert max(taken) < SIZE <= 125
    covered = [address for block in BLOCKS for address in range(block.first, block.last + 1)]
    assert covered == list(range(SIZE))


def test_numbers_of_two_words_are_aligned() -> None:
    assert all(row.address % 2 == 0 for row in ROWS if KINDS[row.kind].words > 1)


def test_a_row_that_mirrors_the_wire_takes_width_sign_and_meaning_from_its_table() -> None:
    fields = {
        f"{message[1]}.{field[0]}": field for message in schema.MESSAGES for field in message[6]
    }  # name -> (name, format, unit, lo, hi, doc)
    mirrors = [row for row in ROWS if row.name in fields]
    assert len(mirrors) > 20
    for row in mirrors:
        _, layout, unit, lo, hi, doc = fields[row.name]
        kind = KINDS[row.kind]
        assert row.doc == doc
        assert (kind.lo < 0) == (layout in "hi"), row
        if unit and unit not in modbus_map.CODES:
            assert row.unit == modbus_map.UNITS[unit][0], row
        if lo is not None and hi is not None and not row.codes and "nL" not in unit:
            # The very highest number reads as no value.
            assert kind.lo <= lo and hi <= kind.hi + 1, f"{row.name} cannot hold the wire's range"


def test_every_number_of_the_patient_has_a_register_with_its_unit_and_one_that_says_why() -> None:
    rows = {row.name: row for row in ROWS}
    for number, parameter in zip(NUMBERS, schema.PARAMETERS, strict=True):
        assert number.parameter == parameter
        assert rows[f"Vitals.{number.key}"].unit == f"{1 / number.per:g} {number.unit}"
        assert rows[f"Vitals.{number.key}.signal"].codes == schema.SIGNALS


def test_a_sensor_that_is_lost_takes_no_other_sensors_number_along() -> None:
    bed = speaking()
    told = said(0, etco2=380, resp=140)
    ages = tuple(90 if name in ("spo2", "pulse", "perfusion") else age
                 for name, age in zip(schema.PARAMETERS, told.ages, strict=True))  # fmt: skip
    bed.say(told._replace(ages=ages))
    now = image(bed)
    assert (read(now, "Vitals.spo2"), read(now, "Vitals.etco2"), read(now, "Vitals.resp")) == (None, 380, 140)
    good = read(now, "vitals_good") or 0
    assert good == 1 << schema.PARAMETERS.index("etco2") | 1 << schema.PARAMETERS.index("resp")


def test_the_status_block_begins_and_ends_with_the_sequence_and_so_end_pump_vitals_and_alarms() -> None:
    sequences = [row.address for row in ROWS if row.name == "sequence"]
    ends = {block.name: (block.first, block.last) for block in BLOCKS}
    assert sequences == [*ends["status"], ends["pump"][1], ends["vitals"][1], ends["alarms"][1]]


def test_the_document_names_every_row_and_code() -> None:
    text = markdown()
    assert all(f"`{row.name}` | {row.kind} | {row.unit}" in text for row in ROWS)
    assert all(name in text for codes in modbus_map.CODES.values() for name in codes)
    assert max(map(len, text.splitlines())) < 300 and text.endswith("\n")


# -- values ------------------------------------------------------------------------------------------------------------


def test_a_live_bed_reads_as_it_is() -> None:
    now = image(speaking())
    assert now[0] == 0x4D50 and now[1] == 0x0103
    assert [read(now, f"Hello.{name}") for name in ("fw_major", "fw_minor", "fw_patch", "boot")] == [0, 1, 2, 42]
    assert read(now, "Hello.board") == int.from_bytes(HELLO.board, "big")
    assert read(now, "Hello.schema") == HELLO.schema
    assert modbus_map.LINKS[read(now, "link") or 0] == "live"
    assert schema.STATES[read(now, "PumpStatus.state") or 0] == "infusing"
    assert read(now, "PumpStatus.rate") == 1000 and read(now, "PumpStatus.vtbi") == 5000
    assert read(now, "PumpStatus.delivered") == 123 and read(now, "PumpStatus.measured") == 123
    assert read(now, "PumpStatus.left") == 17_556 and read(now, "PumpStatus.programme") == 77
    assert read(now, "PumpStatus.was_programme") == 0 and read(now, "PumpStatus.was_low") is None
    assert (read(now, "Vitals.pulse"), read(now, "Vitals.spo2"), read(now, "Vitals.perfusion")) == (724, 971, 215)
    assert read(now, "Vitals.quality") == 93 and read(now, "uptime") == 70_000


def alarm(name: str, priority: str, state: str, occurrence: int, seconds: int = 0, pause: int = 0) -> Alarm:
    code = schema.ALARMS.index(name)
    how = schema.PRIORITIES.index(priority), schema.ALARM_STATES.index(state)
    return Alarm(1000, 0, code, *how, occurrence, seconds, pause)


def test_alarms_read_as_bits_and_the_most_urgent_by_name_and_occurrence() -> None:
    bed = speaking()
    bed.say(alarm("battery-low", "medium", "active", 70_000, 30))
    bed.say(alarm("occlusion", "high", "acknowledged", 69_999, 70_000, 90))
    now = image(bed)
    assert (read(now, "alarms"), read(now, "alarm_pause")) == (2, 90)
    assert schema.PRIORITIES[read(now, "alarm_priority") or 0] == "high"
    assert schema.PRIORITIES[read(now, "alarm_unseen") or 0] == "medium"
    low, occlusion = (1 << schema.ALARMS.index(name) for name in ("battery-low", "occlusion"))
    assert (read(now, "alarm_bits"), read(now, "alarm_unseen_bits")) == (low | occlusion, low)
    assert (read(now, "alarm"), read(now, "alarm_occurrence")) == (schema.ALARMS.index("occlusion"), 69_999)
    assert schema.ALARM_STATES[read(now, "alarm_state") or 0] == "acknowledged"
    assert read(now, "alarm_since") == 70_000


def test_without_alarms_they_read_as_none_and_without_a_link_as_no_value() -> None:
    bed = speaking()
    now = image(bed)
    told = ("alarms", "alarm_priority", "alarm_unseen", "alarm_pause", "alarm_bits", "alarm_unseen_bits")
    of_one = ("alarm", "alarm_state", "alarm_occurrence", "alarm_since")
    assert [read(now, name) for name in told] == [0] * 6 and [read(now, name) for name in of_one] == [None] * 4
    bed.say(alarm("occlusion", "high", "active", 5))
    bed.lose()
    now = image(bed)
    assert [read(now, name) for name in told + of_one] == [None] * 10


def test_the_interlock_reads_as_bits_and_a_trip_by_what_was_seen() -> None:
    bed = speaking()
    told = ("interlock_parameter", "interlock_kind", "interlock_value", "interlock_age")
    assert read(image(bed), "interlock") is None
    bed.say(INTERLOCK._replace(rows=1))
    assert read(image(bed), "interlock") == 0b101 and [read(image(bed), name) for name in told] == [None] * 4
    bed.say(LOW)
    assert read(image(bed), "interlock") == 0b011
    assert [read(image(bed), name) for name in told] == [0, 0, 861, 4]
    bed.say(LOW._replace(parameter=3, kind=3, value=16_000, normal=1))
    assert read(image(bed), "interlock") == 0b1111
    assert [read(image(bed), name) for name in told] == [3, 3, 16_000, 4]
    bed.say(LOW._replace(parameter=255, kind=2, value=schema.NONE16))
    assert [read(image(bed), name) for name in told] == [None, 2, None, 4]
    bed.lose()
    assert [read(image(bed), name) for name in ("interlock", *told)] == [None] * 5


def test_a_negative_volume_keeps_its_sign() -> None:
    bed = speaking()
    bed.say(PUMP._replace(measured=-2_000_000))
    assert read(image(bed), "PumpStatus.measured") == -200


def test_an_interrupted_programme_is_told_with_its_bounds() -> None:
    bed = speaking()
    bed.say(PUMP._replace(state=7, was_programme=76, was_low=2_000_000, was_high=2_100_000))
    now = image(bed)
    assert [read(now, f"PumpStatus.was_{name}") for name in ("programme", "low", "high")] == [76, 200, 210]


@given(st.integers(0, schema.S30), st.integers(0, schema.S30))
@example(3_216_000, 3_224_000)
@example(2_300_000, 2_300_000)  # 2.3 mL times 100 is a little less than 230 in floating point
def test_the_bounds_of_an_interrupted_programme_are_rounded_outwards_and_by_less_than_one_step(
    low: int, high: int
) -> None:
    low, high = low // 100 * 100, high // 100 * 100  # the snapshot's resolution, nL
    bed = speaking()
    bed.say(PUMP._replace(state=7, was_programme=76, was_low=low, was_high=high))
    now = image(bed)
    reads_low, reads_high = read(now, "PumpStatus.was_low"), read(now, "PumpStatus.was_high")
    assert reads_low is not None and reads_high is not None
    assert low - 10_000 < reads_low * 10_000 <= low
    assert high <= reads_high * 10_000 < high + 10_000


@req("VIT-003")
@pytest.mark.parametrize("name", [row.name for row in ROWS if row.name.startswith(("PumpStatus.", "Vitals."))])
def test_after_the_link_is_lost_no_number_reads_as_if_it_were_present(name: str) -> None:
    bed = speaking()
    bed.lose()
    assert read(image(bed), name) is None


def test_numbers_that_stop_coming_become_no_value_while_the_link_still_lives() -> None:
    bed = speaking()
    bed.now += 1.6
    now = image(bed)
    assert read(now, "PumpStatus.rate") is None and read(now, "Vitals.spo2") == 971
    assert read(now, "pump_age") == 16
    bed.now += 1.6
    now = image(bed)
    assert read(now, "Vitals.spo2") is None and read(now, "Vitals.ppg") is None
    assert read(now, "vitals_age") == 32


def test_a_probe_that_is_off_is_told_and_has_no_numbers() -> None:
    bed = speaking()
    bed.say(said(spo2=schema.NONE16, pulse=schema.NONE16, ppg="probe-off"))
    now = image(bed)
    assert read(now, "Vitals.spo2") is None and schema.SIGNALS[read(now, "Vitals.ppg") or 0] == "probe-off"


def test_before_a_board_has_spoken_only_the_daemon_is_known() -> None:
    now = image(FakeBed())
    assert read(now, "Hello.board") is None and read(now, "PumpStatus.state") is None
    assert now[0] == 0x4D50 and read(now, "heartbeat") == 3


@given(st.sampled_from(sorted(KINDS)), st.integers(-(1 << 70), 1 << 70))
def test_a_number_comes_back_or_is_no_value_and_never_another_number(kind: str, number: int) -> None:
    k = KINDS[kind]
    back = int.from_bytes(b"".join(word.to_bytes(2, "big") for word in words(kind, number)), "big", signed=k.lo < 0)
    assert back == (number if k.lo <= number <= k.hi else k.none)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), 1.8e308])
def test_what_is_no_number_is_no_value(kind: str, value: float) -> None:
    assert words(kind, value) == words(kind, None)


JUNK: Any = st.one_of(st.none(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5))


@given(
    st.fixed_dictionaries({"state": st.text(max_size=8), "rate_ml_h": JUNK, "age_s": st.just(0.0), "was": st.none()})
)
def test_no_snapshot_makes_more_or_fewer_registers(pump: dict[str, Any]) -> None:
    snapshot = speaking().bed.snapshot()
    if isinstance(pump["rate_ml_h"], str):
        pump["rate_ml_h"] = None
    snapshot["pump"] = {**snapshot["pump"], **pump}
    now = registers(snapshot, OWN)
    assert len(now) == SIZE and all(0 <= word <= 0xFFFF for word in now)
