"""A host's commands under way: repeated with their ids, never more than a board remembers, and given up in the end."""

from __future__ import annotations

import pytest

from assuage.link.requests import Requests
from assuage_wire.session import KEPT


def test_a_request_is_repeated_with_its_id_until_answered_or_given_up() -> None:
    r = Requests(repeat_s=0.05, give_up_s=0.2)
    first = r.begin("a", 10.0)
    second = r.begin("b", 10.0)
    assert (first, second) == (1, 2)
    assert r.due(10.01) == ([], [])
    assert r.answered(second) == "b"
    assert r.answered(second) is None
    assert r.due(10.06) == ([(1, "a")], [])
    assert r.due(10.07) == ([], [])
    assert r.due(10.21) == ([], [(1, "a")])
    assert r.next_due() is None


def test_requests_never_run_ahead_of_what_a_board_remembers() -> None:
    r = Requests()
    for _ in range(KEPT - 2):
        r.begin("x", 0.0)
    assert r.full
    with pytest.raises(RuntimeError):
        r.begin("y", 0.0)
    assert r.reset() == ["x"] * (KEPT - 2)
    assert not r.full
