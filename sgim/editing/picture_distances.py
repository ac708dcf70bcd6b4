"""How far pictures are from each other, by pixels and by LPIPS.

two batches of pictures (batch, 3, height, width) in [-1, 1] -> (batch,)
"""

import warnings
from collections.abc import Callable

import torch
import torch.nn.functional as F

from sgim.checks import SgimError

SMALLEST = 8
ALEXNET_URL = "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth"


def peak_signal_to_noise(images: torch.Tensor, target_images: torch.Tensor) -> torch.Tensor:
    """PSNR of pictures in [-1, 1], 10 log10(4 / mean squared difference): (batch,), in dB.

    >>> peak_signal_to_noise(torch.zeros(1, 3, 8, 8), torch.full((1, 3, 8, 8), 0.2)).round()
    tensor([20.])
    """
    errors = (images - target_images).square().mean((1, 2, 3))
    return 10 * torch.log10(4 / errors.clamp_min(1e-10))


def shrink(images: torch.Tensor, size: int) -> torch.Tensor:
    """Pictures (batch, 3, height, width), averaged down to `size` pixels if they are larger."""
    return F.interpolate(images, (size, size), mode="area") if images.shape[-1] > size else images


def pyramid_distance(images: torch.Tensor, target_images: torch.Tensor) -> torch.Tensor:
    """Mean squared difference, averaged over halvings of the size down to 8 pixels: (batch,).

    Small pictures pull things to their places from afar, large ones fit the details.
    """
    levels, size = [], images.shape[-1]
    while not levels or size >= SMALLEST:
        difference = shrink(images, size) - shrink(target_images, size)
        levels.append(difference.square().mean((1, 2, 3)))
        size //= 2
    return torch.stack(levels).mean(0)


def lpips_distance(
    device: str | torch.device = "cpu",
) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """LPIPS on AlexNet (Zhang et al. 2018), as the package lpips computes it.

    Returns
    -------
    callable
        Two batches of pictures (batch, 3, height, width) in [-1, 1] -> (batch,), 0 where they are
        the same; gradients flow.

    Raises
    ------
    SgimError
        When lpips is not installed, or AlexNet's weights, which torchvision fetches at the first
        call and keeps, cannot be fetched.
    """
    try:
        import lpips
    except ImportError as error:
        raise SgimError(
            "lpips is not installed; run `pip install lpips`, or do without LPIPS and set "
            'perceptual to "clip".'
        ) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # lpips calls torchvision in an old way
            network = lpips.LPIPS(net="alex", verbose=False).to(device).requires_grad_(False)
    except OSError as error:
        raise SgimError(
            f"LPIPS needs AlexNet's weights, 233 MB, and {ALEXNET_URL} cannot be fetched "
            f"({error}); put the file into {torch.hub.get_dir()}/checkpoints, or do without LPIPS "
            'and set perceptual to "clip".'
        ) from error
    return lambda images, target_images: network(images, target_images).flatten()
