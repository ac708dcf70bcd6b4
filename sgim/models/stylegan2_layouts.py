"""The weights of a StyleGAN2 under other people's names, and under ours.

tensors of rosinality's or NVIDIA's layout -> tensors named and scaled as in `sgim.models.stylegan2`
-> sizes, read from their shapes.

Both layouts keep weights of unit variance and multiply them by 1 / sqrt(inputs) at use, those of
the mapping by 0.01 besides; here that becomes part of the weight. Only NVIDIA's 3 x 3 convolutions
go without: their demodulation makes the factor idle.
"""

import torch

from sgim.checks import require
from sgim.models.equalized import (
    MAPPING_RATE,
    Tensors,
    count,
    dense,
    in_every_row,
    in_three_colors,
    mapping_sizes,
    num_inputs,
    nvidia_mapping,
    scaled,
)
from sgim.models.modulated_conv import low_pass_kernel
from sgim.models.pickled_networks import Modules
from sgim.models.stylegan2 import StyleGAN2Config

NOISE_SEED = 0


def from_rosinality(tensors: Tensors, latent_avg: torch.Tensor | None = None) -> Tensors:
    """Rename and scale the `g_ema` of rosinality/stylegan2-pytorch.

    Without `latent_avg` the result has no `mapping.w_avg`. Old files do not hold the constant
    noise either; it is drawn, always the same.

    Parameters
    ----------
    tensors : dict
        Name -> tensor, as in the file; is emptied.
    latent_avg : torch.Tensor, (w_dim,)
        The mean of w, which converted networks keep beside `g_ema`.

    Raises
    ------
    SgimError
        For leftover tensors or another low-pass filter.
    KeyError
        Names a tensor that is missing.
    """
    theirs = _without_filters(tensors, "kernel")
    ours = {"synthesis.const": theirs.pop("input.input").squeeze(0)}
    for index in range(count(theirs, "style.{}.weight", start=1)):
        ours |= dense(theirs, f"style.{index + 1}", f"mapping.layers.{index}", MAPPING_RATE)
    num_convs = count(theirs, "convs.{}.conv.weight")
    random = torch.Generator().manual_seed(NOISE_SEED)
    for index, name in enumerate(["conv1", *(f"convs.{i}" for i in range(num_convs))]):
        layer = f"synthesis.convs.{index}"
        side = 4 * 2 ** ((index + 1) // 2)
        drawn = torch.randn(1, 1, side, side, generator=random)
        ours |= dense(theirs, f"{name}.conv.modulation", f"{layer}.modulation")
        ours[f"{layer}.weight"] = scaled(theirs.pop(f"{name}.conv.weight").squeeze(0))
        ours[f"{layer}.bias"] = theirs.pop(f"{name}.activate.bias")
        ours[f"{layer}.noise_strength"] = theirs.pop(f"{name}.noise.weight").squeeze(0)
        noise = theirs.pop(f"noises.noise_{index}", drawn)
        ours[f"{layer}.noise"] = noise.squeeze(0).squeeze(0)
    num_rgbs = count(theirs, "to_rgbs.{}.conv.weight")
    if latent_avg is not None:
        ours["mapping.w_avg"] = in_every_row(latent_avg, 2 * num_rgbs + 2)
    for index, name in enumerate(["to_rgb1", *(f"to_rgbs.{i}" for i in range(num_rgbs))]):
        layer = f"synthesis.to_rgbs.{index}"
        ours |= dense(theirs, f"{name}.conv.modulation", f"{layer}.modulation")
        weight = scaled(theirs.pop(f"{name}.conv.weight").squeeze(0))
        ours[f"{layer}.weight"] = in_three_colors(weight)
        ours[f"{layer}.bias"] = in_three_colors(theirs.pop(f"{name}.bias").flatten())
    _require_nothing_left(theirs)
    return ours


def from_nvidia(tensors: Tensors, modules: Modules | None = None) -> Tensors:
    """Rename and scale the `G_ema` of NVlabs/stylegan2-ada-pytorch; see `from_rosinality`.

    Without `mapping.w_avg` the result has none either. Networks made without noise get noise of no
    strength. `modules` are the attributes of the pickled modules, which tell the mapping's gains; a
    state dict has none.
    """
    theirs, modules = _without_filters(tensors, "resample_filter"), modules or {}
    ours = {"synthesis.const": theirs.pop("synthesis.b4.const")}
    noisy = any(name.endswith(("noise_strength", "noise_const")) for name in theirs)
    num_levels = 1
    while f"synthesis.b{4 * 2**num_levels}.conv0.weight" in theirs:
        num_levels += 1
    convs = [(4, "conv1")]
    convs += [(4 * 2**i, name) for i in range(1, num_levels) for name in ("conv0", "conv1")]
    for index, (side, name) in enumerate(convs):
        layer, name = f"synthesis.convs.{index}", f"synthesis.b{side}.{name}"
        ours |= dense(theirs, f"{name}.affine", f"{layer}.modulation")
        if not noisy:
            theirs[f"{name}.noise_strength"] = torch.zeros(())
            theirs[f"{name}.noise_const"] = torch.zeros(side, side)
        for ending in ("weight", "bias", "noise_strength"):
            ours[f"{layer}.{ending}"] = theirs.pop(f"{name}.{ending}")
        ours[f"{layer}.noise"] = theirs.pop(f"{name}.noise_const")
    for index in range(num_levels):
        layer, name = f"synthesis.to_rgbs.{index}", f"synthesis.b{4 * 2**index}.torgb"
        ours |= dense(theirs, f"{name}.affine", f"{layer}.modulation")
        ours[f"{layer}.weight"] = in_three_colors(scaled(theirs.pop(f"{name}.weight")))
        ours[f"{layer}.bias"] = in_three_colors(theirs.pop(f"{name}.bias"))
    ours |= nvidia_mapping(theirs, 2 * num_levels, modules)
    _require_nothing_left(theirs)
    return ours


def infer_config(tensors: Tensors, clamp: float | None) -> StyleGAN2Config:
    """Sizes of the generator whose tensors, under our names, these are.

    Raises
    ------
    SgimError
        When these shapes belong to no StyleGAN2 of 32 to 1024 pixels.
    KeyError
        Names a tensor that is missing.
    """
    num_levels = count(tensors, "synthesis.to_rgbs.{}.weight")
    return StyleGAN2Config(
        channels=tuple(
            num_inputs(tensors, f"synthesis.to_rgbs.{level}.weight") for level in range(num_levels)
        ),
        **mapping_sizes(tensors),
        clamp=clamp,
    )


def _without_filters(tensors: Tensors, ending: str) -> Tensors:
    """`tensors` itself, without the low-pass filters, which must be those that are built in."""
    for name in [name for name in tensors if name.endswith(ending)]:
        kernel = tensors.pop(name)
        expected = low_pass_kernel(kernel)
        require(
            kernel.shape == expected.shape
            and torch.allclose(kernel / kernel.sum(), expected, atol=1e-6),
            f"{name} is another low-pass filter than [1, 3, 3, 1]; use a StyleGAN2 with that.",
        )
    return tensors


def _require_nothing_left(theirs: Tensors) -> None:
    require(
        not theirs,
        f"{', '.join(sorted(theirs)[:3])} have no place in a plain StyleGAN2; residual networks "
        "are not read: use a skip generator.",
    )
