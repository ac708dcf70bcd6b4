"""Every check takes the right answer, refuses the stub, and names the typical mistakes."""

import math

import pytest
import solved
import torch
import torch.nn.functional as F

from sgim import exercises
from sgim.exercises.choices import sealed

RIGHT = {
    "check_power": solved.power_spectrogram,
    "check_mel_filters": solved.mel_filters,
    "check_level": solved.level,
    "check_log_mel": solved.log_mel,
    "check_info_nce": solved.info_nce,
    "check_perfect_loss": solved.perfect_loss,
    "check_clip_pixels": solved.clip_pixels,
    "check_encoder_layout": solved.encoder_layout,
    "check_edit_loss": solved.edit_loss,
    "check_mask_update": solved.mask_update,
}


def in_place(function):
    def changed(first, *others):
        result = function(first, *others)
        first.mul_(2)
        return result

    return changed


def rows_only(features, targets, scale):
    return F.cross_entropy(scale * features @ targets.T, torch.arange(len(features)))


def naive_info_nce(features, targets, scale):
    ratios = (scale * features @ targets.T).exp()
    own = ratios.diagonal()
    return -((own / ratios.sum(0)).log().mean() + (own / ratios.sum(1)).log().mean()) / 2


MISTAKES = [
    ("check_power", lambda *a: solved.power_spectrogram(*a, window=False), "No window"),
    ("check_power", lambda *a: solved.power_spectrogram(*a, squared=False), "Magnitude for power"),
    ("check_power", lambda *a: solved.power_spectrogram(*a, mirrored=False), "there are too few"),
    ("check_power", lambda *a: solved.power_spectrogram(*a).T, "axes are mixed up"),
    ("check_power", in_place(solved.power_spectrogram), "in place"),
    ("check_mel_filters", lambda *a: solved.mel_filters(*a).T, "axes are mixed up"),
    ("check_mel_filters", lambda *a: solved.mel_filters(*a, in_mel=False), "equally far apart in"),
    ("check_mel_filters", lambda *a: solved.mel_filters(*a, area=True), "Normalization that is"),
    ("check_level", lambda *a: solved.level(*a, log=torch.log), "natural logarithm"),
    ("check_level", lambda *a: solved.level(*a, centered=False), "Normalization forgotten"),
    ("check_level", lambda *a: solved.level(*a, clip=(0, 1, 2)), "whole batch"),
    ("check_level", lambda power, *a: solved.level(power, 1e9, a[1]), "The floor is missing"),
    ("check_level", in_place(solved.level), "in place"),
    ("check_log_mel", lambda w: solved.log_mel(w)[:, 0], "axis of the channel is missing"),
    ("check_log_mel", lambda w: solved.log_mel(w).mT, "Time runs down|time runs down"),
    ("check_log_mel", lambda w: solved.log_mel(w) + w.abs().max(), "Loudness|quarter of its"),
    ("check_info_nce", lambda a, b, s: solved.info_nce(a, b, 1 / s), "Temperature inverted"),
    ("check_info_nce", rows_only, "not symmetric"),
    ("check_info_nce", lambda a, b, s: solved.info_nce(a, b, 1), "temperature is not used"),
    ("check_info_nce", lambda a, b, s: 2 * solved.info_nce(a, b, s), "mean"),
    ("check_info_nce", naive_info_nce, "too large for a float32"),
    ("check_info_nce", lambda a, b, s: solved.info_nce(a.detach(), b, s), "No gradient"),
    ("check_info_nce", lambda a, b, s: solved.info_nce(a, b, s)[None], "an axis too many"),
    ("check_perfect_loss", lambda n, s: math.log(n), "blind guess"),
    ("check_perfect_loss", lambda n, s: math.log(1 + n * math.exp(-s)), "counts its own"),
    ("check_perfect_loss", lambda n, s: solved.perfect_loss(n, 1 / s), "Temperature inverted"),
    ("check_clip_pixels", lambda x, m, s: (x + 1) / 2, "Normalization forgotten"),
    ("check_clip_pixels", lambda x, m, s: x, "Nothing has changed"),
    ("check_clip_pixels", lambda x, m, s: solved.clip_pixels(2 * x - 1, m, s), "Which step comes"),
    ("check_clip_pixels", in_place(solved.clip_pixels), "in place"),
    ("check_encoder_layout", lambda x: x.reshape(1, 1, *x.T.shape), "dealt out anew"),
    ("check_encoder_layout", lambda x: x[None, None], "axes are mixed up"),
    ("check_encoder_layout", lambda x: x.flip(0).T[None, None], "Time runs backward"),
    ("check_edit_loss", lambda *a: solved.edit_loss(*a[:4], 1 + 0 * a[4], a[5]), "Mask not used"),
    ("check_edit_loss", lambda *a: solved.edit_loss(*a).mean(), "One number for the whole"),
    ("check_edit_loss", lambda *a: solved.edit_loss(*a[:5], 1.0), "lambda_sim is not used"),
    ("check_edit_loss", lambda f, *a: solved.edit_loss(f.detach(), *a), "No gradient"),
    (
        "check_edit_loss",
        lambda f, t, *a: (
            solved.edit_loss(f, t, *a) - (1 - F.cosine_similarity(f, t)) + (1 - (f * t).sum(1))
        ),
        "Normalization forgotten",
    ),
    ("check_mask_update", lambda m, w, s, r: solved.mask_update(m, w, s, -r), "sign is wrong"),
    ("check_mask_update", lambda m, w, s, r: m.clone(), "Nothing moves"),
    (
        "check_mask_update",
        lambda m, w, s, r: torch.cat([solved.mask_update(m, w, s, r)[:, :14], m[:, 14:]], 1),
        "Only 14 layers",
    ),
    (
        "check_mask_update",
        lambda m, w, s, r: solved.mask_update(m, w, s, r) + 0 * w.sum(),
        "Gradient into the mask",
    ),
]


