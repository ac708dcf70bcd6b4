"""The test of the claim: bits by hand, a verdict for each outcome, kept parts, its page."""

import json

import numpy as np
import pytest

from sgim.checks import SgimError
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.evaluation import claim, claim_design, edit_batches
from sgim.evaluation.claim import claim_scores, measure_claim
from sgim.evaluation.claim_page import CLAIM, claim_page, fewest_grades, references_sentence
from sgim.evaluation.claim_scores import (
    HOLDS,
    NOT_SHOWN,
    REFUTED,
    bits,
    differences,
    jackknife,
    level_table,
    mutual_information,
    side_scores,
    thinned,
    verdict,
)
from sgim.evaluation.claim_words import all_phrases
from sgim.evaluation.edit_scores import SCENE_SEEDS, STRENGTH_LEVELS
from sgim.evaluation.kept_parts import KeptParts

GROUPS = [name for name in "abcdefgh" for _ in range(4)]
ASKED = np.array(STRENGTH_LEVELS)


def levels(noise, seed=0):
    """Levels reached by edits that err by `noise`, (32, 8)."""
    return ASKED + noise * np.random.default_rng(seed).standard_normal((32, 8))


def test_bits_of_a_table_made_by_hand():
    one_bit = np.array([[500, 0], [0, 500]])
    assert mutual_information(one_bit) == pytest.approx(1, abs=2e-3)
    assert mutual_information(np.full((2, 2), 250)) == 0
    noisy = np.array([[400, 100], [100, 400]])  # 1 - H(0.2)
    assert mutual_information(noisy) == pytest.approx(0.278, abs=3e-3)


def test_levels_that_are_reached_exactly_carry_all_bits_and_shuffled_ones_none():
    assert bits(levels(0), GROUPS) == pytest.approx(3, abs=0.05)
    nothing = np.random.default_rng(1).permuted(levels(0), axis=1)
    assert bits(nothing, GROUPS) < 0.15
    same = np.repeat(np.linspace(0, 1, 32)[:, None], 8, axis=1)
    assert bits(same, GROUPS) == 0, "a scene that never moves tells nothing"


def test_equal_levels_share_a_bin_and_scales_do_not_matter():
    tied = np.repeat([[0.0, 0.0, 1.0, 1.0]], 2, axis=0)
    assert level_table(tied, ["a", "a"]).tolist() == [[0, 2, 0, 0]] * 2 + [[0, 0, 0, 2]] * 2
    assert bits(levels(0.1), GROUPS) == bits(7 * levels(0.1) + 3, GROUPS)


def test_noise_costs_bits_and_the_interval_holds_the_estimate():
    scores = [side_scores(levels(noise), GROUPS, STRENGTH_LEVELS) for noise in (0.05, 0.3)]
    clear, noisy = (one["bits"] for one in scores)
    assert clear["value"] > noisy["value"] + 0.5 and clear["chance"] < 0.01
    low, high = noisy["interval"]
    assert low < noisy["value"] < high
    assert scores[0]["spearman"]["value"] > scores[1]["spearman"]["value"]
    assert scores[0]["slope"]["value"] == pytest.approx(1, abs=0.1)


def test_a_side_less_itself_is_nothing_and_less_a_worse_one_is_above_nothing():
    same = differences(levels(0.1), levels(0.1), GROUPS, STRENGTH_LEVELS)
    assert same["bits"] == {"value": 0.0, "interval": (0.0, 0.0)}
    more = differences(levels(0.05), levels(0.5, seed=1), GROUPS, STRENGTH_LEVELS)
    assert more["bits"]["interval"][0] > 0 > more["error"]["interval"][1]


def test_the_interval_of_bits_holds_what_other_scenes_give():
    holds = []
    for seed in range(20):
        low, high = side_scores(levels(0.2, seed), GROUPS, STRENGTH_LEVELS)["bits"]["interval"]
        holds += [low < bits(levels(0.2, 100 + other), GROUPS) < high for other in range(5)]
    assert np.mean(holds) > 0.7


def test_the_jackknife_of_a_mean_has_its_standard_error():
    values = np.random.default_rng(0).standard_normal(50)
    told = jackknife(lambda rows: values[rows].mean(), 50)
    error = values.std(ddof=1) / 50**0.5
    assert told["value"] == pytest.approx(values.mean())
    assert told["interval"][1] - told["value"] == pytest.approx(1.96 * error)


def test_one_place_has_no_jackknife():
    with pytest.raises(SgimError, match="needs 2 or more"):
        jackknife(len, 1)


def test_a_reference_that_does_not_fail_is_told():
    sides = {name: {"spearman": {"interval": [-0.1, 0.2]}} for name in claim_design.REFERENCES}
    assert references_sentence(sides) == "Random direction and no edit fail, as they must."
    sides["random direction"]["spearman"]["interval"] = [0.1, 0.2]
    told = references_sentence(sides)
    assert "broken" in told and "random direction must fail" in told


