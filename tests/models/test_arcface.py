"""ArcFace's IR-SE50: the published names, an independent forward pass, the crop, bad files."""

import os
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from sgim.checks import SgimError
from sgim.losses import identity_loss
from sgim.models.arcface import crop_faces, load_arcface

UNITS = [
    *[(64, 64, 2), (64, 64, 1), (64, 64, 1)],
    *[(64, 128, 2), *[(128, 128, 1)] * 3],
    *[(128, 256, 2), *[(256, 256, 1)] * 13],
    *[(256, 512, 2), *[(512, 512, 1)] * 2],
]
"""Channels in, channels out and stride of the 24 units, as pSp and StyleCLIP list them."""


def published_shapes():
    """Name -> shape of every tensor in model_ir_se50.pth but the counters of batch norms."""

    def norm(name, channels):
        return {
            f"{name}.{part}": (channels,)
            for part in ("weight", "bias", "running_mean", "running_var")
        }

    shapes = {"input_layer.0.weight": (64, 3, 3, 3), "input_layer.2.weight": (64,)}
    shapes |= norm("input_layer.1", 64)
    for index, (before, after, _) in enumerate(UNITS):
        residual, shortcut = f"body.{index}.res_layer", f"body.{index}.shortcut_layer"
        if before != after:
            shapes |= {f"{shortcut}.0.weight": (after, before, 1, 1)}
            shapes |= norm(f"{shortcut}.1", after)
        shapes |= norm(f"{residual}.0", before) | norm(f"{residual}.4", after)
        shapes |= {
            f"{residual}.1.weight": (after, before, 3, 3),
            f"{residual}.2.weight": (after,),
            f"{residual}.3.weight": (after, after, 3, 3),
            f"{residual}.5.fc1.weight": (after // 16, after, 1, 1),
            f"{residual}.5.fc2.weight": (after, after // 16, 1, 1),
        }
    shapes |= norm("output_layer.0", 512) | norm("output_layer.4", 512)
    return shapes | {"output_layer.3.weight": (512, 25088), "output_layer.3.bias": (512,)}


def random_tensors():
    """Tensors of the published names and shapes that keep the size of activations."""
    random = torch.Generator().manual_seed(0)
    tensors = {}
    for name, shape in published_shapes().items():
        values = torch.randn(shape, generator=random)
        if len(shape) > 1:
            tensors[name] = values / values[0].numel() ** 0.5
        elif name.endswith("running_var"):
            tensors[name] = 1 + 0.1 * values.abs()
        else:
            tensors[name] = 0.1 * values + (1.0 if name.endswith("weight") else 0.0)
    return tensors


def plain_forward(tensors, faces):
    """The same network, spelled out from tensors by name."""

    def norm(name, x):
        parts = ("running_mean", "running_var", "weight", "bias")
        return F.batch_norm(x, *(tensors[f"{name}.{part}"] for part in parts))

    def conv(name, x, **settings):
        return F.conv2d(x, tensors[f"{name}.weight"], **settings)

    x = norm("input_layer.1", conv("input_layer.0", faces, padding=1))
    x = F.prelu(x, tensors["input_layer.2.weight"])
    for index, (before, after, stride) in enumerate(UNITS):
        residual, shortcut = f"body.{index}.res_layer", f"body.{index}.shortcut_layer"
        y = conv(f"{residual}.1", norm(f"{residual}.0", x), padding=1)
        y = F.prelu(y, tensors[f"{residual}.2.weight"])
        y = norm(f"{residual}.4", conv(f"{residual}.3", y, padding=1, stride=stride))
        scale = conv(f"{residual}.5.fc1", F.adaptive_avg_pool2d(y, 1)).relu()
        y = y * torch.sigmoid(conv(f"{residual}.5.fc2", scale))
        x = x[:, :, ::stride, ::stride]
        if before != after:
            x = norm(f"{shortcut}.1", conv(f"{shortcut}.0", x))
        x = x + y
    x = norm("output_layer.0", x).flatten(1)
    x = F.linear(x, tensors["output_layer.3.weight"], tensors["output_layer.3.bias"])
    x = norm("output_layer.4", x)
    return x / x.norm(dim=1, keepdim=True)


@pytest.fixture(scope="module")
def tensors():
    return random_tensors()


@pytest.fixture(scope="module")
def path(tensors, tmp_path_factory):
    path = tmp_path_factory.mktemp("arcface") / "model_ir_se50.pth"
    torch.save(tensors, path)
    return path


@pytest.fixture(scope="module")
def network(path):
    return load_arcface(path)


def test_the_names_and_shapes_are_the_published_ones(network):
    ours = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    counters = {name for name in ours if name.endswith("num_batches_tracked")}
    assert {name: ours[name] for name in ours.keys() - counters} == published_shapes()


def test_a_file_loads_with_and_without_the_counters_of_batch_norms(network, tmp_path):
    torch.save(network.state_dict(), tmp_path / "new.pth", _use_new_zipfile_serialization=False)
    again = load_arcface(tmp_path / "new.pth")
    assert torch.equal(again.output_layer[3].weight, network.output_layer[3].weight)
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_features_are_those_of_a_plain_forward_pass_and_have_unit_norm(network, tensors):
    images = torch.rand(2, 3, 256, 256) * 2 - 1
    features = network(images)
    assert features.shape == (2, 512)
    assert torch.allclose(features.norm(dim=1), torch.ones(2), atol=1e-5)
    assert (features[0] * features[1]).sum() < 0.9999
    assert torch.allclose(features, plain_forward(tensors, crop_faces(images)), atol=1e-4)


def test_gradients_reach_the_picture_and_no_weight(network):
    images = (torch.rand(1, 3, 64, 64) * 2 - 1).requires_grad_()
    other = network(-images.detach())
    identity_loss(network(images), other).sum().backward()
    assert torch.isfinite(images.grad).all() and images.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in network.parameters())


def test_the_crop_is_the_same_place_at_every_resolution():
    rows = torch.linspace(-1, 1, 256)[:, None].expand(256, 256)
    portrait = torch.stack([rows, rows.T, torch.zeros(256, 256)])[None]
    faces = crop_faces(portrait)
    assert faces.shape == (1, 3, 112, 112)
    assert faces[0, 0].mean() == pytest.approx(portrait[0, 0, 35:223].mean().item(), abs=1e-2)
    assert faces[0, 1].mean() == pytest.approx(portrait[0, 1, :, 32:220].mean().item(), abs=1e-2)
    large = portrait.repeat_interleave(4, dim=2).repeat_interleave(4, dim=3)
    assert torch.allclose(crop_faces(large), faces, atol=1e-6)


def test_what_lies_outside_the_face_is_not_seen(network):
    portrait = torch.rand(1, 3, 256, 256)
    framed = portrait.clone()
    framed[:, :, :35], framed[:, :, 223:], framed[..., :32], framed[..., 220:] = 1, 1, 1, 1
    assert torch.equal(network(framed), network(portrait))


class Attack:
    """Executes a command when an ordinary unpickler reads it."""

    def __reduce__(self):
        return os.system, ("touch executed",)


def test_a_hostile_file_is_refused_and_executes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"input_layer.0.weight": Attack()}, "f.pth")
    with pytest.raises(SgimError, match="nothing was executed"):
        load_arcface("f.pth")
    assert not Path("executed").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ([1, 2], "holds no dictionary of tensors"),
        ({"epoch": 57}, "holds no dictionary of tensors"),
        ({"fc.weight": torch.zeros(2)}, "f.pth is not the IR-SE50 of ArcFace: body.0"),
    ],
)
def test_another_network_gets_one_sentence(content, sentence, tmp_path):
    torch.save(content, tmp_path / "f.pth")
    with pytest.raises(SgimError, match=sentence) as error:
        load_arcface(tmp_path / "f.pth")
    assert "\n" not in str(error.value)


def test_a_missing_file_and_a_wrong_shape_get_one_sentence(tmp_path):
    with pytest.raises(SgimError, match="none.pth is missing"):
        load_arcface(tmp_path / "none.pth")
    with pytest.raises(SgimError, match=r"\(3, 64, 64\).*\(batch, 3, size, size\)"):
        crop_faces(torch.zeros(3, 64, 64))
