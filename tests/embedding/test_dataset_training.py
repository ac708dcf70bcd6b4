"""Training on other people's recordings: any reader, files or shards, frames or none, resumed."""

import csv
import dataclasses
import os
import tarfile
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from published_files import tiny_clip

from sgim.checks import SgimError
from sgim.commands import cli
from sgim.embedding import dataset_training
from sgim.embedding.dataset_clips import ClipReader, RecordedLogMels, names_right, read_splits
from sgim.embedding.dataset_features import (
    CAPTIONS_PER_LABEL,
    frame_features,
    label_captions,
    readable_labels,
    recorded_data,
)
from sgim.embedding.dataset_training import (
    CONFIGS,
    RecordedTrainingConfig,
    train_recorded,
    with_trained_encoder,
)
from sgim.embedding.frozen_towers import Towers, load_towers
from sgim.embedding.pairs import PictureDrawer
from sgim.files.checkpoint import load_tensors
from sgim.files.labelled_folder import read_labelled_folder
from sgim.files.shards import index_shards
from sgim.files.vggsound import read_vggsound
from sgim.media.log_mel import LogMel
from sgim.models.audio_encoder import AudioEncoder, AudioEncoderConfig

SAMPLE_RATE = 16_000
LABELS = ("birds", "fire", "rain")
CLIPS_PER_LABEL = 10
QUICK = RecordedTrainingConfig(
    num_epochs=3, batch_size=12, learning_rate=4e-3, view_seconds=0.5, stretch_seconds=0.8
)


def beep(path, label, seed, seconds=1.0):
    """A noisy tone whose pitch is that of its label."""
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(int(SAMPLE_RATE * seconds)) / SAMPLE_RATE
    noise = np.random.default_rng(seed).standard_normal(len(time))
    wave = 0.3 * np.sin(2 * np.pi * 300 * 2.5 ** LABELS.index(label) * time) + 0.03 * noise
    soundfile.write(path, wave, SAMPLE_RATE)
    return path


@pytest.fixture
def folder(tmp_path):
    for place, label in enumerate(LABELS):
        for number in range(CLIPS_PER_LABEL):
            name = f"{label}{number}.wav"
            beep(tmp_path / "sounds" / label / name, label, 100 * place + number)
    return tmp_path / "sounds"


@pytest.fixture
def towers(bundle):
    return Towers(bundle.clip, bundle.clip_config, bundle.tokenizer, bundle.device)


@pytest.fixture
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def quiet_about_frames():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="there are no frames")
        yield


def train(splits, towers, out, config=QUICK, **options):
    return train_recorded(*splits, towers, config=config, out=out, progress=False, **options)


def losses(result):
    return [epoch["loss"] for epoch in result.alignment.history]


def paint(path, shade=128):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (60, 40), (shade, 255 - shade, 80)).save(path)


def test_an_encoder_learns_labels_from_beeps_and_joins_a_bundle(folder, towers, tmp_path, bundle):
    config = dataclasses.replace(QUICK, num_epochs=12)
    result = train(read_splits("folder", folder), towers, tmp_path / "out", config)
    history = result.alignment.history
    assert history[-1]["loss"] < history[0]["loss"] - 0.3
    assert history[-1]["zero_shot"] > 0.8
    assert {"loss", "audio_text", "audio_audio", "zero_shot"} == set(history[-1])
    assert (result.num_clips, result.num_held_out, result.num_unheard) == (24, 6, 0)
    mine = with_trained_encoder(bundle, tmp_path / "out")
    heard = mine.encode_audio(folder / "rain/rain0.wav")
    assert heard.shape == (1, 128) and mine.sample_rate == SAMPLE_RATE
    assert not torch.equal(heard, bundle.encode_audio(folder / "rain/rain0.wav"))


