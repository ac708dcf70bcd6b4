"""Generators made otherwise than most: what their files tell is followed, or told by name."""

import datetime
import re
from pathlib import Path

import pytest
import torch
from generator_files import (
    as_modules,
    nvidia_tensors,
    pickled,
    rosinality_tensors,
    small_generator,
    write_pkl,
)

from sgim.checks import SgimError
from sgim.models.generators import load_generator, save_generator


def assert_same(found, expected):
    z = torch.randn(2, expected.z_dim)
    ws = expected.mapping(z)
    assert torch.allclose(found.mapping(z), ws, atol=1e-5)
    images = expected.synthesis(ws)
    assert torch.allclose(found.synthesis(ws), images, atol=1e-4 * images.abs().max().item())


@pytest.mark.parametrize("rate", [0.003, 0.01, 0.1, 1.0])
def test_the_learning_rate_multiplier_of_the_mapping_is_read_from_its_gains(rate, tmp_path):
    expected = small_generator()
    path = write_pkl(tmp_path / "g.pkl", nvidia_tensors(expected, rate), rate=rate)
    assert_same(load_generator(path, "cpu"), expected)


def test_gains_of_weight_and_bias_may_differ_and_may_stand_in_the_settings_alone(tmp_path):
    expected = small_generator()
    network = as_modules(nvidia_tensors(expected, 0.1), rate=0.1)
    mapping = network.modules["mapping"]
    mapping.modules["fc0"].parameters["bias"] = expected.mapping.layers[0].bias / 0.7
    mapping.modules["fc0"].attributes["bias_gain"] = 0.7
    for gain in ("weight_gain", "bias_gain"):
        del mapping.modules["fc1"].attributes[gain]
    mapping.attributes["_init_kwargs"] = {"lr_multiplier": 0.1}
    (tmp_path / "g.pkl").write_bytes(pickled({"G_ema": network}))
    assert_same(load_generator(tmp_path / "g.pkl", "cpu"), expected)


def in_fc1(**attributes):
    return lambda network: network.modules["mapping"].modules["fc1"].attributes.update(attributes)


def in_conv1(**attributes):
    def change(network):
        conv = network.modules["synthesis"].modules["b8"].modules["conv1"]
        conv.attributes.update(attributes)

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (in_fc1(activation="relu"), "mapping.fc1 has the activation 'relu'; .* 'lrelu' alone"),
        (in_fc1(weight_gain="big"), "weight_gain of mapping.fc1 is 'big'; it must be a number"),
        (in_fc1(bias_gain=float("nan")), "bias_gain of mapping.fc1 is nan"),
        (in_conv1(activation="swish"), "synthesis.b8.conv1 has the activation 'swish'"),
        (in_conv1(act_gain=1.0), "synthesis.b8.conv1 has act_gain 1; .* 1.4142 alone"),
        (in_conv1(conv_clamp=256), "conv_clamp differs from layer to layer"),
    ],
)
def test_what_is_not_computed_here_is_told_by_name(change, sentence, tmp_path):
    network = as_modules(nvidia_tensors(small_generator()))
    change(network)
    (tmp_path / "g.pkl").write_bytes(pickled({"G_ema": network}))
    with pytest.raises(SgimError, match=f"g.pkl is not .*{sentence}"):
        load_generator(tmp_path / "g.pkl", "cpu")


@pytest.mark.parametrize("depth", [1, 3])
def test_any_depth_of_the_mapping_is_read(depth, tmp_path):
    others = rosinality_tensors(small_generator())
    tensors = {name: tensor for name, tensor in others.items() if not name.startswith("style")}
    for index in range(1, depth + 1):
        tensors[f"style.{index}.weight"] = torch.randn(9, 9) / 0.01
        tensors[f"style.{index}.bias"] = torch.randn(9) / 0.01
    torch.save({"g_ema": tensors}, tmp_path / "g.pt")
    z = torch.randn(1, 9)
    w = z / z.square().mean().sqrt()
    for index in range(1, depth + 1):
        w = w @ tensors[f"style.{index}.weight"].T * 0.01 / 3
        w = w + tensors[f"style.{index}.bias"] * 0.01
        w = torch.where(w > 0, w, 0.2 * w) * 2**0.5
    ws = load_generator(tmp_path / "g.pt", "cpu").mapping(z)
    assert torch.allclose(ws[0, 0], w[0], rtol=1e-3, atol=1e-4)


TO_RGB = re.compile(r"(.*torgb|to_rgb(s\.\d|1)(\.conv)?)\.(weight|bias)")


def in_colors(tensors, count):
    """The same with another number of colors, each of which is the first."""
    changed = dict(tensors)
    for name, tensor in tensors.items():
        if TO_RGB.fullmatch(name):
            axis = 0 if "torgb" in name else 1
            changed[name] = tensor.narrow(axis, 0, 1).repeat_interleave(count, axis)
    return changed


