"""Noise maps of a generator that are optimized, and yet shall look like noise.

maps (batch, size, size), one for each convolution -> `noise_regularity` (batch,), `standardize`

Source: Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN", appendix D.
"""

import torch
import torch.nn.functional as F

SMALLEST = 8


def noise_regularity(noise_maps: list[torch.Tensor]) -> torch.Tensor:
    """How far noise maps (batch, size, size) are from white noise: (batch,).

    The squared mean product of neighbors, over rows and columns, of every map and of its halvings
    down to 8 pixels, which keep unit variance (Karras et al. 2020, appendix D).
    """
    total = torch.zeros(len(noise_maps[0]), device=noise_maps[0].device)
    for noise in noise_maps:
        while True:
            for axis in (1, 2):
                total = total + (noise * noise.roll(1, axis)).mean((1, 2)).square()
            if noise.shape[-1] <= SMALLEST:
                break
            noise = 2 * F.avg_pool2d(noise[:, None], 2)[:, 0]
    return total


@torch.no_grad()
def standardize(noise_maps: list[torch.Tensor]) -> None:
    """Give each of the noise maps (batch, size, size) mean 0 and variance 1, in place."""
    for noise in noise_maps:
        noise -= noise.mean((1, 2), keepdim=True)
        noise *= noise.square().mean((1, 2), keepdim=True).rsqrt()
