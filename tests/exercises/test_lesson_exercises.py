"""The lessons' checks take the folded solutions, refuse the stubs, and name typical mistakes.

The answers are read from the notebooks, so that lesson and check cannot drift apart.
"""

import math
import random
import re

import pytest
import torch
import torch.nn.functional as F
from lesson_answers import folded, shown, solution, source, stubs

from sgim import exercises
from sgim.embedding.alignment_terms import TERM_WEIGHTS, AlignConfig
from sgim.world.layers import LAYER_NAMES
from sgim.world.names import SOUND_NAMES

LESSONS = ("04", "05", "07", "09", "10")
WHERE = {
    "check_retrieval": ("04", "my_retrieval"),
    "check_transposed_weakly_paired": ("04", "my_transposed_weakly_paired"),
    "check_truncation": ("05", "my_truncate"),
    "check_demodulation": ("05", "my_demodulation"),
    "check_round_walk": ("05", "my_round_walk"),
    "check_similarity": ("07", "my_similarity"),
    "check_repaired_loop": ("07", "my_move"),
    "check_style_mix": ("07", "my_style_mix"),
    "check_unheld_rows": ("09", "my_unheld_rows"),
    "check_place": ("09", "my_place"),
    "check_balanced_accuracy": ("10", "my_balanced_accuracy"),
    "check_few": ("10", "my_few"),
}
right = {check: solution(*place) for check, place in WHERE.items()}
truncate, walk, mix = (right[f"check_{name}"] for name in ("truncation", "round_walk", "style_mix"))
similarity, move = right["check_similarity"], right["check_repaired_loop"]
transposed, demodulation = (
    right["check_transposed_weakly_paired"],
    right["check_demodulation"],
)


def in_place(function):
    def changed(first, *others):
        result = function(first, *others)
        first += first
        return result

    return changed


def truncated_in_place(ws, w_avg, psi, first_row):
    ws[:, first_row:] = (w_avg + psi * (ws - w_avg))[:, first_row:]
    return ws


def no_division(a, b, t, theta=None):
    theta = torch.acos((a * b).sum()) if theta is None else torch.tensor(theta)
    return torch.sin((1 - t) * theta) * a + torch.sin(t * theta) * b


def untransposed(audio, text, images, scale):
    target = (scale * text @ images.T).softmax(1)
    return (target * (target.log() - (scale * audio @ images.T).log_softmax(1))).sum(1).mean()


def plain_accuracy(labels, predictions):
    return sum(map(int.__eq__, labels, predictions)) / len(labels)


def first_ones(labels, per_class, seed):
    places = {name: [i for i, one in enumerate(labels) if one == name] for name in labels}
    return [place for some in places.values() for place in some[:per_class]]


def from_all(labels, per_class, seed):
    count = per_class * len(set(labels))
    return random.Random(seed).sample(range(len(labels)), count)


def with_repeats(labels, per_class, seed):
    dice, places = random.Random(seed), range(len(labels))
    return [
        dice.choice([place for place in places if labels[place] == name])
        for name in sorted(set(labels))
        for _ in range(per_class)
    ]


def own_dice(labels, per_class, seed):
    return right["check_few"](labels, per_class, random.random())


