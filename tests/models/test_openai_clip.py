"""OpenAI's CLIP files: TorchScript read without executing it, sizes from shapes."""

import json
import os
import pickle
import zipfile
from pathlib import Path

import pytest
import torch
from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg
from published_files import tiny_clip, write_torchscript
from safetensors.torch import save_file

from sgim.checks import SgimError
from sgim.models.clip import preprocess_images
from sgim.models.openai_clip import ClipTokenizer, load_openai_clip


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A small CLIP and its file."""
    clip = tiny_clip()
    return clip, write_torchscript(clip, tmp_path_factory.mktemp("clip") / "ViT-B-32.pt")


def test_torchscript_gives_the_same_towers(published):
    expected, path = published
    clip, pixels = load_openai_clip(path)
    images = torch.rand(2, 3, 224, 224)
    ids = ClipTokenizer()(["heavy rain", "a fire in the woods"])
    assert torch.allclose(clip.encode_image(images), expected.encode_image(images), atol=1e-5)
    assert torch.allclose(clip.encode_text(ids), expected.encode_text(ids), atol=1e-5)
    assert pixels.image_size == 224 and not clip.training
    assert {parameter.dtype for parameter in clip.parameters()} == {torch.float32}
    assert not any(parameter.requires_grad for parameter in clip.parameters())


@pytest.mark.parametrize("kind", ["pt", "training", "safetensors"])
def test_a_state_dict_loads_as_well_and_what_it_does_not_tell_is_said(kind, published, tmp_path):
    expected, path = published[0], tmp_path / "clip"
    tensors = {name: tensor.contiguous() for name, tensor in expected.state_dict().items()}
    if kind == "safetensors":
        save_file(tensors, path)
    elif kind == "training":
        wrapped = {f"module.{name}": tensor for name, tensor in tensors.items()}
        torch.save({"epoch": 3, "state_dict": wrapped}, path)
    else:
        torch.save(tensors, path)
    with pytest.warns(UserWarning, match="neither its activation nor its number of heads"):
        clip, _ = load_openai_clip(path)
    assert torch.equal(clip.visual.proj, expected.visual.proj)


def test_weights_in_full_precision_keep_it(published, tmp_path):
    tensors = dict(published[0].state_dict())
    tensors["visual.proj"] = tensors["visual.proj"] + 1e-6
    torch.save(tensors, tmp_path / "clip.pt")
    with pytest.warns(UserWarning):
        clip, _ = load_openai_clip(tmp_path / "clip.pt")
    assert torch.equal(clip.visual.proj, tensors["visual.proj"])


SIZES = {
    "embed_dim": 32,
    "vision_cfg": {"layers": 2, "width": 96, "head_width": 32, "patch_size": 8, "image_size": 32},
    "text_cfg": {"context_length": 16, "vocab_size": 99, "width": 64, "heads": 4, "layers": 2},
}


def test_the_settings_beside_the_weights_are_followed(tmp_path, recwarn):
    torch.manual_seed(0)
    vision, text = CLIPVisionCfg(**SIZES["vision_cfg"]), CLIPTextCfg(**SIZES["text_cfg"])
    expected = CLIP(32, vision, text, quick_gelu=False).eval()
    torch.save(expected.state_dict(), tmp_path / "open_clip_pytorch_model.bin")
    settings = {"model_cfg": SIZES, "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [1, 1, 2]}}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(settings))
    clip, pixels = load_openai_clip(tmp_path / "open_clip_pytorch_model.bin")
    images, ids = torch.randn(2, 3, 32, 32), torch.randint(1, 99, (2, 16))
    assert torch.allclose(clip.encode_image(images), expected.encode_image(images), atol=1e-5)
    assert torch.allclose(clip.encode_text(ids), expected.encode_text(ids), atol=1e-5)
    assert (pixels.image_mean, pixels.image_std) == ((0.5, 0.5, 0.5), (1, 1, 2))
    assert not recwarn.list


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ("[1, 2", "is no JSON object"),
        ('{"model_cfg": {"embed_dim": 32}}', "is not a CLIP of OpenAI .'vision_cfg'"),
        ('{"model_cfg": {"embed_dim": 32, "vision_cfg": {"tower": 3}}}', "argument 'tower'"),
        (
            json.dumps({"model_cfg": {**SIZES, "vision_cfg": {"timm_model_name": "vit"}}}),
            "names towers of other packages",
        ),
    ],
)
def test_settings_of_another_kind_get_one_sentence(settings, sentence, published, tmp_path):
    torch.save(published[0].state_dict(), tmp_path / "clip.pt")
    (tmp_path / "open_clip_config.json").write_text(settings)
    with pytest.raises(SgimError, match=sentence):
        load_openai_clip(tmp_path / "clip.pt")


def test_the_code_inside_is_never_read(published, tmp_path):
    _, path = published
    with (
        zipfile.ZipFile(path) as whole,
        zipfile.ZipFile(tmp_path / "c.pt", "w") as without_code,
    ):
        for entry in whole.infolist():
            if "/code/" not in entry.filename:
                without_code.writestr(entry, whole.read(entry))
    load_openai_clip(tmp_path / "c.pt")


def test_pixels_are_normalized_as_clip_was_trained(published):
    _, pixels = load_openai_clip(published[1])
    images = torch.stack([torch.full((3, 50, 80), -1.0), torch.full((3, 50, 80), 1.0)])
    images.requires_grad_()
    seen = preprocess_images(images, pixels)
    assert seen.shape == (2, 3, 224, 224)
    mean, std = torch.tensor(pixels.image_mean), torch.tensor(pixels.image_std)
    assert torch.allclose(seen[0].mean((1, 2)), -mean / std, atol=1e-4)
    assert torch.allclose(seen[1].mean((1, 2)), (1 - mean) / std, atol=1e-4)
    seen.sum().backward()
    assert images.grad.abs().min() > 0


class Attack:
    """Executes a command when an ordinary unpickler reads it."""

    def __reduce__(self):
        return os.system, ("touch executed",)


def test_a_hostile_file_is_refused_and_executes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("c.pt").write_bytes(pickle.dumps({"visual.proj": Attack()}))
    with pytest.raises(SgimError, match="nothing was executed"):
        load_openai_clip("c.pt")
    assert not Path("executed").exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda tensors: tensors.pop("text_projection"), "c.pt is not a CLIP of OpenAI"),
        (lambda tensors: tensors.pop("ln_final.bias"), "Missing key.*ln_final.bias"),
        (lambda tensors: tensors.update({"fc.weight": torch.zeros(2)}), "Unexpected.*fc.weight"),
        (lambda tensors: tensors.update(epoch=3), "it holds no tensors by name"),
        (
            lambda tensors: tensors.update({"logit_scale": torch.tensor(float("nan"))}),
            "the weights logit_scale: 1 of 1 values are not finite; download",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:.*tells neither its activation")
def test_another_network_gets_one_sentence(change, sentence, published, tmp_path):
    tensors = dict(published[0].state_dict())
    change(tensors)
    torch.save(tensors, tmp_path / "c.pt")
    with pytest.raises(SgimError, match=sentence) as error:
        load_openai_clip(tmp_path / "c.pt")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ("heavy rain", "it must be a list of strings"),
        ([], "it must be a list of strings"),
        (["rain", "  "], "a string with words in it"),
        (["rain " * 80], "has 82 tokens; CLIP reads 77"),
    ],
)
def test_bad_texts_get_one_sentence(texts, sentence):
    with pytest.raises(SgimError, match=sentence):
        ClipTokenizer()(texts)