def test_a_resumed_training_equals_the_uninterrupted_one(
    folder, towers, tmp_path, monkeypatch, one_thread
):
    class Interrupted(Exception):
        pass

    def stop_at_the_second_epoch(*arguments, calls=[]):  # noqa: B006
        calls.append(1)
        if len(calls) == 2:
            raise Interrupted
        return names_right(*arguments)

    splits = read_splits("folder", folder)
    whole = train(splits, towers, tmp_path / "whole")
    with monkeypatch.context() as patched, pytest.raises(Interrupted):
        patched.setattr(dataset_training, "names_right", stop_at_the_second_epoch)
        train(splits, towers, tmp_path / "resumed")
    resumed = train(splits, towers, tmp_path / "resumed")
    assert resumed.alignment.history == whole.alignment.history
    first, second = (result.path.read_bytes() for result in (whole, resumed))
    assert first == second


def test_the_checkpoint_of_other_clips_is_refused(folder, towers, tmp_path):
    train(read_splits("folder", folder), towers, tmp_path / "out")
    beep(folder / "rain/another.wav", "rain", 999)
    with pytest.raises(SgimError, match="written with other settings"):
        train(read_splits("folder", folder), towers, tmp_path / "out")


@pytest.fixture
def vggsound(tmp_path):
    """A list with both splits, its clips in a folder, and the same clips in two shards."""
    rows, files = [], []
    for place, label in enumerate(LABELS):
        for number in range(CLIPS_PER_LABEL):
            split = "test" if number < 2 else "train"
            rows.append((f"v{place}{number}", 30, label, split))
            path = tmp_path / "vgg/clips" / f"v{place}{number}_000030.wav"
            files.append(beep(path, label, 100 * place + number))
    rows.append(("gone", 1, "rain", "train"))
    with open(tmp_path / "vgg/vggsound.csv", "w", newline="") as file:
        csv.writer(file).writerows(rows)
    shards = []
    for number, part in enumerate((files[::2], files[1::2])):
        shards.append(tmp_path / f"shard-{number:06d}.tar")
        with tarfile.open(shards[-1], "w") as archive:
            for path in part:
                archive.add(path, path.name)
    return tmp_path / "vgg", shards


def test_a_folder_and_shards_of_the_same_clips_give_the_same_losses(
    vggsound, towers, tmp_path, one_thread
):
    folder, shards = vggsound
    in_files, in_shards = read_splits("vggsound", folder), read_splits("vggsound", folder, shards)
    assert in_files[0].missing == in_shards[0].missing == 1
    assert in_shards[1].classes == in_files[1].classes
    first = train(in_files, towers, tmp_path / "files")
    second = train(in_shards, towers, tmp_path / "shards")
    assert losses(first) == losses(second)


def test_damaged_and_silent_clips_are_replaced_and_told_of_once(folder, towers, tmp_path):
    splits = read_splits("folder", folder)
    damaged, silent = splits[0].paths[0], splits[0].paths[-1]
    damaged.write_bytes(b"RIFF, but no more")
    soundfile.write(silent, np.zeros(SAMPLE_RATE), SAMPLE_RATE)
    config = dataclasses.replace(QUICK, batch_size=24)
    with pytest.warns(UserWarning) as told:
        result = train(splits, towers, tmp_path / "out", config)
    assert result.num_clips == 24 and result.num_unheard == 2
    assert result.num_held_out == 6 and result.num_held_out_unheard == 0
    for path in (damaged, silent):
        assert sum(path.name in str(warning.message) for warning in told) == 1


def test_a_clip_with_a_broken_sample_is_passed_over_and_told(folder, towers, tmp_path):
    splits = read_splits("folder", folder)
    broken = splits[0].paths[3]
    wave, _ = soundfile.read(broken)
    wave[4_000] = 1e30
    soundfile.write(broken, wave, SAMPLE_RATE, subtype="FLOAT")
    config = dataclasses.replace(QUICK, batch_size=24)
    with pytest.warns(UserWarning, match=f"a clip is passed over: .*{broken.name}"):
        result = train(splits, towers, tmp_path / "out", config)
    assert result.num_unheard == 1 and np.isfinite(losses(result)).all()
    tensors, _ = load_tensors(result.path)
    assert all(tensor.isfinite().all() for tensor in tensors.values())


def test_a_clip_whose_name_is_in_bytes_of_an_old_windows_is_heard(folder, towers, tmp_path):
    for path in folder.glob("rain/*.wav"):
        path.rename(os.fsdecode(os.fsencode(path.with_suffix("")) + b"\xe9.wav"))
    splits = read_splits("folder", folder)
    result = train(splits, towers, tmp_path / "out", dataclasses.replace(QUICK, num_epochs=1))
    assert result.num_unheard == result.num_held_out_unheard == 0


