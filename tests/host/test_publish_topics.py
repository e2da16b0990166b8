"""Topics that every broker takes, a table that says everything, and codes that stand in the facts about them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assuage.publish import mqtt, presence
from assuage.publish.topics import BY_NAME, ENVELOPE, TOPICS, Topics, described, slug, topic_table
from assuage_rig.requirements import req

LEVEL = re.compile(r"[a-z0-9_-]+")

# Reference ids and codes of ISO/IEEE 11073-10101, as the Rosetta table (RTMMS) has them.
CODES = {
    "spo2": (150456, 262688),  # MDC_PULS_OXIM_SAT_O2, MDC_DIM_PERCENT
    "pulse": (149530, 264864),  # MDC_PULS_OXIM_PULS_RATE, MDC_DIM_BEAT_PER_MIN
    "perfusion": (150488, 262688),  # MDC_BLD_PERF_INDEX, MDC_DIM_PERCENT
    "resp": (151594, 264928),  # MDC_CO2_RESP_RATE, MDC_DIM_RESP_PER_MIN
    "etco2": (151708, 266016),  # MDC_CONC_AWAY_CO2_ET, MDC_DIM_MMHG
    "fico2": (151716, 266016),  # MDC_CONC_AWAY_CO2_INSP
    "systolic": (150021, 266016),  # MDC_PRESS_BLD_NONINV_SYS
    "diastolic": (150022, 266016),  # MDC_PRESS_BLD_NONINV_DIA
    "map": (150023, 266016),  # MDC_PRESS_BLD_NONINV_MEAN
    "pulse_cuff": (149546, 264864),  # MDC_PULS_RATE_NON_INV
    "temperature": (150344, 268192),  # MDC_TEMP, MDC_DIM_DEGC
    "heart": (147842, 264864),  # MDC_ECG_HEART_RATE
    "rate_ml_h": (158014, 265266),  # MDC_FLOW_FLUID_PUMP_CURRENT, MDC_DIM_MILLI_L_PER_HR
    "set_rate_ml_h": (157784, 265266),  # MDC_FLOW_FLUID_PUMP, MDC_DIM_MILLI_L_PER_HR
    "vtbi_ml": (157884, 263762),  # MDC_VOL_FLUID_TBI, MDC_DIM_MILLI_L
    "delivered_ml": (157864, 263762),  # MDC_VOL_FLUID_DELIV, MDC_DIM_MILLI_L
    "left_s": (157916, 264320),  # MDC_TIME_PD_REMAIN, MDC_DIM_X_SEC
    "samples": (150452, None),  # MDC_PULS_OXIM_PLETH
}


@given(st.text(), st.text(min_size=1), st.text())
def test_any_name_becomes_a_level_that_every_broker_takes(site: str, bed: str, device: str) -> None:
    topics = Topics(site, bed, device)
    for topic in TOPICS:
        levels = topics.of(topic.name).split("/")
        assert levels[:2] == ["assuage", "v1"] and all(LEVEL.fullmatch(level) for level in levels[2:])


def test_names_stay_readable() -> None:
    assert Topics("Ward 3", "Bed 1", "board-1").of("wave/pleth") == "assuage/v1/ward-3/bed-1/board-1/wave/pleth"
    assert slug("Bäd/+#.1").startswith("bad-1-")
    assert slug("Bed #1") == "bed-1-ce8a3573"


@pytest.mark.parametrize(
    "names",
    [
        ("А-1", "Б-1", "A-1", "1", "-1"),  # the first two are Cyrillic
        ("Койка 1", "Палата 1", "東1", "西1", "1"),
        ("Bed 1", "Bed 1+", "Bed #1", "Bed 1.", "Bed/1", "Bed_1", "Bed1"),
        ("Bäd", "Bad", "Båd"),
        ("病床", "病房", "?", "!", "-", "_", "x"),
    ],
)
def test_two_beds_never_share_a_topic_whatever_signs_their_names_are_made_of(names: tuple[str, ...]) -> None:
    assert len({slug(name) for name in names}) == len(names)


def test_names_that_differ_only_in_case_or_in_spaces_and_hyphens_are_one_name() -> None:
    assert {slug(name) for name in ("Bed 1", "bed-1", "BED  1", " Bed - 1 ", "Bed\u00a01")} == {"bed-1"}
    assert slug("Койка 1") == slug("КОЙКА-1")
    assert slug("Ba\u0308d") == slug("B\u00e4d"), "one letter, written in two ways"


@given(st.lists(st.text("aAäÄа1_- +#.東", max_size=4), min_size=2, max_size=2))
def test_names_share_a_level_only_if_they_are_one_name(names: list[str]) -> None:
    one, other = (name.strip().lower().replace(" ", "-") for name in names)
    alike = [re.sub("-+", "-", name) for name in (one, other)]
    assert (slug(names[0]) == slug(names[1])) == (alike[0] == alike[1])


def test_codes_are_those_of_the_standard() -> None:
    given_codes = {field.name: (field.mdc, field.mdc_unit) for topic in TOPICS for field in topic.fields if field.mdc}
    assert given_codes == CODES


def test_the_table_for_readers_and_the_birth_message_name_every_topic_and_key() -> None:
    table, birth = topic_table(), presence.birth(None, _site(), "0.1.0")
    for topic in TOPICS:
        assert f"| `{topic.name}` |" in table
        for field in topic.fields:
            assert f"`{field.name}`" in table and field.name in birth["topics"][topic.name]["fields"]
    assert all(f"`{field.name}`" in table and field.name in birth["envelope"] for field in ENVELOPE)
    assert birth["topics"]["numerics"]["fields"]["spo2"] == {
        "unit": "%", "doc": "arterial oxygen saturation, null when there is none", "mdc": 150456, "mdc_unit": 262688,
    }  # fmt: skip


def test_only_status_and_birth_are_retained_so_that_no_old_number_is_ever_handed_to_a_newcomer() -> None:
    assert {name for name, topic in described().items() if topic["retained"]} == {"status", "birth"}
    assert all(BY_NAME[name].stored for name in ("numerics", "pump", "wave/pleth", "health", "link", "event"))


def test_status_has_the_keys_of_the_table_and_the_patient_is_never_published() -> None:
    link = {"link": "live", "link_since": "x", "sentence": "y"}
    keys = [field.name for field in BY_NAME["status"].fields]
    assert list(presence.online("x", link, "s", 0, "")) == keys
    assert list(presence.offline("gone", None, "s", None)) == list(presence.offline("bye", "x", "s", 0)) == keys
    assert "Erika" not in str(presence.birth({"uid": "1"}, _site(), "0"))


def test_a_disk_that_fails_is_told_in_status() -> None:
    link = {"link": "live", "link_since": "x", "sentence": "y"}
    status = presence.online("x", link, "s", 12, "The disk is full.")
    assert status["why"] == "The disk is full." and status["dropped"] == 12


def _site():  # type: ignore[no-untyped-def]
    from assuage.config import Site

    return Site(patient="Erika")


@req("SYS-012")
def test_nothing_that_a_broker_says_is_listened_to() -> None:
    """Whoever has the daemon subscribe to a topic makes this fail, and has to prove that it orders nothing."""
    text = (Path(mqtt.__file__)).read_text(encoding="utf-8")
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    asked = [ast.unparse(call.func) for call in calls if isinstance(call.func, ast.Attribute)]
    assert "client.publish" in asked, "this is the file that speaks to the broker"
    assert [name for name in asked if name.endswith(".subscribe")] == ["self._store.subscribe"], "the store is ours"
