"""Weights of other people by name, in whatever file they lie.

.pt, .pth, .bin or .safetensors -> tensors by name, without the names of wrappers around the network
"""

import os

import torch

from sgim.checks import require
from sgim.files.checkpoint import is_safetensors, read_safetensors
from sgim.files.safe_pickle import read_pickle

WRAPPERS = ("module.", "_orig_mod.")
"""What names begin with after training on several devices, and after `torch.compile`."""


def read_tensors(path: str | os.PathLike) -> dict[str, torch.Tensor]:
    """Read a file that holds a state dict, alone or under "state_dict".

    Raises
    ------
    SgimError
        As `read_pickle` and `read_safetensors`, and when the file holds anything else.
    """
    content = read_content(path)
    require(
        isinstance(content, dict) and all(torch.is_tensor(value) for value in content.values()),
        f"{path} holds no dictionary of tensors; use the file that its authors released.",
    )
    return without_wrappers(content)


def read_content(path: str | os.PathLike) -> object:
    """What a file of weights holds; of a training state what lies under "state_dict"."""
    if os.path.isfile(path) and is_safetensors(path):
        return read_safetensors(path)[0]
    content = read_pickle(path)
    inner = content.get("state_dict") if isinstance(content, dict) else None
    return inner if isinstance(inner, dict) else content


def without_wrappers(tensors: dict) -> dict[str, object]:
    """The same under the names that the network itself gives them."""
    tensors = {str(name): tensor for name, tensor in tensors.items()}
    for wrapper in WRAPPERS:
        if tensors and all(name.startswith(wrapper) for name in tensors):
            return without_wrappers(
                {name.removeprefix(wrapper): tensor for name, tensor in tensors.items()}
            )
    return tensors
