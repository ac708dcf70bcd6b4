"""Latent optimization: a copy of the source latent moves until its picture says what is heard.

    L(w_a) = d_cos(CLIP(G(w_a)), target) + lambda_sim sum_l g_l ||w_a[l] - w_s[l]||^2
             + lambda_ID (1 - <R(G(w_s)), R(G(w_a))>)

sounds, texts -> one target embedding; source ws -> Adam -> `ManipulateResult`.
Source: Lee et al. 2024 (arXiv 2208.14114) and 2022 (arXiv 2112.00007); the rule of the adaptive
layer mask is the one of the published code of 2022, written for any number of layers.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from sgim.checks import SgimError, require, require_in_range
from sgim.editing.errata import PublishedLayerMask, published_distance
from sgim.editing.layer_mask import AdaptiveLayerMask
from sgim.losses import cosine_distance, identity_loss, latent_similarity_loss


@dataclass(frozen=True, kw_only=True)
class ManipulateConfig:
    """Settings of one edit; the defaults suit the mini world.

    Parameters
    ----------
    num_steps : int
        Adam steps.
    learning_rate : float
        Peak rate; it rises linearly over the first `ramp_up` of the steps and falls along a
        cosine over the last `ramp_down`.
    similarity_weight : float
        lambda_sim, how hard the latent is held at its source.
    identity_weight : float
        lambda_ID; 0 leaves the recognition network alone.
    adaptive_layer_mask : bool
        Layers get weights g_l that follow their own loss; off means g_l = 1.
    mask_rate : float
        Step of the mask's rule.
    latent_noise : float
        Standard deviation of noise on w at the first step, fading to none at three quarters of
        the way, as StyleGAN2's projector does; it carries the latent over flat places.
    explore : bool
        Set out from the best of the generator's starting points, where it offers some, and not
        always from the source.
    patience : int or None
        Stop when the guidance has not improved by `min_improvement` for so many steps.
    seed : int
        Of the noise.
    official_compat : bool
        Repeat three choices of the published loop, to compare with: how CLIP sees the pictures, a
        similarity times 1.07, when the mask moves and that it ends at the 14th layer. They are
        explained in `sgim.editing.errata`.
    autocast : bool
        Pictures and their embeddings in bfloat16 while the latent moves, faster on processors and
        graphics cards that have it; the latent, the loss and the pictures of the result stay in
        float32.
    compile: bool
        Let `torch.compile` make kernels for the generator and the image tower. That takes minutes
        at the first step and pays for long edits on graphics cards.
    """

    num_steps: int = 30
    learning_rate: float = 0.05
    similarity_weight: float = 0.02
    identity_weight: float = 0.0
    adaptive_layer_mask: bool = True
    mask_rate: float = 0.1
    ramp_up: float = 0.05
    ramp_down: float = 0.25
    latent_noise: float = 0.0
    explore: bool = True
    patience: int | None = None
    min_improvement: float = 1e-3
    seed: int = 0
    official_compat: bool = False
    autocast: bool = False
    compile: bool = False

    def __post_init__(self) -> None:
        require(
            self.num_steps >= 1,
            f"num_steps is {self.num_steps}; an edit takes at least 1 step: raise it.",
        )
        require_in_range("learning_rate", self.learning_rate, 0.0, 10.0)
        for name in ("similarity_weight", "identity_weight", "latent_noise"):
            require_in_range(name, getattr(self, name), 0.0, 1e3)
        for name in ("ramp_up", "ramp_down", "mask_rate"):
            require_in_range(name, getattr(self, name), 0.0, 1.0)
        require(
            self.patience is None or self.patience >= 1,
            f"patience is {self.patience}; it counts steps: use None or at least 1.",
        )


@dataclass(frozen=True)
class ManipulateStep:
    """What a callback sees after each step.

    `images` (batch, 3, height, width) in [-1, 1] and `losses` (term -> float) belong to the latent
    before the step, with its exploration noise.
    """

    index: int
    num_steps: int
    images: torch.Tensor
    losses: dict[str, float]


@dataclass(frozen=True)
class ManipulateResult:
    """An edit and how it came about.

    `images`, `source_images`: (batch, 3, height, width) in [-1, 1]; `ws`, `source_ws`: (batch,
    num_ws, w_dim); `trajectory`: (steps + 1, batch, num_ws, w_dim), first the point the edit set
    out from (the source, unless another starting point was nearer to the target), last the edit;
    `history`: term -> one float per step (mean over the batch); `layer_weights`: (batch, num_ws),
    the final mask g; `seconds`: wall-clock time; `stopped_early`: by patience or callback.
    """

    images: torch.Tensor
    ws: torch.Tensor
    source_images: torch.Tensor
    source_ws: torch.Tensor
    trajectory: torch.Tensor
    history: dict[str, list[float]] = field(repr=False)
    layer_weights: torch.Tensor
    seconds: float
    stopped_early: bool
    config: ManipulateConfig


def learning_rate_factor(step: int, num_steps: int, ramp_up: float, ramp_down: float) -> float:
    """Linear rise, plateau, cosine fall: factor in (0, 1] for steps 0 ... num_steps - 1."""
    progress = (step + 1) / (num_steps + 1)
    rise = progress / ramp_up if ramp_up > 0 else 1.0
    fall = (1 - progress) / ramp_down if ramp_down > 0 else 1.0
    return min(1.0, rise) * (0.5 - 0.5 * math.cos(math.pi * min(1.0, fall)))


def latent_noise_factor(step: int, num_steps: int) -> float:
    """(1 - t / 0.75)^2 for the share t of the steps done, 0 from three quarters on."""
    return max(0.0, 1 - step / (0.75 * num_steps)) ** 2


def mix_targets(bundle, sound=None, text=None) -> torch.Tensor:
    """Encode sounds and texts and mix them into one target direction.

    Parameters
    ----------
    bundle : Bundle
    sound : path, (waveform, sample_rate), or a list of these or of (sound, weight)
    text : str, or a list of str or of (str, weight)

    Returns
    -------
    torch.Tensor, (1, embed_dim), unit norm
        The weighted mean of the embeddings, scaled back to unit norm. Its cosine ranks pictures
        like the weighted mean of the separate cosines does.

    Raises
    ------
    SgimError
        When there is nothing to follow, or the weights are not positive.
    """
    sounds = [] if sound is None else sound if isinstance(sound, list) else [sound]
    texts = [] if text is None else text if isinstance(text, list) else [text]
    parts = [
        (weight, bundle.encode_audio(*_sound_arguments(item)))
        for item, weight in map(_weighted, sounds)
    ]
    parts += [(weight, bundle.encode_text([item])) for item, weight in map(_weighted, texts)]
    require(bool(parts), "sound and text are both empty; an edit follows at least one: pass one.")
    for weight, _ in parts:
        require(
            math.isfinite(weight) and weight >= 0,
            f"a target's weight is {weight}; weights are numbers from 0 up: change it.",
        )
    mixed = sum(weight * features for weight, features in parts)
    norm = mixed.norm(dim=-1, keepdim=True)
    require(norm.item() > 1e-6, "all targets have weight 0; give at least one a positive weight.")
    return (mixed / norm).detach()


def _weighted(item) -> tuple[object, float]:
    """Split (thing, weight); a lone thing weighs 1. (waveform, sample_rate) is a lone thing."""
    if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], (str, tuple)):
        return item[0], float(item[1])
    if isinstance(item, tuple) and len(item) == 2 and hasattr(item[0], "__fspath__"):
        return item[0], float(item[1])
    return item, 1.0


def _sound_arguments(sound) -> tuple:
    return sound if isinstance(sound, tuple) else (sound,)


def manipulate(
    bundle,
    source_ws: torch.Tensor,
    *,
    sound=None,
    text=None,
    config: ManipulateConfig | None = None,
    callback: Callable[[ManipulateStep], object] | None = None,
) -> ManipulateResult:
    """Move the latents of pictures until they say what the sounds and texts say.

    Parameters
    ----------
    bundle : Bundle
        Gives `generator`, `encode_image`, `encode_audio`, `encode_text`, `identity` (images ->
        features) where `identity_weight` is positive, `encode_image_as_published` for
        `official_compat`.
    source_ws : torch.Tensor, (batch, num_ws, w_dim) or (num_ws, w_dim)
    sound : path, (waveform, sample_rate), or a list of these or of (sound, weight)
    text : str, or a list of str or of (str, weight)
    config : ManipulateConfig
    callback : callable
        Called with a `ManipulateStep` after each step; returning True ends the edit.

    Returns
    -------
    ManipulateResult

    Raises
    ------
    SgimError
        For latents of another shape, an edit without target, unreadable sounds, unknown words, or
        a positive `identity_weight` without a recognition network.
    """
    config = config or ManipulateConfig()
    started = time.perf_counter()
    generator = bundle.generator
    source_ws = _batched(source_ws, generator).detach().to(bundle.device)
    target = mix_targets(bundle, sound, text)
    with torch.no_grad():
        source_images = generator.synthesis(source_ws, noise_mode="const")
        source_identity = None
        if config.identity_weight > 0:
            require(
                bundle.identity is not None,
                f"identity_weight is {config.identity_weight} but the bundle has no recognition "
                "network; set it to 0 or use a bundle for faces.",
            )
            source_identity = bundle.identity(source_images)

    start_ws = best_start(bundle, source_ws, target) if config.explore else source_ws
    ws = start_ws.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([ws], lr=config.learning_rate, betas=(0.9, 0.999))
    mask_kind, encode_image, distance = AdaptiveLayerMask, bundle.encode_image, cosine_distance
    if config.official_compat:
        mask_kind, distance = PublishedLayerMask, published_distance
        encode_image = bundle.encode_image_as_published
    synthesis = generator.synthesis
    if config.compile:
        synthesis, encode_image = torch.compile(synthesis), torch.compile(encode_image)
    mask = mask_kind(len(ws), generator.num_ws, config.mask_rate, ws.device)
    random = torch.Generator().manual_seed(config.seed)
    history: dict[str, list[float]] = {
        name: [] for name in ("total", "guidance", "similarity", "identity")
    }
    trajectory = [start_ws.cpu()]
    stopped = False
    for step in range(config.num_steps):
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * learning_rate_factor(
                step, config.num_steps, config.ramp_up, config.ramp_down
            )
        noise = torch.randn(ws.shape, generator=random).to(ws.device)
        noise = noise * config.latent_noise * latent_noise_factor(step, config.num_steps)
        with torch.autocast(ws.device.type, torch.bfloat16, enabled=config.autocast):
            images = synthesis(ws + noise, noise_mode="const").float()
            features = encode_image(images).float()
        layer_weights = mask.weights if config.adaptive_layer_mask else torch.ones_like(mask.logits)
        guidance = distance(features, target)
        similarity = latent_similarity_loss(ws, source_ws, layer_weights)
        total = guidance + config.similarity_weight * similarity
        identity = torch.zeros_like(guidance)
        if source_identity is not None:
            identity = identity_loss(bundle.identity(images), source_identity)
            total = total + config.identity_weight * identity
        optimizer.zero_grad()
        total.sum().backward()
        optimizer.step()
        mask.update(trajectory[-1].to(ws) if config.official_compat else ws, source_ws)

        losses = dict(
            zip(
                history,
                (t.mean().item() for t in (total, guidance, similarity, identity)),
                strict=True,
            )
        )
        for name, value in losses.items():
            history[name].append(value)
        trajectory.append(ws.detach().cpu().clone())
        if callback is not None and callback(
            ManipulateStep(step, config.num_steps, images.detach(), losses)
        ):
            stopped = True
        if _has_settled(history["guidance"], config):
            stopped = True
        if stopped:
            break

    ws = ws.detach()
    del images, features, guidance, similarity, identity, total  # their graph holds filters
    with torch.no_grad():
        images = generator.synthesis(ws, noise_mode="const")
    return ManipulateResult(
        images=images,
        ws=ws,
        source_images=source_images,
        source_ws=source_ws,
        trajectory=torch.stack(trajectory),
        history=history,
        layer_weights=layer_weights.detach(),
        seconds=time.perf_counter() - started,
        stopped_early=stopped,
        config=config,
    )


@torch.no_grad()
def best_start(bundle, source_ws: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The starting point of each item whose picture comes nearest to the target.

    Generators may offer `starting_points(ws)`, (num_starts, batch, num_ws, w_dim), with the source
    among them; others start from the source.
    """
    if not hasattr(bundle.generator, "starting_points"):
        return source_ws
    starts = bundle.generator.starting_points(source_ws)
    distances = torch.stack(
        [
            cosine_distance(bundle.encode_image(bundle.generator.synthesis(ws)), target)
            for ws in starts
        ]
    )
    return starts[distances.argmin(dim=0), torch.arange(len(source_ws), device=starts.device)]


def _batched(ws: torch.Tensor, generator) -> torch.Tensor:
    if not isinstance(ws, torch.Tensor):
        raise SgimError(
            f"source_ws is a {type(ws).__name__}; it must be a tensor: use generator.mapping(z)."
        )
    expected = (generator.num_ws, generator.w_dim)
    require(
        ws.ndim in (2, 3) and tuple(ws.shape[-2:]) == expected,
        f"source_ws has shape {tuple(ws.shape)}; this generator takes (batch, {expected[0]}, "
        f"{expected[1]}): use generator.mapping(z).",
    )
    return ws if ws.ndim == 3 else ws.unsqueeze(0)


def _has_settled(guidance: list[float], config: ManipulateConfig) -> bool:
    """True when the last `patience` steps brought no improvement."""
    if config.patience is None or len(guidance) <= config.patience:
        return False
    before, lately = guidance[: -config.patience], guidance[-config.patience :]
    return min(lately) > min(before) - config.min_improvement
