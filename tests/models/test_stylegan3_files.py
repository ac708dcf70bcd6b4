"""StyleGAN3 from files: golden values, made-up pickles, and everything that is not right."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from generator_files import Module, pickled
from published_files import GOLDEN, needs_golden, relative_error
from stylegan3_files import (
    golden_network,
    layer_names,
    small_stylegan3,
    stylegan3_modules,
    stylegan3_tensors,
    write_stylegan3_pkl,
)

import sgim
from sgim.checks import SgimError
from sgim.commands import cli
from sgim.files.checkpoint import save_tensors
from sgim.models.generators import load_generator, save_generator
from sgim.models.stylegan3 import StyleGAN3
from sgim.models.stylegan3_plan import StyleGAN3Config, layer_plans, stages, stylegan3_channels
from sgim.models.stylegan3_synthesis import transform_for


def tensor(golden, key):
    return torch.from_numpy(golden[key])


@pytest.fixture(scope="module", params=["sg3_t_dev", "sg3_r_dev"])
def official(request, tmp_path_factory):
    """A generator of golden tensors, and what it must give."""
    if not GOLDEN.is_dir():
        pytest.skip("the golden tensors are not here")
    tensors, golden = golden_network(request.param)
    path = tmp_path_factory.mktemp("golden") / "g.pt"
    torch.save({"G_ema": tensors}, path)
    return load_generator(path, "cpu"), golden


def test_golden_latents_and_pictures(official):
    generator, golden = official
    ws = generator.mapping(tensor(golden, "z"))
    assert ws.shape == (2, 16, 64)
    assert relative_error(ws[:, 0], golden["w"]) < 1e-4
    assert relative_error(generator.synthesis(ws), golden["image"]) < 1e-4
    psi = float(golden["truncation"])
    truncated = generator.mapping(tensor(golden, "z"), truncation_psi=psi)
    assert relative_error(truncated[:, 0], golden["w_trunc"]) < 1e-4
    assert relative_error(generator.synthesis(truncated[:1]), golden["image_trunc"]) < 1e-4


@pytest.mark.parametrize("learns", [False, True])
def test_golden_gradients(official, learns):
    generator, golden = official
    generator.requires_grad_(learns)
    ws = tensor(golden, "wplus").requires_grad_(True)
    image = generator.synthesis(ws)
    assert relative_error(image.detach(), golden["image_wplus"]) < 1e-4
    (grad,) = torch.autograd.grad(image.square().mean(), ws)
    generator.requires_grad_(False)
    assert relative_error(grad, golden["grad_wplus"]) < 1e-4


@pytest.mark.parametrize(
    ("transform", "expected"),
    [("transform", "image_transform"), ("transform_out_of_band", "image_out_of_band")],
)
def test_golden_transforms(official, transform, expected):
    generator, golden = official
    ws = generator.mapping(tensor(golden, "z")[:1])
    image = generator.synthesis(ws, transform=tensor(golden, transform))
    assert relative_error(image, golden[expected]) < 1e-4
    if transform == "transform":
        made = transform_for(20, (0.15, -0.1))
        assert torch.allclose(made, tensor(golden, transform), atol=1e-6)
    else:
        waves = generator.synthesis.input(ws[:, 0], tensor(golden, transform))[:, :2]
        assert relative_error(waves, golden["input_out_of_band"]) < 1e-4


def test_golden_layers_inside(official):
    generator, golden = official
    outputs = {}
    synthesis = generator.synthesis
    inside = {
        "input_out": synthesis.input,
        "first_layer_out": synthesis.layers[0],
        "middle_layer_out": synthesis.layers[6],
        "last_layer_out": synthesis.layers[13],
        "torgb_out": synthesis.to_rgb,
    }

    def keep(key):
        return lambda module, inputs, output: outputs.update({key: output})

    hooks = [module.register_forward_hook(keep(key)) for key, module in inside.items()]
    everything = [synthesis.input, *synthesis.layers, synthesis.to_rgb]
    hooks += [module.register_forward_hook(keep(i)) for i, module in enumerate(everything)]
    synthesis(generator.mapping(tensor(golden, "z")))
    for hook in hooks:
        hook.remove()
    for key in inside:
        channels = golden[key].shape[1]
        assert relative_error(outputs[key][:1, :channels], golden[key]) < 1e-4, key
    rms = [outputs[index].square().mean().sqrt().item() for index in range(len(everything))]
    np.testing.assert_allclose(rms, golden["layer_rms"], rtol=1e-4)


@needs_golden
def test_plans_of_the_full_sizes():
    layouts = json.loads((GOLDEN / "sg3_layouts.json").read_text())
    for layout in layouts.values():
        arguments = layout["init_kwargs"]
        resolution = arguments["img_resolution"]
        config = StyleGAN3Config(
            img_resolution=resolution,
            channels=stylegan3_channels(
                resolution, arguments["channel_base"], arguments["channel_max"]
            ),
            conv_kernel=arguments.get("conv_kernel", 3),
            use_radial_filters=arguments.get("use_radial_filters", False),
        )
        assert layer_names(config) == layout["layer_names"]
        assert config.num_ws == layout["num_ws"]
        first = stages(config)[0]
        assert (first.size, first.rate) == (36, layout["input"]["sampling_rate"])
        assert first.cutoff == layout["input"]["bandwidth"]
        for name, plan in zip(layer_names(config), layer_plans(config), strict=False):
            layer, planned = layout["layers"][name], as_official(plan)
            assert planned == pytest.approx({key: layer[key] for key in planned}), name
            assert layer["padding"] == 2 * [plan.before, plan.after], name
        if resolution == 256:
            tensors = stylegan3_tensors(StyleGAN3(config))
            assert {name: list(one.shape) for name, one in tensors.items()} == layout["shapes"]


def as_official(plan):
    return {
        "in_size": plan.source.size,
        "out_size": plan.target.size,
        "up": plan.up,
        "down": plan.down,
        "tmp_sampling_rate": plan.rate,
        "in_cutoff": plan.source.cutoff,
        "out_cutoff": plan.target.cutoff,
        "in_half_width": plan.source.half_width,
        "out_half_width": plan.target.half_width,
        "radial": plan.radial,
    }


def write(kind, folder, generator=None, **changes):
    """The small generator as a file of one kind."""
    generator = generator or small_stylegan3()
    path = folder / f"g.{'pkl' if kind == 'pkl' else 'safetensors' if kind == 'ours' else 'pt'}"
    if kind == "pkl":
        return write_stylegan3_pkl(path, generator, **changes)
    if kind == "ours":
        save_generator(generator, path)
        return path
    network = stylegan3_tensors(generator)
    if kind == "module":
        path.write_bytes(pickled(stylegan3_modules(generator)))
        return path
    torch.save(network if kind == "bare" else {"G_ema": network, "cfg": "t"}, path)
    return path


@pytest.mark.parametrize("network", ["t", "r"])
@pytest.mark.parametrize("kind", ["pkl", "state dict", "bare", "module", "ours"])
def test_every_kind_of_file_gives_the_same_generator(kind, network, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    expected = small_stylegan3(network)
    generator = sgim.load_generator(write(kind, tmp_path, expected), "cpu")
    assert generator.config == expected.config
    z = torch.randn(2, generator.z_dim)
    ws = expected.mapping(z, truncation_psi=0.7)
    assert torch.allclose(generator.mapping(z, truncation_psi=0.7), ws, atol=1e-5)
    images = expected.synthesis(ws)
    assert torch.allclose(generator.synthesis(ws), images, atol=1e-4 * images.abs().max().item())
    assert not generator.training
    assert not any(parameter.requires_grad for parameter in generator.parameters())
    assert not Path("executed").exists()


def test_a_transform_in_the_file_is_kept(tmp_path):
    expected = small_stylegan3()
    expected.synthesis.input.transform.copy_(transform_for(30, (0.1, 0.2)))
    generator = load_generator(write("pkl", tmp_path, expected), "cpu")
    assert torch.equal(generator.synthesis.input.transform, expected.synthesis.input.transform)


OTHER_SETTINGS = {
    "margin_size": 6,
    "num_critical": 3,
    "first_cutoff": 3.0,
    "first_stopband": 9.0,
    "last_stopband_rel": 1.4,
    "filter_size": 4,
    "lrelu_upsampling": 4,
    "conv_clamp": None,
    "output_scale": 0.5,
}


@pytest.mark.parametrize("kind", ["pkl", "ours"])
@pytest.mark.parametrize("setting", OTHER_SETTINGS)
def test_other_hyper_parameters_are_taken_from_the_file(setting, kind, tmp_path):
    value = {setting: OTHER_SETTINGS[setting]}
    expected = small_stylegan3(**value)
    path = write(kind, tmp_path, expected, **value if kind == "pkl" else {})
    generator = load_generator(path, "cpu")
    assert getattr(generator.config, setting) == value[setting]
    ws = torch.randn(1, 16, 10)
    images = expected.synthesis(ws)
    assert torch.allclose(generator.synthesis(ws), images, atol=1e-4 * images.abs().max().item())


def test_a_deeper_generator_with_a_deeper_mapping(tmp_path):
    expected = small_stylegan3(channels=(5,) * 9, mapping_layers=4)
    generator = load_generator(write("state dict", tmp_path, expected), "cpu")
    assert generator.config == expected.config and generator.num_ws == 11


@pytest.mark.parametrize("setting", ["first_cutoff", "first_stopband", "num_critical"])
def test_a_state_dict_with_hidden_hyper_parameters_is_refused(setting, tmp_path):
    other = small_stylegan3(**{setting: OTHER_SETTINGS[setting]})
    with pytest.raises(SgimError, match=r"L\d+_\S+ (is another filter|makes pictures)"):
        load_generator(write("state dict", tmp_path, other), "cpu")


def changed(**changes):
    tensors = stylegan3_tensors(small_stylegan3())
    for name, value in changes.items():
        name = name.replace("__", ".")
        if value is None:
            del tensors[name]
        else:
            tensors[name] = value
    return tensors


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mapping__fc1__bias": None}, "mapping.fc1.bias is missing"),
        ({"synthesis__input__phases": None}, "synthesis.input.phases is missing"),
        ({"synthesis__L3_36_9__magnitude_ema": None}, "L3_36_9.magnitude_ema is missing"),
        ({"synthesis__L3_36_9__up_filter": None}, "L3_36_9.up_filter is missing"),
        ({"synthesis__L3_36_9__weight": None}, "and no L3: use a whole file"),
        ({"synthesis__L14_32_3__bias": None}, "L14_32_3.bias is missing"),
        ({"synthesis__L14_32_3__weight": torch.zeros(4, 5, 1, 1)}, "its pictures have 4 colors"),
        ({"synthesis__L3_36_9__down_filter": torch.ones(12) / 12}, "L3_36_9.down_filter is anoth"),
        ({"synthesis__L3_36_9__bias": torch.zeros(3)}, r"layers.3.bias has shape \(3,\)"),
        ({"synthesis__L3_36_9__weight": torch.zeros(3)}, r"weight has shape \(3,\)"),
        ({"synthesis__L14_32_3__magnitude_ema": torch.ones(2)}, r"L14_32_3.magnitude_ema has shap"),
        ({"synthesis__L3_36_9__magnitude_ema": torch.tensor(0.0)}, "layers.3.magnitude is 0; it"),
        ({"synthesis__L3_36_9__magnitude_ema": torch.tensor(-1.0)}, "layers.3.magnitude is -1; it"),
        ({"synthesis__L14_32_3__magnitude_ema": torch.tensor(0.0)}, "to_rgb.weight: .* not finite"),
        (
            {
                "synthesis__input__affine__weight": torch.zeros(4, 10),
                "synthesis__input__affine__bias": torch.zeros(4),
            },
            "the turn by synthesis.input.modulation is 0; it must be 1e-09 or more",
        ),
        ({"extra": torch.zeros(3)}, "extra have no place in a StyleGAN3"),
        ({"mapping__w_avg": "0.1"}, "mapping.w_avg is a str"),
    ],
)
def test_a_network_of_another_kind_gets_one_sentence(changes, sentence, tmp_path):
    torch.save({"G_ema": changed(**changes)}, tmp_path / "g.pt")
    with pytest.raises(SgimError, match=f"g.pt is not .*{sentence}") as error:
        load_generator(tmp_path / "g.pt", "cpu")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("layer", "attributes", "sentence"),
    [
        (
            "L0_36_9",
            {"padding": [1, 2, 1, 2]},
            r"padding is \[1, 2, 1, 2\]; with the other settings",
        ),
        ("L0_36_9", {"up_factor": 4}, "up_factor is 4; with the other settings it must be 2"),
        ("L0_36_9", {"conv_clamp": "high"}, "conv_clamp is a str; it must be a number"),
        ("L0_36_9", {"conv_clamp": -1}, "conv_clamp is -1"),
        ("L3_36_9", {"conv_clamp": 9}, "L3_36_9.conv_clamp is 9; with the other settings it must"),
        ("L14_32_3", {"conv_clamp": None}, "L14_32_3.conv_clamp is None; with the other settings"),
    ],
)
def test_a_layer_of_another_kind_gets_one_sentence(layer, attributes, sentence, tmp_path):
    network = stylegan3_modules(small_stylegan3())
    network.modules["synthesis"].modules[layer].attributes |= attributes
    (tmp_path / "g.pkl").write_bytes(pickled({"G_ema": network}))
    with pytest.raises(SgimError, match=f"g.pkl is not .*{sentence}"):
        load_generator(tmp_path / "g.pkl", "cpu")


def test_arguments_that_nobody_knows_are_told(tmp_path):
    path = write_stylegan3_pkl(tmp_path / "g.pkl", small_stylegan3(), use_magic=True)
    with pytest.raises(SgimError, match="made with use_magic, which StyleGAN3 has not"):
        load_generator(path, "cpu")


def test_a_module_without_its_parts_gets_one_sentence(tmp_path):
    (tmp_path / "g.pkl").write_bytes(pickled({"G_ema": Module()}))
    with pytest.raises(SgimError, match="g.pkl is not a whole StyleGAN: synthesis.b4.const is"):
        load_generator(tmp_path / "g.pkl", "cpu")


@pytest.mark.parametrize("kind", ["pkl", "ours"])
def test_damaged_bytes_give_one_sentence_or_load(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = write(kind, tmp_path)
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(40):
        damaged = bytearray(whole)
        for place in random.integers(0, min(len(whole), 20_000), 3):
            damaged[place] = random.integers(256)
        path.write_bytes(damaged)
        try:
            load_generator(path, "cpu")
        except SgimError as error:
            assert path.name in str(error)
    assert not Path("executed").exists()


def test_convert_writes_safetensors_that_paint_the_same(tmp_path, capsys):
    source, target = write("pkl", tmp_path), tmp_path / "converted.safetensors"
    assert cli.main(["convert", str(source), str(target)]) == 0
    assert "32 px, 16 rows of 10 numbers" in capsys.readouterr().out
    before, after = load_generator(source, "cpu"), load_generator(target, "cpu")
    assert before.config == after.config
    torch.testing.assert_close(before(torch.ones(1, 7)), after(torch.ones(1, 7)))


@pytest.mark.parametrize(
    "config", [{"channels": [4] * 15, "size": 3}, {"channels": 4}, [3], {"channels": [4, "a"]}]
)
def test_damaged_settings_in_our_own_file_get_one_sentence(config, tmp_path):
    generator = small_stylegan3()
    metadata = {"network": "stylegan3", "config": config, "class_names": ()}
    save_tensors(tmp_path / "g.safetensors", generator.state_dict(), metadata)
    with pytest.raises(SgimError, match="its settings are damaged .*; make it anew"):
        load_generator(tmp_path / "g.safetensors", "cpu")
