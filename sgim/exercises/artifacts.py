"""Files of numbers that students hand in, read without running anything.

path, largest size -> named tensors, or one sentence
"""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load

from sgim.checks import SgimError, require
from sgim.exercises.submission import read_regular_file
from sgim.files.checkpoint import require_finite_weights, save_tensors

LARGEST_LATENTS = 1e6
KINDS = (torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64)


def read_tensors(path: Path, most_bytes: float, what: str) -> dict[str, torch.Tensor]:
    """Read a safetensors file that somebody handed in.

    Raises
    ------
    SgimError
        When it is missing, a link, too large, another kind of file, damaged, or holds numbers
        that are not finite.
    """
    content = read_regular_file(path, most_bytes, what)
    require(
        content[8:9] == b"{",
        f"{path.name} is no safetensors file, and nothing of it was opened; hand in what the "
        "notebook saved.",
    )
    try:
        tensors = load(content)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise SgimError(f"{path.name} is damaged ({error}); save it again.") from error
    strange = [name for name, one in tensors.items() if one.dtype not in KINDS]
    require(not strange, f"{path.name} has numbers of another kind in {strange[:1]}; save floats.")
    try:
        require_finite_weights(tensors)
    except SgimError as refusal:
        raise SgimError(f"{path.name}: {refusal}") from refusal
    return tensors


def save_ws(path: str | Path, ws: torch.Tensor) -> None:
    """Write edited latents, (batch, num_ws, w_dim), to the file that is handed in."""
    save_tensors(path, {"ws": ws}, {"assignment": "a4"})


def read_ws(path: Path, shape: tuple[int, ...]) -> torch.Tensor:
    """Read what `save_ws` wrote.

    Raises
    ------
    SgimError
        Like `read_tensors`, and for another name or shape.
    """
    tensors = read_tensors(path, LARGEST_LATENTS, "a file of latents")
    require(
        set(tensors) == {"ws"} and tuple(tensors["ws"].shape) == shape,
        f"{path.name} does not hold one tensor ws of the shape {shape}; save the edited latents.",
    )
    return tensors["ws"].float()
