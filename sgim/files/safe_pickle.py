"""Other people's pickled weights, read without executing anything in them.

.pt (zip, or the older stream) or .pkl -> `PickleMachine` -> dicts, tensors, inert objects

A pickle is a program: it may call whatever it can name. Here it can name storages of tensors,
containers, and `Inert`, which keeps what it is given and does nothing. Anything else is refused
before it is looked up, and source code inside the file stays text.
"""

import functools
import io
import math
import os
import struct
import zipfile
from pathlib import Path
from typing import BinaryIO

import torch

from sgim.checks import SgimError, require
from sgim.files.pickle_machine import Budget, Inert, PickleMachine, Refusal, TooCostly, expect
from sgim.files.pickle_names import NAMES, rebuild_parameter

STREAM_MAGIC = 0x1950A86A20F9469CFC6C
STREAM_PROTOCOL = 1001
TORCHSCRIPT = "__torch__"
"""Where TorchScript says that its classes are; their code stays unread beside the tensors."""

TENSORFLOW = ("dnnlib.tflib", "tfutil", "tensorflow", "keras")
PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7-Zip",
    b"Rar!": "RAR",
    b"\x28\xb5\x2f\xfd": "zstd",
}
"""How the files of programs begin that pack others."""

TAR_PLACE, TAR_MAGIC = 257, b"ustar"
MOST_AXES = 16
LARGEST_DIRECTORY = 2**20
AT_ONCE = 2**20


class _Packed(Exception):
    """The file is an archive with the weights inside, in a way that PyTorch does not write."""


def read_pickle(path: str | os.PathLike) -> object:
    """Read a .pt or .pkl file.

    Parameters
    ----------
    path : path
        Written by `torch.save` or `torch.jit.save`, or by `pickle` with objects of StyleGAN2-ADA
        in it.

    Returns
    -------
    object
        Made of dict, list, tuple, set, str, numbers, tensors on the CPU, and `Inert`.

    Raises
    ------
    SgimError
        When the file is no pickle, is damaged, names anything that is not on the list, or would
        take more time or memory than a file of its size may.
    """
    path = Path(path)
    require(path.is_file(), f"{path} is missing; weights are a .pt or .pkl file: check the path.")
    with open(path, "rb") as file:
        head = file.read(TAR_PLACE + len(TAR_MAGIC))
        _require_weights(path, head)
        file.seek(0)
        reading = _Reading(path.stat().st_size)
        try:
            return reading.zip(file) if head[:2] == b"PK" else reading.stream(file)
        except Refusal as refusal:
            raise SgimError(f"{path} {_said_of(str(refusal))}") from None
        except TooCostly as error:
            raise SgimError(
                f"{path} asks for {error}, as no weight file does, and was not read on; download "
                "it again, from a source you trust."
            ) from None
        except _Packed as error:
            raise SgimError(f"{path} {error}") from None
        except Exception as error:  # a damaged pickle can fail in any way
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:100]
            raise SgimError(
                f"{path} is damaged or cut short ({reason}); download it again."
            ) from error


def _require_weights(path: Path, head: bytes) -> None:
    """Raise `SgimError` where the first bytes are not those of a pickle or a zip file."""
    packer = next((name for start, name in PACKED.items() if head.startswith(start)), None)
    packer = "tar" if head[TAR_PLACE:] == TAR_MAGIC else packer
    require(
        packer is None,
        f"{path} is packed by {packer}; unpack it first and give the file of weights in it.",
    )
    require(
        head[:1] == b"\x80" or head[:2] == b"PK",
        f"{path} begins with {head[:16]!r}, as no weight file does; perhaps a web page or a "
        "pointer was saved in its place: download it again.",
    )


def _said_of(name: str) -> str:
    """What is wrong with a file that mentions this name."""
    if name.startswith(TENSORFLOW):
        return (
            f"holds {name} of TensorFlow, and nothing was executed; convert it first, with "
            "legacy.py of NVlabs/stylegan2-ada-pytorch or convert_weight.py of "
            "rosinality/stylegan2-pytorch."
        )
    return (
        f"names {name}, which no weight file needs, and nothing was executed; use PyTorch weights "
        "from a source you trust."
    )


