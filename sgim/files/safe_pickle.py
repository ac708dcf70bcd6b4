"""Other people's pickled weights, read without executing anything in them.

.pt (zip, or the older stream) or .pkl -> allow-listed unpickler -> dicts, tensors, inert objects

A pickle is a program: it may call whatever it can name. Here it can name storages of tensors,
containers, and `Inert`, which keeps what it is given and does nothing. Anything else is refused
before it is looked up, and source code inside the file stays text.
"""

import io
import math
import os
import pickle
import zipfile
from pathlib import Path
from typing import BinaryIO

import torch

from sgim.checks import SgimError, require

STREAM_MAGIC = 0x1950A86A20F9469CFC6C
STREAM_PROTOCOL = 1001
TORCHSCRIPT = "__torch__"
"""Where TorchScript says that its classes are; their code stays unread beside the tensors."""


class Inert:
    """Stands for an object of a class that is not ours: its `arguments` and its `state`."""

    def __new__(cls, *arguments):
        self = super().__new__(cls)
        self.arguments = arguments
        self.state = None
        return self

    def __setstate__(self, state: object) -> None:
        self.state = state


class PlainDict(dict):
    """Stands for kinds of dict; attributes that a pickle wants to set on it are dropped."""

    def __setstate__(self, state: object) -> None:
        pass


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
        When the file is no pickle, is damaged, or names anything that is not on the list.
    """
    path = Path(path)
    require(path.is_file(), f"{path} is missing; weights are a .pt or .pkl file: check the path.")
    with open(path, "rb") as file:
        head = file.read(16)
        require(
            head[:1] == b"\x80" or head[:2] == b"PK",
            f"{path} begins with {head!r}, as no weight file does; perhaps a web page or a "
            "pointer was saved in its place: download it again.",
        )
        file.seek(0)
        try:
            return _read_zip(file) if head[:2] == b"PK" else _read_stream(file)
        except _Refusal as refusal:
            raise SgimError(
                f"{path} names {refusal}, which no weight file needs, and nothing was executed; "
                "use PyTorch weights from a source you trust."
            ) from None
        except Exception as error:  # a damaged pickle can fail in any way
            reason = f"{type(error).__name__}: {str(error)[:80]}"
            raise SgimError(
                f"{path} is damaged or cut short ({reason}); download it again."
            ) from error


def read_tensors(path: str | os.PathLike) -> dict[str, torch.Tensor]:
    """Read a .pt or .pth file that holds nothing but tensors by name, a state dict.

    Raises
    ------
    SgimError
        As `read_pickle`, and when the file holds anything else.
    """
    content = read_pickle(path)
    require(
        isinstance(content, dict) and all(torch.is_tensor(value) for value in content.values()),
        f"{path} holds no dictionary of tensors; use the file that its authors released.",
    )
    return {str(name): tensor for name, tensor in content.items()}


class _Refusal(Exception):
    """The file names something that is not on the list."""


class _Unpickler(pickle._Unpickler):
    """Looks names up in `ALLOWED` alone; lays out storages, which are filled afterwards.

    It extends Python's own unpickler because the one in C takes gigabytes of memory when a damaged
    file tells it to, and sets attributes on whatever a file points at.
    """

    dispatch = dict(pickle._Unpickler.dispatch)

    def __init__(self, file: BinaryIO, num_bytes: int) -> None:
        super().__init__(file)
        self.num_bytes_left = num_bytes
        self.storages: dict[str, torch.Tensor] = {}

    def find_class(self, module: str, name: str) -> object:
        if module.split(".")[0] == TORCHSCRIPT:
            return Inert
        if f"{module}.{name}" not in ALLOWED:
            raise _Refusal(f"{module}.{name}"[:80])
        return ALLOWED[f"{module}.{name}"]

    def persistent_load(self, identity: tuple) -> torch.Tensor:
        kind, dtype, key, _device, num_elements = identity[:5]
        if key not in self.storages:
            self.num_bytes_left -= num_elements * dtype.itemsize
            _expect(
                kind == "storage" and self.num_bytes_left >= 0, "a storage larger than the file"
            )
            self.storages[key] = torch.empty(num_elements, dtype=dtype)
        return self.storages[key]

    def _set_state(self) -> None:
        state = self.stack.pop()
        _expect(isinstance(self.stack[-1], (Inert, PlainDict)), "state of what has none")
        self.stack[-1].__setstate__(state)

    dispatch[pickle.BUILD[0]] = _set_state


def _expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise pickle.UnpicklingError(otherwise)


def _read_zip(file: BinaryIO) -> object:
    """What `torch.save` writes since PyTorch 1.6: data.pkl beside one entry per storage."""
    num_bytes = _size(file)
    with zipfile.ZipFile(file) as archive:
        (program,) = (name for name in archive.namelist() if name.split("/")[1:] == ["data.pkl"])
        with _open_stored(archive, program) as entry:
            unpickler = _Unpickler(io.BytesIO(entry.read()), num_bytes)
        content = unpickler.load()
        for key, storage in unpickler.storages.items():
            name = f"{program.removesuffix('data.pkl')}data/{key}"
            with _open_stored(archive, name) as entry:
                _fill(storage, entry)
    return content


def _open_stored(archive: zipfile.ZipFile, name: str) -> BinaryIO:
    """Open an entry that is no larger than the file it lies in."""
    _expect(archive.getinfo(name).compress_type == zipfile.ZIP_STORED, "compressed data")
    return archive.open(name)


def _read_stream(file: BinaryIO) -> object:
    """A plain pickle, or what `torch.save` wrote before PyTorch 1.6 and still puts into pickles.

    The latter is a row of pickles (magic number, protocol, system, content, keys of the storages),
    then the bytes of the storages, each with its number of elements in front.
    """
    num_bytes = _size(file)
    content = _Unpickler(file, num_bytes).load()
    if content != STREAM_MAGIC:
        return content
    protocol = _Unpickler(file, num_bytes).load()
    system = _Unpickler(file, num_bytes).load()
    _expect(protocol == STREAM_PROTOCOL and system["little_endian"], "an unknown byte order")
    unpickler = _Unpickler(file, num_bytes)
    content = unpickler.load()
    for key in _Unpickler(file, num_bytes).load():
        storage = unpickler.storages[key]
        _expect(int.from_bytes(file.read(8), "little") == len(storage), "another size of a storage")
        _fill(storage, file)
    return content


def _size(file: BinaryIO) -> int:
    here = file.tell()
    size = file.seek(0, os.SEEK_END)
    file.seek(here)
    return size


def _fill(storage: torch.Tensor, file: BinaryIO) -> None:
    if len(storage):
        target = memoryview(storage.view(torch.uint8).numpy())
        while len(target):
            num_read = file.readinto(target)
            _expect(num_read, "the end of the file")
            target = target[num_read:]


def _rebuild_tensor(
    storage: torch.Tensor, offset: int, size: tuple, stride: tuple, *_hooks: object
) -> torch.Tensor:
    _expect(math.prod(size) <= len(storage), "a tensor larger than its storage")
    return storage.as_strided(size, stride, offset)


def _rebuild_parameter(tensor: torch.Tensor, *_hooks: object) -> torch.Tensor:
    return tensor


def _load_from_bytes(data: bytes) -> object:
    return _read_stream(io.BytesIO(data))


def _bytes_from_text(text: str, encoding: str) -> bytes:
    """Bytes, as pickles of protocol 2 spell them."""
    _expect(encoding == "latin1", "another encoding than latin1")
    return text.encode("latin1")


ALLOWED = {
    "torch.FloatStorage": torch.float32,
    "torch.DoubleStorage": torch.float64,
    "torch.HalfStorage": torch.float16,
    "torch.BFloat16Storage": torch.bfloat16,
    "torch.LongStorage": torch.int64,
    "torch.IntStorage": torch.int32,
    "torch.ShortStorage": torch.int16,
    "torch.CharStorage": torch.int8,
    "torch.ByteStorage": torch.uint8,
    "torch.BoolStorage": torch.bool,
    "torch._utils._rebuild_tensor_v2": _rebuild_tensor,
    "torch._utils._rebuild_parameter": _rebuild_parameter,
    "torch.storage._load_from_bytes": _load_from_bytes,
    "collections.OrderedDict": PlainDict,
    "dnnlib.util.EasyDict": PlainDict,
    "builtins.set": set,
    "__builtin__.set": set,
    "argparse.Namespace": Inert,
    "torch_utils.persistence._reconstruct_persistent_obj": Inert,
    "numpy.dtype": Inert,
    "numpy.ndarray": Inert,
    "numpy.core.multiarray.scalar": Inert,
    "numpy.core.multiarray._reconstruct": Inert,
    "numpy._core.multiarray.scalar": Inert,
    "numpy._core.multiarray._reconstruct": Inert,
    "_codecs.encode": _bytes_from_text,
}
"""Everything a file may name, and what it gets: dtypes for storages, our own functions, `Inert`."""
