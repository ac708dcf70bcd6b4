"""Two sounds at once are right when both come, nothing else does, and weights keep their order."""

from types import SimpleNamespace

import pytest
import torch

from sgim.evaluation import mixture_scores
from sgim.evaluation.edit_batches import Edited
from sgim.evaluation.mixture_scores import edited_mixtures
from sgim.world.scenes import SceneGenerator

GENERATOR = SceneGenerator(64)


def scored(monkeypatch, weathers):
    """Rows for rain + fire where every edit brings just these weathers."""

    def edit_all(bundle, source_ws, targets, **options):
        ws = GENERATOR.with_weather(source_ws, weathers)
        return [Edited(source_ws, ws, torch.zeros(2, 3, 8, 8), seconds=1.0) for _ in targets]

    monkeypatch.setattr(mixture_scores, "edit_all", edit_all)
    bundle = SimpleNamespace(
        generator=GENERATOR, encode_audio=lambda waveform, rate: waveform[None, :8]
    )
    return edited_mixtures(bundle, pairs=(("rain", "fire"),), scene_seeds=(0, 1), sound_seeds=(7,))


@pytest.mark.parametrize(
    ("weathers", "right"),
    [
        ({}, [0, 0, 0]),
        ({"rain": 0.8}, [0, 0, 0]),
        ({"rain": 0.8, "fire": 0.4}, [1, 1, 0]),
        ({"rain": 0.4, "fire": 0.8}, [0, 1, 1]),
        ({"rain": 0.8, "fire": 0.4, "snow": 0.3}, [0, 0, 0]),
    ],
)
def test_both_and_only_both_in_the_order_of_their_weights(monkeypatch, weathers, right):
    assert [row["right"] for row in scored(monkeypatch, weathers)] == right


def test_rises_are_those_of_the_scene(monkeypatch):
    row = scored(monkeypatch, {"rain": 0.8, "fire": 0.4, "snow": 0.3})[0]
    assert row["rises"] == pytest.approx([0.78, 0.38], abs=0.03)
    assert row["other_rise"] == pytest.approx(0.28, abs=0.03)
    assert (row["sounds"], row["weights"], row["count"]) == (("rain", "fire"), (3, 1), 2)
