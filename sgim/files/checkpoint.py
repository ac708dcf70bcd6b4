"""Weights and training states as safetensors, read without executing anything.

module (+ optimizer) + plain metadata -> one file, written whole or not at all -> back again.
"""

import hashlib
import json
import os
import warnings
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from sgim.checks import SgimError, atomic_path, require, require_finite

LARGEST_WEIGHT = 1e9
"""Weights of networks that work are far smaller; a flipped bit makes some far larger."""

DAMAGED_WEIGHTS = "download or train them again"


def save_tensors(path: str | os.PathLike, tensors: dict[str, torch.Tensor], metadata: dict) -> None:
    """Write named tensors and JSON-able `metadata` to a safetensors file, atomically."""
    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    with atomic_path(path) as temporary:
        save_file(contiguous, temporary, metadata={"sgim": json.dumps(metadata)})


def is_safetensors(path: str | os.PathLike) -> bool:
    """A safetensors file is the length of its header in 8 bytes, then the header in JSON."""
    with open(path, "rb") as file:
        return file.read(9)[8:] == b"{"


def read_safetensors(
    path: str | os.PathLike,
) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Named tensors and metadata of a safetensors file, whoever wrote it.

    Raises
    ------
    SgimError
        When the file is missing, truncated or not safetensors.
    """
    path = Path(path)
    require(path.is_file(), f"{path} is missing; weights are a .safetensors file: check the path.")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            return {name: file.get_tensor(name) for name in file.keys()}, metadata  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise SgimError(
            f"{path} cannot be read as safetensors ({error}); fetch or train it again."
        ) from error


def load_tensors(path: str | os.PathLike) -> tuple[dict[str, torch.Tensor], dict]:
    """Read what `save_tensors` wrote.

    Raises
    ------
    SgimError
        When the file is missing, truncated, not safetensors, or not written by this package.
    """
    tensors, metadata = read_safetensors(path)
    try:
        return tensors, json.loads(metadata["sgim"])
    except (KeyError, json.JSONDecodeError):
        raise SgimError(f"{path} was not written by sgim; pass one of its weight files.") from None


def require_finite_weights(tensors: dict[str, torch.Tensor]) -> None:
    """Raise `SgimError` with the name of the first tensor whose numbers are not finite in use.

    That is NaN and infinity, and what soon becomes infinity when layers multiply it.
    """
    for name, tensor in tensors.items():
        require_finite(f"the weights {name}", tensor, DAMAGED_WEIGHTS)
        if tensor.is_floating_point() and tensor.numel():
            largest = max(abs(end.item()) for end in tensor.aminmax())
            require(
                largest <= LARGEST_WEIGHT,
                f"the weights {name} reach {largest:.3g}; those of a network stay below "
                f"{LARGEST_WEIGHT:g}: {DAMAGED_WEIGHTS}.",
            )


def require_same_shapes(model: torch.nn.Module, tensors: dict[str, torch.Tensor]) -> None:
    """Raise `SgimError` unless `tensors` have the names and shapes of the model's state."""
    expected = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    for name in sorted({*expected, *found}):
        require(
            expected.get(name) == found.get(name),
            f"{name} has shape {found.get(name)}; beside the other tensors it must be "
            f"{expected.get(name)} (None: not there at all): use a whole file.",
        )


def load_frozen(
    model: torch.nn.Module,
    tensors: dict[str, torch.Tensor],
    device: str | torch.device,
    refusal: str,
) -> torch.nn.Module:
    """Put tensors into a model for inference, without dropout and without gradients for weights.

    Raises
    ------
    SgimError
        `refusal` and the first difference, unless names and shapes are those of the model and
        all weights are finite.
    """
    try:
        require_same_shapes(model, tensors)
        require_finite_weights(tensors)
    except SgimError as error:
        raise SgimError(f"{refusal}: {error}") from error
    model.load_state_dict(tensors)
    return model.eval().requires_grad_(False).to(device)


def sha256(path: str | os.PathLike) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def training_state(
    model: torch.nn.Module, optimizer: torch.optim.Optimizer
) -> dict[str, torch.Tensor]:
    """Flatten a model and its optimizer into one dict of tensors."""
    state = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    for index, slots in optimizer.state_dict()["state"].items():
        state |= {f"optimizer.{index}.{name}": value for name, value in slots.items()}
    return state


def restore_training_state(
    tensors: dict[str, torch.Tensor], model: torch.nn.Module, optimizer: torch.optim.Optimizer
) -> None:
    """Put a `training_state` back into a model and an optimizer built alike."""
    model.load_state_dict(
        {
            name.removeprefix("model."): tensor
            for name, tensor in tensors.items()
            if name.startswith("model.")
        }
    )
    slots: dict[int, dict[str, torch.Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("optimizer."):
            _, index, slot = name.split(".", 2)
            slots.setdefault(int(index), {})[slot] = tensor
    optimizer.load_state_dict(
        {"state": slots, "param_groups": optimizer.state_dict()["param_groups"]}
    )


def resume_training(
    path: str | os.PathLike | None,
    settings: dict,
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    data: str = "",
) -> list:
    """Restore model and optimizer from a checkpoint, if there is one; return its history.

    Raises
    ------
    SgimError
        When the checkpoint was written with other settings.

    Warns
    -----
    UserWarning
        When it was written with other data than those with the fingerprint `data`: nothing is
        restored then.
    """
    if path is None or not Path(path).exists():
        return []
    tensors, metadata = load_tensors(path)
    require(
        metadata["config"] == json.loads(json.dumps(settings)),
        f"{path} was written with other settings; delete it or use another folder.",
    )
    if metadata.get("data", "") != data:
        warnings.warn(
            f"{path} was written with other data; the training starts anew and replaces it after "
            "its first epoch.",
            stacklevel=2,
        )
        return []
    restore_training_state(tensors, model, optimizer)
    return metadata["history"]