def test_a_held_out_clip_that_cannot_be_heard_does_not_count(folder, towers):
    clips = read_labelled_folder(folder).part([0, 10, 20])
    clips.paths[2].write_bytes(b"RIFF, but no more")
    encoder = AudioEncoder(AudioEncoderConfig()).eval()
    everything_is_birds = torch.zeros(3, 128)
    with torch.no_grad():
        (sound,) = ClipReader(clips, SAMPLE_RATE).read([0])
        everything_is_birds[0] = encoder(LogMel()(encoder.clips(sound)))[0]
    with pytest.warns(UserWarning, match="rain0.wav"):
        scores = names_right(ClipReader(clips, SAMPLE_RATE), LogMel(), everything_is_birds, encoder)
    assert scores == {"zero_shot": 0.5}


def test_a_clip_that_cannot_be_heard_sounds_like_the_next_of_its_label(folder):
    clips = read_labelled_folder(folder)
    clips.paths[0].unlink()
    log_mels = RecordedLogMels(ClipReader(clips, SAMPLE_RATE), LogMel(), 1.0)
    with pytest.warns(UserWarning, match="birds0.wav does not exist"):
        first, second = log_mels[torch.tensor([0, 1])]
    assert torch.equal(first, second)
    alone = RecordedLogMels(ClipReader(clips.part([0]), SAMPLE_RATE), LogMel(), 1.0)
    with (
        pytest.warns(UserWarning, match="birds0.wav does not exist"),
        pytest.raises(SgimError, match="no clip of birds can be heard; bring good ones"),
    ):
        alone[torch.tensor([0])]


def test_a_label_of_which_nothing_can_be_heard_is_not_learned_from_silence(
    folder, towers, tmp_path
):
    for path in folder.glob("fire/*.wav"):
        path.write_bytes(b"")
    with pytest.warns(UserWarning), pytest.raises(SgimError, match="no clip of fire can be heard"):
        train(read_splits("folder", folder), towers, tmp_path / "out")
    for path in folder.glob("*/*.wav"):
        path.write_bytes(b"")
    with pytest.warns(UserWarning), pytest.raises(SgimError, match="no clip of birds, fire, rain"):
        train(read_splits("folder", folder), towers, tmp_path / "out")
    assert not list((tmp_path / "out").glob("*.safetensors"))


def test_nothing_is_measured_on_what_cannot_be_heard(folder, towers, tmp_path):
    training, held_out = read_splits("folder", folder)
    for path in held_out.paths:
        path.write_bytes(b"")
    reader = ClipReader(held_out, SAMPLE_RATE)
    encoder = AudioEncoder(AudioEncoderConfig()).eval()
    with pytest.warns(UserWarning):
        with pytest.raises(SgimError, match="none of the 6 held-out clips can be heard"):
            train((training, held_out), towers, tmp_path / "out")
        with pytest.raises(SgimError, match="none of the 6 held-out clips can be heard"):
            names_right(reader, LogMel(), torch.zeros(3, 128), encoder)


def test_log_mels_are_those_of_random_stretches_and_short_clips_are_repeated(folder):
    clips = read_labelled_folder(folder).part([0])
    reader, number = ClipReader(clips, SAMPLE_RATE), torch.tensor([0])
    (waveform,) = reader.read([0])
    whole = RecordedLogMels(reader, LogMel(), 1.0)
    assert whole.shape == (1, 64, 101)
    assert torch.equal(whole[number], LogMel()(waveform[None])[:, 0])
    twice = RecordedLogMels(reader, LogMel(), 2.0)[number]
    assert torch.equal(twice, LogMel()(waveform.repeat(2)[None])[:, 0])
    parts = RecordedLogMels(reader, LogMel(), 0.5)
    torch.manual_seed(0)
    first, second = parts[number], parts[number]
    torch.manual_seed(0)
    assert first.shape == (1, 64, 51) and not torch.equal(first, second)
    assert torch.equal(first, parts[number])
    with pytest.raises(SgimError, match="seconds is 0.0"):
        RecordedLogMels(reader, LogMel(), 0.0)