@pytest.mark.parametrize("seed", [0, 1, 2026])
@pytest.mark.parametrize("check", RIGHT)
def test_the_right_answer_gets_all_points(check, seed):
    report = getattr(exercises, check)(RIGHT[check], seed=seed)
    assert report.right, report
    assert exercises.points(4, [report]) == 4


@pytest.mark.parametrize("check", RIGHT)
def test_the_stub_gets_no_points_and_is_told_what_to_do(check):
    report = getattr(exercises, check)(lambda *given: None)
    assert report.score == 0 and "returns nothing yet" in str(report)


@pytest.mark.parametrize("seed", [0, 2026])
@pytest.mark.parametrize(("check", "answer", "words"), MISTAKES)
def test_a_typical_mistake_is_named(check, answer, words, seed):
    report = getattr(exercises, check)(answer, seed=seed)
    assert not report.right
    assert any(word in str(report) for word in words.split("|")), report


@pytest.mark.parametrize("check", RIGHT)
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (3, "pass the function itself"),
        (lambda *given: "text", "expected is a tensor"),
        (lambda *given: torch.zeros(2, 3, 4, 5, 6), "shape"),
        (lambda *given: torch.zeros(1) / 0, "not finite"),
        (lambda *given: given[0] @ given[0] @ given[0].nothing, "stopped with"),
        (lambda wrong: 1 / 0, "stopped with"),
    ],
)
def test_what_cannot_be_judged_gets_advice_and_no_traceback(check, answer, words):
    report = getattr(exercises, check)(answer)
    assert report.score == 0 and words in str(report)


@pytest.mark.parametrize("check", RIGHT)
def test_a_constant_of_the_right_shape_gets_no_points(check):
    right = RIGHT[check]
    report = getattr(exercises, check)(lambda *given: 0 * torch.as_tensor(right(*given)) + 0.3)
    assert report.score <= 0.25, report


def test_what_a_student_writes_to_stderr_does_not_reach_the_grader(capsys):
    import sys
    import warnings

    def noisy(*given):
        warnings.warn("old function", stacklevel=1)
        print("loud", file=sys.stderr)
        return solved.encoder_layout(*given)

    assert exercises.points(2, [exercises.check_encoder_layout(noisy)]) == 2
    assert capsys.readouterr().err == ""


def test_points_come_in_halves_by_the_worst_report(capsys):
    good = exercises.check_info_nce(solved.info_nce)
    part = exercises.check_info_nce(rows_only)
    assert part.score == 3 / 5
    assert exercises.points(4, [good, part]) == exercises.points(4, [part]) == 2
    assert exercises.points(5, [good, part]) == 3 and exercises.points(1, [part]) == 0.5
    assert exercises.points(3, [good]) == 3
    assert "not symmetric" in capsys.readouterr().out


SEALED = {"1": sealed("1", "b"), "2": sealed("2", "c")}


@pytest.mark.parametrize(
    ("given", "score", "words"),
    [
        ({"1": "b", "2": "C "}, 1, "right"),
        ({"1": "b", "2": "a"}, 0.5, "which one is not told"),
        ({"1": "b"}, 0, "Question 2 has no answer"),
        ({"1": "b", "2": "rain"}, 0, "Question 2 has no answer"),
        ("b c", 0, "no dictionary"),
        (None, 0, "nothing yet"),
    ],
)
def test_predictions_are_counted_and_never_told(given, score, words):
    report = exercises.check_choices(lambda: given, SEALED)
    assert report.score == score and words in str(report)


@pytest.mark.parametrize(
    ("given", "score", "words"),
    [
        ({3, 8}, 1, "right"),
        ([8, 3], 1, "right"),
        ({3}, 0.5, "1 of 2"),
        (set(range(1, 13)), 0, "takes one away"),
        ({3, 8, 9}, 0.5, "takes one away"),
        ({0}, 0, "from 1 to 12"),
        ("3", 0, "no set"),
        (None, 0, "nothing yet"),
    ],
)
def test_lines_at_fault_are_counted_and_wrong_suspicions_cost(given, score, words):
    seals = {sealed("line", 3), sealed("line", 8)}
    report = exercises.check_suspects(lambda: given, seals, 12)
    assert report.score == score and words in str(report)
