"""Projection: the latents whose pictures come nearest to photos, so that photos can be edited.

photo -> random latents, drawn small, the nearest of them -> Adam on small pictures
-> the best one -> Adam on whole pictures -> `ProjectResult`

    L(w, n) = lambda_x mean_s ||shrink_s(G(w, n)) - shrink_s(photo)||^2 + lambda_p d(G(w, n), photo)
              + lambda_w mean ((w - w_avg) / deviation)^2 + lambda_n (regularity of the noise n)

The perceptual distance d is that of CLIP's embeddings, or LPIPS. Every row of ws moves on its own
(W+, Abdal et al. 2019, "Image2StyleGAN"). The noise on w that fades away is the one of StyleGAN2's
projector (Karras et al. 2020, appendix D). That projector also changes the generator's noise maps
n; here they stay, so that `ws` alone is the photo's projection, unless lambda_n is set.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch

from sgim.checks import require, require_finite
from sgim.devices import ordinary_torch, threads_for
from sgim.editing.noise_maps import noise_regularity, standardize
from sgim.editing.picture_distances import (
    lpips_distance,
    peak_signal_to_noise,
    pyramid_distance,
    shrink,
)
from sgim.editing.project_config import ProjectConfig, config_for
from sgim.editing.schedules import latent_noise_factor, learning_rate_factor
from sgim.editing.settings import as_settings
from sgim.losses import cosine_distance
from sgim.media.photos import as_images
from sgim.seeds import latents_of

SMALL = 64
TINY = 16
NUM_DRAWN = 1000
LEAST_DEVIATION = 0.25
RAMP_UP, RAMP_DOWN = 0.05, 0.5
REMEDY = "give another photo, or lower learning_rate"


@dataclass(frozen=True)
class ProjectStep:
    """What a callback sees after each step.

    `images` (batch, 3, height, width) in [-1, 1] are the nearest of those in the making, small in
    the first half of the steps; `losses` is term -> mean.
    """

    index: int
    num_steps: int
    images: torch.Tensor
    losses: dict[str, float]


@dataclass(frozen=True)
class ProjectResult:
    """Latents of photos and how near their pictures come.

    `ws`: (batch, num_ws, w_dim); `images`, `target_images`: (batch, 3, height, width) in [-1, 1];
    `generator` draws `images` from `ws`: the bundle's, with the photos' own noise maps if these
    were optimized; `history`: term -> one float per step (mean over all latents in the making);
    `psnr`: (batch,) in dB; `seconds`: wall-clock time of the batch.
    """

    ws: torch.Tensor
    images: torch.Tensor
    target_images: torch.Tensor
    generator: torch.nn.Module = field(repr=False)
    history: dict[str, list[float]] = field(repr=False)
    psnr: torch.Tensor
    seconds: float
    config: ProjectConfig


@ordinary_torch()
def project(
    bundle,
    image,
    *,
    c=None,
    config: ProjectConfig | Mapping | None = None,
    callback: Callable[[ProjectStep], object] | None = None,
) -> ProjectResult:
    """Find latents whose pictures are as near to photos as the generator comes.

    Parameters
    ----------
    bundle : Bundle
        Gives `generator` and `encode_image`.
    image : path, PIL.Image.Image, numpy.ndarray, or torch.Tensor (batch, 3, height, width)
        One photo, or a batch in [-1, 1]; `sgim.media.photos.as_images` cuts the middle square.
    c : int, str or torch.Tensor
        The class of the photos, for conditional generators, as `mapping(z, c)` takes it; the mean
        of w is then that of the class.
    config : ProjectConfig, or a dict of some settings
        `ProjectConfig()` where the generator draws small pictures, else `FROM_THE_MEAN`.
    callback : callable
        Called with a `ProjectStep` after each step; returning True ends the projection.

    Returns
    -------
    ProjectResult
        `manipulate(bundle, result.ws, ...)` edits it; where noise maps were optimized, pass
        `dataclasses.replace(bundle, generator=result.generator)`.

    Raises
    ------
    SgimError
        For a photo that cannot be read, is too small or too large, and where LPIPS or noise maps
        are asked for and there are none; for a class that is missing or unknown.
    """
    started = time.perf_counter()
    generator = bundle.generator
    config = as_settings(config, config_for(generator))
    targets = as_images(image, generator.img_resolution).to(bundle.device)
    search = _Search(bundle, targets, c, config, callback)
    ws = search.starts()
    if config.noise_map_weight > 0:
        search.learn_noise()
    for size in (min(SMALL, generator.img_resolution), generator.img_resolution):
        ws = search.best(search.descend(ws, size))
    ws, generator = ws[:, 0], search.found_generator()
    with torch.no_grad():
        images = generator.synthesis(ws, noise_mode="const")
    return ProjectResult(
        ws=ws,
        images=images,
        target_images=targets,
        generator=generator,
        history=search.history,
        psnr=peak_signal_to_noise(images, targets),
        seconds=time.perf_counter() - started,
        config=config,
    )


class _Search:
    """Latents of several photos at once: (batch, count, num_ws, w_dim), `count` for each photo.

    Adam moves all coordinates by the same step, so it gets them in units of the deviation that
    each has under `mapping`, but of a quarter of the mean deviation at least: the weathers of the
    mini world hardly vary, and yet may be needed. The prior, which takes the deviations as they
    are, holds them calm unless the photo gains by them.
    """

    def __init__(self, bundle, targets: torch.Tensor, c, config: ProjectConfig, callback) -> None:
        generator = bundle.generator
        self.bundle, self.targets, self.config, self.callback = bundle, targets, config, callback
        self.history: dict[str, list[float]] = {n: [] for n in ("total", "pixel", "perceptual")}
        self.stopped = False
        self.random = torch.Generator().manual_seed(config.seed)
        count = max(NUM_DRAWN, config.num_starts)
        z = torch.randn(count, generator.z_dim, generator=self.random).to(bundle.device)
        with torch.no_grad():
            self.target_features = bundle.encode_image(targets)
            self.drawn = latents_of(generator, z, c)
        self.mean = generator.w_avg if c is None else self.drawn.mean(0)
        self.lpips = lpips_distance(bundle.device) if config.perceptual == "lpips" else None
        variance = (self.drawn - self.mean).square().mean(0)
        self.unit = variance.clamp_min(LEAST_DEVIATION**2 * variance.mean()).sqrt()
        self.precision = self.unit.square() / variance.clamp_min(1e-8)
        self.noise_maps: list[torch.Tensor] = []
        self.generator = self.small_generator = generator
        if generator.img_resolution > SMALL and hasattr(generator, "at_resolution"):
            self.small_generator = generator.at_resolution(SMALL)

    def learn_noise(self) -> None:
        """From here on the generator has noise maps of its own for each photo, in the making."""
        require(
            hasattr(self.generator, "with_noise_maps"),
            "noise_map_weight is above 0 and this generator has no noise maps; set it to 0.",
        )
        self.noise_maps = [
            noise.expand(len(self.targets), -1, -1).clone().requires_grad_(True)
            for noise in self.generator.noise_maps
        ]
        self.generator = self.small_generator = self.generator.with_noise_maps(self.noise_maps)

    def found_generator(self) -> torch.nn.Module:
        """The generator that draws the pictures that were found."""
        if not self.noise_maps:
            return self.generator
        maps = [noise.detach().squeeze(0) for noise in self.noise_maps]
        return self.generator.with_noise_maps(maps)

    def render(self, ws: torch.Tensor, size: int) -> torch.Tensor:
        """Pictures (count, 3, size, size) of latents (count, num_ws, w_dim)."""
        generator = self.generator if size > SMALL else self.small_generator
        return shrink(generator.synthesis(ws, noise_mode="const"), size)

    @torch.no_grad()
    def starts(self) -> torch.Tensor:
        """The mean of w and random latents, those with the nearest pictures."""
        ws = torch.cat([self.mean[None], self.drawn])[: self.config.num_starts]
        tiny = torch.cat([self.render(part, TINY) for part in ws.split(32)])
        errors = (tiny - shrink(self.targets, TINY)[:, None]).square().mean((2, 3, 4))
        return ws[errors.argsort(dim=1)[:, : self.config.num_kept]]

    @torch.no_grad()
    def best(self, ws: torch.Tensor) -> torch.Tensor:
        """The latents with the nearest whole pictures, one for each photo."""
        images = self.generator.synthesis(ws.flatten(0, 1), noise_mode="const")
        images = images.view(*ws.shape[:2], *images.shape[1:])
        errors = (images - self.targets[:, None]).square().mean((2, 3, 4))
        return ws[torch.arange(len(ws), device=ws.device), errors.argmin(dim=1)][:, None]

    def descend(self, ws: torch.Tensor, size: int) -> torch.Tensor:
        """Adam on pictures of `size` pixels."""
        config, count, mean = self.config, ws.shape[1], self.mean
        targets = shrink(self.targets, size).repeat_interleave(count, 0)
        target_features = self.target_features.repeat_interleave(count, 0)
        units = ((ws.flatten(0, 1) - mean) / self.unit).requires_grad_(True)
        optimizer = torch.optim.Adam([units, *self.noise_maps], betas=(0.9, 0.99))
        with threads_for(len(units) * size**2):
            for step in range(config.num_steps):
                if self.stopped:
                    break
                for group in optimizer.param_groups:
                    group["lr"] = config.learning_rate * learning_rate_factor(
                        step, config.num_steps, RAMP_UP, RAMP_DOWN
                    )
                noise = torch.randn(units.shape, generator=self.random).to(units.device)
                noise = noise * config.latent_noise * latent_noise_factor(step, config.num_steps)
                images = self.render(mean + self.unit * (units + noise), size)
                terms = self.losses(images, targets, target_features, units)
                require_finite("the loss of the projection", terms["total"], REMEDY)
                optimizer.zero_grad()
                terms["total"].sum().backward()
                optimizer.step()
                require_finite("the latent of the projection", units, REMEDY)
                standardize(self.noise_maps)
                self._tell(images.detach(), {name: term.detach() for name, term in terms.items()})
        return (mean + self.unit * units.detach()).view(ws.shape)

    def losses(
        self,
        images: torch.Tensor,
        targets: torch.Tensor,
        target_features: torch.Tensor,
        units: torch.Tensor,
    ) -> dict[str, torch.Tensor]:
        """L(w, n) and the distances in it, (count,) each."""
        config = self.config
        pixel = pyramid_distance(images, targets)
        perceptual = torch.zeros_like(pixel)
        if config.perceptual_weight > 0 and self.lpips:
            perceptual = self.lpips(images, targets)
        elif config.perceptual_weight > 0:
            perceptual = cosine_distance(self.bundle.encode_image(images), target_features)
        total = config.pixel_weight * pixel + config.perceptual_weight * perceptual
        total = total + config.prior_weight * (self.precision * units.square()).mean((1, 2))
        if self.noise_maps:
            total = total + config.noise_map_weight * noise_regularity(self.noise_maps)
        return {"total": total, "pixel": pixel, "perceptual": perceptual}

    def _tell(self, images: torch.Tensor, terms: dict[str, torch.Tensor]) -> None:
        """Write the losses down and call back."""
        losses = {name: term.mean().item() for name, term in terms.items()}
        for name, value in losses.items():
            self.history[name].append(value)
        if self.callback is not None:
            totals = terms["total"].view(len(self.targets), -1)
            images = images.view(*totals.shape, *images.shape[1:])
            nearest = images[torch.arange(len(totals), device=totals.device), totals.argmin(dim=1)]
            index = len(self.history["total"]) - 1
            step = ProjectStep(index, 2 * self.config.num_steps, nearest, losses)
            self.stopped = bool(self.callback(step))
