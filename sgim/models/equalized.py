"""Weights as training keeps them, and as they are used.

Training keeps weights of unit variance and multiplies them by 1 / sqrt(inputs) at every use
("equalized learning rate"), those of the mapping by 0.01 besides; here that becomes part of the
weight. What all layouts of StyleGANs need is here, with NVIDIA's mapping, which is the same in
StyleGAN2-ADA and StyleGAN3.
"""

import math

import torch

from sgim.checks import require
from sgim.models.pickled_networks import Modules, number_in

MAPPING_RATE = 0.01

Tensors = dict[str, torch.Tensor]


def count(tensors: Tensors, pattern: str, start: int = 0) -> int:
    """How many names `pattern` makes with the numbers from `start` on, without a gap."""
    end = start
    while pattern.format(end) in tensors:
        end += 1
    return end - start


def num_inputs(tensors: Tensors, name: str) -> int:
    """Inputs of a weight."""
    shape = tuple(tensors[name].shape)
    require(
        len(shape) >= 2, f"{name} has shape {shape}; it must be (outputs, inputs, ...): check it."
    )
    return shape[1]


def scaled(weight: torch.Tensor, rate: float = 1.0) -> torch.Tensor:
    """The weight as it is used: times `rate` / sqrt(inputs of one output)."""
    return weight * rate * weight.new_tensor(math.prod(weight.shape[1:])).rsqrt()


def dense(
    theirs: Tensors,
    their_name: str,
    our_name: str,
    rate: float = 1.0,
    bias_rate: float | None = None,
) -> Tensors:
    """Take a linear layer out of `theirs`; return it under our name, as it is used."""
    bias_rate = rate if bias_rate is None else bias_rate
    return {
        f"{our_name}.weight": scaled(theirs.pop(f"{their_name}.weight"), rate),
        f"{our_name}.bias": theirs.pop(f"{their_name}.bias") * bias_rate,
    }


def nvidia_mapping(theirs: Tensors, num_rows: int, modules: Modules) -> Tensors:
    """Take the mapping out of `theirs`; return it with its mean latent in `num_rows` rows.

    Without a mean latent the result has no `mapping.w_avg`.
    """
    ours = {}
    for index in range(count(theirs, "mapping.fc{}.weight")):
        name = f"mapping.fc{index}"
        ours |= dense(
            theirs, name, f"mapping.layers.{index}", *_mapping_rates(theirs, name, modules)
        )
    if "mapping.embed.weight" in theirs:
        ours |= dense(theirs, "mapping.embed", "mapping.embed")
    if "mapping.w_avg" in theirs:
        ours["mapping.w_avg"] = in_every_row(theirs.pop("mapping.w_avg"), num_rows)
    return ours


def _mapping_rates(theirs: Tensors, name: str, modules: Modules) -> tuple[float, float]:
    """Learning-rate multipliers of a layer's weight and bias, which its gains tell."""
    made_with = modules.get("mapping", {}).get("_init_kwargs")
    rate = MAPPING_RATE
    if isinstance(made_with, dict):
        rate = number_in({"mapping": made_with}, "mapping", "lr_multiplier", rate)
    root = math.sqrt(num_inputs(theirs, f"{name}.weight"))
    return (
        number_in(modules, name, "weight_gain", rate / root) * root,
        number_in(modules, name, "bias_gain", rate),
    )


def in_three_colors(tensor: torch.Tensor) -> torch.Tensor:
    """The weights or biases of a step to RGB, (3, ...); those of a gray one serve all colors.

    Raises
    ------
    SgimError
        For another number of colors.
    """
    require(
        tensor.ndim > 0 and len(tensor) in (1, 3),
        f"its pictures have {tensor.shape[:1].numel()} colors; they must be gray or RGB: use a "
        "generator of such pictures.",
    )
    return tensor.expand(3, *tensor.shape[1:]).contiguous()


def in_every_row(w: torch.Tensor, num_rows: int) -> torch.Tensor:
    """(w_dim,) -> (num_ws, w_dim)."""
    return w.flatten().repeat(num_rows, 1)


def mapping_sizes(tensors: Tensors) -> dict[str, int]:
    """Settings of a generator that its mapping, under our names, shows."""
    first, embed = "mapping.layers.0.weight", "mapping.embed.weight"
    z_and_class, w_dim = num_inputs(tensors, first), len(tensors[first])
    conditional = embed in tensors
    return {
        "z_dim": z_and_class - w_dim if conditional else z_and_class,
        "w_dim": w_dim,
        "mapping_layers": count(tensors, "mapping.layers.{}.weight"),
        "num_classes": num_inputs(tensors, embed) if conditional else 0,
    }
