"""Who is there: the first exchange with a board, which one of any age understands."""

from __future__ import annotations

from typing import Any

from assuage_rig.targets.dut import Dut
from assuage_wire import codec
from assuage_wire.frame import Reader, Writer

SESSION = 1
AGAIN_S = 1.0  # a board that is still starting hears nothing
LIMIT_S = 30.0


class StrangerError(Exception):
    """Nobody answers, or not the board that was expected; one sentence."""


def hello(dut: Dut) -> dict[str, Any]:
    """The fields of the board's answer to Identify. Raises StrangerError when none comes."""
    heard: list[dict[str, Any]] = []

    def hear(message: codec.Message, _seq: int, values: list[Any]) -> None:
        if message.name == "Hello":
            heard.append({field[0]: values[message.index(field[0])] for field in message.fields})

    reader, writer = Reader("<", hear), Writer()
    n = writer.frame(codec.BY_NAME["Identify"], [SESSION])

    def answered() -> bool:
        data = dut.take()
        reader.feed(data, len(data))
        return any(fields["session"] == SESSION for fields in heard)

    for _ in range(round(LIMIT_S / AGAIN_S)):
        dut.send(bytes(writer.out[:n]))
        if dut.run_until(answered, AGAIN_S):
            return heard[-1]
    raise StrangerError(f"no board answers Identify within {LIMIT_S:g} s")


def expect(told: dict[str, Any], board: str) -> None:
    """Raises StrangerError when the Hello is another board's, or of a firmware with another table."""
    if told["board"].hex() != board:
        raise StrangerError(f"the inventory has board {board} here, and {told['board'].hex()} answers")
    if told["schema"] != codec.SCHEMA_ID:
        raise StrangerError(
            f"the board's firmware speaks table {told['schema']:08x}, this tree {codec.SCHEMA_ID:08x}:"
            " flash the board with it"
        )


def version(told: dict[str, Any]) -> str:
    """As people write it."""
    return f"{told['fw_major']}.{told['fw_minor']}.{told['fw_patch']}"
