"""The linear probe never tests on what it saw, and both layouts of ESC are read as published."""

import random

import numpy as np
import pytest
import torch

from sgim.checks import SgimError
from sgim.probe import group_folds, linear_probe, read_esc


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")


@pytest.fixture
def esc10(tmp_path):
    for name in ("001 - Dog bark/1-100032-A.ogg", "001 - Dog bark/5-9032-A.ogg"):
        touch(tmp_path / name)
    for name in ("002 - Rain/2-21189-A.ogg", "002 - Rain/2-21189-B.ogg", "002 - Rain/notes.txt"):
        touch(tmp_path / name)
    touch(tmp_path / "README.txt")
    return tmp_path


@pytest.fixture
def esc50(tmp_path):
    rows = [
        "filename,fold,target,category,esc10,src_file,take",
        "2-77-A-11.wav,2,11,sea_waves,True,77,A",
        "1-55-A-0.wav,1,0,dog,True,55,A",
    ]
    touch(tmp_path / "audio/2-77-A-11.wav")
    touch(tmp_path / "audio/1-55-A-0.wav")
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta/esc50.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def test_esc10_folds_and_recordings_come_from_the_file_names(esc10):
    clips = read_esc(esc10)
    assert clips.names == ("dog bark", "rain")
    assert [path.name for path in clips.paths][2:] == ["2-21189-A.ogg", "2-21189-B.ogg"]
    assert clips.classes == [0, 0, 1, 1]
    assert clips.folds == [1, 5, 2, 2]
    assert clips.groups == ["100032", "9032", "21189", "21189"]


def test_esc50_folds_and_classes_come_from_its_table(esc50):
    clips = read_esc(esc50)
    assert clips.names == ("dog", "sea waves")
    assert [path.name for path in clips.paths] == ["1-55-A-0.wav", "2-77-A-11.wav"]
    assert (clips.classes, clips.folds, clips.groups) == ([0, 1], [1, 2], ["55", "77"])


def test_a_clip_of_the_table_that_is_missing_is_named(esc50):
    (esc50 / "audio/1-55-A-0.wav").unlink()
    with pytest.raises(SgimError, match="1-55-A-0.wav is named in esc50.csv but missing"):
        read_esc(esc50)


def test_a_table_without_folds_is_refused(esc50):
    (esc50 / "meta/esc50.csv").write_text("filename,target\na.wav,0\n", encoding="utf-8")
    with pytest.raises(SgimError, match="columns filename, fold"):
        read_esc(esc50)


def test_a_folder_that_is_missing_or_holds_something_else_is_refused(tmp_path):
    with pytest.raises(SgimError, match="is not a folder"):
        read_esc(tmp_path / "nowhere")
    with pytest.raises(SgimError, match="holds neither"):
        read_esc(tmp_path)


def test_every_clip_is_predicted_by_a_probe_that_did_not_see_its_fold():
    features = torch.tensor([[-1.0], [1.0], [-1.0], [1.0], [1.0], [-1.0]])
    result = linear_probe(features, [0, 1, 0, 1, 0, 1], folds=[1, 1, 2, 2, 3, 3])
    assert result.fold_accuracies[2] == 0.0
    assert result.predictions[4:] == [1, 0], "the flipped labels of fold 3 were seen in training"


def test_separable_features_are_separated_and_noise_is_not():
    classes = [index % 4 for index in range(80)]
    folds = [1 + index // 4 % 5 for index in range(80)]
    noise = torch.randn(80, 8, generator=torch.Generator().manual_seed(0))
    clear = noise.clone()
    clear[:, :4] += 6 * torch.eye(4)[classes]
    assert linear_probe(clear, classes, folds).accuracy > 0.95
    assert linear_probe(noise, classes, folds).accuracy < 0.6


def test_a_random_split_of_one_recordings_clips_inflates_the_probe():
    rng = random.Random(0)
    groups = [str(index // 4) for index in range(120)]
    label_of = {group: rng.randrange(3) for group in set(groups)}
    voices = torch.randn(30, 40, generator=torch.Generator().manual_seed(1))
    features = voices.repeat_interleave(4, dim=0) + 0.05 * torch.randn(
        120, 40, generator=torch.Generator().manual_seed(2)
    )
    classes = [label_of[group] for group in groups]
    leaking = [1 + index % 4 for index in range(120)]
    leaked = linear_probe(features, classes, leaking).accuracy
    honest = linear_probe(features, classes, group_folds(groups, 4)).accuracy
    assert leaked > 0.95
    assert honest < 0.7


def test_group_folds_keep_recordings_together():
    groups = [str(index // 3) for index in range(30)]
    folds = group_folds(groups, 5)
    assert set(folds) == {1, 2, 3, 4, 5}
    assert all(len({f for f, g in zip(folds, groups, strict=True) if g == x}) == 1 for x in groups)
    with pytest.raises(SgimError, match="num_folds is 11"):
        group_folds(groups, 11)


def test_bad_input_to_the_probe_is_told():
    features = np.zeros((4, 2))
    with pytest.raises(SgimError, match="same clips"):
        linear_probe(features, [0, 1], [1, 2])
    with pytest.raises(SgimError, match="one fold"):
        linear_probe(features, [0, 1, 0, 1], [1, 1, 1, 1])
    with pytest.raises(SgimError, match="fold 1 holds every clip of class 0"):
        linear_probe(features, [0, 0, 1, 1], [1, 1, 2, 2])
