"""Where the folded solutions of lessons 04 to 10 stand, and mistakes that readers make there."""

import math
import random

import torch
import torch.nn.functional as F
from lesson_answers import solution

from sgim.world.layers import LAYER_NAMES

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
