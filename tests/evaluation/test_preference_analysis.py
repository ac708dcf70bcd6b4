"""The analysis on raters whose preferences are known, and on examples made by hand."""

import dataclasses
import itertools
import math
from functools import cache

import numpy as np
import pytest
from simulated_raters import simulate
from sklearn.linear_model import LogisticRegression
from study_makers import make_study, make_trials

from sgim.checks import SgimError
from sgim.evaluation.agreement import krippendorff_alpha
from sgim.evaluation.bradley_terry import bradley_terry, preference_chances
from sgim.evaluation.human_study import draw_study
from sgim.evaluation.preference_analysis import analyze_preferences, passing
from sgim.evaluation.preference_tables import to_markdown
from sgim.evaluation.study_power import chance_to_pass, raters_needed
from sgim.metrics import wilson_interval

STRENGTHS = {"red": 0.8, "green": 0.0, "blue": -0.8}
EQUAL = dict.fromkeys(STRENGTHS, 0.0)


@cache
def study(num_pairs=24):
    return make_study(num_pairs=num_pairs, num_checks=6)


def test_a_known_preference_is_found():
    answers = simulate(study(), STRENGTHS, 30)
    found = analyze_preferences(answers)
    assert [rank.method for rank in found.ranking] == ["red", "green", "blue"]
    for rank in found.ranking:
        assert rank.interval[0] < STRENGTHS[rank.method] < rank.interval[1]
    for one in found.preferences:
        true = 1 / (1 + math.exp(STRENGTHS[one.second] - STRENGTHS[one.first]))
        assert 0.5 < one.interval[0] < true < one.interval[1]
        assert one.answers == 30 * 8 and one.share == one.wins / one.answers
        assert one.interval == wilson_interval(one.wins, one.answers)
    assert found.ranking[0].beats > 0.7 > 0.3 > found.ranking[-1].beats


def test_no_difference_stays_no_difference():
    covered, left = [], []
    for seed in range(60):
        found = analyze_preferences(simulate(study(), EQUAL, 12, seed), num_resamples=300)
        covered += [one.interval[0] <= 0.5 <= one.interval[1] for one in found.preferences]
        covered += [rank.interval[0] <= 0 <= rank.interval[1] for rank in found.ranking]
        left.append(found.left_interval[0] <= 0.5 <= found.left_interval[1])
    assert np.mean(covered) > 0.89 and np.mean(left) > 0.85


def test_careless_raters_are_excluded_and_attentive_ones_are_not():
    answers = simulate(study(), STRENGTHS, 200, careless=100)
    kept, excluded = passing(answers)
    assert set(range(1000, 1100)) <= set(kept)
    assert len(excluded) == pytest.approx(100 * (1 - chance_to_pass(6, 5)), abs=10)
    assert all(right < 5 for right in excluded.values())


def test_excluding_careless_raters_brings_the_preference_back():
    clean = analyze_preferences(simulate(study(), STRENGTHS, 30), num_resamples=100)
    mixed = simulate(study(), STRENGTHS, 60, careless=30)
    diluted = [dataclasses.replace(answer, needed_right=0) for answer in mixed]
    shares = [
        analyze_preferences(answers, num_resamples=100).ranking[0].strength
        for answers in (mixed, diluted)
    ]
    assert shares[1] < shares[0] - 0.15 and shares[0] == pytest.approx(
        clean.ranking[0].strength, abs=0.2
    )


def test_a_rater_who_stopped_before_enough_checks_does_not_count():
    answers = simulate(study(), STRENGTHS, 3)
    stopped = [one for one in answers if one.rater != 1001 or one.position <= 8]
    kept, excluded = passing(stopped)
    assert kept == [1000, 1002] and list(excluded) == [1001]


@pytest.mark.parametrize("share", [0.5, 0.65, 0.9])
def test_wilson_intervals_hold_the_true_share_in_95_of_100_studies(share):
    random = np.random.default_rng(1)
    inside = [
        low <= share <= high
        for low, high in (wilson_interval(int(n), 192) for n in random.binomial(192, share, 4000))
    ]
    assert 0.93 < np.mean(inside) < 0.97


