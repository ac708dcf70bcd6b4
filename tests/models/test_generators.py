"""Generators from files: golden values, made-up checkpoints of both layouts, converters."""

from pathlib import Path

import numpy as np
import pytest
import torch
from generator_files import (
    KINDS,
    LOW_PASS,
    nvidia_tensors,
    rosinality_tensors,
    small_generator,
    write,
    write_pkl,
)
from published_files import GOLDEN, golden_tensors, needs_golden, relative_error

import sgim
from sgim.commands import cli
from sgim.models.generators import load_generator, save_generator


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
    ws = expected.mapping(z, truncation_psi=0.7)
    assert torch.allclose(generator.mapping(z, truncation_psi=0.7), ws, atol=1e-5)
    images = expected.synthesis(ws)
    assert torch.allclose(generator.synthesis(ws), images, atol=1e-4 * images.abs().max().item())
    assert not generator.training
    assert not any(parameter.requires_grad for parameter in generator.parameters())
    assert not Path("executed").exists()


def test_filters_are_in_memory_only_once(tmp_path):
    generator = sgim.load_generator(write("safetensors", tmp_path), "cpu")
    generator.synthesis(generator.w_avg[None])
    for layer in generator.synthesis.convs:
        filters = layer._frozen[1].filters
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
