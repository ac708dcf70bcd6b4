"""Probes, neighbours and few clips: chance for noise, nothing seen of what is tested."""

import numpy as np
import pytest

from sgim.evaluation.frozen_tasks import (
    Labelled,
    best_setting,
    cross_validated,
    few_shot,
    linear,
    neighbors,
)

CLASSES, FOLDS, TAKES = 4, 5, 8


def clips(signal, seed=0, size=12):
    """Four classes in five folds, two clips of a recording; `signal` tells the classes apart."""
    random = np.random.default_rng(seed)
    count = CLASSES * FOLDS * TAKES
    classes = np.arange(count) % CLASSES
    features = random.standard_normal((count, size))
    features[:, :CLASSES] += signal * np.eye(CLASSES)[classes]
    folds = 1 + np.arange(count) // (CLASSES * TAKES)
    groups = np.array([f"{label}-{number // 2}" for number, label in
                       zip(np.arange(count) // CLASSES, classes, strict=True)])  # fmt: skip
    return Labelled(
        features=features, classes=classes, folds=folds, groups=groups, tested=(1, 2, 3, 4, 5)
    )


@pytest.mark.parametrize(("build", "settings"), [(linear, (0.01, 1.0)), (neighbors, (1, 5))])
def test_noise_is_named_by_chance_and_a_signal_is_found(build, settings):
    for signal, low, high in ((0.0, 0.1, 0.4), (8.0, 0.97, 1.0)):
        table = clips(signal)
        predictions, chosen = cross_validated(table, build, settings)
        assert low <= np.mean(predictions == table.classes) <= high
        assert len(chosen) == FOLDS and set(chosen) <= set(settings)


def test_a_fold_is_never_seen_by_what_is_tested_on_it():
    table = clips(8.0)
    flipped = table.folds == 3
    table.classes[flipped] = (table.classes[flipped] + 1) % CLASSES
    predictions, _ = cross_validated(table, linear, (1.0,))
    assert np.mean(predictions[flipped] == table.classes[flipped]) < 0.05


def test_the_setting_is_chosen_by_the_training_folds_alone():
    table = clips(0.0)
    table.features[:, 0] = table.classes  # one column says all, the others are noise
    table.features[:, 1:] *= 0.01
    training = table.part(table.folds != 1)
    chosen = best_setting(training, linear, (1e-6, 1.0))
    table.features[table.folds == 1] = 0.0
    assert cross_validated(table, linear, (1e-6, 1.0))[1][0] == chosen


def test_folds_that_are_not_tested_are_not_predicted():
    table = clips(8.0)
    table = Labelled(**{**vars(table), "tested": (5,)})
    predictions, chosen = cross_validated(table, linear, (1.0,))
    assert set(predictions[table.folds != 5]) == {-1} and len(chosen) == 1


def test_more_clips_to_learn_from_are_better_and_noise_stays_at_chance():
    curve = few_shot(clips(2.5), shots=(1, 16), draws=4)
    assert curve[16].mean() > curve[1].mean() + 0.1 > 0.4
    noise = few_shot(clips(0.0), shots=(1, 16), draws=4)
    assert all(abs(right.mean() - 1 / CLASSES) < 0.08 for right in noise.values())


def test_the_same_seed_draws_the_same_clips():
    first, again, other = (few_shot(clips(1.0), shots=(2,), draws=2, seed=seed)[2] for seed in
                           (1, 1, 2))  # fmt: skip
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_one_clip_of_each_recording_comes_before_a_second_one():
    table = clips(0.0)
    twins = table.features.copy()
    for group in set(table.groups.tolist()):
        mine = np.flatnonzero(table.groups == group)
        twins[mine] = twins[mine[0]]  # both clips of a recording are the same
    curve = few_shot(Labelled(**{**vars(table), "features": twins}), shots=(16,), draws=1)
    assert curve[16].shape == (1, len(table.classes))


def test_shots_that_a_class_does_not_have_are_left_out():
    table = clips(8.0)
    kept = (table.classes > 0) | (table.folds > 2)
    assert list(few_shot(table.part(kept), shots=(1, 16, 32), draws=1)) == [1, 16]