def test_with_frames_all_four_terms_are_learned(folder, towers, tmp_path):
    for path in folder.glob("*/*.wav"):
        paint(tmp_path / "frames" / f"{path.stem}.jpg", 80 * LABELS.index(path.parent.name))
    result = train(
        read_splits("folder", folder), towers, tmp_path / "out", frames=tmp_path / "frames"
    )
    terms = {"audio_text", "audio_image", "audio_audio", "weakly_paired"}
    assert terms < set(result.alignment.history[-1])


def test_clips_without_a_frame_are_left_out_and_pictures_are_drawn_by_label(
    folder, towers, tmp_path
):
    clips = read_labelled_folder(folder)
    frames = tmp_path / "frames"
    for path in clips.paths[:-1]:
        paint(frames / f"{path.stem}.jpg", len(path.stem))
    (frames / "birds0.jpg").write_bytes(b"no picture")
    with pytest.warns(UserWarning) as told:
        data = recorded_data(
            clips, towers, LogMel(), seconds=1.0, frames=frames, folder=tmp_path / "features",
            progress=False,
        )  # fmt: skip
    sentences = " ".join(str(warning.message) for warning in told)
    assert "birds0.jpg is no picture" in sentences and "2 of 30 clips have no frame" in sentences
    assert data.image_features.shape == (28, 128) and not data.image_features.isnan().any()
    assert data.log_mels.shape[0] == data.text_features.shape[0] == 28
    assert data.own_pictures.tolist() == list(range(28))
    drawer = PictureDrawer(data, QUICK.image_tolerance)
    labels = torch.zeros(900, dtype=torch.long)
    drawn = drawer.draw(labels, data.intensities[labels], torch.Generator().manual_seed(0))
    assert data.image_classes[drawn].tolist() == labels.tolist()
    counts = drawn.bincount(minlength=28)[data.classes == 0]
    assert len(counts) == 9 and counts.min() > 60 and counts.max() < 140


def test_frames_are_embedded_once(folder, towers, tmp_path, monkeypatch):
    clips = read_labelled_folder(folder).part(range(4))
    for path in clips.paths:
        paint(tmp_path / "frames" / f"{path.stem}.jpg")
    embed = (tmp_path / "frames", clips, towers, tmp_path / "features")
    first = frame_features(*embed, progress=False)
    monkeypatch.setattr("sgim.embedding.dataset_features._read_frame", None)
    assert torch.equal(first, frame_features(*embed, progress=False))


def test_frames_that_cannot_belong_to_clips_are_refused(folder, towers, tmp_path):
    clips = read_labelled_folder(folder)
    with pytest.raises(SgimError, match="nowhere is not a folder"):
        frame_features(tmp_path / "nowhere", clips, towers, tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SgimError, match="holds no frame of any clip"):
        recorded_data(
            clips, towers, LogMel(), seconds=1.0, frames=tmp_path / "empty", folder=tmp_path,
            progress=False,
        )  # fmt: skip
    beep(folder / "fire/rain0.wav", "fire", 5)
    with pytest.raises(SgimError, match="have the same file name"):
        frame_features(tmp_path / "empty", read_labelled_folder(folder), towers, tmp_path)


def test_captions_are_reworded_around_a_label_that_stays_whole():
    captions = label_captions("dog bark", CAPTIONS_PER_LABEL, seed=1)
    assert len(captions) == CAPTIONS_PER_LABEL and len(set(captions)) > 8
    assert all("dog bark" in caption for caption in captions)
    assert captions == label_captions("dog bark", CAPTIONS_PER_LABEL, seed=1)
    assert captions != label_captions("dog bark", CAPTIONS_PER_LABEL, seed=2)


def test_labels_without_a_known_word_are_left_out_and_named(folder, towers, tmp_path):
    with pytest.warns(UserWarning, match="knows no word of zyzzy; their clips"):
        assert readable_labels(towers, ("rain", "zyzzy")) == ("rain",)
    clips = read_labelled_folder(folder)
    unknown = dataclasses.replace(clips, names=("xa", "xb", "xc"))
    with (
        pytest.warns(UserWarning, match="xa, xb, xc"),
        pytest.raises(SgimError, match="no word of any label"),
    ):
        train((unknown, unknown), towers, tmp_path / "out")


