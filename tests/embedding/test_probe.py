"""The linear probe never tests on what it saw, and both layouts of ESC are read as published."""

import random

import numpy as np
import pytest
import torch

from sgim.checks import SgimError
from sgim.embedding.probe import group_folds, linear_probe


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
