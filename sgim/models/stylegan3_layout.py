"""The weights of a StyleGAN3 under NVIDIA's names, and under ours.

tensors by name, and attributes of the modules where the file holds some
-> sizes and hyper-parameters -> tensors named and scaled as in `sgim.models.stylegan3`

Where a file holds tensors alone, hyper-parameters follow from their shapes or are the published
ones. Filters are designed anew; those in the file must be the same, which shows that the
hyper-parameters are right.
"""

import dataclasses
import re

import torch

from sgim.checks import require
from sgim.models.equalized import (
    Tensors,
    dense,
    in_three_colors,
    mapping_sizes,
    num_inputs,
    nvidia_mapping,
    scaled,
)
from sgim.models.filtered_relu import FilteredReLU
from sgim.models.pickled_networks import Modules
from sgim.models.stylegan3_plan import LayerPlan, StyleGAN3Config, layer_plans, stages

INPUT = "synthesis.input.freqs"
"""A name that StyleGAN3 alone has."""

LAYER = re.compile(r"synthesis\.(L(\d+)_(\d+)_\d+)\.weight")
SETTINGS = (
    "first_cutoff first_stopband last_stopband_rel num_critical margin_size output_scale "
    "filter_size lrelu_upsampling conv_clamp"
).split()
"""Hyper-parameters that no shape shows."""

IDLE = (
    "z_dim c_dim w_dim img_resolution img_channels num_ws mapping_kwargs synthesis_kwargs "
    "channel_base channel_max num_layers conv_kernel use_radial_filters num_fp16_res "
    "magnitude_ema_beta"
).split()
"""Arguments of the networks that are idle here or follow from shapes."""


def from_stylegan3(
    tensors: Tensors, modules: Modules | None = None
) -> tuple[StyleGAN3Config, Tensors]:
    """Rename and scale the `G_ema` of NVlabs/stylegan3.

    Parameters
    ----------
    tensors : dict
        Name -> tensor, as in the file; is emptied.
    modules : dict
        Attributes of the pickled modules; a state dict has none.

    Returns
    -------
    StyleGAN3Config, dict

    Raises
    ------
    SgimError
        For leftover tensors, unknown settings, and filters that do not follow from the settings.
    KeyError
        Names a tensor that is missing.
    """
    theirs, modules = tensors, modules or {}
    names = _layer_names(theirs)
    ours = {f"synthesis.input.{name}": theirs.pop(f"synthesis.input.{name}")
            for name in ("freqs", "phases", "transform")}  # fmt: skip
    ours["synthesis.input.weight"] = scaled(theirs.pop("synthesis.input.weight"))
    ours |= dense(theirs, "synthesis.input.affine", "synthesis.input.modulation")
    ours |= nvidia_mapping(theirs, len(names) + 1, modules)
    config = _config(names, theirs, ours, _settings(modules, names))
    for index, (name, plan) in enumerate(zip(names[:-1], layer_plans(config), strict=True)):
        _require_filters(name, plan, theirs)
        _require_told(name, plan, config, modules)
        their_name, our_name = f"synthesis.{name}", f"synthesis.layers.{index}"
        ours |= dense(theirs, f"{their_name}.affine", f"{our_name}.modulation")
        for their_end, our_end in (
            ("weight", "weight"), ("bias", "bias"), ("magnitude_ema", "magnitude")
        ):  # fmt: skip
            ours[f"{our_name}.{our_end}"] = theirs.pop(f"{their_name}.{their_end}")
    _require_told(names[-1], None, config, modules)
    ours |= _to_rgb(theirs, f"synthesis.{names[-1]}")
    require(
        not theirs,
        f"{', '.join(sorted(theirs)[:3])} have no place in a StyleGAN3: use an official file.",
    )
    return config, ours


def _layer_names(tensors: Tensors) -> list[str]:
    """Names of the layers in their order, the one to RGB last."""
    found = {int(match[2]): match[1] for match in map(LAYER.fullmatch, tensors) if match}
    missing = next(index for index in range(len(found) + 1) if index not in found)
    require(
        missing == len(found) and missing > 2,
        f"its synthesis has layers {', '.join(found.values()) or 'of no kind'}, and no L{missing}: "
        "use a whole file.",
    )
    return [found[index] for index in range(missing)]


