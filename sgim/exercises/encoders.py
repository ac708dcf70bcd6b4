"""Checks of assignment A3: zero-shot answers, a step of training, and the file of an encoder.

seed -> clips and captions to learn from; file of weights, seed -> zero-shot score on other clips
"""

import copy
import random
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from sgim.bundle import load_bundle
from sgim.checks import SgimError, require
from sgim.embedding.zero_shot import label_features
from sgim.exercises.answers import Answer, check_input_unchanged, check_property, check_values
from sgim.exercises.artifacts import read_tensors
from sgim.exercises.reports import Findings, Unanswerable, reported
from sgim.files.checkpoint import load_frozen, save_tensors
from sgim.losses import info_nce_loss
from sgim.media.log_mel import LogMel
from sgim.metrics import accuracy, zero_shot_scores
from sgim.models.audio_encoder import AudioEncoder, AudioEncoderConfig
from sgim.world.captions import describe
from sgim.world.names import SOUND_NAMES
from sgim.world.samples import draw_sounds
from sgim.world.sounds import synthesize_sound

ENCODER = AudioEncoderConfig(seconds=2.0, widths=(8, 16, 32, 64))
"""The encoder of lesson 04; everybody's has these sizes."""

SCORE_TO_BEAT = 0.75
"""Share of held-out clips that are named right; a blind guess has 1/8, the solution 0.88."""

CLIPS, HELD_OUT = 384, 96
SECONDS = 2.5
LARGEST_FILE = 2e6
TRAINING_SEEDS = 10**6
"""Held-out clips are drawn from seeds above this, clips to learn from below it."""


@dataclass(frozen=True)
class HearingTask:
    """`log_mels` (count, 1, 64, n_frames), `classes` (count,), `captions` (count, embed_dim), one
    sentence for each clip, and `label_features` (8, embed_dim)."""

    log_mels: torch.Tensor
    classes: torch.Tensor
    captions: torch.Tensor
    label_features: torch.Tensor


@torch.no_grad()
def hearing_task(seed: int = 0, count: int = CLIPS) -> HearingTask:
    """Clips of the mini world with captions, ready to learn from.

    Parameters
    ----------
    seed : int
        From 0 to 999999; the same seed draws the same clips.
    count : int
    """
    require(0 <= seed < TRAINING_SEEDS, f"seed is {seed}; it must be from 0 to 999999.")
    return _clips(seed, count)


def _clips(seed: int, count: int) -> HearingTask:
    bundle, drawn = load_bundle("mini", device="cpu"), draw_sounds(count, seed=seed)
    rows = list(zip(drawn.names, drawn.intensities, drawn.seeds, strict=True))
    waveforms = torch.stack(
        [synthesize_sound(name, level, SECONDS, one)[0] for name, level, one in rows]
    )
    words = random.Random(seed)
    captions = [describe(name, level, words) for name, level, _ in rows]
    return HearingTask(
        LogMel()(waveforms),
        torch.tensor([SOUND_NAMES.index(name) for name in drawn.names]),
        bundle.encode_text(captions),
        label_features(bundle.encode_text, SOUND_NAMES),
    )


