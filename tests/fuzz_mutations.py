"""Whole files -> strange ones: flips, cuts, joins, lies about lengths, strange numbers and texts.

bytes, `random.Random` -> `mutated` -> bytes and the names of what was done to them
"""

import json
import math
import random
import re
import struct
from collections.abc import Callable

from fuzz_containers import entries, pickle_steps, repaired, spans, zipped
from fuzz_payloads import planted

Mutation = Callable[[bytes, random.Random], bytes]

HEAD_BYTES = 512
MOST_BYTES = 2**28
STRANGE_INTEGERS = (0, 1, -1, 2, 127, 128, 255, 2**15, 2**16 - 1, 2**24, 2**31 - 1, 2**31, 2**63)
STRANGE_FLOATS = (math.nan, math.inf, -math.inf, 3e38, -3e38, 1e-42, 1e4, -1.0, 0.0)
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


def mutated(
    content: bytes, kind: str, other: Callable[[], bytes], rng: random.Random
) -> tuple[bytes, list[str]]:
    """One to three changes, of those that this content allows; `other` is another whole file."""
    names = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        changes = [*GENERAL, *(change for change, fits in SPECIAL if fits(content, kind))]
        change = rng.choice(changes)
        if change is joined:
            content = joined(content, other(), rng)
        else:
            content = change(content, rng)
        content = content[:MOST_BYTES]
        names.append(change.__name__)
    return content, names


def _place(content: bytes, rng: random.Random) -> int:
    """Anywhere, and half of the time near the front."""
    end = len(content) if rng.random() < 0.5 else min(len(content), HEAD_BYTES)
    return rng.randrange(max(1, end))


