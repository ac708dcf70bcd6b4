"""Check of the second half of assignment A4: an edit loop that reaches its goal at a small drift.

edit loop -> edits of small painted scenes by sounds -> true intensities, drift of the latents
"""

import copy
import dataclasses
import functools

import torch

from sgim.bundle import Bundle, load_bundle
from sgim.exercises.answers import Answer
from sgim.exercises.reports import Findings, Unanswerable, reported
from sgim.losses import cosine_distance
from sgim.seeds import ws_from_seeds
from sgim.world.names import WEATHER_NAMES
from sgim.world.scenes import SceneGenerator
from sgim.world.sounds import synthesize_sound

HEARD = ("fire", "wind", "crickets")
"""Sounds of the edits, one for each scene."""

RISE = 0.3
"""An edit is right when the weather that was heard rises by so much, and more than any other."""

RIGHT_EDITS = 2
"""So many of the edits have to be right."""

DRIFT = 1.5
"""Largest mean length of w_a - w_s; without the second term of the loss it is more than three
times as much."""

STILL = 0.05
"""A latent that has moved by less has not been edited."""


@dataclasses.dataclass(frozen=True)
class Task:
    """Small scenes and what they shall follow: `source_ws` (3, num_ws, w_dim), `target_features`
    (3, embed_dim), the painter of 64 pixels, and models whose weights ask for gradients."""

    source_ws: torch.Tensor
    target_features: torch.Tensor
    generator: SceneGenerator
    models: Bundle

    @property
    def encode_image(self):
        """Pictures -> features, as the bundle does it."""
        return self.models.encode_image


@functools.cache
def _models() -> tuple[Bundle, SceneGenerator]:
    bundle = load_bundle("mini", device="cpu")
    clip = copy.deepcopy(bundle.clip).requires_grad_(True)
    painter = SceneGenerator(64).requires_grad_(False)
    return dataclasses.replace(bundle, clip=clip), painter


def edit_task(seed: int = 0) -> Task:
    """Three scenes of 64 pixels, and the picture that the prior expects of a sound for each.

    CLIP's weights ask for gradients, as they do when a model is loaded without care.
    """
    models, painter = _models()
    numbers = [1000 * seed + index + 1 for index in range(len(HEARD))]
    sounds = [
        synthesize_sound(name, 0.9, 2.5, number)
        for name, number in zip(HEARD, numbers, strict=True)
    ]
    with torch.no_grad():
        heard = torch.cat([models.encode_audio(*sound) for sound in sounds])
        target = models.prior(heard)
    return Task(ws_from_seeds(painter, numbers), target, painter, models)


def edit_scores(task: Task, ws: torch.Tensor) -> tuple[int, float]:
    """How many of the edits are right, and mean drift ||w_a - w_s||.

    Parameters
    ----------
    ws : torch.Tensor, (3, num_ws, w_dim)
    """
    before = task.generator.scene_parameters(task.source_ws)
    after = task.generator.scene_parameters(ws)
    rises = torch.stack([after[name] - before[name] for name in WEATHER_NAMES], dim=1)
    own = torch.tensor([WEATHER_NAMES.index(name) for name in HEARD])
    right = (rises.argmax(dim=1) == own) & (rises.amax(dim=1) >= RISE)
    drift = (ws - task.source_ws).flatten(1).norm(dim=1).mean()
    return int(right.sum()), float(drift)


@reported("edit loop")
def check_edit(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`edit(generator, encode_image, source_ws, target_features)` -> ws, one edit per row."""
    answer, task = Answer(function, "edit"), edit_task(seed)
    weights = task.models.clip.state_dict()
    kept = {name: value.clone() for name, value in weights.items()}
    try:
        ws = answer.numbers(task.generator, task.encode_image, task.source_ws, task.target_features)
        answer.require_shape(tuple(ws.shape), tuple(task.source_ws.shape), "(batch, num_ws, w_dim)")
        _check_result(findings, task, ws)
        _check_models(findings, task, kept, answer)
    finally:
        task.models.clip.load_state_dict(kept)
        task.models.clip.zero_grad(set_to_none=True)


def _check_result(findings: Findings, task: Task, ws: torch.Tensor) -> None:
    right, drift = edit_scores(task, ws)
    if drift < STILL:
        raise Unanswerable(
            "The latents come back where they set out from. Does the optimizer hold the tensor "
            "that the loss is computed from, and is a copy of the source returned?"
        )
    if _nearness(task, ws) < _nearness(task, task.source_ws):
        findings.that(
            "the pictures come nearer to the sounds",
            False,
            "The pictures move away from the sounds: the loss is climbed, or the sign of the "
            "guidance is wrong. Print the first term of the loss at the first and last step.",
        )
        return
    findings.that("the pictures come nearer to the sounds", True, "")
    low = "The drift is small as well: let the latent go farther, by more or larger steps or a "
    low += "smaller similarity_weight."
    high = "The latent has gone far, and not to what was heard: hold it more, or step less far."
    findings.that(
        f"{RIGHT_EDITS} of {len(HEARD)} edits bring what was heard",
        right >= RIGHT_EDITS,
        f"{right} of {len(HEARD)} edits bring what was heard, expected are {RIGHT_EDITS}. "
        f"{high if drift > DRIFT else low}",
    )
    findings.that(
        f"the drift is at most {DRIFT:g}",
        drift <= DRIFT,
        f"The latents drift by {drift:.1f}, allowed is {DRIFT:g}: the place changes with the "
        "weather. Which term of the loss holds it, is its weight large enough, and does it reach "
        "the sum that you differentiate?",
    )


@torch.no_grad()
def _nearness(task: Task, ws: torch.Tensor) -> float:
    features = task.encode_image(task.generator.synthesis(ws))
    return -float(cosine_distance(features, task.target_features).mean())


def _check_models(findings: Findings, task: Task, kept: dict, answer: Answer) -> None:
    """What is frozen has to stay as it was; without a right edit that is worth nothing."""
    clip = task.models.clip
    moved = any(not torch.equal(value, kept[name]) for name, value in clip.state_dict().items())
    gradients = any(weight.grad is not None for weight in clip.parameters())
    if findings.advice and not (moved or gradients or answer.changes_input):
        return
    findings.that(
        "CLIP stays frozen",
        not moved,
        "CLIP's weights have changed. In an edit the latent alone moves: what do you give to the "
        "optimizer?",
    )
    findings.that(
        "no gradient is left in CLIP",
        not gradients,
        "Gradient into CLIP: its weights hold gradients afterwards, which costs time and memory at "
        "every step. Ask for the gradient of the latent alone (torch.autograd.grad), or freeze.",
    )
    findings.that(
        "the source stays as it was",
        not answer.changes_input,
        "The source latent has changed in place: the edit moved it, and not a copy of it. Then the "
        "second term of the loss is always 0.",
    )
