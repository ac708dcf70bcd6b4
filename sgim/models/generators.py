"""StyleGAN generators from files: rosinality's .pt, NVIDIA's .pkl, our .safetensors.

file -> tensors by name -> our names (`stylegan2_layouts`, `stylegan3_layout`) -> sizes from shapes
-> `StyleGAN2` or `StyleGAN3`
"""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

import torch

from sgim.checks import SgimError, require
from sgim.devices import ordinary_torch, pick_device
from sgim.files.checkpoint import (
    is_safetensors,
    load_tensors,
    require_finite_weights,
    require_same_shapes,
    save_tensors,
)
from sgim.files.safe_pickle import Inert, read_pickle
from sgim.files.state_dicts import without_wrappers
from sgim.models.equalized import Tensors
from sgim.models.pickled_networks import conv_clamp, floats, tensors_and_modules
from sgim.models.stylegan import StyleGAN
from sgim.models.stylegan2 import StyleGAN2, StyleGAN2Config
from sgim.models.stylegan2_layouts import from_nvidia, from_rosinality, infer_config
from sgim.models.stylegan3 import StyleGAN3
from sgim.models.stylegan3_layout import INPUT, from_stylegan3
from sgim.models.stylegan3_plan import StyleGAN3Config

CONSTANT = "synthesis.b4.const"
"""A name that StyleGAN2 alone has."""

NUM_FOR_MEAN = 10_000
"""Latents whose mean stands for a missing one; all classes have the same share of them."""


@ordinary_torch()
def load_generator(
    path: str | os.PathLike,
    device: str | torch.device | None = None,
    *,
    class_names: Sequence[str] | None = None,
) -> StyleGAN:
    """Read a StyleGAN2 or StyleGAN3 generator, whatever its layout, resolution and channels.

    Nothing inside the file is executed. Where the file does not hold the mean latent, it is
    estimated, always with the same random numbers.

    Parameters
    ----------
    path : path
        A .pt with `g_ema` of rosinality/stylegan2-pytorch, a .pkl or .pt with `G_ema` of
        NVlabs/stylegan2-ada-pytorch or NVlabs/stylegan3 (the module or its state dict), or what
        `save_generator` wrote; told apart by their content.
    device : str or torch.device
        The best one that is there when left out.
    class_names : sequence of str
        Of the classes of a conditional generator, in their order, for `mapping(z, c)`; files of
        others do not hold them.

    Returns
    -------
    StyleGAN2 or StyleGAN3
        Frozen, with `mapping`, `synthesis`, `w_avg` as `sgim.manipulate` uses them.

    Raises
    ------
    SgimError
        When the file is missing, damaged, hostile, or no StyleGAN of these kinds, or the names are
        more or fewer than its classes.
    """
    path = Path(path)
    require(
        path.is_file(),
        f"{path} is missing; weights are a .pt, .pkl or .safetensors file: check the path.",
    )
    device = pick_device(device)
    read, build = (load_tensors, _ours) if is_safetensors(path) else (read_pickle, _from_others)
    content = read(path)
    try:
        generator = build(content)
    except KeyError as error:
        raise SgimError(
            f"{path} is not a whole StyleGAN: {error.args[0]} is missing; download it again."
        ) from error
    except SgimError as error:
        raise SgimError(f"{path} is not a StyleGAN that can be read: {error}") from error
    if class_names is not None:
        generator.class_names = class_names
    return generator.to(device)


def save_generator(generator: StyleGAN, path: str | os.PathLike) -> None:
    """Write a generator as .safetensors, for `load_generator`."""
    if isinstance(generator, StyleGAN3):
        metadata = {"network": "stylegan3", "config": dataclasses.asdict(generator.config)}
    else:
        metadata = {"network": "stylegan2", "clamp": generator.config.clamp}
    metadata["class_names"] = generator.class_names
    save_tensors(path, generator.state_dict(), metadata)


