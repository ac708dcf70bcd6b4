"""The same for lessons 01, 02, 03, 06, 08 and 11."""

import math

import torch
import torch.nn.functional as F
from lesson_answers import solution

WHERE = {
    "check_to_hertz": ("01", "my_to_hertz"),
    "check_num_frames": ("01", "my_num_frames"),
    "check_back_and_forth": ("01", "my_back_and_forth"),
    "check_scale": ("02", "my_scale"),
    "check_shifted_scores": ("02", "my_shifted_scores"),
    "check_block_parameters": ("03", "my_block_parameters"),
    "check_num_blocks": ("03", "my_num_blocks"),
    "check_echo": ("03", "my_echo"),
    "check_text_loss": ("06", "my_loss"),
    "check_leash": ("06", "my_leash"),
    "check_swings": ("08", "my_swings"),
    "check_gate": ("08", "my_gate"),
    "check_disagreements": ("11", "my_disagreements"),
    "check_needed": ("11", "my_needed"),
}
right = {check: solution(*place) for check, place in WHERE.items()}
to_hertz, num_frames = right["check_to_hertz"], right["check_num_frames"]
scale, shifted = right["check_scale"], right["check_shifted_scores"]
count, blocks, echo = (
    right[f"check_{name}"] for name in ("block_parameters", "num_blocks", "echo")
)
loss, swings, gate = (right[f"check_{name}"] for name in ("text_loss", "swings", "gate"))
pairs, needed = right["check_disagreements"], right["check_needed"]


def to_hertz_in_place(mels):
    return mels.div_(2595).mul_(math.log(10)).exp_().sub_(1).mul_(700)


def zeros_after(waveform, num_samples):
    both = torch.cat([waveform, waveform.flip(0)])[:num_samples]
    return F.pad(both, (0, num_samples - len(both)))


def turn_once(waveform, num_samples):
    return torch.cat([waveform, waveform.flip(0)[1:-1]]).repeat(num_samples)[:num_samples]


def rolled(waveforms, delay):
    return waveforms + 0.5 * waveforms.roll(round(delay * 16_000), 1)


def longer(waveforms, delay):
    silence = round(delay * 16_000)
    return F.pad(waveforms, (0, silence)) + 0.5 * F.pad(waveforms, (silence, 0))


def dot_loss(f, t, ws, ws_s, weight):
    return 1 - (f * t).sum(1) + weight * (ws - ws_s).square().sum((1, 2))


def half_normalized(f, t, *others):
    return dot_loss(f / f.norm(dim=1, keepdim=True), t, *others)


def mean_loss(f, t, ws, ws_s, weight):
    return loss(f, t, ws, ws_s, weight / ws[0].numel())


def jumps(losses, threshold):
    steps = list(zip(losses, losses[1:], strict=False))
    return sum(abs(b - a) > threshold for a, b in steps) / len(steps)


def without_clear(cosines, lead):
    return gate({name: one for name, one in cosines.items() if name != "clear"}, lead)


def gate_that_drops(cosines, lead):
    answer = gate(cosines, lead)
    cosines.pop("clear")
    return answer


def one_variance(p, q):
    return 2.8**2 * p * (1 - p) / (q - p) ** 2


