"""Latent optimization: a copy of the source latent moves until its picture says what is heard.

    L(w_a) = d_cos(CLIP(G(w_a)), target) + lambda_sim sum_l g_l ||w_a[l] - w_s[l]||^2
             + lambda_ID (1 - <R(G(w_s)), R(G(w_a))>)

sounds, texts -> one target embedding; source ws -> Adam -> `ManipulateResult`.
Source: Lee et al. 2024 (arXiv 2208.14114) and 2022 (arXiv 2112.00007); the rule of the adaptive
layer mask is the one of the published code of 2022, written for any number of layers.
"""

import os
import time
from collections.abc import Callable, Mapping

import numpy as np
import torch

from sgim.checks import cast_like, require, require_finite
from sgim.devices import ordinary_torch, threads_for
from sgim.editing.errata import PublishedLayerMask, published_distance
from sgim.editing.latents import as_ws
from sgim.editing.layer_mask import AdaptiveLayerMask, moving_rows
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulate_result import ManipulateResult, ManipulateStep
from sgim.editing.presets import Preset
from sgim.editing.proximal_adam import ProximalAdam
from sgim.editing.pursuit import WANDERING, pursue
from sgim.editing.schedules import latent_noise_factor, learning_rate_factor
from sgim.editing.settings import as_settings
from sgim.editing.starting_points import best_start, mapped_start
from sgim.editing.targets import guidance_target, mix_targets
from sgim.losses import cosine_distance, identity_loss, latent_similarity_loss

REMEDY = "set out from another latent, or lower learning_rate"


@ordinary_torch()
def manipulate(
    bundle,
    source_ws: torch.Tensor | np.ndarray | str | os.PathLike,
    *,
    sound=None,
    text=None,
    target_features: torch.Tensor | None = None,
    config: ManipulateConfig | Preset | Mapping | None = None,
    callback: Callable[[ManipulateStep], object] | None = None,
    stop_asked: Callable[[], bool] = lambda: False,
) -> ManipulateResult:
    """Move the latents of pictures until they say what the sounds and texts say.

    Parameters
    ----------
    bundle : Bundle
        Gives `generator`, `encode_image`, `encode_audio`, `encode_text`, `identity` (images ->
        features) where `identity_weight` is positive, `encode_image_as_published` for
        `official_compat`.
    source_ws : torch.Tensor, numpy.ndarray or path of a file of latents
        (batch, num_ws, w_dim), (num_ws, w_dim) or (w_dim,), as `sgim.editing.latents.as_ws` takes
        them.
    sound : path, (waveform, sample_rate), or a list or tuple of these or of (sound, weight)
    text : str, or a list or tuple of str or of (str, weight)
    target_features : torch.Tensor, (1, embed_dim) or (batch, embed_dim)
        What to follow instead of sounds and texts: any place of the joint embedding. The prior
        takes it like what is heard, unless `config.target` is "direct".
    config : ManipulateConfig, Preset, or a dict of some settings
    callback : callable
        Called with a `ManipulateStep` after each step; returning True ends the edit.
    stop_asked : callable
        Asked after each step, and after each picture of the pursuit, which takes as long as many
        steps; True ends the edit.

    Returns
    -------
    ManipulateResult

    Raises
    ------
    SgimError
        For latents of another shape or that are not finite, layers that the generator has not, an
        edit without target, unreadable sounds, unknown words, a positive `identity_weight` without
        a recognition network, and an edit that runs into numbers that are not finite.
    """
    started = time.perf_counter()
    config = as_settings(config, ManipulateConfig())
    source_ws = as_ws(source_ws, bundle.generator)
    if target_features is None:
        target_features = mix_targets(bundle, sound, text)
    else:
        require(
            sound is None and text is None,
            "target_features come with sound or text; they stand for both: pass either.",
        )
        target_features = cast_like("target_features", target_features, source_ws)
    target = guidance_target(bundle, target_features.to(source_ws).detach().clone(), config.target)
    with threads_for(len(source_ws) * bundle.generator.img_resolution**2):
        edit = _Edit(bundle, source_ws, target, config, stop_asked)
        stopped = edit.run(callback)
        ws = edit.ws.detach()
        with torch.no_grad():
            images = bundle.generator.synthesis(ws, noise_mode="const")
    return ManipulateResult(
        images=images,
        ws=ws,
        source_images=edit.source_images,
        source_ws=source_ws,
        trajectory=torch.stack(edit.trajectory),
        history=edit.history,
        layer_weights=edit.layer_weights.detach(),
        seconds=time.perf_counter() - started,
        stopped_early=stopped,
        config=config,
    )