@pytest.mark.parametrize("spread", [0.0, 0.7])
def test_intervals_over_raters_hold_the_truth_also_when_raters_differ(spread):
    """Counts are drawn without questions here, so that many studies are quick."""
    random = np.random.default_rng(2)
    raters, each, inside = 30, 8, []
    strengths = np.array([0.8, 0.0, -0.8])
    many = np.random.default_rng(3).normal(0, spread, (200_000, 3)) + strengths
    truth = bradley_terry(1e6 * preference_chances(many).mean(axis=0) * (1 - np.eye(3)))
    for _ in range(200):
        own = strengths + spread * random.standard_normal((raters, 3))
        above = np.triu(random.binomial(each, preference_chances(own)), 1)
        wins = above + np.tril(each - above.swapaxes(1, 2), -1)
        weights = random.multinomial(raters, [1 / raters] * raters, 500)
        draws = bradley_terry(np.einsum("br,rij->bij", weights, wins))
        low, high = np.percentile(draws, [2.5, 97.5], axis=0)
        inside.append((low <= truth) & (truth <= high))
    assert 0.91 < np.mean(inside) < 0.985


def test_intervals_over_raters_are_wider_when_raters_differ():
    widths = []
    for spread in (0.0, 1.5):
        found = analyze_preferences(simulate(study(), STRENGTHS, 40, spread=spread))
        widths.append(
            np.mean([one.over_raters[1] - one.over_raters[0] for one in found.preferences])
        )
        wilson = np.mean([one.interval[1] - one.interval[0] for one in found.preferences])
    assert widths[1] > 1.3 * widths[0] and widths[1] > 1.3 * wilson


def test_strengths_are_those_of_logistic_regression_on_the_same_counts():
    wins = np.array([[0, 30, 41, 9], [12, 0, 25, 0], [7, 16, 0, 3], [2, 0, 8, 0]])
    rows, labels, counts = [], [], []
    for one, other in itertools.permutations(range(4), 2):
        if wins[one, other] + wins[other, one]:
            difference = np.zeros(4)
            difference[one], difference[other] = 1, -1
            rows += [difference, -difference]
            labels += [1, 0]
            counts += [wins[one, other] + 0.5] * 2
    model = LogisticRegression(C=1e8, fit_intercept=False, tol=1e-10, max_iter=5000)
    theirs = model.fit(rows, labels, sample_weight=counts).coef_[0]
    assert bradley_terry(wins) == pytest.approx(theirs - theirs.mean(), abs=1e-3)


def test_a_method_that_always_wins_has_a_finite_strength():
    strengths = bradley_terry([[0, 1000, 1000], [0, 0, 1], [0, 1, 0]])
    assert np.isfinite(strengths).all() and strengths.argmax() == 0
    assert strengths[1] == pytest.approx(strengths[2]) and strengths.sum() == pytest.approx(0)


def test_many_tables_at_once_are_the_same_as_one_by_one():
    tables = np.random.default_rng(0).integers(1, 30, (5, 4, 4)) * (1 - np.eye(4, dtype=int))
    one_by_one = np.stack([bradley_terry(table) for table in tables])
    assert bradley_terry(tables) == pytest.approx(one_by_one, abs=1e-8)


def test_methods_that_were_never_compared_are_not_ranked():
    wins = np.zeros((4, 4))
    wins[0, 1] = wins[2, 3] = 5
    with pytest.raises(SgimError, match="never compared with the others"):
        bradley_terry(wins)


def test_alpha_of_an_example_made_by_hand():
    """Nine values, 3 a and 6 b. Within questions 2 ordered pairs differ, of weight 1 / (2 - 1):
    D_observed = 2 / 9. Of 9 x 8 ordered pairs 2 x 3 x 6 differ: D_expected = 36 / 72.
    alpha = 1 - (2 / 9) / (1 / 2) = 5 / 9. A value that is alone in its question says nothing."""
    units = [["a", "a"], ["a", "b"], ["b", "b"], ["b", "b", "b"], ["a"]]
    assert krippendorff_alpha(units) == pytest.approx(5 / 9, abs=1e-12)


def test_alpha_is_its_definition_over_all_pairs_of_values():
    random = np.random.default_rng(4)
    units = [list(random.integers(0, 3, size)) for size in random.integers(2, 7, 12)]
    total = sum(map(len, units))
    within = sum(
        (one != other) / (len(unit) - 1)
        for unit in units
        for one, other in itertools.permutations(unit, 2)
    )
    values = [value for unit in units for value in unit]
    across = sum(one != other for one, other in itertools.permutations(values, 2))
    alpha = 1 - (within / total) / (across / (total * (total - 1)))
    assert krippendorff_alpha(units) == pytest.approx(alpha, abs=1e-12)


