"""Files of a small StyleGAN3 as NVIDIA's code writes them, and the tensors of the golden ones."""

from collections import OrderedDict

import numpy as np
import torch
from generator_files import LOW_PASS, EasyDict, as_modules, pickled, unscaled
from published_files import GOLDEN, golden_tensors

from sgim.models.stylegan3 import StyleGAN3
from sgim.models.stylegan3_plan import StyleGAN3Config, layer_plans, stages, stylegan3_channels


def golden_rule(filters):
    """How the golden tensors of StyleGAN3 and of the conditional StyleGAN2 are made."""

    def rule(key, a):
        if key in filters:
            return torch.from_numpy(filters[key])
        if key == "synthesis.input.freqs":
            radii = a.double().norm(dim=1, keepdim=True)
            return (2 * a / radii * torch.exp(-radii.square() / 4)).float()
        if key.endswith("magnitude_ema"):
            return 0.8 + 0.08 * a.abs()
        fixed = {
            "synthesis.input.transform": torch.eye(3),
            "synthesis.input.phases": a - a.round(),
            "synthesis.input.affine.weight": 0.2 * a,
        }
        if key in fixed:
            return fixed[key]
        if key.endswith("resample_filter"):
            return LOW_PASS
        if key == "synthesis.input.affine.bias":
            return torch.tensor([1.0, 0.0, 0.0, 0.0]) + 0.1 * a
        if key.endswith("affine.bias"):
            return 1 + 0.1 * a
        if key.endswith(("bias", "noise_strength", "w_avg")):
            return 0.1 * a
        return a / 0.01 if key.startswith("mapping.fc") and key.endswith("weight") else a

    return rule


def golden_network(name):
    """Tensors under NVIDIA's names, and what must come of them."""
    golden = dict(np.load(GOLDEN / f"{name}.npz"))
    filters = {key[7:]: value for key, value in golden.items() if key.startswith("filter:")}
    return golden_tensors(name, golden_rule(filters)), golden


def small_stylegan3(kind="t", **settings):
    """A generator of 32 pixels whose biases, magnitudes and mean latent are not trivial."""
    torch.manual_seed(0)
    radial = kind == "r"
    config = StyleGAN3Config(
        **{
            "img_resolution": 32,
            "channels": stylegan3_channels(32, 160, 9),
            "conv_kernel": 1 if radial else 3,
            "use_radial_filters": radial,
            "z_dim": 7,
            "w_dim": 10,
            **settings,
        }
    )
    generator = StyleGAN3(config)
    for name, parameter in generator.named_parameters():
        if parameter.ndim < 2 and "input" not in name:
            torch.nn.init.normal_(parameter, mean=parameter.mean().item(), std=0.1)
    torch.nn.init.normal_(generator.synthesis.input.modulation.weight, std=0.02)
    for layer in generator.synthesis.layers:
        layer.magnitude.uniform_(0.8, 1.2)
    generator.w_avg.copy_(torch.randn(config.w_dim).expand_as(generator.w_avg))
    return generator.eval().requires_grad_(False)


def layer_names(config):
    channels = (*config.channels, 3)
    return [
        f"L{index}_{stage.size}_{count}"
        for index, (stage, count) in enumerate(zip(stages(config), channels, strict=True))
    ]


def stylegan3_tensors(generator):
    """The state dict of NVIDIA's generator of the same weights."""
    tensors, synthesis, first = OrderedDict(), generator.synthesis, generator.synthesis.input
    for ending in ("transform", "freqs", "phases"):
        tensors[f"synthesis.input.{ending}"] = getattr(first, ending)
    tensors["synthesis.input.weight"] = unscaled(first.weight)

    def affine(name, layer):
        tensors[f"{name}.affine.weight"] = unscaled(layer.modulation.weight)
        tensors[f"{name}.affine.bias"] = layer.modulation.bias

    affine("synthesis.input", first)
    *names, last = (f"synthesis.{name}" for name in layer_names(generator.config))
    for name, layer in zip(names, synthesis.layers, strict=True):
        tensors |= {
            f"{name}.weight": layer.weight,
            f"{name}.bias": layer.bias,
            f"{name}.magnitude_ema": layer.magnitude,
            f"{name}.up_filter": torch.from_numpy(layer.relu.up_taps).float(),
            f"{name}.down_filter": torch.from_numpy(layer.relu.down_taps).float(),
        }
        affine(name, layer)
    tensors[f"{last}.weight"] = unscaled(synthesis.to_rgb.weight)[..., None, None] * 0.7
    tensors[f"{last}.bias"] = synthesis.to_rgb.bias
    tensors[f"{last}.magnitude_ema"] = torch.tensor(0.49)
    affine(last, synthesis.to_rgb)
    return tensors | mapping_tensors(generator)


def mapping_tensors(generator):
    """The mapping under NVIDIA's names, with the embedding of classes if there is one."""
    mapping, tensors = generator.mapping, OrderedDict()
    if mapping.embed is not None:
        tensors["mapping.embed.weight"] = unscaled(mapping.embed.weight)
        tensors["mapping.embed.bias"] = mapping.embed.bias
    for index, layer in enumerate(mapping.layers):
        tensors[f"mapping.fc{index}.weight"] = unscaled(layer.weight) / 0.01
        tensors[f"mapping.fc{index}.bias"] = layer.bias / 0.01
    tensors["mapping.w_avg"] = generator.w_avg[0]
    return tensors


def stylegan3_modules(generator, tensors=None, **arguments):
    """NVIDIA's network as nested modules; `arguments` are what it was made with besides."""
    config = generator.config
    network = as_modules(tensors or stylegan3_tensors(generator))
    synthesis = network.modules["synthesis"]
    made_with = EasyDict(
        z_dim=config.z_dim,
        c_dim=config.num_classes,
        img_resolution=config.img_resolution,
        mapping_kwargs=EasyDict(num_layers=config.mapping_layers),
        channel_base=160,
        magnitude_ema_beta=0.999,
        **arguments,
    )
    network.attributes |= {"_init_kwargs": made_with, "num_ws": config.num_ws}
    synthesis.attributes = {
        "_init_kwargs": made_with,
        "num_critical": config.num_critical,
        "margin_size": config.margin_size,
        "output_scale": config.output_scale,
    }
    for name, plan in zip(layer_names(config), layer_plans(config), strict=False):
        synthesis.modules[name].attributes = {
            "size": np.array([plan.target.size] * 2),
            "in_cutoff": np.float64(plan.source.cutoff),
            "use_fp16": np.bool_(False),
            "up_factor": plan.up,
            "down_factor": plan.down,
            "padding": [plan.before, plan.after] * 2,
            "conv_clamp": config.conv_clamp,
        }
    to_rgb = synthesis.modules[layer_names(config)[-1]]
    to_rgb.attributes["conv_clamp"] = config.conv_clamp
    to_rgb.buffers |= {"up_filter": None, "down_filter": None}
    return network


def write_stylegan3_pkl(path, generator, tensors=None, **arguments):
    network = stylegan3_modules(generator, tensors, **arguments)
    content = {"G": None, "D": None, "G_ema": network, "augment_pipe": None}
    path.write_bytes(pickled(content | {"training_set_kwargs": EasyDict(resolution=32)}))
    return path
