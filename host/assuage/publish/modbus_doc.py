"""The Modbus register map as a document, docs/modbus_map.md."""

from __future__ import annotations

from assuage.publish.modbus_map import BLOCKS, CODES, KINDS, LINKS, ROWS, SIZE, Block

_IN_A_LINE = 10  # codes

HEAD = f"""\
<!-- Generated from host/assuage/publish/modbus_map.py and the wire's table by `make gen`: do not edit. -->
# Modbus register map

Modbus TCP, input registers (function code 4) 0 to {SIZE - 1}, units 0, 1 and 255; a second pump at the bed is unit 2,
with registers like these and the same patient's numbers. All of them fit into one request, which reads one moment. The
server is read-only: every other function code is answered with exception 01, an address beyond the map with 02, a bad
count with 03, another unit with 0B. Should the daemon no longer refresh the registers,
reading is answered with 0B.

Words are big-endian, the high word first. Numbers are rounded to the nearest, `was_low` down and `was_high` up. A value
that is not known or is stale reads as "no value":

| kind | words | no value |
|---|---|---|
"""

TORN = """
**Several requests.** `sequence` stands at the start and the end of the status block and at the end of the pump,
vitals and alarms blocks. What was read belongs together when all copies are equal; else read again. `heartbeat` rises
five times a second.

Registers that are not listed are reserved and read as 65535.
"""


def markdown() -> str:
    """The whole document."""
    kinds = "".join(
        f"| {name} | {kind.words} | 0x{kind.none & ((1 << 16 * kind.words) - 1):0{4 * kind.words}X} |\n"
        for name, kind in KINDS.items()
        if any(row.kind == name for row in ROWS)
    )
    return HEAD + kinds + TORN + "".join(map(_block, BLOCKS)) + _codes()


def _block(block: Block) -> str:
    lines = [
        f"\n## {block.name}, {block.first} to {block.last}\n\n{block.doc[:1].upper()}{block.doc[1:]}.\n",
        "| address | name | kind | unit | what |",
        "|---|---|---|---|---|",
    ]
    for row in sorted(ROWS, key=lambda row: row.address):
        if block.first <= row.address <= block.last:
            where = f"{row.address}" if row.last == row.address else f"{row.address}-{row.last}"
            lines.append(f"| {where} | `{row.name}` | {row.kind} | {row.unit} | {row.doc} |")
    return "\n".join(lines) + "\n"


def _codes() -> str:
    lines = ["\n## Codes\n"]
    for name, texts in {"LINKS": LINKS, **CODES}.items():
        said = [f"{number} {text}" for number, text in enumerate(texts)]
        rows = [", ".join(said[i : i + _IN_A_LINE]) for i in range(0, len(said), _IN_A_LINE)]
        lines.append(f"- {name}: " + ",\n  ".join(rows))
    return "\n".join(lines) + "\n"
