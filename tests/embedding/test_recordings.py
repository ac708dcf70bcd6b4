"""Recordings: what each says, which are held out, and how training disguises them."""

import csv

import numpy as np
import pytest
import soundfile
import torch

from sgim.checks import SgimError
from sgim.embedding import sound_shards
from sgim.embedding.mini_data import heard_intensities
from sgim.embedding.mini_training import train_mini
from sgim.embedding.recordings import (
    find_recordings,
    save_sources,
    split_repositories,
    those_heard,
)
from sgim.embedding.sound_shards import SoundDataConfig, disguise_recordings, disguise_shard
from sgim.evaluation.disturbances import DISTURBANCES
from sgim.evaluation.sound_recognition import none_of_these, recording_zero_shot
from sgim.media.log_mel import LogMelConfig
from sgim.models.audio_encoder import AudioEncoder
from sgim.world.names import HEARD_NAMES
from sgim.world.sounds import synthesize_sound

ROWS = (
    ("a.ogg", "sea_waves", "w1", "train"),
    ("b.ogg", "sea_waves", "w2", "measure"),
    ("c.ogg", "dog", "d1", "train"),
    ("d.ogg", "train", "t1", "train"),
    ("e.ogg", "frogs", "f1", "train"),
)
FIELDS = ("file", "class", "recording_id", "use", "repo", "path_in_repo", "licence")


