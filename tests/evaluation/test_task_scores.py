"""Scores of benchmarks: by hand, at chance for nothing known, refused for bad input."""

import numpy as np
import pytest

from sgim.checks import SgimError
from sgim.evaluation.task_scores import (
    expected_calibration_error,
    interval_over,
    ranks_of,
    retrieval_scores,
)


def test_the_rank_is_the_place_of_the_own_column():
    scores = [[0.1, 0.9, 0.5], [0.3, 0.2, 0.1], [0.0, 0.0, 1.0]]
    assert ranks_of(scores, [2, 0, 1]).tolist() == [2, 1, 3]


def test_an_encoder_that_says_the_same_of_everything_is_last():
    scores = retrieval_scores(np.ones((4, 4)), range(4), np.eye(4, dtype=bool))
    assert scores.ranks.tolist() == [4] * 4
    assert (scores.recall_at(1), scores.recall_at(4)) == (0.0, 1.0)
    assert scores.mean_average_precision == pytest.approx(1 / 4)


def test_retrieval_by_hand():
    similarity = [[0.9, 0.8, 0.7, 0.6], [0.1, 0.2, 0.3, 0.4]]
    relevant = [[True, False, True, False], [True, False, False, True]]
    scores = retrieval_scores(similarity, own=[2, 3], relevant=relevant)
    assert scores.ranks.tolist() == [3, 1]
    assert (scores.recall_at(1), scores.recall_at(5), scores.median_rank) == (0.5, 1.0, 2.0)
    by_hand = [(1 / 1 + 2 / 3) / 2, (1 / 1 + 2 / 4) / 2]
    assert scores.precisions.tolist() == pytest.approx(by_hand)
    assert scores.mean_average_precision == pytest.approx(sum(by_hand) / 2)


def test_random_features_find_things_by_chance():
    random = np.random.default_rng(0)
    similarity = random.standard_normal((2000, 40))
    scores = retrieval_scores(similarity, [0] * 2000, [[True] * 5 + [False] * 35] * 2000)
    assert scores.recall_at(1) == pytest.approx(1 / 40, abs=0.012)
    assert scores.recall_at(10) == pytest.approx(10 / 40, abs=0.04)
    assert scores.median_rank == pytest.approx(20.5, abs=1.5)


def test_calibration_by_hand():
    sure_and_right_half_the_time = [[0.95, 0.05]] * 2
    unsure_and_right = [[0.65, 0.35]] * 2
    rows = sure_and_right_half_the_time + unsure_and_right
    by_hand = (2 * abs(0.95 - 0.5) + 2 * abs(0.65 - 1.0)) / 4
    assert expected_calibration_error(rows, [0, 1, 0, 0]) == pytest.approx(by_hand)


def test_bins_do_not_cancel_within_a_clip_that_says_one():
    assert expected_calibration_error([[1.0, 0.0], [1.0, 0.0]], [0, 1]) == pytest.approx(0.5)


def test_the_interval_holds_the_mean_and_narrows_with_more_recordings():
    right = np.arange(400) % 4 > 0
    few = interval_over(right, np.arange(400) // 40)
    many = interval_over(right, np.arange(400))
    assert many[0] < 0.75 < many[1]
    assert many[1] - many[0] == pytest.approx(4 * np.sqrt(0.75 * 0.25 / 400), rel=0.15)
    assert few[1] - few[0] < 1e-9, "every recording of forty has the same share"


def test_clips_of_one_recording_do_not_count_as_independent():
    right = np.repeat([1, 0] * 10, 20)
    together = interval_over(right, np.repeat(np.arange(20), 20))
    apart = interval_over(right, np.arange(400))
    assert together[1] - together[0] > 3 * (apart[1] - apart[0])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ranks_of([[1.0, 2.0]], [0, 1]), "one row per clip"),
        (lambda: ranks_of([[float("nan"), 1.0]], [0]), "not finite"),
        (lambda: retrieval_scores([[1.0, 2.0]], [0], [[False, False]]), "a relevant target"),
        (lambda: interval_over([1.0], ["a", "b"]), "1 values and 2 recordings"),
        (lambda: interval_over([], []), "0 values"),
    ],
)
def test_bad_input_is_told_in_one_sentence(call, words):
    with pytest.raises(SgimError, match=words):
        call()
