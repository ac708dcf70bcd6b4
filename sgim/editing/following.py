"""A picture that follows targets which change in time: one latent for every frame.

targets (frames, embed_dim) -> one pass of the mapper for each -> ws of frames
without a mapper: a few targets that stand for all -> edits, at once -> mixed -> ws of frames
"""

import torch
import torch.nn.functional as F

from sgim.checks import cast_like, require
from sgim.editing.latents import as_ws
from sgim.editing.layer_mask import moving_rows
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulation import manipulate
from sgim.editing.starting_points import mapped_start
from sgim.editing.targets import guidance_target

MOST_EDITS = 12
"""So many targets are followed by an edit of their own."""

ALIKE = 0.9
"""Targets whose cosine with a chosen one is larger are followed by its edit."""

CLOSENESS = 12.0
"""Multiplies cosines before the softmax that mixes edits: the nearest counts almost alone."""

STEPS = 15


def follow(
    bundle,
    source_ws: torch.Tensor,
    targets: torch.Tensor,
    config: ManipulateConfig | None = None,
) -> torch.Tensor:
    """Latents of a picture that says at every moment what the target of that moment says.

    Parameters
    ----------
    bundle : Bundle
    source_ws : torch.Tensor, (1, num_ws, w_dim)
        The picture that is edited.
    targets : torch.Tensor, (frames, embed_dim), unit norm
        Embeddings of what is heard, in the order of time.
    config : ManipulateConfig
        Of the edits. When left out, one pass of the bundle's mapper; where there is none, 15 steps
        of the mini world's settings.

    Returns
    -------
    torch.Tensor, (frames, num_ws, w_dim)
        It moves as smoothly as the targets do.

    Raises
    ------
    SgimError
        For targets of another shape, or that are not finite, and for all that `manipulate` refuses.
    """
    source_ws = as_ws(source_ws, bundle.generator)
    targets = cast_like("targets", targets, source_ws)
    require(
        targets.ndim == 2 and len(targets) > 0 and len(source_ws) == 1,
        f"targets have shape {tuple(targets.shape)} and source_ws {tuple(source_ws.shape)}; the "
        "rule is (frames, embed_dim) and one picture: pass a target for every frame.",
    )
    if config is None and bundle.mapper is not None:
        return _passed(bundle, source_ws, targets)
    chosen = targets[representatives(targets)]
    edited = manipulate(
        bundle,
        source_ws.expand(len(chosen), -1, -1),
        target_features=chosen,
        config=config or ManipulateConfig(num_steps=STEPS),
    ).ws
    weights = (CLOSENESS * targets @ chosen.T).softmax(dim=1)
    return torch.einsum("fk,knd->fnd", weights, edited)


@torch.no_grad()
def _passed(bundle, source_ws: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Every frame in one pass, all from the same source."""
    seen = bundle.encode_image(bundle.generator.synthesis(source_ws, noise_mode="const"))
    target = guidance_target(bundle, targets, None)
    moving = moving_rows(None, bundle.generator.num_ws).to(source_ws.device)
    return mapped_start(bundle, source_ws.expand(len(targets), -1, -1), seen, target, moving)


def steadied(ws: torch.Tensor, reach: int) -> torch.Tensor:
    """Latents of frames (frames, num_ws, w_dim), each the mean of those up to `reach` away, twice.

    Beyond the ends the first and the last go on.

    Examples
    --------
    >>> steadied(torch.tensor([0.0, 0.0, 9.0, 0.0, 0.0]).view(5, 1, 1), 1).flatten()
    tensor([1., 2., 3., 2., 1.])
    """
    rows = ws.flatten(1).T[:, None]
    for _ in range(2):
        rows = F.avg_pool1d(F.pad(rows, (reach, reach), mode="replicate"), 2 * reach + 1, 1)
    return rows[:, 0].T.reshape(ws.shape)


def without_blinks(ws: torch.Tensor, reach: int) -> torch.Tensor:
    """Latents of frames (frames, num_ws, w_dim), each number the median up to `reach` away.

    Between two sounds a window hears both, which may resemble a third. What lasts for `reach`
    frames or less is gone.

    Examples
    --------
    >>> without_blinks(torch.tensor([0.0, 0.0, 9.0, 1.0, 1.0]).view(5, 1, 1), 1).flatten()
    tensor([0., 0., 1., 1., 1.])
    """
    rows = F.pad(ws.flatten(1).T[:, None], (reach, reach), mode="replicate")[:, 0]
    return rows.unfold(1, 2 * reach + 1, 1).median(dim=2).values.T.reshape(ws.shape)


def representatives(targets: torch.Tensor) -> list[int]:
    """Rows of targets (frames, embed_dim) that together come near to all of them.

    The one that is farthest from those chosen before joins them, until none is far.

    Examples
    --------
    >>> representatives(torch.tensor([[1.0, 0.0], [0.99, 0.14], [0.0, 1.0]]))
    [0, 2]
    """
    unit = F.normalize(targets, dim=1)
    chosen = [0]
    nearest = unit @ unit[0]
    while len(chosen) < MOST_EDITS and nearest.min() < ALIKE:
        chosen.append(int(nearest.argmin()))
        nearest = torch.maximum(nearest, unit @ unit[chosen[-1]])
    return chosen