def write_manifest(folder, rows=ROWS):
    with open(folder / "manifest.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        for row in rows:
            repo = row[4] if len(row) > 4 else "somebody/sounds"
            writer.writerow([*row[:4], repo, "x.wav", "CC0"])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_manifest_is_read_in_any_encoding_and_delimiter(tmp_path, encoding):
    write_manifest(tmp_path)
    manifest = tmp_path / "manifest.csv"
    plain = find_recordings(tmp_path, None)
    text = manifest.read_text().replace("train\n", "TRAIN\n").replace("somebody", "J\xfcrgen")
    for delimiter in ",;":
        manifest.write_text(text.replace(",", delimiter), encoding=encoding)
        found = find_recordings(tmp_path, None)
        assert [item.path for item in found] == [item.path for item in plain]
        assert found[0].source == "J\xfcrgen/sounds: x.wav"


def test_a_manifest_without_a_column_or_with_two_uses_is_refused(tmp_path):
    write_manifest(tmp_path)
    manifest = tmp_path / "manifest.csv"
    text = manifest.read_text()
    manifest.write_text(text.replace("class", "label"))
    with pytest.raises(SgimError, match="manifest.csv has no column class"):
        find_recordings(tmp_path, None)
    write_manifest(tmp_path, [*ROWS, ("a.ogg", "sea_waves", "w1", "measure")])
    with pytest.raises(SgimError, match="a.ogg has the use train in .* and measure in"):
        find_recordings(tmp_path, None)
    write_manifest(tmp_path, [*ROWS, ("f.ogg", "sea_waves", "w1", "measure")])
    with pytest.raises(SgimError, match="w1 has the use train in .* and measure in"):
        find_recordings(tmp_path, None)


def write_esc10(folder):
    for fold, kind in ((1, "002 - Rain"), (5, "002 - Rain"), (1, "007 - Helicopter")):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        (folder / kind / f"{fold}-17367-A.ogg").touch()
    (folder / "README.txt").write_text(
        "- [1-17367-A.ogg]: clip derived from Rain.wav (somewhere/17367/) by a neighbor [CC-BY]\n"
    )


def test_a_manifest_tells_what_is_said_and_what_may_be_trained_on(tmp_path):
    write_manifest(tmp_path)
    found = find_recordings(tmp_path, None)
    assert [recording.name for recording in found] == ["waves", "waves", "clear", "clear"]
    assert [recording.held_out for recording in found] == [False, True, False, True]
    assert found[0].source == "somebody/sounds: x.wav" and found[0].license == "CC0"


def test_fold_5_of_esc10_and_kinds_kept_for_measuring_are_held_out(tmp_path):
    write_esc10(tmp_path)
    found = {f"{item.kind} {item.path.stem[0]}": item for item in find_recordings(None, tmp_path)}
    assert not found["rain 1"].held_out
    assert found["rain 5"].held_out and found["helicopter 1"].held_out
    assert found["rain 1"].license == "CC-BY" and "by a neighbor" in found["rain 1"].source
    assert found["rain 5"].license == "CC BY 3.0"


def test_sources_are_listed_once_with_their_licences(tmp_path):
    write_manifest(tmp_path, [*ROWS[:1], *ROWS[:1], ROWS[2]])
    save_sources(find_recordings(tmp_path, None), tmp_path / "sources.csv")
    assert (tmp_path / "sources.csv").read_text().splitlines() == [
        "says,source,licence,excerpts",
        "clear,somebody/sounds: x.wav,CC0,1",
        "waves,somebody/sounds: x.wav,CC0,2",
    ]


def test_copies_of_a_recording_count_as_one(tmp_path):
    rows = (("a.ogg", "thunderstorm", "thunder_406", "measure"),)
    write_manifest(tmp_path, [*rows, ("b.ogg", "thunderstorm", "thunderstorm_019", "measure")])
    assert {one.group for one in find_recordings(tmp_path, None)} == {"thunderstorm_019"}


def test_whole_repositories_are_dealt_out_and_balanced(tmp_path):
    rows = [
        (f"{kind}{number}.ogg", kind, f"{kind}{number}", "train", f"repo{number // 2}")
        for kind in ("rain", "wind")
        for number in range(8)
    ]
    rows.append(("copy.ogg", "rain", "rain0", "train", "repo3"))
    write_manifest(tmp_path, rows)
    recordings = find_recordings(tmp_path, None)
    parts = split_repositories(recordings, 2)
    part_of = {one.repository: part for one, part in zip(recordings, parts, strict=True)}
    assert [part_of[one.repository] for one in recordings] == parts
    assert part_of["repo0"] == part_of["repo3"] != part_of["repo1"] == part_of["repo2"]
    with pytest.raises(SgimError, match="num_parts is 4; the recordings come from 3 separate"):
        split_repositories(recordings, 4)


def test_nothing_found_says_what_to_name(tmp_path):
    with pytest.raises(SgimError, match="no recordings found"):
        find_recordings(None, None)
    with pytest.raises(SgimError, match=r"manifest\.csv is missing"):
        find_recordings(tmp_path, None)


@pytest.fixture
def recordings(tmp_path):
    names = (("rain", "rain"), ("birds", "birds"), ("dog", None))
    rows = []
    for kind, name in names:
        for number in range(2):
            file = f"{kind}_{number}.wav"
            if name is None:
                waveform = torch.sin(torch.arange(32_000) * (0.05 + 0.03 * number))
            else:
                waveform, _ = synthesize_sound(name, 0.3 + 0.6 * number, 2.0, number)
            soundfile.write(tmp_path / file, waveform.numpy(), 16_000)
            rows.append((file, kind, f"{kind}{number}", "train" if number else "measure"))
    write_manifest(tmp_path, rows)
    return find_recordings(tmp_path, None)


def test_a_shard_holds_each_name_in_turn_and_is_made_once(recordings, tmp_path, monkeypatch):
    monkeypatch.setattr(sound_shards, "SHARD_SIZE", 6)
    config = SoundDataConfig(num_clips=6, seconds=1.0)
    strengths = [0.3, 0.9, 0.3, 0.9, 0.0, 0.0]
    task = (config, LogMelConfig(), recordings, strengths, 0, tmp_path)
    path = disguise_shard(task)
    with np.load(path, allow_pickle=False) as shard:
        named = [HEARD_NAMES[index] for index in shard["classes"]]
        assert named == ["rain", "birds", "clear"] * 2
        assert shard["log_mels"].shape == (6, 64, 101)
        assert not np.array_equal(shard["log_mels"][0], shard["log_mels"][3])
        assert set(shard["intensities"][[2, 5]]) == {0.0}
    written = path.stat().st_mtime_ns
    assert disguise_shard(task).stat().st_mtime_ns == written


def test_each_repository_of_a_name_is_as_likely_as_any_other(tmp_path, monkeypatch):
    rows = [(f"{n}.wav", "rain", f"r{n}", "train", "many" if n else "one") for n in range(6)]
    for file, *_ in rows:
        soundfile.write(tmp_path / file, 0.1 * torch.randn(16_000).numpy(), 16_000)
    write_manifest(tmp_path, rows)
    recordings, played = find_recordings(tmp_path, None), []
    monkeypatch.setattr(sound_shards, "SHARD_SIZE", 200)
    monkeypatch.setattr(sound_shards, "_read", lambda path: torch.zeros(0))
    monkeypatch.setattr(sound_shards, "overlay", lambda *args, **kwargs: torch.ones(4000))
    monkeypatch.setattr(sound_shards, "randomize_sound", lambda waveform, seed: waveform)
    monkeypatch.setattr(sound_shards, "_save_shard", lambda *given: played.extend(given[3]))
    config = SoundDataConfig(num_clips=200)
    disguise_shard((config, LogMelConfig(), recordings, [1.0] + [0.0] * 5, 0, tmp_path))
    assert 0.4 < sum(played) / len(played) < 0.6


def test_shards_are_made_by_workers(recordings, tmp_path):
    config = SoundDataConfig(num_clips=256, seconds=0.5)
    shards = disguise_recordings(
        recordings,
        [0.5] * 6,
        config,
        LogMelConfig(),
        tmp_path / "disguised",
        num_workers=1,
        progress=False,
    )
    assert [path.name for path in shards] == ["shard_0000.npz"] and shards[0].is_file()


def test_shards_of_other_recordings_are_made_anew_and_those_of_the_same_kept(
    recordings, tmp_path, monkeypatch
):
    made = []
    monkeypatch.setattr(sound_shards, "_make_shards", lambda *given: made.append(kept()))
    monkeypatch.setattr(sound_shards, "training_sound", lambda *given: torch.ones(8))
    folder = tmp_path / "disguised"

    def kept():
        return [path.name for path in folder.glob("shard_*.npz")]

    def disguised(recordings, intensity=0.5, clips=256):
        if folder.exists():
            (folder / "shard_0000.npz").touch()
        config = SoundDataConfig(num_clips=clips, seconds=0.5)
        strengths = [intensity] * len(recordings)
        disguise_recordings(recordings, strengths, config, LogMelConfig(), folder, progress=False)
        return made[-1]

    disguised(recordings)
    assert disguised(recordings) == ["shard_0000.npz"]
    assert disguised(recordings, clips=512) == ["shard_0000.npz"]
    assert disguised(recordings, intensity=0.6) == []
    assert disguised(recordings[1:], intensity=0.6) == []
    soundfile.write(recordings[1].path, 0.1 * torch.randn(16_000).numpy(), 16_000)
    assert disguised(recordings[1:], intensity=0.6) == []
    monkeypatch.setattr(sound_shards, "training_sound", lambda *given: torch.zeros(8))
    assert disguised(recordings[1:], intensity=0.6) == []
    assert disguised(recordings[1:], intensity=0.6) == ["shard_0000.npz"]


def test_unlabelled_recordings_are_ranked_by_what_an_encoder_hears(recordings):
    torch.manual_seed(0)
    encoder = AudioEncoder().eval()
    texts = torch.randn(2, 128)
    seen = []

    def encode_text(sentences):
        seen.append(sentences)
        return texts[[len(seen) % 2]]

    heard = heard_intensities(encoder, encode_text, recordings)
    assert sorted(heard[:2]) == pytest.approx([0.2, 1.0])
    assert heard[4:] == [0.0, 0.0]
    texts = -texts
    seen.clear()
    assert heard_intensities(encoder, encode_text, recordings)[:2] == heard[1::-1]


def test_recordings_that_cannot_be_heard_are_passed_over_and_told(recordings):
    recordings[2].path.write_bytes(b"")
    with pytest.warns(UserWarning, match="a recording is passed over: .*birds_0.wav is empty"):
        assert those_heard(recordings) == [*recordings[:2], *recordings[3:]]
    recordings[0].path.unlink()
    with pytest.warns(UserWarning), pytest.raises(SgimError, match="none of the recordings can"):
        those_heard(recordings[:1])


def test_the_audio_stage_needs_recordings(tmp_path):
    with pytest.raises(SgimError, match="no recordings to hear"):
        train_mini("audio", folder=tmp_path, recordings=[])


def test_recordings_are_named_and_told_from_strangers(bundle, recordings):
    heard = recording_zero_shot(bundle, recordings)
    assert heard.count == heard.num_recordings == 4
    for disturbance in DISTURBANCES:
        assert 0 <= recording_zero_shot(bundle, recordings, disturbance=disturbance).accuracy <= 1
    with pytest.raises(SgimError, match="disturbance is 'hail'"):
        recording_zero_shot(bundle, recordings, disturbance="hail")
    dogs = [item for item in recordings if item.kind in ("dog", "rain")]
    assert set(none_of_these(bundle, dogs)) == {"trained kinds", "all"}


@pytest.mark.parametrize("name", DISTURBANCES)
def test_a_disturbance_changes_a_sound_by_what_it_says(name):
    waveform, _ = synthesize_sound("rain", 0.6, 2.0, 1)
    disturbed = DISTURBANCES[name](waveform, "rain", np.random.default_rng(0))
    assert disturbed.shape == waveform.shape
    change = (disturbed - waveform).square().mean() / waveform.square().mean()
    if "10 dB below" in name:
        assert change.item() == pytest.approx(0.1, rel=1e-3)
    elif "30 dB" in name:
        assert disturbed.square().mean() / waveform.square().mean() == pytest.approx(1e-3)
    else:
        spectrum = torch.fft.rfft(disturbed).abs()
        assert spectrum[len(spectrum) * 5 // 8 :].max() < 0.01 * spectrum.max()