def _settings(modules: Modules, names: list[str]) -> dict[str, float | None]:
    """The hyper-parameters that the file tells, all of which we must know."""
    network, synthesis = modules.get("", {}), modules.get("synthesis", {})
    arguments = _arguments(network, "_init_kwargs") | _arguments(synthesis, "_init_kwargs")
    arguments |= _arguments(arguments, "synthesis_kwargs")
    unknown = [name for name in arguments if name not in (*SETTINGS, *IDLE)]
    require(not unknown, f"it was made with {', '.join(unknown[:3])}, which StyleGAN3 has not.")
    first_layer = modules.get(f"synthesis.{names[0]}", {})
    told = arguments | synthesis | first_layer
    settings = {name: told[name] for name in SETTINGS if name in told}
    for name, value in settings.items():
        require(
            isinstance(value, (int, float)) or (name == "conv_clamp" and value is None),
            f"its {name} is a {type(value).__name__}; it must be a number: use an official file.",
        )
    return settings


def _arguments(attributes: dict, name: str) -> dict:
    found = attributes.get(name, {})
    require(isinstance(found, dict), f"its {name} is no dictionary; use an official .pkl.")
    return dict(found)


def _config(
    names: list[str], theirs: Tensors, ours: Tensors, settings: dict[str, float | None]
) -> StyleGAN3Config:
    """Sizes and hyper-parameters of the generator that these tensors belong to."""
    channels = [num_inputs(theirs, f"synthesis.{name}.weight") for name in names][1:]
    first = f"synthesis.{names[0]}"
    sizes = [int(name.split("_")[1]) for name in names]
    taps = theirs[f"{first}.up_filter"].numel()
    filters = [theirs[f"synthesis.{name}.down_filter"].ndim for name in names[:-1]]
    shown = {
        "img_resolution": sizes[-1],
        "channels": tuple(channels),
        "conv_kernel": theirs[f"{first}.weight"].shape[-1],
        "use_radial_filters": filters[0] == 2,
        "filter_size": int(taps / max(1, settings.get("lrelu_upsampling", 2))),
        **mapping_sizes(ours),
    }
    if shown["use_radial_filters"]:
        shown["num_critical"] = filters.count(1)
    config = StyleGAN3Config(**shown | {"margin_size": 0} | settings)
    if "margin_size" not in settings:
        margin = (sizes[0] - stages(config)[0].size) // 2
        config = dataclasses.replace(config, margin_size=margin)
    planned = [stage.size for stage in stages(config)]
    for name, size, plan_size in zip(names, sizes, planned, strict=True):
        require(
            size == plan_size,
            f"{name} makes pictures of {size} pixels; with these settings it must be {plan_size}.",
        )
    return config


def _require_filters(name: str, plan: LayerPlan, theirs: Tensors) -> None:
    """Take the filters of a layer out of `theirs` and hold them to the plan."""
    relu = FilteredReLU(plan, None)
    for kind, taps in (("up_filter", relu.up_taps), ("down_filter", relu.down_taps)):
        found, expected = theirs.pop(f"synthesis.{name}.{kind}"), torch.from_numpy(taps).float()
        require(
            found.shape == expected.shape
            and torch.allclose(found, expected, rtol=0, atol=1e-4 * expected.abs().max().item()),
            f"{name}.{kind} is another filter than StyleGAN3 designs for it; its hyper-parameters "
            "must be the published ones or stand in the file: use the official .pkl.",
        )


def _require_told(
    name: str, plan: LayerPlan | None, config: StyleGAN3Config, modules: Modules
) -> None:
    """Hold what a layer tells of itself to its plan; the one to RGB has none."""
    told = modules.get(f"synthesis.{name}", {})
    planned = {"conv_clamp": config.conv_clamp}
    if plan is not None:
        planned |= {
            "up_factor": plan.up,
            "down_factor": plan.down,
            "padding": [plan.before, plan.after] * 2,
        }
    for key, value in planned.items():
        require(
            told.get(key, value) == value,
            f"{name}.{key} is {told.get(key)}; with the other settings it must be {value}.",
        )


def _to_rgb(theirs: Tensors, name: str) -> Tensors:
    """Take the last layer out of `theirs`; the magnitude it expects becomes part of its weight."""
    ours = dense(theirs, f"{name}.affine", "synthesis.to_rgb.modulation")
    magnitude = theirs.pop(f"{name}.magnitude_ema")
    require(
        magnitude.ndim == 0,
        f"{name}.magnitude_ema has shape {tuple(magnitude.shape)}; it must be one number: use a "
        "whole file.",
    )
    weight = scaled(theirs.pop(f"{name}.weight")).flatten(1) * magnitude.rsqrt()
    return ours | {
        "synthesis.to_rgb.weight": in_three_colors(weight),
        "synthesis.to_rgb.bias": in_three_colors(theirs.pop(f"{name}.bias")),
    }