def test_alpha_at_its_ends():
    assert krippendorff_alpha([["a"] * 9, ["b"] * 9]) == 1
    chance = np.random.default_rng(0).integers(0, 2, (400, 10)).tolist()
    assert abs(krippendorff_alpha(chance)) < 0.05
    assert krippendorff_alpha([["a", "b"]] * 50) < -0.9
    assert math.isnan(krippendorff_alpha([["a", "a"]]))
    with pytest.raises(SgimError, match="at least two raters"):
        krippendorff_alpha([["a"], ["b"]])


def test_raters_who_share_a_taste_for_pictures_agree_and_others_do_not():
    def alphas(answers):
        return [one.agreement for one in analyze_preferences(answers, num_resamples=10).preferences]

    alone = simulate(study(), EQUAL, 20)
    assert max(map(abs, alphas(alone))) < 0.1
    alike = [
        dataclasses.replace(one, chosen=one.options[int(one.question[1:]) % 2]) for one in alone
    ]
    kept = [new if old.kind == "pair" else old for new, old in zip(alike, alone, strict=True)]
    assert min(alphas(kept)) == 1


def test_as_many_raters_as_are_needed_find_ten_points_in_four_of_five_studies():
    random = np.random.default_rng(0)
    raters, each = raters_needed(0.55, 24), 24
    counts = random.binomial(raters * each, 0.55, 4000)
    found = [wilson_interval(int(count), raters * each)[0] > 0.5 for count in counts]
    assert 0.77 < np.mean(found) < 0.84


def test_as_many_raters_as_are_needed_find_ten_points_when_raters_differ():
    random = np.random.default_rng(0)
    rho, each = 0.05, 24
    raters = raters_needed(0.55, each, correlation=rho)
    own = random.beta(0.55 * (1 / rho - 1), 0.45 * (1 / rho - 1), (3000, raters))
    means = random.binomial(each, own) / each
    t = (means.mean(axis=1) - 0.5) / (means.std(axis=1, ddof=1) / raters**0.5)
    assert 0.76 < np.mean(t > 2) < 0.84


def test_more_raters_are_needed_for_less_and_for_raters_who_differ():
    assert raters_needed(0.6, 24) < raters_needed(0.55, 24) < raters_needed(0.55, 12)
    assert raters_needed(0.55, 24, correlation=0.05) > 2 * raters_needed(0.55, 24)
    assert raters_needed(0.55, 24, correlation=1) == raters_needed(0.55, 1)
    for share in (0.5, 1, 0.2):
        with pytest.raises(SgimError, match="share is"):
            raters_needed(share, 24)
    with pytest.raises(SgimError, match="answers_per_rater is 0"):
        raters_needed(0.6, 0)


def test_a_guess_passes_the_checks_as_often_as_coins_do():
    lists = list(itertools.product((0, 1), repeat=6))
    assert chance_to_pass(6, 5) == sum(sum(coins) >= 5 for coins in lists) / len(lists)
    assert chance_to_pass(4, 0) == 1


def test_without_attentive_raters_there_is_nothing_to_analyze():
    answers = simulate(study(), STRENGTHS, 2)
    wrong = [
        dataclasses.replace(one, chosen=[name for name in one.options if name != one.known][0])
        for one in answers
        if one.kind == "check"
    ]
    with pytest.raises(SgimError, match="None of 2 raters passed"):
        analyze_preferences(wrong)


def test_two_methods_and_one_rater_are_enough_for_a_table():
    two = draw_study(make_trials(methods=("red", "green")), num_pairs=4, num_checks=2)
    text = to_markdown(analyze_preferences(simulate(two, STRENGTHS, 1)))
    assert "1 rater is counted, 0 excluded" in text and text.count("–") > 3
    assert "| – | 4 | – |" in text and text.count("| – | ") == 3


def test_the_tables_tell_who_is_excluded_and_the_rule():
    text = to_markdown(analyze_preferences(simulate(study(), STRENGTHS, 20, careless=5)))
    assert "at least 5 attention checks right" in text and "is excluded with" in text
    assert "| 1 | red | +" in text and "| red | green |" in text
