"""Files of a small StyleGAN2 in every layout that `load_generator` reads."""

import argparse
import pickle
import sys
import types
from collections import OrderedDict
from unittest import mock

import numpy as np
import torch

from sgim.models.generators import save_generator
from sgim.models.stylegan2 import StyleGAN2, StyleGAN2Config

LOW_PASS = torch.outer(*2 * [torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8])
SOURCE = "import pathlib; pathlib.Path('executed').touch()\nclass Generator: pass\n"


def reconstruct(meta):
    raise AssertionError("nobody may call this")


class EasyDict(dict):
    pass


for official, module in ((reconstruct, "torch_utils.persistence"), (EasyDict, "dnnlib.util")):
    official.__module__ = module
reconstruct.__name__ = reconstruct.__qualname__ = "_reconstruct_persistent_obj"


def pickled(content):
    """Bytes as of an official pickle, which refers to modules that are not here."""
    homes = {name: types.ModuleType(name) for name in (reconstruct.__module__, EasyDict.__module__)}
    homes[reconstruct.__module__]._reconstruct_persistent_obj = reconstruct
    homes[EasyDict.__module__].EasyDict = EasyDict
    parents = {name.split(".")[0]: types.ModuleType(name.split(".")[0]) for name in homes}
    with mock.patch.dict(sys.modules, homes | parents):
        return pickle.dumps(content)


class Module:
    """Pickles like a persistent object of StyleGAN2-ADA."""

    def __init__(self, **attributes):
        self.attributes = attributes
        self.parameters, self.buffers, self.modules = OrderedDict(), OrderedDict(), OrderedDict()

    def __reduce__(self):
        state = {
            "training": False,
            "_parameters": self.parameters,
            "_buffers": self.buffers,
            "_non_persistent_buffers_set": set(),
            "_modules": self.modules,
            "_init_args": (),
            "_init_kwargs": EasyDict(z_dim=512),
            "bands": np.arange(3.0),
            **self.attributes,
        }
        meta = {"type": "class", "version": 6, "module_src": SOURCE, "class_name": "Generator"}
        return reconstruct, (meta | {"state": state},)


def as_modules(tensors, conv_clamp=None, rate=0.01):
    """Dotted names -> nested modules; `rate` is the mapping's learning-rate multiplier."""
    root = Module()
    for name, tensor in tensors.items():
        *path, leaf = name.split(".")
        module = root
        for part in path:
            module = module.modules.setdefault(part, Module(conv_clamp=conv_clamp))
        if name.startswith("mapping.fc") and leaf == "weight":
            gain = rate / np.sqrt(tensor.shape[1])
            module.attributes |= {"activation": "lrelu", "weight_gain": gain, "bias_gain": rate}
        if leaf in ("resample_filter", "noise_const", "w_avg"):
            module.buffers[leaf] = tensor
        else:
            module.parameters[leaf] = torch.nn.Parameter(tensor)
    return root


def write_pkl(path, tensors, conv_clamp=None, rate=0.01, **others):
    network = as_modules(tensors, conv_clamp, rate)
    path.write_bytes(pickled({"G": None, "D": None, "G_ema": network, **others}))
    return path


def small_generator():
    torch.manual_seed(0)
    config = StyleGAN2Config(channels=(6, 8, 7, 5), z_dim=9, w_dim=9, mapping_layers=2)
    generator = StyleGAN2(config)
    for parameter in generator.parameters():
        if parameter.ndim < 2:
            torch.nn.init.normal_(parameter, mean=parameter.mean().item(), std=0.1)
    generator.w_avg.copy_(torch.randn(config.w_dim).expand_as(generator.w_avg))
    return generator.eval().requires_grad_(False)


def unscaled(weight):
    return weight * weight[0].numel() ** 0.5


