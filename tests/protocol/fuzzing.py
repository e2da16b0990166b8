"""Random and mutated frames for a reader, on either interpreter.

usage: micropython tests/protocol/fuzzing.py COUNT SEED      (with protocol/ on the path)
Prints one line and ends with an assertion when a frame is accepted that nobody sent, when a piece is neither accepted
nor counted, or when a good frame after the garbage is not read.
"""

import sys

from assuage_wire import codec, frame


class Random:
    """The same numbers on both interpreters (xorshift, 32 bits)."""

    def __init__(self, seed):
        self.x = (seed * 2654435761 + 88172645) & 0xFFFFFFFF or 1

    def below(self, n):
        x = self.x
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
        self.x = x
        return x % n


def originals(random):
    """[(message, values, frame bytes)]: three of every type, with values spread over their ranges."""
    out = []
    writer = frame.Writer()
    for message in codec.MESSAGES:
        for _ in range(3):
            values = []
            for letter, size, count, lo, hi in message.plan:
                for _ in range(count):
                    if letter == "s":
                        values.append(bytes([random.below(256) for _ in range(size)]))
                    else:
                        values.append(lo + random.below(hi - lo + 1))
            n = writer.frame(message, values)
            out.append((message, values, bytes(writer.out[:n])))
    return out


def mutate(random, data, other):
    """A bytearray made from a frame: bits flipped, cut, padded, doubled, merged, or garbage of any length. No
    delimiter is added."""
    kind = random.below(8)
    if kind == 7:
        return bytearray([random.below(256) for _ in range(random.below(160))])
    out = bytearray(data)
    if kind == 0:
        out[random.below(len(out))] ^= 1 << random.below(8)
    elif kind == 1:
        for _ in range(1 + random.below(8)):
            out[random.below(len(out))] = random.below(256)
    elif kind == 2:
        out = out[: random.below(len(out))]
    elif kind == 3:
        out = out[random.below(len(out)) :]
    elif kind == 4:
        at = random.below(len(out))
        out = out[:at] + bytearray([random.below(256) for _ in range(1 + random.below(4))]) + out[at:]
    elif kind == 5:
        out = out[: random.below(len(out))] + bytearray(other)
    else:
        at = random.below(len(out))
        out = out[:at] + out[at + 1 + random.below(3) :]
    return out


def pieces(data):
    """How many delimited, non-empty pieces a stream has."""
    n = 0
    open_piece = 0
    for b in data:
        if b:
            open_piece = 1
        else:
            n += open_piece
            open_piece = 0
    return n


def run(count, seed, make_reader):
    """Feeds `count` mutations. make_reader(on_frame) -> object with feed(buf, n), ok and errors()."""
    random = Random(seed)
    good = originals(random)
    known = {message.id: [v for m, v, _ in good if m is message] for message in codec.MESSAGES}
    seen = [0]

    def on_frame(message, _seq, values):
        seen[0] += 1
        assert list(values[: message.width]) in known[message.id], ("accepted a frame that nobody sent", message.name)

    reader = make_reader(on_frame)
    flush = b"\0"
    total = 0
    for i in range(count):
        _, _, data = good[random.below(len(good))]
        bad = mutate(random, data, good[random.below(len(good))][2])
        reader.feed(bad, len(bad))
        reader.feed(flush, 1)
        total += pieces(bad + flush)
        if i % 64 == 0:
            before = reader.ok
            reader.feed(data, len(data))
            total += 1
            assert reader.ok == before + 1, "a good frame after garbage was not read"
    assert reader.ok + reader.errors() == total, ("pieces lost count", reader.ok, reader.errors(), total)
    assert reader.ok == seen[0]
    return reader.ok, reader.errors()


if __name__ == "__main__":
    ok, refused = run(int(sys.argv[1]), int(sys.argv[2]), lambda f: frame.Reader("", f))
    print(f"mutations {sys.argv[1]} seed {sys.argv[2]}: {ok} good frames read, {refused} pieces refused")
