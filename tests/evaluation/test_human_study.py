"""A study: which questions are drawn, and in which order and on which sides raters see them."""

import dataclasses
from collections import Counter

import pytest
import torch
from study_makers import METHODS, make_study, make_trials

from sgim.checks import SgimError
from sgim.evaluation.human_study import CHECK, OTHER_SOUND, PAIR, UNEDITED, draw_study
from sgim.evaluation.study_order import FIRST_RATER, LAST_RATER, new_rater, order_of_rater


def of_kind(study, kind):
    return [question for question in study.questions if question.kind == kind]


def test_every_two_methods_are_compared_equally_often_on_the_same_scene_and_sound():
    pairs = of_kind(make_study(num_pairs=9), PAIR)
    assert set(Counter(one.options for one in pairs).values()) == {3}
    for one in pairs:
        for option, picture in zip(one.options, one.pictures, strict=True):
            assert torch.equal(picture, one.trial.edits[option])
    assert len({(*one.options, one.trial.scene, one.trial.sound) for one in pairs}) == 9


def test_questions_are_spread_over_sounds_and_scenes():
    study = make_study(num_pairs=6, num_checks=4)
    for kind, count in ((PAIR, 3), (CHECK, 2)):
        sounds = Counter(one.trial.sound for one in of_kind(study, kind))
        assert sounds == {"rain": count, "fire": count}
    places = {(one.trial.scene, one.trial.sound) for one in of_kind(study, PAIR)}
    assert len(places) >= 5


def test_all_pairs_there_are_serve_when_more_are_asked_for():
    assert len(of_kind(make_study(num_pairs=1000), PAIR)) == 3 * len(make_trials())


def test_attention_checks_are_of_both_kinds_and_their_answer_is_known():
    checks = of_kind(make_study(num_checks=6), CHECK)
    assert Counter(one.options[1] for one in checks) == {UNEDITED: 3, OTHER_SOUND: 3}
    others = {(one.scene, one.sound): one.edits["red"] for one in make_trials()}
    for one in checks:
        assert one.known == one.options[0] == "red"
        assert torch.equal(one.pictures[0], one.trial.edits["red"])
        wrong = {"rain": "fire", "fire": "rain"}[one.trial.sound]
        expected = {UNEDITED: one.trial.source, OTHER_SOUND: others[one.trial.scene, wrong]}
        assert torch.equal(one.pictures[1], expected[one.options[1]])


def test_the_most_different_pictures_serve_as_checks():
    trials = make_trials()
    faint = {
        trial.scene: dataclasses.replace(
            trial, edits=trial.edits | {"red": trial.source + 0.05 * (1 - trial.source)}
        )
        for trial in trials[2:]
    }
    study = draw_study([*trials[:2], *faint.values()], num_checks=2)
    assert {one.trial.scene for one in of_kind(study, CHECK)} == {"scene 1"}


def test_similar_sounds_are_not_put_against_each_other():
    study = make_study(num_checks=6, alike=[("fire", "rain")])
    assert {one.options[1] for one in of_kind(study, CHECK)} == {UNEDITED}


def test_pictures_that_look_the_same_are_no_question():
    trials = make_trials(methods=("red", "green"))
    same = [dataclasses.replace(trials[0], edits=dict.fromkeys(METHODS, trials[0].source))]
    assert len(of_kind(draw_study([*same, *trials[1:]], num_checks=0), PAIR)) == len(trials) - 1
    with pytest.raises(SgimError, match="No two edits of a trial differ"):
        draw_study(same, num_checks=0)


def test_a_seed_draws_the_same_study_and_words_and_rule_are_part_of_its_name():
    names = [make_study(seed=seed).name for seed in (1, 1, 2)]
    assert names[0] == names[1] != names[2]
    assert make_study(seed=1, asked="Which is nicer?").name != names[0]
    assert make_study(seed=1, needed_right=1).name != names[0]


def test_a_rater_sees_every_question_once_with_half_of_the_sides_swapped():
    for rater in (1, 2, 1_234_567, 2**31 - 2):
        order = order_of_rater(rater, 31)
        assert sorted(place for place, _ in order) == list(range(31))
        assert sum(left for _, left in order) == 15


def test_orders_and_sides_are_random_over_raters():
    count, raters = 8, range(1, 2001)
    orders = [order_of_rater(rater, count) for rater in raters]
    first = Counter(order[0][0] for order in orders)
    left = Counter(place for order in orders for place, left in order if left)
    joint = Counter(order[0] for order in orders)
    assert all(abs(first[place] - 250) < 80 for place in range(count))
    assert all(abs(left[place] - 1000) < 120 for place in range(count))
    assert all(abs(joint[place, side] - 125) < 60 for place in range(count) for side in (0, 1))
    assert len({tuple(order) for order in orders}) > 1950


def test_a_drawn_rater_is_a_number_of_seven_digits():
    assert all(FIRST_RATER <= new_rater() <= LAST_RATER for _ in range(100))


@pytest.mark.parametrize("rater", [0, 2**31 - 1, "ann", 1.5])
def test_a_rater_that_is_no_number_is_named(rater):
    with pytest.raises(SgimError, match=r"rater is .*; it must be a whole number"):
        order_of_rater(rater, 3)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"num_pairs": 0}, "num_pairs is 0"),
        ({"num_checks": -1}, "num_checks is -1"),
        ({"num_checks": 99}, "16 attention checks can be made, 99 are asked for"),
        ({"needed_right": 5}, "needed_right is 5 and there are 4 checks"),
    ],
)
def test_a_study_that_cannot_be_drawn_says_why(settings, words):
    with pytest.raises(SgimError, match=words):
        make_study(**settings)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scene": "a\nb"}, "has the name"),
        ({"edits": {UNEDITED: torch.zeros(3, 8, 8)}}, "as attention checks call it"),
        ({"edits": {"red": torch.zeros(3, 4, 4)}}, "red has the shape"),
        ({"source": torch.full((3, 8, 8), float("nan"))}, "values are not finite"),
        ({"waveform": torch.zeros(2, 5)}, "waveform has the shape"),
        ({"clear": ["pink"]}, "calls pink clear, but there is no such edit"),
    ],
)
def test_a_trial_that_fits_no_study_says_why(changes, words):
    with pytest.raises(SgimError, match=words):
        dataclasses.replace(make_trials()[0], **changes)


def test_two_trials_of_one_scene_and_sound_are_refused():
    with pytest.raises(SgimError, match="several trials of"):
        draw_study([*make_trials(), make_trials()[0]])
