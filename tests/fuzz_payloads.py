"""Programs as hostile files hold them: some leave a mark where they run, others take for ever.

pickle -> `planted` -> a pickle that also runs a program, if anybody lets it
"""

import random
import struct

from fuzz_containers import pickle_steps
from fuzz_worker import MARK

COMMAND = f"touch {MARK}"
CODE = f"open({MARK!r}, 'w').close()"


def _text(text: str) -> bytes:
    return b"X" + struct.pack("<I", len(text.encode())) + text.encode()


def _call(module: str, name: str, *arguments: bytes) -> bytes:
    return f"c{module}\n{name}\n(".encode() + b"".join(arguments) + b"tR"


def _bytes(content: bytes) -> bytes:
    return b"B" + struct.pack("<I", len(content)) + content


PROGRAMS = (
    _call("os", "system", _text(COMMAND)),
    _call("posix", "system", _text(COMMAND)),
    _call("builtins", "exec", _text(CODE)),
    _call("__builtin__", "eval", _text(CODE)),
    _call("subprocess", "getoutput", _text(COMMAND)),
    _call("torch.serialization", "os.system", _text(COMMAND)),
    b"(" + _text(CODE) + b"ibuiltins\nexec\n",
    b"(cbuiltins\nexec\n" + _text(CODE) + b"o",
    _text("builtins") + _text("exec") + b"\x93(" + _text(CODE) + b"tR",
)
"""Steps that run something in an ordinary unpickler, and leave its result on the stack."""

NEST = b")" + b"2\x86" * 48
LONG_TEXT = _text("a" * 2**18) + b"q\xff"
COSTLY = (
    b"\x8f(" + NEST + b"\x90",
    b"}" + NEST + b"K\x01s",
    LONG_TEXT + b"0(" + _call("_codecs", "encode", b"h\xff", _text("latin1")) * 4_000 + b"t",
    b"N" + b"r\xff\xff\xff\x7f" * 100,
    b"(" * 200_000 + b"t" * 200_000,
    b"\x8e" + struct.pack("<Q", 2**40) + b"a",
)
"""Steps that take for ever to hash, or more memory than a small file may."""

NESTED = _call("torch.storage", "_load_from_bytes", _bytes(b"\x80\x02" + PROGRAMS[0] + b"."))


def planted(content: bytes, rng: random.Random) -> bytes:
    """The pickle with a program at the front, between two of its steps, or in its place."""
    program = rng.choice((*PROGRAMS, NESTED, rng.choice(COSTLY)))
    where = rng.choice(("inside", "inside", "argument", "alone"))
    steps = pickle_steps(content)
    if where == "alone" or not steps:
        return _alone(content, b"\x80\x04" + program + b".")
    pieces = [content[span] for _, _, span in steps]
    places = [place for place, (_, argument, _) in enumerate(steps) if isinstance(argument, str)]
    if where == "argument" and places:
        pieces[rng.choice(places)] = program
    else:
        pieces.insert(rng.randint(1, len(pieces)), program + b"0")
    return b"".join(pieces) + content[steps[-1][2].stop :]


def _alone(content: bytes, program: bytes) -> bytes:
    """A pickle and nothing else, or in the place of the numbers of an npy file."""
    if not content.startswith(b"\x93NUMPY"):
        return program
    head = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head) + 1) + head + b"\n" + program
