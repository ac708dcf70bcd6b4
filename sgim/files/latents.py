"""Latents of pictures, as this package and other tools leave them on disk.

.npy, .npz, .pt or .safetensors -> a tensor of the shape in the file; nothing is executed
"""

import io
import math
import os
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import BinaryIO

import numpy as np
import torch

from sgim.checks import SgimError, atomic_path, require
from sgim.files.checkpoint import is_safetensors, read_safetensors
from sgim.files.pickle_machine import TooCostly
from sgim.files.safe_pickle import read_pickle, require_short_directory

NAMES = ("ws", "w", "w_plus", "latents", "latent", "latent_code", "latent_codes", "codes")
"""What tools call latents, in files that hold other things as well."""

NUMPY_MAGIC = b"\x93NUMPY"
DAMAGE = (
    *(ValueError, OSError, EOFError, LookupError, TypeError, RuntimeError, SyntaxError),
    *(tokenize.TokenError, zipfile.BadZipFile, zlib.error, struct.error),
)
"""What NumPy and zipfile raise for files that are no arrays, or no whole ones."""

MOST_UNPACKED = 2**26
"""Bytes of an array that may be packed tighter than the file is long."""


def load_latents(path: str | os.PathLike) -> torch.Tensor:
    """Read latents, whatever tool wrote them.

    Parameters
    ----------
    path : path
        An array (.npy), arrays by name (.npz, as NVIDIA's projector writes), a tensor or tensors
        by name (.pt, as rosinality's projector writes, or .safetensors); told apart by their
        content. Of several, the one that is called `w`, `ws`, `latent` or alike.

    Returns
    -------
    torch.Tensor
        On the CPU, in the shape and precision of the file; `sgim.editing.latents.as_ws` fits it to
        a generator.

    Raises
    ------
    SgimError
        When the file is missing, damaged, hostile, or holds no latents, or several.
    """
    path = Path(path)
    require(
        path.is_file(),
        f"{path} is missing; latents are a .npy, .npz, .pt or .safetensors file: check the path.",
    )
    with open(path, "rb") as file:
        head = file.read(8)
    if head.startswith(NUMPY_MAGIC) or (head[:2] == b"PK" and _holds_arrays(path)):
        try:
            content = _array_in_archive(path) if head[:2] == b"PK" else _array_file(path)
        except SgimError:
            raise
        except DAMAGE as error:
            reason = " ".join(str(error).split())[:100]
            raise SgimError(
                f"{path} is no file of plain numbers, or damaged ({reason}); save the latents "
                "anew, by np.save of an array of floats."
            ) from error
    else:
        content = read_safetensors(path)[0] if is_safetensors(path) else read_pickle(path)
    found = _latents_in(content)
    _require_one(path, list(map(str, found)))
    return next(iter(found.values()))


def save_latents(path: str | os.PathLike, latents: Sequence[torch.Tensor]) -> None:
    """Write latents as one array `w` of a .npz file, as NVIDIA's projector does.

    Parameters
    ----------
    path : path
        It ends in .npz.
    latents : sequence of torch.Tensor, (batch, num_ws, w_dim)
        Of one generator; they are joined along the batch.
    """
    with atomic_path(path) as temporary:
        np.savez(temporary, w=torch.cat(list(latents)).cpu().numpy())


def _latents_in(content: object, depth: int = 2) -> dict[str, torch.Tensor]:
    """Name -> tensor, of all that may be latents, in dictionaries up to `depth` in each other."""
    if isinstance(content, torch.Tensor):
        return {"": content}
    if not isinstance(content, dict) or depth == 0:
        return {}
    tensors = {name: one for name, one in content.items() if isinstance(one, torch.Tensor)}
    named = {name: one for name, one in tensors.items() if name in NAMES}
    if named or tensors:
        return named or tensors
    return {
        f"{name}: {key}": one
        for name, inner in content.items()
        for key, one in _latents_in(inner, depth - 1).items()
    }


def _require_one(path: Path, names: list[str]) -> None:
    told = f"several latents: {', '.join(names[:4])}" if names else "no latents"
    require(len(names) == 1, f"{path} holds {told}; save one array or tensor in a file of its own.")


def _holds_arrays(path: Path) -> bool:
    """Whether an archive is numpy's; what is wrong with another one `read_pickle` tells."""
    try:
        with open(path, "rb") as file:
            require_short_directory(file)
            with zipfile.ZipFile(file) as archive:
                return any(name.endswith(".npy") for name in archive.namelist())
    except (*DAMAGE, UnpicklingError, TooCostly):
        return False


def _array_in_archive(path: Path) -> torch.Tensor:
    """The array of a .npz file whose name is that of latents, or the only one."""
    most = max(MOST_UNPACKED, path.stat().st_size)
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".npy")]
        names = [name for name in names if name.removesuffix(".npy") in NAMES] or names
        _require_one(path, [name.removesuffix(".npy") for name in names])
        entry = archive.getinfo(names[0])
        require(
            entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED),
            f"{path} is packed as NumPy never does it; save the latents anew, by np.savez.",
        )
        size = entry.file_size
        require(size <= most, f"{path} unpacks to {size} bytes; save the latents alone.")
        with archive.open(entry) as file:
            return _tensor(file, size)


def _array_file(path: Path) -> torch.Tensor:
    with open(path, "rb") as file:
        return _tensor(file, path.stat().st_size)


def _tensor(file: BinaryIO, num_bytes: int) -> torch.Tensor:
    """An array of plain numbers, as `np.save` writes it; never a pickled one."""
    reader = io.BufferedReader(file) if not hasattr(file, "peek") else file
    version = np.lib.format.read_magic(reader)
    read_header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[version]
    shape, by_columns, dtype = read_header(reader)
    expected = math.prod(shape) * dtype.itemsize
    if dtype.kind not in "fiu" or expected > num_bytes:
        raise ValueError(f"{dtype} of shape {shape} in {num_bytes} bytes")
    data = reader.read(expected)
    if len(data) < expected:
        raise ValueError("the end of the file")
    array = np.frombuffer(data, dtype).reshape(shape, order="F" if by_columns else "C")
    return tensor_of(array)


def tensor_of(array: np.ndarray) -> torch.Tensor:
    """A tensor of an array of floats or whole numbers, whatever its order of bytes."""
    wide = array.dtype.itemsize > 4
    return torch.from_numpy(np.array(array, np.float64 if wide else np.float32, order="C"))
