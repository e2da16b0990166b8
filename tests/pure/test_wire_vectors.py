"""Golden streams and refused values: both interpreters read the wire alike."""

import json

from assuage_wire import codec, frame, schema

_HERE = __file__.replace("\\", "/")
_ROOT = _HERE[: _HERE.rfind("tests/pure/")] if "tests/pure/" in _HERE else "./"


def _vectors():
    with open(_ROOT + "protocol/vectors.json") as f:
        return json.load(f)


def _unhex(text):
    return bytes(int(text[i : i + 2], 16) for i in range(0, len(text), 2))


def _plain(message, shown):
    return [_unhex(v) if isinstance(v, str) else v for v in shown[: message.width]]


def _read(chunks):
    got = []
    reader = frame.Reader("", lambda m, seq, values: got.append([m.name, seq, values[: m.width]]))
    for chunk in chunks:
        data = _unhex(chunk)
        reader.feed(data, len(data))
    return reader, got


def test_the_vectors_are_of_this_schema():
    v = _vectors()
    assert v["schema"] == codec.SCHEMA_ID
    assert v["wire"] == schema.WIRE
    assert len(v["streams"]) > 200


def test_every_stream_gives_exactly_its_frames_and_counts_its_refusals():
    for s in _vectors()["streams"]:
        reader, got = _read(s["chunks"])
        want = [[n, seq, _plain(codec.BY_NAME[n], vals)] for n, seq, vals in s["frames"]]
        assert got == want, s["name"]
        for kind in ("cobs", "length", "type", "crc", "range", "overflow"):
            assert getattr(reader, kind) == s["refused"].get(kind, 0), (s["name"], kind)
        assert reader.ok == len(want) and reader.errors() == sum(s["refused"].values()), s["name"]


def test_writing_a_valid_frame_gives_the_golden_bytes():
    for s in _vectors()["streams"]:
        if len(s["frames"]) == 1 and len(s["chunks"]) == 1 and not s["refused"] and not s["chunks"][0].startswith("00"):
            name, seq, shown = s["frames"][0]
            message = codec.BY_NAME[name]
            writer = frame.Writer()
            writer.seq = seq
            n = writer.frame(message, _plain(message, shown))
            assert bytes(writer.out[:n]) == _unhex(s["chunks"][0]), s["name"]
            assert n == message.size + 8


def test_a_value_outside_the_table_or_missing_is_refused_before_it_is_sent():
    for r in _vectors()["refused_values"]:
        message = codec.BY_NAME[r["message"]]
        values = [_unhex(v) if isinstance(v, str) else v for v in r["values"]]
        try:
            codec.encode(message, values, bytearray(schema.MAX_PAYLOAD))
        except codec.WireError:
            continue
        raise AssertionError(r["message"] + ": " + r["why"] + " was accepted")


def test_a_reader_takes_only_frames_of_its_direction():
    got = []
    board = frame.Reader(">", lambda m, seq, values: got.append(m.name))
    writer = frame.Writer()
    for name, values in (("Stopped", [1, 0, 0]), ("Stop", [1])):
        n = writer.frame(codec.BY_NAME[name], values)
        board.feed(writer.out, n)
    assert got == ["Stop"]
    assert board.type == 1


def test_sequence_numbers_rise_and_wrap():
    seqs = []
    reader = frame.Reader("", lambda m, seq, values: seqs.append(seq))
    writer = frame.Writer()
    for _ in range(258):
        n = writer.frame(codec.BY_NAME["Stop"], [0])
        reader.feed(writer.out, n)
    assert seqs == list(range(256)) + [0, 1]