def convert_generator(
    source: str | os.PathLike,
    target: str | os.PathLike,
    *,
    class_names: Sequence[str] | None = None,
) -> StyleGAN:
    """Read a generator of any layout, write it as .safetensors, return it.

    Raises
    ------
    SgimError
        When `source` cannot be read or `target` does not end in .safetensors.
    """
    require(
        Path(target).suffix == ".safetensors",
        f"{target} must end in .safetensors; that is what is written: change the name.",
    )
    generator = load_generator(source, "cpu", class_names=class_names)
    save_generator(generator, target)
    return generator


def _ours(content: tuple[Tensors, object]) -> StyleGAN:
    """The generator of our own file."""
    tensors, metadata = content
    kind = metadata.get("network") if isinstance(metadata, dict) else None
    require(
        kind in ("stylegan2", "stylegan3"),
        "it holds another network; make it with `python -m sgim convert`.",
    )
    tensors = floats(tensors)
    if kind == "stylegan2":
        generator = _build(infer_config(tensors, metadata["clamp"]), tensors)
    else:
        generator = _build(_stylegan3_config(metadata["config"]), tensors)
    generator.class_names = metadata.get("class_names", ())
    return generator


def _stylegan3_config(kept: object) -> StyleGAN3Config:
    """The settings in our own file, of which a damaged one may hold anything."""
    try:
        return StyleGAN3Config(**kept | {"channels": tuple(kept["channels"])})
    except TypeError as error:
        raise SgimError(f"its settings are damaged ({error}); make it anew.") from error


def _from_others(content: object) -> StyleGAN:
    """The generator of other people's files."""
    if isinstance(content, dict) and isinstance(content.get("g_ema"), dict):
        means = floats({"latent_avg": content.get("latent_avg")})
        tensors = from_rosinality(floats(without_wrappers(content.pop("g_ema"))), **means)
        return _build(infer_config(tensors, None), tensors)
    tensors, modules = tensors_and_modules(_network(content))
    if INPUT in tensors:
        return _build(*from_stylegan3(tensors, modules))
    tensors = from_nvidia(tensors, modules)
    return _build(infer_config(tensors, conv_clamp(modules)), tensors)


def _network(content: object) -> object:
    """NVIDIA's module or state dict, alone in the file or under its usual name."""
    if isinstance(content, dict) and "G_ema" in content:
        network = content.pop("G_ema")
        return without_wrappers(network) if isinstance(network, dict) else network
    bare = isinstance(content, dict) and (INPUT in content or CONSTANT in content)
    require(
        bare or isinstance(content, Inert),
        "it holds neither g_ema (rosinality) nor G_ema (NVIDIA); use a file of one of these.",
    )
    return content


def _build(config: StyleGAN2Config | StyleGAN3Config, tensors: Tensors) -> StyleGAN:
    """A frozen generator of exactly these tensors, taken away; without `w_avg` it is estimated."""
    kind = StyleGAN2 if isinstance(config, StyleGAN2Config) else StyleGAN3
    with torch.device("meta"):
        generator = kind(config).float()
    has_mean = "mapping.w_avg" in tensors
    if not has_mean:
        tensors["mapping.w_avg"] = torch.zeros(generator.w_avg.shape)
    require_same_shapes(generator, tensors)
    require_finite_weights(tensors)
    laid_out = {  # in memory as the layers like it; what is done with is let go at once
        name: torch.empty_like(planned, device="cpu").copy_(tensors.pop(name))
        for name, planned in generator.state_dict().items()
    }
    generator.load_state_dict(laid_out, assign=True)
    generator.eval().requires_grad_(False)
    if not has_mean:
        classes = torch.arange(NUM_FOR_MEAN) % config.num_classes if config.num_classes else None
        w_avg = generator.mean_latent(NUM_FOR_MEAN, c=classes)
        generator.w_avg.copy_(w_avg.expand_as(generator.w_avg))
    if isinstance(generator, StyleGAN3):
        generator.synthesis.require_divisors(generator.w_avg)
    return generator
