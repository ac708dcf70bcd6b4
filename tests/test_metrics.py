"""Metrics against truth made by hand and against plain loops."""

import numpy as np
import pytest
import torch
from scipy.stats import binomtest
from sklearn.metrics import balanced_accuracy_score

from sgim import metrics
from sgim.checks import SgimError


def test_accuracy_is_the_share_of_right_answers():
    assert metrics.accuracy([0, 1, 2, 2], [0, 1, 2, 0]) == 0.75


def test_without_groups_balanced_accuracy_is_scikit_learns():
    rng = np.random.default_rng(0)
    labels, predictions = rng.integers(0, 5, 200), rng.integers(0, 5, 200)
    ours = metrics.class_balanced_accuracy(labels, predictions)
    assert ours == pytest.approx(balanced_accuracy_score(labels, predictions))


def test_a_recording_with_many_clips_counts_once():
    labels = [0] * 11 + [1] * 2
    predictions = [1] * 10 + [0] + [1, 1]
    groups = ["long"] * 10 + ["short", "third", "third"]
    assert metrics.class_balanced_accuracy(labels, predictions, groups) == pytest.approx(0.75)
    assert metrics.class_balanced_accuracy(labels, predictions) == pytest.approx((1 / 11 + 1) / 2)


def test_one_recording_may_hold_two_classes():
    value = metrics.class_balanced_accuracy([0, 1, 1], [0, 1, 0], groups=["a", "a", "b"])
    assert value == pytest.approx((1.0 + 0.5) / 2)


def test_rows_of_the_confusion_matrix_are_labels():
    table = metrics.confusion_matrix([0, 0, 2], [1, 0, 2], num_classes=4)
    assert table.shape == (4, 4) and table[0, 1] == 1 and table[1, 0] == 0
    assert table.sum() == 3 and table[3].sum() == 0


def test_retrieval_agrees_with_a_plain_loop():
    torch.manual_seed(0)
    queries, targets = torch.randn(12, 6), torch.randn(12, 6)
    for k in (1, 3, 12):
        hits = 0
        for row, query in enumerate(queries):
            cosines = [float(torch.cosine_similarity(query, other, dim=0)) for other in targets]
            hits += row in np.argsort(cosines)[::-1][:k]
        assert metrics.retrieval_at_k(queries, targets, k) == pytest.approx(hits / 12)


def test_retrieval_finds_the_own_target_whatever_the_length_of_the_features():
    features = torch.eye(5)
    assert metrics.retrieval_at_k(features * 3, features * 0.1, k=1) == 1.0


def test_spearman_is_about_order_only():
    assert metrics.spearman([1, 2, 3, 10], [0.1, 0.2, 0.3, 0.4]) == pytest.approx(1.0)
    assert metrics.spearman([1, 2, 3], [3, 2, 1]) == pytest.approx(-1.0)
    assert metrics.spearman([1, 2, 3], [5, 5, 5]) == 0.0


def test_a_prompt_ensemble_averages_unit_prompts():
    prompts = torch.tensor([[[10.0, 0.0], [0.0, 1.0]], [[-1.0, 0.0], [-1.0, 0.0]]])
    scores = metrics.zero_shot_scores(torch.tensor([[1.0, 1.0]]), prompts)
    assert scores[0].tolist() == pytest.approx([1.0, -(0.5**0.5)])


def test_cosines_let_gradients_through():
    features = torch.randn(3, 4, requires_grad=True)
    metrics.zero_shot_scores(features, torch.randn(2, 4)).sum().backward()
    assert features.grad.abs().sum() > 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.accuracy([0, 1], [0]), "predictions has 1 entries but labels has 2"),
        (lambda: metrics.accuracy([], []), "labels has the shape"),
        (lambda: metrics.class_balanced_accuracy([0], [0], ["a", "b"]), "groups has 2 entries"),
        (lambda: metrics.confusion_matrix([0, 3], [0, 1], 3), "labels lies between 0 and 3"),
        (lambda: metrics.retrieval_at_k(torch.eye(2), torch.eye(3)), "query_features"),
        (lambda: metrics.retrieval_at_k(torch.eye(2), torch.eye(2), k=3), "k is 3"),
        (lambda: metrics.spearman([1, 2], [1, 2]), "3 or more"),
        (lambda: metrics.zero_shot_scores(torch.eye(2), torch.eye(3)), "class_features"),
    ],
)
def test_input_that_cannot_be_scored_is_named(call, message):
    with pytest.raises(SgimError, match=message):
        call()


def test_a_bootstrap_interval_shrinks_with_more_rows_and_needs_a_table():
    few = metrics.bootstrap_interval([[0, 1], [1, 0]], [0, 0])
    many = metrics.bootstrap_interval([[0, 1], [1, 0]] * 50, [0] * 100)
    assert few[0] <= many[0] < 0.5 < many[1] <= few[1]
    with pytest.raises(SgimError, match="one row per group"):
        metrics.bootstrap_interval([[1, 2]], ["a", "b"])


@pytest.mark.parametrize(("successes", "trials"), [(0, 5), (8, 10), (30, 40), (40, 40)])
def test_a_wilson_interval_is_that_of_scipy(successes, trials):
    theirs = binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    assert metrics.wilson_interval(successes, trials) == pytest.approx(theirs, abs=1e-4)


@pytest.mark.parametrize(("successes", "trials"), [(3, 2), (-1, 2), (0, 0)])
def test_counts_that_do_not_fit_each_other_are_named(successes, trials):
    with pytest.raises(SgimError, match=f"successes is {successes} and trials {trials}"):
        metrics.wilson_interval(successes, trials)
