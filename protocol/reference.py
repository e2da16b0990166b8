"""Makes PROTOCOL.md, the reference of the wire, from schema.py."""

from __future__ import annotations

from assuage_wire import schema
from assuage_wire.as_construct import CODES
from assuage_wire.codec import MESSAGES, SCHEMA_ID, Message

HEAD = f"""<!-- Generated from assuage_wire/schema.py by `make gen`: do not edit. -->
# The wire

Schema id **0x{SCHEMA_ID:08X}**, framing version {schema.WIRE}.

## Frame

```
COBS( type u8 · seq u8 · payload · crc32 u32 )  0x00
```

- Little-endian throughout; {8} bytes over the payload, always. Payloads are at most {schema.MAX_PAYLOAD} bytes.
- `seq` counts the frames of one direction, modulo 256; a gap is a loss.
- `crc32` is CRC-32 (ISO-HDLC, as in zlib) over type, seq and payload. It starts from the schema id, except for the
  frozen messages,
  where it starts from 0: a board with another table can still be identified and stopped, and nothing else of it can
  be misread.
- A payload's length is exactly what the table says, and each value is within its range; else the frame is refused and
  counted.
- Every integer is in the unit given. Board time is `ticks` (ms, wraps at 2^30) with `wraps`, the count of wraps.

## Conversation

- The host sends `Identify` with a random session; the board answers `Hello`. A board that nobody has identified says
  `Hello` each second.
- **Commands** carry the session and an id that rises by one. A repeat of an id gets the kept answer and is never
  carried out twice.
- **Two-step start**: `Programme` → `Readback` (what the board understood) → a human compares → `Confirm` with its
  token → `Arm` → `Start`.
- **Lease**: motion runs until the board time named by the newest `Lease` (or `Start`). The host reckons that end from
  board time it has
  *heard*, so loss, repetition, delay or reordering can only end it sooner. What follows a lapse (`on_loss`) was fixed
  by the programme.
- **Stop** works in any state, before any session, from a host with another schema; it is answered by `Stopped` every
  time.
- Telemetry is not acknowledged; state is periodic.
"""


def _range(letter: str, lo: int | None, hi: int | None) -> str:
    return "" if letter == "s" or lo is None else f"{lo} … {hi}"


def _section(m: Message) -> str:
    since, doc = next((row[4], row[5]) for row in schema.MESSAGES if row[1] == m.name)
    way = "host → board" if m.direction == ">" else "board → host"
    frozen = ", frozen" if m.frozen else ""
    lines = [
        f"### 0x{m.id:02X} {m.name}", "",
        f"{way}{frozen}, {m.size} bytes, since schema {since}. {doc}", "",
        "| at | field | format | unit | range | |", "|---:|---|---|---|---|---|",
    ]  # fmt: skip
    at = 0
    for (name, fmt, unit, lo, hi, doc), (letter, size, count, _lo, _hi) in zip(m.fields, m.plan, strict=True):
        lines.append(f"| {at} | `{name}` | `{fmt}` | {unit} | {_range(letter, lo, hi)} | {doc} |")
        at += size * count
    return "\n".join(lines)


def _codes() -> str:
    out = []
    for name, codes in CODES.items():
        rows = ", ".join(f"{i} `{code}`" for i, code in enumerate(codes))
        out.append(f"- **{name}**: {rows}")
    return "\n".join(out)


def markdown() -> str:
    """The file's text."""
    sections = "\n\n".join(_section(m) for m in MESSAGES)
    none = f'`NONE16` = 0x{schema.NONE16:04X} and `NONE32` = 0x{schema.NONE32:08X} stand for "no value".'
    return f"{HEAD}\n## Messages\n\n{sections}\n\n## Codes\n\n{_codes()}\n\n{none}\n"