def write_colors(kind, colors, path):
    if kind == "pkl":
        return write_pkl(path, in_colors(nvidia_tensors(small_generator()), colors))
    torch.save({"g_ema": in_colors(rosinality_tensors(small_generator()), colors)}, path)
    return path


@pytest.mark.parametrize("kind", ["pkl", "pt"])
def test_a_gray_generator_paints_gray_in_three_colors(kind, tmp_path):
    expected = small_generator()
    gray = load_generator(write_colors(kind, 1, tmp_path / "g"), "cpu")
    ws = expected.mapping(torch.randn(2, 9))
    images = expected.synthesis(ws)[:, :1].expand(-1, 3, -1, -1)
    assert torch.allclose(gray.synthesis(ws), images, atol=1e-4 * images.abs().max().item())


@pytest.mark.parametrize("kind", ["pkl", "pt"])
@pytest.mark.parametrize("colors", [2, 4])
def test_another_number_of_colors_is_told(kind, colors, tmp_path):
    path = write_colors(kind, colors, tmp_path / "g")
    with pytest.raises(SgimError, match=f"its pictures have {colors} colors; .* gray or RGB"):
        load_generator(path, "cpu")


def test_a_network_without_noise_paints_what_one_with_noise_of_no_strength_does(tmp_path):
    tensors = nvidia_tensors(small_generator())
    silent = {name: tensor for name, tensor in tensors.items() if "noise" not in name}
    found = load_generator(write_pkl(tmp_path / "g.pkl", silent), "cpu")
    ws = found.mapping(torch.randn(2, 9))
    expected = small_generator().synthesis(ws, noise_mode="none")
    for mode in ("const", "random", "none"):
        assert torch.allclose(found.synthesis(ws, noise_mode=mode), expected, rtol=1e-3, atol=1e-3)


def test_noise_that_is_missing_in_one_layer_is_a_sign_of_damage(tmp_path):
    tensors = nvidia_tensors(small_generator())
    del tensors["synthesis.b8.conv1.noise_const"]
    with pytest.raises(SgimError, match="synthesis.b8.conv1.noise_const is missing"):
        load_generator(write_pkl(tmp_path / "g.pkl", tensors), "cpu")


def test_a_mean_latent_that_is_missing_is_estimated(tmp_path):
    tensors = nvidia_tensors(small_generator())
    del tensors["mapping.w_avg"]
    generator = load_generator(write_pkl(tmp_path / "g.pkl", tensors), "cpu")
    assert torch.allclose(generator.w_avg[3], generator.mean_latent())


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod."])
@pytest.mark.parametrize("kind", ["g_ema", "G_ema"])
def test_names_from_training_on_several_devices_are_read(prefix, kind, tmp_path):
    expected = small_generator()
    tensors = (rosinality_tensors if kind == "g_ema" else nvidia_tensors)(expected)
    content = {kind: {f"{prefix}{name}": tensor for name, tensor in tensors.items()}}
    torch.save(content, tmp_path / "g.pt")
    assert_same(load_generator(tmp_path / "g.pt", "cpu"), expected)


def test_what_people_keep_beside_the_weights_does_no_harm(tmp_path):
    beside = {"date": datetime.datetime(2021, 1, 1), "out": Path("x"), "size": torch.Size([3])}
    expected = small_generator()
    torch.save({"g_ema": rosinality_tensors(expected), **beside}, tmp_path / "g.pt")
    assert_same(load_generator(tmp_path / "g.pt", "cpu"), expected)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("kind", ["pkl", "pt"])
def test_weights_that_are_not_finite_are_refused(kind, value, tmp_path):
    tensors = (nvidia_tensors if kind == "pkl" else rosinality_tensors)(small_generator())
    name = "synthesis.b8.conv1.weight" if kind == "pkl" else "convs.1.conv.weight"
    tensors[name] = tensors[name].clone()
    tensors[name][..., 0, 1, 2] = value
    path = tmp_path / "g"
    if kind == "pkl":
        write_pkl(path, tensors)
    else:
        torch.save({"g_ema": tensors}, path)
    with pytest.raises(SgimError, match=r"convs.2.weight: \d+ of .* not finite; download or train"):
        load_generator(path, "cpu")


def test_weights_far_above_any_that_work_are_refused(tmp_path):
    generator = small_generator()
    generator.synthesis.convs[2].bias[1] = -3e38
    save_generator(generator, tmp_path / "g.safetensors")
    sentence = "convs.2.bias reach 3e[+]38; those of a network stay below 1e[+]09: download or"
    with pytest.raises(SgimError, match=sentence):
        load_generator(tmp_path / "g.safetensors", "cpu")
