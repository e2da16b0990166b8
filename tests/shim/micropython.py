"""Stands in for MicroPython's `micropython` module, so that board code runs under CPython in tests."""

from collections.abc import Callable
from typing import Any, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])


def const(value: int) -> int:
    """The value itself; MicroPython folds it at compile time."""
    return value


def native(function: _F) -> _F:
    """The function itself; MicroPython compiles it to machine code. `viper` likewise."""
    return function


viper = native


def heap_lock() -> None:
    """Does nothing: only MicroPython can forbid allocation, which is why the pure tests run there as well."""


def heap_unlock() -> int:
    """Depth of the lock, which never is more than 0 here."""
    return 0