def test_each_outcome_has_its_verdict():
    outcomes = [verdict((0.1, 0.3)), verdict((-0.3, -0.1)), verdict((-0.1, 0.3))]
    assert outcomes == [HOLDS, REFUTED, NOT_SHOWN]


def test_thinned_words_keep_the_ends():
    assert thinned(8, 8) == list(range(8))
    assert set(thinned(8, 3)) == {0, 4, 7} and len(set(thinned(8, 1))) == 1


def test_the_plan_shares_no_scene_and_no_sound():
    planned = claim_design.sequences()
    scenes = [one.scene for one in planned]
    sounds = [sound for one in planned for sound in one.sounds]
    assert len(set(scenes)) == len(planned) and len(set(sounds)) == len(sounds)
    others = {*claim_design.VALIDATION_SCENES, *claim_design.EXAMPLE_SCENES, *SCENE_SEEDS}
    assert not others & set(scenes)
    assert all(len(one.sounds) == len(STRENGTH_LEVELS) for one in planned)


def test_phrases_are_said_once():
    phrases = all_phrases("rain")
    assert "a light drizzle" in phrases and len(set(phrases)) == len(phrases)


def test_a_part_is_made_once_and_again_with_other_settings(tmp_path):
    made = []

    def work():
        made.append(1)
        return {"level": (0.5, 1)}

    for settings in ({"steps": 1}, {"steps": 1}, {"steps": 2}):
        kept = KeptParts(tmp_path, settings).get("sound rain", work)
        assert kept == {"level": [0.5, 1]}
    assert len(made) == 2
    with pytest.raises(TypeError):
        KeptParts(tmp_path, {}).get("broken", lambda: object())
    assert not (tmp_path / "broken.json").exists(), "whole or not at all"


@pytest.fixture(scope="module")
def measured(mini, tmp_path_factory):
    """A test of one weather at three levels with edits of one step, and where its parts lie."""
    folder = tmp_path_factory.mktemp("claim")
    few = {
        "names": ("rain",),
        "per_weather": 2,
        "levels": (0.1, 0.5, 1.0),
        "extra_scenes": (61_100,),
        "config": ManipulateConfig(num_steps=1, pursuit=False),
    }
    return measure_claim(mini, folder, **few), folder, few


def test_every_side_reaches_a_level_for_each_that_is_asked(measured):
    results, _, _ = measured
    assert set(results["sides"]) == set(claim_design.SIDES)
    for side, rows in results["sides"].items():
        tries = claim_design.RANDOM_TRIES if side == "random direction" else 1
        assert np.array(rows).shape == (2 * tries, 3)
    assert len(results["words"]["rain"]) == 3
    assert (np.ptp(results["sides"]["no edit"], axis=1) == 0).all()
    chosen, heard = (
        results["sides"][side][0] for side in ("chosen words", "words of the heard level")
    )
    assert set(heard) <= set(chosen), "heard words are some of the chosen ones"


def test_a_stopped_test_goes_on_without_editing_again(measured, mini, monkeypatch):
    results, folder, few = measured

    def never(*given, **more):
        raise AssertionError("an edit was made again")

    monkeypatch.setattr(edit_batches, "manipulate", never)
    again = measure_claim(mini, folder, **few)
    assert json.dumps(again) == json.dumps(results)
    next(folder.glob("sound_rain.json")).unlink()
    with pytest.raises(AssertionError, match="made again"):
        measure_claim(mini, folder, **few)


@pytest.fixture
def kept(measured):
    """A file of results whose scores are those of 32 made-up sequences."""
    results = json.loads(json.dumps(measured[0]))
    sides = {side: levels(0.2).tolist() for side in claim_design.SIDES}
    sides["chosen words"] = levels(0.05, seed=1).tolist()
    sides["random direction"] = levels(5.0, seed=2).tolist()
    results |= {"levels": list(STRENGTH_LEVELS), "sides": sides}
    results["scores"] |= claim_scores(sides, GROUPS, STRENGTH_LEVELS)
    return results


def test_the_page_without_numbers_is_the_plan(tmp_path):
    told = claim_page(tmp_path)
    assert "No numbers yet" in told and "The claim is refuted" not in told


def test_the_page_tells_what_the_file_holds(kept, tmp_path):
    path = tmp_path / CLAIM
    path.write_text(json.dumps(kept))
    before = claim_page(tmp_path)
    assert "The claim is refuted here" in before and "grades of the chosen words" in before
    assert fewest_grades(kept["scores"]) < 8
    kept["scores"]["sides"]["sound"]["spearman"]["value"] = 0.123456
    path.write_text(json.dumps(kept))
    changed = set(claim_page(tmp_path).splitlines()) - set(before.splitlines())
    assert len(changed) == 1 and "| sound |" in changed.pop()


def test_the_kept_page_is_what_the_file_says():
    from places import ROOT

    kept = (ROOT / "docs/claim.md").read_text(encoding="utf-8")
    assert kept == claim_page(ROOT / "data"), "run `sgim report`"
    assert claim.SEEDS["scenes"][0] == claim_design.FIRST_SCENE
