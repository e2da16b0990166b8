"""The construct description is the same wire: it reads what the codec wrote, and names the codes."""

from __future__ import annotations

import construct
import pytest
from cobs import cobs

from assuage_wire import as_construct, codec, frame


def _unstuffed(name: str, values: list[object]) -> bytes:
    writer = frame.Writer()
    n = writer.frame(codec.BY_NAME[name], values)
    return cobs.decode(bytes(writer.out[: n - 1]))


def _lowest(message: codec.Message) -> list[object]:
    return [bytes(size) if letter == "s" else lo for letter, size, count, lo, _ in message.plan for _ in range(count)]


@pytest.mark.parametrize("name", list(codec.BY_NAME))
def test_construct_reads_every_frame_and_builds_the_same_bytes(name: str) -> None:
    message = codec.BY_NAME[name]
    raw = _unstuffed(name, _lowest(message))
    parsed = as_construct.frame.parse(raw)
    assert str(parsed.type) == name
    assert as_construct.check(raw)
    assert [k for k in parsed.payload if not k.startswith("_")] == [f[0] for f in message.fields]
    assert as_construct.frame.build(parsed) == raw


def test_codes_are_shown_by_name_and_an_unknown_code_stays_a_number() -> None:
    layout = as_construct.payload("Stopped")
    assert str(layout.parse(b"\x01\x00\x07\x05\x00\x00\x00").state) == "stopped"
    assert int(layout.parse(b"\x01\x00\xc8\x05\x00\x00\x00").state) == 200


def test_a_byte_too_many_a_wrong_crc_and_an_unknown_type_are_refused() -> None:
    raw = _unstuffed("Stop", [7])
    with pytest.raises(construct.ConstructError):
        as_construct.frame.parse(raw + b"\0")
    with pytest.raises(construct.ConstructError):
        as_construct.frame.parse(b"\xee" + raw[1:])
    assert not as_construct.check(raw[:-1] + bytes([raw[-1] ^ 1]))
    assert not as_construct.check(b"\xee" + raw[1:])
