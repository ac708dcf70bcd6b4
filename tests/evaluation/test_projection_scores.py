"""Projections of renders, by PSNR and by a distance that is given."""

import functools

import pytest

from sgim.editing.project_config import ProjectConfig
from sgim.editing.projection import project
from sgim.evaluation import measurement_tables, projection_scores


@pytest.mark.parametrize("distance", [None, lambda images, photos: (images - photos).abs().mean()])
def test_projections_are_scored_one_by_one(bundle, monkeypatch, distance):
    quick = ProjectConfig(num_starts=64, num_kept=4, num_steps=5)
    monkeypatch.setattr(projection_scores, "project", functools.partial(project, config=quick))
    scores = projection_scores.score_projections(bundle, distance, photo_seeds=(9000, 9001))
    assert len(scores["psnr"]) == len(scores["seconds"]) == 2
    assert all(5 < psnr < 40 for psnr in scores["psnr"])
    table = "\n".join(measurement_tables._projection_lines(**scores))
    assert ("lpips" in scores) == ("LPIPS" in table) == (distance is not None)
    if distance is not None:
        assert f"the worst {max(scores['lpips']):.3f}" in table
