"""Generators that paint by class: golden values, names, numbers, mixtures, files."""

import numpy as np
import pytest
import torch
from generator_files import nvidia_tensors, small_generator, write_pkl
from published_files import needs_golden, relative_error
from stylegan3_files import (
    golden_network,
    mapping_tensors,
    small_stylegan3,
    write_stylegan3_pkl,
)

import sgim
from sgim.checks import SgimError
from sgim.models.class_labels import class_labels
from sgim.models.generators import convert_generator, load_generator
from sgim.models.stylegan2 import StyleGAN2, StyleGAN2Config

NAMES = ("cat", "dog", "wild")


@needs_golden
@pytest.mark.parametrize("kind", ["pkl", "state dict"])
def test_golden_values_of_a_conditional_stylegan2(kind, tmp_path):
    tensors, golden = golden_network("sg2_cond_dev")
    golden = {key: torch.from_numpy(np.asarray(value)) for key, value in golden.items()}
    path = tmp_path / "g.pkl"
    if kind == "pkl":
        write_pkl(path, tensors)
    else:
        torch.save({"G_ema": tensors}, path)
    generator = load_generator(path, "cpu", class_names=NAMES)

    def check(result, key):
        assert relative_error(result, golden[key].numpy()) < 1e-4, key

    ws = generator.mapping(golden["z"], golden["c"])
    check(ws[:, 0], "w")
    check(generator.mapping(golden["z"], ["cat", "wild"])[:, 0], "w")
    check(generator.mapping(golden["z"], golden["c_swapped"])[:, 0], "w_swapped")
    check(generator.mapping(golden["z"], [2, 0])[:, 0], "w_swapped")
    check(generator.mapping(golden["z"], golden["c_soft"])[:, 0], "w_soft")
    check(generator.synthesis(ws), "image")
    check(generator.synthesis(ws[:1], noise_mode="none"), "image_nonoise")
    truncated = generator.mapping(golden["z"], golden["c"], golden["truncation"].item())
    check(truncated[:, 0], "w_trunc")
    check(generator.synthesis(truncated[:1]), "image_trunc")
    wplus = golden["wplus"].requires_grad_(True)
    image = generator.synthesis(wplus)
    check(image.detach(), "image_wplus")
    check(torch.autograd.grad(image.square().mean(), wplus)[0], "grad_wplus")


def small_stylegan2():
    torch.manual_seed(0)
    config = StyleGAN2Config(
        channels=(6, 8, 7, 5), z_dim=9, w_dim=10, mapping_layers=2, num_classes=3
    )
    return StyleGAN2(config).eval().requires_grad_(False)


def write(kind, folder):
    """A conditional generator, and a file of it."""
    if kind == "stylegan2":
        generator = small_stylegan2()
        tensors = nvidia_tensors(generator) | mapping_tensors(generator)
        return generator, write_pkl(folder / "g.pkl", tensors)
    generator = small_stylegan3(num_classes=3)
    return generator, write_stylegan3_pkl(folder / "g.pkl", generator)


@pytest.mark.parametrize("kind", ["stylegan2", "stylegan3"])
def test_a_file_gives_the_same_pictures_of_each_class(kind, tmp_path):
    expected, path = write(kind, tmp_path)
    generator = load_generator(path, "cpu")
    assert generator.config == expected.config and generator.num_classes == 3
    z = torch.randn(1, generator.z_dim)
    pictures = [generator(z, c) for c in range(3)]
    for c, picture in enumerate(pictures):
        assert torch.allclose(picture, expected(z, c), atol=1e-4 * picture.abs().max().item())
    assert not torch.allclose(pictures[0], pictures[1], atol=1e-2)


@pytest.mark.parametrize("kind", ["stylegan2", "stylegan3"])
def test_class_names_travel_in_safetensors(kind, tmp_path):
    _, path = write(kind, tmp_path)
    convert_generator(path, tmp_path / "g.safetensors", class_names=NAMES)
    generator = sgim.load_generator(tmp_path / "g.safetensors", "cpu")
    assert generator.class_names == NAMES
    z = torch.randn(2, generator.z_dim)
    assert torch.equal(generator.mapping(z, "dog"), generator.mapping(z, 1))
    renamed = sgim.load_generator(tmp_path / "g.safetensors", "cpu", class_names="abc")
    assert torch.equal(renamed.mapping(z, "b"), generator.mapping(z, 1))


def test_labels_of_every_form():
    one_hot = torch.eye(3)
    for c in (1, "dog", np.int64(1), torch.tensor(1), one_hot[1]):
        assert torch.equal(class_labels(c, 2, 3, NAMES), one_hot[[1, 1]]), c
    for c in ([2, 0], ("wild", "cat"), [2, "cat"], torch.tensor([2, 0]), np.array([2, 0])):
        assert torch.equal(class_labels(c, 2, 3, NAMES), one_hot[[2, 0]]), c
    shares = torch.tensor([[0.2, 0.3, 0.5], [0.0, 0.0, 0.0]])
    assert torch.equal(class_labels(shares, 2, 3), shares)


@pytest.mark.parametrize(
    ("c", "sentence"),
    [
        (None, "c is left out, and this generator paints by class: pass c, 0 to 2 or cat, dog, w"),
        (3, "c is 3; the classes of this generator are 0 to 2 or cat"),
        (-1, "c is -1; the classes"),
        (0.5, "c is 0.5; the classes"),
        ("bird", "c is 'bird'; the classes"),
        ([0, 1, 2], "c names 3 classes for 2 pictures"),
        (torch.zeros(2, 4), r"c has shape \(2, 4\); shares of classes are \(3,\) or \(2, 3\)"),
    ],
)
def test_no_class_or_another_gets_one_sentence(c, sentence):
    generator = small_stylegan2()
    generator.class_names = NAMES
    with pytest.raises(SgimError, match=sentence):
        generator.mapping(torch.randn(2, 9), c)


def test_a_class_for_a_generator_without_gets_one_sentence():
    with pytest.raises(SgimError, match="c is 1, and this generator has no classes"):
        small_generator().mapping(torch.randn(2, 9), 1)


@pytest.mark.parametrize("names", [("cat", "dog"), ("cat", "cat", "dog")])
def test_names_that_do_not_fit_get_one_sentence(names):
    with pytest.raises(SgimError, match="this generator has 3 classes: give a name of its own"):
        small_stylegan2().class_names = names


def test_each_class_has_a_mean_latent_of_its_own():
    generator = small_stylegan2()
    means = [generator.mean_latent(500, c=c) for c in range(3)]
    assert torch.equal(means[0], generator.mean_latent(500, c=0))
    assert (means[0] - means[1]).norm() > 0.1 * means[0].norm()


@pytest.mark.parametrize("ending", ["weight", "bias"])
def test_an_embedding_without_its_half_gets_one_sentence(ending, tmp_path):
    generator = small_stylegan2()
    tensors = nvidia_tensors(generator) | mapping_tensors(generator)
    del tensors[f"mapping.embed.{ending}"]
    with pytest.raises(SgimError, match="mapping.embed|mapping.layers"):
        load_generator(write_pkl(tmp_path / "g.pkl", tensors), "cpu")
