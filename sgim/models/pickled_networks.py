"""NVIDIA's networks as they lie in pickles: modules in modules, read without executing them.

`G_ema` of `read_pickle` -> tensors by dotted name, and the attributes of each module
"""

import torch

from sgim.checks import require
from sgim.files.safe_pickle import Inert

Modules = dict[str, dict]
"""Dotted name -> attributes of a module, "" for the whole network."""


def tensors_and_modules(network: object) -> tuple[dict[str, torch.Tensor], Modules]:
    """Tensors of a network, and what else its modules hold.

    Parameters
    ----------
    network : Inert or dict
        A pickled module, or a state dict, which has no modules.

    Raises
    ------
    SgimError
        When it is something else.
    """
    if isinstance(network, dict):
        return floats(network), {}
    modules = _modules(network)
    tensors = {
        f"{module}.{name}".lstrip("."): tensor
        for module, attributes in modules.items()
        for kind in ("_parameters", "_buffers")
        for name, tensor in _dict_in(attributes, kind).items()
    }
    return floats(tensors), modules


def floats(tensors: dict) -> dict[str, torch.Tensor]:
    """The same as float32, with all that is no tensor refused and what is empty left out."""
    present = {str(name): tensor for name, tensor in tensors.items() if tensor is not None}
    for name, tensor in present.items():
        require(
            isinstance(tensor, torch.Tensor),
            f"{name} is a {type(tensor).__name__}; it must be a tensor: use an official file.",
        )
    return {name: tensor.float().contiguous() for name, tensor in present.items()}


def _modules(network: object) -> Modules:
    found = {}
    seen = set()
    waiting = [("", network)]
    while waiting:
        name, module = waiting.pop()
        require(
            isinstance(module, Inert) and module not in seen,
            f"module {name!r} is not one of StyleGAN's; use an official .pkl.",
        )
        seen.add(module)
        found[name] = _dict_in(next(iter(module.arguments), None), "state")
        for child, inner in _dict_in(found[name], "_modules").items():
            waiting.append((f"{name}.{child}".lstrip("."), inner))
    return found


def _dict_in(outer: object, key: str) -> dict:
    inner = outer.get(key, {}) if isinstance(outer, dict) else None
    require(isinstance(inner, dict), f"its {key!r} is no dictionary; use an official .pkl.")
    return inner