MISTAKES = [
    ("check_retrieval", lambda a, b: right["check_retrieval"](b, a), "axes are mixed up"),
    ("check_retrieval", lambda a, b: 2 / 3, "the same number everywhere"),
    ("check_retrieval", lambda a, b: ((a * b).sum(1) > 0.5).float().mean(), "A cosine above 0.5"),
    ("check_retrieval", lambda a, b: right["check_retrieval"](a, b) * len(a), "hits are counted"),
    ("check_retrieval", lambda a, b: (a @ b.T).argmax(1), "axis too many"),
    ("check_transposed_weakly_paired", untransposed, "term of section 5"),
    ("check_transposed_weakly_paired", lambda a, t, v, s: transposed(t, a, v, s), "changed places"),
    ("check_transposed_weakly_paired", lambda a, t, v, s: transposed(a, t, v, 1), "not used"),
    ("check_transposed_weakly_paired", lambda a, *b: transposed(a.detach(), *b), "No gradient"),
    ("check_truncation", lambda ws, w, psi, first: truncate(ws, w, 1 - psi, first), "reversed"),
    ("check_truncation", lambda ws, w, psi, first: truncate(ws, w, 0.5, first), "psi is not used"),
    ("check_truncation", lambda ws, w, psi, first: truncate(ws, w, psi, 3), "row 3 is written"),
    ("check_truncation", lambda ws, w, *a: truncate(ws, w[:1], *a), "Only the first row of w_avg"),
    ("check_truncation", truncated_in_place, "in place"),
    ("check_truncation", lambda ws, w, psi, first: w + psi * (ws - w), "All rows are truncated"),
    ("check_demodulation", lambda w, s: demodulation(w, s.sqrt()), "style is not squared"),
    ("check_demodulation", lambda w, s: demodulation(w, s).square(), "root is missing"),
    ("check_demodulation", lambda w, s: 1 / demodulation(w, s), "length itself"),
    ("check_demodulation", lambda w, s: demodulation(w, s).T, "axes are mixed up"),
    ("check_round_walk", lambda *a: no_division(*a, theta=math.pi / 2), "taken for a right one"),
    ("check_round_walk", no_division, "division is missing"),
    ("check_round_walk", lambda a, b, t: F.normalize(a.lerp(b, t), dim=0), "even speed"),
    ("check_round_walk", lambda a, b, t: walk(b, a, t), "backward"),
    ("check_similarity", lambda a, s, g: similarity(a, s, 0 * g + 1), "Mask not used"),
    ("check_similarity", lambda a, s, g: similarity(a, s, g).sum(), "whole batch"),
    ("check_similarity", lambda a, s, g: (g * (a - s).norm(dim=2)).sum(1), "not squared length"),
    ("check_similarity", lambda a, s, g: similarity(a.detach(), s, g), "No gradient"),
    ("check_repaired_loop", lambda *a: move(*a[:-1], 0.0), "Nothing holds"),
    ("check_repaired_loop", lambda *a: move(*a[:4], a[4] + 1, *a[5:]), "one step more"),
    ("check_repaired_loop", lambda *a: move(*a).requires_grad_(), "hangs on the graph"),
    ("check_repaired_loop", lambda *a: (move(*a), []), "expected is a tensor"),
    ("check_style_mix", lambda sound, text, names: mix(text, sound, names), "changed places"),
    ("check_style_mix", lambda a, b, names: mix(a, b, names[:1]), "Only the first"),
    ("check_style_mix", lambda a, b, names: mix(a, b, ["fire", "land"]), "written into"),
    ("check_style_mix", lambda a, b, names: mix(a, b, LAYER_NAMES[: len(names)]), "Which number"),
    ("check_style_mix", in_place(mix), "in place"),
    ("check_unheld_rows", lambda size, weights: 2 * (size // 512), "nothing else"),
    ("check_unheld_rows", lambda size, weights: 2 * math.log2(size) - 2 - weights, "negative"),
    ("check_unheld_rows", lambda size, weights: max(0, 2 * math.log2(size) - 16), "not used"),
    ("check_place", lambda row, column, height, width: (column, row), "transposition"),
    ("check_place", lambda row, column, *size: (row, column), "Nothing has moved"),
    ("check_place", lambda *a: right["check_place"](*a)[::-1], "axes are mixed up"),
    ("check_place", lambda row, column, h, w: ((row * w + column) / h, 0), "whole numbers"),
    ("check_balanced_accuracy", lambda labels, predictions: 0.5, "the same number everywhere"),
    ("check_balanced_accuracy", lambda labels, predictions: 1 / len(set(labels)), "what a guess"),
    ("check_balanced_accuracy", plain_accuracy, "plain accuracy"),
    ("check_balanced_accuracy", in_place(right["check_balanced_accuracy"]), "in place"),
    ("check_few", first_ones, "never drawn"),
    ("check_few", from_all, "not all the same number"),
    ("check_few", with_repeats, "drawn twice"),
    ("check_few", own_dice, "nobody can repeat"),
    ("check_few", lambda labels, per_class, seed: labels[:per_class], "same number"),
]  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1, 2, 2026])
@pytest.mark.parametrize("check", WHERE)
def test_a_folded_solution_is_right(check, seed):
    report = getattr(exercises, check)(right[check], seed=seed)
    assert report.right, report


@pytest.mark.parametrize("seed", [0, 3, 2026])
@pytest.mark.parametrize(("check", "answer", "words"), MISTAKES)
def test_a_typical_mistake_is_named_and_the_solution_is_not_shown(check, answer, words, seed):
    report = getattr(exercises, check)(answer, seed=seed)
    assert not report.right
    assert words in str(report), report
    lines = [line.strip() for line in source(*WHERE[check]).splitlines()]
    assert not any(line in str(report) for line in lines if len(line) > 12)


@pytest.mark.parametrize("check", WHERE)
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (3, "pass the function itself"),
        (lambda *given: "text", "returns"),
        (lambda *given: given[0].nothing, "stopped with AttributeError"),
        (lambda: 1, "stopped with TypeError"),
    ],
)
def test_what_cannot_be_judged_gets_advice_and_no_traceback(check, answer, words):
    report = getattr(exercises, check)(answer)
    assert not report.judged and words in str(report)