def flipped(content: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(content or b"\0")
    for _ in range(rng.choice((1, 2, 8, 64))):
        damaged[_place(damaged, rng)] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def overwritten(content: bytes, rng: random.Random) -> bytes:
    start, length = _place(content, rng), rng.choice((1, 4, 16, 300))
    filling = rng.choice((rng.randbytes(length), bytes(length), b"\xff" * length, b"\n" * length))
    return content[:start] + filling + content[start + length :]


def cut(content: bytes, rng: random.Random) -> bytes:
    start = _place(content, rng)
    end = rng.choice((len(content), start + 1, start + rng.randrange(1, 1_000)))
    return rng.choice((content[:start] + content[end:], content[:start], content[start:]))


def repeated(content: bytes, rng: random.Random) -> bytes:
    start = _place(content, rng)
    piece = content[start : start + rng.choice((1, 30, 1_000, len(content)))]
    return content[:start] + piece * rng.choice((2, 3, 50)) + content[start + len(piece) :]


def joined(content: bytes, other: bytes, rng: random.Random) -> bytes:
    here, there = rng.randrange(len(content) + 1), rng.randrange(len(other) + 1)
    return rng.choice(
        (content + other, other + content, content[:here] + other[there:],
         content[:here] + other + content[here:], content + bytes(5_000), b"\n" + content)
    )  # fmt: skip


def strange_integer(content: bytes, rng: random.Random) -> bytes:
    """Such as in the place of a length."""
    places = [span.start + rng.randrange(16) for span in spans(content)]
    start = rng.choice(places) if places and rng.random() < 0.7 else _place(content, rng)
    value = rng.choice((*STRANGE_INTEGERS, len(content), len(content) - 8, rng.randrange(2**32)))
    width, order = rng.choice((1, 2, 4, 4, 8)), rng.choice(("little", "big"))
    number = (value % 256**width).to_bytes(width, order)
    return repaired(content[:start] + number + content[start + width :])


def strange_floats(content: bytes, rng: random.Random) -> bytes:
    layout = rng.choice("<e <f <f <d >f >d".split())
    value = rng.choice(STRANGE_FLOATS)
    try:
        number = struct.pack(layout, value)
    except OverflowError:
        number = struct.pack(layout, math.inf)
    start = _place(content, rng) // len(number) * len(number)
    number *= rng.choice((1, 1, 10, 1_000))
    return content[:start] + number[: len(content) - start] + content[start + len(number) :]


def chunks_rearranged(content: bytes, rng: random.Random) -> bytes:
    parts = spans(content)
    head, tail = content[: parts[0].start], content[parts[-1].stop :]
    chunks = [content[span] for span in parts]
    here, there = rng.randrange(len(chunks)), rng.randrange(len(chunks))
    change = rng.choice(("swap", "drop", "repeat", "mutate", "shuffle"))
    if change == "swap":
        chunks[here], chunks[there] = chunks[there], chunks[here]
    elif change == "drop":
        del chunks[here]
    elif change == "repeat":
        chunks[there:there] = [chunks[here]] * rng.choice((1, 20))
    elif change == "mutate":
        chunks[here] = _any_bytes_changed(chunks[here], rng)
    else:
        rng.shuffle(chunks)
    return repaired(head + b"".join(chunks) + tail)


def _any_bytes_changed(content: bytes, rng: random.Random) -> bytes:
    change = rng.choice((flipped, overwritten, cut, repeated, strange_integer, strange_floats))
    return change(content, rng)


def entries_changed(content: bytes, rng: random.Random) -> bytes:
    """An entry of a zip file, with a right checksum: its bytes, its name, its compression."""
    parts = entries(content)
    name, other = rng.choice([*parts]), rng.choice([*parts])
    change = rng.choice(("bytes", "bytes", "pickle", "pickle", "swap", "drop", "rename", "pack"))
    compression = 0
    if change == "bytes":
        parts[name] = _any_bytes_changed(parts[name], rng)
    elif change == "pickle":
        for key in (key for key in parts if key.endswith((".pkl", ".npy"))):
            change_one = steps_changed if pickle_steps(parts[key]) else strange_number
            parts[key] = change_one(parts[key], rng)
    elif change == "swap":
        parts[name], parts[other] = parts[other], parts[name]
    elif change == "drop":
        del parts[name]
    elif change == "rename":
        parts[rng.choice((name.upper(), "../" + name, "/" + name, name + "/"))] = parts.pop(name)
    else:
        compression = rng.choice((8, 12, 14))
    return zipped(parts, compression)


def steps_changed(content: bytes, rng: random.Random) -> bytes:
    """Steps of a pickle dropped, repeated, swapped, or with a strange argument."""
    steps = pickle_steps(content)
    if not steps:
        return flipped(content, rng)
    here, there = rng.randrange(len(steps)), rng.randrange(len(steps))
    change = rng.choice(("drop", "repeat", "swap", "number", "number", "text"))
    pieces = [content[span] for _, _, span in steps]
    if change == "drop":
        del pieces[here]
    elif change == "repeat":
        pieces[here:here] = [pieces[there]] * rng.choice((1, 2, 1_000))
    elif change == "swap":
        pieces[here], pieces[there] = pieces[there], pieces[here]
    else:
        is_number = change == "number"
        fits = [
            place for place, (_, argument, _) in enumerate(steps)
            if isinstance(argument, int if is_number else str)
        ]  # fmt: skip
        if fits:
            pieces[rng.choice(fits)] = _strange_step(is_number, rng)
    return b"".join(pieces) + content[steps[-1][2].stop :]


def _strange_step(is_number: bool, rng: random.Random) -> bytes:
    if is_number:
        value = rng.choice((*STRANGE_INTEGERS, 2**40, -(2**40), 10**30))
        return rng.choice((b"I%d\n" % value, b"F%s\n" % rng.choice((b"nan", b"inf", b"0.5"))))
    text = rng.choice(("", "weight", "torch.FloatStorage", "cpu", "\n", "__class__", "\u2028" * 9))
    text = text.encode()
    return b"X" + struct.pack("<I", len(text)) + text


def program_planted(content: bytes, rng: random.Random) -> bytes:
    """A program that leaves a mark where it runs, somewhere in a pickle or in its place."""
    parts = entries(content)
    pickles = [name for name in parts if name.endswith((".pkl", ".npy"))]
    if pickles:
        name = rng.choice(pickles)
        parts[name] = planted(parts[name], rng)
        return zipped(parts)
    return planted(content, rng)


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


def _is_zip(content: bytes, kind: str) -> bool:
    return content.startswith(b"PK") and bool(entries(content))


def _is_pickle(content: bytes, kind: str) -> bool:
    return content.startswith(b"\x80") and bool(pickle_steps(content[:2_000]))


GENERAL = (flipped, overwritten, cut, repeated, joined, strange_integer)
SPECIAL = (
    (strange_floats, lambda content, kind: kind in ("sounds", "checkpoints", "latents")),
    (chunks_rearranged, lambda content, kind: bool(spans(content))),
    (chunks_rearranged, lambda content, kind: len(spans(content)) > 2),
    *[(entries_changed, _is_zip)] * 4,
    (program_planted, _is_zip),
    *[(steps_changed, _is_pickle)] * 3,
    *[(program_planted, _is_pickle)] * 2,
    *[(header_changed, lambda content, kind: content[8:9] == b"{")] * 4,
    *[(strange_number, lambda content, kind: content.startswith(b"\x93NUMPY"))] * 2,
    (program_planted, lambda content, kind: content.startswith(b"\x93NUMPY")),
    *[(cells_changed, lambda content, kind: kind == "tables")] * 5,
    (strange_number, lambda content, kind: kind == "tables"),
    (encoding_changed, lambda content, kind: kind == "tables"),
)
"""Changes, and for which content they are; some are there several times, to be made more often."""