def rosinality_tensors(generator):
    tensors = OrderedDict()
    for index, layer in enumerate(generator.mapping.layers, start=1):
        tensors[f"style.{index}.weight"] = unscaled(layer.weight) / 0.01
        tensors[f"style.{index}.bias"] = layer.bias / 0.01
    synthesis = generator.synthesis
    tensors["input.input"] = synthesis.const[None]
    for index, layer in enumerate(synthesis.convs):
        name = f"convs.{index - 1}" if index else "conv1"
        tensors[f"{name}.conv.weight"] = unscaled(layer.weight)[None]
        tensors[f"{name}.conv.modulation.weight"] = unscaled(layer.modulation.weight)
        tensors[f"{name}.conv.modulation.bias"] = layer.modulation.bias
        tensors[f"{name}.noise.weight"] = layer.noise_strength[None]
        tensors[f"{name}.activate.bias"] = layer.bias
        tensors[f"noises.noise_{index}"] = layer.noise[None, None]
        if layer.upsample:
            tensors[f"{name}.conv.blur.kernel"] = 4 * LOW_PASS
    for index, layer in enumerate(synthesis.to_rgbs):
        name = f"to_rgbs.{index - 1}" if index else "to_rgb1"
        tensors[f"{name}.bias"] = layer.bias[None, :, None, None]
        tensors[f"{name}.conv.weight"] = unscaled(layer.weight)[None]
        tensors[f"{name}.conv.modulation.weight"] = unscaled(layer.modulation.weight)
        tensors[f"{name}.conv.modulation.bias"] = layer.modulation.bias
        if index:
            tensors[f"{name}.upsample.kernel"] = 4 * LOW_PASS
    return tensors


def nvidia_tensors(generator, rate=0.01):
    tensors = OrderedDict()
    for index, layer in enumerate(generator.mapping.layers):
        tensors[f"mapping.fc{index}.weight"] = unscaled(layer.weight) / rate
        tensors[f"mapping.fc{index}.bias"] = layer.bias / rate
    tensors["mapping.w_avg"] = generator.w_avg[0]
    synthesis = generator.synthesis
    tensors["synthesis.b4.const"] = synthesis.const
    for layer in synthesis.convs:
        block = f"synthesis.b{len(layer.noise)}"
        name = f"{block}.conv{0 if layer.upsample else 1}"
        tensors[f"{block}.resample_filter"] = tensors[f"{name}.resample_filter"] = LOW_PASS
        for ending in ("weight", "bias", "noise_strength"):
            tensors[f"{name}.{ending}"] = getattr(layer, ending)
        tensors[f"{name}.noise_const"] = layer.noise
        tensors[f"{name}.affine.weight"] = unscaled(layer.modulation.weight)
        tensors[f"{name}.affine.bias"] = layer.modulation.bias
    for index, layer in enumerate(synthesis.to_rgbs):
        name = f"synthesis.b{4 * 2**index}.torgb"
        tensors[f"{name}.weight"] = unscaled(layer.weight)
        tensors[f"{name}.bias"] = layer.bias
        tensors[f"{name}.affine.weight"] = unscaled(layer.modulation.weight)
        tensors[f"{name}.affine.bias"] = layer.modulation.bias
    return tensors


def write(kind, folder):
    """The small generator as a file of one kind."""
    generator = small_generator()
    if kind == "safetensors":
        save_generator(generator, folder / "g.safetensors")
        return folder / "g.safetensors"
    if kind == "pkl":
        return write_pkl(folder / "g.pkl", nvidia_tensors(generator))
    content = {
        "g": {},
        "g_ema": rosinality_tensors(generator),
        "g_optim": {"state": {0: {"step": 3, "exp_avg": torch.zeros(2).half()}}},
        "args": argparse.Namespace(size=32, lr=0.002),
        "latent_avg": generator.w_avg[0],
    }
    path = folder / "g.pt"
    torch.save(content, path, _use_new_zipfile_serialization=kind == "pt")
    return path


KINDS = ("safetensors", "pkl", "pt", "old pt")
