"""`load_bundle("paper")` on small random networks in the layouts of the published files."""

import dataclasses
import shutil

import numpy as np
import pytest
import torch
from generator_files import rosinality_tensors, small_generator
from published_files import (
    GOLDEN,
    needs_golden,
    random_encoder,
    sgim_audio_tensors,
    tiny_clip,
    write_torchscript,
)

import sgim
from sgim.editing.presets import PLAIN
from sgim.files.checkpoint import sha256
from sgim.files.registry import WEIGHTS, weights_folder, weights_for
from sgim.models.arcface import ArcFace


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """An SGIM_HOME with all files of the paper's bundle."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "weights"
    folder.mkdir()
    write_torchscript(tiny_clip(), folder / "ViT-B-32.pt")
    torch.save(random_encoder().state_dict(), folder / "resnet18_57.pth")
    torch.save({"g_ema": rosinality_tensors(small_generator())}, folder / "landscape.pt")
    return home


@pytest.fixture
def home(files, monkeypatch):
    """The same as SGIM_HOME, with the small CLIP in place of the one whose checksum is known."""
    monkeypatch.setenv("SGIM_HOME", str(files))
    checksum = f"sha256:{sha256(files / 'weights' / 'ViT-B-32.pt')}"
    small = dataclasses.replace(WEIGHTS["clip-vit-b-32"], checksum=checksum)
    monkeypatch.setitem(WEIGHTS, "clip-vit-b-32", small)
    return files


@pytest.fixture
def paper(home):
    return sgim.load_bundle("paper", device="cpu")


def tone(frequency, seconds=1.0):
    return torch.sin(torch.arange(int(seconds * 44_100)) * 2 * torch.pi * frequency / 44_100)


def test_three_encoders_give_unit_features_of_512_numbers(paper):
    images = paper.generator(torch.randn(2, paper.generator.z_dim))
    features = [
        paper.encode_audio([tone(300), tone(3000)], 44_100),
        paper.encode_text(["heavy rain", "a photo of a volcano"]),
        paper.encode_image(images),
    ]
    for feature in features:
        assert feature.shape == (2, 512)
        assert torch.allclose(feature.norm(dim=1), torch.ones(2), atol=1e-5)
        assert (feature[0] * feature[1]).sum() < 0.9999
    assert paper.sample_rate == 44_100 and paper.logit_scale == pytest.approx(1 / 0.07, rel=1e-3)


def test_gradients_reach_the_picture_and_no_weight(paper):
    images = torch.rand(1, 3, 256, 256, requires_grad=True)
    paper.encode_image(images)[0, 0].backward()
    assert images.grad.abs().sum() > 0
    for model in (paper.clip, paper.audio_encoder, paper.generator):
        assert not model.training
        assert not any(parameter.requires_grad for parameter in model.parameters())


def test_what_follows_the_first_ten_seconds_is_not_heard(paper):
    start = tone(500, seconds=10.2)
    longer = torch.cat([start, 0.5 * tone(2000, seconds=5)])
    assert torch.allclose(
        paper.encode_audio(longer, 44_100), paper.encode_audio(start, 44_100), atol=1e-5
    )


@needs_golden
def test_a_recording_gives_the_golden_features(paper):
    paper.audio_encoder.load_state_dict(sgim_audio_tensors())
    golden = np.load(GOLDEN / "sgim_audio_dev.npz")
    for name in ("raining", "thunderstorm"):
        expected = torch.nn.functional.normalize(torch.from_numpy(golden[f"{name}_emb"]))
        assert (paper.encode_audio(GOLDEN / f"{name}.wav") - expected).abs().max() < 1e-4


def test_an_edit_runs(paper):
    config = dataclasses.replace(PLAIN, num_steps=2)
    result = sgim.manipulate(
        paper,
        paper.generator.w_avg,
        sound=(tone(500), 44_100),
        text="a storm",
        config=config,
    )
    assert result.images.shape == (1, 3, 32, 32)
    assert (result.ws - result.source_ws).abs().max() > 0


@pytest.fixture
def faces(home):
    """The bundle for faces, with a small generator; its recognition network is not there."""
    shutil.copy(home / "weights" / "landscape.pt", home / "weights" / "ffhq.pkl")
    yield sgim.load_bundle("paper-ffhq", device="cpu")
    for path in (home / "weights").glob("model_ir_se50*"):
        path.unlink()


def edit(bundle, **settings):
    config = dataclasses.replace(PLAIN, num_steps=1, **settings)
    return sgim.manipulate(bundle, bundle.generator.w_avg, text="a storm", config=config)


def test_without_weight_on_identity_no_recognition_network_is_read(faces, paper):
    assert paper.identity is None
    assert edit(faces, identity_weight=0.0).history["identity"] == [0.0]
    with pytest.raises(sgim.SgimError, match="model_ir_se50.pth .* `python -m sgim fetch ir-se50`"):
        edit(faces, identity_weight=0.005)


def test_the_recognition_network_is_read_once_and_pulls_the_face_back(faces, home):
    path = home / "weights" / "model_ir_se50.pth"
    torch.manual_seed(0)
    torch.save(ArcFace().state_dict(), path)
    images = torch.rand(1, 3, 32, 32, requires_grad=True)
    features = faces.identity(images)
    features[0, 0].backward()
    assert features.shape == (1, 512) and images.grad.abs().sum() > 0
    path.unlink()
    assert edit(faces, identity_weight=0.005).history["identity"] == pytest.approx([0], abs=1e-5)


def test_another_generator_needs_no_file_of_the_bundles_own(home, tmp_path):
    own = home / "weights" / "landscape.pt"
    other = shutil.move(own, tmp_path / "other.pt")
    try:
        bundle = sgim.load_bundle("paper", "cpu", generator=other)
        assert edit(bundle).images.shape == (1, 3, 32, 32)
        with pytest.raises(sgim.SgimError, match="landscape.pt"):
            sgim.load_bundle("paper", "cpu")
    finally:
        shutil.move(other, own)


def test_missing_files_are_all_told_and_nothing_is_fetched(tmp_path, monkeypatch):
    monkeypatch.setenv("SGIM_HOME", str(tmp_path))
    with pytest.raises(sgim.SgimError) as error:
        sgim.load_bundle("paper")
    for name in weights_for("paper"):
        remote = WEIGHTS[name]
        assert remote.file_name in str(error.value) and remote.urls[0] in str(error.value)
    assert "`python -m sgim fetch paper` brings them" in str(error.value)
    assert str(weights_folder()) in str(error.value) and not list(tmp_path.iterdir())


def test_another_clip_than_the_published_one_is_refused(files, monkeypatch):
    monkeypatch.setenv("SGIM_HOME", str(files))
    with pytest.raises(sgim.SgimError, match="ViT-B-32.pt has the sha256"):
        sgim.load_bundle("paper")
