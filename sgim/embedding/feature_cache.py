"""Features of frozen towers, computed once and kept on disk.

model + config + items -> fingerprint -> shards, each written whole -> one memory-mapped file

The fingerprint is the key: other weights, other settings or other items make another file. Files
are written under a temporary name and moved into place, so a writer killed at any moment leaves
finished shards, from which the same call goes on, and writers of the same features only replace
a file by its equal. The folder may be deleted at any time.
"""

import hashlib
import json
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import torch
from tqdm import tqdm

from sgim.checks import require
from sgim.files.checkpoint import load_tensors, save_tensors

BATCHES_PER_SHARD = 8


@torch.no_grad()
def cached_features(
    folder: Path,
    name: str,
    items: torch.Tensor,
    encode: Callable[[torch.Tensor], torch.Tensor],
    *,
    model: torch.nn.Module,
    config: dict,
    batch_size: int = 256,
    progress: bool = True,
) -> torch.Tensor:
    """Encode items with a frozen model, or read what an earlier call wrote.

    Parameters
    ----------
    folder : Path
        Where `<name>_<fingerprint>.safetensors` lies or will lie.
    name : str
        What the items are, for the file's name and the bar.
    items : torch.Tensor, (count, ...)
        Pictures, or sentences as token ids: what the model sees.
    encode : callable
        Rows of `items` -> (rows, embed_dim). It may use nothing but `model` and `config`.
    model, config : torch.nn.Module, dict of plain values
        What the features depend on besides the items.
    batch_size : int
        Items per call of `encode`; a shard holds eight batches.

    Returns
    -------
    torch.Tensor, (count, embed_dim), float32
        Memory-mapped; what is written into it stays in memory and never reaches the file.

    Raises
    ------
    SgimError
        When there are no items, or `encode` gives anything but one row per item.

    Warns
    -----
    UserWarning
        When a file is damaged; its features are computed again.
    """
    require(len(items) > 0, f"there are no {name} to encode; pass at least one.")
    require(batch_size > 0, f"batch_size is {batch_size}; it must be above 0.")
    path = folder / f"{name}_{fingerprint(model, config, items)[:16]}.safetensors"
    features = _kept(path, len(items))
    if features is not None:
        return features
    size = BATCHES_PER_SHARD * batch_size
    shards = [path.with_suffix(f".{row:08d}.safetensors") for row in range(0, len(items), size)]
    bar = tqdm(shards, f"embedding {name}", disable=not progress)
    rows = zip(bar, items.split(size), strict=True)
    _write(path, torch.cat([_shard(shard, part.split(batch_size), encode) for shard, part in rows]))
    for shard in shards:
        shard.unlink(missing_ok=True)
    return _read(path, len(items))


def fingerprint(model: torch.nn.Module, config: dict, items: torch.Tensor) -> str:
    """SHA-256, in hexadecimal, of names, types, shapes and bytes of weights and items, and config.

    Examples
    --------
    >>> model, items = torch.nn.Flatten(), torch.arange(4.0)
    >>> fingerprint(model, {}, items) == fingerprint(model, {}, items.clone())
    True
    >>> fingerprint(model, {}, items) == fingerprint(model, {}, items.view(2, 2))
    False
    """
    return fingerprint_of(config, [*model.state_dict().items(), ("items", items)])


def fingerprint_of(config: dict, tensors: Iterable[tuple[str, torch.Tensor]]) -> str:
    """SHA-256, in hexadecimal, of plain values and of names, types, shapes and bytes of tensors."""
    tensors = list(tensors)
    told = [(name, str(tensor.dtype), list(tensor.shape)) for name, tensor in tensors]
    digest = hashlib.sha256(json.dumps([config, told], sort_keys=True).encode())
    for _, tensor in tensors:
        digest.update(_bytes(tensor))
    return digest.hexdigest()


def _bytes(tensor: torch.Tensor) -> memoryview:
    return tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data


def _shard(
    path: Path,
    batches: Sequence[torch.Tensor],
    encode: Callable[[torch.Tensor], torch.Tensor],
) -> torch.Tensor:
    """Features of some batches, from `path` or encoded and written there."""
    kept = _kept(path, sum(map(len, batches)))
    if kept is not None:
        return kept
    encoded = [encode(batch).float().cpu() for batch in batches]
    for batch, features in zip(batches, encoded, strict=True):
        require(
            features.ndim == 2 and len(features) == len(batch),
            f"encode gave shape {tuple(features.shape)} for {len(batch)} items; it must be "
            "(items, embed_dim): return one row per item.",
        )
    features = torch.cat(encoded)
    _write(path, features)
    return features


def _write(path: Path, features: torch.Tensor) -> None:
    checksum = hashlib.sha256(_bytes(features)).hexdigest()
    save_tensors(path, {"features": features}, {"sha256": checksum})


def _read(path: Path, count: int) -> torch.Tensor:
    """Map the `count` rows of a file into memory, after a look at every byte."""
    tensors, metadata = load_tensors(path)
    features = tensors.get("features", torch.empty(0))
    require(
        len(features) == count
        and metadata.get("sha256") == hashlib.sha256(_bytes(features)).hexdigest(),
        f"{path} does not hold the {count} features that were written; delete it.",
    )
    return features


def _kept(path: Path, count: int) -> torch.Tensor | None:
    """What `_read` gives, or None where there is no whole file."""
    if not path.exists():
        return None
    try:
        return _read(path, count)
    except ValueError:
        warnings.warn(f"{path} is damaged; its features are computed again.", stacklevel=2)
        return None
