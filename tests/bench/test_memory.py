"""The least heap is found whatever it is."""

from __future__ import annotations

import pytest

from tests.bench.memory import least


@pytest.mark.parametrize("need", [17, 18, 100, 111, 191, 192])
def test_the_least_that_lives_is_found_in_few_tries(need: int) -> None:
    tried = []

    def lives(heap: int) -> bool:
        tried.append(heap)
        return heap >= need * 1024

    assert least(lives, 16 * 1024, 192 * 1024) == need * 1024
    assert len(tried) <= 8
