"""The ablation: accidents tie sound to picture and nothing else, and runs are kept."""

import json

import torch

from sgim.embedding import ablation
from sgim.embedding.ablation import ablate, near_rate, to_markdown
from sgim.embedding.alignment import align
from sgim.embedding.alignment_terms import OBJECTIVES, AlignConfig
from sgim.embedding.planted_accidents import AblationConfig, Pairs, make_pairs

TINY = AblationConfig(num_clips=64, num_held_out=16, seconds=1.0, num_epochs=1, seeds=(1,))


def test_objectives_grow_by_one_term_each():
    counts = [sum(value == 0 for value in settings.values()) for settings in OBJECTIVES.values()]
    assert counts == [3, 2, 1, 0]
    for settings in OBJECTIVES.values():
        AlignConfig(**settings)


def test_an_accident_changes_sound_and_place_but_not_weather(bundle):
    clean, shared = (
        make_pairs(bundle, 8, TINY, accidents=kind, seed=3, progress=False)
        for kind in ("none", "shared")
    )
    assert torch.equal(clean.classes, shared.classes)
    assert torch.equal(clean.intensities, shared.intensities)
    assert not torch.equal(clean.log_mels, shared.log_mels)
    assert not torch.equal(clean.image_features, shared.image_features)
    again = make_pairs(bundle, 8, TINY, accidents="shared", seed=3, progress=False)
    assert torch.equal(shared.log_mels, again.log_mels)


def test_a_find_counts_when_class_and_intensity_are_near():
    pairs = Pairs(
        *(torch.zeros(4, 1),) * 3,
        classes=torch.tensor([0, 0, 1, 1]),
        intensities=torch.tensor([0.1, 0.9, 0.5, 0.6]),
    )
    queries, targets = torch.eye(4), torch.eye(4)[[1, 0, 3, 2]]
    assert near_rate(queries, queries, pairs) == 1.0
    assert near_rate(queries, targets, pairs) == 0.5


def test_runs_are_kept_and_tabled(tmp_path, monkeypatch):
    first = ablate(tmp_path, config=TINY, progress=False)
    assert len(first) == 2 * len(OBJECTIVES)
    assert {run["condition"] for run in first} == {"clean", "accidents"}
    kept = json.loads((tmp_path / "runs.json").read_text())
    assert kept["made"]["seeds"] == {"trainings": [1], "data": TINY.data_seed}
    kept["runs"].pop()
    (tmp_path / "runs.json").write_text(json.dumps(kept))
    calls = []
    monkeypatch.setattr(ablation, "align", lambda *a, **k: calls.append(1) or align(*a, **k))
    assert ablate(tmp_path, config=TINY, progress=False) == first
    assert len(calls) == 1
    table = (tmp_path / "table.md").read_text()
    assert table.strip() == to_markdown(first) and all(name in table for name in OBJECTIVES)
