"""NVIDIA's networks as they lie in pickles: modules in modules, read without executing them.

`G_ema` of `read_pickle` -> tensors by dotted name, and the attributes of each module, which must
be those of functions that are computed here
"""

import math
import re

import torch

from sgim.checks import require
from sgim.files.safe_pickle import Inert

Modules = dict[str, dict]
"""Dotted name -> attributes of a module, "" for the whole network."""

LONGEST_NAME = 200
ACTIVE = re.compile(r"mapping\.fc\d+|synthesis\.b\d+\.conv[01]")
CLAMPED = re.compile(r"synthesis\.b\d+\.(conv[01]|torgb)")
ACTIVATION, GAIN = "lrelu", math.sqrt(2)


def tensors_and_modules(network: object) -> tuple[dict[str, torch.Tensor], Modules]:
    """Tensors of a network, taken out of it, and what else its modules hold.

    Parameters
    ----------
    network : Inert or dict
        A pickled module, or a state dict, which has no modules.

    Raises
    ------
    SgimError
        When it is something else, or has other activations or gains than StyleGANs.
    """
    if isinstance(network, dict):
        return floats(network), {}
    modules = _modules(network)
    tensors = {}
    for module, attributes in modules.items():
        for kind in ("_parameters", "_buffers"):
            held = _dict_in(attributes, kind)
            tensors |= {f"{module}.{name}".lstrip("."): tensor for name, tensor in held.items()}
            held.clear()
    _require_known_functions(modules)
    return floats(tensors), modules


def floats(tensors: dict) -> dict[str, torch.Tensor]:
    """The same as float32, with all that is no tensor refused and what is empty left out.

    Takes the tensors out of `tensors`, so that none lies in memory twice.
    """
    return {
        str(name): _float(name, tensor)
        for name in list(tensors)
        if (tensor := tensors.pop(name)) is not None
    }


def _float(name: object, tensor: object) -> torch.Tensor:
    require(
        isinstance(tensor, torch.Tensor) and not tensor.is_complex(),
        f"{name} is a {getattr(tensor, 'dtype', type(tensor).__name__)}; it must be a tensor of "
        "real numbers: use an official file.",
    )
    return tensor.float().contiguous()


def number_in(modules: Modules, module: str, key: str, default: float) -> float:
    """An attribute of a module that must be a number; `default` where the file does not tell it."""
    value = modules.get(module, {}).get(key, default)
    require(
        isinstance(value, (int, float)) and math.isfinite(value),
        f"{key} of {module} is {value!r}; it must be a number: use an official .pkl.",
    )
    return value


def conv_clamp(modules: Modules) -> object:
    """The limit of activations of a StyleGAN2, which must be the same in all layers."""
    told = [one.get("conv_clamp") for name, one in modules.items() if CLAMPED.fullmatch(name)]
    require(
        all(limit == told[0] for limit in told),
        "conv_clamp differs from layer to layer; StyleGAN2s are computed with one for all: use an "
        "official .pkl.",
    )
    return told[0] if told else None


def _require_known_functions(modules: Modules) -> None:
    """Raise `SgimError` for layers with another function than a leaky ReLU times sqrt(2)."""
    for name, attributes in modules.items():
        if ACTIVE.fullmatch(name):
            activation = attributes.get("activation", ACTIVATION)
            require(
                activation == ACTIVATION,
                f"{name} has the activation {activation!r}; StyleGANs are computed with "
                f"{ACTIVATION!r} alone: use a network with that.",
            )
            gain = number_in(modules, name, "act_gain", GAIN)
            require(
                math.isclose(gain, GAIN, rel_tol=1e-6),
                f"{name} has act_gain {gain:g}; StyleGANs are computed with {GAIN:.4f} alone: use "
                "a network with that.",
            )


def _modules(network: object) -> Modules:
    found = {}
    seen = set()
    waiting = [("", network)]
    while waiting:
        name, module = waiting.pop()
        require(
            isinstance(module, Inert) and module not in seen and len(name) <= LONGEST_NAME,
            f"module {name[:LONGEST_NAME]!r} is not one of StyleGAN's; use an official .pkl.",
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