class _Reading:
    """One file being read; `inside` a pickle of a pickle there is no third."""

    def __init__(self, num_bytes: int) -> None:
        self.budget = Budget(num_bytes)
        self.inside = False
        self.own_names = {
            "torch._utils._rebuild_tensor": self.rebuild,
            "torch._utils._rebuild_tensor_v2": self.rebuild,
            "torch._utils._rebuild_tensor_v3": self.rebuild_from_bytes,
            "torch._tensor._rebuild_from_type_v2": self.rebuild_of_type,
            "torch.storage._load_from_bytes": self.load_from_bytes,
            "_codecs.encode": self.encode,
        }

    def find(self, module: str, name: str) -> object:
        """What a name stands for."""
        full = f"{module}.{name}"
        if module.split(".")[0] == TORCHSCRIPT:
            return Inert
        if full in self.own_names:
            return self.own_names[full]
        if full not in NAMES:
            raise Refusal(full[:80])
        return NAMES[full]

    def storage(self, storages: dict[str, torch.Tensor], identity: object) -> torch.Tensor:
        """Room for numbers of the file, which are read afterwards."""
        kind, dtype, key, _device, num_elements = identity[:5]
        if key not in storages:
            expect(kind == "storage" and isinstance(key, str), "an unknown kind of storage")
            expect(type(num_elements) is int and num_elements >= 0, "a storage of no size")
            self.budget.take("bytes of numbers", num_elements * dtype.itemsize)
            storages[key] = torch.empty(num_elements, dtype=dtype)
        return storages[key]

    def run(self, file: BinaryIO) -> tuple[object, dict[str, torch.Tensor]]:
        """What the next pickle makes, and its storages, still to be filled."""
        storages: dict[str, torch.Tensor] = {}
        load_persistent = functools.partial(self.storage, storages)
        return PickleMachine(file, self.budget, self.find, load_persistent).run(), storages

    def zip(self, file: BinaryIO) -> object:
        """What `torch.save` writes since PyTorch 1.6: data.pkl beside one entry per storage."""
        require_short_directory(file)
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            programs = [name for name in names if name.split("/")[1:] == ["data.pkl"]]
            if not programs:
                inside = next((name for name in names if not name.endswith("/")), "nothing")
                raise _Packed(
                    f"is a zip archive with {inside} in it; unpack it first and give the file of "
                    "weights in it."
                )
            (program,) = programs
            with _open_stored(archive, program) as entry:
                content, storages = self.run(io.BufferedReader(entry))
            for key, storage in storages.items():
                name = f"{program.removesuffix('data.pkl')}data/{key}"
                with _open_stored(archive, name) as entry:
                    _fill(storage, entry)
        return content

    def stream(self, file: BinaryIO) -> object:
        """A plain pickle, or what `torch.save` wrote before PyTorch 1.6 and puts into pickles.

        The latter is a row of pickles (magic number, protocol, system, content, keys of the
        storages), then the bytes of the storages, each with its number of elements in front.
        """
        content, _ = self.run(file)
        if content != STREAM_MAGIC:
            return content
        protocol, _ = self.run(file)
        system, _ = self.run(file)
        expect(protocol == STREAM_PROTOCOL and system["little_endian"], "an unknown byte order")
        content, storages = self.run(file)
        for key in self.run(file)[0]:
            storage = storages[key]
            num_elements = int.from_bytes(file.read(8), "little")
            expect(num_elements == len(storage), "another size of a storage")
            _fill(storage, file)
        return content

    def load_from_bytes(self, data: object) -> object:
        """A storage that lies as a stream in a pickle."""
        expect(isinstance(data, bytes) and not self.inside, "a pickle in a pickle in a pickle")
        self.budget.take("streams", len(data))
        self.inside = True
        try:
            return self.stream(io.BytesIO(data))
        finally:
            self.inside = False

    def encode(self, text: object, encoding: object) -> bytes:
        """Bytes, as pickles of protocol 2 spell them."""
        expect(isinstance(text, str) and encoding == "latin1", "another encoding than latin1")
        self.budget.take("bytes", len(text))
        return text.encode("latin1")

    def rebuild(
        self, storage: torch.Tensor, offset: int, size: tuple, stride: tuple, *_hooks: object
    ) -> torch.Tensor:
        """A view of a storage."""
        expect(len(size) <= MOST_AXES and all(type(n) is int for n in size), "a size of no tensor")
        expect(0 <= math.prod(size) <= len(storage), "a tensor larger than its storage")
        tensor = storage.as_strided(size, stride, offset)
        self.budget.take("tensors", tensor.nbytes)
        return tensor

    def rebuild_from_bytes(self, storage: torch.Tensor, *arguments: object) -> torch.Tensor:
        """The same where the storage is bytes, and the dtype is said here."""
        dtype = next(one for one in arguments if isinstance(one, torch.dtype))
        return self.rebuild(storage.view(dtype), *arguments)

    def rebuild_of_type(self, function, _kind, arguments: tuple, _state) -> object:
        """A tensor with attributes, without them."""
        known = (self.rebuild, self.rebuild_from_bytes, rebuild_parameter)
        return function(*arguments) if function in known else Inert(arguments)


def require_short_directory(file: BinaryIO) -> None:
    """Raise `TooCostly` for a zip archive with a longer list of its entries than they deserve.

    The list stands at the end; a long one of nothing fills the memory.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 2**16))
    tail = file.read()
    end = tail.rfind(b"PK\5\6")
    expect(0 <= end <= len(tail) - 22, "no end of the archive")
    (length,) = struct.unpack_from("<I", tail, end + 12)
    if length == 2**32 - 1:
        place = tail.rfind(b"PK\6\6")
        expect(0 <= place <= end - 56, "no end of a large archive")
        (length,) = struct.unpack_from("<Q", tail, place + 40)
    if length > LARGEST_DIRECTORY + size // 64:
        raise TooCostly("a longer list of entries than its size allows")
    file.seek(0)


def _open_stored(archive: zipfile.ZipFile, name: str) -> BinaryIO:
    """Open an entry that is no larger than the file it lies in."""
    if archive.getinfo(name).compress_type != zipfile.ZIP_STORED:
        raise _Packed(
            "was packed anew by a program that compressed it; unpack it first, and pack its folder "
            "without compression (zip -0 -r), or download it again."
        )
    return archive.open(name)


def _fill(storage: torch.Tensor, file: BinaryIO) -> None:
    if len(storage):
        target = memoryview(storage.view(torch.uint8).numpy())
        while len(target):
            num_read = file.readinto(target[:AT_ONCE])
            expect(num_read, "the end of the file")
            target = target[num_read:]
