"""The released SGIM audio encoder: golden values, an independent front end, files of strangers."""

import json
import os
from pathlib import Path

import librosa
import numpy as np
import pytest
import torch
from published_files import GOLDEN, needs_golden, random_encoder, relative_error, sgim_audio_tensors

from sgim.checks import SgimError
from sgim.media.sound_files import read_sound
from sgim.models.sgim_audio import SgimAudioEncoder, SgimFrontEnd, load_sgim_audio


@needs_golden
@pytest.mark.parametrize("name", ["raining", "thunderstorm"])
def test_golden_pictures_and_features(name, tmp_path):
    golden = np.load(GOLDEN / "sgim_audio_dev.npz")
    torch.save(sgim_audio_tensors(), tmp_path / "encoder.pth")
    waveform = read_sound(GOLDEN / f"{name}.wav", SgimFrontEnd.sample_rate)
    pictures = SgimFrontEnd()(waveform[None])
    assert np.abs(pictures.numpy() - golden[f"{name}_spec"]).max() < 1e-4
    features = load_sgim_audio(tmp_path / "encoder.pth")(pictures, normalize=False)
    assert relative_error(features, golden[f"{name}_emb"]) < 1e-4


def librosa_levels(waveform):
    """Steps 1 to 3 of the front end, by librosa and numpy."""
    mel = librosa.feature.melspectrogram(y=waveform, sr=44_100, n_mels=128, pad_mode="constant")
    levels = librosa.power_to_db(mel, ref=np.max) / 80 + 1
    filled = np.zeros((128, 864))
    filled[:, : levels.shape[1]] = levels[:, :864]
    return filled


def resized(picture, num_rows, num_columns):
    """Bilinear, pixel centers at one half, edges repeated: one axis after the other."""
    for axis, size in enumerate((num_rows, num_columns)):
        length = picture.shape[axis]
        places = ((np.arange(size) + 0.5) * length / size - 0.5).clip(0, length - 1)
        before = np.floor(places).astype(int)
        after = np.minimum(before + 1, length - 1)
        share = np.expand_dims(places - before, 1 - axis)
        picture = picture.take(before, axis) * (1 - share) + picture.take(after, axis) * share
    return picture


@pytest.mark.parametrize("seconds", [0.4, 3.0, 12.0])
def test_the_front_end_is_librosas_mel_then_a_resize_then_a_reshape(seconds):
    random = np.random.default_rng(1)
    time = np.arange(int(seconds * 44_100)) / 44_100
    waveform = np.sin(900 * time**2) * np.exp(-time / 3) + 0.01 * random.standard_normal(len(time))
    waveform = waveform.astype(np.float32)
    expected = resized(librosa_levels(waveform), 512, 128).reshape(1, 1, 128, 512)
    found = SgimFrontEnd()(torch.from_numpy(waveform)[None])
    assert np.abs(found.numpy() - expected).max() < 1e-4


def test_each_row_holds_four_rows_of_the_resized_picture():
    tone = torch.sin(torch.arange(44_100) * 2 * torch.pi * 1000 / 44_100)
    loudest = SgimFrontEnd()(tone[None])[0, 0].mean(1).argmax()
    bands = librosa.mel_frequencies(130, fmax=22_050)[1:-1]
    assert loudest == np.abs(bands - 1000).argmin()
    rows = SgimFrontEnd()(tone[None])[0, 0, loudest].reshape(4, 128)
    assert (rows[:, :10] > 0.5).all() and (rows[:, 20:] == 0).all()


def test_what_stands_beside_a_sound_does_not_change_it():
    front_end = SgimFrontEnd()
    quiet, loud = 0.01 * torch.randn(1, 30_000), torch.randn(1, 30_000)
    both = front_end(torch.cat([quiet, loud]))
    assert torch.equal(both[:1], front_end(quiet)) and torch.equal(both[1:], front_end(loud))
    assert torch.allclose(both[:1], front_end(quiet * 50), atol=1e-4)


def test_features_have_unit_norm_and_differ_between_sounds():
    encoder, front_end = random_encoder(), SgimFrontEnd()
    sounds = torch.stack([torch.randn(40_000), torch.sin(torch.arange(40_000) / 9)])
    features = encoder(front_end(sounds))
    assert features.shape == (2, 512)
    assert torch.allclose(features.norm(dim=1), torch.ones(2), atol=1e-5)
    assert (features[0] * features[1]).sum() < 0.999


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("zipped", [True, False])
def test_a_published_file_loads_by_its_names(prefix, zipped, tmp_path):
    expected = random_encoder()
    state = {f"{prefix}{name}": tensor for name, tensor in expected.state_dict().items()}
    torch.save(state, tmp_path / "e.pth", _use_new_zipfile_serialization=zipped)
    encoder = load_sgim_audio(tmp_path / "e.pth")
    pictures = torch.rand(1, 1, 128, 512)
    assert torch.equal(encoder(pictures), expected(pictures))
    assert not encoder.training
    assert not any(parameter.requires_grad for parameter in encoder.parameters())


@needs_golden
def test_the_names_and_shapes_are_the_published_ones():
    published = json.loads((GOLDEN / "sgim_audio_encoder_keys.json").read_text())
    ours = {name: list(t.shape) for name, t in SgimAudioEncoder().state_dict().items()}
    assert ours == published


class Attack:
    """Executes a command when an ordinary unpickler reads it."""

    def __reduce__(self):
        return os.system, ("touch executed",)


def test_a_hostile_file_is_refused_and_executes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"conv.weight": Attack()}, "e.pth")
    with pytest.raises(SgimError, match="nothing was executed"):
        load_sgim_audio("e.pth")
    assert not Path("executed").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ([1, 2], "holds no dictionary of tensors"),
        ({"epoch": 57}, "holds no dictionary of tensors"),
        ({"conv.weight": torch.zeros(3, 1, 3, 3)}, r"conv.bias has shape None; .* \(3,\)"),
        ({"fc.weight": torch.zeros(2)}, "e.pth is not the audio encoder of SGIM"),
    ],
)
def test_another_network_gets_one_sentence(content, sentence, tmp_path):
    torch.save(content, tmp_path / "e.pth")
    with pytest.raises(SgimError, match=sentence):
        load_sgim_audio(tmp_path / "e.pth")


def test_wrong_shapes_get_one_sentence():
    with pytest.raises(SgimError, match="add the batch axis"):
        SgimFrontEnd()(torch.zeros(1000))
    with pytest.raises(SgimError, match="make them with SgimFrontEnd"):
        SgimAudioEncoder()(torch.zeros(1, 1, 64, 501))
