"""The shipped bundle: its contract, its checksums, and that its parts understand each other."""

import json

import numpy as np
import pytest
import torch

import sgim
from sgim.bundle import WEIGHTS_FOLDER, load_audio_encoder, load_judge
from sgim.devices import pick_device
from sgim.embedding.mini_training import STAGES, WRITES
from sgim.evaluation.edit_scores import score_edits, summarize
from sgim.evaluation.scene_recognition import facts_told, scene_retrieval, scene_zero_shot
from sgim.evaluation.sound_recognition import (
    RecognitionReport,
    heard_strength,
    report,
    sound_zero_shot,
)
from sgim.files.checkpoint import load_tensors, save_tensors, sha256
from sgim.seeds import ws_from_seeds
from sgim.world import synthesize_sound
from sgim.world.names import SOUND_NAMES


def test_every_weight_file_has_a_card_with_its_checksum_and_all_fit_in_30_mb():
    files = sorted(WEIGHTS_FOLDER.glob("*.safetensors"))
    assert {file.stem for file in files} == {WRITES.get(stage, f"mini_{stage}") for stage in STAGES}
    for file in files:
        card = json.loads(file.with_suffix(".json").read_text())
        assert card["sha256"] == sha256(file)
        assert card["license"] and "-m sgim train" in card["command"]
    assert sum(file.stat().st_size for file in files) < 30e6


def test_audio_weights_that_name_no_backbone_are_the_mini_network(bundle, tmp_path):
    tensors, metadata = load_tensors(WEIGHTS_FOLDER / "mini_audio.safetensors")
    metadata["config"].pop("backbone", None)
    save_tensors(tmp_path / "mini_audio.safetensors", tensors, metadata)
    encoder = load_audio_encoder(bundle.device, tmp_path)
    assert encoder.config == bundle.audio_encoder.config
    assert encoder.config.backbone == "mini"


def test_three_encoders_give_unit_features_of_one_size(bundle):
    waveform, sample_rate = synthesize_sound("rain", 0.7, 2.0, seed=1)
    images = bundle.generator.synthesis(ws_from_seeds(bundle.generator, [1, 2]))
    features = [
        bundle.encode_audio(waveform, sample_rate),
        bundle.encode_text(["heavy rain", "a calm lake"]),
        bundle.encode_image(images),
    ]
    assert [tuple(f.shape) for f in features] == [(1, 128), (2, 128), (2, 128)]
    for f in features:
        assert torch.allclose(f.norm(dim=1), torch.ones(len(f)), atol=1e-5)
        assert f.device == bundle.device


def test_gradients_flow_through_the_picture_and_into_no_weight(bundle):
    images = torch.zeros(1, 3, 128, 128, requires_grad=True)
    bundle.encode_image(images)[0, 0].backward()
    assert images.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in bundle.clip.parameters())


def test_a_sound_file_and_its_samples_sound_alike(bundle, tmp_path):
    import soundfile

    waveform, sample_rate = synthesize_sound("fire", 0.7, 3.0, seed=2)
    soundfile.write(tmp_path / "fire.wav", waveform.numpy(), sample_rate)
    from_file = bundle.encode_audio(tmp_path / "fire.wav")
    stereo = np.stack([waveform.numpy()] * 2)
    from_samples = bundle.encode_audio(stereo, sample_rate)
    assert (from_file * from_samples).sum() > 0.99
    both = bundle.encode_audio([tmp_path / "fire.wav", str(tmp_path / "fire.wav")])
    assert torch.equal(both[0], both[1])


def test_an_uploaded_file_is_heard_as_a_file(bundle, tmp_path):
    import soundfile

    waveform, sample_rate = synthesize_sound("fire", 0.7, 3.0, seed=2)
    soundfile.write(tmp_path / "fire.wav", waveform.numpy(), sample_rate)
    expected = bundle.encode_audio(tmp_path / "fire.wav")
    content = memoryview((tmp_path / "fire.wav").read_bytes())
    heard = bundle.encode_audio([content, (waveform, sample_rate)], 8_000)
    assert torch.equal(heard[:1], expected)
    assert (heard[1:] * expected).sum() > 0.99


def test_level_does_not_change_what_is_heard(bundle):
    waveform, sample_rate = synthesize_sound("waves", 0.6, 5.0, seed=3)
    loud, quiet = (bundle.encode_audio(gain * waveform, sample_rate) for gain in (1.0, 0.03))
    assert (loud * quiet).sum() > 0.99


@pytest.mark.parametrize("name", SOUND_NAMES)
def test_silence_around_a_sound_does_not_change_what_is_heard(bundle, name):
    waveform, sample_rate = synthesize_sound(name, 0.85, 5.0, seed=4)
    clean = bundle.encode_audio(waveform, sample_rate)
    room = 10 ** (-70 / 20) * torch.randn(
        15 * sample_rate, generator=torch.Generator().manual_seed(0)
    )
    for pause in (torch.zeros(15 * sample_rate), room):
        for parts in ([waveform, pause], [pause, waveform]):
            heard = bundle.encode_audio(torch.cat(parts), sample_rate)
            assert (heard * clean).sum() > 0.95


def test_an_unknown_bundle_and_device_are_refused():
    with pytest.raises(sgim.SgimError, match="bundle is 'huge'"):
        sgim.load_bundle("huge")
    with pytest.raises(sgim.SgimError, match="device 'abacus' is not usable"):
        pick_device("abacus")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_hears_and_sees_what_the_cpu_does(bundle):
    other = sgim.load_bundle("mini", device="cuda")
    ws = ws_from_seeds(bundle.generator, [1, 2])
    images = bundle.generator.synthesis(ws)
    on_cuda = other.generator.synthesis(ws.cuda())
    assert (on_cuda.cpu() - images).abs().mean() < 1e-3
    assert torch.allclose(other.encode_image(images).cpu(), bundle.encode_image(images), atol=1e-3)


def test_pictures_of_the_mini_world_are_named_right(bundle):
    assert scene_zero_shot(bundle, count=110, seed=91_001) >= 0.9
    scores = scene_retrieval(bundle, count=128, seed=91_002)
    assert scores["image_to_text"] >= 0.5 and scores["text_to_image"] >= 0.5


def test_sounds_of_the_mini_world_are_named_right(bundle):
    heard = sound_zero_shot(bundle, per_class=10, seed=91_003)
    assert heard.accuracy >= 0.9
    assert heard.confusion.sum() == heard.count == 80


def test_strength_can_be_heard(bundle):
    correlations = heard_strength(bundle, per_class=20, seed=91_004)
    assert min(correlations[name] for name in ("rain", "fire", "waves", "wind")) > 0.5


def test_edits_bring_what_is_heard_into_the_true_scene(bundle):
    scores, images = score_edits(
        bundle, load_judge("cpu"), names=("rain", "waves"), scene_seeds=(11, 12)
    )
    summary = summarize(scores)
    assert images.shape == (3, 2, 3, 128, 128)
    assert summary["reached"] >= 0.75
    assert summary["rise"] > summary["other_rise"]
    assert summary["drift"] < 0.2


def test_recordings_count_equally_within_a_class():
    result = report([0, 0, 1, 1], [0, 0, 0, 1], ["a", "a", "b", "c"])
    assert isinstance(result, RecognitionReport)
    assert result.recalls == {"rain": 0.5, "thunderstorm": 1.0}
    assert result.accuracy == 0.75 and result.num_recordings == 3


def test_a_caption_tells_its_facts_told():
    facts = facts_told("heavy rain over the lake in golden light")
    assert facts == {"water high", "warmth high"}
