"""An edit of a shrunk photo in the photo's own size.

photo, its shrunk copy and the copy's edit -> how much of fine detail the weather leaves -> the edit
in the size of the photo

Guided image filtering (He, Sun and Tang 2013) finds by local linear regression what a picture
passes on of its guide; here the guide is the copy before the edit.
"""

import torch

from sgim.world.photo_maps import blur, resized

RADIUS = 4
"""Pixels of the copy to each side in which the edit is taken to be linear in the copy."""

FAINT = 0.02
"""Contrast, of a range of 2, below which detail is left as it is."""

MOST = 2.0
"""Detail is amplified by no more than this, as under lightning."""


def with_details(edited: torch.Tensor, copy: torch.Tensor, photo: torch.Tensor) -> torch.Tensor:
    """The edit in the size of the photo, with the fine detail that the copy has lost.

    Parameters
    ----------
    edited, copy : torch.Tensor, (1, 3, height, width)
        The shrunk photo after and before the edit, in [-1, 1].
    photo : torch.Tensor, (1, 3, larger height, larger width)
        In [-1, 1].

    Returns
    -------
    torch.Tensor, of the shape of `photo`, in [-1, 1]
        Where nothing was edited it is the photo.
    """
    size = photo.shape[2:]
    details = photo - resized(copy, size)
    details.mul_(resized(_slope(copy, edited), size))
    return details.add_(resized(edited, size)).clamp_(-1, 1)


def _slope(copy: torch.Tensor, edited: torch.Tensor) -> torch.Tensor:
    """By how much the edit changes where the copy changes, in [0, `MOST`]."""
    mean, mean_edited = blur(copy, RADIUS), blur(edited, RADIUS)
    variance = blur(copy * copy, RADIUS) - mean * mean + FAINT**2
    covariance = blur(copy * edited, RADIUS) - mean * mean_edited + FAINT**2
    return (covariance / variance).clamp_(0, MOST)
