"""How near projections come to renders, by PSNR and by LPIPS.

bundle -> renders -> `project` one by one -> one number each
"""

from collections.abc import Callable

import torch
from tqdm import tqdm

from sgim.editing.projection import project
from sgim.seeds import ws_from_seeds

PHOTO_SEEDS = tuple(range(9000, 9016))


def score_projections(
    bundle,
    distance: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None = None,
    *,
    photo_seeds: tuple[int, ...] = PHOTO_SEEDS,
    progress: bool = False,
) -> dict:
    """Project renders, one by one.

    Returns
    -------
    dict
        One number per render: `psnr` in dB, `seconds`, and `lpips`, which is what `distance` says
        of two batches of pictures, (batch, 3, height, width) in [-1, 1], where it is given.
    """
    psnr, seconds, lpips = [], [], []
    with torch.no_grad():
        photos = bundle.generator.synthesis(ws_from_seeds(bundle.generator, photo_seeds))
    for photo in tqdm(photos.split(1), "projections", leave=False, disable=not progress):
        result = project(bundle, photo)
        psnr.append(round(result.psnr.item(), 2))
        seconds.append(round(result.seconds, 2))
        if distance is not None:
            lpips.append(round(distance(result.images, photo).item(), 4))
    scores = {"psnr": psnr, "seconds": seconds}
    return scores | {"lpips": lpips} if lpips else scores
