"""The host's fast codec is the pure codec, only faster: same frames, same messages, same refusals, same counters."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assuage.link import messages, wire_fast
from assuage.link.wire_fast import BadFrame, Splitter, pack, parse
from assuage_rig.requirements import req
from assuage_wire import codec, frame
from assuage_wire.codec import WireError

COUNTERS = ("ok", "cobs", "length", "type", "crc", "range", "overflow")


def typed(message: Any, flat: list[Any]) -> messages.AnyMessage:
    """Values in the flat order of the pure codec as the host's NamedTuple."""
    values, place = [], 0
    for _letter, _size, count, _lo, _hi in message.plan:
        values.append(flat[place] if count == 1 else tuple(flat[place : place + count]))
        place += count
    return getattr(messages, message.name)(*values)


def pure_frame(message: Any, flat: list[Any], seq: int) -> bytes:
    writer = frame.Writer()
    writer.seq = seq
    return bytes(writer.out[: writer.frame(message, flat)])


def valid(message: Any) -> st.SearchStrategy[list[Any]]:
    """Lists of values that fit the table, edges included."""
    return st.tuples(*_items(message, 0)).map(list)


def anything(message: Any) -> st.SearchStrategy[list[Any]]:
    """Lists of values that mostly do not fit."""
    return st.tuples(*_items(message, 2)).map(list)


def _items(message: Any, slack: int) -> list[st.SearchStrategy[Any]]:
    found: list[st.SearchStrategy[Any]] = []
    for letter, size, count, lo, hi in message.plan:
        if letter == "s":
            found.append(st.binary(min_size=max(0, size - slack), max_size=size + slack))
        else:
            inside = st.integers(lo - slack, hi + slack) | st.sampled_from([lo - slack, hi + slack, lo, hi])
            found += [inside] * count
    return found


@pytest.mark.parametrize("message", codec.MESSAGES, ids=lambda m: m.name)
def test_every_message_is_framed_and_read_as_the_pure_twin_does(message: Any) -> None:
    @given(flat=valid(message), seq=st.integers(0, 255))
    def check(flat: list[Any], seq: int) -> None:
        expected = pure_frame(message, flat, seq)
        value = typed(message, flat)
        assert pack(value, seq) == expected
        back, back_seq = parse(expected[:-1])
        assert (back, back_seq) == (value, seq)
        assert type(back) is type(value)

    check()


@pytest.mark.parametrize("message", codec.MESSAGES, ids=lambda m: m.name)
def test_what_the_pure_twin_refuses_to_send_is_refused(message: Any) -> None:
    @given(flat=anything(message))
    def check(flat: list[Any]) -> None:
        try:
            expected: bytes | None = pure_frame(message, flat, 0)
        except WireError:
            expected = None
        if expected is None:
            with pytest.raises(WireError):
                pack(typed(message, flat), 0)
        else:
            assert pack(typed(message, flat), 0) == expected

    check()


@pytest.mark.parametrize("wrong", [None, 1.5, "7", b"7"])
def test_a_value_of_another_type_is_never_sent(wrong: object) -> None:
    with pytest.raises(WireError):
        pack(messages.Identify(wrong), 0)  # type: ignore[arg-type]


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """Good frames, frames with a wrong value or a flipped byte, cut frames, garbage and endless pieces, one after the
    other."""
    out = bytearray()
    for _ in range(draw(st.integers(1, 8))):
        message = draw(st.sampled_from(codec.MESSAGES))
        raw = bytearray([message.id, draw(st.integers(0, 255))]) + draw(
            st.binary(min_size=message.size, max_size=message.size)
        )
        raw += draw(st.sampled_from([b"", b"\x07"]))
        raw += zlib.crc32(bytes(raw), message.seed).to_bytes(4, "little")
        good = bytearray(wire_fast.pure_cobs_encode(bytes(raw)) + b"\0")
        kind = draw(st.sampled_from(["whole", "flip", "cut", "noise", "endless"]))
        if kind == "flip":
            at = draw(st.integers(0, len(good) - 1))
            good[at] ^= draw(st.integers(1, 255))
        elif kind == "cut":
            good = good[draw(st.integers(0, len(good))) :]
        elif kind == "noise":
            good = bytearray(draw(st.binary(max_size=30)))
        elif kind == "endless":
            good = bytearray(b"\x01" * draw(st.integers(100, 300)) + b"\0")
        out += good
    return bytes(out)


@pytest.mark.parametrize("direction", ["<", ">", ""])
def test_any_stream_cut_anywhere_gives_the_same_messages_and_counters(direction: str) -> None:
    @given(stream=streams(), data=st.data())
    def check(stream: bytes, data: st.DataObject) -> None:
        expected: list[Any] = []

        def on_frame(message: Any, seq: int, flat: list[Any]) -> None:
            expected.append((typed(message, flat[: message.width]), seq))

        reader = frame.Reader(direction, on_frame)
        splitter = Splitter(direction)
        got: list[Any] = []
        at = 0
        while at < len(stream):
            n = data.draw(st.integers(1, len(stream) - at))
            reader.feed(bytearray(stream[at : at + n]), n)
            got += splitter.feed(stream[at : at + n])
            at += n
        assert got == expected
        assert {c: getattr(splitter, c) for c in COUNTERS} == {c: getattr(reader, c) for c in COUNTERS}
        assert splitter.errors() == reader.errors()

    check()


def test_an_endless_piece_is_not_kept() -> None:
    splitter = Splitter()
    for _ in range(1000):
        splitter.feed(b"\x01" * 4096)
    assert len(splitter._rest) <= wire_fast.MAX_FRAME + 1
    good = pack(messages.Stopped(1, 0, 0), 9)
    assert splitter.feed(b"\0" + good) == [(messages.Stopped(1, 0, 0), 9)]
    assert (splitter.overflow, splitter.ok) == (1, 1)


@given(data=st.binary(max_size=120))
def test_the_c_extension_and_the_pure_cobs_are_one(data: bytes) -> None:
    from cobs import cobs

    assert wire_fast.pure_cobs_encode(data) == cobs.encode(data)
    try:
        decoded: bytes | None = cobs.decode(data)
    except cobs.DecodeError:
        decoded = None
    try:
        pure: bytes | None = wire_fast.pure_cobs_decode(data)
    except ValueError:
        pure = None
    assert pure == decoded


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "length"),
        (b"\x43\x01\x02", "length"),
        (b"\xee\x01\x02", "length"),
        (b"\xee\x01\x02\x03\x04\x05", "type"),
        (b"\x43\x01\x02\x03\x04\x05", "length"),
        (b"\x02\x00\x01\x00\x00\x00\x00\x00", "crc"),
        (b"\x02\x00\x00\x00" + zlib.crc32(b"\x02\x00\x00\x00").to_bytes(4, "little"), "range"),
    ],
)
def test_a_refused_frame_says_why(raw: bytes, why: str) -> None:
    with pytest.raises(BadFrame) as refused:
        parse(wire_fast.pure_cobs_encode(raw))
    assert refused.value.why == why


@req("SYS-004")
def test_two_ends_with_different_tables_never_misread_each_other() -> None:
    health = pack(messages.Health(1, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0)
    raw = bytearray(wire_fast.pure_cobs_decode(health[:-1])[:-4])
    raw += zlib.crc32(bytes(raw), codec.SCHEMA_ID ^ 1).to_bytes(4, "little")
    with pytest.raises(BadFrame, match="crc"):
        parse(wire_fast.pure_cobs_encode(bytes(raw)))
