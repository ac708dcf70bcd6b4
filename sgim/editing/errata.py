"""What the published edit loop does otherwise; `ManipulateConfig(official_compat=True)` repeats it.

Three choices of the code of Lee et al. 2022 (arXiv 2112.00007), each beside what is right:

- *Pixels.* CLIP was trained on pixels minus its mean over its deviation; the published loop shows
  it pixels in [-1, 1], after nearest upsampling by 7 and mean pooling to 224
  (`criteria/soundclip_loss.py`).
- *Temperature.* CLIP divides a similarity by 0.07, its temperature at the start, which is a factor
  of 14.3; the published loop multiplies it by exp(0.07), about 1.07 (the same file). A distance
  needs neither: it only shifts the balance with lambda_sim and lambda_ID.
- *Mask.* The published rule moves the mask by the losses of the latent before the step, and is
  written for the 14 layers of a generator of 256 pixels; of 18 layers, for 1024 pixels, the last
  four are not held at all (`optimization/run_optimization.py`). Here the rule follows the latent
  after the step, and holds every layer.
"""

import math

import torch
import torch.nn.functional as F

from sgim.checks import require
from sgim.editing.layer_mask import AdaptiveLayerMask

GRID = 32
"""Upsampling by 7 and pooling by size / 32 end at 7 x 32 = 224 pixels, whatever the size."""

SIMILARITY_FACTOR = math.exp(0.07)
NUM_HELD_LAYERS = 14


def published_pixels(images: torch.Tensor, image_size: int = 224) -> torch.Tensor:
    """Pictures as the published loop shows them to CLIP; gradients flow through.

    Upsampling and pooling do the same to rows as to columns, so one small matrix is all of it.

    Parameters
    ----------
    images : torch.Tensor, (batch, 3, size, size) in [-1, 1]
        `size` is a multiple of 32.
    image_size : int
        What the image tower takes, a multiple of 32; the published loop knows 224 alone.

    Returns
    -------
    torch.Tensor, (batch, 3, image_size, image_size) in [-1, 1]

    Raises
    ------
    SgimError
        When `images` is not a batch of square RGB pictures of such a size.
    """
    size = images.shape[-1]
    require(
        images.ndim == 4 and images.shape[1:] == (3, size, size) and size % GRID == 0,
        f"images have shape {tuple(images.shape)}; the published loop takes (batch, 3, size, size) "
        f"with a multiple of {GRID} as size: use another generator or official_compat=False.",
    )
    enlarged = torch.eye(size).to(images).repeat_interleave(image_size // GRID, dim=1)
    shares = F.avg_pool1d(enlarged, size // GRID)  # of old pixels in new ones
    return shares.mT @ images @ shares


def published_distance(features: torch.Tensor, target_features: torch.Tensor) -> torch.Tensor:
    """`1 - exp(0.07) <f, t>` per row, (batch,), in [-0.07, 2.07]; one target row serves all."""
    return 1 - SIMILARITY_FACTOR * F.cosine_similarity(features, target_features, dim=-1)


class PublishedLayerMask(AdaptiveLayerMask):
    """The mask over the first 14 layers; layers beyond weigh nothing.

    The published loop calls `update` with the latents before the step.
    """

    @property
    def weights(self) -> torch.Tensor:
        """The mask g, (batch, num_ws), in [0, 1)."""
        weights = super().weights
        held = torch.arange(weights.shape[1], device=weights.device) < NUM_HELD_LAYERS
        return weights * held
