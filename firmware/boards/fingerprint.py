"""A number that changes with any of a board's own data, told in Hello."""

import binascii


def _lines(data, prefix, out):
    for key in sorted(data):
        value = data[key]
        if isinstance(value, dict):
            _lines(value, prefix + key + ".", out)
        else:
            out.append(prefix + key + "=" + str(value))
    return out


def fingerprint(data):
    """CRC-32 of a board's DATA as text: one line per entry, sorted by name."""
    return binascii.crc32("\n".join(_lines(data, "", [])).encode())
