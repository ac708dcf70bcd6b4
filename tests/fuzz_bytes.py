"""Changes that any file allows: bits flipped, pieces cut, files joined, strange numbers.

bytes, `random.Random` -> bytes
"""

import math
import random
import struct

from fuzz_containers import repaired, spans

HEAD_BYTES = 512
STRANGE_INTEGERS = (0, 1, -1, 2, 127, 128, 255, 2**15, 2**16 - 1, 2**24, 2**31 - 1, 2**31, 2**63)
STRANGE_FLOATS = (math.nan, math.inf, -math.inf, 3e38, -3e38, 1e-42, 1e4, -1.0, 0.0)


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


def any_bytes_changed(content: bytes, rng: random.Random) -> bytes:
    """One of these changes."""
    change = rng.choice((flipped, overwritten, cut, repeated, strange_integer, strange_floats))
    return change(content, rng)