@pytest.mark.parametrize("lesson", LESSONS)
def test_untouched_stubs_say_not_yet_the_same_every_time(lesson):
    cells = stubs(lesson)
    assert len(cells) >= 3
    for cell in cells:
        text = shown(cell)
        assert "not yet" in text and text == shown(cell)
        assert not re.search(r"\d\.\d{2,}", text), "decimals may differ between processors"
        assert len(re.findall(r"\bcheck_\w+\(", cell)) == 1


@pytest.mark.parametrize("lesson", LESSONS)
def test_exercises_fold_hints_and_solutions_and_have_a_rubric(lesson):
    titles = [title for title, _ in folded(lesson)]
    assert titles[::2] == ["Hint"] * (len(titles) // 2) and len(titles) >= 4
    assert any("rubric" in title for title in titles)
    rubrics = [text for title, text in folded(lesson) if "rubric" in title]
    assert all("5. " in text for text in rubrics)


def test_the_broken_loop_of_lesson_07_shows_each_of_its_slips():
    (broken,) = [cell for cell in stubs("07") if "def my_move" in cell]
    symptoms = ("Nothing holds the picture", "moves away from the sound", "slopes of all steps")
    assert all(words in shown(broken) for words in symptoms)
    repairs = {
        "Nothing holds the picture": ("ws_a = ws_s\n", "ws_a = ws_s.clone()\n"),
        "moves away from the sound": ("loss = (feat", "loss = -(feat"),
        "slopes of all steps": ("        loss.back", "        adam.zero_grad()\n        loss.back"),
    }
    for words, (slip, repair) in repairs.items():
        assert slip in broken
        assert words not in shown(broken.replace(slip, repair))
    for slip, repair in repairs.values():
        broken = broken.replace(slip, repair)
    assert "right" in shown(broken)


KNOWN = {"the", "a", "sound", "of", "landscape", "with", *SOUND_NAMES}


@pytest.mark.parametrize(
    ("prompts", "words"),
    [
        (lambda name: [f"{name} "], "alone"),
        (lambda name: [name.upper()], "alone"),
        (lambda name: [f"The {name}!"], "alone"),
        (lambda name: f"the sound of {name}", "asks for a list"),
        (lambda name: [], "empty"),
        (lambda name: ["a landscape"], "same texts"),
        (lambda name: [f"the sound of {name} with wind"], "another class"),
        (lambda name: [f"the zzyzx of {name}"], "zzyzx"),
        (lambda name: [3], "no list of texts"),
        (lambda name: None, "returns nothing yet"),
    ],
)
def test_prompts_that_break_a_rule_are_told(prompts, words):
    report = exercises.check_prompts(prompts, SOUND_NAMES, KNOWN, lambda own: 1.0)
    assert not report.right and words in str(report)


def test_prompts_of_the_solution_keep_the_rules_and_have_to_score():
    prompts = solution("10", "my_prompts")
    assert exercises.check_prompts(prompts, SOUND_NAMES, KNOWN, lambda own: 0.6).right
    poor = exercises.check_prompts(prompts, SOUND_NAMES, KNOWN, lambda own: 0.3)
    assert "three blind guesses" in str(poor)


WHOLE = {
    "prediction": "I expect that zero-shot falls, because no word is heard in training.",
    "seen": "Zero-shot went from 82 to 79 of 96 clips, and retrieval by 2 points.",
    "why": "Pictures stand near their words in CLIP, so they can replace these.",
    "next": "Train without pictures as well, and see whether both together are missed.",
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({name: "" for name in WHOLE}, "is empty"),
        ({"seen": "It became worse than it was before, as I had thought."}, "no number"),
        ({"why": "because"}, "too short"),
        ({"why": "bla " * 20}, "too short"),
        ({"prediction": WHOLE["seen"]}, "same text"),
        ({"next": 3}, 'no text under "next"'),
    ],
)
def test_a_report_with_gaps_is_told_what_is_missing(change, words):
    report = exercises.check_report(WHOLE | change)
    assert not report.right and words in str(report)


def test_a_whole_report_is_complete():
    assert exercises.check_report(WHOLE).right
    assert not exercises.check_report("all is well").judged


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "my_change is empty"),
        ("audio_text_weight", "no dictionary"),
        ({"num_epochs": 3}, "names num_epochs"),
        ({"audio_text_weight": 0.0, "audio_image_weight": 0.0}, "which of them did it"),
        ({"audio_text_weight": 1.0}, "nothing to compare"),
        ({"audio_text_weight": -1.0}, "refuses this value"),
        ({"audio_text_weight": "none"}, "refuses this value"),
    ],
)
def test_an_unfair_change_is_told(change, words):
    names = list(TERM_WEIGHTS.values())
    report = exercises.check_experiment(change, WHOLE, AlignConfig(), names)
    assert not report.judged and words in str(report)


def test_a_fair_change_with_a_whole_report_is_complete():
    assert exercises.check_experiment({"audio_text_weight": 0.0}, WHOLE, AlignConfig()).right
