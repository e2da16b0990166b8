"""What the host says in words: every code has its sentence, and no sentence is untrue in a case that it is used for."""

from __future__ import annotations

import pytest

from assuage.bedside import sentences
from assuage_wire import schema
from assuage_wire.codec import BY_NAME


@pytest.mark.parametrize(
    ("codes", "worded"),
    [
        (schema.STATES, sentences.STATES), (schema.REASONS, sentences.REASONS), (schema.STATUSES, sentences.STATUSES),
        (schema.SIGNALS, sentences.SIGNALS), (schema.ON_LOSS, sentences.ON_LOSS), (schema.RESETS, sentences.RESETS),
    ],
)  # fmt: skip
def test_every_code_has_its_sentence_and_no_sentence_lacks_a_code(
    codes: tuple[str, ...], worded: dict[str, str]
) -> None:
    assert tuple(worded) == codes
    for name, text in worded.items():
        assert text == "" if name in ("ok", "none") else text.endswith("."), name
        assert len(text) <= 120


@pytest.mark.parametrize(
    ("status", "detail", "limit"),
    [
        ("rate-limit", 20_000_000, "1200.00 mL/h"), ("volume-limit", 60_000_000, "60.00 mL"),
        ("time-limit", 90_000, "25.0 h"), ("lease-too-long", 5000, "5000 ms"), ("bad-state", 0, None),
        # BD 3 mL and Monoject 3 mL at the drive's top speed; 530.11 mL/h would be 8 835 167 nL/min
        ("rate-limit", 8_835_090, "530.10 mL/h"), ("rate-limit", 166_667, "10.00 mL/h"),
        ("volume-limit", 12_345_999, "12.345 mL"), ("time-limit", 604_799, "167.9 h"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_limit_with_its_unit(status: str, detail: int, limit: str | None) -> None:
    sentence, named = sentences.refusal(status, detail)
    assert named == limit
    assert limit is None or limit in sentence


def test_a_rate_below_the_slowest_is_not_called_too_fast() -> None:
    sentence, limit = sentences.refusal("rate-limit", 1000, rate=167)
    assert limit == "0.06 mL/h"
    assert "slowest" in sentence and "above" not in sentence


def test_a_bad_value_names_the_field() -> None:
    assert "kvo" in sentences.refusal("bad-value", 12, order=BY_NAME["Programme"].id)[0]
    assert "token" in sentences.refusal("bad-value", 3, order=BY_NAME["Confirm"].id)[0]
    assert "field 99" in sentences.refusal("bad-value", 99, order=BY_NAME["Programme"].id)[0]
    assert "field 3" in sentences.refusal("bad-value", 3, order=255)[0]


@pytest.mark.parametrize("order", ["Programme", "Arm", "Start"])
def test_more_than_the_syringe_can_give_says_how_much_it_can_and_what_to_do(order: str) -> None:
    sentence, limit = sentences.refusal("syringe", 12_345_999, order=BY_NAME[order].id)
    assert limit == "12.345 mL"
    assert sentence == (
        "The order is more than the syringe can still give, which is 12.345 mL. "
        "Order no more than that, or change the syringe."
    )


@pytest.mark.parametrize(("left", "limit"), [(41_999_999, "41.999 mL"), (24, "0.00 mL"), (0, "0.00 mL")])
def test_what_the_syringe_cannot_finish_after_a_pause_is_to_be_ordered_anew_or_from_another(
    left: int, limit: str
) -> None:
    """Also where hardly anything is left in it, which is no number of a field there."""
    sentence, named = sentences.refusal("syringe", left, order=BY_NAME["Resume"].id)
    assert named == limit
    assert sentence == (
        f"What is left of this infusion is more than the syringe can still give, which is {limit}. Press STOP, then "
        "order what is left anew: at most that from this syringe, or all of it once it is changed."
    )


@pytest.mark.parametrize(("seconds", "text"), [(3.2, "3 s"), (119, "119 s"), (200, "3 min"), (9000, "2 h")])
def test_how_long_ago(seconds: float, text: str) -> None:
    assert sentences.ago(seconds) == text


def test_a_lapsed_permission_is_blamed_on_no_link_alone() -> None:
    """The board sees only that no grant came: whether the host withdrew it, failed or was cut off, it cannot tell."""
    said = sentences.REASONS["lease-lapsed"]
    assert all(word in said for word in ("withdrew", "failed", "lost the link", "programme again"))


def test_a_stop_is_not_said_to_be_a_persons_when_the_host_gave_it_itself() -> None:
    said = sentences.REASONS["host-stop"]
    assert "by a person" in said and "or by the host itself" in said
