"""The published loop of an edit, as slow as it is: the way that ours is timed and compared with.

bundle, latents, sound -> the published steps -> latents after each

Weights of every item's own in one grouped convolution, gradients for all weights of the generator
and of CLIP, pictures enlarged 7 times before pooling, and the constant sound embedded again at each
step.
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F

from sgim.bundle import Bundle
from sgim.editing.errata import GRID, PublishedLayerMask, published_distance
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.schedules import learning_rate_factor
from sgim.losses import latent_similarity_loss
from sgim.models import stylegan2_synthesis, stylegan3_synthesis
from sgim.models.filtered_relu import filtered_relu_plainly
from sgim.models.modulated_conv import low_pass_kernel, modulated_conv2d_per_sample, upfirdn2d


def published_manipulate(
    bundle: Bundle,
    source_ws: torch.Tensor,
    sound: torch.Tensor,
    config: ManipulateConfig,
    callback: Callable[[], object] = lambda: None,
) -> torch.Tensor:
    """Edit as the published code does.

    Parameters
    ----------
    bundle : Bundle
        Its generator and its CLIP take gradients of all their weights from here on.
    source_ws : torch.Tensor, (1, num_ws, w_dim)
    sound : torch.Tensor, (1, num_samples) at 44.1 kHz
    config : ManipulateConfig
    callback : callable
        Called at the end of each step.

    Returns
    -------
    torch.Tensor, (1 + num_steps, 1, num_ws, w_dim)
        The source, and the latents after each step.
    """
    for model in (bundle.generator, bundle.clip):
        model.requires_grad_(True)
    ws = source_ws.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([ws], lr=config.learning_rate)
    mask = PublishedLayerMask(1, bundle.generator.num_ws, config.mask_rate, ws.device)
    trajectory = [source_ws]
    for step in range(config.num_steps):
        optimizer.param_groups[0]["lr"] = config.learning_rate * learning_rate_factor(
            step, config.num_steps, config.ramp_up, config.ramp_down
        )
        target = bundle.audio_encoder(bundle.log_mel(sound))
        pixels = _pooled(published_synthesis(bundle.generator.synthesis, ws), bundle)
        features = bundle.clip.encode_image(pixels, normalize=True)
        similarity = latent_similarity_loss(ws, source_ws, mask.weights)
        loss = published_distance(features, target) + config.similarity_weight * similarity
        optimizer.zero_grad()
        loss.sum().backward()
        optimizer.step()
        mask.update(trajectory[-1], source_ws)
        trajectory.append(ws.detach().clone())
        callback()
    return torch.stack(trajectory)


def _pooled(images: torch.Tensor, bundle: Bundle) -> torch.Tensor:
    """Pictures as the published code hands them to CLIP: enlarged, then pooled."""
    times = bundle.clip_config.image_size // GRID
    enlarged = F.interpolate(images, scale_factor=times, mode="nearest")
    return F.avg_pool2d(enlarged, images.shape[-1] // GRID)


def published_synthesis(
    synthesis: stylegan2_synthesis.Synthesis | stylegan3_synthesis.Synthesis, ws: torch.Tensor
) -> torch.Tensor:
    """`synthesis(ws)` with own weights for every item, and the low-pass filters on each channel."""
    if isinstance(synthesis, stylegan3_synthesis.Synthesis):
        return _published_stylegan3(synthesis, ws)
    rows = ws.unbind(1)

    def convolve(layer, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        x = modulated_conv2d_per_sample(
            x, layer.weight, layer.modulation(w), upsample=layer.upsample
        )
        x = x + layer.noise_strength * layer.noise + layer.bias[:, None, None]
        return F.leaky_relu(x, 0.2) * math.sqrt(2)

    def color(layer, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        colors = modulated_conv2d_per_sample(x, layer.weight, layer.modulation(w), demodulate=False)
        return colors + layer.bias[:, None, None]

    x = convolve(synthesis.convs[0], synthesis.const.expand(len(ws), -1, -1, -1), rows[0])
    images = color(synthesis.to_rgbs[0], x, rows[1])
    for level, to_rgb in enumerate(synthesis.to_rgbs[1:], start=1):
        row = 2 * level - 1
        x = convolve(synthesis.convs[row], x, rows[row])
        x = convolve(synthesis.convs[row + 1], x, rows[row + 1])
        images = upfirdn2d(images, 4 * low_pass_kernel(images), up=2, padding=(2, 1))
        images = images + color(to_rgb, x, rows[row + 2])
    return images


def _published_stylegan3(
    synthesis: stylegan3_synthesis.Synthesis, ws: torch.Tensor
) -> torch.Tensor:
    first, *rows, last = ws.unbind(1)
    x = synthesis.input(first)
    for layer, row in zip(synthesis.layers, rows, strict=True):
        u = modulated_conv2d_per_sample(
            x, layer.weight, layer.modulation(row), padding=layer.weight.shape[-1] - 1
        )
        u = u * layer.magnitude.rsqrt() + layer.bias[:, None, None]
        x = filtered_relu_plainly(u, layer.relu)
    return synthesis.output_scale * synthesis.to_rgb(x, last)
