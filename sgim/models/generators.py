"""StyleGAN2 generators from files: rosinality's .pt, NVIDIA's .pkl, our .safetensors.

file -> tensors by name -> our names (`stylegan2_layouts`) -> sizes from shapes -> `StyleGAN2`
"""

import os
from pathlib import Path

import torch

from sgim.checks import SgimError, require
from sgim.devices import pick_device
from sgim.files.checkpoint import load_tensors, require_same_shapes, save_tensors
from sgim.files.safe_pickle import Inert, read_pickle
from sgim.models.stylegan2 import StyleGAN2
from sgim.models.stylegan2_layouts import Tensors, from_nvidia, from_rosinality, infer_config

NETWORK = "stylegan2"


def load_generator(path: str | os.PathLike, device: str | torch.device | None = None) -> StyleGAN2:
    """Read a StyleGAN2 generator, whatever its layout, resolution and channels.

    Nothing inside the file is executed. Where the file does not hold the mean latent, it is
    estimated, always with the same random numbers.

    Parameters
    ----------
    path : path
        A .pt with `g_ema` of rosinality/stylegan2-pytorch, a .pkl with `G_ema` of
        NVlabs/stylegan2-ada-pytorch, or what `save_generator` wrote; told apart by their content.
    device : str or torch.device
        The best one that is there when left out.

    Returns
    -------
    StyleGAN2
        Frozen, with `mapping`, `synthesis`, `w_avg` as `sgim.manipulate` uses them.

    Raises
    ------
    SgimError
        When the file is missing, damaged, hostile, or no plain StyleGAN2.
    """
    path = Path(path)
    require(
        path.is_file(),
        f"{path} is missing; weights are a .pt, .pkl or .safetensors file: check the path.",
    )
    device = pick_device(device)
    read, rename = (load_tensors, _ours) if _is_safetensors(path) else (read_pickle, _renamed)
    content = read(path)
    try:
        generator = _build(*rename(content))
    except KeyError as error:
        raise SgimError(
            f"{path} is not a whole StyleGAN2: {error.args[0]} is missing; download it again."
        ) from error
    except SgimError as error:
        raise SgimError(f"{path} is not a StyleGAN2 that can be read: {error}") from error
    return generator.to(device)


def save_generator(generator: StyleGAN2, path: str | os.PathLike) -> None:
    """Write a generator as .safetensors, for `load_generator`."""
    metadata = {"network": NETWORK, "clamp": generator.config.clamp}
    save_tensors(path, generator.state_dict(), metadata)


def convert_generator(source: str | os.PathLike, target: str | os.PathLike) -> StyleGAN2:
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
    generator = load_generator(source, "cpu")
    save_generator(generator, target)
    return generator


def _is_safetensors(path: Path) -> bool:
    """A safetensors file is the length of its header in 8 bytes, then the header in JSON."""
    with open(path, "rb") as file:
        return file.read(9)[8:] == b"{"


def _ours(content: tuple[Tensors, object]) -> tuple[Tensors, float | None]:
    """Tensors by name and the limit of activations, of our own file."""
    tensors, metadata = content
    require(
        isinstance(metadata, dict) and metadata.get("network") == NETWORK,
        "it holds another network; make it with `python -m sgim convert`.",
    )
    return _floats(tensors), metadata["clamp"]


def _renamed(content: object) -> tuple[Tensors, float | None]:
    """Tensors under our names and the limit of activations, of other people's files."""
    if isinstance(content, dict) and "G_ema" in content:
        states = _module_states(content["G_ema"])
        tensors = {
            f"{module}.{name}": tensor
            for module, state in states.items()
            for kind in ("_parameters", "_buffers")
            for name, tensor in _dict_in(state, kind).items()
        }
        return from_nvidia(_floats(tensors)), states["synthesis.b4.conv1"].get("conv_clamp")
    if isinstance(content, dict) and isinstance(content.get("g_ema"), dict):
        means = _floats({"latent_avg": content.get("latent_avg")})
        return from_rosinality(_floats(content["g_ema"]), **means), None
    raise SgimError(
        "it holds neither g_ema (rosinality) nor G_ema (StyleGAN2-ADA); use a file of one of these."
    )


def _module_states(network: object) -> dict[str, dict]:
    """Dotted name -> attributes, of a pickled module and all that are in it."""
    states = {}
    seen = set()
    waiting = [("", network)]
    while waiting:
        name, module = waiting.pop()
        require(
            isinstance(module, Inert) and module not in seen,
            f"module {name!r} is not one of StyleGAN2-ADA's; use an official .pkl.",
        )
        seen.add(module)
        states[name] = _dict_in(next(iter(module.arguments), None), "state")
        for child, inner in _dict_in(states[name], "_modules").items():
            waiting.append((f"{name}.{child}".lstrip("."), inner))
    return states


def _dict_in(outer: object, key: str) -> dict:
    inner = outer.get(key, {}) if isinstance(outer, dict) else None
    require(isinstance(inner, dict), f"its {key!r} is no dictionary; use an official .pkl.")
    return inner


def _floats(tensors: dict) -> Tensors:
    """The same as float32, with all that is no tensor refused and what is empty left out."""
    present = {str(name): tensor for name, tensor in tensors.items() if tensor is not None}
    for name, tensor in present.items():
        require(
            isinstance(tensor, torch.Tensor),
            f"{name} is a {type(tensor).__name__}; it must be a tensor: use an official file.",
        )
    return {name: tensor.float().contiguous() for name, tensor in present.items()}


def _build(tensors: Tensors, clamp: float | None) -> StyleGAN2:
    """A frozen generator that holds exactly these tensors; without `w_avg` it is estimated."""
    with torch.device("meta"):
        generator = StyleGAN2(infer_config(tensors, clamp))
    has_mean = "mapping.w_avg" in tensors
    if not has_mean:
        tensors = tensors | {"mapping.w_avg": torch.zeros(generator.w_avg.shape)}
    require_same_shapes(generator, tensors)
    generator.to_empty(device="cpu").load_state_dict(tensors)
    generator.eval().requires_grad_(False)
    if not has_mean:
        generator.w_avg.copy_(generator.mean_latent().expand_as(generator.w_avg))
    return generator
