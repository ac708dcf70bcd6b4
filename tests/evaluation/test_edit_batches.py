"""Edits in batches are in the order of targets and scenes, however they are cut."""

from types import SimpleNamespace

import pytest
import torch

from sgim.evaluation import edit_batches
from sgim.evaluation.edit_batches import edit_all


def move(bundle, ws, target_features, config):
    """Every latent goes where its target is."""
    ws = ws + target_features[:, None]
    return SimpleNamespace(ws=ws, images=10 * ws, seconds=float(len(ws)))


@pytest.mark.parametrize("batch", [2, 4, 16])
def test_each_scene_goes_to_each_target(monkeypatch, batch):
    monkeypatch.setattr(edit_batches, "BATCH", batch)
    monkeypatch.setattr(edit_batches, "manipulate", move)
    source = torch.arange(3.0).view(3, 1, 1).expand(3, 2, 4)
    targets = [torch.full((1, 4), 100.0 * index) for index in range(5)]
    edits = edit_all(None, source, targets)
    assert len(edits) == 5
    for edited, target in zip(edits, targets, strict=True):
        assert torch.equal(edited.ws, source + target)
        assert torch.equal(edited.images, 10 * edited.ws)
        assert edited.source_ws is source and edited.seconds == 3.0