def new_encoder(seed: int = 0) -> AudioEncoder:
    """An encoder with random weights, the same for the same seed."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return AudioEncoder(ENCODER)


def save_encoder(path: str | Path, encoder: torch.nn.Module) -> None:
    """Write the weights of an encoder to the file that is handed in."""
    save_tensors(path, encoder.state_dict(), {"assignment": "a3"})


@torch.no_grad()
def encoder_score(path: str | Path, seed: int = 0, count: int = HELD_OUT) -> float:
    """Share of held-out clips that the encoder in a file names right.

    Raises
    ------
    SgimError
        For a file that is no safetensors file with finite weights of this encoder.
    """
    path = Path(path)
    tensors = read_tensors(path, LARGEST_FILE, "the weights of an encoder")
    encoder = load_frozen(
        AudioEncoder(ENCODER), tensors, "cpu", f"{path.name} does not hold the encoder of A3"
    )
    task = _clips(TRAINING_SEEDS + seed, count)
    features = encoder(task.log_mels)
    require(
        bool(features.isfinite().all()),
        f"the encoder in {path.name} gives numbers that are not finite; train it again.",
    )
    named = zero_shot_scores(F.normalize(features, dim=1), task.label_features).argmax(dim=1)
    return accuracy(task.classes, named)


@reported("encoder")
def check_encoder_file(
    findings: Findings, path: str | Path, *, seed: int = 0, count: int = HELD_OUT
) -> None:
    """Check the file of a trained encoder on clips that nobody has trained on."""
    if not Path(path).exists():
        raise Unanswerable(f"There is no {Path(path).name} yet: train an encoder and save it.")
    try:
        score = encoder_score(path, seed, count)
    except SgimError as refusal:
        raise Unanswerable(str(refusal)) from refusal
    guess = 1 / len(SOUND_NAMES)
    if score < 1.5 * guess:
        raise Unanswerable(
            f"The encoder names {score:.0%} of {count} held-out clips right, no more than a blind "
            "guess. Does the loss fall? Does clip i belong to caption i in each batch?"
        )
    for share, name in ((0.5, "half of the score"), (0.75, "three quarters of it"), (1.0, "all")):
        findings.that(
            f"{name} is reached",
            score >= share * SCORE_TO_BEAT,
            f"The encoder names {score:.0%} of {count} held-out clips right, to beat are "
            f"{SCORE_TO_BEAT:.0%}. Draw the loss over the steps: does it still fall? Compare the "
            "score on clips that you trained on: is it much higher?",
        )


@reported("zero-shot answers")
def check_zero_shot(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`zero_shot(features, label_features)` -> class numbers, (batch,)."""
    answer = Answer(function, "zero_shot")
    generator = torch.Generator().manual_seed(seed)
    cases = []
    for batch, labels, embed_dim in ((30, 6, 5), (24, 9, 4), (40, 3, 7)):
        lengths = 0.3 + 3 * torch.rand(labels, 1, generator=generator)
        names = F.normalize(torch.randn(labels, embed_dim, generator=generator), dim=1)
        cases.append((torch.randn(batch, embed_dim, generator=generator), lengths * names))

    def cosines(f, names):
        return F.normalize(f, dim=1) @ F.normalize(names, dim=1).T

    check_values(
        findings,
        answer,
        cases,
        lambda f, names: cosines(f, names).argmax(dim=1).float(),
        {
            "Normalization forgotten: a long label wins by its length, not by its direction.": (
                lambda f, names: (f @ names.T).argmax(dim=1).float()
            ),
            "The farthest label is taken for the nearest. Is a cosine large or small for what is "
            "near?": lambda f, names: cosines(f, names).argmin(dim=1).float(),
            "The axes are mixed up: you ask each label for its best clip. Here each clip asks for "
            "its best label.": lambda f, names: cosines(f, names).argmax(dim=0).float(),
            "The cosines are returned. Which label has the largest of each row?": cosines,
            "The largest cosine is returned, not the number of the label that has it.": (
                lambda f, names: cosines(f, names).amax(dim=1)
            ),
        },
        axes="(batch,)",
        otherwise="Take two clips, (1, 0) and (0, 1), and two labels, (0, 2) and (0.5, 0). Which "
        "label is nearest to which clip?",
    )
    check_input_unchanged(findings, answer)


class _Toy(torch.nn.Module):
    """A linear encoder with features of unit length."""

    def __init__(self, inside: int, embed_dim: int, generator: torch.Generator):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(inside, embed_dim, generator=generator))

    def forward(self, log_mels: torch.Tensor) -> torch.Tensor:
        return F.normalize(log_mels.flatten(1) @ self.weight, dim=1)


