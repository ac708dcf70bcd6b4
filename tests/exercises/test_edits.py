"""The check of a whole edit loop: it looks at the goal, the drift, and at what has to stay."""

import pytest
import torch
from solved import edit

from sgim.exercises import edits

STEPS = 2


@pytest.fixture
def easy(monkeypatch):
    """A goal that few steps reach, so that the tests are quick."""
    monkeypatch.setattr(edits, "RISE", 0.02)
    monkeypatch.setattr(edits, "RIGHT_EDITS", 1)


def few_steps(*given, **changes):
    return edit(*given, **{"steps": STEPS, **changes})


def test_a_right_loop_reaches_the_goal():
    report = edits.check_edit(edit)
    assert report.right, report


def test_a_loop_that_is_not_written_gets_no_points():
    report = edits.check_edit(lambda *given: None)
    assert report.score == 0 and "returns nothing yet" in str(report)


def test_a_latent_that_stays_is_no_edit():
    report = edits.check_edit(lambda generator, encode, ws, target: ws.clone())
    assert report.score == 0 and "where they set out from" in str(report)


def test_a_loss_that_is_climbed_is_told():
    report = edits.check_edit(lambda *given: few_steps(*given, sign=-1))
    assert report.score == 0 and "move away from the sounds" in str(report)


def test_too_much_drift_is_told(easy):
    report = edits.check_edit(lambda *given: few_steps(*given, rate=0.5, weight=0.0))
    assert "Which term of the loss holds it" in str(report) and 0 <= report.score < 1


def test_gradients_that_stay_in_clip_are_told(easy):
    def careless(generator, encode_image, source_ws, target_features):
        ws = source_ws.clone().requires_grad_()
        optimizer = torch.optim.Adam([ws], lr=0.06)
        for _ in range(STEPS):
            features = encode_image(generator.synthesis(ws))
            (1 - (features * target_features).sum()).backward()
            optimizer.step()
        return ws

    report = edits.check_edit(careless)
    assert "Gradient into CLIP" in str(report) and 0 < report.score < 1
    assert not any(weight.grad is not None for weight in edits.edit_task().models.clip.parameters())


def test_a_source_that_is_moved_itself_is_told(easy):
    def in_place(generator, encode_image, source_ws, target_features):
        return source_ws.copy_(few_steps(generator, encode_image, source_ws, target_features))

    report = edits.check_edit(in_place)
    assert "changed in place" in str(report)
