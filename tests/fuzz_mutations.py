"""Whole files -> strange ones: flips, cuts, joins, lies about lengths, strange numbers and texts.

bytes, `random.Random` -> `mutated` -> bytes and the names of what was done to them
"""

import random
import struct
from collections.abc import Callable

from fuzz_bytes import (
    STRANGE_INTEGERS,
    any_bytes_changed,
    cut,
    flipped,
    joined,
    overwritten,
    repeated,
    strange_floats,
    strange_integer,
)
from fuzz_containers import entries, pickle_steps, repaired, spans, zipped
from fuzz_payloads import planted
from fuzz_texts import cells_changed, encoding_changed, header_changed, strange_number

MOST_BYTES = 2**28


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
        chunks[here] = any_bytes_changed(chunks[here], rng)
    else:
        rng.shuffle(chunks)
    return repaired(head + b"".join(chunks) + tail)


def entries_changed(content: bytes, rng: random.Random) -> bytes:
    """An entry of a zip file, with a right checksum: its bytes, its name, its compression."""
    parts = entries(content)
    name, other = rng.choice([*parts]), rng.choice([*parts])
    change = rng.choice(("bytes", "bytes", "pickle", "pickle", "swap", "drop", "rename", "pack"))
    compression = 0
    if change == "bytes":
        parts[name] = any_bytes_changed(parts[name], rng)
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