def test_held_out_clips_are_those_of_the_data_set(folder, vggsound, tmp_path):
    for fold in (1, 2, 5):
        beep(tmp_path / f"esc/002 - Rain/{fold}-{fold}77-A.wav", "rain", fold)
    training, held_out = read_splits("esc10", tmp_path / "esc")
    assert training.folds == [1, 2] and held_out.folds == [5]
    training, held_out = read_splits("vggsound", vggsound[0])
    assert len(training.paths) == 24 and len(held_out.paths) == 6
    assert held_out.names == training.names == LABELS
    training, held_out = read_splits("folder", folder)
    assert not set(training.groups) & set(held_out.groups)
    assert set(held_out.classes) == {0, 1, 2}
    with pytest.raises(SgimError, match="esc10 is not read from shards"):
        read_splits("esc10", tmp_path / "esc", [Path("a.tar")])


def test_shards_without_the_clips_are_an_error_though_the_folder_has_them(vggsound, tmp_path):
    folder, _ = vggsound
    with tarfile.open(tmp_path / "empty.tar", "w"):
        pass
    assert index_shards([tmp_path / "empty.tar"]) == {}
    with pytest.raises(SgimError, match="or name shards with them"):
        read_vggsound(folder, shards=[tmp_path / "empty.tar"])


def test_with_the_towers_of_openai_a_resnet_learns_any_label(folder, tmp_path, monkeypatch):
    torch.save(tiny_clip().state_dict(), tmp_path / "clip.pt")
    monkeypatch.setattr(
        "sgim.embedding.frozen_towers.find_weights", lambda name: (tmp_path / "clip.pt",)
    )
    (folder / "rain").rename(folder / "baby cry")
    for path in folder.glob("*/*.wav"):
        paint(tmp_path / "frames" / f"{path.stem}.jpg")
    config = dataclasses.replace(QUICK, bundle="paper", backbone="resnet18", num_epochs=1)
    result = train(
        read_splits("folder", folder),
        load_towers("paper", "cpu"),
        tmp_path / "out",
        config,
        frames=tmp_path / "frames",
    )
    assert "baby cry" in result.names
    encoder = result.alignment.encoder
    assert encoder.config.embed_dim == 512 and encoder.config.backbone == "resnet18"
    assert all(np.isfinite(list(result.alignment.history[-1].values())))
    with pytest.raises(SgimError, match="bundle is 'papers'"):
        load_towers("papers")


def test_an_encoder_of_another_embedding_does_not_join_a_bundle(bundle, tmp_path):
    config = AudioEncoderConfig(embed_dim=16)
    dataset_training.save_weights("audio", AudioEncoder(config), config, notes={}, folder=tmp_path)
    with pytest.raises(SgimError, match="gives 16 numbers and the bundle's CLIP 128"):
        with_trained_encoder(bundle, tmp_path)


def test_settings_that_cannot_work_are_told():
    assert CONFIGS["paper"].backbone == "resnet50" and CONFIGS["paper"].batch_size == 384
    with pytest.raises(SgimError, match="bundle is 'papers'"):
        RecordedTrainingConfig(bundle="papers")
    with pytest.raises(SgimError, match="backbone is 'vgg'"):
        RecordedTrainingConfig(backbone="vgg")
    with pytest.raises(SgimError, match="stretch_seconds is 0"):
        RecordedTrainingConfig(stretch_seconds=0.0)


def test_the_command_trains_on_a_folder(folder, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ["train", "recordings", "folder", folder, "--epochs", 1, "--batch", 8, "--out", out]
    assert cli.main([str(argument) for argument in arguments]) == 0
    told = capsys.readouterr()
    first, last = told.out.splitlines()
    assert first == "24 clips to train on (0 missing), 6 held out (0 missing)"
    assert "of 6 held-out clips named right among 3 labels" in last
    assert "sgim: warning: there are no frames" in told.err
    for name in ("audio.safetensors", "audio.json", "training.csv", "training.png"):
        assert (out / name).is_file()
