"""Changes of what is written in letters: tables, and the heads of npy and safetensors files.

bytes, `random.Random` -> bytes
"""

import json
import random
import re
import struct

from fuzz_bytes import flipped, overwritten

STRANGE_NUMBERS = (
    b"0", b"-1", b"1", b"7", b"1e9", b"1e999", b"-0.0", b"nan", b"NaN", b"inf", b"Infinity",
    b"2147483648", b"9223372036854775808", b"99999999999999999999", b"9" * 5_000, b"5.0", b"0x10",
    b"null", b"true", b"[]", b'"1"', "\u0663".encode(),
)  # fmt: skip
STRANGE_CELLS = (
    "", " ", "nan", "-1", "1e999", "1.5", "TRUE", "#REF!", "=1+1", "\0", "\n", "\r\n", "\u2028",
    '"', '""', "'", ",", ";", "../../rain.wav", "/dev/zero", "a" * 5_000, "\U0001f327", "e\u0301",
    "\ud7ff", "con.wav", "rain.wav\\", "fold5", "\ufeff", "9" * 400, "%s{}", "rain\x85.wav",
)  # fmt: skip
ENCODINGS = (
    "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp1252", "cp037", "cp932"
)  # fmt: skip
DELIMITERS = ",;\t| :"


def strange_number(content: bytes, rng: random.Random) -> bytes:
    """Digits in a text, such as the head of a safetensors or npy file, replaced."""
    matches = [*re.finditer(rb"\d+(\.\d+)?", content[:20_000])]
    if not matches:
        return overwritten(content, rng)
    match, number = rng.choice(matches), rng.choice(STRANGE_NUMBERS)
    if rng.random() < 0.3:
        number = number[: len(match[0])].rjust(len(match[0]))
    return content[: match.start()] + number + content[match.end() :]


def header_changed(content: bytes, rng: random.Random) -> bytes:
    """The JSON of a safetensors file, with the right length in front."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = rng.choice((strange_number, flipped, _json_changed))(content[8:end], rng)
    length = struct.pack("<Q", len(header))
    return rng.choice((length, length, content[:8])) + header + content[end:]


def _json_changed(header: bytes, rng: random.Random) -> bytes:
    try:
        whole = json.loads(header)
    except ValueError:
        return flipped(header, rng)
    if not isinstance(whole, dict) or not whole:
        return flipped(header, rng)
    name = rng.choice([*whole])
    strange = rng.choice((None, [], {}, "x", -1, {"sgim": "[]"}, {"sgim": '{"network": 3}'}))
    change = rng.choice(("drop", "rename", "value", "metadata", "dtype"))
    if change == "drop":
        del whole[name]
    elif change == "rename":
        whole[rng.choice((name.upper(), "", "\n", name + ".weight"))] = whole.pop(name)
    elif change == "metadata":
        whole["__metadata__"] = strange
    elif change == "dtype" and isinstance(whole[name], dict):
        whole[name]["dtype"] = rng.choice(("F16", "BF16", "F64", "I64", "BOOL", "F8_E4M3", "C64"))
    else:
        whole[name] = strange
    return json.dumps(whole).encode()


def encoding_changed(content: bytes, rng: random.Random) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(rng.choice(ENCODINGS), rng.choice(("ignore", "replace")))


def cells_changed(content: bytes, rng: random.Random) -> bytes:
    """Cells, rows, columns, delimiters and line ends of a table."""
    text = content.decode("utf-8", "replace")
    rows = [line.split(",") for line in text.splitlines()] or [[""]]
    row = rng.choice(rows)
    change = rng.choice(("cell", "cell", "cell", "cell", "column", "row", "quote", "delimiter"))
    delimiter = ","
    if change == "cell":
        row[rng.randrange(len(row))] = rng.choice(STRANGE_CELLS)
    elif change == "column":
        place, filling = rng.randrange(len(row)), rng.choice(STRANGE_CELLS)
        for one in rows:
            one[place : place + rng.choice((0, 1))] = rng.choice(([], [filling]))
    elif change == "row":
        rows[rng.randrange(len(rows)) :] = rng.choice(([], [row], [row] * 100, [[]] * 3))
    elif change == "quote":
        row[0] = f'"{row[0]}'
    else:
        delimiter = rng.choice(DELIMITERS)
    end = rng.choice(("\n", "\n", "\r\n", "\r", "\n\n", "\u2028"))
    return end.join(delimiter.join(one) for one in rows).encode("utf-8", "surrogatepass")