MISTAKES = [
    ("check_to_hertz", lambda mels: 700 * ((mels / 2595).exp() - 1), "wrong base"),
    ("check_to_hertz", lambda mels: 700 * 10 ** (mels / 2595), "is not undone"),
    ("check_to_hertz", lambda mels: 700 * 10 ** (mels / 2595) - 1, "has to go before"),
    ("check_to_hertz", lambda mels: 2595 * torch.log10(1 + mels / 700), "Turn it round"),
    ("check_to_hertz", to_hertz_in_place, "in place"),
    ("check_num_frames", lambda length, n_fft, hop: 1 + (length - n_fft) // hop, "extension is"),
    ("check_num_frames", lambda length, n_fft, hop: length // hop, "first frame is not counted"),
    ("check_num_frames", lambda length, n_fft, hop: 1 + length / hop, "part of a frame"),
    ("check_num_frames", lambda length, n_fft, hop: 1 + length // n_fft, "frames overlap"),
    ("check_num_frames", lambda *case: 101, "the same number everywhere"),
    ("check_back_and_forth", lambda wave, size: wave.repeat(size)[:size], "never turned round"),
    ("check_back_and_forth", turn_once, "sample at the turn comes once"),
    ("check_back_and_forth", zeros_after, "then silence"),
    ("check_back_and_forth", lambda wave, size: wave.flip(0).repeat(99)[:size], "Which number"),
    ("check_back_and_forth", lambda wave, size: torch.cat([wave, wave.flip(0)]), "that differs"),
    ("check_scale", lambda *case: 1 / scale(*case), "Temperature inverted"),
    ("check_scale", lambda a, b, p: scale(b, a, p), "sign is wrong"),
    ("check_scale", lambda a, b, p: p / (1 - p) / (a - b), "logarithm is missing"),
    ("check_scale", lambda a, b, p: math.log10(p / (1 - p)) / (a - b), "base 10"),
    ("check_scale", lambda a, b, p: math.log(p) / (a - b), "Where is 1 - p"),
    ("check_scale", lambda *case: 7.3, "the same number everywhere"),
    ("check_shifted_scores", lambda f, t: f @ t.T, "before the shift"),
    ("check_shifted_scores", lambda f, t: f @ (t - t.mean(1, keepdim=True)).T, "which axis"),
    ("check_shifted_scores", lambda f, t: shifted(f - f.mean(0), t), "lost their mean, too"),
    ("check_shifted_scores", lambda f, t: shifted(f, t).T, "axes are mixed up"),
    ("check_shifted_scores", lambda f, t: f @ F.normalize(t - t.mean(0), dim=1).T, "scaled back"),
    ("check_shifted_scores", lambda f, t: f @ t.sub_(t.mean(0)).T, "in place"),
    ("check_block_parameters", lambda a, b: count(a, b) - a * b - 2 * b, "shortcut is forgotten"),
    ("check_block_parameters", lambda a, b: count(a, b) + 8 * a * b, "1 x 1, not 3 x 3"),
    ("check_block_parameters", lambda a, b: count(a, b) - 6 * b, "normalizations are forgotten"),
    ("check_block_parameters", lambda a, b: count(a, b) + 3 * b, "Biases are counted"),
    ("check_block_parameters", lambda a, b: count(b, a), "Count a block"),
    ("check_num_blocks", lambda duration: 5, "right for two seconds alone"),
    ("check_num_blocks", lambda duration: blocks(duration) - 1, "One block too few"),
    ("check_num_blocks", lambda duration: blocks(duration) + 1, "more than needed"),
    ("check_num_blocks", lambda duration: blocks(duration + 22), "A frame lasts 32 ms"),
    ("check_echo", rolled, "as `roll` does it"),
    ("check_echo", longer, "cut the end off"),
    ("check_echo", lambda x, delay: 2 * echo(x / 2, delay) - x, "only its echo is left"),
    ("check_echo", lambda x, delay: 2 * echo(x, delay) - x, "as loud as the sound"),
    ("check_echo", lambda x, delay: echo(x, delay / 16_000), "How many samples"),
    ("check_echo", lambda x, delay: x.add_(echo(x, delay) - x), "in place"),
    ("check_text_loss", dot_loss, "Normalization forgotten"),
    ("check_text_loss", half_normalized, "Normalization by half"),
    ("check_text_loss", mean_loss, "squared length is a sum"),
    ("check_text_loss", lambda f, *others: loss(-f, *others), "sign of the guidance"),
    ("check_text_loss", lambda *case: loss(*case[:4], 1.0), "similarity_weight is not used"),
    ("check_text_loss", lambda *case: loss(*case).mean(), "whole batch"),
    ("check_text_loss", lambda f, *others: loss(f.detach(), *others), "No gradient"),
    ("check_leash", lambda w: math.cos(w) / w, "factor 2 is lost"),
    ("check_leash", lambda w: math.sin(w) / (2 * w), "slope of -sin w"),
    ("check_leash", lambda w: 2 * w / math.cos(w), "one over lambda"),
    ("check_leash", lambda w: 0.5, "weight of the example"),
    ("check_swings", jumps, "Falls are counted, too"),
    ("check_swings", lambda losses, threshold: swings(losses, 0), "threshold is not used"),
    ("check_swings", lambda losses, t: swings(losses, t) * (len(losses) - 1), "rises are counted"),
    ("check_swings", lambda losses, t: swings(losses, t) * (1 - 1 / len(losses)), "share is taken"),
    ("check_swings", lambda losses, t: swings(losses[::-1], t), "in place of rises"),
    ("check_gate", without_clear, "left out before"),
    ("check_gate", lambda cosines, lead: gate(cosines, 0.1), "written into"),
    ("check_gate", lambda cosines, lead: gate(cosines, -1), "lead is not asked for"),
    ("check_gate", lambda cosines, lead: max(cosines, key=cosines.get), "always edits"),
    ("check_gate", lambda cosines, lead: "no edit", "never edits"),
    ("check_gate", lambda cosines, lead: "sunshine", "one of the labels"),
    ("check_gate", lambda cosines, lead: min(cosines, key=cosines.get), "not those of the rule"),
    ("check_gate", gate_that_drops, "in place"),
    ("check_disagreements", lambda a, b: pairs(b, a), "Only A comes first"),
    ("check_disagreements", lambda a, b: (sum(a), sum(b)), "how often each is right"),
    ("check_disagreements", lambda a, b: (sum(pairs(a, b)),) * 2, "count all disagreements"),
    ("check_disagreements", lambda a, b: sum(a), "something else than two numbers"),
    ("check_needed", one_variance, "variance is missing"),
    ("check_needed", lambda p, q: needed(p, q) * abs(q - p), "not squared: half of it"),
    ("check_needed", lambda p, q: needed(p, q) / 2.8, "2.8 is not squared"),
    ("check_needed", lambda p, q: needed(p, q) / 2, "mean of both variances"),
    ("check_needed", lambda p, q: 196, "the same number everywhere"),
]  # fmt: skip