class _Steps(Answer):
    """Weights of an encoder after three steps."""

    def numbers(self, encoder, batches, scale) -> torch.Tensor:
        encoder = copy.deepcopy(encoder)
        optimizer = torch.optim.SGD(encoder.parameters(), lr=0.5)
        for log_mels, captions in batches:
            loss = self.call(encoder, optimizer, log_mels, captions, scale)
            if not isinstance(loss, int | float) and not (torch.is_tensor(loss) and loss.ndim == 0):
                raise Unanswerable(
                    f"{self.name} returns something else than one number: return the loss."
                )
        return encoder.weight.detach().clone()


@reported("step of training")
def check_training_step(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`training_step(encoder, optimizer, log_mels, captions, logit_scale)` -> loss."""
    answer = _Steps(function, "training_step")
    generator = torch.Generator().manual_seed(seed)
    cases = []
    for batch, embed_dim, scale in ((6, 4, 5.0), (5, 3, 9.0)):
        encoder = _Toy(12, embed_dim, generator)
        batches = []
        for _ in range(3):
            captions = torch.randn(batch, embed_dim, generator=generator)
            log_mels = torch.randn(batch, 1, 3, 4, generator=generator)
            batches.append((log_mels, F.normalize(captions, dim=1)))
        cases.append((encoder, batches, scale))
    check_values(
        findings,
        answer,
        cases,
        _stepped,
        {
            "Nothing moves: the weights are as they were. Which call of the optimizer moves them, "
            "and which one computes the gradient?": lambda encoder, *others: (
                encoder.weight.detach()
            ),
            "A step remembers the gradients of all steps before it. What does PyTorch do with a "
            "new gradient, and what with the old one?": lambda *case: _stepped(*case, fresh=False),
            "The loss is climbed: the sign is wrong.": lambda *case: _stepped(*case, sign=-1),
            "Loss not symmetric: only the rows are asked which caption is theirs.": (
                lambda *case: _stepped(*case, loss=_one_way)
            ),
            "Temperature inverted: the cosines are divided by logit_scale.": (
                lambda *case: _stepped(*case, loss=lambda a, b, s: info_nce_loss(a, b, 1 / s))
            ),
            "The temperature is not used: logit_scale has no part in the step.": (
                lambda *case: _stepped(*case, loss=lambda a, b, s: info_nce_loss(a, b, 1.0))
            ),
            "The loss only pulls clip and caption together; nothing pushes a clip away from the "
            "other captions.": (
                lambda *case: _stepped(*case, loss=lambda a, b, s: -(s * a * b).sum(1).mean())
            ),
        },
        axes="(the weights)",
        otherwise="Expected is one step of the optimizer against the gradient of InfoNCE, both "
        "directions averaged. Compare your loss with that of assignment A2 on the same batch.",
    )
    check_property(
        findings,
        "the loss of the batch is returned",
        lambda: _tells_the_loss(answer, *cases[0]),
        "What is returned is not the loss of the batch before the step.",
    )
    check_input_unchanged(findings, answer)


def _one_way(features: torch.Tensor, captions: torch.Tensor, scale: float) -> torch.Tensor:
    return F.cross_entropy(scale * features @ captions.T, torch.arange(len(features)))


def _stepped(encoder, batches, scale, fresh=True, sign=1, loss=info_nce_loss) -> torch.Tensor:
    encoder = copy.deepcopy(encoder)
    optimizer = torch.optim.SGD(encoder.parameters(), lr=0.5)
    for log_mels, captions in batches:
        if fresh:
            optimizer.zero_grad()
        (sign * loss(encoder(log_mels), captions, scale)).backward()
        optimizer.step()
    return encoder.weight.detach()


def _tells_the_loss(answer: Answer, encoder, batches, scale) -> bool:
    encoder = copy.deepcopy(encoder)
    log_mels, captions = batches[0]
    expected = info_nce_loss(encoder(log_mels), captions, scale).item()
    optimizer = torch.optim.SGD(encoder.parameters(), lr=0.5)
    got = float(answer.call(encoder, optimizer, log_mels, captions, scale))
    return abs(got - expected) < 1e-3 * max(1.0, abs(expected))
