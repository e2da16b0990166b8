"""Integers that refuse to exceed MicroPython's small integer of a 32-bit board, to run firmware arithmetic with."""

from __future__ import annotations

from typing import Any

HI = (1 << 30) - 1
LO = -(1 << 30)


class Small(int):
    """An integer whose every sum, product, quotient and shift is a Small, or an AssertionError beyond 31 bits."""


def _checked(name: str) -> Any:
    plain = getattr(int, name)

    def operate(self: int, *others: int) -> Any:
        result = plain(self, *others)
        if result is NotImplemented:
            return result
        assert LO <= result <= HI, f"{int(self)} {name} {others} = {result} does not fit 31 bits"
        return Small(result)

    return operate


for _name in ("add", "sub", "mul", "floordiv", "mod", "and", "or", "xor", "lshift", "rshift"):
    for _side in ("", "r"):
        setattr(Small, f"__{_side}{_name}__", _checked(f"__{_side}{_name}__"))
for _name in ("neg", "abs", "invert"):
    setattr(Small, f"__{_name}__", _checked(f"__{_name}__"))


def small_array(_typecode: str, values: Any) -> list[Small]:
    """Stands in for array.array, whose items would come back as plain integers."""
    return [Small(value) for value in values]
