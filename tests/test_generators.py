"""Generators from files: golden values, made-up checkpoints of both layouts, hostile files."""

import argparse
import json
import os
import pickle
import sys
import types
import zlib
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch

import sgim
from sgim import cli
from sgim.checks import SgimError
from sgim.generators import load_generator, save_generator
from sgim.models.stylegan2 import StyleGAN2, StyleGAN2Config

GOLDEN = Path(__file__).parents[2] / "shared" / "golden"
needs_golden = pytest.mark.skipif(not GOLDEN.is_dir(), reason="the golden tensors are not here")
LOW_PASS = torch.outer(*2 * [torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8])
SOURCE = "import pathlib; pathlib.Path('executed').touch()\nclass Generator: pass\n"


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    """Whatever gets executed leaves its mark here."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def official_modules(monkeypatch):
    """Names that official pickles refer to, so that pickle writes them."""
    for name in ("torch_utils", "torch_utils.persistence", "dnnlib", "dnnlib.util"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    reconstruct.__module__ = "torch_utils.persistence"
    reconstruct.__name__ = reconstruct.__qualname__ = "_reconstruct_persistent_obj"
    sys.modules["torch_utils.persistence"]._reconstruct_persistent_obj = reconstruct
    EasyDict.__module__ = "dnnlib.util"
    sys.modules["dnnlib.util"].EasyDict = EasyDict


def reconstruct(meta):
    raise AssertionError("nobody may call this")


class EasyDict(dict):
    pass


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
            "weight_gain": 1 / np.sqrt(512),
            "bands": np.arange(3.0),
            **self.attributes,
        }
        meta = {"type": "class", "version": 6, "module_src": SOURCE, "class_name": "Generator"}
        return reconstruct, (meta | {"state": state},)


def as_modules(tensors, conv_clamp=None):
    """Dotted names -> nested modules."""
    root = Module()
    for name, tensor in tensors.items():
        *path, leaf = name.split(".")
        module = root
        for part in path:
            module = module.modules.setdefault(part, Module(conv_clamp=conv_clamp))
        if leaf in ("resample_filter", "noise_const", "w_avg"):
            module.buffers[leaf] = tensor
        else:
            module.parameters[leaf] = torch.nn.Parameter(tensor)
    return root


def write_pkl(path, tensors, conv_clamp=None, **others):
    network = as_modules(tensors, conv_clamp)
    with open(path, "wb") as file:
        pickle.dump({"G": None, "D": None, "G_ema": network, **others}, file)
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


def nvidia_tensors(generator):
    tensors = OrderedDict()
    for index, layer in enumerate(generator.mapping.layers):
        tensors[f"mapping.fc{index}.weight"] = unscaled(layer.weight) / 0.01
        tensors[f"mapping.fc{index}.bias"] = layer.bias / 0.01
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


def relative_error(tensor, reference):
    return np.linalg.norm(tensor.numpy() - reference) / np.linalg.norm(reference)


def golden_tensors(name, rule):
    tensors = OrderedDict()
    for key, shape in json.loads((GOLDEN / f"{name}.json").read_text()).items():
        random = np.random.default_rng([7, zlib.crc32(key.encode())])
        a = torch.from_numpy(np.asarray(random.standard_normal(shape), dtype=np.float32))
        tensors[key] = rule(key, a)
    return tensors


def rosinality_rule(key, a):
    if key.endswith("kernel"):
        return 4 * LOW_PASS
    if key.endswith("modulation.bias"):
        return 1 + 0.1 * a
    if key.endswith(("bias", "noise.weight")):
        return 0.1 * a
    return a / 0.01 if key.startswith("style.") else a


def nvidia_rule(key, a):
    if key.endswith("resample_filter"):
        return LOW_PASS
    if key.endswith("affine.bias"):
        return 1 + 0.1 * a
    if key.endswith(("bias", "noise_strength", "w_avg")):
        return 0.1 * a
    return a / 0.01 if key.startswith("mapping.fc") else a


def check_golden(generator, golden):
    z = torch.from_numpy(golden["z"])
    ws = generator.mapping(z)
    assert relative_error(ws[:, 0], golden["w"]) < 1e-4
    assert relative_error(generator.synthesis(ws), golden["image"]) < 1e-4
    wplus = torch.from_numpy(golden["wplus"])
    assert relative_error(generator.synthesis(wplus), golden["image_wplus"]) < 1e-4
    truncated = generator.mapping(z, truncation_psi=float(golden["truncation"]))
    assert relative_error(generator.synthesis(truncated), golden["image_trunc"]) < 1e-4
    return truncated


@needs_golden
@pytest.mark.parametrize("zipped", [True, False])
def test_golden_values_of_the_rosinality_layout(zipped, tmp_path):
    tensors = golden_tensors("sg2_rosinality_dev", rosinality_rule)
    golden = np.load(GOLDEN / "sg2_rosinality_dev.npz")
    content = {"g_ema": tensors, "latent_avg": torch.from_numpy(golden["trunc_center"])}
    torch.save(content, tmp_path / "g.pt", _use_new_zipfile_serialization=zipped)
    check_golden(load_generator(tmp_path / "g.pt", "cpu"), golden)


@needs_golden
def test_golden_values_of_nvidias_layout(tmp_path):
    path = write_pkl(tmp_path / "g.pkl", golden_tensors("sg2_ada_dev", nvidia_rule))
    golden = np.load(GOLDEN / "sg2_ada_dev.npz")
    truncated = check_golden(load_generator(path, "cpu"), golden)
    assert relative_error(truncated[:, 0], golden["w_trunc"]) < 1e-4


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_gives_the_same_generator(kind, tmp_path):
    expected = small_generator()
    generator = sgim.load_generator(write(kind, tmp_path), "cpu")
    assert generator.config == expected.config
    z = torch.randn(2, generator.z_dim)
    ws = expected.mapping(z, 0.7)
    assert torch.allclose(generator.mapping(z, 0.7), ws, atol=1e-5)
    images = expected.synthesis(ws)
    assert torch.allclose(generator.synthesis(ws), images, atol=1e-4 * images.abs().max().item())
    assert not generator.training
    assert not any(parameter.requires_grad for parameter in generator.parameters())
    assert not Path("executed").exists()


def test_filters_are_in_memory_only_once(tmp_path):
    generator = sgim.load_generator(write("safetensors", tmp_path), "cpu")
    generator.synthesis(generator.w_avg[None])
    for layer in generator.synthesis.convs:
        filters = layer._frozen_conv(torch.float32).filters
        assert filters.untyped_storage().data_ptr() == layer.weight.untyped_storage().data_ptr()


def test_what_a_file_lacks_is_made_up_in_the_same_way(tmp_path):
    tensors = rosinality_tensors(small_generator())
    tensors = {name: tensor for name, tensor in tensors.items() if "noises." not in name}
    torch.save({"g_ema": tensors}, tmp_path / "g.pt")
    one, two = (load_generator(tmp_path / "g.pt", "cpu") for _ in range(2))
    assert torch.equal(one.synthesis(one.w_avg[None]), two.synthesis(two.w_avg[None]))
    assert torch.equal(one.w_avg, one.mean_latent().expand_as(one.w_avg))


def test_the_clamp_of_a_network_travels(tmp_path):
    path = write_pkl(tmp_path / "g.pkl", nvidia_tensors(small_generator()), conv_clamp=256)
    generator = load_generator(path, "cpu")
    assert generator.config.clamp == 256
    save_generator(generator, tmp_path / "g.safetensors")
    assert load_generator(tmp_path / "g.safetensors", "cpu").config.clamp == 256


@pytest.mark.parametrize("kind", ("pkl", "pt"))
def test_convert_writes_safetensors_that_paint_the_same(kind, tmp_path, capsys):
    source = write(kind, tmp_path)
    target = tmp_path / "converted.safetensors"
    assert cli.main(["convert", str(source), str(target)]) == 0
    assert "32 px, 8 rows of 9 numbers" in capsys.readouterr().out
    before, after = load_generator(source, "cpu"), load_generator(target, "cpu")
    assert before.config == after.config
    tensors = after.state_dict()
    assert all(torch.equal(tensor, tensors[name]) for name, tensor in before.state_dict().items())
    torch.testing.assert_close(before(torch.ones(1, 9)), after(torch.ones(1, 9)))


def test_convert_refuses_other_endings_and_damaged_files(tmp_path, capsys):
    source = write("pt", tmp_path)
    assert cli.main(["convert", str(source), str(tmp_path / "g.pth")]) == 2
    assert "must end in .safetensors" in capsys.readouterr().err
    source.write_bytes(source.read_bytes()[:5000])
    assert cli.main(["convert", str(source), str(tmp_path / "new.safetensors")]) == 2
    error = capsys.readouterr().err
    assert "damaged or cut short" in error and error.count("\n") == 1
    assert not (tmp_path / "new.safetensors").exists()


class Attack:
    """Executes a command when an ordinary unpickler reads it."""

    def __reduce__(self):
        return os.system, ("touch executed",)


class Evaluated(Attack):
    def __reduce__(self):
        return eval, ("open('executed', 'w')",)


class Loaded(Attack):
    """Hides in bytes that an official pickle would hand to torch.load."""

    def __reduce__(self):
        return torch.storage._load_from_bytes, (pickle.dumps(Attack()),)


@pytest.mark.parametrize("attack", [Attack, Evaluated, Loaded])
@pytest.mark.parametrize("kind", ["pkl", "in a network", "pt", "old pt"])
def test_a_hostile_file_is_refused_and_executes_nothing(attack, kind, tmp_path):
    path = tmp_path / "hostile"
    tensors = nvidia_tensors(small_generator())
    if kind == "pkl":
        write_pkl(path, tensors, augment_pipe=attack())
    elif kind == "in a network":
        network = as_modules(tensors)
        network.attributes["activation"] = attack()
        path.write_bytes(pickle.dumps({"G_ema": network}))
    else:
        content = {"g_ema": {}, "args": attack()}
        torch.save(content, path, _use_new_zipfile_serialization=kind == "pt")
    with pytest.raises(SgimError, match="which no weight file needs, and nothing was executed"):
        load_generator(path, "cpu")
    assert not Path("executed").exists()


def test_a_command_in_the_oldest_pickle_protocol_is_not_executed(tmp_path):
    (tmp_path / "hostile.pkl").write_bytes(b"cos\nsystem\n(S'touch executed'\ntR.")
    with pytest.raises(SgimError, match="as no weight file does"):
        load_generator(tmp_path / "hostile.pkl", "cpu")
    assert not Path("executed").exists()


def test_a_tensor_that_claims_more_than_it_holds_is_refused(tmp_path):
    huge = torch.zeros(1).expand(10**6, 10**6)
    torch.save({"g_ema": {"style.1.weight": huge}}, tmp_path / "g.pt")
    with pytest.raises(SgimError, match="larger than its storage"):
        load_generator(tmp_path / "g.pt", "cpu")


def test_modules_that_hold_each_other_are_refused(tmp_path):
    network, inner = Module(), Module()
    network.modules["one"] = network.modules["two"] = inner
    (tmp_path / "g.pkl").write_bytes(pickle.dumps({"G_ema": network}))
    with pytest.raises(SgimError, match="not one of StyleGAN2-ADA's"):
        load_generator(tmp_path / "g.pkl", "cpu")


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_anywhere_gets_one_sentence(kind, tmp_path):
    path = write(kind, tmp_path)
    whole = path.read_bytes()
    for length in (0, 1, 9, 100, *(len(whole) * i // 10 for i in range(1, 10)), len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(SgimError, match=path.name) as error:
            load_generator(path, "cpu")
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_bytes_give_one_sentence_or_load(kind, tmp_path):
    path = write(kind, tmp_path)
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(60):
        damaged = bytearray(whole)
        for place in random.integers(0, min(len(whole), 20_000), 3):
            damaged[place] = random.integers(256)
        path.write_bytes(damaged)
        try:
            load_generator(path, "cpu")
        except SgimError as error:
            assert path.name in str(error)
    assert not Path("executed").exists()


@pytest.mark.parametrize(
    "head", [b"<!DOCTYPE html><html>", b"version https://git-lfs.github.com/spec/v1\n", b""]
)
def test_a_page_instead_of_weights_gets_one_sentence(head, tmp_path):
    (tmp_path / "g.pt").write_bytes(head)
    with pytest.raises(SgimError, match="g.pt begins with .* download it again"):
        load_generator(tmp_path / "g.pt", "cpu")


def test_a_missing_file_gets_one_sentence(tmp_path):
    for path in (tmp_path / "nowhere.pt", tmp_path):
        with pytest.raises(SgimError, match="is missing; weights are a .pt, .pkl or .safetensors"):
            load_generator(path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda t: t.pop("style.1.bias"), "style.1.bias is missing"),
        (lambda t: t.pop("to_rgb1.bias"), "to_rgb1.bias is missing"),
        (lambda t: t.update({"style.1.weight": torch.zeros(0)}), "must be .outputs, inputs"),
        (lambda t: t.update({"conv1.activate.bias": torch.zeros(3)}), r"has shape \(3,\)"),
        (lambda t: t.update({"input.input": torch.zeros(1, 6, 8, 8)}), r"\(6, 8, 8\)"),
        (lambda t: t.update({"embed.weight": torch.zeros(3)}), "embed.weight have no place"),
        (lambda t: t.update({"convs.0.conv.blur.kernel": torch.ones(4, 4)}), "low-pass filter"),
        (lambda t: t.update({"conv1.noise.weight": "0.1"}), "is a str; it must be a tensor"),
    ],
)
def test_a_network_of_another_kind_gets_one_sentence(change, sentence, tmp_path):
    tensors = dict(rosinality_tensors(small_generator()))
    change(tensors)
    torch.save({"g_ema": tensors}, tmp_path / "g.pt")
    with pytest.raises(SgimError, match=f"g.pt is not .*{sentence}"):
        load_generator(tmp_path / "g.pt", "cpu")


@pytest.mark.parametrize(
    "content",
    [
        {"state_dict": {}},
        {"g_ema": 3},
        {"G_ema": {}},
        {"G_ema": argparse.Namespace()},
        {"G_ema": np.float64(1)},
        {"g_ema": {0: torch.zeros(2)}},
        [1, 2],
        ("tensors", {"network": "stylegan2", "clamp": None}),
    ],
)
def test_a_checkpoint_of_something_else_gets_one_sentence(content, tmp_path):
    torch.save(content, tmp_path / "g.pt")
    with pytest.raises(SgimError, match="g.pt is not a"):
        load_generator(tmp_path / "g.pt", "cpu")


def test_a_clamp_that_is_no_number_gets_one_sentence(tmp_path):
    path = write_pkl(tmp_path / "g.pkl", nvidia_tensors(small_generator()), conv_clamp="high")
    with pytest.raises(SgimError, match="clamp is 'high'"):
        load_generator(path, "cpu")


def test_a_conditional_network_gets_one_sentence(tmp_path):
    tensors = nvidia_tensors(small_generator()) | {"mapping.embed.weight": torch.zeros(9, 3)}
    with pytest.raises(SgimError, match="mapping.embed.weight have no place in a plain StyleGAN2"):
        load_generator(write_pkl(tmp_path / "g.pkl", tensors), "cpu")


def test_safetensors_of_another_network_get_one_sentence():
    weights = Path(sgim.__file__).parent / "weights" / "mini_judge.safetensors"
    with pytest.raises(SgimError, match="it holds another network"):
        load_generator(weights, "cpu")
