"""Edits are scored by the scene's true parameters, and doing nothing scores nothing."""

import dataclasses

import pytest
import torch

from sgim.evaluation.edit_batches import Edited
from sgim.evaluation.edit_scores import intervals, score, summarize
from sgim.evaluation.edit_ways import (
    Guide,
    compare_ways,
    heard_words,
    no_edit,
    starting_point_alone,
    true_words,
    ways_table,
)
from sgim.models.judge import JUDGE_NAMES
from sgim.world.layers import LAYER_NAMES
from sgim.world.scenes import SceneGenerator
from sgim.world.sounds import synthesize_sound

GENERATOR = SceneGenerator(64)


def judge(images):
    """Names rain, whatever it sees."""
    votes = torch.zeros(len(images), len(JUDGE_NAMES))
    votes[:, JUDGE_NAMES.index("rain")] = 1
    return votes


def scored(name, weathers, *, row="land", by=0.0):
    """Score of one scene that gained `weathers` and whose `row` moved by `by`."""
    calm = GENERATOR.with_weather(GENERATOR.w_avg[None], {other: 0.0 for other in ("rain", "fire")})
    ws = GENERATOR.with_weather(calm, weathers)
    ws[:, LAYER_NAMES.index(row), 0] += by
    edited = Edited(calm, ws, torch.zeros(1, 3, 8, 8), seconds=2.0)
    (one,) = score(GENERATOR, judge, edited, name, [0], 7)
    return one


def test_what_was_asked_and_nothing_else_is_right():
    one = scored("rain", {"rain": 0.7})
    assert one.rise == pytest.approx(0.7, abs=0.01)
    assert one.unasked < 0.01 and one.drift == one.setting == 0
    assert one.reached and one.clean and one.stays and one.right
    assert summarize([one])["judged"] == 1


@pytest.mark.parametrize(
    ("weathers", "reached"),
    [({"rain": 0.45}, True), ({"rain": 0.7, "fire": 0.2}, True), ({"fire": 0.7}, False)],
)
def test_too_little_or_something_else_is_not_right(weathers, reached):
    one = scored("rain", weathers)
    assert one.reached == reached and not one.right


def test_a_thunderstorm_may_bring_rain_but_less_of_it():
    assert scored("thunderstorm", {"thunderstorm": 0.8, "rain": 0.5}).right
    assert not scored("thunderstorm", {"thunderstorm": 0.6, "rain": 0.7}).right
    assert not scored("rain", {"rain": 0.8, "thunderstorm": 0.5}).right


@pytest.mark.parametrize(("row", "by"), [("land", 2.0), ("light", 1.0), ("shore", 3.0)])
def test_land_light_and_water_must_stay(row, by):
    one = scored("rain", {"rain": 0.7}, row=row, by=by)
    assert one.reached and one.clean and not one.stays and not one.right


def test_waves_may_bring_water():
    assert scored("waves", {"waves": 0.7}, row="shore", by=3.0).right


def test_intervals_hold_the_share_and_widen_with_disagreement():
    right, wrong = scored("rain", {"rain": 0.7}), scored("rain", {})
    scores = [
        dataclasses.replace(right if scene < 6 else wrong, scene=scene, sound=sound)
        for scene in range(8)
        for sound in (1, 2)
    ]
    low, high = intervals(scores)["right"]
    assert 0.3 < low < 0.75 < high <= 1
    assert intervals(scores[:12])["right"] == (1, 1)


def test_doing_nothing_reaches_nothing_and_a_starting_point_alone_is_told_apart(bundle):
    ways = {"no edit": no_edit, "start": starting_point_alone}
    found = compare_ways(bundle, judge, ways=ways, scene_seeds=(3,), sound_seeds=(5,))
    nothing, start = found["no edit"], found["start"]
    assert nothing["count"] == 8
    assert nothing["all"]["reached"] == nothing["all"]["right"] == 0
    assert start["all"]["reached"] > 0.5 and start["all"]["right"] == 0
    assert "| no edit | 0% (0%–0%) | 0% (0%–0%) |" in ways_table(found)


def test_words_that_were_heard_say_the_same_as_the_true_ones_where_the_sound_is_plain(bundle):
    guide = Guide("rain", 5, bundle.encode_audio(*synthesize_sound("rain", 0.9, 5.0, 5)))
    told, heard = true_words(bundle, guide), heard_words(bundle, guide)
    assert told.shape == heard.shape == guide.features.shape
    assert torch.cosine_similarity(told, heard).item() > 0.8
