"""Methods under equal care: views from outside by hand, scores of made-up edits, the page."""

import json

import numpy as np
import pytest
import torch
from places import ROOT

from sgim.bundle import load_judge
from sgim.embedding.planted_accidents import AblationConfig
from sgim.evaluation.method_scores import (
    MEANS,
    SHARES,
    measure_methods,
    places,
    with_scores,
)
from sgim.evaluation.methods import METHODS, OUR_NAME, OURS, PUBLISHED
from sgim.evaluation.methods_page import METHODS_FILE, beaten_sentence, methods_page
from sgim.evaluation.outside_views import frechet_distance, perceptual_distance

GROUPS = [name for name in "abcdefgh" for _ in range(4)]


def rows(right, group="methods"):
    """A method whose first edits are right, as many as told, and all else of it 0.5."""
    edits = {key: [0.5] * 32 for key in (*SHARES, *MEANS)}
    edits["right"] = [1.0] * right + [0.0] * (32 - right)
    edits |= {"shift_variance": 0.0, "frechet": 1.0, "seconds": 1.0}
    return {"group": group, "weight": 0.02, "edits": edits}


@pytest.fixture
def kept():
    """Three methods and a reference, as the file keeps them."""
    found = {OUR_NAME: rows(30), "other": rows(8), "alike": rows(29), "none": rows(0, "references")}
    return {"places": [{}] * 32, "methods": with_scores(found, GROUPS)}


def test_the_distance_of_two_sets_grows_with_their_means_and_spreads():
    points = np.random.default_rng(0).standard_normal((200, 4))
    assert frechet_distance(points, points) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(points, 3 * points) > frechet_distance(points, 2 * points) > 0.1


def test_a_picture_is_no_perceptual_distance_from_itself():
    judge = load_judge("cpu")
    pictures = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    same, other = (perceptual_distance(judge, pictures, each) for each in (pictures, -pictures))
    assert same.tolist() == [0, 0] and bool((other > 0.01).all())


def test_all_methods_take_the_same_steps_from_the_source():
    assert {method.config.num_steps for method in METHODS.values()} == {OURS.num_steps}
    starts = [name for name, method in METHODS.items() if method.config.start == "proposals"]
    assert all("starting points" in name for name in starts)
    assert (
        PUBLISHED.target == "direct" and not PUBLISHED.pursuit and next(iter(METHODS)) == OUR_NAME
    )


def test_places_share_no_scene_and_no_sound():
    asked = places(4)
    assert len({place.scene for place in asked}) == len({place.sound for place in asked}) == 32


def test_ours_is_told_less_each_other(kept):
    methods = kept["methods"]
    assert methods[OUR_NAME]["less"] is None
    assert methods["other"]["less"]["right"]["value"] == pytest.approx(22 / 32)
    assert beaten_sentence(methods) == (
        f"On right, {OUR_NAME} beats other; its lead over alike may be chance, with 32 edits of "
        "each."
    )


def test_the_page_tells_what_the_file_holds(kept, tmp_path):
    assert "No numbers yet" in methods_page(tmp_path)
    path = tmp_path / METHODS_FILE
    path.write_text(json.dumps(kept))
    before = methods_page(tmp_path)
    kept["methods"]["other"]["scores"]["right"]["value"] = 0.77
    path.write_text(json.dumps(kept))
    changed = set(methods_page(tmp_path).splitlines()) - set(before.splitlines())
    assert len(changed) == 1 and "77%" in changed.pop()


def test_the_kept_page_is_what_the_file_says():
    page = (ROOT / "docs/methods.md").read_text(encoding="utf-8")
    assert page == methods_page(ROOT / "data"), "run `sgim report`"


def test_methods_train_tune_edit_and_go_on(mini, tmp_path):
    few = {name: METHODS[name] for name in (OUR_NAME, "no edit", "nearest render (oracle)")}
    settings = {
        "methods": few,
        "per_weather": 1,
        "training": AblationConfig(num_clips=64, num_epochs=1, seconds=1.5, widths=(4, 8)),
        "config_changes": {"num_steps": 1, "pursuit": False},
    }
    judge = load_judge("cpu")
    results = measure_methods(mini, mini, judge, tmp_path, **settings)
    unmoved = results["methods"]["no edit"]["scores"]
    assert unmoved["right"]["value"] == 0 and unmoved["perceptual"]["value"] == 0
    assert unmoved["shift"]["value"] == pytest.approx(1, abs=1e-5)
    kept_parts = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert measure_methods(mini, mini, judge, tmp_path, **settings) == results
    assert kept_parts == {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