class _Stopped(Exception):
    """The edit is to end in the middle of the pursuit; the latent stays as it was before it."""


class _Edit:
    """Latents (batch, num_ws, w_dim) on their way from the source to the target.

    With a pursuit they go in two phases; `phase` is the first step of this one and the first after
    it, and `moving` broadcasts to what of the latents may move in it.
    """

    def __init__(
        self,
        bundle,
        source_ws: torch.Tensor,
        target: torch.Tensor,
        config: ManipulateConfig,
        stop_asked: Callable[[], bool],
    ) -> None:
        self.source_ws, self.target, self.config = source_ws, target, config
        self.stop_asked = stop_asked
        self._choose_functions(bundle)
        with torch.no_grad():
            self.source_images = bundle.generator.synthesis(source_ws, noise_mode="const")
            if self.identity is not None:
                self.source_identity = self.identity(self.source_images)
        self.moving = moving_rows(config.layers, bundle.generator.num_ws).to(source_ws.device)
        start = source_ws
        if config.start == "proposals":
            start = best_start(bundle, source_ws, target, self.moving)
        elif config.start == "mapper":
            with torch.no_grad():
                seen = self.encode_image(self.source_images)
            start = mapped_start(bundle, source_ws, seen, target, self.moving)
            self.moving = start != source_ws
        self.ws = start.clone().requires_grad_(True)
        self.random = torch.Generator().manual_seed(config.seed)
        self.trajectory = [start.cpu()]
        self.history: dict[str, list[float]] = {
            name: [] for name in ("total", "guidance", "similarity", "identity")
        }

    def _choose_functions(self, bundle) -> None:
        """Networks, distance and mask, as the settings want them."""
        config, generator = self.config, bundle.generator
        require(
            config.identity_weight == 0 or bundle.identity is not None,
            f"identity_weight is {config.identity_weight} but the bundle has no recognition "
            "network; set it to 0 or use a bundle for faces.",
        )
        self.identity = bundle.identity if config.identity_weight > 0 else None
        self.synthesis, self.encode_image = generator.synthesis, bundle.encode_image
        self.distance, mask_kind = cosine_distance, AdaptiveLayerMask
        if config.official_compat:
            self.distance, mask_kind = published_distance, PublishedLayerMask
            self.encode_image = bundle.encode_image_as_published
        if config.compile:
            self.synthesis = torch.compile(self.synthesis)
            self.encode_image = torch.compile(self.encode_image)
        batch, device = len(self.source_ws), self.source_ws.device
        self.mask = mask_kind(batch, generator.num_ws, config.mask_rate, device)
        self.layer_weights = self.mask.weights

    def run(self, callback: Callable[[ManipulateStep], object] | None) -> bool:
        """Take all steps, or fewer where patience or somebody ends them: then True."""
        end = self.config.num_steps
        if not self.config.pursuit or self.config.start == "mapper":
            return self._walk(0, end, callback) is not None
        pursued = max(1, round(WANDERING * end))
        if self._walk(0, pursued, callback) == "asked":
            return True
        try:
            self._pursue()
        except _Stopped:
            return True
        return self._walk(pursued, end, callback) is not None

    def _walk(self, begin: int, end: int, callback: Callable | None) -> str | None:
        """One phase; what ended it before its time: "asked" or "patience"."""
        self.phase = (begin, end)
        known = len(self.history["guidance"])
        self.optimizer = ProximalAdam(
            self.source_ws, self.config.step_scale, self.config.sparse_weight
        )
        for index in range(begin, end):
            step = self.take_step(index)
            if (callback is not None and bool(callback(step))) or self.stop_asked():
                return "asked"
            if _has_settled(self.history["guidance"][known:], self.config):
                return "patience"
        return None

    def _pursue(self) -> None:
        """Go on with few coordinates; the latest latent of the trajectory shows it."""

        def distance(ws: torch.Tensor) -> torch.Tensor:
            if self.stop_asked():
                raise _Stopped
            pictures = _wide(self.synthesis(ws, noise_mode="const"))
            return self.distance(_wide(self.encode_image(pictures)), self.target)

        with torch.no_grad():
            found, chosen = pursue(self.ws, self.source_ws, self.moving, distance)
            self.ws.copy_(found)
        self.moving = self.moving & chosen
        self.trajectory[-1] = found.cpu()

    def take_step(self, index: int) -> ManipulateStep:
        """Look at the pictures of the latents, move the latents once, write the losses down."""
        config = self.config
        images, features = self._look(index)
        terms = self._losses(images, features)
        losses = {name: terms[name].mean().item() for name in self.history}
        require_finite(f"the loss at step {index}", losses["total"], REMEDY)
        (gradient,) = torch.autograd.grad(terms["total"].sum(), self.ws)
        begun, ends = self.phase
        rate = config.learning_rate * learning_rate_factor(
            index - begun, ends - begun, config.ramp_up, config.ramp_down
        )
        self.optimizer.step(self.ws, gradient * self.moving, rate)
        require_finite(f"the latent after step {index}", self.ws, REMEDY)
        seen = self.trajectory[-1].to(self.ws) if config.official_compat else self.ws
        self.mask.update(seen, self.source_ws)
        self.trajectory.append(self.ws.detach().cpu().clone())
        for name, value in losses.items():
            self.history[name].append(value)
        return ManipulateStep(
            index,
            config.num_steps,
            images.detach(),
            losses,
            self.ws.detach().clone(),
            self.layer_weights.detach(),
        )

    def _look(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Pictures of the latents with this step's noise, and their embeddings.

        All latents get the same noise, so that each moves as it would alone.
        """
        config, ws = self.config, self.ws
        noise = torch.randn(ws.shape[1:], generator=self.random).to(ws.device)
        begun, ends = self.phase
        wanders = begun == 0 and config.start != "mapper"
        noise = noise * config.latent_noise * (latent_noise_factor(index, ends) if wanders else 0)
        noise = noise * self.moving
        with torch.autocast(ws.device.type, torch.bfloat16, enabled=config.autocast):
            images = _wide(self.synthesis(ws + noise, noise_mode="const"))
            return images, _wide(self.encode_image(images))

    def _losses(self, images: torch.Tensor, features: torch.Tensor) -> dict[str, torch.Tensor]:
        """The terms of L(w_a) and their weighted sum, (batch,) each."""
        config, weights = self.config, self.mask.weights
        self.layer_weights = weights if config.adaptive_layer_mask else torch.ones_like(weights)
        guidance = self.distance(features, self.target)
        similarity = latent_similarity_loss(self.ws, self.source_ws, self.layer_weights)
        total = guidance + config.similarity_weight * similarity
        identity = torch.zeros_like(guidance)
        if self.identity is not None:
            identity = identity_loss(self.identity(images), self.source_identity)
            total = total + config.identity_weight * identity
        return dict(total=total, guidance=guidance, similarity=similarity, identity=identity)


def _wide(numbers: torch.Tensor) -> torch.Tensor:
    """In float32, or in float64 where they are."""
    return numbers.to(torch.promote_types(numbers.dtype, torch.float32))


def _has_settled(guidance: list[float], config: ManipulateConfig) -> bool:
    """True when the last `patience` steps brought no improvement."""
    if config.patience is None or len(guidance) <= config.patience:
        return False
    before, lately = guidance[: -config.patience], guidance[-config.patience :]
    return min(lately) > min(before) - config.min_improvement
